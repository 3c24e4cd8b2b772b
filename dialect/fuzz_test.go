package dialect

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

var bodySeeds = []string{
	``, `{}`, `[]`, `null`, benchBody, `{"title":"x","title":1}`, `{"metadata":{"a.b":"1","\"a":"","*":null,"3000000":"x"}}`, `{"amount":1e400}`,
	`{"amount":34.999,"currency":"usdc"}`, `{"after_completion":{"type":"redirect","redirect":{"url":"https://a.example"}},"after_completion":null}`,
	`{"restrictions":null}`, `{"restrictions":{"completed_sessions":{"limit":0}}}`, `{"payment_method_types":["card",1]}`, `{"status":"archived"}`,
	`{"success_redirect_url":"http://localhost#x"}`, `{"paymentLinkProducts":[{"productId":"p","quantity":1},{}]}`, `{"expiration_date":"2026-01-01T00:00:00+02:00"}`,
	`{"transactionId":"123e4567-e89b-12d3-a456-426614174000","expiryMinutes":5}`, `{"line_items":[{"price":"p","quantity":2}],"discounts":[{}]}`,
	`{"automatic_tax":{"enabled":true},"tax_id_collection":{}}`, `{"active":false,"submit_type":"pay"}`, `{"a":[[[[[[]]]]]]}`, "{\"a\":\"\xff\"}", `{"\ud83d":"\ude00"}`,
}

// FuzzDecode sends any body to every operation that takes one: whatever it
// is, it is refused with problems or leads to a record that can be shown and
// shown again.
func FuzzDecode(f *testing.F) {
	for _, s := range bodySeeds {
		f.Add([]byte(s))
	}
	set := shipped(f)
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, d := range set.Dialects {
			for _, op := range d.Operations {
				if op.Writes() {
					decodeAny(t, d, op, body)
				}
			}
		}
	})
}

func decodeAny(t *testing.T, d *Dialect, op *Op, body []byte) {
	e, in := newEnv(), &Input{}
	e.Old = record.New(op.Resource.Schema, d.Name)
	e.Old.Set(record.SlotID, `"one"`)
	e.Old.Set(record.SlotStatus, record.Quote(op.Resource.Schema.Slots[record.SlotStatus].Values[0]))
	e.Parent, e.About = record.New(record.Customers, d.Name), record.New(record.Transactions, d.Name)
	before := slotsOf(e.Old)
	if op.Does == Create {
		e.Old = nil
	}
	err := op.Parse(in, body, false)
	if valid := len(body) == 0 || json.Valid(body) && utf8.Valid(body); err == nil && !valid {
		t.Fatalf("%s takes %q, which is not JSON", op.Name, body)
	}
	if err != nil {
		return
	}
	op.Decode(in, e)
	if len(in.Problems) == 0 {
		op.Merge(in, e)
	}
	if len(in.Problems) == 0 {
		op.Rules(in, e)
	}
	for i := range in.Problems {
		if p := &in.Problems[i]; p.Code == "" || p.Why == "" || !utf8.ValidString(p.Path+p.Value) {
			t.Fatalf("%s: a problem without words: %+v", op.Name, p)
		}
	}
	if len(in.Problems) > 0 {
		failed := d.AppendFailure(nil, withFailure(d, e, in))
		if len(failed) > 0 && !json.Valid(failed) {
			t.Fatalf("%s answers a failure with %s", op.Name, failed)
		}
		return
	}
	for i, info := range e.It.Schema.Slots {
		if text := e.It.Get(record.Slot(i)); text != "" {
			if err := CheckText(info, text); err != nil {
				t.Fatalf("%s: %v", op.Name, err)
			}
		}
	}
	one := op.Resource.Encode(nil, e)
	if !json.Valid(one) || !utf8.Valid(one) {
		t.Fatalf("%s shows %s", op.Name, one)
	}
	if e.Old != nil {
		if diff := cmp.Diff(before, slotsOf(e.Old)); diff != "" {
			t.Fatalf("%s changed the old record (-want +got)\n%s", op.Name, diff)
		}
	}
	doc := Document(e.It, false)
	back, err := FromDocument(doc)
	if err != nil {
		t.Fatalf("%s: the document %s cannot be read: %v", op.Name, doc, err)
	}
	e.It = back
	if two := op.Resource.Encode(nil, e); !bytes.Equal(one, two) {
		t.Fatalf("%s shows %s, and %s after a document", op.Name, one, two)
	}
}

func withFailure(d *Dialect, e *Env, in *Input) *Env {
	d.Failure(e, in.Problems...)
	return e
}

// FuzzCompile reads any YAML: it compiles or names its faults with positions,
// and what compiles can decode and encode.
func FuzzCompile(f *testing.F) {
	for _, name := range []string{"every", "bench"} {
		source, err := os.ReadFile("testdata/" + name + ".yaml")
		if err != nil {
			f.Fatal(err)
		}
		f.Add(bytes.Replace(source, []byte("dialect: "+name), []byte("dialect: t"), 1))
	}
	archive, err := txtar.ParseFile("testdata/faults.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for i := 0; i < len(archive.Files); i += 2 {
		f.Add(archive.Files[i].Data)
	}
	f.Fuzz(func(t *testing.T, source []byte) {
		d, err := CompileFile("t.yaml", source)
		if err != nil {
			var faults yml.Faults
			if !errors.As(err, &faults) {
				t.Fatalf("no faults but %T: %v", err, err)
			}
			for _, fault := range faults {
				if fault.Line < 1 || fault.Col < 1 || fault.Msg == "" || fault.File != "t.yaml" {
					t.Fatalf("a fault without a place: %#v", fault)
				}
			}
			return
		}
		for _, op := range d.Operations {
			if !op.Writes() {
				continue
			}
			e, in := newEnv(), &Input{}
			e.Old = record.New(op.Resource.Schema, d.Name)
			if op.Parse(in, []byte(benchBody), false) == nil {
				op.Decode(in, e)
				op.Merge(in, e)
				op.Resource.Encode(nil, e)
			}
		}
	})
}
