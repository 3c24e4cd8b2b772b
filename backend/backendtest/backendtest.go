// Package backendtest is the contract test of backends.
//
// Every backend calls Run from a test of its own and has to pass it whole: it
// shows the sentences of backend.Backend and backend.Operation on a dialect and
// a world of its own, in records and canonical codes. It plays the edge: it
// decodes bodies and runs the stages in the dialect's order, but it encodes
// nothing and speaks no HTTP. How a backend comes to its answers, out of rows or
// by asking somebody, is left to the backend. Start with Run.
package backendtest

import (
	"context"
	_ "embed"
	"testing"
	"testing/fstest"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/routing"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dialect/selection"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

//go:embed acme.yaml
var mapping []byte

//go:embed world.yaml
var fixtures []byte

// start is when every world begins.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// World is what a backend is to answer out of: its own, or an upstream's.
type World struct {
	Set      *dialect.Set
	Fixtures *seed.Fixtures
	Start    time.Time    // when it begins, and the time of every call
	DB       store.Engine // holds the fixtures' rows
}

// Maker makes a backend that answers out of a world. It may fail the test.
type Maker func(tb testing.TB, w *World) backend.Backend

// Run holds the backends that make makes to the contract; engine makes the
// stores of their worlds.
func Run(t *testing.T, engine store.Maker, make Maker) {
	for name, test := range map[string]func(*testing.T, *client){
		"life":       life,
		"refusals":   refusals,
		"gathering":  gathering,
		"lists":      lists,
		"references": references,
		"updates":    updatesAtOnce,
		"creates":    createsAtOnce,
		"overtaken":  overtaken,
		"expiry":     expiry,
		"hang-ups":   hangUps,
		"others":     others,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, newClient(t, engine, make))
		})
	}
}

// client is whoever asks, with its edge.
type client struct {
	w       *World
	backend backend.Backend
	key     string // of the credential
}

func newClient(t *testing.T, engine store.Maker, make Maker) *client {
	t.Helper()
	w := &World{Start: start}
	var err error
	if w.Set, err = compile.Compile(fstest.MapFS{"acme.yaml": {Data: mapping}}, nil); err != nil {
		t.Fatal(err)
	}
	if w.Fixtures, err = seed.Load(fstest.MapFS{"acme/world.yaml": {Data: fixtures}}, w.Set); err != nil {
		t.Fatal(err)
	}
	if w.DB, err = engine(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.DB.Load(t.Context(), w.Fixtures.Rows(start)); err != nil {
		t.Fatal(err)
	}
	return &client{w: w, backend: make(t, w), key: "tok_main"}
}

// asked is one call and what came of it.
type asked struct {
	backend.Call
	work    backend.Operation
	page    selection.Found
	changes []backend.Change
	codes   []record.Code // of the problems that refused it, in order
	encoded *record.Record
	lost    string
	decoded int // how often the body was decoded

	meanwhile func()
}

// By is who asks.
func (a *asked) By() ledger.By { return ledger.By{} }

// CheckHeaders finds nothing wrong: there are none.
func (a *asked) CheckHeaders([]*access.HeaderRule) *dialect.Problem { return nil }

// Own does nothing: bodies here stay as they are.
func (a *asked) Own(*record.Record) {}

// Key is none.
func (a *asked) Key() string { return "" }

// Lost notes what an upstream was not told.
func (a *asked) Lost(losses string) { a.lost = losses }

// Encode notes the record that would be answered, and lets happen what happens
// meanwhile.
func (a *asked) Encode() *ledger.Answer {
	if f := a.meanwhile; f != nil {
		a.meanwhile = nil
		f()
	}
	a.encoded = a.Env.It
	return nil
}

// call is what is asked for.
type call struct {
	op, shop, id, body string
	paging             selection.Paging
	meanwhile          func() // happens just before the change is made
}

// do takes a call through every stage, and asserts nothing.
func (c *client) do(ctx context.Context, in call) (*asked, error) {
	d := c.w.Set.Dialect("acme")
	a := &asked{Call: backend.Call{Dialect: d, Op: d.Op(in.op), Env: &dialect.Env{Random: ids.Random()}, Input: &dialect.Input{}, DB: c.w.DB, Paging: in.paging, Context: ctx}}
	a.meanwhile = in.meanwhile
	a.Edge, a.Rows = a, c.w.DB.Read(context.Background())
	a.Vars = routing.Vars{{Name: "shop", Value: in.shop}, {Name: "id", Value: in.id}}
	a.Env.Now, a.Env.Query, a.Env.Header = start, none, none
	a.Env.Credential = a.Rows.Get(record.Credentials.Kind, store.RowKey(d.Name, c.key)).Record
	a.Env.Account = a.Rows.Get(record.Accounts.Kind, store.RowKey(d.Name, a.Account())).Record
	a.work = c.backend.Begin(&a.Call)
	a.Env.Find = a.work.Find
	problems, _, err := a.Run(d.Checks, func(stage dialect.Stage) (*dialect.Problem, bool) { return a.stage(stage, in.body), false })
	if err != nil {
		return a, err
	}
	if len(problems) > 0 {
		a.refuse(problems)
		return a, nil
	}
	if a.Op.Does == dialect.List {
		page, p, err := a.work.List(ctx)
		if a.page = page; p != nil {
			a.refuse([]dialect.Problem{*p})
		}
		return a, err
	}
	result, err := a.work.Apply(ctx)
	a.changes = result.Changes
	a.refuse(result.Problems)
	return a, err
}

// stage runs a check: the backend's, or of the edge's those of the body.
func (a *asked) stage(stage dialect.Stage, body string) *dialect.Problem {
	switch {
	case backend.Checked[stage]:
		return a.work.Check(stage)
	case stage == dialect.StageBody && a.Op.Writes():
		if body == "" {
			body = "{}"
		}
		if err := a.Op.Parse(a.Input, []byte(body), false); err != nil {
			return &dialect.Problem{Code: record.CodeOf(err)}
		}
	case stage == dialect.StageFields:
		a.decoded++
		a.Op.Decode(a.Input, a.Env)
	}
	return nil
}

func (a *asked) refuse(problems []dialect.Problem) {
	for _, p := range problems {
		a.codes = append(a.codes, p.Code)
	}
}

func none(string) string { return "" }

// ask is do of a call that has no error.
func (c *client) ask(t *testing.T, in call) *asked {
	t.Helper()
	a, err := c.do(t.Context(), in)
	if err != nil {
		t.Fatalf("%s: %v", in.op, err)
	}
	return a
}

// passes is ask of a call that is not refused.
func (c *client) passes(t *testing.T, in call) *asked {
	t.Helper()
	a := c.ask(t, in)
	if len(a.codes) > 0 {
		t.Fatalf("%s %s is refused: %v", in.op, in.body, a.codes)
	}
	return a
}

// title is a text of the record that a call has come to.
func (a *asked) title() string {
	return a.Env.It.Text(record.Links.MustSlot("title"))
}
