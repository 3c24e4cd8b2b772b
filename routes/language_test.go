package routes_test

import (
	"strings"
	"testing"
)

// shop is a dialect whose records have to do with each other.
const shop = `dialect: shop
auth: { scheme: [headers, basic], headers: [X-Key, X-Secret], strict: true }
paths: parts
absent: omit
lists: { sizes: [s, m, l] }
errors:
  body: { error: $message, at: $~field, other: $~other }
  words: { low: "must be greater than or equal to {bound}", one_of: is not on the list }
  classes:
    invalid:      { status: 400, message: "{field} {why}" }
    in_use:       { status: 409, message: "{Noun} {why}" }
    not_unique:   { status: 409, message: "taken by {other}" }
    unauthorized: { status: 401 }
    rate_limited: { status: 429 }
    internal:     { status: 500 }
resources:
  price:
    id: { prefix: p_, alphabet: digits, length: 4 }
    start: { status: active }
    fields:
      id:       { to: id, dir: out }
      key:      { to: ext.key, clear: null }
      transfer: { to: ext.transfer, as: bool, dir: in }
      active:   { to: status, as: enum, map: { true: active, false: inactive } }
      value:    { to: amount, as: money.text, decimals: exact }
      cur:      { to: currency, as: currency }
    unique:
      - { over: [ext.key], field: key, move: transfer }
  customer:
    id: { prefix: c_, alphabet: digits, length: 4 }
    fields: { id: { to: id, dir: out }, last: { to: ext.last, dir: out } }
  link:
    id: { prefix: l_, alphabet: digits, length: 4 }
    start: { status: active, kind: payment }
    fields:
      id:        { to: id, dir: out }
      state:     { to: status, as: enum, dir: out, map: { on: active, gone: revoked }, else: gone }
      customer:  { to: customer, exists: customer }
      lines:     { to: items, as: list, each: { price: { to: price, exists: price, state: active }, n: { to: quantity, as: int, min: 2 } } }
      land:      { to: ext.land, among: countries }
      size:      { to: ext.size, among: sizes }
      due:       { to: expires_at, as: time.rfc3339, digits: 0, zone: offset, default: +24h }
      recurring: { as: group, whole: true }
      recurring.interval: { to: ext.interval }
      recurring.count:    { to: ext.count, as: int, absent: 1 }
      recurring.usage:    { to: ext.usage, absent: null }
      version:   { to: version, as: int, dir: out, frozen: same }
operations:
  price.create:  { at: POST /prices }
  price.get:     { at: "GET /prices/{id}" }
  price.update:  { at: "PATCH /prices/{id}" }
  price.delete:  { at: "DELETE /prices/{id}", restrict: { by: [link.lines], error: in_use } }
  customer.create: { at: POST /customers }
  customer.get:  { at: "GET /customers/{id}" }
  link.create:
    at: POST /links
    effects:
      - { of: link, where: it.customer == cause.customer and it.id != cause.id and it.status == "active", when: has(cause.customer), set: { status: revoked } }
      - { of: customer, id: $cause.customer, set: { ext.last: $cause.id } }
  link.get:      { at: "GET /links/{id}" }
  link.update:   { at: "PATCH /links/{id}" }
  link.delete:   { at: "DELETE /links/{id}" }
`

const shopWorld = `dialect: shop
main: k
account: [{ id: a }]
credential: [{ id: k, secret: s, account: a }]
customer: [{ id: c_0001, account: a }]
price:
  - { id: p_0001, account: a, status: active, ext.key: gold }
  - { id: p_0002, account: a, status: inactive }
link:
  - { id: l_0001, kind: payment, account: a, status: active, customer: c_0001, items: [{ price: p_0001, quantity: 2 }] }
`

