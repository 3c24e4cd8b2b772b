package dialect

import (
	"time"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Made is a record that is made along with another one.
type Made struct {
	Resource *Resource
	Record   *record.Record
}

// nested is an object of a request that a record is made of.
type nested struct {
	in   *Input
	rec  *record.Record
	back *Field // names the record around it
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

// bind gives the records that are made the id of the one around them.
func (in *Input) bind(rec *record.Record) {
	for _, n := range in.nested {
		if n.back != nil {
			n.back.Set(n.rec, rec.Get(record.SlotID))
		}
	}
}

// A MadeCodec makes a record of another resource out of an object; its
// canonical text is the id of that record.
type MadeCodec struct {
	Op   *Op    // a create that has no method and path
	Back *Field // of what is made: names the record around it, nil where nothing does
}

// Decode implements codec.Codec.
func (c *MadeCodec) Decode(jsontext.Value, time.Time) (string, *codec.Violation) {
	return "", notObject
}

// Encode implements codec.Codec.
func (c *MadeCodec) Encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

// FromText implements codec.Codec.
func (c *MadeCodec) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

func (c *MadeCodec) read(in *Input, f *Field, v jsontext.Value, e *Env) (string, bool) {
	return c.at(place{in: in, line: f}, f, v, e)
}

func (c *MadeCodec) at(p place, f *Field, v jsontext.Value, e *Env) (string, bool) {
	return p.in.makes(c, p, f, v, e)
}

// makes reads an object as a create of its resource would, and notes the
// record. Violations have the places that they have in the whole request.
func (in *Input) makes(c *MadeCodec, p place, f *Field, v jsontext.Value, e *Env) (string, bool) {
	if !v.IsObject() {
		p.fail(f, p.path(), notObject, v)
		return "", false
	}
	sub := &Input{op: c.Op, root: v, paths: in.paths, all: in.all, form: in.form, prefix: p.path()}
	e2 := *e
	e2.It, e2.Old, e2.Parent, e2.About = nil, nil, nil, nil
	sub.decode(c.Op, &e2)
	if len(sub.Problems) == 0 {
		c.Op.Merge(sub, &e2)
	}
	if len(sub.Problems) > 0 {
		for _, problem := range sub.Problems {
			if problem.Field = p.line; len(in.Problems) < maxProblems {
				in.Problems = append(in.Problems, problem)
			}
		}
		return "", false
	}
	e.Made = append(e2.Made, Made{c.Op.Resource, e2.It})
	in.nested = append(in.nested, nested{sub, e2.It, c.Back})
	return e2.It.Get(record.SlotID), true
}

// decode reads the object that an Input is about.
func (in *Input) decode(op *Op, e *Env) {
	in.vals = make([]sent, len(op.Resource.Fields))
	in.walk(op.Resource.Tree, in.root, e)
	in.together()
	in.required(op, e)
	in.sortProblems()
}
