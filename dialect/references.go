package dialect

import (
	"slices"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Lookup finds the record that a request names: whether it is there, and in which
// state, "" where that cannot be told.
type Lookup func(resource *Resource, id string) (state string, there bool)

// dangles is what is wrong with the record that a field names, or nil.
func (op *Op) dangles(f *Field, id string, lookup Lookup) *codec.Violation {
	state, there := lookup(op.Owner.Resources[f.Exists], id)
	switch {
	case !there:
		return danglingReference
	case f.States != nil && state != "" && !slices.Contains(f.States, state):
		return wrongReference
	}
	return nil
}

// References calls lookup for every record that the request names, and adds a
// problem for each that is not there.
func (op *Op) References(in *Input, lookup Lookup) {
	for _, f := range op.Resource.References {
		s := in.vals[f.Index]
		if s.state != given && (s.state != broken || f.Placed == nil || s.text == "") {
			continue
		}
		if f.Exists != "" {
			if t := op.dangles(f, record.Unquote(s.text), lookup); t != nil {
				in.fail(f, in.path(f.Path), t, jsontext.ValueOf(s.text))
			}
			continue
		}
		op.referencesIn(place{in: in, line: f}, f.Codec, jsontext.ValueOf(s.text), lookup)
	}
	in.eachNested(func(n nested) { n.in.op.References(n.in, lookup) })
	in.sortProblems()
}

// referencesIn looks for records that a list or an object at a place names.
func (op *Op) referencesIn(p place, c codec.Codec, v jsontext.Value, lookup Lookup) {
	switch c := c.(type) {
	case *ObjectCodec:
		op.referencesOf(p, c.List, v, lookup)
	case *ListCodec:
		n := 0
		v.ForEach(func(_ string, item jsontext.Value) bool {
			n++
			at := p.item(n)
			switch {
			case c.Of == nil:
				op.referencesOf(at, c, item, lookup)
			case c.Of.Exists == "":
				op.referencesIn(at, c.Of.Codec, item, lookup)
			case item.Kind == gjson.String:
				if t := op.dangles(c.Of, item.Str(), lookup); t != nil {
					at.fail(c.Of, at.path(), t, item)
				}
			}
			return len(p.in.Problems) < maxProblems
		})
	}
}

// referencesOf looks at the members of an object.
func (op *Op) referencesOf(p place, c *ListCodec, item jsontext.Value, lookup Lookup) {
	list := jsontext.Members(item)
	for _, m := range c.Each {
		if m.Exists == "" {
			if i := jsontext.FindMember(list, nil, m.Item); i >= 0 && Refers(m.Codec) {
				op.referencesIn(p.member(m.Path), m.Codec, list[i].Val, lookup)
			}
			continue
		}
		v, names := m.reference(list)
		if v.Kind != gjson.String {
			continue
		}
		t := op.dangles(m, v.Str(), lookup)
		if t == nil {
			continue
		}
		path := p.path()
		for _, name := range names {
			path = p.in.paths.member(path, name)
		}
		p.fail(m, path, t, v)
	}
}

// reference is the id that an item of a list has for a member, and where: in
// the member itself, or in a sent object that the member is copied from.
func (f *Field) reference(item []jsontext.Member) (id jsontext.Value, path []string) {
	if i := jsontext.FindMember(item, nil, f.Item); i >= 0 {
		return item[i].Val, []string{f.Path}
	}
	for _, c := range f.Copies {
		i := jsontext.FindMember(item, nil, c.From.Item)
		switch {
		case i < 0:
		case c.Path == "":
			return jsontext.Value{}, nil // the record that was named has it
		default:
			return item[i].Val.Get(c.Path), []string{c.From.Path, c.Path}
		}
	}
	return jsontext.Value{}, nil
}
