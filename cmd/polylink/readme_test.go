package main

import (
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/internal/doctest"
	"github.com/polylink-dev/polylink/mappings"
)

// readme returns the README and its blocks of code.
func readme(t *testing.T) (lines []string, doc *doctest.Doc) {
	t.Helper()
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	if doc, err = doctest.Read(string(text)); err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n"), doc
}

var promise = regexp.MustCompile("`([0-9]{3})`")

// promised reads the status in the line of prose above a block.
func promised(lines []string, b doctest.Block) int {
	for i := b.Line - 2; i >= 0; i-- { // Line counts from 1
		if found := promise.FindAllStringSubmatch(lines[i], -1); found != nil {
			n, _ := strconv.Atoi(found[len(found)-1][1])
			return n
		}
		if lines[i] != "" {
			break
		}
	}
	return 0
}

// TestReadmeCurlsWorkAsPasted runs every curl of the README, in its order,
// against a server that was just started.
func TestReadmeCurlsWorkAsPasted(t *testing.T) {
	t.Parallel()
	addr, _ := launch(t, t.Context(), nil)
	lines, doc := readme(t)
	seen := map[string]bool{}
	for _, b := range doc.Blocks {
		if b.Lang != "sh" || !strings.HasPrefix(b.Text, "curl ") {
			continue
		}
		want := promised(lines, b)
		if want/100 != 2 {
			t.Errorf("README.md:%d: the line above the curl promises %d, want a success such as `200`", b.Line, want)
		}
		status, body := runCurl(t, b.Text, addr)
		if status != want {
			t.Errorf("README.md:%d: answers %d, want %d: %s", b.Line, status, want, body)
		}
		first, _, _ := strings.Cut(strings.SplitN(b.Text, ":12121/", 2)[1], "/")
		seen[first] = true
	}
	for _, d := range shipped(t).Dialects {
		if !seen[d.Name] {
			t.Errorf("README.md has no curl for %s", d.Name)
		}
	}
}

// runCurl sends what a curl line would, to another address than it says.
func runCurl(t *testing.T, line, addr string) (status int, body string) {
	t.Helper()
	req, err := doctest.Curl(line)
	if err != nil {
		t.Fatalf("%s: %v", line, err)
	}
	if at := req.URL.Host; at != "127.0.0.1:12121" {
		t.Errorf("%s calls %s, want the default address", line, at)
	}
	req.URL.Host, req.Host = addr, addr
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(got)
}

// TestReadmeFilesAreInOrder loads every file that the README shows; its first
// line says what it is.
func TestReadmeFilesAreInOrder(t *testing.T) {
	t.Parallel()
	_, doc := readme(t)
	tree := fstest.MapFS{}
	for _, b := range doc.Blocks {
		if b.Lang == "yaml" {
			first, _, _ := strings.Cut(b.Text, "\n")
			tree[strings.TrimPrefix(first, "# ")] = &fstest.MapFile{Data: []byte(b.Text)}
		}
	}
	const mapping, world, settings = "my/mappings/acme.yaml", "my/fixtures/acme/world.yaml", "config.yaml"
	for _, name := range []string{mapping, world, settings} {
		if tree[name] == nil {
			t.Fatalf("README.md shows no %s", name)
		}
	}
	set, err := compile.Compile(fstest.MapFS{path.Base(mapping): tree[mapping]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := seed.Load(fstest.MapFS{"acme/world.yaml": tree[world]}, set)
	if err != nil {
		t.Fatal(err)
	}
	if n := len(fix.Records("acme", "link")); n != 1 {
		t.Errorf("%d links, want 1", n)
	}
	file := filepath.Join(t.TempDir(), settings)
	if err := os.WriteFile(file, tree[settings].Data, 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := config.Load(file, func(string) (string, bool) { return "", false })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := load(&c); err != nil {
		t.Error(err)
	}
}

func shipped(t *testing.T) *dialect.Set {
	t.Helper()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
