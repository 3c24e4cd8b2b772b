package receivers

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/internal/exchanges"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/signing"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/webhook"
)

// Secret is what every receiver was registered with.
const Secret = "whsec_of_every_golden_exchange"

// Receivers are those of one exchange.
type Receivers struct {
	tb      testing.TB
	dialect string
	sent    *dispatch.Dispatcher
	sandbox func() *sandbox.Sandbox

	mu    sync.Mutex
	names map[string]exchanges.Listener // by URL
	told  map[string]int                // attempts of a delivery that were returned
	order map[string][]int              // places of calls, by what was sent
	calls int
}

// New makes the receivers of a dialect, of which there are none yet. wall is
// the time that signatures have, random what the ids of deliveries are drawn
// from, and sb the sandbox that they hear.
func New(tb testing.TB, name string, set *dialect.Set, wall func() time.Time, random io.Reader, sb func() *sandbox.Sandbox) *Receivers {
	r := &Receivers{tb: tb, dialect: name, sandbox: sb, names: map[string]exchanges.Listener{}, told: map[string]int{}, order: map[string][]int{}}
	r.sent = dispatch.New(dispatch.Options{Set: func() *dialect.Set { return set }, Sender: r, Wall: wall, Random: random, Log: slog.New(slog.DiscardHandler)})
	tb.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		r.sent.Drain(ctx)
	})
	return r
}

// Post delivers the events of a sandbox, for sandbox.Options.
func (r *Receivers) Post(sb *sandbox.Sandbox) sandbox.Post { return r.sent.Post(sb) }

func (r *Receivers) outbox() *webhook.Outbox { return r.sandbox().Post.Outbox() }

// Advance moves the clock on, and performs what falls due.
func (r *Receivers) Advance(move func()) {
	if _, err := r.outbox().Advance(r.tb.Context(), move); err != nil {
		r.tb.Error(err)
	}
}

// Send is every receiver.
func (r *Receivers) Send(_ context.Context, req signing.Request) webhook.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls++
	r.order[call(req)] = append(r.order[call(req)], r.calls)
	l := r.names[req.URL]
	status := http.StatusOK
	if len(l.Answers) > 0 {
		status, l.Answers = l.Answers[0], l.Answers[1:]
		r.names[req.URL] = l
	}
	if status == 0 {
		return webhook.Result{Err: errors.New("connection refused")}
	}
	return webhook.Result{Status: status, Header: http.Header{}}
}

// call is what was sent, and where.
func call(req signing.Request) string { return req.URL + "\x00" + string(req.Body) }

// place is when a receiver was called with this, before other calls at the same
// moment.
func (r *Receivers) place(req signing.Request) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.order[call(req)]
	if len(list) == 0 {
		return 0
	}
	r.order[call(req)] = list[1:]
	return list[0]
}

// Listen registers a receiver as the control API does.
func (r *Receivers) Listen(l exchanges.Listener) error {
	url := "http://" + l.Name
	r.mu.Lock()
	r.names[url] = l
	r.mu.Unlock()
	rec := record.New(record.Hooks, r.dialect)
	status := record.Active
	if l.Off {
		status = record.Inactive
	}
	events, err := json.Marshal(append([]string{}, l.Events...))
	if err != nil {
		return err
	}
	sb := r.sandbox()
	rec.Set(record.SlotID, record.Quote(l.Name))
	rec.Set(record.SlotStatus, record.Quote(status))
	rec.Set(record.SlotCreated, record.FormatTime(sb.Clock.Now()))
	rec.Set(record.Hooks.MustSlot("url"), record.Quote(url))
	rec.Set(record.Hooks.MustSlot("secret"), record.Quote(Secret))
	rec.Set(record.Hooks.MustSlot("events"), string(events))
	row := dialect.NewRow(nil, rec)
	row.Key, row.Scope = dispatch.ControlKey(l.Name), dispatch.Control
	return sb.DB.Commit(r.tb.Context(), store.Batch{Put: []*store.Row{row}})
}

// Heard is the attempts since it was last asked, by when they fell due; at one
// moment those of one receiver stand together, in the order of the calls.
func (r *Receivers) Heard() ([]exchanges.Heard, error) {
	if _, err := r.outbox().Advance(r.tb.Context(), func() {}); err != nil {
		return nil, err
	}
	type attempt struct {
		exchanges.Heard
		at    time.Time
		place int
	}
	var list []attempt
	for _, d := range r.outbox().List(webhook.Filter{}) {
		for _, a := range d.Attempts[r.told[d.ID]:] {
			list = append(list, attempt{exchanges.Heard{To: strings.TrimPrefix(d.URL, "http://"), Header: a.Request.Header, Body: a.Request.Body}, a.At, r.place(signing.Request{URL: d.URL, Body: a.Request.Body})})
		}
		r.told[d.ID] = len(d.Attempts)
	}
	slices.SortStableFunc(list, func(a, b attempt) int {
		return cmp.Or(a.at.Compare(b.at), cmp.Compare(a.To, b.To), cmp.Compare(a.place, b.place))
	})
	out := make([]exchanges.Heard, len(list))
	for i, a := range list {
		out[i] = a.Heard
	}
	return out, nil
}
