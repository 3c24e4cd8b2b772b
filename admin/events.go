package admin

import (
	"context"
	"errors"
	"time"

	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// EventInfo is something that a dialect has told of.
type EventInfo struct {
	ID        string    `json:"id"`
	At        time.Time `json:"at"`
	Dialect   string    `json:"dialect"`
	Event     string    `json:"event" doc:"what the dialect calls it"`
	Record    string    `json:"record" doc:"id of the record it is about"`
	Triggered bool      `json:"triggered" doc:"it was asked for here, and nothing has happened"`
}

// EventFilter selects events; empty members select all.
type EventFilter struct {
	Dialect string `json:"dialect,omitempty" in:"query" doc:"told of in it"`
	Event   string `json:"event,omitempty" in:"query" doc:"what the dialect calls it, or the change, such as link.created"`
	Record  string `json:"record,omitempty" in:"query" doc:"id of the record it is about"`
}

// EventList is the events of a sandbox.
type EventList struct {
	Events []EventInfo `json:"events" doc:"newest first"`
}

// Events lists what was told of, newest first.
func (a *API) Events(ctx context.Context, in EventFilter) (EventList, error) {
	out := EventList{[]EventInfo{}}
	if in.Dialect != "" {
		if err := a.checkDialect(in.Dialect); err != nil {
			return out, err
		}
	}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return out, err
	}
	rows := sb.DB.Read(ctx)
	for _, row := range rows.Scan(record.Events.Kind, record.Events.Kind, store.Page{}) {
		e := ledger.ReadEvent(row)
		if (in.Dialect == "" || in.Dialect == e.Dialect) && (in.Event == "" || in.Event == e.Name || in.Event == e.Change) && (in.Record == "" || in.Record == e.Record) {
			out.Events = append(out.Events, showEvent(e))
		}
	}
	return out, rows.Err()
}

func showEvent(e ledger.Event) EventInfo {
	return EventInfo{e.ID, e.At, e.Dialect, e.Name, e.Record, e.Triggered}
}

const eventExample = `{"dialect":"…","event":"…","id":"…"}`

// NewEvent says which event to fire, and for which record.
type NewEvent struct {
	Dialect string `json:"dialect" need:"true"`
	Event   string `json:"event" need:"true" doc:"what the dialect calls it"`
	ID      string `json:"id" need:"true" doc:"of the record; of its link, where the event is about a session"`
}

// TriggerEvent tells of something that has not happened.
func (a *API) TriggerEvent(ctx context.Context, in NewEvent) (EventInfo, error) {
	none := EventInfo{}
	if in.Dialect == "" || in.Event == "" || in.ID == "" {
		return none, bad("dialect, event and id are needed; send %s", eventExample)
	}
	if err := a.checkDialect(in.Dialect); err != nil {
		return none, err
	}
	d := a.o.Set().Dialect(in.Dialect)
	ev := d.Event(in.Event)
	switch {
	case len(d.Events) == 0:
		return none, bad("%s tells of nothing, as its file has no events", d.Name)
	case ev == nil:
		return none, unknown("event", in.Event, d.EventNames())
	}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return none, err
	}
	for {
		b, e, err := a.ledger(ctx).Trigger(ledger.Open(ctx, sb.DB), d, ev, in.ID, "", now(sb))
		if why, ok := errors.AsType[*record.Error](err); ok && why.Code == record.CodeNotFound {
			return none, notFound("there is no %s %q in sandbox %s that %s could be about", ev.Subject().Noun, cut(clean(in.ID)), sb.Name, ev.Name)
		}
		if err == nil {
			err = sb.DB.Commit(ctx, b)
		}
		if err == nil {
			return showEvent(e), nil
		}
		if !errors.Is(err, store.ErrConflict) || ctx.Err() != nil {
			return none, err
		}
	}
}
