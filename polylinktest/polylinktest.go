// Package polylinktest starts a polylink in the process of a test.
//
// New listens on a free port, serves the built-in dialects and fixtures, and
// stops when the test ends. A World is a sandbox of its own: its base URLs
// lead nowhere else, and its control client moves its clock, injects faults
// and reads its journal without touching any other test's. So one server is
// enough for a whole package, which is what Shared gives, and all tests can be
// parallel:
//
//	func TestPaying(t *testing.T) {
//		t.Parallel()
//		w := polylinktest.Shared(t).World(t)
//		client := shop.NewClient(w.Dialect("acme")) // in place of https://api.acme.com
//		w.Inject(polylinktest.Fault{Operation: "link.create", Status: 503})
//		…
//		w.Verify(2, polylinktest.Filter{Operation: "link.create"})
//	}
//
// Where an SDK lets only the API key be set, add the world's name to it:
// w.Key("sk_test_1"). It adds no answers of its own: what a dialect says is in
// its mapping file. Start with New, then Server.World, then the examples.
package polylinktest

import (
	"io/fs"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/sandbox"
)

// Option changes how a server is made.
type Option func(*options)

type options struct {
	mappings, fixtures fs.FS // nil is the built-in ones
	scenarios          fs.FS // beside the built-in ones; nil is none
	log                *slog.Logger
	logs               bool // log was asked for
	noLimits           bool
	real               func() time.Time
	journal            int
}

func read(opts []Option) options {
	o := options{log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	return o
}

// WithMappings serves the dialect files at the root of fsys instead of the
// built-in ones.
func WithMappings(fsys fs.FS) Option { return func(o *options) { o.mappings = fsys } }

// WithFixtures starts sandboxes with other fixtures.
func WithFixtures(fsys fs.FS) Option { return func(o *options) { o.fixtures = fsys } }

// WithScenarios adds the scenarios at the root of fsys to the built-in ones.
func WithScenarios(fsys fs.FS) Option { return func(o *options) { o.scenarios = fsys } }

// WithLog logs what the server does; by default it says nothing.
func WithLog(log *slog.Logger) Option { return func(o *options) { o.log, o.logs = log, log != nil } }

// WithoutLimits turns the dialects' rate limits off.
func WithoutLimits() Option { return func(o *options) { o.noLimits = true } }

// WithTime sets the sandboxes' real-time clock.
func WithTime(now func() time.Time) Option { return func(o *options) { o.real = now } }

// WithJournal is how many requests each sandbox keeps; it is 1,000 otherwise.
func WithJournal(entries int) Option { return func(o *options) { o.journal = entries } }

// Server is a polylink on a port of its own.
type Server struct {
	URL string // http://127.0.0.1:port, without a slash at the end

	*engine
	t testing.TB
}

// New starts a server. It fails the test when the files it is given do not
// compile, and stops the server when the test ends. The built-in files are
// compiled once in a process, so that a second server takes about a millisecond.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	e, err := start(read(opts))
	if err != nil {
		t.Fatalf("polylinktest: %v", err)
	}
	t.Cleanup(e.close)
	return &Server{URL: e.http.URL, engine: e, t: t}
}

// Dialects lists what is served.
func (s *Server) Dialects() []string { return append([]string(nil), s.names...) }

// Dialect returns the base URL of a dialect in the default sandbox, to give to
// a client in place of the provider's.
func (s *Server) Dialect(name string) string {
	s.t.Helper()
	return s.URL + "/" + s.check(s.t, name)
}

func (s *Server) check(t testing.TB, name string) string {
	t.Helper()
	for _, n := range s.names {
		if n == name {
			return name
		}
	}
	t.Fatalf("polylinktest: there is no dialect %q; there are %s", name, strings.Join(s.names, ", "))
	return ""
}

// Control returns the control client of the default sandbox.
func (s *Server) Control() *Control { return s.control(s.t, s.URL, sandbox.Default) }

func (s *Server) control(t testing.TB, base, name string) *Control {
	return &Control{t: t, base: base, name: name, http: &http.Client{Transport: inside{s.routes}}}
}
