package client

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Event is what a webhook of a dialect tells.
type Event struct {
	ID     string // "" where the body has none
	Name   string
	Change string         // the canonical name of what happened, such as link.completed
	Record *record.Record // nil where the body does not show it
}

// ReadEvent reads the body of a webhook; name is the event's where a header has
// told it. ok is false where it is no event that the dialect documents.
func ReadEvent(d *dialect.Dialect, name string, body []byte) (e Event, ok bool) {
	root, err := jsontext.Parse(body)
	if err != nil || !root.IsObject() {
		return e, false
	}
	for _, ev := range d.Events {
		at := &envelope{ev.Body}
		said := name
		if v, has := variable(at, root, "event.name"); has {
			said = v.Str()
		}
		if said != ev.Name || len(ev.On) == 0 {
			continue
		}
		e = Event{Name: ev.Name, Change: ev.On[0]}
		if v, has := variable(at, root, "event.id"); has && v.Kind == gjson.String {
			e.ID = v.Str()
		}
		if v, has := variable(at, root, "item"); has && v.IsObject() {
			e.Record = Record(ev.Subject(), v)
		}
		return e, true
	}
	return e, false
}
