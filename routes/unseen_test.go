package routes_test

import (
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"polylink/dialect"
)

// unseen is a provider that is nobody's: what the shipped ones do not do.
const unseen = `
dialect: unseen
title: A provider of its own kind
auth: { scheme: bearer }
answer: { link: $item }
unknown: refuse
idempotency: { field: idempotency_key, methods: [POST], required: true, longest: 20, keep: 24h, scope: [account], same: [method, path, body], keeps: [2xx], replay: { Replayed: "true" } }
errors:
  body: { code: $code, message: $message, field: $~field }
  defaults: { message: "{why}" }
  classes:
    internal: { status: 500, code: INTERNAL }
    unauthorized: { status: 401, code: UNAUTHORIZED }
    not_found: { status: 404, code: NOT_FOUND }
    invalid: { status: 400, code: BAD_REQUEST }
    conflict: { status: 409, code: CONFLICT }
    frozen: { status: 409, code: VERSION_MISMATCH }
    rule: { status: 412, code: PRECONDITION }
    idempotency_missing: { status: 400, code: KEY_MISSING }
    idempotency_invalid: { status: 400, code: KEY_INVALID }
    idempotency_reused: { status: 422, code: KEY_REUSED }
    idempotency_in_use: { status: 409, code: KEY_IN_USE }
resources:
  link:
    noun: link
    id: { prefix: lnk_, ulid: true }
    start: { status: active, kind: payment }
    fields:
      id: { to: id, set: create, len: 3..20 }
      version: { to: version, as: int, dir: out, frozen: same }
      title: { to: title, need: create }
operations:
  link.create: { at: POST /links, ok: 201, unwrap: link }
  link.get: { at: "GET /links/{id}", headers: { ETag: '"{it.version}"' } }
  link.update: { at: "PUT /links/{id}", unwrap: link, request_headers: { If-Match: { equals: '"{it.version}"', error: rule } }, headers: { ETag: '"{it.version}"' } }
  link.delete: { at: "DELETE /links/{id}", request_headers: { If-Match: { equals: '"{it.version}"', missing: conflict, error: rule } } }
`

const unseenWorld = `
dialect: unseen
main: tok_main
account: [{ id: a1, status: active }, { id: a2, status: active }]
credential: [{ id: tok_main, status: active, account: a1 }, { id: tok_other, status: active, account: a2 }]
link: [{ id: old, status: active, kind: payment, account: a1, title: Old }]
`

