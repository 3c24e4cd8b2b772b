package client

import (
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
)

// Item reads the record out of an operation's answer; ok is false where the
// body is not what the dialect documents. rec is nil where the operation
// answers without the record.
func Item(op *dialect.Op, body []byte) (rec *record.Record, ok bool) {
	root, err := jsontext.Parse(body)
	if err != nil {
		return nil, false
	}
	path, shown := around(op, "item")
	if !shown {
		return nil, root.IsObject()
	}
	v, ok := walk(root, path)
	if !ok || !v.IsObject() {
		return nil, false
	}
	rec = Record(op.Resource, v)
	return rec, rec.ID() != "" || op.Resource.Field("id") == nil
}

// around is where an operation's answer has a variable.
func around(op *dialect.Op, name string) ([]string, bool) {
	if op.Answer == nil {
		return nil, name == "item"
	}
	return op.Answer.Path(name)
}

func walk(v jsontext.Value, path []string) (jsontext.Value, bool) {
	for _, name := range path {
		if !v.IsObject() {
			return v, false
		}
		v = jsontext.LastMember(v, name)
		if v.Raw == "" {
			return v, false
		}
	}
	return v, true
}

// Page is a part of a list as it was answered.
type Page struct {
	Records []*record.Record
	More    *bool  // nil where the answer does not tell
	Next    string // cursor or place of what follows, "" for none
	Total   int    // -1 where the answer does not tell
}

// Items reads a page of a list; ok is false where the body is not what the
// dialect documents.
func Items(op *dialect.Op, body []byte) (p Page, ok bool) {
	root, err := jsontext.Parse(body)
	if err != nil {
		return p, false
	}
	path, shown := around(op, "items")
	if !shown {
		return p, false
	}
	list, ok := walk(root, path)
	if !ok || !list.IsArray() {
		return p, false
	}
	list.ForEach(func(_ string, v jsontext.Value) bool {
		if ok = v.IsObject(); ok {
			p.Records = append(p.Records, Record(op.Resource, v))
		}
		return ok
	})
	p.Total = -1
	if at, has := around(op, "total"); has {
		if v, found := walk(root, at); found {
			if n, err := strconv.Atoi(v.Raw); err == nil {
				p.Total = n
			}
		}
	}
	if at, has := around(op, "more"); has {
		if v, found := walk(root, at); found {
			more := v.Raw == "true"
			p.More = &more
		}
	}
	if at, has := around(op, "next"); has {
		if v, found := walk(root, at); found && v.Kind != gjson.Null {
			p.Next = record.Unquote(v.Raw)
		}
	}
	return p, ok
}

// Record reads an object as the dialect shows a resource. A value that is not as
// documented is kept where the model can hold it.
func Record(res *dialect.Resource, v jsontext.Value) *record.Record {
	rec := record.New(res.Schema, "")
	readOutputs(rec, res, res.Outputs, v)
	for _, f := range res.Money {
		if text := f.Get(rec); text != "" && text != record.Null && f.Out {
			if minor, broken := f.Codec.(codec.Amount).Settle(text, rec); broken == nil {
				f.Set(rec, minor)
			} else {
				f.Set(rec, "")
			}
		}
	}
	return rec
}

// copied takes out of a record that is shown within a line item what the
// dialect's line items have of it, such as the amount of a price.
func copied(rec *record.Record, res *dialect.Resource, f *dialect.Field, from *record.Record) {
	if rec.Schema != record.Lines || res.Parent == nil || f.Target != dialect.ToSlot {
		return
	}
	for _, list := range res.Parent.Fields {
		c, is := list.Codec.(*dialect.ListCodec)
		if !is {
			continue
		}
		for _, m := range c.Each {
			slot, has := rec.Schema.Slot(m.Item)
			for _, copy := range m.Copies {
				if has && rec.Get(slot) == "" && copy.From != nil && copy.From.Item == rec.Schema.Slots[f.Slot].Name {
					rec.Set(slot, from.Get(copy.Slot))
				}
			}
		}
	}
}

