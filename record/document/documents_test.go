package document_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
)

func TestADocumentIsReadBackAsItWas(t *testing.T) {
	t.Parallel()
	rec := record.New(record.Links, "acme")
	for name, text := range map[string]string{
		"id": `"one"`, "status": `"active"`, "title": `"Tea \"green\""`, "amount": "1050", "currency": `"USD"`, "expires_at": "null",
		"metadata": `{"a.b":1.50}`, "tax.collect": "true", "completion.limit": "3",
	} {
		rec.Set(record.Links.MustSlot(name), text)
	}
	rec.SetExt("acme.a.b", `[1,2]`)
	rec.SetExt("acme.plain", `"x"`)
	doc := document.Of(rec, false)
	back, err := document.Read(doc)
	if err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	if diff := cmp.Diff(string(doc), string(document.Of(back, false))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if back.Ext("acme.a.b") != "[1,2]" || back.Get(record.SlotMetadata) != `{"a.b":1.50}` {
		t.Errorf("%s is read as %s and %s", doc, back.Ext("acme.a.b"), back.Get(record.SlotMetadata))
	}
}

func TestWhatSuitsNoSlotIsNotRead(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`{"object":"link","id":7}`:                 "id is a slot of type text and cannot hold 7",
		`{"object":"link","status":"on"}`:          `status has no value "on"`,
		`{"object":"link","amount":1.5}`:           "amount is a slot of type money and cannot hold 1.5",
		`{"object":"link","expires_at":"soon"}`:    `expires_at is a slot of type time and cannot hold "soon"`,
		`{"object":"lnik"}`:                        `no kind of record "lnik"`,
		`{"object":"link","tax":{"collect":"no"}}`: `tax.collect is a slot of type bool and cannot hold "no"`,
		`{`: "malformed: the syntax is wrong",
	} {
		_, err := document.Read([]byte(doc))
		if err == nil {
			t.Errorf("%s is read", doc)
			continue
		}
		if got := err.Error(); len(got) < len(want) || got[:len(want)] != want {
			t.Errorf("%s: %s, want %s", doc, got, want)
		}
	}
}

func TestAPublicDocumentHasNoSecret(t *testing.T) {
	t.Parallel()
	kinds := document.SecretKinds()
	if len(kinds) == 0 {
		t.Fatal("no kind of record has a secret")
	}
	for _, kind := range kinds {
		schema := record.Schemas()[kind]
		rec := record.New(schema, "acme")
		for i, slot := range schema.Slots {
			if document.IsSecret(slot.Name) {
				rec.Set(record.Slot(i), `"hush-hush"`)
			}
		}
		if got := document.Secrets(rec); len(got) == 0 || got[0] != "hush-hush" {
			t.Errorf("%s: the secrets are %q", kind, got)
		}
		if got, want := string(document.Of(rec, true)), `{"object":"`+kind+`","dialect":"acme"}`; got != want {
			t.Errorf("%s is shown as %s, want %s", kind, got, want)
		}
	}
}

func BenchmarkRead(b *testing.B) {
	rec := record.New(record.Links, "acme")
	for i, slot := range record.Links.Slots {
		switch slot.Type {
		case record.Text:
			rec.Set(record.Slot(i), `"a text of some length"`)
		case record.Map:
			rec.Set(record.Slot(i), `{"a":"b"}`)
		case record.List:
			rec.Set(record.Slot(i), `[{"price":"p_1","quantity":2}]`)
		}
	}
	doc := document.Of(rec, false)
	b.ReportAllocs()
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if _, err := document.Read(doc); err != nil {
			b.Fatal(err)
		}
	}
}
