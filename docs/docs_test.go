// Package docs_test holds the documents to what the program does: the walk-
// through is walked, command lines are run, generated pages are compared.
package docs_test

import (
	"bytes"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/config"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/internal/doctest"
	"github.com/polylink-dev/polylink/internal/exchanges"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/routes"
)

// writing tells that the generated documents are to be made anew: make docs.
func writing() bool { return os.Getenv("POLYLINK_DOCS") == "write" }

// start is when every server of these tests begins, as golden exchanges do.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// world is dialects and the fixtures that belong to them.
type world struct {
	set      *dialect.Set
	fixtures *seed.Fixtures
}

func compileAll(tb testing.TB, mappings, fixtures fs.FS, overrides ...compile.Override) world {
	tb.Helper()
	set, err := compile.Compile(mappings, overrides)
	if err != nil {
		tb.Fatal(err)
	}
	fix, err := seed.Load(fixtures, set)
	if err != nil {
		tb.Fatal(err)
	}
	return world{set, fix}
}

func shipped(tb testing.TB) world {
	tb.Helper()
	return compileAll(tb, os.DirFS("../mappings"), os.DirFS("../fixtures"))
}

// server answers as a fresh process would.
func (w world) server(tb testing.TB) *routes.Server {
	tb.Helper()
	srv, err := routes.New(routes.Options{Engine: mockstore.Make, Set: w.set, Fixtures: w.fixtures, Real: func() time.Time { return start }})
	if err != nil {
		tb.Fatal(err)
	}
	return srv
}

// run sends what a curl command line sends.
func run(tb testing.TB, srv *routes.Server, line string) *httptest.ResponseRecorder {
	tb.Helper()
	r, err := doctest.Curl(line)
	if err != nil {
		tb.Fatalf("%s: %v", line, err)
	}
	r.RemoteAddr, r.RequestURI = "127.0.0.1:40000", r.URL.RequestURI()
	w := httptest.NewRecorder()
	srv.ServeHTTP(w, r.WithContext(tb.Context()))
	return w
}

func read(tb testing.TB, file string) *doctest.Doc {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	doc, err := doctest.Read(string(text))
	if err != nil {
		tb.Fatalf("%s: %v", file, err)
	}
	return doc
}

