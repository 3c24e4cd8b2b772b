package routes_test

import (
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/tidwall/gjson"
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
	return newServer(t, of(own(t, "unseen", unseen, unseenWorld)))
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
		{body: `{"idempotency_key":"k2","link":{"title":"A"},"other":1}`, status: 400, want: `.*BAD_REQUEST.*"field":"other"}`},
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
		{line: "PUT /links/old", body: `{"link":{"title":"Late","version":2}}`, status: 409, want: `.*VERSION_MISMATCH.*"field":"link.version"}`},
		{line: "PUT /links/old", body: `{"link":{"title":"Late","version":"3"}}`, status: 400, want: `.*must be a whole number.*`},
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
		{line: "POST /links", body: `{"idempotency_key":"2","link":{"id":"mine","title":"B"}}`, status: 409, want: `{"code":"CONFLICT","message":"link.id is taken already","field":"link.id"}`},
		{line: "POST /links", body: `{"idempotency_key":"3","link":{"id":"mine","title":"B"}}`, headers: other, status: 409, want: `.*CONFLICT.*`},
		{line: "POST /links", body: `{"idempotency_key":"4","link":{"id":"no","title":"B"}}`, status: 400, want: `.*BAD_REQUEST.*`},
		{line: "PUT /links/mine", body: `{"link":{"id":"yours"}}`, status: 200, want: `.*"id":"mine","version":1.*`},
		{line: "GET /links/mine", status: 200, want: `.*"title":"A".*`},
	} {
		s.play(t, srv)
	}
}

// other is another nobody's provider, for what has two faces.
const other = `
dialect: other
title: Another provider
body: [json, form]
report: all
paths: pointer
auth: { scheme: basic }
headers: { Content-Type: application/hal+json }
answer: $item
errors:
  body: { errors: $errors }
  item: { code: $code, detail: $message, at: $~field }
  classes:
    internal: { status: 500, code: OOPS }
    unauthorized: { status: 401, code: WHO }
    rate_limited: { status: 429, code: SLOW }
    invalid: { status: 422, code: INVALID, message: "{why}" }
    missing: { status: 400, code: MISSING, message: "{why}" }
    conflict: { status: 409, code: CONFLICT }
    too_late: { status: 410, code: TOO_LATE, message: "it is {state}" }
resources:
  link:
    noun: link
    id: { prefix: o_, uuid: 4 }
    start: { status: active, kind: payment, title: Untitled }
    fields:
      id: { to: id, dir: out }
      title: { to: title, len: ..9, clear: null }
      price: { to: amount, as: money.text, decimals: all }
      currency: { to: currency, as: currency, default: EUR }
      tip: { to: ext.tip, as: money.text, currency: ext.tip_currency, decimals: all }
      tip_currency: { to: ext.tip_currency, as: currency, default: JPY }
      every: { to: recurrence, as: enum, map: { once: none, month: month, year: year }, also: { monthly: month }, default: once, else: once, out: { map: { ONCE: none, M: month, Y: year }, else: ONCE } }
      ends: { to: expires_at, as: time.in, unit: 1m, min: 1, out: { as: time.unix_ms, absent: 0 } }
      trial: { to: trial.ends_at, as: time.rfc3339, within: 1h..24h, absent: omit }
      items: { to: items, as: list, absent: omit, each: { n: { to: n, as: int }, cents: { to: cents, as: int } } }
      total: { value: "$(sum(it.items, .n * .cents))" }
      state: { to: status, as: enum, dir: out, map: { open: active, shut: inactive }, else: shut }
operations:
  link.create: { at: POST /links, ok: 201, unwrap: data.link }
  link.update: { at: "PATCH /links/{id}", unwrap: data.link }
  link.echo: { at: "POST /echo", does: answer, answer: { sent: $payload } }
  link.close: { at: "POST /links/{id}/close", does: update, from: active, error: too_late, writes: [], set: { status: inactive } }
  link.list: { at: GET /links, page: { style: offset, size: 1, skip: skip }, answer: { rows: $items, next: $next } }
`

const otherWorld = `
dialect: other
main: u_main
account: [{ id: a1, status: active }]
credential: [{ id: u_main, status: active, account: a1 }, { id: u_secret, status: active, account: a1, secret: s3cret }]
link:
  - { id: one, status: active, kind: payment, account: a1, title: One, amount: 1000, currency: EUR, created_at: -1h }
  - { id: two, status: active, kind: payment, account: a1, title: Two, amount: 1000, currency: EUR, created_at: -2h }
`

func newOther(t *testing.T) *server {
	t.Helper()
	return newServer(t, of(own(t, "other", other, otherWorld)))
}

