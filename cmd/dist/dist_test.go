package main

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFolderOfOthersIsLeftAlone(t *testing.T) {
	t.Parallel()
	theirs := t.TempDir()
	if err := os.WriteFile(filepath.Join(theirs, "thesis.txt"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := open(theirs); err == nil || !strings.Contains(err.Error(), "name a folder that is empty") {
		t.Errorf("%v", err)
	}
	if _, err := os.Stat(filepath.Join(theirs, "thesis.txt")); err != nil {
		t.Error(err)
	}
	ours := filepath.Join(t.TempDir(), "dist")
	for range 2 {
		d, err := open(ours)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := os.Stat(d.join("npm/old.tgz")); err == nil {
			t.Error("a file of an earlier run is still there")
		}
		if err := d.write("npm/old.tgz", []byte("x"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := d.checksums(); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(filepath.Join(ours, sums))
	if want := "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881  npm/old.tgz\n"; err != nil || string(got) != want {
		t.Errorf("the checksums are %q, %v", got, err)
	}
}

func TestPlatformsAreThoseThatThereAre(t *testing.T) {
	t.Parallel()
	for text, file := range map[string]string{"linux/amd64": "polylink-linux-amd64", "windows/arm64": "polylink-windows-arm64.exe"} {
		if p, err := parse(text); err != nil || p.file() != file {
			t.Errorf("%s: %s, %v", text, p.file(), err)
		}
	}
	if err := release(t.TempDir(), []string{"plan9/amd64"}, ""); err == nil || !strings.Contains(err.Error(), "write some of linux/amd64") {
		t.Errorf("%v", err)
	}
	if err := release(t.TempDir(), nil, ""); err == nil {
		t.Error("no platform is no mistake")
	}
}

func TestAPackageIsPackedTheSameWhateverTheOrder(t *testing.T) {
	t.Parallel()
	d := &folder{t.TempDir()}
	list := []entry{{"package.json", []byte("{}"), 0o644}, {"bin/polylink", []byte("x"), 0o755}}
	if err := d.pack("a.tgz", list); err != nil {
		t.Fatal(err)
	}
	if err := d.pack("b.tgz", []entry{list[1], list[0]}); err != nil {
		t.Fatal(err)
	}
	a, err := os.ReadFile(d.join("a.tgz"))
	if err != nil {
		t.Fatal(err)
	}
	if b, err := os.ReadFile(d.join("b.tgz")); err != nil || !bytes.Equal(a, b) {
		t.Errorf("two orders, two packages: %v", err)
	}
	z, err := gzip.NewReader(bytes.NewReader(a))
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int64{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if err == io.EOF {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		got[h.Name] = h.Mode
	}
	if diff := cmp.Diff(map[string]int64{"package/package.json": 0o644, "package/bin/polylink": 0o755}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// TestTheClientAsksForItsOwnVersionOfTheBinaries holds package.json to the
// platforms that are built.
func TestTheClientAsksForItsOwnVersionOfTheBinaries(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile("../../clients/node/package.json")
	if err != nil {
		t.Fatal(err)
	}
	if data, err = released(data, "9.8.7"); err != nil {
		t.Fatal(err)
	}
	var m struct {
		Version  string            `json:"version"`
		Optional map[string]string `json:"optionalDependencies"`
	}
	if err := json.Unmarshal(data, &m); err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for text := range strings.FieldsSeq(everywhere) {
		p, err := parse(text)
		if err != nil {
			t.Fatal(err)
		}
		want["@polylink-dev/polylink-"+word(npmOS, p.os)+"-"+word(npmArch, p.arch)] = "9.8.7"
	}
	if diff := cmp.Diff(want, m.Optional); diff != "" || m.Version != "9.8.7" {
		t.Errorf("version %s (-want +got)\n%s", m.Version, diff)
	}
}

func TestABillIsNumberedByWhatItSays(t *testing.T) {
	t.Parallel()
	number := func(name string) string {
		d := document{Metadata: metadata{Component: component{Name: name}}}
		if err := d.number(); err != nil {
			t.Fatal(err)
		}
		return d.Serial
	}
	if a, b := number("a"), number("a"); a != b || !strings.HasPrefix(a, "urn:uuid:") || len(a) != len("urn:uuid:")+36 || a == number("b") {
		t.Errorf("%s, %s and %s", a, b, number("b"))
	}
}
