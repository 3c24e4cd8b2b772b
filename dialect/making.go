package dialect

import (
	"time"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Made is a record that is made along with another one.
type Made struct {
	Resource *Resource
	Record   *record.Record
}

// nested is an object of a request that a record is made of.
type nested struct {
	in  *Input
	rec *record.Record
}

func (in *Input) eachNested(f func(nested)) {
	for _, n := range in.nested {
		f(n)
		for _, p := range n.in.Problems {
			if len(in.Problems) < maxProblems {
				in.Problems = append(in.Problems, p)
			}
		}
		n.in.Problems = n.in.Problems[:0]
	}
}

// A recordCodec makes a record of another resource out of an object; its
// canonical text is the id of that record.
type recordCodec struct {
	op *Op // a create that has no method and path
}

// record reads make:.
func (l *line) record(n *yml.Node) {
	c := &recordCodec{op: &Op{Name: l.f.Path, Does: Create, Within: -1, dialect: l.d}}
	l.f.codec = c
	var set *yml.Node
	seen := l.each(n, makeWords, func(key string, _, v *yml.Node) {
		if key == "is" {
			c.op.Resource = l.resource(v)
		} else {
			set = v
		}
	})
	switch {
	case c.op.Resource == nil:
		if seen != nil && !seen["is"] {
			l.Report(n, "make needs is: with the resource that is made")
		}
		c.op.Resource = &Resource{Schema: record.Links, tree: &tree{kids: map[string]*tree{}}}
	case clientID(c.op.Resource) != nil:
		l.Report(n, "records of %s are named by the client and cannot be made inside another", c.op.Resource.Name)
	case c.op.Resource.id == nil:
		l.Report(n, "give resource %s an id:, because records of it are made", c.op.Resource.Name)
	}
	c.op.assignments = l.assignments(c.op.Resource, set)
	l.f.Out = false
	l.as = "make"
}

// Decode implements codec.Codec.
func (c *recordCodec) Decode(jsontext.Value, time.Time) (string, *codec.Violation) {
	return "", notObject
}

// Encode implements codec.Codec.
func (c *recordCodec) Encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

// FromText implements codec.Codec.
func (c *recordCodec) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

func (c *recordCodec) read(in *Input, f *Field, v jsontext.Value, e *Env) (string, bool) {
	return c.at(place{in: in, list: f, at: in.path(f.Path)}, f, v, e)
}

func (c *recordCodec) at(p place, f *Field, v jsontext.Value, e *Env) (string, bool) {
	return p.in.makes(c, p, f, v, e)
}

// makes reads an object as a create of its resource would, and notes the
// record. Faults have the places that they have in the whole request.
func (in *Input) makes(c *recordCodec, p place, f *Field, v jsontext.Value, e *Env) (string, bool) {
	if !v.IsObject() {
		p.fail(f, p.path(), notObject, v)
		return "", false
	}
	sub := &Input{op: c.op, root: v, paths: in.paths, all: in.all, form: in.form, prefix: p.path()}
	e2 := *e
	e2.It, e2.Old, e2.Parent, e2.About = nil, nil, nil, nil
	sub.decode(c.op, &e2)
	if len(sub.Problems) == 0 {
		c.op.Merge(sub, &e2)
	}
	if len(sub.Problems) > 0 {
		for _, problem := range sub.Problems {
			if problem.Field = p.list; len(in.Problems) < maxProblems {
				in.Problems = append(in.Problems, problem)
			}
		}
		return "", false
	}
	e.Made = append(e2.Made, Made{c.op.Resource, e2.It})
	in.nested = append(in.nested, nested{sub, e2.It})
	return e2.It.Get(record.SlotID), true
}

// decode reads the object that an Input is about.
func (in *Input) decode(op *Op, e *Env) {
	in.vals = make([]sent, len(op.Resource.Fields))
	in.walk(op.Resource.tree, in.root, e)
	in.together()
	in.required(op, e)
	in.sortProblems()
}

// An objectCodec carries an object whose members are field lines of their own,
// where a group cannot stand: in a list's objects.
type objectCodec struct{ list *listCodec }

// object reads an object with each:.
func (l *line) object() codec.Codec {
	c := &listCodec{items: codec.Any, unknown: l.d.unknown, byName: map[string]*Field{}}
	each := l.has("each")
	if each == nil && l.seen["each"] {
		return &objectCodec{c}
	}
	if each == nil || l.nest >= 4 {
		l.Report(l.at, "an object needs each: with its members, and nests at most 4 deep")
		return &objectCodec{c}
	}
	l.entries(each, "each", func(name string, k, v *yml.Node) {
		f := l.member(v, k, name)
		c.each = append(c.each, f)
		c.byName[name] = f
	})
	return &objectCodec{c}
}

func (c *objectCodec) read(in *Input, f *Field, v jsontext.Value, e *Env) (string, bool) {
	return c.at(place{in: in, list: f, at: in.path(f.Path)}, f, v, e)
}

// at decodes the object at a place.
func (c *objectCodec) at(p place, _ *Field, v jsontext.Value, e *Env) (string, bool) {
	text, ok := c.list.object(nil, p, v, e)
	return string(text), ok
}

// Decode implements codec.Codec.
func (c *objectCodec) Decode(v jsontext.Value, now time.Time) (string, *codec.Violation) {
	return c.decodeWith(v, at(now))
}

func (c *objectCodec) decodeWith(v jsontext.Value, e *Env) (string, *codec.Violation) {
	f := &Field{}
	if text, ok := c.at(place{in: &Input{paths: dottedPaths}, list: f, at: "object"}, f, v, e); ok {
		return text, nil
	}
	return "", notObject
}

// Encode implements codec.Codec.
func (c *objectCodec) Encode(dst []byte, text string, rec *record.Record) []byte {
	return c.list.encodeItem(dst, jsontext.Members(jsontext.ValueOf(text)), &template.Env{It: rec})
}

// FromText implements codec.Codec.
func (c *objectCodec) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// Open tells that members can be read out of an object.
func (c *objectCodec) Open() {}

// combine changes the objects that are there by those that were sent, which
// name them by one member; what was not sent stays.
func (c *listCodec) combine(in *Input, f *Field, text, old string) (string, bool) {
	var list []map[string]string
	jsontext.ValueOf(old).ForEach(func(_ string, item jsontext.Value) bool {
		values := map[string]string{}
		for _, m := range jsontext.Members(item) {
			values[m.Key] = m.Val.Raw
		}
		list = append(list, values)
		return true
	})
	n, ok := 0, true
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		n++
		id := jsontext.Value{}
		sent := jsontext.Members(item)
		if i := jsontext.FindMember(sent, nil, c.by.item); i >= 0 {
			id = sent[i].Val
		}
		for _, values := range list {
			if id.Raw != "" && values[c.by.item] == id.Raw {
				for _, m := range sent {
					values[m.Key] = m.Val.Raw
				}
				return true
			}
		}
		at := place{in: in, list: f, n: n}
		at.fail(c.by, in.paths.member(at.path(), c.by.Path), danglingReference, id)
		ok = false
		return in.all
	})
	dst := []byte{'['}
	for i, values := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		for _, m := range c.each {
			if v := values[m.item]; v != "" && m.source == nil {
				dst = append(jsontext.AppendKey(dst, m.itemKey), v...)
				delete(values, m.item) // two members can share a place
			}
		}
		dst = append(dst, '}')
	}
	return string(append(dst, ']')), ok
}
