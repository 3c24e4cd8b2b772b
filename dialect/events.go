package dialect

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/ids"
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
