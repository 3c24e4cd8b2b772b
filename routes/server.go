package routes

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/backend/mock"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/answers"
	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/dialect/openapi"
	"github.com/polylink-dev/polylink/dialect/routing"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/internal/hosts"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// Options is what a Server is made of.
type Options struct {
	Set       *dialect.Set
	Fixtures  *seed.Fixtures
	Log       *slog.Logger
	Real      func() time.Time   // real time; nil is the system's
	Random    io.Reader          // nil is the system's
	Told      io.Reader          // for the ids of events; nil is the system's
	Body      int64              // most bytes of a request body; 0 is 1 MiB
	Engine    store.Maker        // keeps rows when Sandboxes is nil
	Worlds    int                // most sandboxes; 0 is 10,000
	Idle      time.Duration      // sandboxes unused for so long are dropped; 0 never
	CORS      CORS               // whose pages may call dialects; the zero one is nobody's
	NoLimits  bool               // rate limits are off
	Shared    bool               // every dialect shows all links of its kind
	NoWalls   bool               // where links are shared, every account sees all of them
	Mappings  string             // folder of the dialect files, as people call it; "" is mappings
	Control   http.Handler       // the control API; nil when it is not served
	Console   http.Handler       // what is at / and below /__console/; nil when there is nothing
	Hosts     *hosts.Names       // under which the pages of links are served beside addresses, localhost and the dialects' own
	Sandboxes *sandbox.Sandboxes // nil makes them from the fixtures
	Metrics   *Metrics           // nil counts nothing
	Write     time.Duration      // how long an answer may take to be written; 0 is for ever
	Journal   int                // entries a sandbox keeps; 0 is the default
	Quiet     bool               // requests are not logged, but for those that we failed
	Afresh    bool               // every answer is encoded anew, as tests have it that compare the two

	// Paths are tables that are made already, for servers of the same dialects; the
	// others are made.
	Paths map[*dialect.Dialect]*routing.Table

	Scenarios func() *faults.Scenarios // those that there are now; nil is none

	// Backend chooses who answers a dialect's operations: own, which is the mock
	// store, or another. Nil is own for all.
	Backend func(d *dialect.Dialect, own backend.Backend) backend.Backend

	// Passage chooses who answers a dialect's requests as they are, before any
	// check; nil, or a nil Passage, is nobody. A reload asks again.
	Passage func(d *dialect.Dialect) *Passage
}

// Server answers in every dialect. It is safe for concurrent use.
type Server struct {
	opts   Options
	log    *slog.Logger
	worlds *sandbox.Sandboxes
	state  atomic.Pointer[state]
	pool   sync.Pool
	pages  *hosted.Handler

	answers *answers.Cache // what records look like
}

// state is everything that a reload replaces.
type state struct {
	set      *dialect.Set
	fixtures *seed.Fixtures
	routers  map[string]*router
	order    []*router
	ledger   *ledger.Ledger

	secretHeaders []string // of all dialects
	paths         *loggedPaths
}

// New makes a Server with a default sandbox.
func New(opts Options) (*Server, error) {
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Random == nil {
		opts.Random = ids.Random()
	}
	if opts.Mappings == "" {
		opts.Mappings = "mappings"
	}
	if opts.Body == 0 {
		opts.Body = 1 << 20
	}
	s := &Server{opts: opts, log: opts.Log, answers: answers.New()}
	s.pool.New = newExchange
	st, err := newState(&opts, opts.Set, opts.Fixtures)
	if err != nil {
		return nil, err
	}
	s.state.Store(st)
	if s.worlds = opts.Sandboxes; s.worlds == nil {
		s.worlds, err = sandbox.New(sandbox.Options{Engine: opts.Engine, Rows: Rows(opts.Set, opts.Fixtures, opts.Shared), Real: opts.Real, Max: opts.Worlds, Idle: opts.Idle,
			Journal: opts.Journal, Log: opts.Log})
		if err != nil {
			return nil, fmt.Errorf("load the fixtures: %w", err)
		}
	}
	s.pages = s.newPages()
	opts.Metrics.follow(s.worlds)
	return s, nil
}

// Reload replaces the dialects and the fixtures of sandboxes made from now on.
// A sandbox that is there keeps what it holds, and gets the fixtures of
// dialects that it did not know.
func (s *Server) Reload(set *dialect.Set, fixtures *seed.Fixtures) error {
	st, err := newState(&s.opts, set, fixtures)
	if err != nil {
		return err
	}
	if err := s.worlds.Reload(context.Background(), Rows(set, fixtures, s.opts.Shared)); err != nil {
		return err
	}
	old := s.state.Swap(st)
	s.welcome(st, old)
	return nil
}

// welcome lets the sandboxes that are there know a new set.
func (s *Server) welcome(st, old *state) {
	for _, sb := range s.worlds.All() {
		s.introduce(st, sb, old.set, func(d string) bool { return old.routers[d] != nil })
	}
}

// Adopt takes on a sandbox that was kept by another process, which may have had
// other dialects: one that has no account in it is new to it.
func (s *Server) Adopt(sb *sandbox.Sandbox) {
	known := map[string]bool{}
	for _, row := range sb.DB.Read(context.Background()).Scan(record.Accounts.Kind, "", store.Page{}) {
		known[row.Record.Dialect] = true
	}
	s.introduce(s.state.Load(), sb, &dialect.Set{}, func(d string) bool { return known[d] })
}

