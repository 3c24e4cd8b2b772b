package ledger

import (
	"fmt"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/checkout"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

var (
	sessionLink     = record.Sessions.MustSlot("link")
	sessionAmount   = record.Sessions.MustSlot("amount")
	sessionCurrency = record.Sessions.MustSlot("currency")
	sessionPayment  = record.Sessions.MustSlot("transaction")
	paymentAmount   = record.Transactions.MustSlot("amount")
	paymentCurrency = record.Transactions.MustSlot("currency")
)

// Trigger makes the event of a dialect about a record, although nothing has
// happened to it: the record is told of as it would be if it had. id names the
// record; for an event about a session or a payment that of its link does, and for one about
// the record above a link that of the link. It returns record.CodeNotFound
// where there is none.
func (l *Ledger) Trigger(v View, d *dialect.Dialect, ev *dialect.Event, id, base string, now time.Time) (store.Batch, Event, error) {
	e := l.env(v, d, now, base)
	if !l.subject(v, d, ev, id, e) {
		return store.Batch{}, Event{}, &record.Error{Code: record.CodeNotFound, Msg: fmt.Sprintf("there is no %s %q that %s could be about", ev.Subject().Noun, id, ev.Name)}
	}
	e.Account = l.account(v, e.It)
	e.Bounds = new(dialect.Bounds)
	row := write(d, ev, e, ev.On[0], d.Webhooks.IDs.New(now, l.told()), true)
	if err := e.Bounds.Err(); err != nil {
		return store.Batch{}, Event{}, err
	}
	var b store.Batch
	keepLatest(&b, v, record.Events.Kind, []*store.Row{row}, MaxEvents)
	return b, ReadEvent(row), nil
}

// Heard makes the event of a dialect about a record that an upstream keeps, as
// that has told of it; from names the upstream's dialect and id its event. Of a
// link that was paid, an event about sessions tells as of one that a visit made. It
// returns nil where there is nothing to tell, or where it was told already.
func (l *Ledger) Heard(v View, d *dialect.Dialect, ev *dialect.Event, rec *record.Record, change, base string, now time.Time, from, id string) *store.Row {
	own := d.Webhooks.IDs.New(time.Unix(0, 0), ids.Derived("heard", d.Name, from, ev.Name, id))
	if v.Get(record.Events.Kind, store.RowKey(d.Name, own)) != nil {
		return nil
	}
	e := l.env(v, d, now, base)
	if e.It = rec; ev.Resource.Schema == record.Sessions && rec.Schema == record.Links {
		e.Old = l.session(v, ev.Resource, rec, e)
		e.It = e.Old
		e.It, _ = lifecycle.Complete(ev.Resource, e)
	}
	if !ev.Holds(e) {
		return nil
	}
	e.Account = l.account(v, rec)
	return write(d, ev, e, change, own, false)
}

// subject finds what an event is about, and makes of it what the event tells.
func (l *Ledger) subject(v View, d *dialect.Dialect, ev *dialect.Event, id string, e *dialect.Env) bool {
	kind := ev.Resource.Schema.Kind
	get := func(kind, id string) *record.Record {
		if row := v.Get(kind, store.RowKey(d.Name, id)); row != nil {
			return row.Record
		}
		if kind == record.Links.Kind && l.Shared {
			return l.guest(v, d, id)
		}
		return nil
	}
	e.It = get(kind, id)
	if e.It == nil && ev.Resource.Schema == record.Sessions {
		e.It = l.session(v, ev.Resource, get(record.Links.Kind, id), e)
	}
	if e.It == nil && ev.Resource.Schema == record.Transactions {
		e.It = l.payment(v, d, ev.Resource, get(record.Links.Kind, id), e)
	}
	if ev.Above {
		above := ev.Resource.Parent.Schema.Kind
		if e.It != nil {
			id = e.It.Text(record.SlotParent)
		}
		e.It = get(above, id)
		return e.It != nil
	}
	if e.It == nil {
		return false
	}
	if ev.Resource.Parent != nil {
		e.Parent = get(ev.Resource.Parent.Schema.Kind, e.It.Text(record.SlotParent))
	}
	was := e.It
	switch _, past, _ := strings.Cut(ev.On[0], "."); past {
	case Complete.Past():
		if e.It, _ = lifecycle.Complete(ev.Resource, e); e.It.Schema == record.Transactions {
			e.It.Set(record.SlotStatus, record.Quote(record.Completed)) // as the result of a payment says
		}
	case Expire.Past():
		if lifecycle.End(ev.Resource, e) == nil {
			e.It = was // it is over already
		}
	case Create.Past():
		return true
	}
	e.Old = was
	return true
}

// guest is another dialect's link as d tells of it, by the id that it has there;
// nil where there is none.
func (l *Ledger) guest(v View, d *dialect.Dialect, id string) *record.Record {
	alias := v.Get(record.Aliases.Kind, store.RowKey(d.Name, id))
	if alias == nil {
		return nil
	}
	row := v.Get(record.Links.Kind, sharing.AliasOf(alias))
	if row == nil || !sharing.Shows(d, row.Record) {
		return nil
	}
	return visitor(d, row.Record)
}

// session is the newest session of a link or, where it has none yet, one as a
// visit would make it; nil without a link.
func (l *Ledger) session(v View, res *dialect.Resource, link *record.Record, e *dialect.Env) *record.Record {
	if link == nil {
		return nil
	}
	var newest *store.Row
	for _, row := range v.Scan(record.Sessions.Kind, "", store.Page{Keep: func(r *store.Row) bool {
		return r.Record.Dialect == link.Dialect && r.Record.Text(sessionLink) == link.ID()
	}}) {
		if newest == nil || row.Created > newest.Created || row.Created == newest.Created && row.Seq > newest.Seq {
			newest = row
		}
	}
	if newest != nil {
		return newest.Record
	}
	if res.IDs == nil {
		return nil
	}
	own := *e
	own.Link, own.Random = link, l.told()
	return checkout.Session(res, &own, func(schema *record.Schema, id string) *record.Record {
		if row := v.Get(schema.Kind, store.RowKey(link.Dialect, id)); row != nil {
			return row.Record
		}
		return nil
	})
}

// payment is the payment of a link's newest session or, where nobody has paid
// yet, one as a visit would begin it; nil without a link.
func (l *Ledger) payment(v View, d *dialect.Dialect, res *dialect.Resource, link *record.Record, e *dialect.Env) *record.Record {
	sessions := d.ResourceFor(record.Sessions.Kind)
	if link == nil || sessions == nil || res.IDs == nil {
		return nil
	}
	session := l.session(v, sessions, link, e)
	if session == nil {
		return nil
	}
	if row := v.Get(record.Transactions.Kind, store.RowKey(link.Dialect, session.Text(sessionPayment))); row != nil {
		return row.Record
	}
	own := *e
	own.Link, own.Random = link, l.told()
	return lifecycle.Make(res, &own, func(it *record.Record) {
		it.Set(record.SlotAccount, link.Get(record.SlotAccount))
		it.Set(record.SlotLive, link.Get(record.SlotLive))
		it.Set(paymentAmount, session.Get(sessionAmount))
		it.Set(paymentCurrency, session.Get(sessionCurrency))
	})
}
