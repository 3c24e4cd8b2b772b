package config

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// Diagnostic is one mistake in a file, a flag or the environment: what it is,
// and what to write instead.
type Diagnostic struct {
	File      string // "" when it was not in a file
	Line, Col int
	Key       string // key path, or the environment variable
	Msg       string
}

func (d Diagnostic) Error() string {
	switch {
	case d.File == "":
		return d.Key + ": " + d.Msg
	case d.Key == "":
		return fmt.Sprintf("%s:%d:%d: %s", d.File, d.Line, d.Col, d.Msg)
	}
	return fmt.Sprintf("%s:%d:%d: %s: %s", d.File, d.Line, d.Col, d.Key, d.Msg)
}

// Diagnostics is every mistake, those of the file first and in its order. It is
// the error that Load and Validate return.
type Diagnostics []Diagnostic

func (ds Diagnostics) Error() string {
	lines := make([]string, len(ds))
	for i, d := range ds {
		lines[i] = d.Error()
	}
	return strings.Join(lines, "\n")
}

// Err returns the diagnostics as an error, in order, nil when there are none.
func (ds Diagnostics) Err() error {
	if len(ds) == 0 {
		return nil
	}
	slices.SortStableFunc(ds, func(a, b Diagnostic) int {
		if (a.File == "") != (b.File == "") {
			return cmp.Compare(b.File, a.File)
		}
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col))
	})
	return ds
}

// diagnosticOf is a mistake that is not one of a key.
func diagnosticOf(d yml.Diagnostic) Diagnostic { return Diagnostic{d.File, d.Line, d.Col, "", d.Msg} }

// place is where the value of a key comes from.
type place struct {
	file string
	node *yml.Node
	key  string // key path, or the environment variable
}

func (p place) diagnostic(format string, args ...any) Diagnostic {
	d := Diagnostic{File: p.file, Key: p.key, Msg: fmt.Sprintf(format, args...)}
	if p.node != nil {
		d.Line, d.Col = p.node.Line, p.node.Column
	}
	return d
}
