package routes

import (
	"context"
	"github.com/polylink-dev/polylink/dialect/routing"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/problem"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/sandbox"
)

const sandboxHeader = "X-Polylink-Sandbox"

// destination is where a request goes: its dialect, sandbox and path.
type destination struct {
	sandbox string // from the path prefix, or ""
	prefix  string // what the client wrote in front of the provider's path, after the sandbox
	path    string // the provider's own path, still escaped
	router  *router
	nearest *journal.Nearest // where nobody has the path
}

type listenerKey struct{}

// ForDialect returns a handler for a listener that belongs to one dialect.
func (s *Server) ForDialect(name string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), listenerKey{}, name)))
	})
}

// ServeHTTP answers one request: it looks for the sandbox and the dialect in the
// order that the README has.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	st := s.state.Load()
	at := destination{path: oneSlash(r.URL.EscapedPath())}
	if rest, ok := strings.CutPrefix(at.path, "/~"); ok {
		name, tail, _ := strings.Cut(rest, "/")
		if !sandbox.ValidName(name) {
			s.unmatched(w, r, at, problemReply(http.StatusNotFound, "sandbox_name", "No such sandbox name",
				"A sandbox is called by 1 to 40 of a-z, 0-9 and -, as in /~worker7/…"), "sandbox_name")
			return
		}
		at.sandbox, at.path = name, oneSlash("/"+tail)
	}
	if at.path == "/__admin" || strings.HasPrefix(at.path, "/__admin/") {
		s.control(w, r, at)
		return
	}
	if name, ok := strings.CutPrefix(at.path, "/__hooks/"); ok {
		s.hook(w, r, st, at, name)
		return
	}
	if strings.HasPrefix(at.path, hosted.Prefix) {
		s.page(w, r, at)
		return
	}
	if s.opts.Console != nil && strings.HasPrefix(at.path, "/__console/") {
		s.own(s.opts.Console, w, r, at)
		return
	}
	asked := r
	if method := preflight(r); method != "" { // about what comes next
		asked = r.WithContext(r.Context())
		asked.Method = method
	}
	if !s.find(st, asked, &at) {
		if s.rooted(r, at) {
			s.own(s.opts.Console, w, r, at)
			return
		}
		s.lost(w, r, st, at)
		return
	}
	if s.hostedAt(w, r, at) || s.cors(w, r, at) {
		return
	}
	s.exchange(w, r, st, at)
}

// rooted tells whether a request is for what is at /. Under a host that is not
// ours a browser is told so, and for all others nothing is there.
func (s *Server) rooted(r *http.Request, at destination) bool {
	return at.path == "/" && s.opts.Console != nil && (r.Method == http.MethodGet || r.Method == http.MethodHead) &&
		(s.opts.Hosts.Allow(r.Host) || strings.Contains(r.Header.Get("Accept"), "text/html"))
}

// oneSlash takes several slashes in front of a path for one: SDKs put a path of
// their own behind a base URL that ends in a slash.
func oneSlash(path string) string {
	for strings.HasPrefix(path, "//") {
		path = path[1:]
	}
	return path
}

// find chooses the dialect: by the first segment of the path, by the host, by
// the listener, and at last by the bare path where only one dialect has it.
func (s *Server) find(st *state, r *http.Request, at *destination) bool {
	first, _, _ := strings.Cut(strings.TrimPrefix(at.path, "/"), "/")
	if d := st.routers[first]; d != nil {
		at.router, at.prefix, at.path = d, d.prefix, oneSlash(strings.TrimPrefix(at.path, "/")[len(first):])
		if at.path == "" {
			at.path = "/"
		}
		return true
	}
	if d := st.byHost(r.Host); d != nil {
		at.router = d
		return true
	}
	if name, ok := r.Context().Value(listenerKey{}).(string); ok {
		if d := st.routers[name]; d != nil {
			at.router = d
			return true
		}
	}
	if c, _ := st.candidates(r, at.path); len(c) == 1 {
		at.router = c[0]
		return true
	}
	return false
}

// byHost finds a dialect by its real host or by {dialect}.localhost.
func (st *state) byHost(host string) *router {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.TrimSuffix(strings.ToLower(host), ".")
	if name, ok := strings.CutSuffix(host, ".localhost"); ok {
		return st.routers[name]
	}
	if d := st.set.ForHost(host); d != nil {
		return st.routers[d.Name]
	}
	return nil
}

// candidates lists the dialects that have a method and path; when none has the
// method, those that have the path, which is then not exact.
func (st *state) candidates(r *http.Request, path string) (list []*router, exactly bool) {
	var exact, near []*router
	for _, d := range st.order {
		m := d.paths.Match(r.Method, path)
		switch {
		case m.Op != nil || routing.AbsentAt(d.dialect, r.Method, path) != nil:
			exact = append(exact, d)
		case m.Known:
			near = append(near, d)
		}
	}
	if len(exact) > 0 {
		return exact, true
	}
	return near, false
}

