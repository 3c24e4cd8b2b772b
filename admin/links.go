package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// Canonical is a record as its canonical document.
type Canonical json.RawMessage

// MarshalJSON returns the document as it is.
func (d Canonical) MarshalJSON() ([]byte, error) { return d, nil }

// canonical is a record as it is shown.
func canonical(rec *record.Record, looks *journal.Secrets) Canonical {
	return looks.Stored(document.Of(rec, true))
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
		rec := row.Record
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

// find returns a link.
func (a *API) find(sb *sandbox.Sandbox, reader store.Reader, in LinkID) (*store.Row, error) {
	d, err := a.dialect(in.Dialect)
	if err != nil {
		return nil, err
	}
	row := reader.Get(record.Links.Kind, store.RowKey(d.Name, in.ID))
	if row == nil {
		return nil, notFound("there is no link %q of %s in sandbox %s; GET /__admin/links lists them", cut(clean(in.ID)), d.Name, sb.Name)
	}
	return row, nil
}

// Link returns one canonical link.
func (a *API) Link(ctx context.Context, in LinkID) (Canonical, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return nil, err
	}
	row, err := a.find(sb, sb.DB.Read(ctx), in)
	if err != nil {
		return nil, err
	}
	return canonical(row.Record, a.looks()), nil
}

// CompleteLink does what paying on the hosted page does.
func (a *API) CompleteLink(ctx context.Context, in LinkID) (Canonical, error) {
	return a.pass(ctx, in, ledger.Complete)
}

// FailLink does what a failed payment does.
func (a *API) FailLink(ctx context.Context, in LinkID) (Canonical, error) {
	return a.pass(ctx, in, ledger.Fail)
}

// CancelLink does what cancelling on the hosted page does.
func (a *API) CancelLink(ctx context.Context, in LinkID) (Canonical, error) {
	return a.pass(ctx, in, ledger.Cancel)
}

// ExpireLink lets the time of a link come now.
func (a *API) ExpireLink(ctx context.Context, in LinkID) (Canonical, error) {
	return a.pass(ctx, in, ledger.Expire)
}

// pass does what a button of the hosted page does.
func (a *API) pass(ctx context.Context, in LinkID, kind ledger.Kind) (Canonical, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return nil, err
	}
	turns, err := a.turns(ctx, sb, in, kind)
	if err != nil {
		return nil, err
	}
	var doc Canonical
	for _, turn := range turns {
		for doc, err = a.tryPass(ctx, sb, in, turn); errors.Is(err, store.ErrConflict) && ctx.Err() == nil; {
			doc, err = a.tryPass(ctx, sb, in, turn)
		}
		if err != nil {
			return nil, err
		}
		hold(ctx, sb, in.Dialect, turn.Kind.Event(record.Links.Kind))
	}
	return doc, nil
}

// tryPass does it once, on the newest state.
func (a *API) tryPass(ctx context.Context, sb *sandbox.Sandbox, in LinkID, turn ledger.Turn) (Canonical, error) {
	v := ledger.Open(ctx, sb.DB)
	row, err := a.find(sb, v, in)
	if err != nil {
		return nil, err
	}
	l := a.ledger(ctx)
	changes, err := l.PassTurn(v, row, turn, now(sb))
	if err != nil {
		if e, ok := errors.AsType[*record.Error](err); ok && e.Code == record.CodeState {
			return nil, conflict("%s; choose another with GET /__admin/links?status=active", e.Msg)
		}
		return nil, err
	}
	if err := sb.DB.Commit(ctx, l.Batch(v, nil, changes...)); err != nil {
		return nil, err
	}
	return canonical(changes[0].Final(), a.looks()), nil
}

// keep is a row with another record in it.
func keep(row *store.Row, rec *record.Record) *store.Row {
	next := *row
	next.Record = rec
	return &next
}
