package arch

import (
	"fmt"
	"go/ast"
	"go/doc"
	"io/fs"
	"os"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

// page tells a newcomer what the table says.
const page = "docs/architecture.md"

// stories are the packages, by folder, that have more than tests, with the
// text of their package docs.
func stories(list []*source) map[string]string {
	found := map[string]string{}
	for _, s := range list {
		if s.test {
			continue
		}
		if text := s.file.Doc.Text(); text != "" || found[s.dir] == "" {
			found[s.dir] = text
		}
	}
	return found
}

// checkStories asks every package for a doc that begins as godoc wants it.
func checkStories(found map[string]string) []string {
	var out []string
	for dir, text := range found {
		name, word := path.Base(dir), "Package"
		if strings.HasPrefix(dir, "cmd/") {
			word = "Command"
		}
		if !strings.HasPrefix(text, word+" "+name+" ") {
			out = append(out, fmt.Sprintf("package %s has no doc that begins with %q", dir, word+" "+name))
		}
	}
	slices.Sort(out)
	return out
}

// chart is the packages from top to bottom, and those beside, for the page.
func chart(found map[string]string) string {
	var b strings.Builder
	const head = "\n| package | what it does | may import |\n|---|---|---|\n"
	b.WriteString(head)
	row := func(dir string) {
		text := found[dir]
		_, does, _ := strings.Cut((&doc.Package{}).Synopsis(text), " "+path.Base(dir)+" ")
		list, _ := entry(dir)
		fmt.Fprintf(&b, "| [`%s`](../%s) | %s | %s |\n", dir, dir, strings.TrimSuffix(strings.ReplaceAll(does, "|", `\|`), "."), mayImport(list))
	}
	seen := map[string]bool{}
	for _, names := range floors {
		for _, dir := range names {
			if _, there := found[dir]; there {
				row(dir)
			}
			seen[dir] = true
		}
	}
	var beside []string
	for dir := range found {
		if !seen[dir] {
			beside = append(beside, dir)
		}
	}
	slices.Sort(beside)
	b.WriteString(head)
	for _, dir := range beside {
		row(dir)
	}
	return b.String() + "\n"
}

// mayImport is a line of the table in words.
func mayImport(list []string) string {
	switch {
	case slices.Contains(list, all):
		return "all"
	case len(list) == 0:
		return "none"
	}
	quoted := make([]string, len(list))
	for i, name := range list {
		quoted[i] = "`" + name + "`"
	}
	return strings.Join(quoted, ", ")
}

// TestDocsOfPackages keeps the chart in docs/architecture.md.
func TestDocsOfPackages(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- generated: packages -->\n", "<!-- end -->\n"
	tree := root(t)
	list, err := read(tree)
	if err != nil {
		t.Fatal(err)
	}
	text, err := fs.ReadFile(tree, page)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, closed := strings.Cut(rest, end)
	if !ok || !closed {
		t.Fatalf("%s has no place for the packages: %s%s", page, begin, end)
	}
	want := head + begin + chart(stories(list)) + end + tail
	if os.Getenv("POLYLINK_DOCS") == "write" {
		if err := os.WriteFile("../../"+page, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(text), want); diff != "" {
		t.Errorf("%s is not what the packages say of themselves any more; make docs (-is +should be)\n%s", page, diff)
	}
}

func TestEveryPackageSaysWhatItIs(t *testing.T) {
	t.Parallel()
	list, err := read(root(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, missing := range checkStories(stories(list)) {
		t.Error(missing)
	}
}

var (
	span = regexp.MustCompile("`([^`\n]+)`")
	name = regexp.MustCompile(`^([a-z]+(?:/[a-z]+)*)\.([A-Z]\w*)(?:\.(\w+))?$`)
	node = regexp.MustCompile(`\["([a-z/]+)<br/>`) // of a mermaid chart
)

// strangers are what a page names in code spans, as in routes.Server.ServeHTTP,
// or as a node of a chart, and no package has. Names of packages are folders or
// their last parts.
func strangers(text string, list []*source) []string {
	declared := map[string]bool{}
	for _, s := range list {
		if s.test {
			continue
		}
		for _, where := range []string{s.dir, path.Base(s.dir)} {
			declared[where] = true
			for _, n := range declarations(s.file) {
				declared[where+"."+n] = true
			}
		}
	}
	var out []string
	for _, m := range span.FindAllStringSubmatch(text, -1) {
		if n := name.FindStringSubmatch(m[1]); n != nil && n[1] != "http" && !declared[m[1]] {
			out = append(out, m[1])
		}
	}
	dirs := packages(list)
	for _, m := range node.FindAllStringSubmatch(text, -1) {
		if !dirs[m[1]] {
			out = append(out, m[1])
		}
	}
	return out
}

// declarations are the names that a file declares: functions, types, values,
// methods and members of types behind a dot.
func declarations(file *ast.File) []string {
	var names []string
	for _, d := range file.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			names = append(names, strings.TrimPrefix(receiver(d)+"."+d.Name.Name, "."))
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					names = append(names, spec.Name.Name)
					names = append(names, members(spec)...)
				case *ast.ValueSpec:
					for _, n := range spec.Names {
						names = append(names, n.Name)
					}
				}
			}
		}
	}
	return names
}

