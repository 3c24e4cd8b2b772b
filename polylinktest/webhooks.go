package polylinktest

import (
	"io"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/signing"
)

// Delivery is a webhook that arrived.
type Delivery struct {
	ID     string // of the event, as far as a header or nothing but the body says it
	Event  string // what the dialect calls it, where a header says so
	Header http.Header
	Body   []byte
	Err    error // what is wrong with its signature; nil of those that are verified
}

// Receiver is where a dialect's webhooks arrive. It checks each signature the
// way the provider's own verifier does, with a tolerance of five minutes, and
// answers 400 where it is not right.
type Receiver struct {
	C      <-chan Delivery // those that are verified, in the order in which they came; more than 1,000 that nobody takes are lost
	URL    string
	Secret string

	t    testing.TB
	w    *World
	name string // of the dialect

	mu     sync.Mutex
	status int // that it answers with
	all    []Delivery
}

// maxHeard bounds what a receiver keeps.
const maxHeard = 1000

// Webhooks starts a receiver for the webhooks of a dialect in the sandbox, of
// the events that are named or of all. It stops when t ends.
func (w *World) Webhooks(t testing.TB, dialect string, events ...string) *Receiver {
	t.Helper()
	w.server.check(t, dialect)
	c := make(chan Delivery, maxHeard)
	r := &Receiver{C: c, t: t, w: w, name: dialect, status: http.StatusOK}
	style := &signing.Style{}
	if hooks := w.server.set.Dialect(dialect).Webhooks; hooks != nil {
		style = hooks.Style
	}
	r.Secret = secretForm.New(clock.Real(), ids.Random())
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		body, err := io.ReadAll(req.Body)
		if err != nil {
			return // it broke off
		}
		told, err := style.Verify(signing.Received{URL: r.URL, Header: req.Header, Body: body}, []string{r.Secret}, clock.Real(), 5*time.Minute)
		rw.WriteHeader(r.take(c, Delivery{ID: told.ID, Event: told.Event, Header: req.Header, Body: body, Err: err}))
	}))
	t.Cleanup(srv.Close)
	r.URL = srv.URL
	in := map[string]any{"dialect": dialect, "url": r.URL, "secret": r.Secret}
	if len(events) > 0 {
		in["events"] = events
	}
	w.do(http.MethodPost, "/webhooks", in, nil)
	return r
}

// secretForm is a secret that every way of reading one takes.
var secretForm = ids.Spec{Alphabet: "0123456789abcdef", Length: 32}

// take files a delivery, and returns the status of the answer.
func (r *Receiver) take(c chan<- Delivery, d Delivery) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.all) < maxHeard {
		r.all = append(r.all, d)
	}
	if d.Err != nil {
		return http.StatusBadRequest
	}
	if r.status < 300 {
		select {
		case c <- d:
		default:
		}
	}
	return r.status
}

// Answer makes the receiver answer with a status from now on. What it answers
// with 300 or more does not arrive in C.
func (r *Receiver) Answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// Heard returns everything that was sent so far, what is not verified and what
// was answered with an error too.
func (r *Receiver) Heard() []Delivery {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]Delivery(nil), r.all...)
}

// Wait takes the next n verified deliveries, and fails the test where they do
// not come within a time.
func (r *Receiver) Wait(n int, within time.Duration) []Delivery {
	r.t.Helper()
	late := time.NewTimer(within)
	defer late.Stop()
	list := make([]Delivery, 0, n)
	for len(list) < n {
		select {
		case d := <-r.C:
			list = append(list, d)
		case <-late.C:
			r.t.Fatalf("polylinktest: within %s %d of %d webhooks of %s came; %d were sent in all, see GET /__admin/deliveries", within, len(list), n, r.name, len(r.Heard()))
		}
	}
	return list
}

// Trigger fires an event that the dialect documents for a record, although
// nothing happens to it.
func (c *Control) Trigger(dialect, event, id string) {
	c.t.Helper()
	c.do(http.MethodPost, "/events", map[string]string{"dialect": dialect, "event": event, "id": id}, nil)
}
