package handbook

import (
	"net/url"
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// request makes a small request for an operation: the ids and values are those
// of the fixtures. whole is false when the fixtures have nothing to name, and
// the word ID stands in its place.
func (w *sampler) request(op *dialect.Op) (r Request, whole bool) {
	r = Request{Method: op.Method, Path: op.Path}
	rec, parent, whole := w.subject(op)
	vars := op.Vars
	if parent != nil && len(vars) > 0 {
		r.Path = strings.Replace(r.Path, "{"+vars[0]+"}", url.PathEscape(parent.ID()), 1)
		vars = vars[1:]
	}
	for _, v := range vars {
		id := "ID"
		if rec != nil {
			id = rec.ID()
		}
		r.Path = strings.Replace(r.Path, "{"+v+"}", url.PathEscape(id), 1)
	}
	if op.ByQuery != "" && rec != nil {
		r.Path += "?" + url.Values{op.ByQuery: {rec.ID()}}.Encode()
	}
	if !op.Public && w.main != nil {
		r.Headers = w.headers(w.main)
	}
	if i := w.d.Idempotency; i != nil && i.Required && !op.Keyless && slices.Contains(i.Methods, op.Method) {
		r.Headers = append(r.Headers, [2]string{i.Header, op.Name + "-1"})
	}
	if op.Writes() && op.Method != "DELETE" {
		if r.Body = w.body(op, rec); r.Body != "" {
			mime := "application/json"
			if !slices.Contains(op.BodyTypes(), "json") {
				r.Body, mime = jsontext.JSONToForm(r.Body), "application/x-www-form-urlencoded"
			}
			r.Headers = append(r.Headers, [2]string{"Content-Type", mime})
		}
	}
	return r, whole
}

// subject finds the record an operation works on, and the one above it.
func (w *sampler) subject(op *dialect.Op) (rec, parent *record.Record, ok bool) {
	res := op.Resource
	if res == nil || op.Does == dialect.Answer || op.Does == dialect.Refuse {
		return nil, nil, true
	}
	if op.Does == dialect.Get || op.Does == dialect.Update || op.Does == dialect.Delete {
		rec = w.pick(res, func(rec *record.Record) bool {
			return (len(op.From) == 0 || slices.Contains(op.From, rec.Text(record.SlotStatus))) && !w.held(op, rec)
		})
		if rec == nil {
			return nil, nil, false
		}
	}
	if res.Parent == nil {
		return rec, nil, true
	}
	parent = w.pick(res.Parent, func(p *record.Record) bool {
		switch {
		case rec != nil:
			return p.ID() == rec.Text(record.SlotParent)
		case op.Within >= 0:
			return p.Has(op.Within)
		}
		return true
	})
	return rec, parent, parent != nil
}

// held tells whether a record of the fixtures names another one, which keeps that
// from being deleted.
func (w *sampler) held(op *dialect.Op, rec *record.Record) bool {
	return op.Restrict != nil && slices.ContainsFunc(op.Restrict.By, func(ref dialect.Reference) bool {
		return slices.ContainsFunc(w.recs, func(other *record.Record) bool {
			return other.Schema == ref.Resource.Schema && lifecycle.Names(ref.Field, other, op.Resource.Name, rec.ID())
		})
	})
}

// body writes a body out of what a record of the fixtures has: for a create the
// fields that it needs, for an update one field.
func (w *sampler) body(op *dialect.Op, rec *record.Record) string {
	res := op.Resource
	create := op.Does == dialect.Create
	if create {
		rec = w.pick(res, func(*record.Record) bool { return true })
	}
	if rec == nil {
		rec = record.New(res.Schema, w.d.Name)
	}
	root := &bodyTree{}
	for _, f := range res.Fields {
		if !op.Reads(f) || f.Target == dialect.ToNothing || create && !mustSend(res, f, rec) {
			continue
		}
		wire := w.wire(res, f, rec, create)
		if wire == "" {
			continue
		}
		root.put(strings.Split(f.Path, "."), wire)
		if !create && (f.Group == nil || f.Group.Needs == nil) {
			break
		}
	}
	if len(root.keys) == 0 {
		return ""
	}
	out := root.append(nil)
	for i := len(op.Unwrap) - 1; i >= 0; i-- {
		out = append(append(record.AppendQuote([]byte{'{'}, op.Unwrap[i]), ':'), append(out, '}')...)
	}
	return string(out)
}

// mustSend tells whether a create cannot do without a field, or whether a rule
// would ask for it.
func mustSend(res *dialect.Resource, f *dialect.Field, rec *record.Record) bool {
	if slices.Contains(res.Required, f) {
		return true
	}
	without := rec.Clone()
	f.Set(without, "")
	env := &template.Env{It: without}
	return slices.ContainsFunc(res.Rules, func(r dialect.Rule) bool {
		asks := r.Need == f || r.At == f && r.Check != nil && !r.Check.True(env)
		return asks && r.On != "update" && (r.When == nil || r.When.True(env))
	})
}

// wire is a value to send for a field: the record's own, but another one where
// only one record may hold it.
func (w *sampler) wire(res *dialect.Resource, f *dialect.Field, rec *record.Record, create bool) string {
	if f == res.About && create {
		other := w.pick(res.AboutR, func(about *record.Record) bool {
			return w.pick(res, func(rec *record.Record) bool { return f.Get(rec) == about.Get(record.SlotID) }) == nil
		})
		if other == nil {
			return ""
		}
		return other.Get(record.SlotID)
	}
	text := f.Get(rec)
	if text == "" || text == record.Null {
		return w.invented(res, f)
	}
	claimed := slices.ContainsFunc(res.Unique, func(u dialect.Claim) bool {
		return f.Target == dialect.ToSlot && slices.Contains(u.Over, dialect.Place{Slot: f.Slot}) || f.Target == dialect.ToExt && slices.Contains(u.Over, dialect.Place{Ext: f.Ext})
	})
	if claimed && create && text[0] == '"' && f.Exists == "" {
		return record.Quote("new-" + record.Unquote(text))
	}
	if c, ok := f.Codec.(*dialect.ListCodec); ok && c.Each != nil {
		return sendable(c, text, rec, create)
	}
	return string(f.Codec.Encode(nil, text, rec))
}

// sendable writes the objects of a list with the members that a request may
// have.
func sendable(c *dialect.ListCodec, text string, rec *record.Record, create bool) string {
	dst := []byte{'['}
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		list := jsontext.Members(item)
		for _, f := range c.Each {
			if i := jsontext.FindMember(list, nil, f.Item); i >= 0 && f.In && f.Writable(create) && list[i].Val.Kind != gjson.Null {
				if _, makes := f.Codec.(*dialect.MadeCodec); makes {
					continue // another member says the same
				}
				dst = f.Codec.Encode(jsontext.AppendKey(dst, f.Key), list[i].Val.Raw, rec)
			}
		}
		dst = append(dst, '}')
		return true
	})
	return string(append(dst, ']'))
}

