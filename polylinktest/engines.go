package polylinktest

import (
	"context"
	"crypto/tls"
	"io/fs"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/console"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/routing"
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

// engine is what runs: the server without the test that asked for it.
type engine struct {
	http     *httptest.Server
	routes   *routes.Server
	webhooks *dispatch.Dispatcher
	set      *dialect.Set
	names    []string
	worlds   atomic.Int64

	plain  *http.Transport // to the server, whatever the address says
	secret *http.Transport // the same for those who said https
	secure func() *httptest.Server
	opened atomic.Pointer[httptest.Server] // what secure has returned
}

// program is what is compiled of files. It never changes.
type program struct {
	set     *dialect.Set
	fix     *seed.Fixtures
	shipped []*faults.Scenario
	paths   map[*dialect.Dialect]*routing.Table
}

// builtIn is the program of the built-in files.
var builtIn = sync.OnceValues(func() (*program, error) { return compiled(mappings.FS, fixtures.FS) })

func compiled(files, worlds fs.FS) (*program, error) {
	set, err := compile.Compile(files, nil)
	if err != nil {
		return nil, err
	}
	fix, err := seed.Load(worlds, set)
	if err != nil {
		return nil, err
	}
	shipped, err := scenario.Shipped(scenarios.FS, set)
	if err != nil {
		return nil, err
	}
	paths := map[*dialect.Dialect]*routing.Table{}
	for _, d := range set.Dialects {
		if paths[d], err = routing.New(d); err != nil {
			return nil, err
		}
	}
	return &program{set, fix, shipped, paths}, nil
}

// program returns what the options ask for.
func (o options) program() (*program, error) {
	if o.mappings == nil && o.fixtures == nil {
		return builtIn()
	}
	if o.mappings == nil {
		o.mappings = mappings.FS
	}
	if o.fixtures == nil {
		o.fixtures = fixtures.FS
	}
	return compiled(o.mappings, o.fixtures)
}

// start makes a server of its parts.
func start(o options) (*engine, error) {
	p, err := o.program()
	if err != nil {
		return nil, err
	}
	var own []*faults.Scenario
	if o.scenarios != nil {
		if own, err = scenario.Compile(o.scenarios, p.set); err != nil {
			return nil, err
		}
	}
	all := faults.NewScenarios(p.shipped, own)
	scenes := func() *faults.Scenarios { return all }
	e := &engine{set: p.set, names: p.set.Names()}
	set := func() *dialect.Set { return p.set }
	e.webhooks = dispatch.New(dispatch.Options{Set: set, Base: func() string { return e.http.URL }, Log: o.log})
	sandboxes, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: p.fix.Rows, Real: o.real, Journal: o.journal, Log: o.log, Post: e.webhooks.Post})
	if err != nil {
		return nil, err
	}
	api := admin.New(admin.Options{
		Sandboxes: sandboxes, Set: set, Fixtures: func() *seed.Fixtures { return p.fix },
		Scenarios: scenes, Version: "test", Log: o.log,
	})
	e.routes, err = routes.New(routes.Options{Set: p.set, Fixtures: p.fix, Log: o.log, Sandboxes: sandboxes, Control: api, Scenarios: scenes, NoLimits: o.noLimits, Paths: p.paths,
		Console: console.New(console.Options{API: api, Set: set, Version: "test", Log: o.log})})
	if err != nil {
		return nil, err
	}
	e.listen()
	return e, nil
}

// listen opens the ports. The one for https speaks no TLS: the client that
// leads there is ours, and what it asked for is all that has to be known.
func (e *engine) listen() {
	e.http = httptest.NewServer(e.routes)
	e.secure = sync.OnceValue(func() *httptest.Server {
		s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			r.TLS = &tls.ConnectionState{}
			e.routes.ServeHTTP(w, r)
		}))
		e.opened.Store(s)
		return s
	})
	to := func(server func() *httptest.Server) *http.Transport {
		return &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, "tcp", server().Listener.Addr().String())
		}}
	}
	e.plain, e.secret = to(func() *httptest.Server { return e.http }), to(func() *httptest.Server { return e.secure() })
}

// close ends the server. What is still to be delivered goes nowhere.
func (e *engine) close() {
	e.plain.CloseIdleConnections()
	e.secret.CloseIdleConnections()
	if s := e.opened.Load(); s != nil {
		s.Close()
	}
	e.http.Close()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	e.webhooks.Drain(ctx)
}

// likes tells servers apart that are shared: what they were asked for.
type likes struct {
	mappings, fixtures, scenarios, log any
	noLimits                           bool
	journal                            int
}

var shared struct {
	sync.Mutex
	engines map[likes]*engine
}

// Shared returns a server that all tests of the process share: the first call
// starts it, and it ends with the process. So a test costs what its World does,
// a fraction of a millisecond:
//
//	w := polylinktest.Shared(t).World(t)
//
// Calls with the same options get the same server, and others one of their own.
// WithTime is not among them, since a test may not move the time of others; a
// world's own clock is moved by SetClock.
func Shared(t testing.TB, opts ...Option) *Server {
	t.Helper()
	o := read(opts)
	if o.real != nil {
		t.Fatalf("polylinktest: a shared server takes no WithTime; use SetClock of the world, or New")
	}
	key := likes{identity(o.mappings), identity(o.fixtures), identity(o.scenarios), nil, o.noLimits, o.journal}
	if o.logs {
		key.log = o.log
	}
	shared.Lock()
	defer shared.Unlock()
	e := shared.engines[key]
	if e == nil {
		var err error
		if e, err = start(o); err != nil {
			t.Fatalf("polylinktest: %v", err)
		}
		if shared.engines == nil {
			shared.engines = map[likes]*engine{}
		}
		shared.engines[key] = e
	}
	return &Server{URL: e.http.URL, engine: e, t: t}
}

// identity is what two equal file systems have in common and no others: of maps,
// which Go does not compare, where they are.
func identity(fsys fs.FS) any {
	if fsys == nil || reflect.ValueOf(fsys).Comparable() {
		return fsys
	}
	if v := reflect.ValueOf(fsys); v.Kind() == reflect.Map {
		return [2]any{v.Type(), v.Pointer()}
	}
	return new(byte) // nothing else is known to be the same
}

// Eventually waits until a condition holds, and fails the test where it does
// not within a time. The condition is asked in the goroutine of the test.
func Eventually(t testing.TB, within time.Duration, holds func() bool) {
	t.Helper()
	late := time.NewTimer(within)
	defer late.Stop()
	for pause := time.Millisecond; !holds(); pause = min(2*pause, 50*time.Millisecond) {
		next := time.NewTimer(pause)
		select {
		case <-next.C:
		case <-late.C:
			next.Stop()
			if holds() {
				return
			}
			t.Fatalf("polylinktest: within %s it has not come true", within)
		}
	}
}
