package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dialect/translation"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
)

// told is a line of what is lost: how, by which name, at which canonical path.
var told = regexp.MustCompile(`^(dropped|defaulted|approximated) +\S+ +[a-z_.0-9]+( |$)`)

// translates runs one translation, and holds what it says to what it promises:
// it ends with 0 and no loss, with 4 and a line for each, or says that the
// document is none.
func translates(t *testing.T, from, to *dialect.Op, kind string, doc []byte) {
	t.Helper()
	var out, said bytes.Buffer
	a := &app{out: &out, err: &said}
	e := translation.Env(to.Owner, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), ids.Random())
	one := translation.Request
	if kind == "response" {
		one = translation.Answer
	}
	result, err := one(from, to, doc, e)
	if unsayable, ok := errors.AsType[translation.Unsayable](err); ok {
		err = &exitError{exitVerify, unsayable}
	}
	err = a.say(result, err)
	where := from.Owner.Name + " to " + to.Owner.Name + ", " + kind + " of " + from.Name
	exit := (*exitError)(nil)
	switch is := errors.As(err, &exit); {
	case err == nil:
		if said.Len() > 0 {
			t.Errorf("%s: nothing is lost, and it says %s", where, &said)
		}
	case is && exit.code == exitVerify:
		for line := range strings.Lines(said.String()) {
			if !told.MatchString(line) && !strings.Contains(line, ": ") {
				t.Errorf("%s: a line names no loss: %q", where, line)
			}
		}
		if said.Len() == 0 {
			t.Errorf("%s: something is lost, and nothing is named: %v", where, err)
		}
	case !strings.Contains(err.Error(), "the document is no "):
		t.Errorf("%s: %v", where, err)
	}
	if text := strings.TrimSpace(out.String()); text != "" && !json.Valid([]byte(text)) {
		if _, err := url.ParseQuery(text); err != nil || strings.HasPrefix(text, "{") {
			t.Errorf("%s: what comes out is no document: %s", where, text)
		}
	}
}

// everyPair calls f with each operation that two dialects have in common.
func everyPair(set *dialect.Set, f func(from, to *dialect.Op)) {
	for _, a := range set.Dialects {
		for _, b := range set.Dialects {
			for _, from := range a.Operations {
				if to := b.Op(from.Name); a != b && to != nil && from.Resource != nil && to.Resource != nil && from.Resource.Schema == to.Resource.Schema {
					f(from, to)
				}
			}
		}
	}
}

// TestTranslateNamesWhatIsLostInEveryPair of requests out of the handbook, and of
// what the mock answers to them.
func TestTranslateNamesWhatIsLostInEveryPair(t *testing.T) {
	t.Parallel()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		t.Fatal(err)
	}
	srv, err := routes.New(routes.Options{Set: set, Fixtures: fix, Engine: mockstore.Make, NoLimits: true, Quiet: true})
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	everyPair(set, func(from, to *dialect.Op) {
		s, _, _ := handbook.Sample(from.Owner, fix, from)
		if from.Writes() && to.Writes() {
			n++
			translates(t, from, to, "request", []byte(s.Body))
		}
		r := httptest.NewRequestWithContext(t.Context(), s.Method, "/"+from.Owner.Name+s.Path, strings.NewReader(s.Body))
		for _, h := range s.Headers {
			r.Header.Set(h[0], h[1])
		}
		w := httptest.NewRecorder()
		if srv.ServeHTTP(w, r); w.Code < http.StatusBadRequest && from.Does != dialect.List && from.Does != dialect.Answer {
			n++
			translates(t, from, to, "response", w.Body.Bytes())
		}
	})
	if n < 60 {
		t.Errorf("only %d documents were translated", n)
	}
}

// FuzzTranslate gives every pair hostile documents.
func FuzzTranslate(f *testing.F) {
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		f.Fatal(err)
	}
	type pair struct{ from, to *dialect.Op }
	var pairs []pair
	everyPair(set, func(from, to *dialect.Op) {
		if from.Does == dialect.Create || from.Does == dialect.Update {
			pairs = append(pairs, pair{from, to})
		}
	})
	for n, doc := range []string{
		`{"title":"Gold","line_items":[{"price":"p_A_1","quantity":2}],"metadata":{"a":"b"}}`,
		`{"title":"Gold","url":"gold","linkType":"PRODUCT","amount":5.05,"currency":"usdc","customFields":{"a":1}}`,
		"line_items[0][price_data][currency]=usd&line_items[0][price_data][unit_amount]=5&line_items[0][quantity]=1",
		`{"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc","amount":1e400,"expiryMinutes":-1}`,
		`{"data":{"paymentLink":{"id":"75906707-8c31-479c-b354-aa805c4cefbc","amount":"x","status":7}}}`,
		`{"id":1,"line_items":{"0":null},"metadata":[1],"title":{"a":[]}}`,
		`{"line_items":[null,{"price":{}},[]],"restrictions":{"completed_sessions":[]},"after_completion":7}`,
		`[`, ``, `{}`, "a[b=c&d]=", "\xff{}",
	} {
		f.Add([]byte(doc), uint16(n*7), n%2 == 0)
	}
	f.Fuzz(func(t *testing.T, doc []byte, which uint16, answer bool) {
		p, kind := pairs[int(which)%len(pairs)], "request"
		if answer {
			kind = "response"
		}
		translates(t, p.from, p.to, kind, doc)
	})
}
