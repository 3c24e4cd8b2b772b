// Package bench measures polylink, and holds what it is measured against.
//
// Baseline is what one would write by hand for a single provider: structs,
// encoding/json, a map behind a lock and net/http's ServeMux, with the same
// checks in the same order and the same answers to the byte, which a test
// holds it to. It has no sandboxes, no journal and no second dialect. The
// benchmarks report the ratio of the two, run turn by turn in one process, so
// that a figure means something on another machine. Start with Baseline, then
// bench_test.go.
package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// bodyCap is the largest body that is taken.
const bodyCap = 1 << 20

// Client is a pair of keys and what it may do.
type Client struct {
	Secret, Account string
	Scopes          map[string]bool // nil is everything
	Revoked         bool
}

// Baseline is the hand-written handler. Its exported fields are set before
// the first request.
type Baseline struct {
	Now     func() time.Time
	Clients map[string]Client            // by key
	Main    string                       // unlisted keys act as this
	Limit   int                          // requests a minute and key
	Known   map[string]map[string]string // wallets, taxes, customers and products: kind, id, account

	mux   http.ServeMux
	pool  sync.Pool
	mu    sync.RWMutex
	links map[string]*stored

	limits  sync.Mutex
	minute  int64
	counted map[string]int
}

// stored is a link and its owner. A stored link is never changed, but
// replaced.
type stored struct {
	account string
	link    Link
	expires time.Time
	due     bool
}

// NewBaseline makes a handler without links.
func NewBaseline() *Baseline {
	b := &Baseline{Now: time.Now, Limit: 100, links: map[string]*stored{}, counted: map[string]int{}}
	b.pool.New = func() any { return new(bytes.Buffer) }
	b.mux.HandleFunc("GET /api/v0/payment-links/{id}", b.get)
	b.mux.HandleFunc("PUT /api/v0/payment-links/{id}", b.put)
	return b
}

// Seed stores a link that is written as the API shows it.
func (b *Baseline) Seed(account string, shown []byte) error {
	s := &stored{account: account}
	if err := json.Unmarshal(shown, &s.link); err != nil {
		return err
	}
	s.settle()
	b.links[s.link.ID] = s
	return nil
}

func (b *Baseline) ServeHTTP(w http.ResponseWriter, r *http.Request) { b.mux.ServeHTTP(w, r) }

func (b *Baseline) get(w http.ResponseWriter, r *http.Request) {
	account, ok := b.admit(w, r, "payment_link:read")
	if !ok {
		return
	}
	if s, ok := b.find(w, r.PathValue("id"), account); ok {
		b.answer(w, http.StatusOK, s.shown(b.Now()))
	}
}

func (b *Baseline) put(w http.ResponseWriter, r *http.Request) {
	body, tooLarge, err := readBody(r)
	account, ok := b.admit(w, r, "payment_link:update")
	if !ok {
		return
	}
	switch {
	case tooLarge:
		w.Header().Set("Connection", "close")
		b.refuse(w, http.StatusRequestEntityTooLarge, "request entity too large")
		return
	case err != nil:
		b.refuse(w, http.StatusBadRequest, "The body is not valid JSON: it ended too early")
		return
	}
	if t, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); len(body) > 0 && (err != nil || t != "application/json") {
		b.refuse(w, http.StatusUnsupportedMediaType, "Send Content-Type: application/json")
		return
	}
	var in update
	if len(body) > 0 {
		if err := json.Unmarshal(body, &in); err != nil {
			b.refuse(w, http.StatusBadRequest, "The body is not valid JSON: "+err.Error())
			return
		}
	}
	for {
		old, ok := b.find(w, r.PathValue("id"), account)
		if !ok {
			return
		}
		next := *old
		faults := in.apply(&next.link, func(kind, id string) bool { return b.Known[kind][id] == account })
		if len(faults) > 0 {
			b.refuse(w, http.StatusBadRequest, faults)
			return
		}
		next.settle()
		if b.replace(old, &next) {
			b.answer(w, http.StatusOK, next.shown(b.Now()))
			return
		}
	}
}

