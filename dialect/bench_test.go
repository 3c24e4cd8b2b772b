package dialect_test

import (
	"os"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/record"
)

func benchSetup(tb testing.TB) (*dialect.Op, *record.Record) {
	tb.Helper()
	source, err := os.ReadFile("testdata/bench.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	d, err := compile.File("bench.yaml", source)
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
	if n := len(gjson.Parse(dialecttest.Body).Map()); n != 22 || len(dialecttest.Body) < 750 || len(dialecttest.Body) > 950 {
		t.Errorf("%d members in %d bytes, want 22 in about 800", n, len(dialecttest.Body))
	}
	e, out := dialecttest.Send(t, op, old, dialecttest.Body, false)
	if out.Problems != nil {
		t.Fatal(out.Problems)
	}
	shown := dialecttest.Wire(t, op.Resource, e.It)
	if got := shown.Get("amount").Raw + shown.Get("url").Raw; got != `149.5"http://mock/l/consultation"` {
		t.Errorf("amount and url are %s", got)
	}
}

// BenchmarkDecodeEncode35 is a whole update without store and HTTP: check and
// decode the body, merge it into the record, hold the rules, encode.
func BenchmarkDecodeEncode35(b *testing.B) {
	op, old := benchSetup(b)
	body := []byte(dialecttest.Body)
	e, in := dialecttest.Env(), &dialect.Input{}
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
	body, in := []byte(dialecttest.Body), &dialect.Input{}
	b.ReportAllocs()
	for b.Loop() {
		if err := op.Parse(in, body, false); err != nil {
			b.Fatal(err)
		}
	}
}
