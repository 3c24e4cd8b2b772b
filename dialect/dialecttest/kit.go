package dialecttest

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/record"
)

// Noon is when every request of these tests happens.
var Noon = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// Small is a dialect with as little around a field table as there can be.
const Small = `dialect: t
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

// Compile compiles field lines, one a line, under words for the head.
func Compile(t testing.TB, head, fields string) *dialect.Dialect {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(fields), "\n")
	for i := range lines {
		lines[i] = "      " + strings.TrimLeft(lines[i], "\t")
	}
	d, err := compile.File("t.yaml", fmt.Appendf(nil, Small, head, strings.Join(lines, "\n")))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// Env is what is known about a request at Noon.
func Env() *dialect.Env {
	account := record.New(record.Accounts, "t")
	account.Set(record.SlotID, `"acc"`)
	credential := record.New(record.Credentials, "t")
	credential.Set(record.SlotLive, "false")
	e := &dialect.Env{Random: new(counter)}
	e.Now, e.Base, e.Account, e.Credential = Noon, "http://mock", account, credential
	e.Header = func(string) string { return "" }
	return e
}

// Outcome is what a request leads to.
type Outcome struct {
	Problems []string          // path, check
	Slots    map[string]string // of the record, without the engine's own
}

// Send runs one request through decode, merge and rules.
func Send(t testing.TB, op *dialect.Op, old *record.Record, body string, form bool) (*dialect.Env, Outcome) {
	t.Helper()
	e := Env()
	e.Old = old
	in := &dialect.Input{}
	if err := op.Parse(in, []byte(body), form); err != nil {
		return e, Outcome{Problems: []string{string(record.CodeOf(err))}}
	}
	op.Decode(in, e)
	if len(in.Problems) == 0 {
		op.Merge(in, e)
		op.Rules(in, e)
	}
	var out Outcome
	for _, p := range in.Problems {
		out.Problems = append(out.Problems, p.Path+" "+p.Check)
	}
	if out.Problems == nil {
		out.Slots = Slots(e.It)
	}
	return e, out
}

// Slots is what a record holds but for what the engine gives every record.
func Slots(rec *record.Record) map[string]string {
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

// Wire is the encoded record, and must be JSON.
func Wire(t testing.TB, res *dialect.Resource, rec *record.Record) gjson.Result {
	t.Helper()
	e := Env()
	e.It = rec
	out := res.Encode(nil, e)
	if !gjson.ValidBytes(out) {
		t.Fatalf("encoded to what is not JSON: %s", out)
	}
	return gjson.ParseBytes(out)
}

// Record makes a link out of slots and values.
func Record(t testing.TB, slots map[string]string) *record.Record {
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

// Repeat repeats a text.
func Repeat(s string, n int) string { return strings.Repeat(s, n) }

// Shipped compiles the dialects of the repository.
func Shipped(t testing.TB) *dialect.Set {
	t.Helper()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// Files makes a file system of one dialect and whatever comes in pairs.
func Files(pairs ...string) fstest.MapFS {
	fs := fstest.MapFS{}
	for i := 0; i < len(pairs); i += 2 {
		fs[pairs[i]] = &fstest.MapFile{Data: []byte(pairs[i+1])}
	}
	return fs
}

// Body sends 22 of the 35 fields of testdata/bench.yaml in about 800 bytes.
const Body = `{"title":"Consultation, one hour","description":"A call of one hour about your plans, with notes afterwards and a ` +
	`list of the next steps to take. Please bring the papers you have.","amount":149.5,"currency":"usd","recurringType":"MONTHLY",` +
	`"walletId":"wal_8f14e45fceea167a","expiresAt":"2026-12-31T23:59:59Z","coverImage":"https://images.example.com/covers/consultation.png",` +
	`"reference":"order-2026-000123","customerId":"cus_c9f0f895fb98ab91","taxId":"tax_45c48cce2e2d7fbd","collectTax":true,"collectAddress":true,` +
	`"requirePhone":false,"limitPayments":true,"maxPayments":25,"mobilePayment":true,"cryptoPayment":false,"confirmationPage":"REDIRECT",` +
	`"successUrl":"https://shop.example.com/thanks?from=link","createInvoicePdf":true,"customFields":{"color":"blue","size":42,"gift":false}}`

// counter is randomness that is the same every time: bytes in a row.
type counter byte

// Read implements io.Reader.
func (c *counter) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(*c)
		*c += 37
	}
	return len(p), nil
}
