package dialect

import (
	"slices"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/signing"
)

// Event is something that a dialect tells of.
type Event struct {
	Name     string               // the provider's
	On       []string             // the changes that it tells of, such as link.created
	Resource *Resource            // what changes
	Above    bool                 // it is about the record above that
	When     *template.Expression // nil is always
	Body     *template.Document
	Line     int
}

// Webhooks says how a dialect delivers its events.
type Webhooks struct {
	Style       *signing.Style
	IDs         *ids.Spec // of events
	DeliveryIDs *ids.Spec
	Line        int
}

// Subject is what the record is that the event is about.
func (ev *Event) Subject() *Resource {
	if ev.Above {
		return ev.Resource.Parent
	}
	return ev.Resource
}

// Tells tells whether the event is about a change of a kind of record, by the
// change's canonical name.
func (ev *Event) Tells(change string) bool { return slices.Contains(ev.On, change) }

// Holds tells whether there is something to tell of e.It and e.Old.
func (ev *Event) Holds(e *Env) bool { return ev.When == nil || ev.When.True(&e.Env) }

// AppendBody writes what receivers are sent of e.It, with e.Event named. e.Old
// is the record before, where the event tells of an update.
func (ev *Event) AppendBody(dst []byte, e *Env) []byte {
	res := ev.Subject()
	e.Item = res.Encode(e.Item[:0], e)
	if e.Old != nil {
		e.Event.Previous = func(item []byte) string { return string(res.previous(item, e)) }
	}
	dst, _ = ev.Body.Append(dst, &e.Env)
	return dst
}

// previous is the members of an item that were others before, as they were.
// Those that tell when the record was changed are left out.
func (res *Resource) previous(item []byte, e *Env) []byte {
	was := *e
	was.It, was.Item = e.Old, nil
	old := gjson.ParseBytes(res.Encode(nil, &was))
	now := gjson.ParseBytes(item)
	out := []byte{'{'}
	old.ForEach(func(key, value gjson.Result) bool {
		f := res.Field(key.Str)
		if f != nil && f.Target == ToSlot && f.Slot == record.SlotUpdated || now.Get(gjson.Escape(key.Str)).Raw == value.Raw {
			return true
		}
		out = jsontext.AppendKey(out, append(record.AppendQuote(nil, key.Str), ':'))
		out = append(out, value.Raw...)
		return true
	})
	now.ForEach(func(key, _ gjson.Result) bool {
		if !old.Get(gjson.Escape(key.Str)).Exists() {
			out = append(jsontext.AppendKey(out, append(record.AppendQuote(nil, key.Str), ':')), record.Null...)
		}
		return true
	})
	return append(out, '}')
}

// Event returns an event by the provider's name, or nil.
func (d *Dialect) Event(name string) *Event {
	for _, ev := range d.Events {
		if ev.Name == name {
			return ev
		}
	}
	return nil
}

// EventNames lists the provider's names of its events.
func (d *Dialect) EventNames() []string {
	names := make([]string, len(d.Events))
	for i, ev := range d.Events {
		names[i] = ev.Name
	}
	return names
}