// hookEvents is where an endpoint says what it hears.
var hookEvents = record.Hooks.MustSlot("events")

// invented makes a value of a codec for a field that the fixtures do not have.
func (w *sampler) invented(res *dialect.Resource, f *dialect.Field) string {
	if f.Need == dialect.NeedNever {
		return ""
	}
	if other := w.d.Resources[f.Exists]; other != nil {
		if rec := w.pick(other, func(*record.Record) bool { return true }); rec != nil {
			return rec.Get(record.SlotID)
		}
	}
	if c, ok := f.Codec.(*dialect.ListCodec); ok && c.Of != nil {
		if res.Schema == record.Hooks && f.Target == dialect.ToSlot && f.Slot == hookEvents && len(w.d.Events) > 0 {
			return "[" + record.Quote(w.d.Events[0].Name) + "]"
		}
		if of, ok := c.Of.Codec.(codec.Sampler); ok {
			return "[" + of.Sample() + "]"
		}
	}
	if c, ok := f.Codec.(codec.Sampler); ok {
		return c.Sample()
	}
	return ""
}

// bodyTree is a body in the making.
type bodyTree struct {
	keys []string
	kids map[string]*bodyTree
	wire string
}

func (b *bodyTree) put(path []string, wire string) {
	for _, name := range path {
		kid := b.kids[name]
		if kid == nil {
			kid = &bodyTree{}
			if b.kids == nil {
				b.kids = map[string]*bodyTree{}
			}
			b.kids[name] = kid
			b.keys = append(b.keys, name)
		}
		b = kid
	}
	b.wire = wire
}

func (b *bodyTree) append(dst []byte) []byte {
	if b.wire != "" {
		return append(dst, b.wire...)
	}
	dst = append(dst, '{')
	for i, k := range b.keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = b.kids[k].append(append(record.AppendQuote(dst, k), ':'))
	}
	return append(dst, '}')
}
