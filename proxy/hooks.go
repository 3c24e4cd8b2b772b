package proxy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/signing"
	"github.com/polylink-dev/polylink/store"
)

var _ backend.Receiver = (*Backend)(nil)

// tolerance is how old a webhook may be that says its time.
const tolerance = 5 * time.Minute

// Receive implements backend.Receiver.
func (b *Backend) Receive(ctx context.Context, h backend.Hook) (int, error) {
	if b.To.Webhooks == nil || len(b.To.Events) == 0 || b.Upstream.WebhookSecret == "" {
		return 0, &record.Error{Code: record.CodeNotFound, Msg: "No webhooks are expected of " + b.Upstream.Name + "; upstreams." + b.From.Name + ".webhook_secret says how they are signed"}
	}
	told, err := b.To.Webhooks.Style.Verify(signing.Received{URL: h.URL, Header: h.Header, Body: h.Body}, []string{b.Upstream.WebhookSecret}, clock.Real(), tolerance)
	if err != nil {
		return 0, &record.Error{Code: record.CodeUnauthorized, Msg: "The webhook is not signed as " + b.Upstream.Name + " signs", Err: err}
	}
	got, ok := client.ReadEvent(b.To, told.Event, h.Body)
	if !ok {
		return 0, &record.Error{Code: record.CodeInvalid, Msg: "The webhook is no event that the dialect " + b.To.Name + " documents"}
	}
	if got.Record == nil {
		return 0, nil // it says no more than that something has happened
	}
	if told.ID != "" {
		got.ID = told.ID
	}
	if got.ID == "" {
		sum := sha256.Sum256(h.Body)
		got.ID = hex.EncodeToString(sum[:])
	}
	return b.tell(ctx, h, got)
}

// tell writes an event of the upstream's as those of our dialect.
func (b *Backend) tell(ctx context.Context, h backend.Hook, got client.Event) (int, error) {
	rows := h.DB.Read(ctx)
	if err := rows.Err(); err != nil {
		return 0, err
	}
	if got.Change == sessionCompleted && !b.tells(record.Sessions, got.Change) && b.tells(record.Links, linkCompleted) {
		var err error
		if got, err = b.paid(ctx, got); err != nil || got.Record == nil {
			return 0, err
		}
	}
	res := b.From.ResourceFor(got.Record.Schema.Kind)
	if res == nil {
		return 0, nil
	}
	o := &operation{b: b, Call: &backend.Call{Dialect: b.From, Op: &dialect.Op{Resource: res}, Env: &dialect.Env{}, Rows: rows, DB: h.DB}}
	o.Env.Now = h.Now
	rec := o.ours(res, got.Record)
	owned(rows, rec, h.Main)
	batch := store.Batch{Put: o.remembered(rec)}
	v, n, about, change := ledger.ViewOf(ctx, h.DB, rows), 0, res, got.Change
	if change == linkCompleted && !b.tells(record.Links, change) && b.tells(record.Sessions, sessionCompleted) {
		about, change = b.From.ResourceFor(record.Sessions.Kind), sessionCompleted
	}
	for _, ev := range b.From.Events {
		if ev.Above || ev.Resource != about || !ev.Tells(change) {
			continue
		}
		row := b.Ledger.Heard(v, b.From, ev, rec, change, h.Base, h.Now, b.To.Name, got.ID)
		if row != nil {
			n++
			batch.Put = append(batch.Put, row)
		}
	}
	if n == 0 {
		return 0, nil
	}
	return n, h.DB.Commit(ctx, batch)
}

// That a session is completed is that its link is paid, in dialects that tell of
// links alone, and the other way round.
const sessionCompleted, linkCompleted = "session.completed", "link.completed"

// tells tells whether our dialect has an event for a change of a kind of record.
func (b *Backend) tells(kind *record.Schema, change string) bool {
	return slices.ContainsFunc(b.From.Events, func(ev *dialect.Event) bool {
		return !ev.Above && ev.Resource.Schema == kind && ev.Tells(change)
	})
}

// paid is the event of a completed session as that of its link, which the
// upstream is asked for; without a record where it has none.
func (b *Backend) paid(ctx context.Context, got client.Event) (client.Event, error) {
	link := b.From.ResourceFor(record.Links.Kind)
	op, id := b.get(&dialect.Op{Resource: link, Owner: b.From}), got.Record.Text(sessionLink)
	if got.Record = nil; op == nil || id == "" {
		return got, nil
	}
	said, err := b.Upstream.call(ctx, b.To, client.New(op, map[string]string{lastVar(op): id}), true)
	if err != nil {
		return got, err
	}
	switch rec, ok := client.Item(op, said.body); {
	case said.status == http.StatusNotFound:
		return got, nil
	case !said.ok() || !ok || rec == nil:
		return got, b.Upstream.strange(said)
	default:
		got.Record, got.Change = rec, linkCompleted
	}
	return got, nil
}

// owned gives a record that an upstream tells of to the account that made its
// link through us, and else to the one whose credential the dialect's clients
// have.
func owned(rows store.Reader, rec, main *record.Record) {
	id := rec.ID()
	if rec.Schema == record.Sessions {
		id = rec.Text(sessionLink)
	}
	from := main
	if row := rows.Get(record.Aliases.Kind, store.RowKey(rec.Dialect, id)); row != nil && row.Record.Has(record.SlotAccount) {
		from = row.Record
	}
	if from == nil {
		return
	}
	rec.Set(record.SlotAccount, from.Get(record.SlotAccount))
	if from != main || !rec.Has(record.SlotLive) {
		rec.Set(record.SlotLive, from.Get(record.SlotLive))
	}
}

var sessionLink = record.Sessions.MustSlot("link")
