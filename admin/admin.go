// Package admin is polylink's own API under /__admin/: sandboxes, clock,
// faults, journal, links, webhook endpoints, snapshots.
//
// Each thing it does is an operation: a method of API from an input struct to
// an output struct or a Problem, on the sandbox that the context names. A page
// or a tool in this process calls the methods, or Call by name. HTTP is a thin
// adapter over the table of operations: the API is an http.Handler that the
// edge is given, and a request comes with its sandbox chosen and its prefix
// cut off. It acts on sandboxes through their stores, clocks and state, and
// answers JSON; everything it refuses is an RFC 9457 problem whose detail says
// what to send. On loopback it is open, elsewhere it asks for a bearer token; a
// page of another origin and a Host that another could point here are refused
// everywhere, and who calls the methods is not asked. What its document
// promises is made of the very types that it reads and answers. The form of
// snapshots is left to package snapshot. Start with New, then the table in
// routes.go.
package admin

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gorilla/mux"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/hosts"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/sandbox"
)

// Options is what the API is made of.
type Options struct {
	Sandboxes *sandbox.Sandboxes
	Set       func() *dialect.Set // the dialects that are served now
	Fixtures  func() *seed.Fixtures
	Token     func(presented string) bool // nil asks for no token
	Hosts     *hosts.Names                // under which it is served beside addresses and localhost
	Metrics   http.Handler                // nil serves none
	Scenarios func() *faults.Scenarios    // those that there are now; nil is none
	Version   string
	Log       *slog.Logger
	Random    io.Reader      // for ids; nil is the system's
	MaxBody   int64          // of a snapshot, in bytes; 0 is 64 MiB
	Redact    journal.Redact // how much of an exchange is shown
	Shared    bool           // every dialect shows all links of its kind

	Stopping <-chan struct{} // is closed when the program stops, and ends streams; nil never is
}

// API answers under /__admin/.
type API struct {
	o          Options
	operations []Operation
	mux        *mux.Router
	documents  documents
}

// prefix is in front of every path.
const prefix = "/__admin"

// New makes the API.
func New(o Options) *API {
	if o.MaxBody == 0 {
		o.MaxBody = 64 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Random == nil {
		o.Random = ids.Random()
	}
	a := &API{o: o, mux: mux.NewRouter().SkipClean(true).UseEncodedPath()}
	for _, o := range a.table() {
		if o.Method != http.MethodGet {
			o.run = a.kept(o.run)
		}
		a.operations = append(a.operations, o)
	}
	for _, o := range a.operations {
		methods := []string{o.Method}
		if o.Method == http.MethodGet {
			methods = append(methods, http.MethodHead)
		}
		a.mux.Handle(prefix+o.Path, a.handler(o)).Methods(methods...)
	}
	a.mux.NotFoundHandler = http.HandlerFunc(a.lost)
	a.mux.MethodNotAllowedHandler = http.HandlerFunc(a.wrongMethod)
	return a
}

// kept answers once what an operation has changed is kept, where anything is, and
// changes nothing while nothing can be.
func (a *API) kept(run func(context.Context, any) (any, error)) func(context.Context, any) (any, error) {
	return func(ctx context.Context, in any) (any, error) {
		if err := a.o.Sandboxes.Ready(); err != nil {
			return nil, err
		}
		out, err := run(ctx, in)
		if err == nil {
			err = a.o.Sandboxes.Flush(ctx)
		}
		return out, err
	}
}

// ServeHTTP answers one request, if whoever sends it may ask.
func (a *API) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if !a.o.Hosts.Guard(w, r, "The control API") {
		return
	}
	if !SameOrigin(r) {
		write(w, refuse(http.StatusForbidden, "Foreign origin",
			"A page of another origin may not use the control API; call it from the same origin, or without the headers Origin and Sec-Fetch-Site"))
		return
	}
	if !a.open(r) && !a.known(w, r, "Bearer") {
		return
	}
	if err := a.startScenario(r); err != nil {
		write(w, a.Problem(err))
		return
	}
	a.mux.ServeHTTP(w, r)
}

// Guard holds a request of a browser to the rules of the API, and answers it
// where it breaks one. A person who follows a link from elsewhere may come to a
// page; what that page does, only itself may ask for. Where a token is asked
// for, a browser sends it as the password of any user.
func (a *API) Guard(w http.ResponseWriter, r *http.Request, what string) bool {
	if !a.o.Hosts.Guard(w, r, what) {
		return false
	}
	arrives := r.Method == http.MethodGet && r.Header.Get("Origin") == "" &&
		r.Header.Get("Sec-Fetch-Mode") == "navigate" && r.Header.Get("Sec-Fetch-Dest") == "document"
	if !arrives && !SameOrigin(r) {
		write(w, refuse(http.StatusForbidden, "Foreign origin", "A page of another origin may not use this one; open it by its own address"))
		return false
	}
	return a.known(w, r, `Basic realm="polylink", charset="UTF-8"`)
}

// known tells whether a request has the token, where one is asked for, and
// answers one that has it not with the way in which it should have come.
func (a *API) known(w http.ResponseWriter, r *http.Request, scheme string) bool {
	if a.o.Token == nil {
		return true
	}
	_, password, _ := r.BasicAuth()
	if a.o.Token(Bearer(r)) || password != "" && a.o.Token(password) {
		return true
	}
	w.Header().Set("WWW-Authenticate", scheme)
	write(w, refuse(http.StatusUnauthorized, "Token needed", "Send Authorization: Bearer with the token that admin.token holds; a browser takes it as the password, with any user name"))
	return false
}

// open tells whether a request needs no token: probes have none.
func (a *API) open(r *http.Request) bool {
	return slices.ContainsFunc(a.operations, func(o Operation) bool {
		return o.Open && r.URL.Path == prefix+o.Path && (r.Method == o.Method || r.Method == http.MethodHead && o.Method == http.MethodGet)
	})
}

// Bearer returns the token of a request, "" when there is none.
func Bearer(r *http.Request) string {
	scheme, token, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	if !strings.EqualFold(scheme, "bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}

// SameToken compares tokens in a time that tells neither what is in the wanted
// one nor how long it is. Nothing equals an empty one.
func SameToken(want string) func(string) bool {
	sum := sha256.Sum256([]byte(want))
	return func(got string) bool {
		other := sha256.Sum256([]byte(got))
		return subtle.ConstantTimeCompare(sum[:], other[:]) == 1 && want != ""
	}
}

// SameOrigin tells whether a request comes from no page, or from one of ours.
// A page whose name suddenly leads here is of the same origin, too: that is
// why the Host is looked at first.
func SameOrigin(r *http.Request) bool {
	if site := r.Header.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
		return false
	}
	values := r.Header.Values("Origin")
	if len(values) == 0 {
		return true
	}
	u, err := url.Parse(values[0])
	return len(values) == 1 && err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

func (a *API) lost(w http.ResponseWriter, _ *http.Request) {
	write(w, refuse(http.StatusNotFound, "No such path in the control API", "GET /__admin/openapi.json lists what there is"))
}

func (a *API) wrongMethod(w http.ResponseWriter, r *http.Request) {
	var allow []string
	for _, m := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} {
		r2 := *r
		r2.Method = m
		var match mux.RouteMatch
		if a.mux.Match(&r2, &match) && match.MatchErr == nil {
			allow = append(allow, m)
		}
	}
	w.Header().Set("Allow", strings.Join(allow, ", "))
	write(w, refuse(http.StatusMethodNotAllowed, "Method not allowed", "Ask with "+strings.Join(allow, " or ")))
}
