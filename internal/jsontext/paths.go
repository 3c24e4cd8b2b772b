package jsontext

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"
)

// OfBody reads a body, JSON or a form, and nothing where it is neither.
func OfBody(body []byte) Value {
	if v, err := Parse(body); err == nil {
		return v
	}
	if text, err := FormToJSON(string(body)); err == nil {
		return ValueOf(string(text))
	}
	return Value{}
}

// At follows a path with dots in it, such as line_items.0.price. A name with
// dots in it is one member, too.
func At(v Value, path string) Value { return at(v, strings.Split(path, ".")) }

func at(v Value, path []string) Value {
	if len(path) == 0 || v.Raw == "" {
		return v
	}
	if v.IsArray() {
		n, i, found := 0, -1, Value{}
		if index, err := strconv.Atoi(path[0]); err == nil {
			i = index
		}
		v.ForEach(func(_ string, item Value) bool {
			if n == i {
				found = item
			}
			n++
			return n <= i
		})
		return at(found, path[1:])
	}
	if !v.IsObject() {
		return Value{}
	}
	for n := 1; n <= len(path); n++ {
		if found := at(LastMember(v, strings.Join(path[:n], ".")), path[n:]); found.Raw != "" {
			return found
		}
	}
	return Value{}
}

// Says tells whether a value is the one that is wanted: a text by what it says,
// all others as they are written.
func Says(have Value, want string) bool {
	switch {
	case have.Raw == "":
		return false
	case have.Kind == gjson.String:
		return have.Str() == want
	case have.Kind == gjson.JSON:
		v, err := Parse([]byte(want))
		return err == nil && Same(have, v)
	}
	return have.Raw == want
}