// play sends requests one after the other, each "METHOD /path body", and compares
// the answers: a status and a part of the body.
func play(t *testing.T, s *server, key string, steps [][2]string) {
	t.Helper()
	for _, step := range steps {
		line, body, _ := strings.Cut(step[0], " {")
		if body != "" {
			body = "{" + body
		}
		got := do(t, s, asks(line, body, key, "X-Secret: s", "Content-Type: application/json"))
		status, part, _ := strings.Cut(step[1], " ")
		if have := strings.TrimSpace(got.body); status != itoa(got.status) || !strings.Contains(have, part) {
			t.Errorf("%s\nis answered %d %s\nwant %s", step[0], got.status, have, step[1])
		}
	}
}

func itoa(n int) string {
	return string([]byte{byte('0' + n/100), byte('0' + n/10%10), byte('0' + n%10)})
}

func TestRecordsHaveToDoWithEachOther(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][][2]string{
		"a price that is named is not deleted": {
			{"DELETE /shop/prices/p_0001", `409 {"error":"Price is still named by the link l_0001","at":["query","id"],"other":"l_0001"}`},
			{"DELETE /shop/links/l_0001", "200"},
			{"DELETE /shop/prices/p_0001", "200"},
		},
		"the state of what is named": {
			{`POST /shop/links {"lines":[{"price":"p_0002","n":2}]}`, `400 "at":["body","lines",0,"price"]`},
			{`POST /shop/links {"lines":[{"price":"p_0001","n":2}]}`, `200 "price":"p_0001"`},
		},
		"one active link a customer": {
			{`POST /shop/links {"customer":"c_0001"}`, `200 "state":"on"`},
			{"GET /shop/links/l_0001", `200 "state":"gone"`},
			{"GET /shop/customers/c_0001", `200 "last":"l_`},
		},
		"a key is moved": {
			{`POST /shop/prices {"key":"gold"}`, `409 {"error":"taken by p_0001","at":["body","key"],"other":"p_0001"}`},
			{`POST /shop/prices {"key":"gold","transfer":true}`, `200 "key":"gold"`},
			{"GET /shop/prices/p_0001", `200 {"id":"p_0001","active":true}`},
			{`PATCH /shop/prices/p_0001 {"key":"gold"}`, "409"},
		},
		"a group is shown whole": {
			{`POST /shop/links {"recurring":{"interval":"month"}}`, `200 "recurring":{"interval":"month","count":1,"usage":null}`},
			{`POST /shop/links {"size":"m"}`, `200 "size":"m","due":"2`},
			{"GET /shop/links/l_0001", `200 {"id":"l_0001","state":"on","customer":"c_0001","lines":[{"price":"p_0001","n":2}],"version":1}`},
		},
		"a time from now, with its zone": {{`POST /shop/links {}`, `200 +00:00"`}},
		"words of the provider": {
			{`POST /shop/links {"lines":[{"n":1}]}`, `400 {"error":"[\"body\",\"lines\",0,\"n\"] must be greater than or equal to 2","at":["body","lines",0,"n"]}`},
			{`POST /shop/links {"land":"XX"}`, `400 is not on the list`},
			{`POST /shop/links {"size":"xl"}`, `400 is not on the list`},
			{`POST /shop/links {"land":"DE"}`, `200 "land":"DE"`},
		},
		"exact decimals": {
			{`POST /shop/prices {"value":"1000.00","cur":"JPY"}`, "400"},
			{`POST /shop/prices {"value":"1e3","cur":"EUR"}`, "400"},
			{`POST /shop/prices {"value":"10.500","cur":"EUR"}`, "400"},
			{`POST /shop/prices {"value":"-0","cur":"EUR"}`, "400"},
			{`POST /shop/prices {"value":"10.50","cur":"EUR"}`, `200 "value":"10.50"`},
			{`POST /shop/prices {"value":"1000","cur":"JPY"}`, `200 "value":"1000"`},
		},
		"the same of another type": {
			{`PATCH /shop/links/l_0001 {"version":1}`, "200"},
			{`PATCH /shop/links/l_0001 {"version":"1"}`, `400 must be a whole number`},
			{`PATCH /shop/links/l_0001 {"version":null}`, `400 must not be null`},
			{`PATCH /shop/links/l_0001 {"version":7}`, `400 cannot be changed`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			play(t, newServer(t, of(own(t, "shop", shop, shopWorld))), "X-Key: k", steps)
		})
	}
}