// introduce puts the fixtures of dialects that are new to a sandbox into it, and
// lets records fall due by the new rules.
func (s *Server) introduce(st *state, sb *sandbox.Sandbox, before *dialect.Set, known func(dialect string) bool) {
	ctx := context.Background()
	if err := st.ledger.Reschedule(ctx, sb.DB, before); err != nil {
		s.log.Warn("records of a sandbox may not expire by the new rules; reset it", "sandbox", sb.Name, "error", err)
	}
	var b store.Batch
	for _, row := range Rows(st.set, st.fixtures, s.opts.Shared)(sb.Clock.Now()) {
		if d := row.Record.Dialect; !known(d) && st.routers[d] != nil {
			b.Put = append(b.Put, row)
			b.Expect = append(b.Expect, store.Expect{Table: row.Table, Key: row.Key})
		}
	}
	if len(b.Put) == 0 {
		return
	}
	if err := sb.DB.Commit(ctx, b); err != nil {
		s.log.Warn("a sandbox did not get the fixtures of a new dialect; reset it", "sandbox", sb.Name, "error", err)
	}
}

// router is one dialect's paths.
type router struct {
	dialect  *dialect.Dialect
	prefix   string // its name as the first segment of a path
	file     string // where it is written down, for people
	paths    *routing.Table
	backend  backend.Backend
	shapes   map[*dialect.Op]answers.Showing // of operations that show what is stored, where that can be kept
	policies map[*access.LimitRule]*ratelimit.Policy
	passage  *Passage         // nil where the stages and the backend answer
	hides    *journal.Secrets // from recordings
	openapi  func() string    // made when it is first asked for
	allowed  string           // request headers that a web page may send
}

func newState(opts *Options, set *dialect.Set, fixtures *seed.Fixtures) (*state, error) {
	st := &state{set: set, fixtures: fixtures, routers: map[string]*router{}, secretHeaders: slices.Clone(secretHeaders), paths: newLoggedPaths(set, fixtures)}
	st.ledger = &ledger.Ledger{Set: set, Shared: opts.Shared, Random: opts.Random, Told: opts.Told}
	own := &mock.Backend{Ledger: st.ledger, Shared: opts.Shared, NoWalls: opts.NoWalls, Main: fixtures.MainAccount}
	for _, d := range set.Dialects {
		paths := opts.Paths[d]
		if paths == nil {
			var err error
			if paths, err = routing.New(d); err != nil {
				return nil, err
			}
		}
		r := &router{dialect: d, prefix: "/" + d.Name, file: opts.named(d.File), backend: own, paths: paths, policies: map[*access.LimitRule]*ratelimit.Policy{}, allowed: allowedHeaders(d)}
		if opts.Backend != nil {
			r.backend = opts.Backend(d, own)
		}
		if r.backend == own && !opts.Shared && !opts.Afresh { // else records are made as they are shown
			r.shapes = answers.Shapes(d)
		}
		if opts.Passage != nil {
			if r.passage = opts.Passage(d); r.passage != nil {
				r.hides = hides(d)
			}
		}
		r.openapi = sync.OnceValue(func() string {
			return string(openapi.Document(d, openapi.Options{Example: handbook.Examples(d, fixtures)}))
		})
		for _, l := range d.Limits {
			kind, err := ratelimit.ParseKind(l.Kind)
			if err != nil {
				return nil, fmt.Errorf("%s: limit %s: %w", d.Name, l.Name, err)
			}
			p, err := ratelimit.NewPolicy(d.Name+"."+l.Name, kind, l.Count, l.Every)
			if err != nil {
				return nil, fmt.Errorf("%s: limit %s: %w", d.Name, l.Name, err)
			}
			r.policies[l] = p
		}
		st.secretHeaders = append(st.secretHeaders, d.Auth.Headers...)
		st.routers[d.Name] = r
		st.order = append(st.order, r)
	}
	return st, nil
}

// Route is one line of the table of routes.
type Route struct {
	Dialect, Method, Path, Operation string
}

// Routes lists every method and path that is served.
func (s *Server) Routes() []Route {
	var out []Route
	for _, r := range s.state.Load().order {
		r.paths.Each(func(op *dialect.Op) { out = append(out, Route{r.dialect.Name, op.Method, op.Path, op.Name}) })
	}
	return out
}

// scenarios are those that there are now.
func (s *Server) scenarios() *faults.Scenarios {
	if s.opts.Scenarios == nil {
		return nil
	}
	return s.opts.Scenarios()
}

// Has tells whether there is a dialect of that name.
func (s *Server) Has(dialect string) bool { return s.state.Load().routers[dialect] != nil }

// Set returns the dialects that are served now.
func (s *Server) Set() *dialect.Set { return s.state.Load().set }

// Sandboxes returns the worlds that the server answers from.
func (s *Server) Sandboxes() *sandbox.Sandboxes { return s.worlds }

// Sandbox returns the engine of a sandbox, making it on first use.
func (s *Server) Sandbox(name string) (store.Engine, error) {
	sb, err := s.worlds.Get(context.Background(), name)
	if err != nil {
		return nil, err
	}
	return sb.DB, nil
}
