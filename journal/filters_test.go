package journal_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/journal"
)

func TestValuesOfABodyAreTheSameInJSONAndInForms(t *testing.T) {
	t.Parallel()
	bodies := map[string]string{
		"json": `{"line_items":[{"price":"p_1","quantity":2},{"price":"caf\u00e9 & co"}],"metadata":{"a.b":"dots","a":{"c":"d"}},"live":true,"none":null,"twice":1,"twice":2,"empty":""}`,
		"form": "line_items[0][price]=p_1&line_items[0][quantity]=2&line_items[1][price]=caf%C3%A9+%26+co&metadata[a.b]=dots&metadata[a][c]=d&live=true&none=null&twice=2&empty=",
		"list": "line_items[][price]=p_1&line_items[0][quantity]=2&line_items[][price]=caf%C3%A9+%26+co&metadata%5Ba.b%5D=dots&metadata[a][c]=d&live=true&none=null&twice=2&empty=",
	}
	for kind, body := range bodies {
		e := &journal.Entry{N: 1, Body: []byte(body), BodySize: int64(len(body))}
		for path, values := range map[string][2]string{ // the value, and another one
			"line_items.0.price": {"p_1", "p_2"}, "line_items.0.quantity": {"2", "2.0"}, "line_items.1.price": {"café & co", "caf"}, "metadata.a.b": {"dots", ""},
			"metadata.a.c": {"d", "D"}, "live": {"true", "1"}, "none": {"null", ""}, "twice": {"2", "1"}, "empty": {"", "x"},
		} {
			for i, want := range []bool{true, false} {
				f := journal.Filter{BodyAt: map[string]string{path: values[i]}}
				if ok, misses := f.Match(e, &journal.Secrets{}); ok != want {
					t.Errorf("%s: body.%s is %q: %v, %q", kind, path, values[i], ok, misses)
				}
			}
		}
		for _, path := range []string{"line_items.2.price", "line_items.-1.price", "line_items.x", "line_items.0.price.x", "", "live.x", "metadata.a.b.c"} {
			f := journal.Filter{BodyAt: map[string]string{path: ""}}
			if ok, misses := f.Match(e, &journal.Secrets{}); ok || len(misses) != 1 || !strings.HasSuffix(misses[0], "is not known") {
				t.Errorf("%s: body.%s is there: %q", kind, path, misses)
			}
		}
		f := journal.Filter{BodyAt: map[string]string{"metadata.a": `{"c": "d"}`}}
		if ok, misses := f.Match(e, &journal.Secrets{}); !ok {
			t.Errorf("%s: an object is not the same: %q", kind, misses)
		}
	}
	for _, body := range []string{"", "{", "\xff", "a[=1", "[]", `"x"`} {
		f := journal.Filter{BodyAt: map[string]string{"a": "1"}}
		if ok, _ := f.Match(&journal.Entry{N: 1, Body: []byte(body)}, &journal.Secrets{}); ok {
			t.Errorf("%q has a member a", body)
		}
	}
}

func TestHeadersMatchByAnySpellingOfTheirName(t *testing.T) {
	t.Parallel()
	e := &journal.Entry{N: 1, Header: http.Header{"Idempotency-Key": {"k1"}, "x-odd": {"a", "b"}, "X-Session-Id": {"hunter2hunter2"}}, Status: 409}
	for name, want := range map[string]string{"idempotency-key": "k1", "X-ODD": "b"} {
		f := journal.Filter{Headers: map[string]string{name: want}}
		if ok, misses := f.Match(e, &journal.Secrets{}); !ok {
			t.Errorf("%s is not %q: %q", name, want, misses)
		}
		f.Headers[name] = "other"
		if ok, _ := f.Match(e, &journal.Secrets{}); ok {
			t.Errorf("%s is anything", name)
		}
	}
	f := journal.Filter{Headers: map[string]string{"x-session-id": "x", "x-none": "y"}}
	_, misses := f.Match(e, journal.NewSecrets(journal.SecretsOf{}))
	if text := strings.Join(misses, ", "); strings.Contains(text, "hunter2") || !strings.Contains(text, "header.x-none is not known") {
		t.Errorf("the misses are %q", misses)
	}
}

func TestAClassIsEveryStatusInIt(t *testing.T) {
	t.Parallel()
	for status, want := range map[journal.Status]bool{"4xx": true, "4XX": true, "409": true, "": true, "5xx": false, "404": false, "40x": false, "4": false} {
		f := journal.Filter{Status: status}
		if ok, _ := f.Match(&journal.Entry{N: 1, Status: 409}, &journal.Secrets{}); ok != want {
			t.Errorf("409 is %s: %v", status, ok)
		}
	}
	for status, want := range map[journal.Status]bool{"": true, "100": true, "599": true, "4xx": true, "5XX": true, "600": false, "099": false, "99": false, "40x": false, "x": false, "4x": false, "+12": false, "-12": false, "1x1": false, "200 ": false} {
		if status.Valid() != want {
			t.Errorf("%q is valid: %v", status, !want)
		}
	}
}
