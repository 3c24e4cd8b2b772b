package dialect_test

import (
	"bytes"
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
)

var bodySeeds = []string{
	``, `{}`, `[]`, `null`, dialecttest.Body, `{"title":"x","title":1}`, `{"metadata":{"a.b":"1","\"a":"","*":null,"3000000":"x"}}`, `{"amount":1e400}`,
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
	set := dialecttest.Shipped(f)
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

func decodeAny(t *testing.T, d *dialect.Dialect, op *dialect.Op, body []byte) {
	e, in := dialecttest.Env(), &dialect.Input{}
	e.Old = record.New(op.Resource.Schema, d.Name)
	e.Old.Set(record.SlotID, `"one"`)
	e.Old.Set(record.SlotStatus, record.Quote(op.Resource.Schema.Slots[record.SlotStatus].Values[0]))
	e.Parent, e.About = record.New(record.Customers, d.Name), record.New(record.Transactions, d.Name)
	before := dialecttest.Slots(e.Old)
	if op.Does == dialect.Create {
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
		failed := failures.Append(nil, d, withFailure(d, e, in))
		if len(failed) > 0 && !json.Valid(failed) {
			t.Fatalf("%s answers a failure with %s", op.Name, failed)
		}
		return
	}
	for i, info := range e.It.Schema.Slots {
		if text := e.It.Get(record.Slot(i)); text != "" {
			if err := document.Check(info, text); err != nil {
				t.Fatalf("%s: %v", op.Name, err)
			}
		}
	}
	one := op.Resource.Encode(nil, e)
	if !json.Valid(one) || !utf8.Valid(one) {
		t.Fatalf("%s shows %s", op.Name, one)
	}
	if e.Old != nil {
		if diff := cmp.Diff(before, dialecttest.Slots(e.Old)); diff != "" {
			t.Fatalf("%s changed the old record (-want +got)\n%s", op.Name, diff)
		}
	}
	doc := document.Of(e.It, false)
	back, err := document.Read(doc)
	if err != nil {
		t.Fatalf("%s: the document %s cannot be read: %v", op.Name, doc, err)
	}
	e.It = back
	if two := op.Resource.Encode(nil, e); !bytes.Equal(one, two) {
		t.Fatalf("%s shows %s, and %s after a document", op.Name, one, two)
	}
}

func withFailure(d *dialect.Dialect, e *dialect.Env, in *dialect.Input) *dialect.Env {
	failures.Of(d, e, in.Problems...)
	return e
}
