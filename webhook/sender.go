package webhook

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
	"syscall"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/signing"
)

// Bounds of an exchange with a receiver.
const (
	maxAnswer  = 64 << 10 // bytes of a body that are read
	keptAnswer = 4 << 10  // and those that the log keeps
	maxHeaders = 32 << 10 // bytes of headers that are read
	keptFields = 32       // headers that the log keeps
	keptValue  = 512      // bytes of each
)

// Result is what came of it. Without an answer Status is signing.NoAnswer and Err says
// why; an answer that broke off has both.
type Result struct {
	Status int
	Header http.Header
	Body   []byte // as much as was read
	Err    error  // safe to show
	Took   time.Duration
}

// Sender sends requests, and is safe for concurrent use. It never waits longer
// than a request's timeout.
type Sender interface {
	Send(ctx context.Context, r signing.Request) Result
}

// HTTP is a Sender over the network. Make it with NewHTTP.
type HTTP struct {
	client  *http.Client
	targets *Targets
}

// NewHTTP returns a sender that calls the targets alone; nil is the zero
// Targets.
func NewHTTP(targets *Targets) *HTTP {
	if targets == nil {
		targets = &Targets{}
	}
	h := &HTTP{targets: targets}
	dialer := &net.Dialer{Timeout: signing.MaxTimeout, ControlContext: func(ctx context.Context, _, address string, _ syscall.RawConn) error {
		host, _ := ctx.Value(hostKey{}).(string)
		if err := targets.check(host, address); err != nil {
			return refusal{err}
		}
		return nil
	}}
	h.client = &http.Client{
		Transport: &http.Transport{
			// A connection that waits longer than this is often closed by the
			// other side just as it is used again.
			IdleConnTimeout:        3 * time.Second,
			MaxIdleConns:           512,
			MaxIdleConnsPerHost:    PerHost,
			MaxResponseHeaderBytes: maxHeaders,
			DisableCompression:     true,
			DialContext:            dialer.DialContext,
			TLSHandshakeTimeout:    signing.MaxTimeout,
		},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	return h
}

// Close lets go of connections that wait.
func (h *HTTP) Close() { h.client.CloseIdleConnections() }

type hostKey struct{}

// refusal marks an address that may not be called.
type refusal struct{ error }

// Send posts a request and reads its answer, up to a bound.
func (h *HTTP) Send(ctx context.Context, r signing.Request) (out Result) {
	start := clock.Real()
	defer func() { out.Took = clock.Real().Sub(start) }()
	ctx, cancel := context.WithTimeout(ctx, r.Timeout)
	defer cancel()
	u, err := url.Parse(r.URL)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" {
		return Result{Err: errors.New("the endpoint's URL is no absolute http or https URL")}
	}
	ctx = context.WithValue(ctx, hostKey{}, u.Hostname())
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, r.URL, bytes.NewReader(r.Body))
	if err != nil {
		return Result{Err: errors.New("the endpoint's URL cannot be called")}
	}
	req.Header = r.Header.Clone()
	res, err := h.client.Do(req)
	if err != nil {
		return Result{Err: reason(err, r.Timeout)}
	}
	defer res.Body.Close()
	out = Result{Status: res.StatusCode, Header: res.Header}
	out.Body, err = io.ReadAll(io.LimitReader(res.Body, maxAnswer))
	if err != nil {
		out.Err = errors.New("the answer broke off: " + reason(err, r.Timeout).Error())
	}
	return out
}

// reason tells a failure without the URL, which may hold what is nobody's
// business.
func reason(err error, timeout time.Duration) error {
	var r refusal
	var dns *net.DNSError
	var op *net.OpError
	var timed interface{ Timeout() bool }
	switch {
	case errors.As(err, &r):
		return r.error
	case errors.Is(err, context.Canceled):
		return errors.New("stopped: polylink is shutting down, or the sandbox is gone")
	case errors.Is(err, context.DeadlineExceeded) || errors.Is(err, os.ErrDeadlineExceeded) || errors.As(err, &timed) && timed.Timeout():
		return errors.New("no whole answer within " + timeout.String())
	case errors.As(err, &dns):
		return errors.New("the host " + dns.Name + " cannot be found")
	case errors.Is(err, syscall.ECONNREFUSED):
		return errors.New("connection refused")
	case errors.Is(err, syscall.ECONNRESET):
		return errors.New("connection reset")
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the connection was closed without a whole answer")
	case errors.As(err, &op) && op.Op == "dial":
		return errors.New("no connection: " + op.Err.Error())
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text := err.Error()
	if i := strings.IndexByte(text, '\n'); i >= 0 {
		text = text[:i]
	}
	return errors.New(cut(text, keptValue))
}
