package dialect

import (
	"github.com/tidwall/gjson"

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

// enrich completes the lists that a request wrote: members that are generated,
// and members that are copied from the records which others name. A reference
// that leads nowhere is left for References to report.
func (op *Op) enrich(in *Input, e *Env) {
	for _, f := range op.Resource.Enriched {
		if in.vals[f.Index].state != given {
			continue
		}
		f.Set(e.It, op.complete(f.Codec.(*ListCodec), f.Get(e.It), e))
	}
}

// complete rewrites the items of a list.
func (op *Op) complete(c *ListCodec, text string, e *Env) string {
	dst := append(make([]byte, 0, 2*len(text)), '[')
	n := 0
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		values, done := make(map[string]string, len(c.Each)), map[string]bool{} // two members can share a place
		for _, p := range jsontext.Members(item) {
			values[p.Key] = p.Val.Raw
		}
		dst = append(dst, '{')
		for _, f := range c.Each {
			v := values[f.Item]
			if v == "" {
				v = op.generated(f, values, e)
				values[f.Item] = v
			}
			if v != "" && f.Source == nil && !done[f.Item] {
				done[f.Item] = true
				dst = append(jsontext.AppendKey(dst, f.ItemKey), v...)
			}
		}
		dst = append(dst, '}')
		return true
	})
	return string(append(dst, ']'))
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
