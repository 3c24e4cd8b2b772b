// Package polylinktest starts a polylink in the process of a test.
//
// New listens on a free port, serves the built-in dialects and fixtures, and
// stops when the test ends. A World is a sandbox of its own: its base URLs
// lead nowhere else, and its control client moves its clock, injects faults
// and reads its journal without touching any other test's. Start with New,
// then Server.World.
package polylinktest

import (
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"polylink/control"
	"polylink/dialect"
	"polylink/fixtures"
	"polylink/mappings"
	"polylink/routes"
	"polylink/sandbox"
	"polylink/world"
)

// Option changes how a server is made.
type Option func(*options)

type options struct {
	mappings, fixtures fs.FS
	log                *slog.Logger
	noLimits           bool
}

// WithMappings serves the dialect files at the root of fsys instead of the
// built-in ones.
func WithMappings(fsys fs.FS) Option { return func(o *options) { o.mappings = fsys } }

// WithFixtures starts sandboxes with other fixtures.
func WithFixtures(fsys fs.FS) Option { return func(o *options) { o.fixtures = fsys } }

// WithLog logs what the server does; by default it says nothing.
func WithLog(log *slog.Logger) Option { return func(o *options) { o.log = log } }

// WithoutLimits turns the dialects' rate limits off.
func WithoutLimits() Option { return func(o *options) { o.noLimits = true } }

// Server is a polylink on a port of its own.
type Server struct {
	URL string // http://127.0.0.1:port, without a slash at the end

	t     testing.TB
	http  *httptest.Server
	names []string
}

// New starts a server. It fails the test when the files it is given do not
// compile, and stops the server when the test ends.
func New(t testing.TB, opts ...Option) *Server {
	t.Helper()
	o := options{mappings: mappings.FS, fixtures: fixtures.FS, log: slog.New(slog.DiscardHandler)}
	for _, opt := range opts {
		opt(&o)
	}
	set, err := dialect.Compile(o.mappings, nil)
	if err != nil {
		t.Fatalf("polylinktest: %v", err)
	}
	fix, err := dialect.LoadFixtures(o.fixtures, set)
	if err != nil {
		t.Fatalf("polylinktest: %v", err)
	}
	sandboxes, err := sandbox.New(sandbox.Options{Rows: fix.Rows, Log: o.log})
	if err != nil {
		t.Fatalf("polylinktest: %v", err)
	}
	api := control.New(control.Options{
		Sandboxes: sandboxes, Set: func() *dialect.Set { return set }, Fixtures: func() *dialect.Fixtures { return fix },
		Version: "test", Log: o.log,
	})
	srv, err := routes.New(routes.Options{Set: set, Fixtures: fix, Log: o.log, Sandboxes: sandboxes, Control: api, NoLimits: o.noLimits})
	if err != nil {
		t.Fatalf("polylinktest: %v", err)
	}
	s := &Server{t: t, http: httptest.NewServer(srv)}
	s.URL = s.http.URL
	for _, d := range set.Dialects {
		s.names = append(s.names, d.Name)
	}
	t.Cleanup(s.http.Close)
	return s
}

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
func (s *Server) Control() *Control { return &Control{t: s.t, base: s.URL, name: world.Default} }

// World is a sandbox that belongs to one test.
type World struct {
	*Control
	Name string
	URL  string // base of everything in the sandbox

	server *Server
}

var worlds atomic.Int64

var unfit = regexp.MustCompile(`[^a-z0-9]+`)

// World makes a sandbox for a test and drops it when the test ends. Its name
// begins with the test's.
func (s *Server) World(t testing.TB) *World {
	t.Helper()
	name := strings.Trim(unfit.ReplaceAllString(strings.ToLower(t.Name()), "-"), "-")
	name = fmt.Sprintf("%s-%d", strings.Trim(name[:min(len(name), 28)], "-"), worlds.Add(1))
	name = strings.TrimPrefix(name, "-")
	w := &World{Name: name, URL: s.URL + "/~" + name, server: s, Control: &Control{t: t, base: s.URL + "/~" + name, name: name}}
	w.do(http.MethodPost, "/sandboxes", map[string]string{"name": name}, nil)
	t.Cleanup(func() { w.do(http.MethodDelete, "/sandboxes/"+name, nil, nil) })
	return w
}

// Dialect returns the base URL of a dialect in the sandbox.
func (w *World) Dialect(name string) string {
	w.t.Helper()
	return w.URL + "/" + w.server.check(w.t, name)
}
