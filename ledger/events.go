package ledger

import (
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Events are rows that are written with the change that they tell of, so that
// none is lost and none is invented. A request that is refused makes no batch,
// an answer that is given again none either, and rows that are loaded are no
// change: none of them is told of.

var (
	eventName      = record.Events.MustSlot("name")
	eventRecord    = record.Events.MustSlot("record")
	eventChange    = record.Events.MustSlot("change")
	eventBody      = record.Events.MustSlot("body")
	eventTriggered = record.Events.MustSlot("triggered")
)

// MaxEvents bounds the events that a sandbox keeps; the oldest go first.
const MaxEvents = 1_000

// Event is a row of that kind, as others read it.
type Event struct {
	ID, Dialect, Name, Record, Change string
	Account                           string // whose record it is
	Live                              string // its mode, "" where it has none
	At                                time.Time
	Triggered                         bool
	Body                              string
}

// ReadEvent reads a row of the table of events.
func ReadEvent(row *store.Row) Event {
	rec := row.Record
	e := Event{ID: rec.ID(), Dialect: rec.Dialect, Name: rec.Text(eventName), Record: rec.Text(eventRecord), Change: rec.Text(eventChange),
		Account: rec.Text(record.SlotAccount), Live: rec.Get(record.SlotLive), Triggered: rec.Get(eventTriggered) == "true", Body: rec.Text(eventBody)}
	e.At, _ = rec.Time(record.SlotCreated)
	return e
}

// tell makes the events of a change: those of its own dialect and, where links
// are shared, those of the others that show it.
func (l *Ledger) tell(v View, c *Change, all []*Change) []*store.Row {
	if c.Along || c.Kind == Update && c.After == c.Before {
		return nil
	}
	it := l.own(c, c.subject())
	change := c.Kind.Event(it.Schema.Kind)
	var rows []*store.Row
	for _, d := range l.Set.Dialects {
		if len(d.Events) == 0 {
			continue
		}
		t := teller{l: l, v: v, d: d, c: c, all: all, change: change}
		switch {
		case d.Name == it.Dialect:
		case l.Shared && sharing.Shows(d, it):
			t.guest = true
		default:
			continue
		}
		t.it = t.shown(it)
		if c.Before != nil && c.After != nil {
			t.old = t.shown(l.own(c, c.Before))
		}
		rows = append(rows, t.rows()...)
	}
	return rows
}

// own is a record of a change as its own dialect has it.
func (l *Ledger) own(c *Change, rec *record.Record) *record.Record {
	if !c.foreign() {
		return rec
	}
	rec = rec.Clone()
	rec.Set(record.SlotID, record.Quote(strings.TrimPrefix(c.Row.Key, rec.Dialect+"/")))
	return rec
}

// teller makes the events of a change in one dialect.
type teller struct {
	l       *Ledger
	v       View
	d       *dialect.Dialect
	c       *Change
	all     []*Change // of the batch
	change  string
	guest   bool // the record is another dialect's, which this one shows
	it, old *record.Record
}

// shown is a record as the dialect shows it. That of another dialect is of no
// account here: whose it is there says nothing to anybody here.
func (t *teller) shown(rec *record.Record) *record.Record {
	switch {
	case t.guest:
		return visitor(t.d, rec)
	case t.l.Shared && rec.Schema == record.Links:
		return sharing.Shown(t.d, rec, "") // others may have changed it
	}
	return rec
}

// visitor is another dialect's link as d tells of it.
func visitor(d *dialect.Dialect, rec *record.Record) *record.Record {
	rec = sharing.Shown(d, sharing.View(d, rec), "")
	rec.Set(record.SlotAccount, "")
	return rec
}

func (t *teller) rows() []*store.Row {
	var rows []*store.Row
	for _, ev := range t.d.Events {
		if !ev.Tells(t.change) || ev.Resource.Schema != t.it.Schema {
			continue
		}
		e := t.env(ev)
		if e == nil || !ev.Holds(e) {
			continue
		}
		row := write(t.d, ev, e, t.change, t.eventID(ev), false)
		if t.guest {
			row.Record.Set(record.SlotLive, t.c.subject().Get(record.SlotLive)) // not what is shown where it says none
		}
		rows = append(rows, row)
	}
	return rows
}

// env is what an event can name. It is nil where there is no record above that
// it could be about.
func (t *teller) env(ev *dialect.Event) *dialect.Env {
	base := t.c.Base
	if t.c.Dialect != t.d {
		base = "" // it is another dialect's
	}
	e := t.l.env(t.v, t.d, t.c.At, base)
	e.It, e.Old, e.Bounds = t.it, t.old, t.c.Bounds
	if ev.Resource.Parent != nil {
		e.Parent = t.above(ev)
	}
	if ev.Above {
		if e.Parent == nil {
			return nil
		}
		e.It, e.Old, e.Parent = e.Parent, nil, nil
	}
	e.Account = t.l.account(t.v, e.It)
	return e
}

// above is the record above as it is after the batch.
func (t *teller) above(ev *dialect.Event) *record.Record {
	key := store.RowKey(t.it.Dialect, t.it.Text(record.SlotParent))
	for _, c := range t.all {
		if c.Row != nil && c.Row.Key == key && c.Row.Table == ev.Resource.Parent.Schema.Kind && c.Final() != nil {
			return c.Final()
		}
	}
	if row := t.v.Get(ev.Resource.Parent.Schema.Kind, key); row != nil {
		return row.Record
	}
	return nil
}

// eventID is the id of an event.
func (t *teller) eventID(ev *dialect.Event) string {
	spec := t.d.Webhooks.IDs
	if t.c.By != nil {
		return spec.New(t.c.At, t.l.told())
	}
	return derived(t.v, t.c, record.Events.Kind, t.d.Name, spec, ev.Name)
}

// derived is an id that follows from a change which nobody with a credential
// asked for: the same change on the same rows has the same one, so that time
// draws nothing at random. Two that are alike at one moment have two.
func derived(v View, c *Change, table, d string, spec *ids.Spec, about ...string) string {
	version := uint64(0)
	if c.Row != nil {
		version = c.Row.Version
	}
	parts := append(about, c.operation(), c.dialect(), c.subject().ID(), strconv.FormatUint(version, 10), record.FormatTime(c.At))
	for nth := 1; ; nth++ {
		id := spec.New(c.At, ids.Derived(parts...))
		if v.Get(table, store.RowKey(d, id)) == nil {
			return id
		}
		parts = append(parts, strconv.Itoa(nth))
	}
}

// told is what the ids of events are drawn from.
func (l *Ledger) told() io.Reader {
	if l.Told == nil {
		return ids.Random()
	}
	return l.Told
}

// env is what every event can name.
func (l *Ledger) env(v View, d *dialect.Dialect, at time.Time, base string) *dialect.Env {
	e := &dialect.Env{Random: l.Random}
	e.Now, e.Base = at, base
	if base == "" && l.Base != "" {
		e.Base = l.Base + "/" + d.Name
	}
	e.Find = func(res *dialect.Resource, id string) *record.Record {
		if row := v.Get(res.Schema.Kind, store.RowKey(d.Name, id)); row != nil {
			return row.Record
		}
		return nil
	}
	return e
}

// account is whose record it is, nil where that is not known.
func (l *Ledger) account(v View, rec *record.Record) *record.Record {
	id := rec.Text(record.SlotAccount)
	if id == "" {
		return nil
	}
	if row := v.Get(record.Accounts.Kind, store.RowKey(rec.Dialect, id)); row != nil {
		return row.Record
	}
	return nil
}

// write makes the row of an event about e.It.
func write(d *dialect.Dialect, ev *dialect.Event, e *dialect.Env, change, id string, triggered bool) *store.Row {
	e.Event.ID, e.Event.Name = id, ev.Name
	rec := record.New(record.Events, d.Name)
	rec.Set(record.SlotID, record.Quote(e.Event.ID))
	rec.Set(record.SlotStatus, record.Quote(record.Active))
	rec.Set(record.SlotAccount, e.It.Get(record.SlotAccount))
	rec.Set(record.SlotLive, e.It.Get(record.SlotLive))
	rec.Set(record.SlotCreated, record.FormatTime(e.Now))
	rec.Set(eventName, record.Quote(ev.Name))
	rec.Set(eventRecord, e.It.Get(record.SlotID))
	rec.Set(eventChange, record.Quote(change))
	rec.Set(eventBody, record.Quote(string(lifecycle.AppendEvent(nil, ev, e))))
	if triggered {
		rec.Set(eventTriggered, "true")
	}
	row := dialect.NewRow(nil, rec)
	row.Scope = record.Events.Kind
	return row
}
