package routes_test

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/internal/exchanges"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/signing"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/webhook"
)

// aSecret is what every receiver of a golden exchange was registered with.
const aSecret = "whsec_of_every_golden_exchange"

// stream is what the ids of events and deliveries are drawn from, apart from
// all others.
func stream(name string) io.Reader {
	return rand.NewChaCha8([32]byte([]byte("the " + name + " of every golden exchange" + strings.Repeat(" ", 32))[:32]))
}

// hear makes the sandboxes of a world, so that deliveries come to it.
func (w *world) hear(o *routes.Options) {
	sent := dispatch.New(dispatch.Options{Set: func() *dialect.Set { return o.Set }, Sender: w, Wall: o.Real, Random: stream("deliveries"), Log: slog.New(slog.DiscardHandler)})
	w.tb.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		sent.Drain(ctx)
	})
	worlds, err := sandbox.New(sandbox.Options{Engine: o.Engine, Rows: routes.Rows(o.Set, o.Fixtures, o.Shared), Real: o.Real, Post: sent.Post})
	if err != nil {
		w.tb.Fatal(err)
	}
	o.Sandboxes, o.Told = worlds, stream("events")
}

func (w *world) outbox() *webhook.Outbox { return w.Sandboxes().Peek(sandbox.Default).Post.Outbox() }

// Send is every receiver.
func (w *world) Send(_ context.Context, r signing.Request) webhook.Result {
	w.mu.Lock()
	defer w.mu.Unlock()
	l := w.names[r.URL]
	status := http.StatusOK
	if len(l.Answers) > 0 {
		status, l.Answers = l.Answers[0], l.Answers[1:]
		w.names[r.URL] = l
	}
	if status == 0 {
		return webhook.Result{Err: errors.New("connection refused")}
	}
	return webhook.Result{Status: status, Header: http.Header{}}
}

// Listen registers a receiver as the control API does.
func (w *world) Listen(l exchanges.Listener) error {
	url := "http://" + l.Name
	w.mu.Lock()
	w.names[url] = l
	w.mu.Unlock()
	rec := record.New(record.Hooks, w.dialect)
	status := record.Active
	if l.Off {
		status = record.Inactive
	}
	events, err := json.Marshal(append([]string{}, l.Events...))
	if err != nil {
		return err
	}
	rec.Set(record.SlotID, record.Quote(l.Name))
	rec.Set(record.SlotStatus, record.Quote(status))
	rec.Set(record.SlotCreated, record.FormatTime(w.now()))
	rec.Set(record.Hooks.MustSlot("url"), record.Quote(url))
	rec.Set(record.Hooks.MustSlot("secret"), record.Quote(aSecret))
	rec.Set(record.Hooks.MustSlot("events"), string(events))
	row := dialect.NewRow(nil, rec)
	row.Key, row.Scope = dispatch.ControlKey(l.Name), dispatch.Control
	return w.Sandboxes().Peek(sandbox.Default).DB.Commit(w.tb.Context(), store.Batch{Put: []*store.Row{row}})
}

// Heard is the attempts since it was last asked, by when they fell due.
func (w *world) Heard() ([]exchanges.Heard, error) {
	if _, err := w.outbox().Advance(w.tb.Context(), func() {}); err != nil {
		return nil, err
	}
	type attempt struct {
		exchanges.Heard
		at  time.Time
		seq uint64
	}
	var list []attempt
	for _, d := range w.outbox().List(webhook.Filter{}) {
		for _, a := range d.Attempts[w.told[d.ID]:] {
			list = append(list, attempt{exchanges.Heard{To: strings.TrimPrefix(d.URL, "http://"), Header: a.Request.Header, Body: a.Request.Body}, a.At, d.Seq})
		}
		w.told[d.ID] = len(d.Attempts)
	}
	slices.SortStableFunc(list, func(a, b attempt) int { return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.seq, b.seq)) })
	out := make([]exchanges.Heard, len(list))
	for i, a := range list {
		out[i] = a.Heard
	}
	return out, nil
}
