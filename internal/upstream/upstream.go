// Package upstream calls a real service: one client for each, with bounds on
// everything that it could make us wait for or hold.
//
// It is used by what passes requests on as they are and by what speaks to a
// provider in its own dialect. It promises that nothing but the configured URL
// is called, that certificates are checked, redirects and proxy variables are
// not followed, headers of one connection stay there, and that a caller who
// leaves ends the call. It retries nothing and knows no dialect. Start with
// New, then Client.Do.
package upstream

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
)

// Why a call has no answer.
var (
	ErrUnreachable = errors.New("the upstream is not reachable")
	ErrSlow        = errors.New("the upstream does not answer in time")
)

// MaxBody is how much of an answer is read at once, where it is needed whole.
const MaxBody = 8 << 20

// Options is what a Client is made of.
type Options struct {
	URL       string            // scheme, host and the path in front of the provider's own
	Timeout   time.Duration     // until the answer begins, and between parts of it
	Transport http.RoundTripper // nil makes one
}

// Client calls one upstream. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	timeout time.Duration
	rt      http.RoundTripper
}

// New makes a Client. The URL is an absolute one.
func New(o Options) (*Client, error) {
	base, err := url.Parse(o.URL)
	if err != nil || base.Host == "" {
		return nil, errors.New("the upstream's URL is not absolute")
	}
	if o.Transport == nil {
		o.Transport = &http.Transport{
			Proxy: nil, DialContext: (&net.Dialer{Timeout: 10 * time.Second, KeepAlive: 30 * time.Second}).DialContext, TLSHandshakeTimeout: 10 * time.Second,
			MaxConnsPerHost: 4096, MaxIdleConns: 256, MaxIdleConnsPerHost: 256, IdleConnTimeout: 90 * time.Second,
			MaxResponseHeaderBytes: 64 << 10, DisableCompression: true, ForceAttemptHTTP2: true,
		}
	}
	return &Client{base, o.Timeout, o.Transport}, nil
}

// Host is where it calls, for messages.
func (c *Client) Host() string { return c.base.Host }

// Request is what is sent. Path is escaped, and Header is the caller's to give
// away.
type Request struct {
	Method, Path, Query string
	Header              http.Header
	Body                io.Reader
	Length              int64 // of the body, -1 where it is not known
}

// Do sends a request and returns the beginning of the answer; its Body is to be
// closed. The error is ErrUnreachable, ErrSlow, or the context's.
func (c *Client) Do(ctx context.Context, q Request) (*http.Response, error) {
	u := *c.base
	u.RawPath = c.base.EscapedPath() + q.Path
	plain, err := url.PathUnescape(u.RawPath)
	if err != nil {
		return nil, fmt.Errorf("%w: the path is not one", ErrUnreachable)
	}
	u.Path, u.RawQuery = plain, q.Query
	inner, cancel := context.WithCancelCause(ctx)
	r := (&http.Request{Method: q.Method, URL: &u, Host: u.Host, Header: q.Header, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}).WithContext(inner)
	if q.Body != nil && q.Length != 0 {
		r.Body, r.ContentLength = io.NopCloser(q.Body), q.Length
	}
	if _, set := q.Header["User-Agent"]; !set {
		q.Header["User-Agent"] = nil // and not Go's
	}
	timer := time.AfterFunc(c.timeout, func() { cancel(ErrSlow) })
	resp, err := c.rt.RoundTrip(r)
	if err != nil {
		timer.Stop()
		cancel(nil)
		return nil, why(ctx, inner, err)
	}
	StripHop(resp.Header)
	resp.Body = &body{resp.Body, timer, c.timeout, cancel}
	timer.Reset(c.timeout)
	return resp, nil
}

// why tells what kept an answer from coming.
func why(outer, inner context.Context, err error) error {
	var timeout net.Error
	switch {
	case outer.Err() != nil:
		return outer.Err()
	case errors.Is(context.Cause(inner), ErrSlow), errors.As(err, &timeout) && timeout.Timeout():
		return ErrSlow
	}
	return fmt.Errorf("%w: %w", ErrUnreachable, err)
}

// Unsent tells whether an error of Do says that the request has not reached the
// upstream: there was no connection, or its certificate is not right.
func Unsent(err error) bool {
	op, is := errors.AsType[*net.OpError](err)
	if is && op.Op == "dial" {
		return true
	}
	_, refused := errors.AsType[*tls.CertificateVerificationError](err)
	_, plain := errors.AsType[tls.RecordHeaderError](err)
	return refused || plain
}

// body is an answer's: each part of it must come in time.
type body struct {
	io.ReadCloser
	timer   *time.Timer
	timeout time.Duration
	cancel  context.CancelCauseFunc
}

func (b *body) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if err == nil {
		b.timer.Reset(b.timeout)
	}
	return n, err
}

func (b *body) Close() error {
	b.timer.Stop()
	err := b.ReadCloser.Close()
	b.cancel(nil)
	return err
}

// hop are the headers that are about one connection.
var hop = []string{"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// StripHop takes the headers of one connection out.
func StripHop(h http.Header) {
	for _, list := range h["Connection"] {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				h.Del(name)
			}
		}
	}
	for _, name := range hop {
		delete(h, name)
	}
}

// Plain is a body without its compression, up to most bytes; one that cannot be
// read is returned as it is.
func Plain(h http.Header, data []byte, most int64) []byte {
	if !strings.EqualFold(h.Get("Content-Encoding"), "gzip") {
		return data
	}
	z, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return data
	}
	out, err := io.ReadAll(io.LimitReader(z, most))
	if err != nil && len(out) == 0 {
		return data
	}
	return out
}

// Deadlines lets a handler wait for as long as the upstream may take: those of
// the listener would otherwise end it.
func Deadlines(w http.ResponseWriter, most time.Duration) {
	rc := http.NewResponseController(w) // what cannot set deadlines has none
	_ = rc.SetReadDeadline(time.Time{})
	at := time.Time{}
	if most > 0 {
		at = clock.Real().Add(most)
	}
	_ = rc.SetWriteDeadline(at)
}
