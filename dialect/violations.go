package dialect

import (
	"sort"
	"strings"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

// maxProblems bounds what a hostile body can make us say.
const maxProblems = 100

func (in *Input) fail(f *Field, path string, t *codec.Violation, v jsontext.Value) {
	in.failItem(f, f, path, t, v, 0)
}

// failItem notes a violation of item n of a list: f has the words for it, and of
// is the field that the list belongs to.
func (in *Input) failItem(f, of *Field, path string, t *codec.Violation, v jsontext.Value, n int) {
	if len(in.Problems) >= maxProblems {
		return
	}
	p := Problem{Field: of, Path: path, Code: t.Code, Check: t.Check, Why: t.Why, Bound: t.Bound, Value: jsontext.Clip(v.Raw), N: n}
	if f != nil {
		p.Say = f.Say[t.Check]
		if p.Say == nil {
			p.Say = f.Say["any"]
		}
		if code, ok := f.Classes[t.Check]; ok {
			p.Code = code
		} else if code, ok := f.Classes["any"]; ok {
			p.Code = code
		} else {
			in.classify(&p)
		}
		if f != of {
			of.lend(&p)
		}
	}
	in.Problems = append(in.Problems, p)
}

// ofList are the checks that a list itself can fail: its line's words for them are
// not about its items.
var ofList = map[string]bool{"type": true, "missing": true, "few": true, "many": true, "with": true, "exists": true, "frozen": true, "unique": true, "any": true}

// lend gives a violation of an item the words that the list's line has for its
// check, where the item's own line has none.
func (f *Field) lend(p *Problem) {
	if ofList[p.Check] {
		return
	}
	if p.Say == nil {
		p.Say = f.Say[p.Check]
	}
	if code, ok := f.Classes[p.Check]; ok {
		p.Code = code
	}
}

// classify gives a violation the class that the dialect has for its check.
func (in *Input) classify(p *Problem) {
	if in.op == nil {
		return
	}
	if code, ok := in.op.Owner.Errors.Checks[p.Check]; ok {
		p.Code = code
	}
}

// sortProblems puts violations in the order of the field table.
func (in *Input) sortProblems() {
	if len(in.Problems) > 1 {
		sort.SliceStable(in.Problems, func(i, j int) bool { return in.Problems[i].order() < in.Problems[j].order() })
	}
}

// path writes a dotted path in the dialect's style.
func (in *Input) path(dotted string) string {
	if in.prefix == "" && (in.paths == DottedPaths || in.paths == indexPaths) {
		return dotted
	}
	first, rest, more := strings.Cut(dotted, ".")
	path := in.placeOf(first)
	for more {
		first, rest, more = strings.Cut(rest, ".")
		path = in.paths.member(path, first)
	}
	return path
}

// PathIn is the path of a member in item n of a list.
func (in *Input) PathIn(list *Field, n int, member string) string {
	return in.paths.member(in.paths.index(in.path(list.Path), n), member)
}

// forget drops the violations of an earlier repetition of a key.
func (in *Input) forget(f *Field) {
	kept := in.Problems[:0]
	for _, p := range in.Problems {
		if p.Field != f {
			kept = append(kept, p)
		}
	}
	in.Problems = kept
}
