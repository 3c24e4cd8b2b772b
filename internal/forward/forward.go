// Package forward is an HTTP(S) forward proxy that answers for some hosts
// itself.
//
// It stands in front of the main address, for clients whose host is fixed: they
// are told to use a proxy, and their requests arrive here as CONNECT or with
// an absolute URL. What is for a host of ours goes to our own handler, through
// TLS with a certificate for that host where the client speaks it. Every other
// host is refused, or tunnelled to where the operator allows that. It promises
// that nothing leaves this process otherwise, and that Close ends what is
// tunnelled. Start with New, then Proxy.ServeHTTP.
package forward

import (
	"context"
	"errors"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/problem"
)

// Options is what a Proxy is made of.
type Options struct {
	Next   http.Handler           // takes what is no proxy's business, and what is for a host of ours
	Ours   func(host string) bool // whether a host, in lower case and without a port, is ours
	Tunnel bool                   // whether other hosts are called; they are refused otherwise
}

// Proxy is the handler of the main address.
type Proxy struct {
	opts   Options
	conns  *queue
	ctx    context.Context // of what is tunnelled
	close  context.CancelFunc
	out    *http.Transport
	places chan struct{} // of tunnels under way
}

const (
	mostTunnels = 1000
	dialTimeout = 10 * time.Second
	idleTimeout = 5 * time.Minute // of a tunnel on which nothing moves
)

// New makes a Proxy. Its Listener is to be served, with TLS and without.
func New(opts Options) *Proxy {
	ctx, cancel := context.WithCancel(context.Background())
	return &Proxy{opts: opts, conns: newQueue(), ctx: ctx, close: cancel, places: make(chan struct{}, mostTunnels),
		out: &http.Transport{Proxy: nil, DialContext: (&net.Dialer{Timeout: dialTimeout}).DialContext, DisableCompression: true,
			ResponseHeaderTimeout: time.Minute, MaxIdleConns: 32, IdleConnTimeout: time.Minute}}
}

// Listener hands out the connections inside CONNECT requests to hosts of ours.
func (p *Proxy) Listener() net.Listener { return p.conns }

// Close ends every tunnel and takes no more connections.
func (p *Proxy) Close() error {
	p.close()
	p.out.CloseIdleConnections()
	return p.conns.Close()
}

// ServeHTTP answers as a proxy where it is asked as one.
func (p *Proxy) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch {
	case r.Method == http.MethodConnect:
		p.connect(w, r)
	case r.URL.Host == "": // asked of ourselves
		p.opts.Next.ServeHTTP(w, r)
	case p.opts.Ours(bare(r.URL.Host)) || here(r):
		stripHop(r.Header)
		p.opts.Next.ServeHTTP(w, r)
	case !p.opts.Tunnel || r.URL.Scheme != "http":
		refuse(w, r.URL.Host)
	default:
		p.pass(w, r)
	}
}

// here tells whether a URL names the very address that the request came to.
func here(r *http.Request) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	host, port, err := net.SplitHostPort(r.URL.Host)
	if err != nil {
		host, port = strings.Trim(r.URL.Host, "[]"), "80"
	}
	ourHost, ourPort, err := net.SplitHostPort(addr.String())
	local := host == "localhost" || strings.HasSuffix(host, ".localhost")
	return err == nil && port == ourPort && (local || host == ourHost)
}

// bare is a host without its port and the dot at its end, in lower case.
func bare(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// refuse says that a host is none of ours.
func refuse(w http.ResponseWriter, host string) {
	problem.Write(w, http.StatusForbidden, problem.New(http.StatusForbidden, "foreign_host", "Not a host of a dialect",
		"This proxy answers for the dialects' hosts and refuses "+shown(host)+"; forward_proxy.others: tunnel in config.yaml lets others through"))
}

// shown is a host as far as a message repeats it.
func shown(host string) string {
	host = jsontext.Shorten(strings.ToValidUTF8(host, "\uFFFD"), 100)
	return `"` + strings.ReplaceAll(host, `"`, "'") + `"`
}

// connect takes over the connection: for a host of ours it goes to the
// Listener, and else to that host.
func (p *Proxy) connect(w http.ResponseWriter, r *http.Request) {
	host := bare(r.Host)
	switch _, port, err := net.SplitHostPort(r.Host); {
	case err != nil || port == "":
		problem.Write(w, http.StatusBadRequest, problem.New(http.StatusBadRequest, "no_port", "No host and port", "CONNECT takes a host and a port, as in CONNECT api.example.com:443"))
	case p.opts.Ours(host):
		if c, ok := p.takeOver(w); ok {
			p.conns.put(&inner{conn: c, host: host})
		}
	case !p.opts.Tunnel:
		refuse(w, r.Host)
	default:
		p.tunnel(w, r)
	}
}

// takeOver answers a CONNECT and takes the connection from the server. A
// client that has sent more already has done so too early, but is understood.
func (p *Proxy) takeOver(w http.ResponseWriter) (conn, bool) {
	raw, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil { // HTTP/2, in which nobody is asked to be a proxy
		problem.Write(w, http.StatusNotImplemented, problem.New(http.StatusNotImplemented, "no_connect", "No CONNECT here", "Use HTTP/1.1 for CONNECT"))
		return conn{}, false
	}
	_ = raw.SetDeadline(time.Time{})
	if _, err := raw.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = raw.Close()
		return conn{}, false
	}
	return conn{raw, buffered.Reader}, true
}

// tunnel carries bytes both ways between the client and a host that is not
// ours, until either ends, nothing moves for long, or the process stops.
func (p *Proxy) tunnel(w http.ResponseWriter, r *http.Request) {
	select {
	case p.places <- struct{}{}:
		defer func() { <-p.places }()
	default:
		problem.Write(w, http.StatusServiceUnavailable, problem.New(http.StatusServiceUnavailable, "too_many_tunnels", "Too many tunnels", "Wait until others have ended"))
		return
	}
	there, err := (&net.Dialer{Timeout: dialTimeout}).DialContext(r.Context(), "tcp", r.Host)
	if err != nil {
		unreachable(w, r.Host)
		return
	}
	defer func() { _ = there.Close() }()
	client, ok := p.takeOver(w)
	if !ok {
		return
	}
	defer func() { _ = client.Close() }()
	defer context.AfterFunc(p.ctx, func() { _, _ = there.Close(), client.Close() })()
	done := make(chan struct{}, 2)
	go func() { carry(there, client); done <- struct{}{} }()
	go func() { carry(client, there); done <- struct{}{} }()
	<-done
	<-done
}

// carry copies until its source ends, and then tells the other side so. Each
// piece puts the end of both off.
func carry(to, from net.Conn) {
	defer func() {
		if half, ok := to.(interface{ CloseWrite() error }); ok {
			_ = half.CloseWrite()
			return
		}
		_ = to.Close()
	}()
	buf := make([]byte, 32<<10)
	for {
		wait(from, to)
		n, err := from.Read(buf)
		if n > 0 {
			if _, err := to.Write(buf[:n]); err != nil {
				_ = from.Close()
				return
			}
		}
		if err != nil {
			if e, ok := errors.AsType[net.Error](err); ok && e.Timeout() {
				_, _ = to.Close(), from.Close()
			}
			return
		}
	}
}

func unreachable(w http.ResponseWriter, host string) {
	problem.Write(w, http.StatusBadGateway, problem.New(http.StatusBadGateway, "unreachable", "Not reachable", shown(host)+" does not take connections"))
}