func newUnseen(t *testing.T) *server {
	t.Helper()
	set, err := dialect.Compile(fstest.MapFS{"unseen.yaml": {Data: []byte(unseen)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := dialect.LoadFixtures(fstest.MapFS{"unseen/world.yaml": {Data: []byte(unseenWorld)}}, set)
	if err != nil {
		t.Fatal(err)
	}
	return newServer(t, of(files{set, fix}))
}

// step is a request and what comes back.
type step struct {
	line, body string
	headers    []string
	status     int
	want       string // the body, as a pattern
}

func (s step) play(t *testing.T, srv *server) answer {
	t.Helper()
	a := do(t, srv, asks(s.line, s.body, append(s.headers, "Authorization: Bearer tok_main")...))
	if a.status != s.status || !regexp.MustCompile(`^(?:`+s.want+`)$`).MatchString(a.body) {
		t.Errorf("%s %s: %d %s, want %d %s", s.line, s.body, a.status, a.body, s.status, s.want)
	}
	return a
}

func TestIdempotencyKeyInTheBody(t *testing.T) {
	t.Parallel()
	srv := newUnseen(t)
	first := step{line: "POST /links", body: `{"idempotency_key":"k1","link":{"title":"A"}}`, status: 201,
		want: `{"link":{"id":"lnk_[0-9A-HJKMNP-TV-Z]{26}","version":1,"title":"A"}}`}.play(t, srv)
	again := step{line: "POST /links", body: `{ "link": {"title": "A"}, "idempotency_key": "k1" }`, status: 201, want: regexp.QuoteMeta(first.body)}.play(t, srv)
	if again.header.Get("Replayed") != "true" || first.header.Get("Replayed") != "" {
		t.Errorf("the first answer has %v, the second %v", first.header, again.header)
	}
	for _, s := range []step{
		{body: `{"idempotency_key":"k1","link":{"title":"B"}}`, status: 422, want: `{"code":"KEY_REUSED","message":"[^"]*","field":"idempotency_key"}`},
		{body: `{"link":{"title":"A"}}`, status: 400, want: `{"code":"KEY_MISSING","message":"[^"]*is required","field":"idempotency_key"}`},
		{body: `{"idempotency_key":null,"link":{"title":"A"}}`, status: 400, want: `.*KEY_MISSING.*`},
		{body: `{"idempotency_key":7,"link":{"title":"A"}}`, status: 400, want: `.*KEY_INVALID.*must be a string.*`},
		{body: `{"idempotency_key":["k"],"link":{"title":"A"}}`, status: 400, want: `.*KEY_INVALID.*`},
		{body: `{"idempotency_key":"` + strings.Repeat("é", 21) + `","link":{"title":"A"}}`, status: 400, want: `.*KEY_INVALID.*at most 20.*`},
		{body: `{"idempotency_key":"` + strings.Repeat("é", 20) + `","link":{"title":"A"}}`, status: 201, want: `.*`},
		{body: `{"idempotency_key":"k2","link":{"title":"A"},"other":1}`, status: 201, want: `.*`}, // what is around the link is not looked at
		{body: `{"idempotency_key":"k3"`, status: 400, want: `.*KEY_MISSING.*`},
		{body: `[]`, status: 400, want: `.*KEY_MISSING.*`},
	} {
		s.line = "POST /links"
		s.play(t, srv)
	}
}

func TestOneLinkOfOneKeyInTheBody(t *testing.T) {
	t.Parallel()
	srv := newUnseen(t)
	var wg sync.WaitGroup
	ids := make([]string, 20)
	for i := range ids {
		wg.Go(func() {
			ids[i] = do(t, srv, asks("POST /links", `{"idempotency_key":"same","link":{"title":"A"}}`, "Authorization: Bearer tok_main")).body
		})
	}
	wg.Wait()
	made := map[string]bool{}
	for _, body := range ids {
		if !strings.Contains(body, "KEY_IN_USE") {
			made[body] = true
		}
	}
	if len(made) != 1 {
		t.Errorf("one key made %d links: %v", len(made), made)
	}
}

func TestChangesNameTheVersionTheyMean(t *testing.T) {
	t.Parallel()
	srv := newUnseen(t)
	match := func(v string) []string { return []string{`If-Match: ` + v} }
	for _, s := range []step{
		{line: "GET /links/old", status: 200, want: `{"link":{"id":"old","version":1,"title":"Old"}}`},
		{line: "PUT /links/old", body: `{"link":{"title":"New"}}`, headers: match(`"1"`), status: 200, want: `.*"version":2,"title":"New".*`},
		{line: "PUT /links/old", body: `{"link":{"title":"Late"}}`, headers: match(`"1"`), status: 412, want: `.*PRECONDITION.*`},
		{line: "PUT /links/old", body: `{"link":{"title":"New"}}`, status: 200, want: `.*"version":2.*`}, // which changes nothing
		{line: "PUT /links/old", body: `{"link":{"title":"Third","version":2}}`, status: 200, want: `.*"version":3,"title":"Third".*`},
		{line: "PUT /links/old", body: `{"link":{"title":"Late","version":2}}`, status: 409, want: `.*VERSION_MISMATCH.*"field":"version"}`},
		{line: "PUT /links/old", body: `{"link":{"title":"Late","version":"3"}}`, status: 409, want: `.*VERSION_MISMATCH.*`},
		{line: "GET /links/old", status: 200, want: `{"link":{"id":"old","version":3,"title":"Third"}}`},
		{line: "DELETE /links/old", status: 409, want: `.*CONFLICT.*`},
		{line: "DELETE /links/old", headers: match(`"2"`), status: 412, want: `.*PRECONDITION.*`},
		{line: "DELETE /links/old", headers: match(`"3"`), status: 200, want: `.*`},
		{line: "GET /links/old", status: 404, want: `.*NOT_FOUND.*`},
	} {
		s.play(t, srv)
	}
}

// TestOneOfManyChangesOfAVersionWins has many change what they have seen.
func TestOneOfManyChangesOfAVersionWins(t *testing.T) {
	t.Parallel()
	srv := newUnseen(t)
	status := make([]int, 20)
	var wg sync.WaitGroup
	for i := range status {
		wg.Go(func() {
			status[i] = do(t, srv, asks("PUT /links/old", `{"link":{"title":"`+strings.Repeat("x", i+1)+`"}}`, "Authorization: Bearer tok_main", `If-Match: "1"`)).status
		})
	}
	wg.Wait()
	won := 0
	for _, s := range status {
		switch s {
		case 200:
			won++
		case 412:
		default:
			t.Errorf("answered %d", s)
		}
	}
	if won != 1 {
		t.Errorf("%d changes of one version were taken", won)
	}
}

func TestClientNamesItsLink(t *testing.T) {
	t.Parallel()
	srv := newUnseen(t)
	other := []string{"Authorization: Bearer tok_other"}
	for _, s := range []step{
		{line: "POST /links", body: `{"idempotency_key":"1","link":{"id":"mine","title":"A"}}`, status: 201, want: `{"link":{"id":"mine","version":1,"title":"A"}}`},
		{line: "GET /links/mine", status: 200, want: `.*"title":"A".*`},
		{line: "POST /links", body: `{"idempotency_key":"2","link":{"id":"mine","title":"B"}}`, status: 409, want: `{"code":"CONFLICT","message":"[^"]*taken already","field":"id"}`},
		{line: "POST /links", body: `{"idempotency_key":"3","link":{"id":"mine","title":"B"}}`, headers: other, status: 409, want: `.*CONFLICT.*`},
		{line: "POST /links", body: `{"idempotency_key":"4","link":{"id":"no","title":"B"}}`, status: 400, want: `.*BAD_REQUEST.*`},
		{line: "PUT /links/mine", body: `{"link":{"id":"yours"}}`, status: 200, want: `.*"id":"mine","version":1.*`},
		{line: "GET /links/mine", status: 200, want: `.*"title":"A".*`},
	} {
		s.play(t, srv)
	}
}
