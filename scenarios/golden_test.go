package scenarios_test

import (
	"context"
	"errors"
	"io/fs"
	"math/rand/v2"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dispatch/receivers"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/faults/scenario"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/internal/exchanges"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/scenarios"
	"github.com/polylink-dev/polylink/store"
)

// folder has a folder for each scenario, and in it a file for each dialect that
// shows it.
const folder = "testdata"

// noAnswer stands for the status of a request whose connection ended before the
// first byte of an answer.
const noAnswer = 444

type files struct {
	set *dialect.Set
	fix *seed.Fixtures
	all *faults.Scenarios
}

var shipped = sync.OnceValue(func() (f files) {
	var err error
	if f.set, err = compile.Compile(mappings.FS, nil); err != nil {
		panic(err)
	}
	if f.fix, err = seed.Load(fixtures.FS, f.set); err != nil {
		panic(err)
	}
	list, err := scenario.Shipped(scenarios.FS, f.set)
	if err != nil {
		panic(err)
	}
	f.all = faults.NewScenarios(list)
	return f
})

// world is a server with its control API, as a process has them, but for its
// time and its randomness.
type world struct {
	*routes.Server
	*receivers.Receivers
	now     time.Time
	dialect string
}

func newWorld(tb testing.TB, dialect string) *world {
	tb.Helper()
	f, w := shipped(), &world{now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), dialect: dialect}
	random := func(seed string) *rand.ChaCha8 { return rand.NewChaCha8([32]byte([]byte(seed))) }
	clock := func() time.Time { return w.now }
	w.Receivers = receivers.New(tb, dialect, f.set, clock, random("the seed of the ids of deliveries"[:32]), func() *sandbox.Sandbox { return w.Sandboxes().Peek(sandbox.Default) })
	worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: f.fix.Rows, Real: clock, Post: w.Post})
	if err != nil {
		tb.Fatal(err)
	}
	api := admin.New(admin.Options{Sandboxes: worlds, Set: w.set, Fixtures: func() *seed.Fixtures { return f.fix }, Scenarios: all, Version: "test",
		Random: random("the seed of the control API here")})
	w.Server, err = routes.New(routes.Options{Set: f.set, Fixtures: f.fix, Sandboxes: worlds, Control: api, Scenarios: all,
		Random: random("the seed of every golden exchange"[:32]), Told: random("the seed of the ids of all events"[:32])})
	if err != nil {
		tb.Fatal(err)
	}
	return w
}

func (w *world) set() *dialect.Set  { return shipped().set }
func all() *faults.Scenarios        { return shipped().all }
func (w *world) Given([]byte) error { return errors.New("nothing is given here") }

func (w *world) Break(string, string) error { return errors.New("nothing is broken here") }

func (w *world) Advance(by time.Duration) {
	w.Receivers.Advance(func() { w.now = w.now.Add(by) })
}

func (w *world) Document(kind, id string) ([]byte, error) {
	row := w.Sandboxes().Peek(sandbox.Default).DB.Read(context.Background()).Get(kind, store.RowKey(w.dialect, id))
	if row == nil {
		return nil, nil
	}
	return document.Of(row.Record, false), nil
}

// ServeHTTP shows a connection that was ended without an answer as one.
func (w *world) ServeHTTP(rw http.ResponseWriter, r *http.Request) {
	seen := &watched{ResponseWriter: rw}
	defer func() {
		switch v := recover(); {
		case v == nil || v == http.ErrAbortHandler && seen.begun:
		case v == http.ErrAbortHandler:
			clear(rw.Header())
			rw.WriteHeader(noAnswer)
		default:
			panic(v)
		}
	}()
	w.Server.ServeHTTP(seen, r)
}

type watched struct {
	http.ResponseWriter
	begun bool
}

func (w *watched) WriteHeader(status int) {
	w.begun = true
	w.ResponseWriter.WriteHeader(status)
}

func load(tb testing.TB) []*exchanges.Exchange {
	tb.Helper()
	list, err := exchanges.Load(os.DirFS(folder), ".")
	if err != nil {
		tb.Fatal(err)
	}
	return list
}

// TestGoldenScenarios plays every file. What is slow passes at once: the time
// that it waits for is the bubble's.
func TestGoldenScenarios(t *testing.T) {
	t.Parallel()
	for _, x := range load(t) {
		t.Run(strings.TrimSuffix(x.File, ".txtar"), func(t *testing.T) {
			t.Parallel()
			shipped()
			synctest.Test(t, func(t *testing.T) {
				name, file := path.Split(x.File)
				w := newWorld(t, strings.TrimSuffix(file, path.Ext(file)))
				got, err := x.Play(w)
				if err != nil {
					t.Fatal(err)
				}
				plays := w.Sandboxes().Peek(sandbox.Default).Plays.List()
				if len(plays) != 1 || plays[0].Name != path.Clean(name) || plays[0].State != faults.Done {
					t.Errorf("the exchange ends with %+v, and should have played %s to its end", plays, name)
				}
				if os.Getenv("POLYLINK_GOLDEN") == "write" && os.Getenv("CI") != "true" {
					if err := os.WriteFile(filepath.Join(folder, x.File), got.Got, 0o644); err != nil {
						t.Fatal(err)
					}
				} else if diff := cmp.Diff(string(x.Format()), string(got.Got)); diff != "" {
					t.Errorf("the exchange went otherwise (-want +got); if that is right, make golden\n%s", diff)
				}
			})
		})
	}
}

// TestEveryScenarioIsShownInTwoDialects counts the files.
func TestEveryScenarioIsShownInTwoDialects(t *testing.T) {
	t.Parallel()
	shown := map[string]int{}
	for _, x := range load(t) {
		shown[path.Dir(x.File)]++
	}
	for _, s := range all().All() {
		if n := shown[s.Name]; n < 2 {
			t.Errorf("%s is shown in %d dialects", s.Name, n)
		}
		delete(shown, s.Name)
	}
	for name := range shown {
		t.Errorf("%s/%s shows no scenario", folder, name)
	}
}

// TestEveryFileIsEmbedded holds the folder to what the program has.
func TestEveryFileIsEmbedded(t *testing.T) {
	t.Parallel()
	list, err := fs.Glob(os.DirFS("."), "*.yaml")
	if err != nil || len(list) != len(all().All()) {
		t.Errorf("there are %d files and %d scenarios, %v", len(list), len(all().All()), err)
	}
}
