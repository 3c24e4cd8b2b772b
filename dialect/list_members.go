package dialect

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Copy says that a member of a list's objects is taken from the record that
// another member names, or from an object that was sent.
type Copy struct {
	From *Field
	Slot record.Slot // of the record
	Path string      // in the object, when the member names no record
}

// enrich completes the lists and objects that a request wrote: members that are
// generated, members that are copied from the records which others name, and
// amounts whose currency is another member. A reference that leads nowhere is
// left for References to report.
func (op *Op) enrich(in *Input, e *Env) {
	for _, f := range op.Resource.Enriched {
		s := &in.vals[f.Index]
		if s.state != given {
			continue
		}
		x := completion{op: op, e: e, ok: true}
		text := x.value(nil, place{in: in, line: f}, f.Codec, jsontext.ValueOf(f.Get(e.It)))
		if !x.ok {
			s.state = broken
			continue
		}
		f.Set(e.It, string(text))
	}
}

// completion rewrites a list or an object.
type completion struct {
	op *Op
	e  *Env
	ok bool
}

func (x *completion) value(dst []byte, p place, c codec.Codec, v jsontext.Value) []byte {
	switch c := c.(type) {
	case *ObjectCodec:
		return x.object(dst, p, c.List, v)
	case *ListCodec:
		n := 0
		dst = append(dst, '[')
		v.ForEach(func(_ string, item jsontext.Value) bool {
			if n++; n > 1 {
				dst = append(dst, ',')
			}
			if c.Of != nil {
				dst = x.value(dst, p.item(n), c.Of.Codec, item)
			} else {
				dst = x.object(dst, p.item(n), c, item)
			}
			return true
		})
		return append(dst, ']')
	}
	return append(dst, v.Raw...)
}

func (x *completion) object(dst []byte, p place, c *ListCodec, item jsontext.Value) []byte {
	if !item.IsObject() {
		return append(dst, item.Raw...)
	}
	values, done := make(map[string]string, len(c.Each)), map[string]bool{} // two members can share a place
	for _, m := range jsontext.Members(item) {
		values[m.Key] = m.Val.Raw
	}
	for _, f := range c.Each {
		if values[f.Item] == "" && f.Source == nil {
			values[f.Item] = x.op.generated(f, values, x.e)
		}
	}
	dst = append(dst, '{')
	for _, f := range c.Each {
		v := values[f.Item]
		if v == "" || f.Source != nil || done[f.Item] {
			continue
		}
		done[f.Item] = true
		dst = jsontext.AppendKey(dst, f.ItemKey)
		switch {
		case f.Currency != nil:
			dst = append(dst, x.settled(p, f, v, values)...)
		case Enriched(f.Codec):
			dst = x.value(dst, p.member(f.Path), f.Codec, jsontext.ValueOf(v))
		default:
			dst = append(dst, v...)
		}
	}
	return append(dst, '}')
}

// settled converts an amount, now that the member with its currency is known.
func (x *completion) settled(p place, f *Field, text string, values map[string]string) string {
	minor, t := f.Codec.(codec.Priced).SettleIn(text, record.Unquote(values[f.Currency.Item]))
	if t != nil {
		p.fail(f, p.member(f.Path).path(), t, jsontext.ValueOf(text))
		x.ok = false
		return text
	}
	return minor
}

// appendPriced writes an amount whose currency is another member of the item.
func (f *Field) appendPriced(dst []byte, text string, item []jsontext.Member, e *template.Env) []byte {
	currency := ""
	if i := jsontext.FindMember(item, nil, f.Currency.Item); i >= 0 {
		currency = record.Unquote(item[i].Val.Raw)
	}
	return f.Codec.(codec.Priced).EncodeIn(jsontext.AppendKey(dst, f.Key), text, currency)
}

// generated makes a member that the request did not give.
func (op *Op) generated(f *Field, values map[string]string, e *Env) string {
	for _, c := range f.Copies {
		have := values[c.From.Item]
		if have == "" {
			continue
		}
		if c.Path != "" {
			if v := jsontext.ValueOf(have).Get(c.Path); v.Kind != gjson.Null {
				if text, t := f.Decode(v, e); t == nil {
					return text
				}
			}
			continue
		}
		if e.Find == nil {
			continue
		}
		if rec := e.Find(op.Owner.Resources[c.From.Exists], record.Unquote(have)); rec != nil {
			return rec.Get(c.Slot)
		}
	}
	if f.Generated != nil {
		return record.Quote(f.Generated.New(e.Now, e.Random))
	}
	return ""
}

// Lines makes records of the items of a list slot, so that they can be shown
// by a resource of their own. A member without a slot is kept beyond the model.
func Lines(res *Resource, parent *record.Record, slot record.Slot) []*record.Record {
	var out []*record.Record
	jsontext.ValueOf(parent.Get(slot)).ForEach(func(_ string, item jsontext.Value) bool {
		rec := record.New(res.Schema, parent.Dialect)
		rec.Set(record.SlotParent, parent.Get(record.SlotID))
		rec.Set(record.SlotAccount, parent.Get(record.SlotAccount))
		rec.Set(record.SlotCreated, parent.Get(record.SlotCreated))
		for _, m := range jsontext.Members(item) {
			if s, ok := res.Schema.Slot(m.Key); ok {
				rec.Set(s, m.Val.Raw)
			} else {
				rec.SetExt(parent.Dialect+"."+m.Key, m.Val.Raw)
			}
		}
		out = append(out, rec)
		return true
	})
	return out
}
