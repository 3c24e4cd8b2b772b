package ledger

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

var (
	sessionLink     = record.Sessions.MustSlot("link")
	sessionMode     = record.Sessions.MustSlot("mode")
	sessionAmount   = record.Sessions.MustSlot("amount")
	sessionCurrency = record.Sessions.MustSlot("currency")
	linkMode        = record.Links.MustSlot("mode")
	linkAmount      = record.Links.MustSlot("amount")
	linkCurrency    = record.Links.MustSlot("currency")
	linkItems       = record.Links.MustSlot("items")
)

// Trigger makes the event of a dialect about a record, although nothing has
// happened to it: the record is told of as it would be if it had. id names the
// record; for an event about a session that of its link does, and for one about
// the record above a link that of the link. It returns record.CodeNotFound
// where there is none.
func (l *Ledger) Trigger(v View, d *dialect.Dialect, ev *dialect.Event, id, base string, now time.Time) (store.Batch, Event, error) {
	e := l.env(v, d, now, base)
	if !l.subject(v, d, ev, id, e) {
		return store.Batch{}, Event{}, &record.Error{Code: record.CodeNotFound, Msg: fmt.Sprintf("there is no %s %q that %s could be about", ev.Subject().Noun, id, ev.Name)}
	}
	e.Account = l.account(v, e.It)
	row := write(d, ev, e, ev.On[0], d.Webhooks.IDs.New(now, l.told()), true)
	var b store.Batch
	keepLatest(&b, v, record.Events.Kind, []*store.Row{row}, MaxEvents)
	return b, ReadEvent(row), nil
}

// Heard makes the event of a dialect about a record that an upstream keeps, as
// that has told of it; from names the upstream's dialect and id its event. It
// returns nil where there is nothing to tell, or where it was told already.
func (l *Ledger) Heard(v View, d *dialect.Dialect, ev *dialect.Event, rec *record.Record, change, base string, now time.Time, from, id string) *store.Row {
	own := d.Webhooks.IDs.New(time.Unix(0, 0), ids.Derived("heard", d.Name, from, ev.Name, id))
	if v.Get(record.Events.Kind, store.RowKey(d.Name, own)) != nil {
		return nil
	}
	e := l.env(v, d, now, base)
	if e.It = rec; !ev.Holds(e) {
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
		e.It, _ = lifecycle.Complete(ev.Resource, e)
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
	it := record.New(record.Sessions, link.Dialect)
	if res.IDs != nil {
		it.Set(record.SlotID, record.Quote(res.IDs.New(e.Now, l.told())))
	}
	it.Set(record.SlotStatus, record.Quote("open"))
	it.Set(record.SlotCreated, record.FormatTime(e.Now))
	it.Set(record.SlotExpires, record.FormatTime(e.Now.Add(24*time.Hour)))
	it.Set(record.SlotAccount, link.Get(record.SlotAccount))
	it.Set(record.SlotLive, link.Get(record.SlotLive))
	it.Set(record.SlotMetadata, link.Get(record.SlotMetadata))
	it.Set(sessionLink, link.Get(record.SlotID))
	it.Set(sessionMode, link.Get(linkMode))
	amount, currency := total(link)
	it.Set(sessionAmount, amount)
	it.Set(sessionCurrency, currency)
	return it
}

// total is what a link asks for: its price or, where it has none, that of its
// line items.
func total(link *record.Record) (amount, currency string) {
	amount, currency = link.Get(linkAmount), link.Get(linkCurrency)
	items := gjson.Parse(link.Get(linkItems)).Array()
	if link.Has(linkAmount) || len(items) == 0 {
		return amount, currency
	}
	sum := int64(0)
	for _, item := range items {
		sum += item.Get("unit_amount").Int() * max(1, item.Get("quantity").Int())
	}
	if !link.Has(linkCurrency) {
		currency = items[0].Get("currency").Raw
	}
	return strconv.FormatInt(sum, 10), currency
}