func readOutputs(rec *record.Record, res *dialect.Resource, nodes []dialect.Output, v jsontext.Value) {
	list := jsontext.Members(v)
	for i := range nodes {
		n := &nodes[i]
		at := jsontext.FindMember(list, nil, record.Unquote(strings.TrimSuffix(string(n.Key), ":")))
		if at < 0 {
			continue
		}
		val := list[at].Val
		if n.Field == nil {
			if val.IsObject() {
				readOutputs(rec, res, n.Kids, val)
			}
			continue
		}
		if n.Field.Page && val.Kind == gjson.String && rec.Ext(dialect.PageExt) == "" {
			rec.SetExt(dialect.PageExt, val.Raw)
		}
		if n.Field.Embed != nil && n.Field.Embed.Resource != nil && val.IsObject() {
			copied(rec, res, n.Field, Record(n.Field.Embed.Resource, val))
		}
		if n.Field.Target == dialect.ToNothing {
			asWritten(rec, res, n.Field, val)
		} else if text := canonical(rec, n.Field, val); text != "" {
			n.Field.Set(rec, text)
		}
	}
}

// asWritten reads what an answer computes as clients write it, where they do and
// it can be: a value is shown in another way then only where there is none.
func asWritten(rec *record.Record, res *dialect.Resource, shown *dialect.Field, v jsontext.Value) {
	if shown.Page || v.Kind == gjson.Null {
		return
	}
	for _, f := range res.Fields {
		if !f.In || f.Path != shown.Path || f.Target == dialect.ToNothing {
			continue
		}
		list, objects := f.Codec.(*dialect.ListCodec)
		money, amount := f.Codec.(*codec.Money)
		if objects && list.Each != nil || amount && money.Major {
			return // what that is depends on more than the value
		}
		if text, broken := f.Decode(v, nobody); broken == nil && text != "" {
			f.Set(rec, text)
		}
		return
	}
}

// nobody is when values are read that were checked by somebody else.
var nobody = &dialect.Env{Env: template.Env{Now: time.Unix(0, 0)}}

// canonical is a value as the model has it, "" for what says nothing.
func canonical(rec *record.Record, f *dialect.Field, v jsontext.Value) string {
	switch {
	case v.Kind == gjson.Null:
		if _, isEnum := f.Codec.(*codec.Enum); !isEnum {
			return ""
		}
	case f.Need == dialect.NeedNever && f.Absent != nil && f.Absent.Lit != nil && string(f.Absent.Lit) == v.Raw:
		return ""
	case f.Embed != nil && v.IsObject():
		v = jsontext.LastMember(v, "id")
		if v.Raw == "" {
			return ""
		}
	}
	if c, is := f.Codec.(*dialect.ListCodec); is && c.Each != nil {
		return objects(rec, c, v)
	}
	text, broken := f.Decode(v, nobody)
	if c, is := f.Codec.(*codec.Enum); is && broken != nil {
		return c.In[v.Raw] // words that are shown and not taken
	}
	if broken == nil {
		return text
	}
	text = string(jsontext.AppendCanonical(nil, v))
	if f.Target == dialect.ToSlot && document.Check(rec.Schema.Slots[f.Slot], text) != nil {
		return ""
	}
	return text
}

// objects reads a list of objects with the members that are shown.
func objects(rec *record.Record, c *dialect.ListCodec, v jsontext.Value) string {
	if !v.IsArray() {
		return ""
	}
	dst := []byte{'['}
	v.ForEach(func(_ string, item jsontext.Value) bool {
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		list := jsontext.Members(item)
		dst = append(dst, '{')
		for _, m := range c.Each {
			i := jsontext.FindMember(list, nil, m.Path)
			if !m.Out || m.Source != nil || i < 0 || list[i].Val.Kind == gjson.Null {
				continue
			}
			if text, broken := m.Decode(list[i].Val, nobody); broken == nil && text != "" {
				dst = append(jsontext.AppendKey(dst, m.ItemKey), text...)
			}
		}
		dst = append(dst, '}')
		return true
	})
	return string(append(dst, ']'))
}
