package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/visits"
)

// Canonical is a record as its canonical document.
type Canonical json.RawMessage

// MarshalJSON returns the document as it is.
func (d Canonical) MarshalJSON() ([]byte, error) { return d, nil }

// canonical is a link as it is shown: with the address of its page, as whoever
// asks reaches it.
func canonical(ctx context.Context, rec *record.Record, looks *journal.Secrets) Canonical {
	doc := shown(rec, looks)
	return append(append(doc[:len(doc)-1:len(doc)-1], `,"url":`...), string(record.AppendQuote(nil, hosted.Base(ctx, "")+hosted.Path(rec.Dialect, rec.ID())))+"}"...)
}

// shown is a record as it is shown.
func shown(rec *record.Record, looks *journal.Secrets) Canonical {
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
		out.Links = append(out.Links, canonical(ctx, rec, looks))
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
	return canonical(ctx, row.Record, a.looks()), nil
}

// LinkPassage is what a person does about a link.
type LinkPassage struct {
	LinkID
	Outcome string        `json:"outcome,omitempty" doc:"how the payment ends: success, or a failure that the dialect has"`
	Input   *visits.Typed `json:"input,omitempty" doc:"what the person types"`
}

const passageExample = `{"outcome":"success","input":{"email":"ada@shop.example","name":"Ada","phone":"+15550100","quantity":1,"tax_id":"DE123",` +
	`"billing_address":{"line1":"1 Elm St","line2":"","city":"Springfield","state":"IL","postal_code":"62701","country":"US"},` +
	`"shipping_address":{"line1":"1 Elm St","city":"Springfield","country":"US"},"custom":{"KEY":"VALUE"}}}`

// CompleteLink does what paying on the hosted page does, with any outcome that
// can be chosen there.
func (a *API) CompleteLink(ctx context.Context, in LinkPassage) (Canonical, error) {
	return a.pass(ctx, in, ledger.Complete)
}

// FailLink does what a failed payment does.
func (a *API) FailLink(ctx context.Context, in LinkPassage) (Canonical, error) {
	return a.pass(ctx, in, ledger.Fail)
}

// CancelLink does what cancelling on the hosted page does.
func (a *API) CancelLink(ctx context.Context, in LinkPassage) (Canonical, error) {
	return a.pass(ctx, in, ledger.Cancel)
}

// ExpireLink lets the time of a link come now.
func (a *API) ExpireLink(ctx context.Context, in LinkPassage) (Canonical, error) {
	return a.pass(ctx, in, ledger.Expire)
}

// pass does what a button of the hosted page does.
func (a *API) pass(ctx context.Context, in LinkPassage, kind ledger.Kind) (Canonical, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := a.find(sb, sb.DB.Read(ctx), in.LinkID); err != nil {
		return nil, err
	}
	d, err := a.dialect(in.Dialect)
	if err != nil {
		return nil, err
	}
	if kind, in.Outcome, err = ends(d, kind, in.Outcome); err != nil {
		return nil, err
	}
	desk := visits.Desk{Sandboxes: a.o.Sandboxes, Ledger: a.ledger}
	rec, err := desk.Do(ctx, sb, visits.Wish{Dialect: in.Dialect, Link: in.ID, Kind: kind, Outcome: in.Outcome, Typed: in.Input})
	if err != nil {
		if e, ok := errors.AsType[*record.Error](err); ok && e.Code == record.CodeState {
			return nil, conflict("%s; choose another with GET /__admin/links?status=active", e.Msg)
		}
		return nil, err
	}
	return canonical(ctx, rec, a.looks()), nil
}

// ends tells how a passage ends: a payment with an outcome that is a failure
// fails, and one that only has to fail does so with the first failure there is.
func ends(d *dialect.Dialect, kind ledger.Kind, outcome string) (ledger.Kind, string, error) {
	var failures []string
	for _, o := range d.Failures() {
		failures = append(failures, o.Code)
	}
	known := append([]string{dialect.Succeeded}, failures...)
	if kind == ledger.Fail {
		known = failures
	}
	if outcome != "" && !slices.Contains(known, outcome) {
		return kind, "", unknown("outcome", clean(outcome), known)
	}
	switch {
	case kind == ledger.Complete && slices.Contains(failures, outcome):
		return ledger.Fail, outcome, nil
	case kind == ledger.Complete:
		return kind, dialect.Succeeded, nil
	case kind == ledger.Fail && outcome == "":
		return kind, failures[0], nil
	case kind == ledger.Fail:
		return kind, outcome, nil
	}
	return kind, "", nil
}

// keep is a row with another record in it.
func keep(row *store.Row, rec *record.Record) *store.Row {
	next := *row
	next.Record = rec
	return &next
}
