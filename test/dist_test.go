package test

import (
	"crypto/sha256"
	"debug/elf"
	"encoding/hex"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

// dist makes a release for this machine.
func dist(t *testing.T) string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "dist")
	if text, err := run(t, "..", nil, "go", "run", "./cmd/dist", "-out", out, "-platforms", "linux/"+runtime.GOARCH); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return out
}

// TestAReleaseIsTheSameTwiceAndWorks builds it twice, and uses all that is in it.
func TestAReleaseIsTheSameTwiceAndWorks(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		missing(t, "this system is not linux", "")
	}
	a, b := dist(t), dist(t)
	first, second := read(t, filepath.Join(a, "SHA256SUMS")), read(t, filepath.Join(b, "SHA256SUMS"))
	if first != second {
		t.Errorf("two builds differ:\n%s\n%s", first, second)
	}
	binary := filepath.Join(a, "polylink-linux-"+runtime.GOARCH)
	for line := range strings.Lines(first) {
		sum, name, _ := strings.Cut(strings.TrimSpace(line), "  ")
		if got := sha256.Sum256([]byte(read(t, filepath.Join(a, name)))); hex.EncodeToString(got[:]) != sum {
			t.Errorf("the sum of %s is not %s", name, sum)
		}
	}
	for _, name := range []string{"polylink-linux-" + runtime.GOARCH, "polylink.1", "completions/polylink.bash", "completions/_polylink", "completions/polylink.fish", "sbom.cdx.json", "npm/"} {
		if !strings.Contains(first, "  "+name) {
			t.Errorf("SHA256SUMS has no %s:\n%s", name, first)
		}
	}
	static(t, binary)
	bill(t, filepath.Join(a, "sbom.cdx.json"), binary)
	t.Run("manual", func(t *testing.T) {
		t.Parallel()
		if _, err := exec.LookPath("man"); err != nil {
			missing(t, "there is no man", "")
		}
		out, err := run(t, a, []string{"MANWIDTH=100", "LC_ALL=C.UTF-8"}, "man", "--warnings", "-l", "polylink.1")
		if err != nil || !strings.Contains(out, "polylink tail") || !strings.Contains(out, "--ports") || strings.Contains(out, "troff:") {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("completion", func(t *testing.T) {
		t.Parallel()
		out, err := run(t, a, nil, "bash", "-c", "source completions/polylink.bash && complete -p polylink && "+binary+" __complete ta")
		if err != nil || !strings.Contains(out, "complete ") || !strings.Contains(out, "tail") {
			t.Errorf("%v\n%s", err, out)
		}
	})
	t.Run("npm", func(t *testing.T) { t.Parallel(); installed(t, a) })
	t.Run("image", func(t *testing.T) { t.Parallel(); image(t, a) })
}

func read(t *testing.T, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// static checks that a binary asks for no library and no loader.
func static(t *testing.T, binary string) {
	t.Helper()
	f, err := elf.Open(binary)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	for _, p := range f.Progs {
		if p.Type == elf.PT_INTERP || p.Type == elf.PT_DYNAMIC {
			t.Errorf("the binary is not static: it has a %s", p.Type)
		}
	}
}

// bill checks the bill of materials against what Go says is in the binary.
func bill(t *testing.T, file, binary string) {
	t.Helper()
	text := read(t, file)
	if !json.Valid([]byte(text)) || gjson.Get(text, "bomFormat").Str != "CycloneDX" || gjson.Get(text, "specVersion").Str != "1.5" {
		t.Fatalf("the bill is %.200s", text)
	}
	out, err := run(t, ".", nil, "go", "version", "-m", binary)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	n := 0
	for line := range strings.Lines(out) {
		if f := strings.Fields(line); len(f) >= 3 && f[0] == "dep" {
			n++
			c := gjson.Get(text, `components.#(purl=="pkg:golang/`+f[1]+`@`+f[2]+`")`)
			if c.Get("licenses.0.license.id").Str == "" || len(c.Get("hashes.0.content").Str) != 64 {
				t.Errorf("the bill says of %s %s: %s", f[1], f[2], c.Raw)
			}
		}
	}
	if n < 10 {
		t.Errorf("go version -m tells of %d modules:\n%s", n, out)
	}
}

// installed installs the packages for npm, and starts what they bring.
func installed(t *testing.T, dist string) {
	t.Helper()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, "there is no "+name, "")
		}
	}
	dir := t.TempDir()
	tarballs, err := filepath.Glob(filepath.Join(dist, "npm", "*.tgz"))
	if err != nil || len(tarballs) != 2 {
		t.Fatalf("the packages are %v, %v", tarballs, err)
	}
	if err := os.WriteFile(filepath.Join(dir, "package.json"), []byte(`{"private":true}`), 0o600); err != nil {
		t.Fatal(err)
	}
	// The packages of other platforms are nowhere to be had, and are optional.
	args := append([]string{"install", "--offline", "--no-audit", "--no-fund", "--omit=optional"}, tarballs...)
	if out, err := run(t, dir, nil, "npm", args...); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	const program = `const { start } = require("@polylink-dev/polylink"); start().then(async (p) => { console.log(p.url, p.dialects.length); await p.stop() })`
	out, err := run(t, dir, []string{"POLYLINK_BIN="}, "node", "-e", program)
	if err != nil || !strings.HasPrefix(out, "http://127.0.0.1:") {
		t.Errorf("%v\n%s", err, out)
	}
}