func TestSchemesAreAlternatives(t *testing.T) {
	t.Parallel()
	s := newServer(t, of(own(t, "shop", shop, shopWorld)))
	for name, c := range map[string]struct {
		headers []string
		status  int
	}{
		"headers":        {[]string{"X-Key: k", "X-Secret: s"}, 200},
		"Basic":          {[]string{"Authorization: Basic azpz"}, 200},
		"a wrong secret": {[]string{"X-Key: k", "X-Secret: no"}, 401},
		"half a pair":    {[]string{"X-Key: k"}, 401},
		"Bearer":         {[]string{"Authorization: Bearer k"}, 401},
		"nothing":        {nil, 401},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			do(t, s, asks("GET /shop/links/l_0001", "", c.headers...)).want(t, c.status)
		})
	}
}

// nobody is a dialect that asks for no credential.
const nobody = `dialect: nobody
auth: { scheme: none }
errors:
  body: { error: $message }
  classes: { invalid: { status: 400, message: "{field} {why}" }, unauthorized: { status: 401 }, rate_limited: { status: 429 }, internal: { status: 500 } }
resources:
  link:
    id: { prefix: l_, alphabet: base36, length: 8 }
    start: { status: active, kind: payment }
    fields:
      id:    { to: id, dir: out }
      far:   { value: "$(seconds(it.created_at - it.trial.ends_at))" }
      name:  { to: title, need: create, unless: order }
      order: { to: ext.order, as: json, type: object, without: name, clear: null, absent: omit }
operations:
  link.create: { at: POST /links, unwrap: link, empty_body: take }
  link.make:   { at: POST /plain, does: create }
  link.list:   { at: GET /links, page: { style: number, size: 1, number: page, count: true }, answer: { rows: "$(map(items, .id))", skip: $skip, page: $page, pages: $pages, before: $~prev_url, who: $account.id } }
  link.from:   { at: GET /from, does: list, page: { style: cursor, size: 1, after: from, inclusive: true, order: oldest }, answer: { rows: "$(map(items, .id))", from: $next, self: $url } }
`

const nobodyWorld = `dialect: nobody
main: k
account: [{ id: acc_1, status: active }]
credential: [{ id: k, status: active, account: acc_1 }]
link:
  - { id: l_00000001, kind: payment, status: active, account: acc_1, created_at: -2h }
  - { id: l_00000002, kind: payment, status: active, account: acc_1, created_at: -1h }
`

func TestADialectWithoutCredentials(t *testing.T) {
	t.Parallel()
	play(t, newServer(t, of(own(t, "nobody", nobody, nobodyWorld))), "X-None: x", [][2]string{
		{"GET /nobody/links?page=2", `200 {"rows":["l_00000001"],"skip":1,"page":2,"pages":2,"before":"http://localhost:12121/nobody/links?page=1","who":"acc_1"}`},
		{"GET /nobody/from", `200 {"rows":["l_00000001"],"from":"l_00000002","self":"http://localhost:12121/nobody/from"}`},
		{"GET /nobody/from?from=l_00000002", `200 {"rows":["l_00000002"],"from":null,"self":"http://localhost:12121/nobody/from?from=l_00000002"}`},
		{"POST /nobody/links", `400 name is required`}, // as an empty object
		{`POST /nobody/links {"link":1}`, `400 link must be an object`},
		{`POST /nobody/plain {"name":"a","order":null}`, `200 "name":"a"`},
		{`POST /nobody/plain {"name":"a","order":{}}`, `400 order cannot be sent together with name`},
		{`POST /nobody/plain {"order":null}`, `400 name is required`},
		{`POST /nobody/plain {"name":"a"}`, `200 "far":6`}, // more seconds than a duration holds
	})
}
