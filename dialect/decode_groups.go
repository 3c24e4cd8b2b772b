package dialect

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
)

// group enters an object of fields.
func (in *Input) group(t *FieldTree, v jsontext.Value, e *Env) {
	g := t.Group
	in.again(g)
	if !g.Write.Writable(in.op.Does == Create) {
		in.frozenGroup(t, v, e)
		return
	}
	for _, c := range g.Clear {
		if v.Raw == c {
			in.resetGroup(g)
			return
		}
	}
	if !v.IsObject() {
		in.fail(g.Write, in.path(g.Path), notObject, v)
		return
	}
	if g.Replace {
		in.resetGroup(g)
	}
	in.walk(t, v, e)
	for _, f := range g.Needs {
		if in.vals[f.Index].state == unsent && f.Writable(in.op.Does == Create) {
			in.fail(f, in.path(f.Path), missingField, jsontext.Value{})
		}
	}
}

// again forgets what an earlier repetition of a group's key said, at any depth.
func (in *Input) again(g *Group) {
	seen := false
	for _, old := range in.groups {
		seen = seen || old == g
	}
	if !seen {
		in.groups = append(in.groups, g)
		return
	}
	kept := in.reset[:0]
	for _, old := range in.reset {
		if !old.inside(g) {
			kept = append(kept, old)
		}
	}
	in.reset = kept
	in.op.Resource.within(g, func(f *Field) { in.vals[f.Index] = sent{} })
	left := in.Problems[:0]
	for _, p := range in.Problems {
		if p.Field == nil || p.Field != g.Write && !p.Field.Group.inside(g) {
			left = append(left, p)
		}
	}
	in.Problems = left
}

// resetGroup notes that what a group held before is gone.
func (in *Input) resetGroup(g *Group) { in.reset = append(in.reset, g) }

// frozenGroup deals with a group that this operation does not write: with
// same, each of its members must be as it is.
func (in *Input) frozenGroup(t *FieldTree, v jsontext.Value, e *Env) {
	g := t.Group
	switch {
	case g.Write.Frozen != "same":
		in.unwritable(g.Write, v)
	case v.IsObject():
		in.walk(t, v, e)
	case v.Kind == gjson.Null:
		in.op.Resource.within(g, func(f *Field) { in.unwritable(f, v) })
	case in.op.Does != Create:
		in.fail(g.Write, in.path(g.Path), frozenField, v)
	}
}

// placeOf writes the place of a member of the object that is read.
func (in *Input) placeOf(name string) string {
	if in.prefix == "" {
		return in.paths.root(name)
	}
	return in.paths.member(in.prefix, name)
}