// mostCompressed is how many bytes an image may have.
const mostCompressed = 15 << 20

// image builds the Dockerfile without a daemon, and looks at what comes of it.
func image(t *testing.T, dist string) {
	t.Helper()
	if _, err := exec.LookPath("buildah"); err != nil {
		missing(t, "there is no buildah", "")
	}
	context, to, keep := t.TempDir(), filepath.Join(t.TempDir(), "image"), t.TempDir()
	for _, name := range []string{"Dockerfile", ".dockerignore", "LICENSE", "NOTICE", "THIRD_PARTY_LICENSES"} {
		if err := os.WriteFile(filepath.Join(context, name), []byte(read(t, filepath.Join("..", name))), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.CopyFS(filepath.Join(context, "dist"), os.DirFS(dist)); err != nil {
		t.Fatal(err)
	}
	storage := []string{"--root", filepath.Join(keep, "root"), "--runroot", filepath.Join(keep, "run"), "--storage-driver", "vfs"}
	for _, args := range [][]string{
		{"build", "--isolation", "chroot", "--format", "docker", "--build-arg", "TARGETARCH=" + runtime.GOARCH, "-t", "polylink", context},
		{"push", "polylink", "dir:" + to},
	} {
		if out, err := run(t, context, []string{"TMPDIR=" + keep}, "buildah", append(storage, args...)...); err != nil {
			if os.Getuid() != 0 && strings.Contains(out, "namespace") {
				missing(t, "this user may not make the namespaces that buildah needs", out)
			}
			t.Fatalf("%v\n%s", err, out)
		}
	}
	manifest := read(t, filepath.Join(to, "manifest.json"))
	size := int64(0)
	for _, layer := range gjson.Get(manifest, "layers.#.size").Array() {
		size += layer.Int()
	}
	if size == 0 || size > mostCompressed {
		t.Errorf("the image has %d bytes", size)
	}
	config := read(t, filepath.Join(to, strings.TrimPrefix(gjson.Get(manifest, "config.digest").Str, "sha256:")))
	for path, want := range map[string]string{"config.User": "65532:65532", "config.Entrypoint.0": "/polylink", "config.Healthcheck.Test.1": "/polylink"} {
		if got := gjson.Get(config, path).Str; got != want {
			t.Errorf("%s of the image is %q, want %q", path, got, want)
		}
	}
	t.Logf("the image has %d bytes, compressed", size)
}
