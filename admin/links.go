package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// Canonical is a record as its canonical document.
type Canonical json.RawMessage

// MarshalJSON returns the document as it is.
func (d Canonical) MarshalJSON() ([]byte, error) { return d, nil }

// canonical is a record as it is shown.
func canonical(rec *record.Record, looks *journal.Secrets) Canonical {
	return looks.Stored(dialect.Document(rec, true))
}

// LinkFilter selects links; empty members select all.
type LinkFilter struct {
	Dialect string     `json:"dialect,omitempty" in:"query" doc:"links made in it"`
	Status  LinkStatus `json:"status,omitempty" in:"query" doc:"links in this state, as they are now"`
}

// LinkStatus is a state that a link can be in.
type LinkStatus string

// Words lists the states.
func (LinkStatus) Words() []string {
	return record.Links.Slots[record.SlotStatus].Values
}

// LinkID names a link.
type LinkID struct {
	Dialect string `json:"dialect" in:"path" need:"true" doc:"name of the dialect that made it"`
	ID      string `json:"id" in:"path" need:"true" doc:"of the link"`
}

// LinkList is the links of a sandbox.
type LinkList struct {
	Links []Canonical `json:"links" doc:"newest first"`
	Now   time.Time   `json:"now"`
}

// Links lists canonical links, newest first.
func (a *API) Links(ctx context.Context, in LinkFilter) (LinkList, error) {
	if in.Dialect != "" {
		if err := a.checkDialect(in.Dialect); err != nil {
			return LinkList{}, err
		}
	}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return LinkList{}, err
	}
	at, looks := now(sb), a.looks()
	out := LinkList{[]Canonical{}, at}
	rows := sb.DB.Read(ctx).Scan(record.Links.Kind, "", store.Page{})
	newestFirst(rows)
	for _, row := range rows {
		rec := a.current(row.Record, at)
		if in.Dialect != "" && rec.Dialect != in.Dialect || in.Status != "" && rec.Text(record.SlotStatus) != string(in.Status) {
			continue
		}
		out.Links = append(out.Links, canonical(rec, looks))
	}
	return out, nil
}

// newestFirst orders rows by when they were made.
func newestFirst(rows []*store.Row) {
	slices.SortFunc(rows, func(a, b *store.Row) int {
		return cmp.Or(cmp.Compare(b.Created, a.Created), cmp.Compare(b.Seq, a.Seq))
	})
}

// current is a record as it is at a time.
func (a *API) current(rec *record.Record, at time.Time) *record.Record {
	if d := a.o.Set().Dialect(rec.Dialect); d != nil {
		if res := d.ResourceFor(rec.Schema.Kind); res != nil {
			return res.Expire(rec, at)
		}
	}
	return rec
}

// find returns a link.
func (a *API) find(sb *sandbox.Sandbox, reader store.Reader, in LinkID) (*store.Row, *dialect.Resource, error) {
	d, err := a.dialect(in.Dialect)
	if err != nil {
		return nil, nil, err
	}
	row := reader.Get(record.Links.Kind, store.RowKey(d.Name, in.ID))
	res := d.ResourceFor(record.Links.Kind)
	if row == nil || res == nil {
		return nil, nil, notFound("there is no link %q of %s in sandbox %s; GET /__admin/links lists them", cut(clean(in.ID)), d.Name, sb.Name)
	}
	return row, res, nil
}

// Link returns one canonical link.
func (a *API) Link(ctx context.Context, in LinkID) (Canonical, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return nil, err
	}
	row, _, err := a.find(sb, sb.DB.Read(ctx), in)
	if err != nil {
		return nil, err
	}
	return canonical(a.current(row.Record, now(sb)), a.looks()), nil
}

// CompleteLink does what paying on the hosted page does.
func (a *API) CompleteLink(ctx context.Context, in LinkID) (Canonical, error) {
	return a.act(ctx, in, "complete")
}

// FailLink does what a failed payment does.
func (a *API) FailLink(ctx context.Context, in LinkID) (Canonical, error) {
	return a.act(ctx, in, "fail")
}

// CancelLink does what cancelling on the hosted page does.
func (a *API) CancelLink(ctx context.Context, in LinkID) (Canonical, error) {
	return a.act(ctx, in, "cancel")
}

// ExpireLink lets the time of a link come now.
func (a *API) ExpireLink(ctx context.Context, in LinkID) (Canonical, error) {
	return a.act(ctx, in, "expire")
}

// act does what a button of the hosted page does.
func (a *API) act(ctx context.Context, in LinkID, what string) (Canonical, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return nil, err
	}
	for {
		doc, err := a.try(ctx, sb, in, what)
		if !errors.Is(err, store.ErrConflict) || ctx.Err() != nil {
			return doc, err
		}
	}
}

// try does it once, on the newest state. A payment that fails or is cancelled
// leaves the link as it is.
func (a *API) try(ctx context.Context, sb *sandbox.Sandbox, in LinkID, what string) (Canonical, error) {
	reader := sb.DB.Read(ctx)
	row, res, err := a.find(sb, reader, in)
	if err != nil {
		return nil, err
	}
	e := &dialect.Env{}
	e.Now, e.It = now(sb), a.current(row.Record, now(sb))
	if status := e.It.Text(record.SlotStatus); status != record.Active {
		return nil, conflict("the link is %s, and only an active one can %s; choose another with GET /__admin/links?status=active", status, what)
	}
	b := store.Batch{Expect: []store.Expect{{Table: row.Table, Key: row.Key, Version: row.Version}}}
	it := e.It
	switch what {
	case "complete":
		if dialect.Spent(it) {
			return nil, conflict("the link was completed as often as it may be; raise its limit or choose another")
		}
		it = complete(&b, reader, row, res, e)
	case "expire":
		if it = res.End(e); it == nil {
			return nil, conflict("links of %s do not expire; there is nothing to wait for", row.Record.Dialect)
		}
		b.Put = append(b.Put, keep(row, it))
	}
	if err := sb.DB.Commit(ctx, b); err != nil {
		return nil, err
	}
	return canonical(res.Expire(it, e.Now), a.looks()), nil
}

// complete adds to a batch what completing a link changes: the link, and the
// record above it where that changes, too.
func complete(b *store.Batch, reader store.Reader, row *store.Row, res *dialect.Resource, e *dialect.Env) *record.Record {
	var above *store.Row
	if res.Parent != nil {
		above = reader.Get(res.Parent.Schema.Kind, store.RowKey(row.Record.Dialect, row.Record.Text(record.SlotParent)))
	}
	if above != nil {
		e.Parent = above.Record
	}
	it, parent := res.Complete(e)
	b.Put = append(b.Put, keep(row, it))
	if parent != nil {
		b.Expect = append(b.Expect, store.Expect{Table: above.Table, Key: above.Key, Version: above.Version})
		b.Put = append(b.Put, keep(above, parent))
	}
	return it
}

// keep is a row with another record in it.
func keep(row *store.Row, rec *record.Record) *store.Row {
	next := *row
	next.Record = rec
	return &next
}
