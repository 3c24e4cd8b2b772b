package jsonschema

import (
	"bytes"
	"slices"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Type is the schema of every value of a JSON type.
func Type(name string) *jsontext.Object { return new(jsontext.Object).PutText("type", name) }

// Null is the schema of null.
func Null() *jsontext.Object { return Type("null") }

// Const is the schema of one JSON value.
func Const(raw []byte) *jsontext.Object { return OneOf(raw) }

// OneOf is the schema of one of some JSON values. Values of one type say so.
func OneOf(raws ...[]byte) *jsontext.Object {
	kind := typeOf(raws[0])
	for _, raw := range raws[1:] {
		if typeOf(raw) != kind {
			kind = ""
		}
	}
	o := new(jsontext.Object)
	if kind != "" {
		o.PutText("type", kind)
	}
	switch {
	case kind == "null":
		return o
	case kind == "boolean" && len(raws) == 2:
		return o
	case len(raws) == 1:
		return o.Put("const", raws[0])
	}
	return o.Put("enum", jsontext.Array(raws...))
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

// Nullable is a schema that takes null besides.
func Nullable(o *jsontext.Object) *jsontext.Object { return Union(o, Null()) }

// Values returns what a schema lists, nil when it says more or less than that.
func Values(o *jsontext.Object) [][]byte {
	for _, key := range o.Keys() {
		switch key {
		case "type":
		case "const":
			return [][]byte{o.Get(key)}
		case "enum":
			var out [][]byte
			gjson.ParseBytes(o.Get(key)).ForEach(func(_, v gjson.Result) bool {
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

// Union is the schema of what any of some schemas takes: lists of values run
// into one, null joins a plain type, and a type alone swallows its values.
func Union(list ...*jsontext.Object) *jsontext.Object {
	var rest []*jsontext.Object
	var kinds []string // of lists of values, in order
	words := map[string][][]byte{}
	null := false
	for _, o := range flatten(list) {
		kind := gjson.ParseBytes(o.Get("type"))
		switch vals := Values(o); {
		case o.Len() == 0:
			return o
		case string(o.Bytes()) == `{"type":"null"}`:
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
		case !slices.ContainsFunc(rest, func(have *jsontext.Object) bool { return bytes.Equal(have.Bytes(), o.Bytes()) }):
			rest = append(rest, o)
		}
	}
	plain := func(kind string) bool {
		return slices.ContainsFunc(rest, func(o *jsontext.Object) bool { return o.Len() == 1 && string(o.Get("type")) == `"`+kind+`"` })
	}
	for _, kind := range kinds {
		if !plain(kind) && !(kind == "integer" && plain("number")) {
			rest = append(rest, OneOf(words[kind]...))
		}
	}
	return joined(rest, null)
}

// flatten takes apart what earlier unions put together.
func flatten(list []*jsontext.Object) []*jsontext.Object {
	var out []*jsontext.Object
	for _, o := range list {
		if parts := o.Get("anyOf"); parts != nil && o.Len() == 1 {
			gjson.ParseBytes(parts).ForEach(func(_, v gjson.Result) bool {
				out = append(out, jsontext.ObjectOf(v))
				return true
			})
			continue
		}
		kinds := gjson.ParseBytes(o.Get("type"))
		if !kinds.IsArray() {
			out = append(out, o)
			continue
		}
		one := o.Clone().Put("type", []byte(kinds.Get("0").Raw))
		if vals := Values(o); vals != nil {
			one = OneOf(vals[:len(vals)-1]...) // the last one is null
		}
		out = append(out, one, Null())
	}
	return out
}

func joined(list []*jsontext.Object, null bool) *jsontext.Object {
	switch {
	case len(list) == 0:
		return Null()
	case len(list) == 1 && !null:
		return list[0]
	case len(list) == 1 && list[0].Get("type") != nil:
		o, vals := list[0].Clone(), Values(list[0])
		o.Put("type", jsontext.Array(o.Get("type"), []byte(`"null"`)))
		switch {
		case vals != nil:
			kinds := o.Get("type")
			return new(jsontext.Object).Put("type", kinds).Put("enum", jsontext.Array(append(vals, []byte(record.Null))...))
		case o.Get("enum") == nil:
			return o
		}
	}
	raws := jsontext.Texts(list)
	if null {
		raws = append(raws, Null().Bytes())
	}
	return new(jsontext.Object).Put("anyOf", jsontext.Array(raws...))
}
