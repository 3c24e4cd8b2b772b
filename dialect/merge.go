package dialect

import (
	"strconv"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Merge makes the record that a request asks for: e.It, out of e.Old for an
// update or new for a create. Violations that only show against what is there are
// added to in.Problems. Nothing that e.Old holds is changed.
func (op *Op) Merge(in *Input, e *Env) {
	res := op.Resource
	if op.Does == Create {
		e.It = record.New(res.Schema, op.Owner.Name)
	} else {
		e.It = e.Old.Clone()
	}
	for _, g := range in.reset {
		res.within(g, func(f *Field) {
			if f.In && f.Writable(op.Does == Create) {
				f.Set(e.It, "")
			}
		})
	}
	for _, f := range in.set {
		if op.reads(f) {
			op.assign(in, f, e)
		} else if f.Frozen == "same" {
			in.unchanged(f, e)
		}
	}
	if op.Does == Create {
		op.start(e)
	}
	in.bind(e.It)
	op.enrich(in, e)
	for _, v := range op.Assignments {
		v.Apply(e)
	}
	op.defaults(in, e)
	in.settle(e)
	in.sortProblems()
	Stamp(op.Does == Create, e)
}

func (op *Op) assign(in *Input, f *Field, e *Env) {
	switch s := &in.vals[f.Index]; s.state {
	case given:
		text := s.text
		switch c := f.Codec.(type) {
		case codec.Merger:
			var t *codec.Violation
			if text, t = c.Merge(text, f.Get(e.It)); t != nil {
				in.fail(f, in.path(f.Path), t, jsontext.ValueOf(s.text))
				s.state = broken
				return
			}
		case *ListCodec:
			if c.By != nil && e.Old != nil {
				var ok bool
				if text, ok = c.combine(in, f, text, f.Get(e.Old)); !ok {
					s.state = broken
					return
				}
			}
		case codec.Blurred:
			if e.Old != nil && f.shows(f.Get(e.Old), text, e.Old) {
				text = f.Get(e.Old)
			}
		}
		f.Set(e.It, text)
	case cleared:
		f.Set(e.It, record.Null)
	}
}

// shows tells whether two canonical texts look the same on the wire. What a
// client reads and sends back must not lose what the wire does not show: which
// of several states one word stands for, or the fraction of a second.
func (f *Field) shows(old, text string, rec *record.Record) bool {
	if old == "" || old == record.Null || !f.Out {
		return false
	}
	if c, ok := f.Codec.(codec.Blurred); ok {
		return c.Alike(old, text, rec)
	}
	return old == text
}

// unchanged checks that a protected field was sent with the value it has.
func (in *Input) unchanged(f *Field, e *Env) {
	raw := jsontext.ValueOf(in.vals[f.Index].text)
	it := e.It
	e.It = e.Old
	same := f.same(raw, e)
	e.It = it
	if t := f.mistyped(raw, e); !same && t != nil {
		in.fail(f, in.path(f.Path), t, raw)
		return
	}
	if !same {
		in.fail(f, in.path(f.Path), frozenField, raw)
	}
}

// mistyped is the violation of a value that the field could not have at all: of
// another type, or null where there is a value.
func (f *Field) mistyped(raw jsontext.Value, e *Env) *codec.Violation {
	if f.Codec == nil || f.clears(raw) {
		return nil
	}
	if raw.Kind == gjson.Null {
		return f.nullViolation()
	}
	if _, t := f.Decode(raw, e); t != nil && t.Check == "type" {
		return t
	}
	return nil
}

// same tells whether a wire value says what the record e.It holds.
func (f *Field) same(raw jsontext.Value, e *Env) bool {
	have := f.Get(e.It)
	var wire []byte
	if f.Source != nil {
		wire, _ = f.Source.Append(nil, &e.Env)
	} else {
		wire = f.appendValue([]byte("{"), nil, have, &e.Env)[1:]
	}
	if jsontext.Same(raw, jsontext.ValueOf(string(wire))) {
		return true
	}
	if have == "" || have == record.Null {
		return raw.Kind == gjson.Null || f.clears(raw)
	}
	if f.Codec == nil || raw.Kind == gjson.Null {
		return false
	}
	text, t := f.Decode(raw, e)
	if c, ok := f.Codec.(codec.Amount); ok && t == nil {
		text, t = c.Settle(text, e.It)
	}
	return t == nil && text == have
}

// start gives a new record its id and the resource's initial values.
func (op *Op) start(e *Env) {
	res := op.Resource
	if e.It.Get(record.SlotID) == "" {
		e.It.Set(record.SlotID, record.Quote(res.IDs.New(e.Now, e.Random)))
	}
	if e.Account != nil {
		e.It.Set(record.SlotAccount, e.Account.Get(record.SlotID))
	}
	if e.Credential != nil {
		e.It.Set(record.SlotLive, e.Credential.Get(record.SlotLive))
	}
	if e.Parent != nil {
		e.It.Set(record.SlotParent, e.Parent.Get(record.SlotID))
	}
	for _, v := range res.Start {
		if v.Ext != "" || !e.It.Has(v.Slot) { // what was sent comes first
			v.Apply(e)
		}
	}
}

// defaults fills in the fields of a new record that were not sent.
func (op *Op) defaults(in *Input, e *Env) {
	if op.Does != Create {
		return
	}
	// Twice, because a default may be made of one that comes later.
	for range 2 {
		for _, f := range op.Resource.Fields {
			if f.Default == nil || f.Target == ToNothing || in.vals[f.Index].state != unsent || f.Get(e.It) != "" {
				continue
			}
			f.Set(e.It, f.defaultText(e))
		}
	}
}

// settle converts amounts of money once the currency is known. Amounts that
// were not sent keep their wire value when the currency changes.
func (in *Input) settle(e *Env) {
	for _, f := range in.op.Resource.Money {
		c := f.Codec.(codec.Amount)
		s := &in.vals[f.Index]
		text := f.Get(e.It)
		unsaid := s.state == unsent || s.state == echoed
		fromWire := s.state == given || unsaid && e.Old == nil && f.Default != nil && f.Default.Doc == nil && text != ""
		if unsaid && e.Old != nil && text != "" && text != record.Null {
			if text, fromWire = c.Unsettle(text, e.Old, e.It); !fromWire {
				continue
			}
		}
		if !fromWire {
			continue
		}
		minor, t := c.Settle(text, e.It)
		if t != nil {
			in.fail(f, in.path(f.Path), t, jsontext.ValueOf(text))
			s.state = broken
			continue
		}
		f.Set(e.It, minor)
	}
}

// Stamp notes when the record was made or changed, to the millisecond, and
// counts it.
func Stamp(create bool, e *Env) {
	now := record.FormatTime(e.Now.Truncate(time.Millisecond))
	if create {
		if e.It.Get(record.SlotCreated) == "" {
			e.It.Set(record.SlotCreated, now)
		}
	}
	e.It.Set(record.SlotUpdated, now)
	if create && e.It.Has(record.SlotVersion) {
		return // counted from another number
	}
	n, _ := strconv.ParseUint(e.It.Get(record.SlotVersion), 10, 64)
	e.It.Set(record.SlotVersion, strconv.FormatUint(n+1, 10))
}

// Assignment is a slot that an operation or a creation sets by itself.
type Assignment struct {
	Slot record.Slot
	Ext  string
	Doc  *template.Document
	Make func(e *Env) string
}

// Apply sets the slot of e.It.
func (a *Assignment) Apply(e *Env) {
	text := ""
	if a.Make != nil {
		text = a.Make(e)
	} else if out, ok := a.Doc.Append(nil, &e.Env); ok {
		text = a.Doc.Within(string(out), &e.Env)
	}
	// Nothing put in the place of nothing is no change: it stays never set.
	if a.Ext != "" {
		if text != record.Null || e.It.Ext(a.Ext) != "" {
			e.It.SetExt(a.Ext, text)
		}
	} else if text != record.Null || e.It.Get(a.Slot) != "" {
		e.It.Set(a.Slot, text)
	}
}

// Changed tells whether a merge made any difference beyond the stamp.
func Changed(old, it *record.Record) bool {
	for i := range it.Schema.Slots {
		if s := record.Slot(i); s != record.SlotUpdated && s != record.SlotVersion && old.Get(s) != it.Get(s) {
			return true
		}
	}
	same := true
	it.EachExt(func(k, v string) { same = same && old.Ext(k) == v })
	old.EachExt(func(k, v string) { same = same && it.Ext(k) == v })
	return !same
}

// Expire returns the record as it is at a moment: one whose time has come is
// in the state it expires to.
func (res *Resource) Expire(rec *record.Record, now time.Time) *record.Record {
	x := res.Expires
	if x == nil || !x.From[rec.Get(record.SlotStatus)] {
		return rec
	}
	at, ok := rec.Time(x.At)
	if !ok || now.Before(at) {
		return rec
	}
	rec = rec.Clone()
	rec.Set(record.SlotStatus, x.To)
	return rec
}

// Expiry is the one transition that time makes by itself.
type Expiry struct {
	At   record.Slot
	From map[string]bool // canonical texts
	Back string          // the first of them, to which a later date brings back
	To   string
}
