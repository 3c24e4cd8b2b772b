package dialect

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/link"
)

// noon is when every request of these tests happens.
var noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// small is a dialect with as little around a field table as there can be.
const small = `dialect: t
%s
errors: { body: none, classes: { internal: { status: 500 }, invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 } } }
resources:
  link:
    id: { uuid: 4 }
    fields:
%s
  customer: { fields: { id: { to: id, dir: out } } }
operations:
  link.create: { at: POST /links }
  link.update: { at: "PUT /links/{id}" }
`

// compileSmall compiles field lines, one a line, under words for the head.
func compileSmall(t testing.TB, head, fields string) *Dialect {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(fields), "\n")
	for i := range lines {
		lines[i] = "      " + strings.TrimLeft(lines[i], "\t")
	}
	d, err := CompileFile("t.yaml", fmt.Appendf(nil, small, head, strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func newEnv() *Env {
	account := link.New(link.Accounts, "t")
	account.Set(link.SlotID, `"acc"`)
	credential := link.New(link.Credentials, "t")
	credential.Set(link.SlotLive, "false")
	return &Env{Now: noon, Base: "http://mock", Random: rand.New(rand.NewSource(1)), Account: account, Credential: credential,
		Header: func(string) string { return "" }}
}

// outcome is what a request leads to.
type outcome struct {
	Problems []string          // path, check
	Slots    map[string]string // of the record, without the engine's own
}

// send runs one request through decode, merge and rules.
func send(t testing.TB, op *Op, old *link.Record, body string, form bool) (*Env, outcome) {
	t.Helper()
	e := newEnv()
	e.Old = old
	in := &Input{}
	if err := op.Parse(in, []byte(body), form); err != nil {
		return e, outcome{Problems: []string{string(link.CodeOf(err))}}
	}
	op.Decode(in, e)
	if len(in.Problems) == 0 {
		op.Merge(in, e)
		op.Rules(in, e)
	}
	var out outcome
	for _, p := range in.Problems {
		out.Problems = append(out.Problems, p.Path+" "+p.Check)
	}
	if out.Problems == nil {
		out.Slots = slotsOf(e.It)
	}
	return e, out
}

// slotsOf is what a record holds but for what the engine gives every record.
func slotsOf(rec *link.Record) map[string]string {
	all := map[string]string{}
	for i, info := range rec.Schema.Slots {
		switch v := rec.Get(link.Slot(i)); {
		case v == "" || i == int(link.SlotID) || i == int(link.SlotAccount) || i == int(link.SlotCreated) || i == int(link.SlotUpdated) || i == int(link.SlotVersion):
		case i == int(link.SlotLive) && v == "false":
		default:
			all[info.Name] = v
		}
	}
	rec.EachExt(func(k, v string) { all[k] = v })
	return all
}

// wire is the encoded record, and must be JSON.
func wire(t testing.TB, res *Resource, rec *link.Record) gjson.Result {
	t.Helper()
	e := newEnv()
	e.It = rec
	out := res.Encode(nil, e)
	if !gjson.ValidBytes(out) {
		t.Fatalf("encoded to what is not JSON: %s", out)
	}
	return gjson.ParseBytes(out)
}

// record makes a link out of slots and values.
func record(t testing.TB, slots map[string]string) *link.Record {
	t.Helper()
	rec := link.New(link.Links, "t")
	rec.Set(link.SlotID, `"one"`)
	for name, v := range slots {
		if strings.HasPrefix(name, "t.") {
			rec.SetExt(name, v)
			continue
		}
		s, ok := link.Links.Slot(name)
		if !ok {
			t.Fatalf("no slot %q", name)
		}
		rec.Set(s, v)
	}
	return rec
}