// lost answers a request that no dialect can be found for.
func (s *Server) lost(w http.ResponseWriter, r *http.Request, st *state, at destination) {
	var have []string
	list, exactly := st.candidates(r, at.path)
	for _, d := range list {
		have = append(have, d.dialect.Name)
	}
	var all []string
	for _, d := range st.order {
		all = append(all, d.dialect.Name)
	}
	example := all[0]
	if len(have) > 0 {
		example = have[0]
	}
	choices := "put the dialect in front of the path (/" + example + at.path + "), use its host (" + example +
		".localhost), or give it a port of its own (listen: in config.yaml)"
	belongs := r.Method + " " + at.path + " belongs to "
	if !exactly {
		belongs = "None has the method " + r.Method + " there; " + at.path + " belongs to "
	}
	if len(have) > 1 {
		s.unmatched(w, r, at, problemReply(http.StatusNotFound, "several_dialects", "Several dialects have this path",
			belongs+strings.Join(have, " and ")+": "+choices), "several_dialects")
		return
	}
	at.nearest = nearest(r.Method, at.path, true, st.set.Dialects...)
	detail := r.Method + " " + at.path + " is unknown to " + strings.Join(all, ", ")
	if at.nearest == nil {
		detail += ": check it, or " + choices
	}
	s.unmatched(w, r, at, lostReply(at.nearest, "no_dialect", "No dialect has this path", detail), "no_dialect")
}

// unmatched answers a request that no dialect could be found for, and puts it
// into the journal of the sandbox it named, or of the default one when that
// name is none.
func (s *Server) unmatched(w http.ResponseWriter, r *http.Request, at destination, rep reply, code string) {
	start := clock.Real()
	sb, err := s.worlds.Get(r.Context(), named(r, at, ""))
	if err != nil {
		sb = s.worlds.Peek(sandbox.Default)
	}
	var body []byte
	if writesBody(r.Method) && r.Body != nil {
		body, _ = io.ReadAll(io.LimitReader(r.Body, journal.MaxBody))
	}
	h := w.Header()
	problem.Mark(h)
	e := &journal.Entry{
		N: sb.Journal.Number(), At: sb.Clock.Now(), Sandbox: sb.Name, Method: r.Method, Path: r.URL.Path, OwnPath: at.path,
		Query: r.URL.RawQuery, Address: address(r), Host: r.Host, TLS: r.TLS != nil, Header: r.Header, Body: body, BodySize: max(int64(len(body)), r.ContentLength),
		Status: rep.status, AnswerHeader: h, Answer: rep.body, AnswerSize: int64(len(rep.body)), Rule: journal.Rule{Code: code},
		SecretHeaders: s.state.Load().secretHeaders, TraceID: traceID(r.Header),
	}
	e.Nearest = at.nearest
	e.Took = clock.Real().Sub(start)
	h.Set(requestHeader, strconv.FormatInt(e.N, 10))
	sb.Journal.Add(e)
	s.observe(r.Context(), e)
	rep.write(w)
}

// named is the sandbox that a request chooses: by header, path or credential.
func named(r *http.Request, at destination, credential string) string {
	for _, name := range []string{r.Header.Get(sandboxHeader), at.sandbox, credential} {
		if name != "" {
			return name
		}
	}
	return sandbox.Default
}

// adminHeader says that the control API is not served, to whoever asks whether
// the process is alive.
const adminHeader = "X-Polylink-Admin"

// control hands a request to the control API, with the sandbox it is about.
func (s *Server) control(w http.ResponseWriter, r *http.Request, at destination) {
	if s.opts.Control == nil {
		w.Header().Set(adminHeader, "off")
		problem.Write(w, http.StatusNotFound, problem.New(http.StatusNotFound, "no_control_api", "No control API here",
			"It is served on loopback, and elsewhere when admin.token is set"))
		return
	}
	s.own(s.opts.Control, w, r, at)
}

// own hands a request to what is no dialect's, with the sandbox it is about and
// its prefix cut off.
func (s *Server) own(to http.Handler, w http.ResponseWriter, r *http.Request, at destination) {
	name := named(r, at, "")
	r2 := r.WithContext(hosted.WithBase(sandbox.WithName(r.Context(), name), s.bases(r, name)))
	r2.URL = at.url(r)
	to.ServeHTTP(w, r2)
}

// url is the address of a request without what dispatch has cut off.
func (at destination) url(r *http.Request) *url.URL {
	u := *r.URL
	u.RawPath, u.Path = "", at.path
	if plain, err := url.PathUnescape(at.path); err == nil {
		u.Path, u.RawPath = plain, at.path
	}
	return &u
}

// base is what absolute URLs in the answer begin with: scheme, host and prefix
// that the client used. A sandbox that was chosen otherwise than by the path is
// written into it, so that the URL leads back to it.
func base(r *http.Request, at destination, name string) string {
	scheme := "http://"
	if r.TLS != nil {
		scheme = "https://"
	}
	b := scheme + r.Host
	if name != sandbox.Default {
		b += "/~" + name
	}
	return b + at.prefix
}
