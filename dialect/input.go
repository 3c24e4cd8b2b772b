package dialect

import "github.com/polylink-dev/polylink/internal/jsontext"

// Input is a decoded request body: the canonical text of every field that was
// sent, and the violations found on the way. It is reused between requests.
type Input struct {
	Problems []Problem

	op     *Op
	root   jsontext.Value   // the body
	tokens []jsontext.Token // its members
	vals   []sent
	set    []*Field // fields that were sent, in wire order
	groups []*Group // groups that were sent
	reset  []*Group // groups that were replaced or cleared
	paths  *PathStyle
	all    bool
	form   bool
	empty  bool     // there was no body
	prefix string   // place of the object that is read, "" for the body
	nested []nested // records that objects in it are made into
}

type sent struct {
	text  string // canonical, pending for money and maps; of a list with a violation what is good in it
	state sentState
}

type sentState uint8

const (
	unsent sentState = iota
	given
	cleared
	broken
	echoed // of a protected field: must be what is there
)

// Said lists the fields that the request gives a value, or clears: those it
// names, and those of objects that it replaces.
func (in *Input) Said() []*Field {
	var out []*Field
	for _, g := range in.reset {
		in.op.Resource.within(g, func(f *Field) {
			if in.op.reads(f) && in.vals[f.Index].state == unsent {
				out = append(out, f)
			}
		})
	}
	for _, f := range in.set {
		if s := in.vals[f.Index].state; s == given || s == cleared {
			out = append(out, f)
		}
	}
	return out
}

// Sent tells whether the request named a field of that wire path.
func (in *Input) Sent(f *Field) bool { return in.vals[f.Index].state != unsent }

// What the edge needs of a compiled dialect besides decoding and encoding.

// Forget lets go of a request's memory before the Input is used again.
func (in *Input) Forget() {
	clear(in.tokens)
	clear(in.vals)
	clear(in.Problems)
	clear(in.set)
	clear(in.groups)
	clear(in.reset)
	*in = Input{tokens: keepSmall(in.tokens), vals: in.vals[:0], set: in.set[:0], groups: in.groups[:0], reset: in.reset[:0], Problems: in.Problems[:0]}
}

// keepSmall keeps memory for the next request, unless a hostile one has made
// it large.
func keepSmall(tokens []jsontext.Token) []jsontext.Token {
	if cap(tokens) > 1024 {
		return nil
	}
	return tokens[:0]
}

// Text returns the canonical text that the request gives a field, "" when it
// gives none.
func (in *Input) Text(f *Field) string {
	if f.Index >= len(in.vals) || in.vals[f.Index].state != given {
		return ""
	}
	return in.vals[f.Index].text
}

// PathOf writes a field's path as the dialect shows it.
func (in *Input) PathOf(f *Field) string { return in.path(f.Path) }
