// Package scenario reads scenarios from files: NAME.yaml has a title and steps.
//
// It stands beside the compiler of mapping files and is held to the dialects
// that one made: a step that names what no dialect has would never happen. It
// promises that every mistake is reported at once, as file:line:column and with
// what to write instead. What a step does is package faults'. Start with
// Compile, then steps.go.
package scenario

import (
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/yml"
)

// ext ends the name of a file.
const ext = ".yaml"

var name = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,59}$`)

// Compile reads every file at the root of a folder. Its error is of
// yml.Diagnostics, or else about the folder.
func Compile(fsys fs.FS, set *dialect.Set) ([]*faults.Scenario, error) {
	files, err := fs.Glob(fsys, "*"+ext)
	if err != nil {
		return nil, err
	}
	var out []*faults.Scenario
	var found yml.Diagnostics
	for _, file := range files {
		data, err := fs.ReadFile(fsys, file)
		if err != nil {
			found = append(found, yml.Unreadable(file, err))
			continue
		}
		s, wrong := File(file, data, set)
		out, found = append(out, s), append(found, wrong...)
	}
	found.Sort()
	if err := found.Err(); err != nil {
		return nil, err
	}
	return out, nil
}

// Shipped reads the files that come with the program.
func Shipped(fsys fs.FS, set *dialect.Set) ([]*faults.Scenario, error) {
	list, err := Compile(fsys, set)
	for _, s := range list {
		s.Shipped = true
	}
	return list, err
}

// Is tells whether a file looks like a scenario, and not like a mapping file:
// it has steps.
func Is(file string, data []byte) bool {
	root, _ := yml.Parse(file, data)
	return root != nil && root.Kind == yml.Mapping && yml.Get(root, "steps") != nil
}

// File reads one file.
func File(file string, data []byte, set *dialect.Set) (*faults.Scenario, yml.Diagnostics) {
	r := &reader{file: file, words: wordsOf(set)}
	s := &faults.Scenario{Name: strings.TrimSuffix(path.Base(file), ext)}
	root, found := yml.Parse(file, data)
	if len(found) > 0 {
		return s, found
	}
	if !name.MatchString(s.Name) {
		r.add(nil, "a scenario is called as its file, by 1 to 60 of a-z, 0-9 and -, and does not begin with a -; rename it")
	}
	if root == nil || root.Kind != yml.Mapping {
		r.add(root, "a scenario has steps; write steps: and below it - operation: link.*, indented")
		return s, r.found
	}
	r.keys(root, "a scenario", func(key string, v *yml.Node) {
		switch key {
		case "title":
			s.Title = r.text(v, key)
		case "steps":
			r.steps(v, s)
		}
	}, "title", "steps")
	if yml.Get(root, "steps") == nil {
		r.add(root, "a scenario has steps; write steps: and below it - operation: link.*, indented")
	}
	return s, r.found
}

// reader reads one file.
type reader struct {
	file  string
	words *words
	found yml.Diagnostics
}

func (r *reader) add(n *yml.Node, format string, args ...any) {
	r.found.Add(r.file, n, format, args...)
}

// keys calls do for every key of a mapping that is known.
func (r *reader) keys(n *yml.Node, what string, do func(key string, v *yml.Node), known ...string) {
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if !slices.Contains(known, k.Value) {
			r.add(k, "%s has no %q%s", what, k.Value, yml.Instead(k.Value, known))
			continue
		}
		do(k.Value, v)
	}
}

// text reads a text.
func (r *reader) text(n *yml.Node, key string) string {
	if n.Kind != yml.Scalar || yml.IsNull(n) || n.Value == "" {
		r.add(n, "%s is a text; write one or remove the line", key)
		return ""
	}
	return n.Value
}
