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
	"github.com/polylink-dev/polylink/internal/doctest"
	"github.com/polylink-dev/polylink/mappings"
)

// firstPages are what a newcomer reads and pastes from.
var firstPages = []string{"README.md", "docs/quickstart.md", "docs/running.md"}

// page is a document and its blocks of code.
type page struct {
	name  string
	lines []string
	doc   *doctest.Doc
}

// readPages returns the first pages.
func readPages(t *testing.T) (list []page) {
	t.Helper()
	for _, name := range firstPages {
		text, err := os.ReadFile("../../" + name)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := doctest.Read(string(text))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		list = append(list, page{name, strings.Split(string(text), "\n"), doc})
	}
	return list
}

// curls calls f with every curl line of the pages.
func curls(pages []page, f func(p page, b doctest.Block)) {
	for _, p := range pages {
		for _, b := range p.doc.Blocks {
			if b.Lang == "sh" && strings.HasPrefix(b.Text, "curl ") {
				f(p, b)
			}
		}
	}
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

// TestReadmeCurlsWorkAsPasted runs every curl of a page, in its order, against
// a server that was just started.
func TestReadmeCurlsWorkAsPasted(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, p := range readPages(t) {
		addr, _ := launch(t, t.Context(), nil)
		curls([]page{p}, func(p page, b doctest.Block) {
			want := promised(p.lines, b)
			if want/100 != 2 {
				t.Errorf("%s:%d: the line above the curl promises %d, want a success such as `200`", p.name, b.Line, want)
			}
			status, body := runCurl(t, b.Text, addr)
			if status != want {
				t.Errorf("%s:%d: answers %d, want %d: %s", p.name, b.Line, status, want, body)
			}
			first, _, _ := strings.Cut(strings.SplitN(b.Text, ":12121/", 2)[1], "/")
			seen[first] = true
		})
	}
	for _, d := range shipped(t).Dialects {
		if !seen[d.Name] {
			t.Errorf("no page has a curl for %s", d.Name)
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

// TestReadmeFilesAreInOrder loads every file that the pages show; its first line
// says what it is.
func TestReadmeFilesAreInOrder(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{}
	for _, p := range readPages(t) {
		for _, b := range p.doc.Blocks {
			if b.Lang == "yaml" {
				first, _, _ := strings.Cut(b.Text, "\n")
				tree[strings.TrimPrefix(first, "# ")] = &fstest.MapFile{Data: []byte(b.Text)}
			}
		}
	}
	const mapping, settings = "my/mappings/acme.yaml", "config.yaml"
	for _, name := range []string{mapping, settings} {
		if tree[name] == nil {
			t.Fatalf("no page shows %s", name)
		}
	}
	if _, err := compile.Compile(fstest.MapFS{path.Base(mapping): tree[mapping]}, nil); err != nil {
		t.Fatal(err)
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