// receiver is the type that a method belongs to.
func receiver(d *ast.FuncDecl) string {
	if d.Recv == nil {
		return ""
	}
	t := d.Recv.List[0].Type
	if star, ok := t.(*ast.StarExpr); ok {
		t = star.X
	}
	if generic, ok := t.(*ast.IndexExpr); ok {
		t = generic.X
	}
	id, _ := t.(*ast.Ident)
	if id == nil {
		return ""
	}
	return id.Name
}

// members are the fields of a struct and the methods of an interface.
func members(spec *ast.TypeSpec) []string {
	var fields *ast.FieldList
	switch t := spec.Type.(type) {
	case *ast.StructType:
		fields = t.Fields
	case *ast.InterfaceType:
		fields = t.Methods
	default:
		return nil
	}
	var names []string
	for _, f := range fields.List {
		for _, n := range f.Names {
			names = append(names, spec.Name.Name+"."+n.Name)
		}
	}
	return names
}

func TestThePageNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	tree := root(t)
	list, err := read(tree)
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{page, "CONTRIBUTING.md"} {
		text, err := fs.ReadFile(tree, file)
		if err != nil {
			t.Fatal(err)
		}
		for _, stranger := range strangers(string(text), list) {
			t.Errorf("%s names %s, which no package has", file, stranger)
		}
	}
}

func TestThePageIsHeldToTheSources(t *testing.T) {
	t.Parallel()
	list, err := read(fstest.MapFS{
		"a/b/b.go":      {Data: []byte("// Package b holds boxes. It has no lid.\npackage b\n\ntype Box struct{ Lid int }\n\ntype Opener interface{ Open() }\n\nfunc (b *Box) Close() {}\n\nfunc New() {}\n\nconst Max = 1\n")},
		"a/b/b_test.go": {Data: []byte("package b\n\nfunc Hidden() {}\n")},
		"cmd/x/main.go": {Data: []byte("package main\n")},
		"c/c_test.go":   {Data: []byte("package c\n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	text := "`a/b.Box` `b.Box.Lid` `b.Opener.Open` `b.Box.Close` `b.New` `b.Max` `b.yaml` `link.create` `b.Hidden` `b.Box.Top` `d.New` x[\"a/b<br/>boxes\"] y[\"a/d<br/>none\"]"
	if diff := cmp.Diff([]string{"b.Hidden", "b.Box.Top", "d.New", "a/d"}, strangers(text, list)); diff != "" {
		t.Errorf("strangers (-want +got)\n%s", diff)
	}
	found := stories(list)
	if diff := cmp.Diff([]string{`package cmd/x has no doc that begins with "Command x"`}, checkStories(found)); diff != "" {
		t.Errorf("docs (-want +got)\n%s", diff)
	}
	if want := "| [`a/b`](../a/b) | holds boxes | none |\n"; !strings.Contains(chart(found), want) {
		t.Errorf("the chart lacks %q:\n%s", want, chart(found))
	}
}
