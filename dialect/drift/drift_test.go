package drift

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
)

func checker(t *testing.T) (*Checker, *dialect.Op) {
	t.Helper()
	d := dialecttest.Shipped(t).Dialect("leanrails")
	c, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	op := c.Operation("GET", "/v1/checkout_links/cl_1?x=y")
	if op == nil || op.Name != "link.get" {
		t.Fatalf("operation %v", op)
	}
	return c, op
}

func TestOperationsAreFoundByTheirPaths(t *testing.T) {
	t.Parallel()
	d := dialecttest.Shipped(t).Dialect("devdraft")
	c, err := New(d)
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		"GET /api/v0/health/public": "health.public", "GET /api/v0/payment-links/x": "link.get", "GET /api/v0/payment-links": "link.list", "GET /api/v0/payment-links/": "", "PATCH /api/v0/nothing": "",
	} {
		method, path, _ := strings.Cut(at, " ")
		op := c.Operation(method, path)
		if want == "" && op != nil || want != "" && (op == nil || want != "health.public" && op.Name != want) {
			t.Errorf("%s: %v", at, op)
		}
	}
}

// kinds lists differences as KIND WHERE.
func kinds(list []Difference) []string {
	var out []string
	for _, d := range list {
		out = append(out, strings.TrimSpace(fmt.Sprintf("%s %s", d.Kind, d.Where)))
	}
	slices.Sort(out)
	return out
}

func TestEachDifferenceIsToldOnce(t *testing.T) {
	t.Parallel()
	c, op := checker(t)
	for name, test := range map[string]struct {
		status int
		body   string
		want   []string
	}{
		"another status": {299, `{}`, []string{"status"}},
		"no JSON":        {200, `<html>`, []string{"body"}},
		"no object":      {200, `[]`, []string{"type"}},
		"more behind it": {200, `{} {}`, []string{"body"}},
	} {
		if got := kinds(c.Documented(op, Answer{"GET /x", test.status, []byte(test.body)})); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
	empty := c.Documented(op, Answer{"GET /x", 200, []byte(`{"surprise":1}`)})
	got := kinds(empty)
	if !slices.Contains(got, "missing id") || !slices.Contains(got, "undocumented surprise") {
		t.Errorf("an empty object: %v", got)
	}
}

func TestSchemasAreFollowed(t *testing.T) {
	t.Parallel()
	c, op := checker(t)
	word := func(texts ...string) []any {
		var out []any
		for _, s := range texts {
			out = append(out, s)
		}
		return out
	}
	text := map[string]any{"type": "string"}
	schema := map[string]any{
		"type": "object", "additionalProperties": false, "required": word("a", "list"),
		"properties": map[string]any{
			"a":    map[string]any{"type": word("integer", "null")},
			"n":    map[string]any{"type": "number"},
			"e":    map[string]any{"enum": word("one", "two")},
			"list": map[string]any{"type": "array", "items": map[string]any{"type": "object", "required": word("id"), "properties": map[string]any{"id": text}}},
			"map":  map[string]any{"type": "object", "additionalProperties": text},
			"any":  map[string]any{"anyOf": []any{text, map[string]any{"type": "object", "required": word("x", "y"), "properties": map[string]any{"x": text, "y": text}}}},
		},
	}
	for body, want := range map[string][]string{
		`{"a":1,"n":2,"e":"one","list":[{"id":"x"}],"map":{"k":"v"},"any":"s"}`: nil,
		`{"a":null,"n":2.5,"list":[],"any":{"x":"1","y":"2"}}`:                  nil,
		`{"a":1.5,"list":[{},{},{"id":1}]}`:                                     {"missing list[].id", "type a", "type list[].id"},
		`{"list":{},"e":"three","map":{"k":1,"l":2},"b":1}`:                     {"missing a", "type list", "type map.*", "undocumented b", "value e"},
		`{"a":1,"list":[],"any":{"x":"1"}}`:                                     {"missing any.y"},
		`{"a":1,"list":[],"any":7}`:                                             {"type any"},
	} {
		v, err := decode([]byte(body))
		if err != nil {
			t.Fatal(err)
		}
		tell := &tale{c: c, op: op, a: Answer{Status: 200}, seen: map[Difference]bool{}}
		tell.value(schema, v, "")
		if got := kinds(tell.found); !slices.Equal(got, want) {
			t.Errorf("%s:\n%v, want\n%v", body, got, want)
		}
	}
}

func TestRefusalsAreComparedByTheirWords(t *testing.T) {
	t.Parallel()
	c, op := checker(t)
	tell := &tale{c: c, op: op, a: Answer{Status: 404}, seen: map[Difference]bool{}}
	want, _ := decode([]byte(`{"error":{"code":"missing","message":"No such link","request_id":"r1","type":"a b"}}`))
	got, _ := decode([]byte(`{"error":{"code":"gone","message":"Other words","request_id":"r2","type":"c"}}`))
	tell.codes(want, got, "")
	if got := kinds(tell.found); !slices.Equal(got, []string{"code error.code"}) {
		t.Error(got)
	}
	if got := kinds(c.Alike(op, Answer{"", 404, nil}, Answer{"", 401, nil})); !slices.Equal(got, []string{"status"}) {
		t.Error(got)
	}
}