// readBody reads a body up to the cap.
func readBody(r *http.Request) (body []byte, tooLarge bool, err error) {
	if r.ContentLength > bodyCap {
		return nil, true, nil
	}
	if r.ContentLength >= 0 {
		body = make([]byte, r.ContentLength)
		_, err = io.ReadFull(r.Body, body)
		return body, false, err
	}
	body, err = io.ReadAll(io.LimitReader(r.Body, bodyCap+1))
	return body, len(body) > bodyCap, err
}

// admit checks who asks, how often and what for, and tells the account.
func (b *Baseline) admit(w http.ResponseWriter, r *http.Request, scope string) (account string, ok bool) {
	key, secret := r.Header.Get("x-client-key"), r.Header.Get("x-client-secret")
	c, listed := b.Clients[key]
	if !listed {
		c = b.Clients[b.Main]
	}
	if key == "" || secret == "" || listed && (c.Secret != secret || c.Revoked) {
		b.count(w.Header(), key, 0)
		b.refuse(w, http.StatusUnauthorized, "Invalid client credentials")
		return "", false
	}
	if !b.count(w.Header(), key, 1) {
		b.refuse(w, http.StatusTooManyRequests, "Rate limit exceeded")
		return "", false
	}
	if c.Scopes != nil && !c.Scopes[scope] {
		b.refuse(w, http.StatusForbidden, "Insufficient scope for this operation")
		return "", false
	}
	return c.Account, true
}

// count takes n of the key's requests of this minute, none to only look, and
// sets the headers that tell how many are left.
func (b *Baseline) count(h http.Header, key string, n int) bool {
	now := b.Now().Unix()
	minute := now / 60
	b.limits.Lock()
	if minute != b.minute {
		b.minute = minute
		clear(b.counted)
	}
	left := b.Limit - b.counted[key] - n
	if n > 0 && left >= 0 {
		b.counted[key] += n
	}
	b.limits.Unlock()
	reset := (minute + 1) * 60
	h.Set("X-RateLimit-Limit", strconv.Itoa(b.Limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
	h.Set("X-RateLimit-Reset", strconv.FormatInt(reset, 10))
	if left < 0 {
		h.Set("Retry-After", strconv.FormatInt(reset-now, 10))
	}
	return left >= 0
}

// find reads a link that the account owns, or answers why not.
func (b *Baseline) find(w http.ResponseWriter, id, account string) (*stored, bool) {
	b.mu.RLock()
	s := b.links[id]
	b.mu.RUnlock()
	switch {
	case s == nil:
		b.refuse(w, http.StatusNotFound, "Payment link not found")
	case s.account != account:
		b.refuse(w, http.StatusUnauthorized, "Access denied to this payment link")
	default:
		return s, true
	}
	return nil, false
}

// replace stores a link in the place of the one it was made from, unless
// somebody was faster.
func (b *Baseline) replace(old, next *stored) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.links[next.link.ID] != old {
		return false
	}
	b.links[next.link.ID] = next
	return true
}

// failure is the body of a refusal; the message is a text, or the list of all
// faults of the body.
type failure struct {
	StatusCode int    `json:"statusCode"`
	Message    any    `json:"message"`
	Error      string `json:"error"`
}

func (b *Baseline) refuse(w http.ResponseWriter, status int, message any) {
	b.answer(w, status, failure{status, message, http.StatusText(status)})
}

func (b *Baseline) answer(w http.ResponseWriter, status int, v any) {
	buf := b.pool.Get().(*bytes.Buffer)
	defer b.pool.Put(buf)
	buf.Reset()
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	body := bytes.TrimSuffix(buf.Bytes(), []byte("\n"))
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Length", strconv.Itoa(len(body)))
	w.WriteHeader(status)
	_, _ = w.Write(body)
}

// errMoney says that an amount is none.
var errMoney = errors.New("no amount")
