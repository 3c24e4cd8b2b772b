package openapi_test

import (
	"bytes"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/dialect/openapi"
)

// pool is values that one codec or another takes, in JSON.
var pool = []string{
	"null", "true", "false", `""`, `" "`, `"a"`, `"abc"`, `"a b"`, `"é"`, letters(31), letters(101), letters(501), letters(2049),
	`"ada@example.com"`, `"ada@example"`, `"https://example.com/x?y=z"`, `"HTTPS://example.com"`, `"http://example.com"`,
	`"http://localhost:3000/a#f"`, `"https://u:p@example.com"`, `"http://u@localhost"`, `"http://A.Localhost:8080?x"`, `"http://127.0.0.1"`,
	`"https://"`, `"https://exa mple.com"`, `"https://example.com#"`, `"https:/example.com"`, `"http://localhost.example.com"`, `"ftp://example.com"`, `"/x"`, `"550e8400-e29b-41d4-a716-446655440000"`, `"550E8400-E29B-41D4-A716-446655440000"`,
	`"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05.678+02:00"`, `"2026-01-02"`, `"usd"`, `"USD"`, `"Usd"`, `"ZZZ"`, `"12.50"`, `"-1"`, `"1e2"`, `"01"`,
	"0", "-1", "1", "0.01", "0.001", "1.0", "1.5", "1e2", "10", "721", "43201", "99999", "1767322800",
	"[]", `["card"]`, `["abc"]`, `[1]`, `[null]`, `[{}]`, `["card","card"]`, `[{"price":"a"}]`, `[{"price":"a","quantity":0}]`, `[{"price":"a","x":1}]`,
	`[{"price":null}]`, `[{"product":"a"}]`, `[{"productId":"a","quantity":1}]`, `[{"coupon":"a"}]`, `[{"price_data":{}}]`, `[{"shipping_rate":"a"}]`,
	`["https://example.com"]`, `["US"]`, `["us"]`, "{}", `{"a":"b"}`, `{"a":null}`, `{"a":1}`, `{"a":""}`, `{"":"a"}`, `{"` + strings.Repeat("k", 41) + `":"a"}`,
}

func letters(n int) string { return `"` + strings.Repeat("x", n) + `"` }

// What a body schema takes is what decoding takes: every value of the pool is
// tried on every field. Nothing may be taken that the schema refuses; what the
// schema takes and decoding refuses is what no schema can say.
func TestOpenAPIBodiesTakeWhatDecodingTakes(t *testing.T) {
	t.Parallel()
	list := dialecttest.Shipped(t).Dialects
	for _, d := range append(list[:len(list):len(list)], everyConstruct(t)) {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			schemas := schemasOf(t, openapi.Document(d, openapi.Options{}))
			tried := 0
			for _, op := range d.Operations {
				if !op.Writes() || op.Method == "DELETE" {
					continue
				}
				for _, f := range op.Resource.Fields {
					if op.Reads(f) && writableGroup(f.Group, op.Does == dialect.Create) {
						tried += agrees(t, op, f, property(t, schemas, op, f))
					}
				}
			}
			if tried < 200 {
				t.Errorf("only %d values were tried", tried)
			}
		})
	}
}

func writableGroup(g *dialect.Group, create bool) bool {
	return g == nil || g.Write.Writable(create) && writableGroup(g.Parent, create)
}

// schemasOf makes the schemas of a document ready to be compiled.
func schemasOf(t *testing.T, data []byte) *jsonschema.Compiler {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("doc.json", doc); err != nil {
		t.Fatal(err)
	}
	return c
}

// property compiles the schema of a field in an operation's body.
func property(t *testing.T, c *jsonschema.Compiler, op *dialect.Op, f *dialect.Field) *jsonschema.Schema {
	t.Helper()
	at := "doc.json#/components/schemas/" + op.Name + ".body"
	for _, name := range append(op.Unwrap[:len(op.Unwrap):len(op.Unwrap)], strings.Split(f.Path, ".")...) {
		if _, err := c.Compile(at + "/properties/" + name); err != nil {
			at += "/anyOf/0" // an object, or what clears it
		}
		at += "/properties/" + name
	}
	schema, err := c.Compile(at)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

func agrees(t *testing.T, op *dialect.Op, f *dialect.Field, schema *jsonschema.Schema) (tried int) {
	t.Helper()
	values := pool
	if c, ok := f.Codec.(*codec.Enum); ok {
		values = append(values[:len(values):len(values)], c.Order...)
	}
	if c, ok := f.Codec.(*codec.Text); ok {
		for _, word := range c.OneOf {
			values = append(values[:len(values):len(values)], strconv.Quote(word))
		}
	}
	for _, v := range values {
		tried++
		taken := decodes(t, op, f, v)
		value, err := jsonschema.UnmarshalJSON(strings.NewReader(v))
		if err != nil {
			t.Fatal(err)
		}
		err = schema.Validate(value)
		switch {
		case taken && err != nil && !lax(f, v):
			t.Errorf("%s: %s is taken, and its schema refuses %s: %v", op.Name, f.Path, v, err)
		case !taken && err == nil && !unsaid(f, v):
			t.Errorf("%s: %s is refused, and its schema takes %s", op.Name, f.Path, v)
		}
	}
	return tried
}

// lax tells where decoding is meant to be laxer than the format that the schema
// names: an address need only look like one.
func lax(f *dialect.Field, value string) bool {
	c, ok := f.Codec.(*codec.Text)
	return ok && c.As == "email" && strings.Contains(value, "://")
}

// unsaid tells what a schema cannot say: the length of a text without its
// blanks, and that 1.0 is not written as the table has it.
func unsaid(f *dialect.Field, value string) bool {
	switch c := f.Codec.(type) {
	case *codec.Text:
		return c.Squeeze && len(value) > c.Len.Max
	case *codec.Enum:
		return value == "1.0" || value == "1e2"
	}
	return false
}

// decodes tells whether an operation finds no violation in a field's value.
func decodes(t *testing.T, op *dialect.Op, f *dialect.Field, value string) bool {
	t.Helper()
	path := append(op.Unwrap[:len(op.Unwrap):len(op.Unwrap)], strings.Split(f.Path, ".")...)
	body := value
	for i := len(path) - 1; i >= 0; i-- {
		body = `{"` + path[i] + `":` + body + `}`
	}
	in := &dialect.Input{}
	if err := op.Parse(in, []byte(body), false); err != nil {
		t.Fatal(err)
	}
	op.Decode(in, dialecttest.Env())
	for _, p := range in.Problems {
		if p.Field == f && !(p.Check == "missing" && p.Path == in.PathOf(f)) {
			return false
		}
	}
	return true
}
