package proxy

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/record"
)

// Upstream is a real server and what an operator has to get in. It is shared by
// all calls, and outlives a reload.
type Upstream struct {
	Name        string // for people
	Credentials client.Credentials
	Timeout     time.Duration // of one call
	Refuse      bool          // what would lose something is refused

	WebhookSecret string // with which it signs what it tells; "" expects nothing

	client *upstream.Client
	hold   hold
}

// NewUpstream makes an upstream. queue is how many calls may wait for its limit.
func NewUpstream(name string, c *upstream.Client, queue int) *Upstream {
	return &Upstream{Name: name, Timeout: 30 * time.Second, hold: hold{queue: queue}, client: c}
}

// answer is what the upstream has answered.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func (a *answer) ok() bool { return a.status >= 200 && a.status < 300 }

// call sends a request. One that may be repeated is, once, when the connection
// fails.
func (u *Upstream) call(ctx context.Context, d *dialect.Dialect, r *client.Request, again bool) (*answer, error) {
	limited, cancel := context.WithTimeout(ctx, u.Timeout)
	defer cancel()
	if err := u.hold.enter(limited, u.Name); err != nil {
		return nil, u.failed(ctx, err)
	}
	r.Authorize(d, u.Credentials)
	got, err := u.send(limited, r)
	if again && errors.Is(err, upstream.ErrUnreachable) && limited.Err() == nil {
		got, err = u.send(limited, r)
	}
	if err != nil {
		return nil, u.failed(ctx, err)
	}
	if got.status == http.StatusTooManyRequests {
		u.hold.until(retryAfter(got.header))
	}
	return got, nil
}

func (u *Upstream) send(ctx context.Context, r *client.Request) (*answer, error) {
	h := r.Header.Clone()
	h.Set("User-Agent", "polylink")
	q := upstream.Request{Method: r.Method, Path: r.Path, Query: r.Query.Encode(), Header: h}
	if len(r.Body) > 0 {
		q.Body, q.Length = bytes.NewReader(r.Body), int64(len(r.Body))
	}
	resp, err := u.client.Do(ctx, q)
	if err != nil {
		return nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, upstream.MaxBody+1))
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, fmt.Errorf("%w: the answer breaks off: %w", upstream.ErrUnreachable, err)
	}
	got := &answer{resp.StatusCode, resp.Header, body}
	if len(body) <= upstream.MaxBody {
		got.body = upstream.Plain(resp.Header, body, upstream.MaxBody+1)
	}
	if len(got.body) > upstream.MaxBody {
		return nil, u.trouble(http.StatusBadGateway, "answered with more than 8 MiB", got)
	}
	return got, nil
}

// failed tells why a call has no answer. An error never holds the credential:
// it names the upstream, and the cause is for the log.
func (u *Upstream) failed(ctx context.Context, err error) error {
	if up, is := errors.AsType[*backend.UpstreamError](err); is {
		return up
	}
	if ctx.Err() != nil {
		return ctx.Err() // the client has gone
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, upstream.ErrSlow) {
		return &backend.UpstreamError{Status: http.StatusGatewayTimeout, Code: record.CodeInternal, Msg: "The upstream " + u.Name + " did not answer in time", Err: err, Unknown: true}
	}
	return &backend.UpstreamError{Status: http.StatusBadGateway, Code: record.CodeInternal, Msg: "The upstream " + u.Name + " cannot be reached", Err: err, Unknown: !upstream.Unsent(err)}
}

// strange is the error of an answer that is not what the dialect documents.
func (u *Upstream) strange(got *answer) error {
	return u.trouble(http.StatusBadGateway, "answered "+strconv.Itoa(got.status)+" with something that its dialect does not document", got)
}

// trouble is an error that names the upstream, with the beginning of what it
// said.
func (u *Upstream) trouble(status int, what string, got *answer) *backend.UpstreamError {
	return &backend.UpstreamError{Status: status, Code: record.CodeInternal, Msg: "The upstream " + u.Name + " " + what,
		Seen: string(got.body[:min(len(got.body), 512)]), Unknown: got.ok() || got.status >= 500}
}

// retryAfter is how long an answer asks callers to wait; a second where it does
// not say.
func retryAfter(h http.Header) time.Duration {
	text := h.Get("Retry-After")
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return min(time.Duration(n)*time.Second, 24*time.Hour)
	}
	if at, err := http.ParseTime(text); err == nil {
		return min(max(at.Sub(clock.Real()), 0), 24*time.Hour)
	}
	return time.Second
}

// hold keeps calls back while the upstream's limit is used up.
type hold struct {
	queue int

	mu      sync.Mutex
	free    time.Time // when the next call may go
	waiting int
}

// until notes that no call may go for some time.
func (h *hold) until(d time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if at := clock.Real().Add(d); at.After(h.free) {
		h.free = at
	}
}

// enter waits until a call may go, or refuses it where too many wait already.
func (h *hold) enter(ctx context.Context, name string) error {
	h.mu.Lock()
	left := h.free.Sub(clock.Real())
	if left <= 0 {
		h.mu.Unlock()
		return nil
	}
	if deadline, ok := ctx.Deadline(); h.waiting >= h.queue || ok && deadline.Before(h.free) {
		h.mu.Unlock()
		return limited(name, left)
	}
	h.waiting++
	h.mu.Unlock()
	defer func() {
		h.mu.Lock()
		h.waiting--
		h.mu.Unlock()
	}()
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// limited is the refusal of a call that the upstream's limit has no room for.
func limited(name string, left time.Duration) error {
	return &backend.UpstreamError{Status: http.StatusTooManyRequests, Code: record.CodeRateLimited, Msg: "The limit of the upstream " + name + " is used up", Retry: max(left, time.Second)}
}
