package dialect

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

// place is where a value stands in a request: the value of a line of the table,
// an item of a list in it, or a member of an object in it, at any depth. Its path is
// written only when something is wrong there.
type place struct {
	in   *Input
	line *Field // of the table
	up   *place // the list or object it stands in; nil for the line's own value, and for its items
	name string // of a member
	n    int    // of an item, from 1
}

func (p place) path() string {
	around := ""
	if p.up != nil {
		around = p.up.path()
	} else {
		around = p.in.path(p.line.Path)
	}
	switch {
	case p.n > 0:
		return p.in.paths.index(around, p.n-1)
	case p.name != "":
		return p.in.paths.member(around, p.name)
	}
	return around
}

// item is the place of an item of the list at a place.
func (p place) item(n int) place {
	if p.up == nil && p.n == 0 && p.name == "" {
		p.n = n
		return p
	}
	up := p
	return place{in: p.in, line: p.line, up: &up, n: n}
}

// member is the place of a member of the object at a place.
func (p place) member(name string) place {
	if name == "" {
		return p
	}
	up := p
	return place{in: p.in, line: p.line, up: &up, name: name}
}

// number is that of the innermost list item, from 1; 0 where there is none.
func (p place) number() int {
	for at := &p; at != nil; at = at.up {
		if at.n > 0 {
			return at.n
		}
	}
	return 0
}

// creates tells whether the request makes a record; a default does too.
func (p place) creates() bool { return p.in.op == nil || p.in.op.Does == Create }

// fail notes a violation of the item, or of a member that has words for it.
func (p place) fail(f *Field, path string, t *codec.Violation, v jsontext.Value) {
	p.in.failItem(f, p.line, path, t, v, p.number())
}

// value decodes a value by a field line: a member of the object at the place, or
// without a name an item.
func (p place) value(f *Field, name string, v jsontext.Value, e *Env) (string, bool) {
	v = p.in.typed(f, v)
	if f.clears(v) {
		return "", true
	}
	t := f.nullViolation()
	text := ""
	if v.Kind != gjson.Null {
		if c, ok := f.Codec.(nestable); ok {
			return c.at(p.member(name), f, v, e)
		}
		text, t = f.Decode(v, e)
	}
	if c, ok := f.Codec.(codec.Merger); ok && t == nil {
		text, t = c.Merge(text, "")
	}
	if t != nil {
		p.fail(f, p.member(name).path(), t, v)
		return "", false
	}
	return text, true
}

// read decodes one field of one object.
func (p place) read(c *ListCodec, f *Field, list []jsontext.Member, e *Env) (string, bool) {
	if i := jsontext.FindMember(list, nil, f.Path); i >= 0 {
		if f.Without != nil && f.Without.said(list) && !f.clears(list[i].Val) {
			p.fail(f, p.member(f.Path).path(), f.excluded(), list[i].Val)
			return "", false
		}
		return p.value(f, f.Path, list[i].Val, e)
	}
	if (f.Need == NeedAlways || f.Need == NeedCreate && p.creates()) && (f.Unless == nil || !f.Unless.said(list)) && f.neededBy(list) {
		p.fail(f, p.member(f.Path).path(), missingField, jsontext.Value{})
		return "", false
	}
	if c.By != nil && !p.creates() {
		return "", true // what is there stays
	}
	return f.defaultText(e), true
}

// said tells whether an object gives a member a value; one that is cleared has none.
func (f *Field) said(list []jsontext.Member) bool {
	i := jsontext.FindMember(list, nil, f.Path)
	return i >= 0 && !f.clears(list[i].Val)
}

// Variant says that a member is needed only in objects whose other member was
// sent with one of some values.
type Variant struct {
	Of    *Field
	Texts []string // wire values
}

// neededBy tells whether the object is one of those that need the member.
func (f *Field) neededBy(list []jsontext.Member) bool {
	if f.Variant == nil {
		return true
	}
	i := jsontext.FindMember(list, nil, f.Variant.Of.Path)
	if i < 0 {
		return false
	}
	for _, text := range f.Variant.Texts {
		if list[i].Val.Raw == text || list[i].Val.Kind == gjson.String && jsontext.Same(list[i].Val, jsontext.ValueOf(text)) {
			return true
		}
	}
	return false
}
