package dialect

import (
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// copied says that a member of a list's objects is taken from the record that
// another member names, or from an object that was sent.
type copied struct {
	from *Field
	slot record.Slot // of the record
	path string      // in the object, when the member names no record
}

// copies resolves `copy:` and `unless:` lines once all members are known.
func (l *line) copies(c *listCodec) {
	for _, f := range c.each {
		open := l.open(f)
		for _, src := range open.copies {
			if one, ok := l.copySource(c, src); ok {
				f.copies = append(f.copies, one)
			}
		}
		if open.unless != nil {
			if f.unless = c.byName[open.unless.Value]; f.unless == nil {
				l.noMember(c, open.unless)
			}
		}
		if open.without != nil {
			if f.without = c.byName[open.without.Value]; f.without == nil {
				l.noMember(c, open.without)
			}
		}
		c.enriched = c.enriched || f.copies != nil || f.fresh != nil
	}
}

func (l *line) noMember(c *listCodec, n *yml.Node) {
	l.Report(n, "no member %q%s", n.Value, yml.Instead(n.Value, slices.Collect(maps.Keys(c.byName))))
}

func (l *line) copySource(c *listCodec, n *yml.Node) (copied, bool) {
	name, slot, ok := strings.Cut(n.Value, ".")
	from := c.byName[name]
	if ok && from == nil {
		at := *n
		at.Value = name
		l.noMember(c, &at)
		return copied{}, false
	}
	if !ok {
		l.Report(n, "copy names a member and what to take of it, as in price.currency")
		return copied{}, false
	}
	if from.exists == "" {
		if !codec.IsOpen(from.codec) && !from.names {
			l.Report(n, "member %s names no record; give it exists:", name)
		}
		return copied{from: from, path: slot}, true
	}
	schema := l.d.Resources[from.exists].Schema
	s, known := schema.Slot(slot)
	if !known {
		l.Report(n, "%s has no slot %q%s", yml.Article(schema.Kind), slot, yml.Instead(slot, schema.Names()))
	}
	return copied{from: from, slot: s}, known
}

// enrich completes the lists that a request wrote: members that are generated,
// and members that are copied from the records which others name. A reference
// that leads nowhere is left for References to report.
func (op *Op) enrich(in *Input, e *Env) {
	for _, f := range op.Resource.enriched {
		if in.vals[f.index].state != given {
			continue
		}
		f.set(e.It, op.complete(f.codec.(*listCodec), f.get(e.It), e))
	}
}

// complete rewrites the items of a list.
func (op *Op) complete(c *listCodec, text string, e *Env) string {
	dst := append(make([]byte, 0, 2*len(text)), '[')
	n := 0
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		values, done := make(map[string]string, len(c.each)), map[string]bool{} // two members can share a place
		for _, p := range jsontext.Members(item) {
			values[p.Key] = p.Val.Raw
		}
		dst = append(dst, '{')
		for _, f := range c.each {
			v := values[f.item]
			if v == "" {
				v = op.generated(f, values, e)
				values[f.item] = v
			}
			if v != "" && f.source == nil && !done[f.item] {
				done[f.item] = true
				dst = append(jsontext.AppendKey(dst, f.itemKey), v...)
			}
		}
		dst = append(dst, '}')
		return true
	})
	return string(append(dst, ']'))
}

// generated makes a member that the request did not give.
func (op *Op) generated(f *Field, values map[string]string, e *Env) string {
	for _, c := range f.copies {
		have := values[c.from.item]
		if have == "" {
			continue
		}
		if c.path != "" {
			if v := jsontext.ValueOf(have).Get(c.path); v.Kind != gjson.Null {
				if text, t := f.decode(v, e); t == nil {
					return text
				}
			}
			continue
		}
		if e.Find == nil {
			continue
		}
		if rec := e.Find(op.dialect.Resources[c.from.exists], record.Unquote(have)); rec != nil {
			return rec.Get(c.slot)
		}
	}
	if f.fresh != nil {
		return record.Quote(f.fresh.New(e.Now, e.Random))
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
