package docs_test

import (
	"fmt"
	"regexp"
	"testing"
	"testing/fstest"
)

// nulls is a dialect with a field for every row of the reference's tables on
// null, absent, default and clear.
const nulls = `dialect: nulls
errors:
  body: { field: $field, code: $code }
  classes:
    internal:     { status: 500, code: internal }
    invalid:      { status: 400, code: invalid }
    missing:      { status: 400, code: missing }
    invalid_type: { status: 400, code: type }
    unauthorized: { status: 401, code: who }
    rate_limited: { status: 429, code: slow }
resources:
  link:
    id: { prefix: l, alphabet: digits, length: 3 }
    start: { status: active }
    fields:
%s
operations:
  link.create: { at: POST /links }
  link.update: { at: "PATCH /links/{id}" }
`

// TestNullAbsentDefaultClear walks through the tables of that section: a field
// table, an optional create, an update of the record that is there, and what
// comes back.
func TestNullAbsentDefaultClear(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ fields, create, update, want string }{
		"not sent":                      {"a: { to: title }", `{}`, "", `{"a":null}`},
		"not sent, needed":              {"a: { to: title, need: create }", `{}`, "", `{"field":"a","code":"missing"}`},
		"not sent, always needed":       {"a: { to: title, need: always }", `{}`, "", `{"field":"a","code":"missing"}`},
		"always needed by creates only": {"a: { to: title, need: always }", `{"a":"x"}`, `{}`, `{"a":"x"}`},
		"not sent, default":             {"a: { to: title, default: x }", `{}`, "", `{"a":"x"}`},
		"null that clears":              {"a: { to: title, clear: null, default: x }", `{"a":null}`, "", `{"a":null}`},
		"null that does not":            {"a: { to: title }", `{"a":null}`, "", `{"field":"a","code":"type"}`},
		"empty that clears":             {`a: { to: title, clear: [null, ""] }`, `{"a":""}`, "", `{"a":null}`},
		"empty that does not":           {"a: { to: title }", `{"a":""}`, "", `{"a":""}`},
		"empty that is too short":       {"a: { to: title, len: 1..9 }", `{"a":""}`, "", `{"field":"a","code":"invalid"}`},
		"left out of an update":         {"a: { to: title }\n      b: { to: slug }", `{"a":"x"}`, `{"b":"y"}`, `{"a":"x","b":"y"}`},
		"cleared by an update":          {"a: { to: title, clear: null, default: x }", `{"a":"y"}`, `{"a":null}`, `{"a":null}`},
		"shown without a value":         {"a: { to: title, absent: none }\n      b: { to: slug, absent: omit }", `{}`, "", `{"a":"none"}`},
		"an empty list":                 {"a: { to: methods.types, as: list, of: { as: word } }", `{"a":[]}`, "", `{"a":[]}`},
		"an empty list, omitted":        {"a: { to: methods.types, as: list, of: { as: word }, empty: omit }", `{"a":[]}`, "", `{"a":null}`},
		"in alone":                      {"a: { to: title, dir: in }\n      b: { to: slug }", `{"a":"x"}`, "", `{"b":null}`},
		"inside a group":                {"g.a: { to: title }\n      g.b: { to: slug }", `{"g":{"a":"x"}}`, `{"g":{"b":"y"}}`, `{"g":{"a":"x","b":"y"}}`},
		"inside a replaced group":       {"g: { as: group, merge: replace }\n      g.a: { to: title }\n      g.b: { to: slug }", `{"g":{"a":"x"}}`, `{"g":{"b":"y"}}`, `{"g":{"b":"y"}}`},
		"a cleared group":               {"g: { as: group, clear: null, absent: null }\n      g.a: { to: title }", `{"g":{"a":"x"}}`, `{"g":null}`, `{"g":null}`},
		"a group's needed member":       {"g.a: { to: title, need: always }\n      g.b: { to: slug }", `{"g":{"b":"y"}}`, "", `{"field":"g.a","code":"missing"}`},
		"an empty group":                {"g.a: { to: title }\n      b: { to: slug }", `{}`, "", `{"b":null}`},
		"a removed key":                 {`a: { to: metadata, as: map, merge: keys, remove: [""] }`, `{"a":{"x":"1","y":"2"}}`, `{"a":{"x":""}}`, `{"a":{"y":"2"}}`},
		"a default that shows":          {"a: { to: title, default: x }\n      g: { as: group, merge: replace }\n      g.b: { to: slug, default: y }\n      g.c: { to: image }", `{"g":{"b":"z"}}`, `{"g":{"c":"w"}}`, `{"a":"x","g":{"b":"y","c":"w"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			files := fstest.MapFS{"nulls.yaml": {Data: []byte(fmt.Sprintf(nulls, "      id: { to: id, dir: out }\n      "+c.fields))}}
			srv := compileAll(t, files, fstest.MapFS{"nulls/world.yaml": {Data: []byte("dialect: nulls\n")}}).server(t)
			got := run(t, srv, curl("POST", "/nulls/links", c.create))
			if c.update != "" {
				got = run(t, srv, curl("PATCH", "/nulls/links/"+idOf(got.Body.String()), c.update))
			}
			if have := withoutID(got.Body.String()); have != c.want {
				t.Errorf("got %s, want %s", have, c.want)
			}
		})
	}
}

func curl(method, path, body string) string {
	return "curl -X " + method + " 'http://127.0.0.1:12121" + path + "' -H 'Content-Type: application/json' -d '" + body + "'"
}

var generatedID = regexp.MustCompile(`"id":"(l\d+)",?`)

func idOf(body string) string {
	if m := generatedID.FindStringSubmatch(body); m != nil {
		return m[1]
	}
	return "none"
}

func withoutID(body string) string { return generatedID.ReplaceAllString(body, "") }
