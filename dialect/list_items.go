package dialect

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

// itemPlace is an item of a list in a request.
type itemPlace struct {
	in   *Input
	list *Field
	n    int    // from 1
	at   string // of an object that is no item: where it is
}

func (p itemPlace) path() string {
	if p.at != "" {
		return p.at
	}
	return p.in.paths.index(p.in.path(p.list.Path), p.n-1)
}

// creates tells whether the request makes a record; a default does too.
func (p itemPlace) creates() bool { return p.in.op == nil || p.in.op.Does == Create }

// fail notes a violation of the item, or of a member that has words for it.
func (p itemPlace) fail(f *Field, path string, t *codec.Violation, v jsontext.Value) {
	p.in.failItem(f, p.list, path, t, v, p.n)
}

// value decodes a value of the item by a field line.
func (p itemPlace) value(f *Field, path func() string, v jsontext.Value, e *Env) (string, bool) {
	v = p.in.typed(f, v)
	if f.clears(v) {
		return "", true
	}
	t := f.nullViolation()
	text := ""
	if v.Kind != gjson.Null {
		if c, ok := f.Codec.(nestable); ok {
			p.at = path()
			return c.at(p, f, v, e)
		}
		text, t = f.Decode(v, e)
	}
	if c, ok := f.Codec.(codec.Merger); ok && t == nil {
		text, t = c.Merge(text, "")
	}
	if t != nil {
		p.fail(f, path(), t, v)
		return "", false
	}
	return text, true
}

// member decodes one field of one item.
func (p itemPlace) member(c *ListCodec, f *Field, list []jsontext.Member, e *Env) (string, bool) {
	path := func() string { return p.in.paths.member(p.path(), f.Path) }
	if i := jsontext.FindMember(list, nil, f.Path); i >= 0 {
		if f.Without != nil && jsontext.FindMember(list, nil, f.Without.Path) >= 0 {
			p.fail(f, path(), f.excluded(), list[i].Val)
			return "", false
		}
		return p.value(f, path, list[i].Val, e)
	}
	if (f.Need == NeedAlways || f.Need == NeedCreate && p.creates()) && (f.Unless == nil || jsontext.FindMember(list, nil, f.Unless.Path) < 0) {
		p.fail(f, path(), missingField, jsontext.Value{})
		return "", false
	}
	if c.By != nil && !p.creates() {
		return "", true // what is there stays
	}
	return f.defaultText(e), true
}
