package webhook

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/signing"
)

// call is what the fake receiver saw.
type call struct {
	ID, Sig string // the event's, and that of the body
	Attempt string
	At      time.Time // on the sandbox's clock
	Body    string
	Time    string
}

func (c call) String() string { return c.ID + "#" + c.Attempt }

// bench is an outbox with a sender that answers as a test says.
type bench struct {
	*Outbox
	t      *testing.T
	clock  *clock.Clock
	pool   *Pool
	styles map[string]*signing.Style

	mu      sync.Mutex
	calls   []call
	answer  func(ctx context.Context, r signing.Request) Result
	off     map[string]bool
	changes int
}

var begin = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// Send is the fake receiver.
func (b *bench) Send(ctx context.Context, r signing.Request) Result {
	b.mu.Lock()
	b.calls = append(b.calls, call{ID: r.Header.Get("X-Id"), Sig: r.Header.Get("X-Sig"), Attempt: r.Header.Get("X-Attempt"), At: b.clock.Now(),
		Body: string(r.Body), Time: r.Header.Get("X-Time")})
	answer := b.answer
	b.mu.Unlock()
	return answer(ctx, r)
}

// status answers with a status.
func status(n int) func(context.Context, signing.Request) Result {
	return func(context.Context, signing.Request) Result {
		if n == signing.NoAnswer {
			return Result{Err: errors.New("connection refused")}
		}
		return Result{Status: n, Header: http.Header{}}
	}
}

// setUp makes a bench with a frozen clock. Call it in a bubble of synctest.
func setUp(t *testing.T) *bench {
	b := &bench{t: t, clock: clock.New(nil), answer: status(200), off: map[string]bool{}, styles: map[string]*signing.Style{}}
	b.clock.Set(begin, true)
	b.pool = NewPool(b)
	b.Outbox = b.outbox(Options{})
	t.Cleanup(func() {
		b.Abandon()
		b.pool.Close()
	})
	return b
}

// outbox makes one more on the same clock and pool.
func (b *bench) outbox(o Options) *Outbox {
	n := 0
	o.Pool, o.Clock, o.Wall = b.pool, b.clock, time.Now
	o.NewID = func(string, time.Time) string { n++; return fmt.Sprintf("dlv_%d", n) }
	o.Endpoint = func(_, id string) (Endpoint, bool) {
		b.mu.Lock()
		defer b.mu.Unlock()
		return b.endpoint(id), !b.off[id]
	}
	o.Disable = func(_, id string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.off[id] = true
	}
	o.Changed = func(string) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.changes++
	}
	return New(o)
}

func (b *bench) endpoint(id string) Endpoint {
	s := b.styles[id]
	if s == nil {
		s = b.style(0, 10*time.Second, time.Minute, time.Hour)
	}
	return Endpoint{ID: id, URL: "http://" + id + ".example/", Secrets: []string{"secret-" + id}, Style: s}
}

// style is one with a schedule.
func (b *bench) style(schedule ...time.Duration) *signing.Style {
	s := &signing.Style{Schedule: schedule, RetryAfter: true, Rules: []signing.Rule{{From: 410, To: 410, Verdict: signing.Disable}, {From: 408, To: 408, Verdict: signing.Again}, {From: 429, To: 429, Verdict: signing.Again}, {From: 400, To: 499, Verdict: signing.Stop}},
		Signature: signs(b.t, [][2]string{{"X-Sig", "{signatures}"}, {"X-Time", "{timestamp}"}})}
	for _, h := range [][2]string{{"X-Id", "{id}"}, {"X-Attempt", "{attempt}"}, {"X-Event", "{event}"}} {
		s.Headers = append(s.Headers, signing.Header{Name: h[0], Value: tmpl(b.t, h[1])})
	}
	return s
}

// signs is a signature over time and body.
func signs(t *testing.T, headers [][2]string) *signing.Signature {
	t.Helper()
	text, err := signing.ParseTemplate("{timestamp}.{body}", signing.SignedNames)
	if err != nil {
		t.Fatal(err)
	}
	s := &signing.Signature{Algorithm: signing.HMACSHA256, Text: text}
	for _, h := range headers {
		s.Headers = append(s.Headers, signing.Header{Name: h[0], Value: tmpl(t, h[1])})
	}
	return s
}

// tmpl is a header's value.
func tmpl(t *testing.T, text string) signing.Template {
	t.Helper()
	out, err := signing.ParseTemplate(text, signing.HeaderNames)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// sum is an HMAC-SHA256 in hexadecimal digits.
func sum(key, text string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(text))
	return hex.EncodeToString(mac.Sum(nil))
}

// fire adds an event for an endpoint.
func (b *bench) fire(id, endpoint string, f ...Fault) string {
	p := Planned{Event: b.event(id, b.clock.Now()), Endpoint: b.endpoint(endpoint)}
	if len(f) > 0 {
		p.Fault = f[0]
	}
	return b.Add(p)[0]
}

func (b *bench) event(id string, at time.Time) Event {
	body, _ := json.Marshal(map[string]string{"id": id})
	return Event{ID: id, Dialect: "acme", Name: "link.paid", Record: "lnk_1", At: at, Body: body}
}

// seen is what the receiver saw so far, when all has come to rest.
func (b *bench) seen() []string {
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	out := []string{}
	for _, c := range b.calls {
		out = append(out, c.String())
	}
	return out
}

func (b *bench) advance(by time.Duration) []Effect {
	b.t.Helper()
	got, err := b.Advance(context.Background(), func() { b.clock.Advance(by) })
	if err != nil {
		b.t.Fatal(err)
	}
	return got
}

func (b *bench) get(id string) Delivery {
	b.t.Helper()
	d, ok := b.Get(id)
	if !ok {
		b.t.Fatalf("there is no delivery %s", id)
	}
	return d
}

func (b *bench) say(f func(context.Context, signing.Request) Result) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.answer = f
}

// want compares what was seen.
func (b *bench) want(list string) {
	b.t.Helper()
	if got := strings.Join(b.seen(), " "); got != list {
		b.t.Errorf("the receiver saw %q, want %q", got, list)
	}
}
