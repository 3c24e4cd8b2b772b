package dialect

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// object is a JSON object in the making, often a schema. Its members keep the
// order in which they were put, so the same program gives the same bytes.
type object struct {
	keys []string
	vals [][]byte
}

// put adds a member, or gives it another value in its place.
func (o *object) put(key string, raw []byte) *object {
	if i := slices.Index(o.keys, key); i >= 0 {
		o.vals[i] = raw
		return o
	}
	o.keys, o.vals = append(o.keys, key), append(o.vals, raw)
	return o
}

func (o *object) obj(key string, v *object) *object { return o.put(key, v.bytes()) }

func (o *object) text(key, s string) *object { return o.put(key, quoted(s)) }

func (o *object) num(key string, n int) *object {
	return o.put(key, strconv.AppendInt(nil, int64(n), 10))
}

func (o *object) flag(key string, b bool) *object { return o.put(key, strconv.AppendBool(nil, b)) }

// texts adds a list of texts; an empty one is left out.
func (o *object) texts(key string, list []string) *object {
	if len(list) == 0 {
		return o
	}
	raws := make([][]byte, len(list))
	for i, s := range list {
		raws[i] = quoted(s)
	}
	return o.put(key, array(raws...))
}

// get returns a member's JSON text, nil when there is none.
func (o *object) get(key string) []byte {
	if i := slices.Index(o.keys, key); i >= 0 {
		return o.vals[i]
	}
	return nil
}

func (o *object) bytes() []byte {
	out := []byte{'{'}
	for i, key := range o.keys {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(record.AppendQuote(out, key), ':'), o.vals[i]...)
	}
	return append(out, '}')
}

func (o *object) clone() *object {
	return &object{slices.Clone(o.keys), slices.Clone(o.vals)}
}

func quoted(s string) []byte { return record.AppendQuote(nil, s) }

func array(items ...[]byte) []byte {
	return append(append([]byte{'['}, bytes.Join(items, []byte{','})...), ']')
}

func objects(list []*object) [][]byte {
	raws := make([][]byte, len(list))
	for i, o := range list {
		raws[i] = o.bytes()
	}
	return raws
}

// The plainest schemas.

func typed(name string) *object { return new(object).text("type", name) }

func refTo(section, name string) *object {
	return new(object).text("$ref", "#/components/"+section+"/"+name)
}

func nothing() *object { return typed("null") }

// constant is the schema of one JSON value.
func constant(raw []byte) *object { return oneOf(raw) }

// oneOf is the schema of one of some JSON values. Values of one type say so.
func oneOf(raws ...[]byte) *object {
	kind := typeOf(raws[0])
	for _, raw := range raws[1:] {
		if typeOf(raw) != kind {
			kind = ""
		}
	}
	o := new(object)
	if kind != "" {
		o.text("type", kind)
	}
	switch {
	case kind == "null":
		return o
	case kind == "boolean" && len(raws) == 2:
		return o
	case len(raws) == 1:
		return o.put("const", raws[0])
	}
	return o.put("enum", array(raws...))
}

// typeOf names the type of a JSON value.
func typeOf(raw []byte) string {
	switch v := gjson.ParseBytes(raw); {
	case v.Type == gjson.String:
		return "string"
	case v.Type == gjson.Number:
		if _, ok := record.Integer(v.Raw); ok {
			return "integer"
		}
		return "number"
	case v.IsObject():
		return "object"
	case v.IsArray():
		return "array"
	case v.Type == gjson.Null:
		return "null"
	}
	return "boolean"
}

// nullable is a schema that takes null besides.
func nullable(o *object) *object { return union(o, nothing()) }

// values returns what a schema lists, nil when it says more or less than that.
func (o *object) values() [][]byte {
	for i, key := range o.keys {
		switch key {
		case "type":
		case "const":
			return [][]byte{o.vals[i]}
		case "enum":
			var out [][]byte
			gjson.ParseBytes(o.vals[i]).ForEach(func(_, v gjson.Result) bool {
				out = append(out, []byte(v.Raw))
				return true
			})
			return out
		default:
			return nil
		}
	}
	return nil
}

// union is the schema of what any of some schemas takes: lists of values run
// into one, null joins a plain type, and a type alone swallows its values.
func union(list ...*object) *object {
	var rest []*object
	var kinds []string // of lists of values, in order
	words := map[string][][]byte{}
	null := false
	for _, o := range flatten(list) {
		kind := gjson.ParseBytes(o.get("type"))
		switch vals := o.values(); {
		case len(o.keys) == 0:
			return o
		case string(o.bytes()) == `{"type":"null"}`:
			null = true
		case vals != nil && kind.Type == gjson.String:
			if words[kind.Str] == nil {
				kinds = append(kinds, kind.Str)
			}
			for _, v := range vals {
				if !slices.ContainsFunc(words[kind.Str], func(have []byte) bool { return bytes.Equal(have, v) }) {
					words[kind.Str] = append(words[kind.Str], v)
				}
			}
		case !slices.ContainsFunc(rest, func(have *object) bool { return bytes.Equal(have.bytes(), o.bytes()) }):
			rest = append(rest, o)
		}
	}
	plain := func(kind string) bool {
		return slices.ContainsFunc(rest, func(o *object) bool { return len(o.keys) == 1 && string(o.get("type")) == `"`+kind+`"` })
	}
	for _, kind := range kinds {
		if !plain(kind) && !(kind == "integer" && plain("number")) {
			rest = append(rest, oneOf(words[kind]...))
		}
	}
	return joined(rest, null)
}

// flatten takes apart what earlier unions put together.
func flatten(list []*object) []*object {
	var out []*object
	for _, o := range list {
		if len(o.keys) == 1 && o.keys[0] == "anyOf" {
			gjson.ParseBytes(o.vals[0]).ForEach(func(_, v gjson.Result) bool {
				out = append(out, parsedObject(v))
				return true
			})
			continue
		}
		kinds := gjson.ParseBytes(o.get("type"))
		if !kinds.IsArray() {
			out = append(out, o)
			continue
		}
		one := o.clone().put("type", []byte(kinds.Get("0").Raw))
		if vals := o.values(); vals != nil {
			one = oneOf(vals[:len(vals)-1]...) // the last one is null
		}
		out = append(out, one, nothing())
	}
	return out
}

func parsedObject(v gjson.Result) *object {
	o := new(object)
	v.ForEach(func(k, val gjson.Result) bool {
		o.put(k.Str, []byte(val.Raw))
		return true
	})
	return o
}

func joined(list []*object, null bool) *object {
	switch {
	case len(list) == 0:
		return nothing()
	case len(list) == 1 && !null:
		return list[0]
	case len(list) == 1 && list[0].get("type") != nil:
		o, vals := list[0].clone(), list[0].values()
		o.put("type", array(o.get("type"), []byte(`"null"`)))
		switch {
		case vals != nil:
			kinds := o.get("type")
			return new(object).put("type", kinds).put("enum", array(append(vals, []byte(record.Null))...))
		case o.get("enum") == nil:
			return o
		}
	}
	raws := objects(list)
	if null {
		raws = append(raws, nothing().bytes())
	}
	return new(object).put("anyOf", array(raws...))
}
