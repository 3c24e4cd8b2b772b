package polylinktest

import (
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
)

// sandboxHeader names the sandbox of a request, before all else that does.
const sandboxHeader = "X-Polylink-Sandbox"

// HTTPClient returns a client all of whose requests lead to the sandbox, so
// that an SDK which takes a client needs no base URL: https://api.acme.com is
// the dialect that has this host, and there https needs no certificate. The
// world's own URLs stay as they are. Any other host is the server's, whose path
// must be one that a single dialect has or begin with a dialect's name.
//
// Nothing that is asked through it leaves the process.
func (w *World) HTTPClient() *http.Client { return &http.Client{Transport: way{w}} }

// way is the transport of a world.
type way struct{ w *World }

// RoundTrip sends a request to the server.
func (c way) RoundTrip(r *http.Request) (*http.Response, error) {
	e, out := c.w.server.engine, r.Clone(r.Context())
	own := e.http.Listener.Addr().String()
	host := r.Host
	if host == "" {
		host = r.URL.Host
	}
	by := e.plain
	switch {
	case r.URL.Host == own:
	case e.knows(host):
		if r.URL.Scheme == "https" {
			by = e.secret
		}
	default:
		out.Host, out.URL.Host = own, own
	}
	out.URL.Scheme = "http"
	if r.URL.Host != own || !strings.HasPrefix(r.URL.Path, "/~") {
		out.Header.Set(sandboxHeader, c.w.Name)
	}
	resp, err := by.RoundTrip(out)
	if resp != nil {
		resp.Request = r
	}
	return resp, err
}

// knows tells whether a host is a dialect's.
func (e *engine) knows(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if name, ok := strings.CutSuffix(host, ".localhost"); ok {
		return e.set.Dialect(name) != nil
	}
	return e.set.ForHost(host) != nil
}

// Listen opens a port that is the dialect's in this sandbox alone, for SDKs that
// take a host and a port and no path. It is closed when the test ends.
func (w *World) Listen(dialect string) (host string, port int) {
	w.t.Helper()
	next := w.server.routes.ForDialect(w.server.check(w.t, dialect))
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.Header.Get(sandboxHeader) == "" {
			r.Header.Set(sandboxHeader, w.Name)
		}
		next.ServeHTTP(rw, r)
	}))
	w.t.Cleanup(srv.Close)
	addr := srv.Listener.Addr().(*net.TCPAddr)
	return addr.IP.String(), addr.Port
}

// inside is the transport of the control client: it asks without a network.
type inside struct{ handler http.Handler }

// RoundTrip has the handler answer.
func (i inside) RoundTrip(r *http.Request) (*http.Response, error) {
	in := r.Clone(r.Context())
	in.RequestURI, in.RemoteAddr = r.URL.RequestURI(), "127.0.0.1:1"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	answer := httptest.NewRecorder()
	i.handler.ServeHTTP(answer, in)
	if r.Body != nil {
		_ = r.Body.Close()
	}
	resp := answer.Result()
	resp.Request = r
	return resp, nil
}