// TestWalkThrough serves the files of the walk-through and holds every answer
// to the one that is printed; … stands for anything.
func TestWalkThrough(t *testing.T) {
	t.Parallel()
	mappings, fixtures := fstest.MapFS{}, fstest.MapFS{}
	var srv *routes.Server
	asked := 0
	blocks := read(t, "mappings.md").Blocks
	for i, b := range blocks {
		if name, ok := strings.CutPrefix(b.Note, "file: my/mappings/"); ok {
			mappings[name] = &fstest.MapFile{Data: []byte(b.Text)}
		}
		if name, ok := strings.CutPrefix(b.Note, "file: my/fixtures/"); ok {
			fixtures[name] = &fstest.MapFile{Data: []byte(b.Text)}
		}
		status, ok := strings.CutPrefix(b.Note, "request: answers ")
		if !ok {
			continue
		}
		if srv == nil {
			srv = compileAll(t, mappings, fixtures).server(t)
		}
		asked++
		got := run(t, srv, b.Text)
		want := strings.TrimSpace(blocks[i+1].Text)
		pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", `[^",{}]*`) + "$"
		if strconv.Itoa(got.Code) != status || !regexp.MustCompile(pattern).MatchString(got.Body.String()) {
			t.Errorf("mappings.md:%d: answered %d %s\nwant %s %s", b.Line, got.Code, got.Body, status, want)
		}
	}
	if asked < 5 {
		t.Errorf("the walk-through asks %d times; is its end cut off?", asked)
	}
}

// TestOverridesOfTheReference compiles the shipped dialects under the
// configuration that the reference shows.
func TestOverridesOfTheReference(t *testing.T) {
	t.Parallel()
	n := 0
	for _, b := range read(t, "mappings.md").Blocks {
		if b.Note != "config" {
			continue
		}
		n++
		file := filepath.Join(t.TempDir(), "config.yaml")
		if err := os.WriteFile(file, []byte(b.Text), 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load(file, func(string) (string, bool) { return "", false })
		if err != nil {
			t.Fatal(err)
		}
		var list []compile.Override
		for _, o := range c.Dialects {
			list = append(list, compile.Override{Dialect: o.Dialect, Path: o.Path, File: o.File, Node: o.Node})
		}
		compileAll(t, os.DirFS("../mappings"), os.DirFS("../fixtures"), list...)
	}
	if n == 0 {
		t.Error("mappings.md shows no overrides")
	}
}

// generated compares a document with what it is made of, or writes it.
func generated(t *testing.T, file string, want []byte) {
	t.Helper()
	if writing() {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, want, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; make docs", err)
	}
	if !bytes.Equal(have, want) {
		t.Errorf("%s is not what the mapping files and fixtures say any more; make docs (-is +should be)\n%s", file, cmp.Diff(string(have), string(want)))
	}
}

// TestDocsOfSlots keeps the list of slots at the end of the reference.
func TestDocsOfSlots(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- generated: slots -->\n", "<!-- end -->\n"
	text, err := os.ReadFile("mappings.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("mappings.md has no place for the slots: %s%s", begin, end)
	}
	generated(t, "mappings.md", []byte(head+begin+slots()+end+tail))
}

func slots() string {
	var b strings.Builder
	row := func(s record.SlotInfo) {
		kind := s.Type.String()
		if s.Values != nil {
			kind += ": one of `" + strings.Join(s.Values, "`, `") + "`"
		}
		fmt.Fprintf(&b, "| `%s` | %s | %s |\n", s.Name, kind, s.Doc)
	}
	const head = "| slot | type | what |\n|---|---|---|\n"
	common := int(record.SlotVersion) + 1
	b.WriteString("\n### Slots of every kind\n\n" + head)
	for i, s := range record.Links.Slots[:common] {
		if s.Values = nil; i == int(record.SlotStatus) {
			s.Doc += "; the words depend on the kind"
		}
		row(s)
	}
	for _, kind := range record.Kinds() {
		s := record.Schemas()[kind]
		fmt.Fprintf(&b, "\n### %s\n\nStates: `%s`.\n", kind, strings.Join(s.Slots[record.SlotStatus].Values, "`, `"))
		if len(s.Slots) > common {
			b.WriteString("\n" + head)
		}
		for _, slot := range s.Slots[common:] {
			row(slot)
		}
	}
	return b.String() + "\n"
}

// TestDocsOfDialects keeps a page for each dialect.
func TestDocsOfDialects(t *testing.T) {
	t.Parallel()
	w := shipped(t)
	pages := map[string]bool{}
	for _, d := range w.set.Dialects {
		var page bytes.Buffer
		if err := handbook.Describe(d, w.fixtures, goldens(t, d)).Markdown(&page); err != nil {
			t.Fatal(err)
		}
		file := "dialects/" + d.Name + ".md"
		generated(t, file, page.Bytes())
		pages[filepath.FromSlash(file)] = true
	}
	files, err := filepath.Glob("dialects/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if !pages[f] {
			t.Errorf("there is no dialect for %s; remove it", f)
		}
	}
}

// TestTextTellsWhatThePageTells compares the two ways to write a description.
func TestTextTellsWhatThePageTells(t *testing.T) {
	t.Parallel()
	w := shipped(t)
	for _, d := range w.set.Dialects {
		about := handbook.Describe(d, w.fixtures, nil)
		var text strings.Builder
		if err := about.Text(&text); err != nil {
			t.Fatal(err)
		}
		for _, s := range about.Sections {
			for _, row := range s.Rows {
				for _, cell := range row {
					if !strings.Contains(text.String(), cell) {
						t.Errorf("%s: %s: the text lacks %q", d.Name, s.Title, cell)
					}
				}
			}
		}
	}
}

// goldens is for each operation the request of its first golden exchange that
// starts with a success and needs nothing before it.
func goldens(tb testing.TB, d *dialect.Dialect) map[string]handbook.Request {
	tb.Helper()
	out := map[string]handbook.Request{}
	for _, op := range d.Operations {
		dir := "../fixtures/" + d.Name + "/" + op.Name
		if _, err := os.Stat(dir); err != nil {
			continue
		}
		list, err := exchanges.Load(os.DirFS(dir), ".")
		if err != nil {
			tb.Fatal(err)
		}
		for _, x := range list {
			if r, ok := golden(x, d, op); ok {
				out[op.Name] = r
				break
			}
		}
	}
	return out
}

func golden(x *exchanges.Exchange, d *dialect.Dialect, op *dialect.Op) (handbook.Request, bool) {
	var r handbook.Request
	first := x.Steps[0]
	at := slices.IndexFunc(x.Steps, func(s exchanges.Step) bool { return s.Verb == exchanges.Response })
	if len(x.Overrides) > 0 || first.Verb != exchanges.Request || bytes.Contains(first.Text, []byte("{{")) || at < 0 ||
		!strings.HasPrefix(string(x.Steps[at].Text), strconv.Itoa(op.Status)) {
		return r, false
	}
	lines, body := first.Parts()
	r.Method, r.Path, _ = strings.Cut(lines[0], " ")
	r.Path, r.Body = strings.TrimPrefix(r.Path, "/"+d.Name), string(body)
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ": ")
		switch {
		case strings.EqualFold(name, "Host"):
			return r, false
		case d.Idempotency != nil && strings.EqualFold(name, d.Idempotency.Header):
			value = op.Name + "-1" // exchanges are on their own, the lines of a page follow each other
		}
		r.Headers = append(r.Headers, [2]string{name, value})
	}
	return r, r.Method == op.Method
}

// TestCommandLinesOfDialectsWork runs the command lines of the pages, those of
// golden exchanges and those that are made up without them.
func TestCommandLinesOfDialectsWork(t *testing.T) {
	t.Parallel()
	w := shipped(t)
	for _, d := range w.set.Dialects {
		for name, requests := range map[string]map[string]handbook.Request{"golden": goldens(t, d), "made up": nil} {
			t.Run(d.Name+" "+name, func(t *testing.T) {
				t.Parallel()
				shown := map[string]bool{}
				for _, l := range handbook.Describe(d, w.fixtures, requests).Section("Try it").Lines {
					op := d.Op(strings.Split(l.Title, "`")[1])
					shown[op.Name] = true
					got := run(t, w.server(t), l.Text)
					refused := op.Does == dialect.Refuse || strings.Contains(l.Title, "`ID`")
					if ok := got.Code == op.Status || refused && got.Code >= 400 && got.Code < 500; !ok {
						t.Errorf("%s\n%s\nanswers %d %s", l.Title, l.Text, got.Code, got.Body)
					}
				}
				for _, op := range d.Operations {
					if !shown[op.Name] {
						t.Errorf("there is no line for %s", op.Name)
					}
				}
			})
		}
	}
}
