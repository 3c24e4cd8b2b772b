package arch

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// module is the first part of our own import paths.
const module = "github.com/polylink-dev/polylink"

// source is one Go file.
type source struct {
	path string // from the module's root, with slashes
	dir  string // its package, "." for the root
	test bool   // ends in _test.go
	text []byte
	file *ast.File
	set  *token.FileSet
}

// imported is one import of a file.
type imported struct {
	name string // as the file calls it; "." and "_" as they stand
	path string
	line int
}

func (s *source) line(n ast.Node) int { return s.set.Position(n.Pos()).Line }

// ours tells whether an import path is of this module.
func ours(importPath string) bool {
	return importPath == module || strings.HasPrefix(importPath, module+"/")
}

// imports lists what a file imports. A version suffix is no name: math/rand/v2
// is called rand.
func (s *source) imports() []imported {
	var list []imported
	for _, spec := range s.file.Imports {
		p, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			p = spec.Path.Value
		}
		name := path.Base(p)
		if len(name) == 2 && name[0] == 'v' && name[1] >= '2' && name[1] <= '9' {
			name = path.Base(path.Dir(p))
		}
		if spec.Name != nil {
			name = spec.Name.Name
		}
		list = append(list, imported{name, p, s.line(spec)})
	}
	return list
}

// uses lists the lines on which a file says one of the words of a package,
// whatever it calls that package. A dot import is reported at its own line.
func (s *source) uses(importPath string, words ...string) []int {
	var lines []int
	for _, im := range s.imports() {
		if im.path != importPath {
			continue
		}
		if im.name == "." {
			lines = append(lines, im.line)
			continue
		}
		ast.Inspect(s.file, func(n ast.Node) bool {
			sel, ok := n.(*ast.SelectorExpr)
			if !ok {
				return true
			}
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == im.name {
				for _, w := range words {
					if sel.Sel.Name == w {
						lines = append(lines, s.line(sel))
					}
				}
			}
			return true
		})
	}
	return lines
}

// under tells whether the file is in a folder or below it.
func (s *source) under(dirs ...string) bool {
	for _, d := range dirs {
		if s.dir == d || strings.HasPrefix(s.dir, d+"/") {
			return true
		}
	}
	return false
}

// read parses every Go file of a tree that belongs to the module.
func read(tree fs.FS) ([]*source, error) {
	var list []*source
	err := fs.WalkDir(tree, ".", func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			if name := d.Name(); p != "." && (strings.HasPrefix(name, ".") || strings.HasPrefix(name, "_") ||
				name == "testdata" || name == "vendor" || name == "node_modules") {
				return fs.SkipDir
			}
			if _, err := fs.Stat(tree, path.Join(p, "go.mod")); err == nil && p != "." {
				return fs.SkipDir // a module of its own
			}
			return nil
		}
		if !strings.HasSuffix(p, ".go") {
			return nil
		}
		text, err := fs.ReadFile(tree, p)
		if err != nil {
			return err
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, p, text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		list = append(list, &source{p, path.Dir(p), strings.HasSuffix(p, "_test.go"), text, file, set})
		return nil
	})
	return list, err
}

// packages returns the folders that hold Go files.
func packages(list []*source) map[string]bool {
	dirs := map[string]bool{}
	for _, s := range list {
		dirs[s.dir] = true
	}
	return dirs
}

// root opens the module's folder.
func root(t *testing.T) fs.FS {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return os.DirFS(dir)
		}
		if dir == filepath.Dir(dir) {
			t.Fatal("there is no go.mod above this test")
		}
		dir = filepath.Dir(dir)
	}
}
