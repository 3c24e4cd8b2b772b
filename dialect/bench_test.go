package dialect

import (
	"os"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// benchBody sends 22 of the 35 fields in about 800 bytes.
const benchBody = `{"title":"Consultation, one hour","description":"A call of one hour about your plans, with notes afterwards and a ` +
	`list of the next steps to take. Please bring the papers you have.","amount":149.5,"currency":"usd","recurringType":"MONTHLY",` +
	`"walletId":"wal_8f14e45fceea167a","expiresAt":"2026-12-31T23:59:59Z","coverImage":"https://images.example.com/covers/consultation.png",` +
	`"reference":"order-2026-000123","customerId":"cus_c9f0f895fb98ab91","taxId":"tax_45c48cce2e2d7fbd","collectTax":true,"collectAddress":true,` +
	`"requirePhone":false,"limitPayments":true,"maxPayments":25,"mobilePayment":true,"cryptoPayment":false,"confirmationPage":"REDIRECT",` +
	`"successUrl":"https://shop.example.com/thanks?from=link","createInvoicePdf":true,"customFields":{"color":"blue","size":42,"gift":false}}`

func benchSetup(tb testing.TB) (*Op, *record.Record) {
	tb.Helper()
	source, err := os.ReadFile("testdata/bench.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	d, err := CompileFile("bench.yaml", source)
	if err != nil {
		tb.Fatal(err)
	}
	old := record.New(record.Links, "bench")
	for name, v := range map[string]string{"id": `"b3c1b6a2-2f1e-4c55-9d0c-0a8e4d2f7a11"`, "status": `"active"`, "title": `"Old"`, "slug": `"consultation"`,
		"type": `"product"`, "currency": `"USD"`, "created_at": `"2026-01-01T00:00:00Z"`, "updated_at": `"2026-01-01T00:00:00Z"`} {
		s, _ := record.Links.Slot(name)
		old.Set(s, v)
	}
	old.SetExt("bench.app", `"app_1"`)
	return d.Op("link.update"), old
}

func TestTheBenchmarkDoesWhatItSays(t *testing.T) {
	t.Parallel()
	op, old := benchSetup(t)
	if n := len(op.Resource.Fields); n != 35 {
		t.Errorf("%d fields, want 35", n)
	}
	if n := len(gjson.Parse(benchBody).Map()); n != 22 || len(benchBody) < 750 || len(benchBody) > 950 {
		t.Errorf("%d members in %d bytes, want 22 in about 800", n, len(benchBody))
	}
	e, out := send(t, op, old, benchBody, false)
	if out.Problems != nil {
		t.Fatal(out.Problems)
	}
	shown := wire(t, op.Resource, e.It)
	if got := shown.Get("amount").Raw + shown.Get("url").Raw; got != `149.5"http://mock/l/consultation"` {
		t.Errorf("amount and url are %s", got)
	}
}

// BenchmarkDecodeEncode35 is a whole update without store and HTTP: check and
// decode the body, merge it into the record, hold the rules, encode.
func BenchmarkDecodeEncode35(b *testing.B) {
	op, old := benchSetup(b)
	body := []byte(benchBody)
	e, in := newEnv(), &Input{}
	var out []byte
	b.SetBytes(int64(len(body)))
	b.ReportAllocs()
	for b.Loop() {
		e.Old, e.It = old, nil
		if err := op.Parse(in, body, false); err != nil {
			b.Fatal(err)
		}
		op.Decode(in, e)
		op.Merge(in, e)
		op.Rules(in, e)
		if len(in.Problems) > 0 {
			b.Fatal(in.Problems)
		}
		out = op.Resource.Encode(out[:0], e)
	}
}

func BenchmarkParse(b *testing.B) {
	op, _ := benchSetup(b)
	body, in := []byte(benchBody), &Input{}
	b.ReportAllocs()
	for b.Loop() {
		if err := op.Parse(in, body, false); err != nil {
			b.Fatal(err)
		}
	}
}
