package dialect

import (
	"fmt"
	"math/rand"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
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
	account := record.New(record.Accounts, "t")
	account.Set(record.SlotID, `"acc"`)
	credential := record.New(record.Credentials, "t")
	credential.Set(record.SlotLive, "false")
	e := &Env{Random: rand.New(rand.NewSource(1))}
	e.Now, e.Base, e.Account, e.Credential = noon, "http://mock", account, credential
	e.Header = func(string) string { return "" }
	return e
}

// outcome is what a request leads to.
type outcome struct {
	Problems []string          // path, check
	Slots    map[string]string // of the record, without the engine's own
}

// send runs one request through decode, merge and rules.
func send(t testing.TB, op *Op, old *record.Record, body string, form bool) (*Env, outcome) {
	t.Helper()
	e := newEnv()
	e.Old = old
	in := &Input{}
	if err := op.Parse(in, []byte(body), form); err != nil {
		return e, outcome{Problems: []string{string(record.CodeOf(err))}}
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
func slotsOf(rec *record.Record) map[string]string {
	all := map[string]string{}
	for i, info := range rec.Schema.Slots {
		switch v := rec.Get(record.Slot(i)); {
		case v == "" || i == int(record.SlotID) || i == int(record.SlotAccount) || i == int(record.SlotCreated) || i == int(record.SlotUpdated) || i == int(record.SlotVersion):
		case i == int(record.SlotLive) && v == "false":
		default:
			all[info.Name] = v
		}
	}
	rec.EachExt(func(k, v string) { all[k] = v })
	return all
}

// wire is the encoded record, and must be JSON.
func wire(t testing.TB, res *Resource, rec *record.Record) gjson.Result {
	t.Helper()
	e := newEnv()
	e.It = rec
	out := res.Encode(nil, e)
	if !gjson.ValidBytes(out) {
		t.Fatalf("encoded to what is not JSON: %s", out)
	}
	return gjson.ParseBytes(out)
}

// newRecord makes a link out of slots and values.
func newRecord(t testing.TB, slots map[string]string) *record.Record {
	t.Helper()
	rec := record.New(record.Links, "t")
	rec.Set(record.SlotID, `"one"`)
	for name, v := range slots {
		if strings.HasPrefix(name, "t.") {
			rec.SetExt(name, v)
			continue
		}
		s, ok := record.Links.Slot(name)
		if !ok {
			t.Fatalf("no slot %q", name)
		}
		rec.Set(s, v)
	}
	return rec
}
