package journal_test

import (
	"bytes"
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
)

func TestAnEntryThatWasWrittenDownIsShownAsItWas(t *testing.T) {
	t.Parallel()
	before, after := record.New(record.Links, "acme"), record.New(record.Links, "acme")
	after.Set(record.SlotStatus, `"active"`)
	e := &journal.Entry{N: 7, At: time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC), Sandbox: "one", Dialect: "acme", Operation: "link.update", Method: "PUT",
		Path: "/links/hush-hush", OwnPath: "/links/hush-hush", Query: "a=1&key=hush-hush", Host: "localhost", TLS: true, TraceID: "t",
		Header: http.Header{"Authorization": {"Bearer hush-hush"}, "X-Own": {"hush-hush"}, "Accept": {"a", "b"}}, Body: []byte(`{"a":"hush-hush","b":1.50}`), BodySize: 26,
		Status: 200, AnswerHeader: http.Header{"Content-Type": {"application/json"}}, Answer: []byte(`{"c":"hush-hush"}`), AnswerSize: 17, Took: time.Millisecond,
		Upstream: &journal.Upstream{By: "passthrough", Host: "h", Seen: "hush-hush"}, Rule: journal.Rule{File: "acme.yaml", Line: 30, Code: "ok"},
		Source: bytes.Repeat([]byte("line\n"), 60), Fault: "flt_1", Replayed: true, First: 3,
		Changes: []journal.Change{{Table: "link", ID: "1", Before: before, After: after}}, Secrets: []string{"hush-hush"}, SecretHeaders: []string{"X-Own"}}
	e.Undelivered()
	data := e.Encode()
	if bytes.Contains(data, []byte("hush")) {
		t.Errorf("a secret is in %s", data)
	}
	back, err := journal.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	secrets := journal.NewSecrets(journal.SecretsOf{})
	want, got := e.Render(secrets), back.Render(secrets)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if bytes.Count(back.Source, []byte("\n")) != 40 || !bytes.HasSuffix(back.Source, []byte("line\n")) {
		t.Errorf("the lines that decided are %q", back.Source)
	}
	if _, err := journal.Decode([]byte("{")); err == nil {
		t.Error("half a document is an entry")
	}
}
