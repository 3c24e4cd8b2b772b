package dialect

import (
	"time"

	"github.com/tidwall/gjson"

	"polylink/link"
)

// Merge makes the record that a request asks for: e.It, out of e.Old for an
// update or new for a create. Faults that only show against what is there are
// added to in.Problems. Nothing that e.Old holds is changed.
func (op *Op) Merge(in *Input, e *Env) {
	res := op.Resource
	if op.Does == Create {
		e.It = link.New(res.Schema, op.dialect.Name)
	} else {
		e.It = e.Old.Clone()
	}
	for _, g := range in.reset {
		res.within(g, func(f *Field) {
			if f.In {
				f.set(e.It, "")
			}
		})
	}
	for _, f := range in.set {
		if f.In && f.writable(op.Does == Create) {
			op.assign(in, f, e)
		} else if f.frozen == "same" {
			in.unchanged(f, e)
		}
	}
	if op.Does == Create {
		op.start(in, e)
	}
	for _, v := range op.assignments {
		v.apply(e)
	}
	in.settle(e)
	in.sortProblems()
	stamp(op.Does == Create, e)
}

func (op *Op) assign(in *Input, f *Field, e *Env) {
	switch s := &in.vals[f.index]; s.state {
	case given:
		text := s.text
		if m, ok := f.codec.(*mapCodec); ok {
			var t *trouble
			if text, t = m.settle(text, f.get(e.It)); t != nil {
				in.fail(f, in.path(f.Path), t, gjson.Result{})
				return
			}
		}
		f.set(e.It, text)
	case cleared:
		f.set(e.It, link.Null)
	}
}

// unchanged checks that a protected field was sent with the value it has.
func (in *Input) unchanged(f *Field, e *Env) {
	raw := gjson.Parse(in.vals[f.index].text)
	have := f.get(e.Old)
	var wire []byte
	if f.target == toNothing {
		wire, _ = f.source.append(nil, e)
	} else if wire = f.appendValue([]byte("{"), nil, have, e); len(wire) > 0 {
		wire = wire[1:]
	}
	if string(wire) == raw.Raw || raw.Type == gjson.String && link.Quote(raw.Str) == string(wire) {
		return
	}
	if f.codec != nil && raw.Type != gjson.Null {
		if text, t := f.codec.decode(raw, e); t == nil && text == have {
			return
		}
	}
	in.fail(f, in.path(f.Path), frozenTrouble, raw)
}

// start gives a new record its id, the resource's initial values and the
// defaults of fields that were not sent.
func (op *Op) start(in *Input, e *Env) {
	res := op.Resource
	e.It.Set(link.SlotID, link.Quote(res.id.New(e.Random)))
	if e.Account != nil {
		e.It.Set(link.SlotAccount, e.Account.Get(link.SlotID))
	}
	if e.Credential != nil {
		e.It.Set(link.SlotLive, e.Credential.Get(link.SlotLive))
	}
	if e.Parent != nil {
		e.It.Set(link.SlotParent, e.Parent.Get(link.SlotID))
	}
	for _, v := range res.start {
		v.apply(e)
	}
	for _, f := range res.Fields {
		if f.dflt == nil || f.target == toNothing || in.vals[f.index].state != unsent || f.get(e.It) != "" {
			continue
		}
		f.set(e.It, f.defaultText(e))
	}
}

// settle converts amounts of money once the currency is known. Amounts that
// were not sent keep their wire value when the currency changes.
func (in *Input) settle(e *Env) {
	for _, f := range in.op.Resource.money {
		c := f.codec.(*moneyCodec)
		s := &in.vals[f.index]
		text := f.get(e.It)
		fromWire := s.state == given || s.state == unsent && e.Old == nil && f.dflt != nil && f.dflt.doc == nil && text != ""
		if s.state == unsent && c.major && e.Old != nil && text != "" && text != link.Null {
			from, to := digitsOf(e.Old.Text(c.currency)), digitsOf(e.It.Text(c.currency))
			if from == to {
				continue
			}
			text, fromWire = string(link.Major(nil, text, from)), true
		}
		if !fromWire {
			continue
		}
		minor, t := c.settle(text, e.It)
		if t != nil {
			in.fail(f, in.path(f.Path), t, gjson.Parse(text))
			continue
		}
		f.set(e.It, minor)
	}
}

// stamp notes when the record was made or changed, to the millisecond.
func stamp(create bool, e *Env) {
	now := link.FormatTime(e.Now.Truncate(time.Millisecond))
	if create {
		if e.It.Get(link.SlotCreated) == "" {
			e.It.Set(link.SlotCreated, now)
		}
	}
	e.It.Set(link.SlotUpdated, now)
}

// assignment is a slot that an operation or a creation sets by itself.
type assignment struct {
	slot link.Slot
	ext  string
	doc  *document
	make func(e *Env) string
}

func (a *assignment) apply(e *Env) {
	text := ""
	if a.make != nil {
		text = a.make(e)
	} else if out, ok := a.doc.append(nil, e); ok {
		text = string(out)
	}
	if a.ext != "" {
		e.It.SetExt(a.ext, text)
	} else {
		e.It.Set(a.slot, text)
	}
}

// Changed tells whether a merge made any difference beyond the time stamp.
func Changed(old, it *link.Record) bool {
	for i := range it.Schema.Slots {
		if s := link.Slot(i); s != link.SlotUpdated && old.Get(s) != it.Get(s) {
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
func (res *Resource) Expire(rec *link.Record, now time.Time) *link.Record {
	x := res.expires
	if x == nil || !x.from[rec.Get(link.SlotStatus)] {
		return rec
	}
	at, ok := rec.Time(x.at)
	if !ok || now.Before(at) {
		return rec
	}
	rec = rec.Clone()
	rec.Set(link.SlotStatus, x.to)
	return rec
}

// expiry is the one transition that time makes by itself.
type expiry struct {
	at   link.Slot
	from map[string]bool // canonical texts
	to   string
}
