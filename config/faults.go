package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// Fault is one mistake: what it is, and what to write instead.
type Fault struct {
	File      string // "" when it was not in a file
	Line, Col int
	Key       string // key path, or the environment variable
	Msg       string
}

func (f Fault) Error() string {
	switch {
	case f.File == "":
		return f.Key + ": " + f.Msg
	case f.Key == "":
		return fmt.Sprintf("%s:%d:%d: %s", f.File, f.Line, f.Col, f.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", f.File, f.Line, f.Col, f.Key, f.Msg)
}

// Faults is every mistake, those of the file first and in its order. It is
// the error that Load and Validate return.
type Faults []Fault

func (fs Faults) Error() string {
	lines := make([]string, len(fs))
	for i, f := range fs {
		lines[i] = f.Error()
	}
	return strings.Join(lines, "\n")
}

// err returns the faults as an error, in order, nil when there are none.
func (fs Faults) err() error {
	if len(fs) == 0 {
		return nil
	}
	slices.SortStableFunc(fs, func(a, b Fault) int {
		if (a.File == "") != (b.File == "") {
			return cmp.Compare(b.File, a.File)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return fs
}

// place is where the value of a key comes from.
type place struct {
	file string
	node *yml.Node
	key  string // key path, or the environment variable
}

func (p place) fault(format string, args ...any) Fault {
	f := Fault{File: p.file, Key: p.key, Msg: fmt.Sprintf(format, args...)}
	if p.node != nil {
		f.Line, f.Col = p.node.Line, p.node.Column
	}
	return f
}
