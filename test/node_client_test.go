package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/internal/doctest"
)

// chromium is a browser of this machine, or "".
func chromium() string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

// TestNodeClientInEveryRunner packs clients/node, installs the package where a
// user would, and runs what a user writes with it: with stripe-node, in parallel
// workers, in node:test, Vitest, Jest and Playwright; and has its types checked.
func TestNodeClientInEveryRunner(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"node", "npm"} {
		if _, err := exec.LookPath(name); err != nil {
			missing(t, "there is no "+name, "")
		}
	}
	dir := copied(t, "node-client")
	program := filepath.Join(t.TempDir(), "polylink")
	if out, err := run(t, "..", nil, "go", "build", "-o", program, "./cmd/polylink"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if out, err := run(t, dir, nil, "npm", "ci", "--no-audit", "--no-fund", "--ignore-scripts"); err != nil {
		missing(t, "npm ci failed", out)
	}
	tarball := packed(t)
	// It has no dependencies but for those of a platform, which the program replaces here.
	if out, err := run(t, dir, nil, "npm", "install", "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", tarball); err != nil {
		t.Fatalf("npm install of the packed package: %v\n%s", err, out)
	}
	env := []string{"POLYLINK_BIN=" + program, "CI=", "NO_COLOR=1", "CHROMIUM=" + chromium()}
	for name, c := range map[string]struct {
		args []string
		want string // part of what it prints
	}{
		"node:test": {[]string{"node", "--test", "node/a.test.mjs", "node/b.test.mjs"}, `(?m)^. pass 6$`},
		"vitest":    {[]string{"npx", "--no-install", "vitest", "run"}, `Tests\s+6 passed`},
		"jest":      {[]string{"npx", "--no-install", "jest"}, `Tests:\s+6 passed`},
		"types":     {[]string{"npx", "--no-install", "tsc", "-p", "."}, `^$`},
		"npx":       {[]string{"npx", "--no-install", "polylink", "version"}, `^polylink `},
		"no binary": {[]string{"env", "POLYLINK_BIN=", "node", "-e", `require("@polylink-dev/polylink").start().catch(e => console.log(e.message))`}, `set POLYLINK_BIN`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := run(t, dir, env, c.args[0], c.args[1:]...)
			if err != nil || !regexp.MustCompile(c.want).MatchString(out) {
				t.Errorf("%v, want %s in\n%s", err, c.want, out)
			}
		})
	}
	for file, lang := range map[string]string{"README.md": "js", "clients/node/README.md": "js", "docs/testing.md": "mjs"} {
		t.Run("what "+file+" shows", func(t *testing.T) {
			t.Parallel()
			doc, err := doctest.Read(read(t, filepath.Join("..", file)))
			if err != nil {
				t.Fatal(err)
			}
			n := 0
			for _, b := range doc.Blocks {
				if b.Lang != lang {
					continue
				}
				n++
				program := filepath.Join(dir, strings.ReplaceAll(file, "/", "-")+".mjs")
				if err := os.WriteFile(program, []byte(b.Text), 0o600); err != nil {
					t.Fatal(err)
				}
				if out, err := run(t, dir, env, "node", program); err != nil {
					t.Errorf("%s:%d: %v\n%s", file, b.Line, err, out)
				}
			}
			if n != 1 {
				t.Errorf("%s has %d blocks of %s, want one", file, n, lang)
			}
		})
	}
	t.Run("playwright", func(t *testing.T) {
		t.Parallel()
		if chromium() == "" {
			missing(t, "there is no chromium", "")
		}
		if out, err := run(t, dir, env, "npx", "--no-install", "playwright", "test"); err != nil || !strings.Contains(out, "4 passed") {
			t.Errorf("%v\n%s", err, out)
		}
	})
}

// packed returns the tarball of the package, as it would be published.
func packed(t *testing.T) string {
	t.Helper()
	dir, to := copied(t, "../clients/node"), t.TempDir()
	if out, err := run(t, dir, nil, "npm", "pack", "--pack-destination", to); err != nil {
		t.Fatalf("npm pack: %v\n%s", err, out)
	}
	files, err := filepath.Glob(filepath.Join(to, "*.tgz"))
	if err != nil || len(files) != 1 {
		t.Fatalf("npm pack made %v, %v", files, err)
	}
	out, err := run(t, to, nil, "tar", "tzf", files[0])
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"package/index.js", "package/index.mjs", "package/index.d.ts", "package/lib/processes.js", "package/LICENSE", "package/README.md"} {
		if !strings.Contains(out, name+"\n") {
			t.Errorf("the package has no %s:\n%s", name, out)
		}
	}
	manifest, err := os.ReadFile("../clients/node/package.json")
	if err != nil {
		t.Fatal(err)
	}
	if regexp.MustCompile(`"(d|peerD)ependencies"`).Match(manifest) {
		t.Error("the package depends on others")
	}
	return files[0]
}
