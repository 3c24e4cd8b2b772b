package proxy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
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
	res := b.From.ResourceFor(got.Record.Schema.Kind)
	if res == nil {
		return 0, nil
	}
	o := &operation{b: b, Call: &backend.Call{Dialect: b.From, Op: &dialect.Op{Resource: res}, Env: &dialect.Env{}, Rows: rows, DB: h.DB}}
	o.Env.Now = h.Now
	rec := o.ours(res, got.Record)
	owned(rows, rec, h.Main)
	batch := store.Batch{Put: o.remembered(rec)}
	v, n := ledger.ViewOf(ctx, h.DB, rows), 0
	for _, ev := range b.From.Events {
		if ev.Above || ev.Resource != res || !ev.Tells(got.Change) {
			continue
		}
		row := b.Ledger.Heard(v, b.From, ev, rec, got.Change, h.Base, h.Now, b.To.Name, got.ID)
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
