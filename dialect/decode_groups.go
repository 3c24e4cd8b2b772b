package dialect

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
)

// group enters an object of fields.
func (in *Input) group(t *tree, v jsontext.Value, e *Env) {
	g := t.group
	in.again(g)
	if !g.write.writable(in.op.Does == Create) {
		in.frozenGroup(t, v, e)
		return
	}
	for _, c := range g.clear {
		if v.Raw == c {
			in.resetGroup(g)
			return
		}
	}
	if !v.IsObject() {
		in.fail(g.write, in.path(g.Path), notObject, v)
		return
	}
	if g.replace {
		in.resetGroup(g)
	}
	in.walk(t, v, e)
	for _, f := range g.needs {
		if in.vals[f.index].state == unsent && f.writable(in.op.Does == Create) {
			in.fail(f, in.path(f.Path), missingField, jsontext.Value{})
		}
	}
}

// again forgets what an earlier repetition of a group's key said, at any depth.
func (in *Input) again(g *group) {
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
	in.op.Resource.within(g, func(f *Field) { in.vals[f.index] = sent{} })
	left := in.Problems[:0]
	for _, p := range in.Problems {
		if p.Field == nil || p.Field != g.write && !p.Field.group.inside(g) {
			left = append(left, p)
		}
	}
	in.Problems = left
}

// resetGroup notes that what a group held before is gone.
func (in *Input) resetGroup(g *group) { in.reset = append(in.reset, g) }

// frozenGroup deals with a group that this operation does not write: with
// same, each of its members must be as it is.
func (in *Input) frozenGroup(t *tree, v jsontext.Value, e *Env) {
	g := t.group
	switch {
	case g.write.frozen != "same":
		in.unwritable(g.write, v)
	case v.IsObject():
		in.walk(t, v, e)
	case v.Kind == gjson.Null:
		in.op.Resource.within(g, func(f *Field) { in.unwritable(f, v) })
	case in.op.Does != Create:
		in.fail(g.write, in.path(g.Path), frozenField, v)
	}
}

// placeOf writes the place of a member of the object that is read.
func (in *Input) placeOf(name string) string {
	if in.prefix == "" {
		return in.paths.root(name)
	}
	return in.paths.member(in.prefix, name)
}
