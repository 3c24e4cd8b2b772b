// Package polylinktest starts a polylink in the process of a test.
//
// New listens on a free port, serves the built-in dialects and fixtures, and
// stops when the test ends. A World is a sandbox of its own: its base URLs
// lead nowhere else, and its control client moves its clock, injects faults
// and reads its journal without touching any other test's. So one server is
// enough for a whole package, and all tests can be parallel:
//
//	func TestPaying(t *testing.T) {
//		t.Parallel()
//		w := polylinktest.New(t).World(t)
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
	"context"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/faults/scenario"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/scenarios"
)

// Option changes how a server is made.
type Option func(*options)

type options struct {
	mappings, fixtures fs.FS
	scenarios          fs.FS // beside the built-in ones; nil is none
	log                *slog.Logger
	noLimits           bool
	real               func() time.Time
	journal            int
}

// WithMappings serves the dialect files at the root of fsys instead of the
// built-in ones.
func WithMappings(fsys fs.FS) Option { return func(o *options) { o.mappings = fsys } }

// WithFixtures starts sandboxes with other fixtures.
func WithFixtures(fsys fs.FS) Option { return func(o *options) { o.fixtures = fsys } }

// WithScenarios adds the scenarios at the root of fsys to the built-in ones.
func WithScenarios(fsys fs.FS) Option { return func(o *options) { o.scenarios = fsys } }

// WithLog logs what the server does; by default it says nothing.
func WithLog(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// WithoutLimits turns the dialects' rate limits off.
func WithoutLimits() Option { return func(o *options) { o.noLimits = true } }

// WithTime sets the sandboxes' real-time clock.
func WithTime(now func() time.Time) Option { return func(o *options) { o.real = now } }

// WithJournal is how many requests each sandbox keeps; it is 1,000 otherwise.
func WithJournal(entries int) Option { return func(o *options) { o.journal = entries } }

// Server is a polylink on a port of its own.
type Server struct {
	URL string // http://127.0.0.1:port, without a slash at the end

	t        testing.TB
	http     *httptest.Server
	set      *dialect.Set
	webhooks *dispatch.Dispatcher
	names    []string
	worlds   atomic.Int64
}

// New starts a server. It fails the test when the files it is given do not
// compile, and stops the server when the test ends.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	o := options{mappings: mappings.FS, fixtures: fixtures.FS, log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	s, err := start(o)
	if err != nil {
		t.Fatalf("polylinktest: %v", err)
	}
	s.t = t
	t.Cleanup(s.close)
	return s
}

// close ends the server. What is still to be delivered goes nowhere.
func (s *Server) close() {
	s.http.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	s.webhooks.Drain(ctx)
}

// start makes a server of its parts.
func start(o options) (*Server, error) {
	set, err := compile.Compile(o.mappings, nil)
	if err != nil {
		return nil, err
	}
	fix, err := seed.Load(o.fixtures, set)
	if err != nil {
		return nil, err
	}
	scenes, err := o.scenes(set)
	if err != nil {
		return nil, err
	}
	s := &Server{set: set}
	s.webhooks = dispatch.New(dispatch.Options{Set: func() *dialect.Set { return set }, Base: func() string { return s.URL }, Log: o.log})
	sandboxes, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: fix.Rows, Real: o.real, Journal: o.journal, Log: o.log, Post: s.webhooks.Post})
	if err != nil {
		return nil, err
	}
	api := admin.New(admin.Options{
		Sandboxes: sandboxes, Set: func() *dialect.Set { return set }, Fixtures: func() *seed.Fixtures { return fix },
		Scenarios: scenes, Version: "test", Log: o.log,
	})
	srv, err := routes.New(routes.Options{Set: set, Fixtures: fix, Log: o.log, Sandboxes: sandboxes, Control: api, Scenarios: scenes, NoLimits: o.noLimits})
	if err != nil {
		return nil, err
	}
	s.http, s.names = httptest.NewServer(srv), set.Names()
	s.URL = s.http.URL
	return s, nil
}

// scenes compiles the scenarios that there are.
func (o options) scenes(set *dialect.Set) (func() *faults.Scenarios, error) {
	shipped, err := scenario.Shipped(scenarios.FS, set)
	if err != nil {
		return nil, err
	}
	var own []*faults.Scenario
	if o.scenarios != nil {
		if own, err = scenario.Compile(o.scenarios, set); err != nil {
			return nil, err
		}
	}
	all := faults.NewScenarios(shipped, own)
	return func() *faults.Scenarios { return all }, nil
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
	return &Control{t: t, base: base, name: name, http: s.http.Client()}
}

// World is a sandbox that belongs to one test.
type World struct {
	*Control
	Name string
	URL  string // base of everything in the sandbox

	server *Server
}

var unfit = regexp.MustCompile(`[^a-z0-9]+`)

// World makes a sandbox for a test and drops it when the test ends. Its name
// begins with the test's.
func (s *Server) World(t testing.TB) *World {
	t.Helper()
	w := s.world(t)
	w.do(http.MethodPost, "/sandboxes", map[string]string{"name": w.Name}, nil)
	return w
}

// Fork makes a world that begins as this one is now: its rows, its clock and
// what is counted against limits, without journal and faults. It is dropped
// when t ends, which may be a subtest.
func (w *World) Fork(t testing.TB) *World {
	t.Helper()
	f := w.server.world(t)
	f.do(http.MethodPost, "/sandboxes/"+w.Name+"/fork", map[string]string{"name": f.Name}, nil)
	return f
}

// world is a world with a name of its own, which nobody has made yet.
func (s *Server) world(t testing.TB) *World {
	t.Helper()
	name := strings.Trim(unfit.ReplaceAllString(strings.ToLower(t.Name()), "-"), "-")
	name = strings.TrimPrefix(fmt.Sprintf("%s-%d", strings.Trim(name[:min(len(name), 28)], "-"), s.worlds.Add(1)), "-")
	base := s.URL + "/~" + name
	w := &World{Name: name, URL: base, server: s, Control: s.control(t, base, name)}
	t.Cleanup(func() {
		// It may have been dropped, or made room for others.
		if status, data := s.control(t, s.URL, name).send(http.MethodDelete, "/sandboxes/"+name, nil); status >= 300 && status != http.StatusNotFound {
			t.Errorf("polylinktest: drop sandbox %s: %s", name, reason(data))
		}
	})
	return w
}

// Dialect returns the base URL of a dialect in the sandbox.
func (w *World) Dialect(name string) string {
	w.t.Helper()
	return w.URL + "/" + w.server.check(w.t, name)
}

// Key returns an API key that leads to the sandbox, for clients in which only
// the key can be set. Their base URL is then Server.Dialect.
func (w *World) Key(key string) string { return key + "~" + w.Name }
