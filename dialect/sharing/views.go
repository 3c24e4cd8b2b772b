package sharing

import (
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Shown is a View with what d never leaves open: a value that its own links always
// have, and the origin of this one never said, is the dialect's default or the
// plainest one of its kind. What is said in a shape that d has no words for counts
// as not said; that is so with its own links, too, which others may have changed.
// mode is that of the account that looks, "" without one.
func Shown(d *dialect.Dialect, rec *record.Record, mode string) *record.Record {
	res := sharedBy(d)
	if res == nil {
		return rec
	}
	out := rec.Clone()
	for _, f := range res.Fields {
		if !f.Out || f.Source != nil || f.Target != dialect.ToSlot {
			continue
		}
		text := out.Get(f.Slot)
		if text != "" && text != record.Null && !speaks(f, text, out) {
			text = ""
			out.Set(f.Slot, "")
		}
		if (text == "" || text == record.Null) && rec.Dialect != d.Name && leavesOpen(f) && f.Certain(res) {
			out.Set(f.Slot, fill(res, f, out, mode))
		}
	}
	return out
}

// Said takes what Shown made up out of a record that was changed: what the change
// left as it was shown is what the origin says.
func Said(origin, shown, changed *record.Record) {
	for i := range origin.Schema.Slots {
		slot := record.Slot(i)
		if was := shown.Get(slot); was != origin.Get(slot) && changed.Get(slot) == was {
			changed.Set(slot, origin.Get(slot))
		}
	}
}

// speaks tells whether a field can show a text.
func speaks(f *dialect.Field, text string, rec *record.Record) bool {
	if _, list := f.Codec.(*dialect.ListCodec); list {
		return text[0] == '['
	}
	wire := jsontext.ValueOf(string(f.Codec.Encode(nil, text, rec)))
	_, broken := f.Codec.Decode(wire, time.Unix(0, 0))
	return broken == nil || broken.Check != "type"
}

// leavesOpen tells whether a field shows null when it has no value.
func leavesOpen(f *dialect.Field) bool {
	return f.Absent != nil && string(f.Absent.Lit) == record.Null && (f.Default == nil || f.Default.Shown == nil)
}

// fill is the canonical text of a value that every link of a resource has.
func fill(res *dialect.Resource, f *dialect.Field, rec *record.Record, mode string) string {
	switch f.Slot {
	case record.SlotLive:
		if mode != "" {
			return mode
		}
		return "false"
	case record.SlotUpdated:
		return rec.Get(record.SlotCreated)
	}
	for _, a := range res.Start {
		switch {
		case a.Slot != f.Slot || a.Ext != "":
		case a.Make != nil:
			return rec.Get(record.SlotID) // by which the link is found, too
		case a.Doc.Lit != nil:
			return string(a.Doc.Lit)
		}
	}
	text, broken := f.Codec.Decode(jsontext.ValueOf(string(f.Plainest())), time.Unix(0, 0))
	if broken != nil { // bounds are for what clients send
		return string(f.Plainest())
	}
	return text
}
