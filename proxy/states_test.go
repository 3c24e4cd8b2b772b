package proxy_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
)

// twoWays are dialects of the same links: field changes their state by a field,
// steps by an operation of its own.
var twoWays = func() fstest.MapFS {
	head := func(name string) string {
		return "dialect: " + name + "\ntitle: " + name + `
auth: { scheme: bearer }
answer: $item
errors:
  body: { message: $message }
  classes:
    internal: { status: 500 }
    invalid: { status: 400, message: "{field} {why}" }
    unauthorized: { status: 401 }
    not_found: { status: 404 }
    conflict: { status: 409 }
resources:
  link:
    noun: link
    id: { prefix: l_, alphabet: base36, length: 8 }
    start: { status: active, kind: payment }
    fields:
      id: { to: id, dir: out }
      title: { to: title, need: create }
`
	}
	ops := `operations:
  link.create: { at: "POST /links", ok: 201 }
  link.get: { at: "GET /links/{id}" }
  link.update: { at: "PATCH /links/{id}" }
`
	world := func(name string) []byte {
		return []byte("dialect: " + name + "\nmain: tok\naccount: [{ id: a, status: active }]\ncredential: [{ id: tok, status: active, account: a }]\n")
	}
	states := "map: { active: active, archived: archived, off: [inactive, completed, expired, revoked] } }\n"
	return fstest.MapFS{
		"field.yaml":       {Data: []byte(head("field") + "      status: { to: status, as: enum, set: update, " + states + ops)},
		"steps.yaml":       {Data: []byte(head("steps") + "      status: { to: status, as: enum, dir: out, " + states + ops + "  link.archive: { at: \"POST /links/{id}/archive\", does: update, from: [active], set: { status: archived }, writes: [] }\n")},
		"field/world.yaml": {Data: world("field")},
		"steps/world.yaml": {Data: world("steps")},
	}
}()

// TestAChangeOfStateTakesTheUpstreamsWay, be it a field or an operation.
func TestAChangeOfStateTakesTheUpstreamsWay(t *testing.T) {
	t.Parallel()
	set, err := compile.Compile(fstest.MapFS{"field.yaml": twoWays["field.yaml"], "steps.yaml": twoWays["steps.yaml"]}, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := seed.Load(twoWays, set)
	if err != nil {
		t.Fatal(err)
	}
	bearer := "Authorization: Bearer tok"
	for _, c := range []struct{ from, to, method, path, body string }{
		{"field", "steps", "PATCH", "", `{"status":"archived"}`},
		{"steps", "field", "POST", "/archive", ``},
	} {
		p := newPairOf(t, set, fix, c.from, c.to, nil)
		p.up.Credentials = map[string]string{"token": "tok"}
		id := wants(t, p.ask(t, "POST", "/links", `{"title":"Gold"}`, bearer), 201).Get("id").String()
		if c.from == "field" {
			got := wants(t, p.ask(t, "PATCH", "/links/"+id, `{"title":"Silver","status":"archived"}`, bearer), 400)
			if msg := got.Get("message").String(); !strings.Contains(msg, "status cannot be changed together") {
				t.Errorf("with another field it says %q", msg)
			}
			resp := p.ask(t, "PATCH", "/links/"+id, `{"status":"off"}`, bearer)
			if wants(t, resp, 200); resp.Header.Get("Polylink-Loss") != `dropped=("status")` {
				t.Errorf("of a state that steps cannot reach it tells %q", resp.Header.Get("Polylink-Loss"))
			}
			resp = p.ask(t, "PATCH", "/links/"+id, `{"status":"active"}`, bearer)
			if wants(t, resp, 200); resp.Header.Get("Polylink-Loss") != "" {
				t.Errorf("of the state that there is it tells %q", resp.Header.Get("Polylink-Loss"))
			}
		}
		resp := p.ask(t, c.method, "/links/"+id+c.path, c.body, bearer)
		if got := wants(t, resp, 200); got.Get("status").String() != "archived" || resp.Header.Get("Polylink-Loss") != "" {
			t.Errorf("%s to %s: it is %s, and tells %q", c.from, c.to, got, resp.Header.Get("Polylink-Loss"))
		}
		if got := wants(t, p.ask(t, "GET", "/links/"+id, "", bearer), 200); got.Get("status").String() != "archived" || got.Get("title").String() != "Gold" {
			t.Errorf("%s to %s: it is kept as %s", c.from, c.to, got)
		}
	}
}
