package jsontext

import (
	"bytes"
	"slices"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// Without is an object of its own that lacks a member.
func (o *Object) Without(key string) *Object {
	out := new(Object)
	for i, k := range o.keys {
		if k != key {
			out.Put(k, o.vals[i])
		}
	}
	return out
}

// Object is a JSON object in the making. Its members keep the
// order in which they were put, so the same program gives the same bytes.
type Object struct {
	keys []string
	vals [][]byte
}

// Put adds a member, or gives it another value in its place.
func (o *Object) Put(key string, raw []byte) *Object {
	if i := slices.Index(o.keys, key); i >= 0 {
		o.vals[i] = raw
		return o
	}
	o.keys, o.vals = append(o.keys, key), append(o.vals, raw)
	return o
}

// PutObject adds an object.
func (o *Object) PutObject(key string, v *Object) *Object { return o.Put(key, v.Bytes()) }

// PutText adds a text.
func (o *Object) PutText(key, s string) *Object { return o.Put(key, Quoted(s)) }

// PutInt adds a whole number.
func (o *Object) PutInt(key string, n int) *Object {
	return o.Put(key, strconv.AppendInt(nil, int64(n), 10))
}

// PutBool adds true or false.
func (o *Object) PutBool(key string, b bool) *Object { return o.Put(key, strconv.AppendBool(nil, b)) }

// PutTexts adds a list of texts; an empty one is left out.
func (o *Object) PutTexts(key string, list []string) *Object {
	if len(list) == 0 {
		return o
	}
	raws := make([][]byte, len(list))
	for i, s := range list {
		raws[i] = Quoted(s)
	}
	return o.Put(key, Array(raws...))
}

// Get returns a member's JSON text, nil when there is none.
func (o *Object) Get(key string) []byte {
	if i := slices.Index(o.keys, key); i >= 0 {
		return o.vals[i]
	}
	return nil
}

// Bytes is the object as JSON.
func (o *Object) Bytes() []byte {
	out := []byte{'{'}
	for i, key := range o.keys {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(record.AppendQuote(out, key), ':'), o.vals[i]...)
	}
	return append(out, '}')
}

// Len is how many members there are.
func (o *Object) Len() int { return len(o.keys) }

// Keys lists the members in their order.
func (o *Object) Keys() []string { return o.keys }

// Clone is an object of its own with the same members.
func (o *Object) Clone() *Object {
	return &Object{slices.Clone(o.keys), slices.Clone(o.vals)}
}

// Quoted is a text as JSON.
func Quoted(s string) []byte { return record.AppendQuote(nil, s) }

// Array is a list of JSON values.
func Array(items ...[]byte) []byte {
	return append(append([]byte{'['}, bytes.Join(items, []byte{','})...), ']')
}

// Texts are objects as JSON.
func Texts(list []*Object) [][]byte {
	raws := make([][]byte, len(list))
	for i, o := range list {
		raws[i] = o.Bytes()
	}
	return raws
}

// ObjectOf is an object that was read.
func ObjectOf(v gjson.Result) *Object {
	o := new(Object)
	v.ForEach(func(k, val gjson.Result) bool {
		o.Put(k.Str, []byte(val.Raw))
		return true
	})
	return o
}