func TestLinesWithTwoFaces(t *testing.T) {
	t.Parallel()
	srv := newOther(t)
	user := []string{"Authorization: " + basic("u_main")}
	for _, s := range []step{
		{line: "POST /links", body: `{"data":{"link":{"price":"10","every":"monthly","ends":60,"tip":"500"}}}`, status: 201,
			want: `{"id":"o_[0-9a-f-]{36}","title":"Untitled","price":"10.00","currency":"EUR","tip":"500","tip_currency":"JPY","every":"M","ends":1767326645000,"total":0,"state":"open"}`},
		{line: "POST /links", body: `{"data":{"link":{"title":"Mine","tip":"1.5","tip_currency":"EUR","items":[{"n":2,"cents":50},{"n":1,"cents":1}]}}}`, status: 201,
			want: `{"id":"[^"]*","title":"Mine","price":null,"currency":"EUR","tip":"1.50","tip_currency":"EUR","every":"ONCE","ends":0,"items":\[.*\],"total":101,"state":"open"}`},
		{line: "POST /links", body: `{"data":{"link":{"items":[{"n":9000000000,"cents":9000000000}]}}}`, status: 201, want: `.*"total":null.*`}, // and no number that is wrong
		{line: "POST /links", body: `{"data":{"link":{"title":"much too long","every":"M","ends":0,"trial":"2026-01-02T03:10:00Z"}}}`, status: 422,
			want: `{"errors":\[{"code":"INVALID","detail":"[^"]*","at":"/data/link/title"},{"code":"INVALID","detail":"[^"]*","at":"/data/link/every"},{"code":"INVALID","detail":"[^"]*","at":"/data/link/ends"},{"code":"INVALID","detail":"must be at least 1h from now","at":"/data/link/trial"}\]}`},
		{line: "POST /links", body: `{"data":{"link":{"trial":"2026-01-04T03:10:00Z"}}}`, status: 422, want: `.*must be at most 24h from now.*`},
		{line: "POST /links", body: `{"data":{"link":{"trial":"2026-01-02T04:04:05Z"}}}`, status: 201, want: `.*"trial":"2026-01-02T04:04:05Z".*`},
		{line: "POST /links", body: `{"data":{"link":5}}`, status: 422, want: `.*"at":"/data/link"}\]}`},
		{line: "POST /links/one/close", body: `{"data":{"link":{"title":"Hijacked"}},"title":"Hijacked"}`, status: 200, want: `.*"title":"One".*"state":"shut"}`},
		{line: "POST /links/one/close", status: 410, want: `{"errors":\[{"code":"TOO_LATE","detail":"it is shut"[^}]*}\]}`},
		{line: "POST /echo", body: `{ "a": [1, 2.50] }`, status: 200, want: `{"sent":{"a":\[1,2.50\]}}`},
		{line: "GET /links?skip=1", status: 200, want: `{"rows":\[.*\],"next":2}`},
	} {
		s.headers = append(s.headers, user...)
		a := s.play(t, srv)
		if kind := a.header.Get("Content-Type"); (a.status < 300) != (kind == "application/hal+json") {
			t.Errorf("%s answers %d as %s", s.line, a.status, kind)
		}
	}
}

func TestPasswordOfBasicCountsWhereOneIsListed(t *testing.T) {
	t.Parallel()
	srv := newOther(t)
	for password, status := range map[string]int{"s3cret": 200, "": 401, "wrong": 401, "s3cret~w": 200} {
		do(t, srv, asks("GET /links", "", "Authorization: Basic "+base64.StdEncoding.EncodeToString([]byte("u_secret:"+password)))).want(t, status)
	}
	do(t, srv, asks("GET /links", "", "Authorization: "+basic("u_secret"))).want(t, 401)
	do(t, srv, asks("GET /links", "", "Authorization: "+basic("anybody"))).want(t, 200)
}

func TestOpenAPIOnTheProvidersOwnPath(t *testing.T) {
	t.Parallel()
	a := do(t, newServer(t), asks("GET /kirimdev/v1/openapi.json", "")).want(t, 200)
	if !gjson.Valid(a.body) || gjson.Get(a.body, "openapi").Str != "3.1.0" || !gjson.Get(a.body, `paths./v1/customers/{id}/setup_links/{link_id}.patch`).Exists() {
		t.Errorf("the document begins with %.300s", a.body)
	}
}

// TestWhatPathsAndIDsHold has punctuation in paths, a prefix in capitals before
// a UUID, and a text about the query where there is no operation.
func TestWhatPathsAndIDsHold(t *testing.T) {
	t.Parallel()
	source := strings.NewReplacer("prefix: o_,", "prefix: PL_,", "headers: { Content-Type: application/hal+json }", `headers: { X-Q: "q{query.foo}" }`,
		"GET /links, page", "GET /links(all)!, page", "  link.close:", "  link.get: { at: \"GET /links/{id}\" }\n  link.close:").Replace(other)
	srv := newServer(t, of(own(t, "other", source, otherWorld)))
	user := "Authorization: " + basic("u_main")
	do(t, srv, asks("GET /other/links(all)!", "", user)).want(t, 200)
	id := gjson.Get(do(t, srv, asks("POST /other/links", `{"data":{"link":{"title":"A"}}}`, user)).want(t, 201).body, "id").Str
	do(t, srv, asks("GET /other/links/"+id, "", user)).want(t, 200)
	do(t, srv, asks("GET /other/links/PL_"+strings.ToUpper(strings.TrimPrefix(id, "PL_")), "", user)).want(t, 200)
	if a := do(t, srv, asks("GET /other/nowhere?foo=1", "", user)); a.status >= 500 || a.header.Get("X-Q") != "q1" {
		t.Errorf("an unknown path answers %d with %v", a.status, a.header)
	}
}

// TestConflictsOfTheStoreAreNoFaultsOfTheBody changes one record many times at
// once, in a dialect whose bodies are unwrapped and hold the key.
func TestConflictsOfTheStoreAreNoFaultsOfTheBody(t *testing.T) {
	t.Parallel()
	srv := newUnseen(t)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for n := range 25 {
				a := do(t, srv, asks("PUT /unseen/links/old", `{"idempotency_key":"k","link":{"title":"`+strings.Repeat("x", 1+i+n)+`"}}`, "Authorization: Bearer tok_main"))
				if a.status != 200 {
					t.Errorf("answered %d %s", a.status, a.body)
				}
			}
		})
	}
	wg.Wait()
}
