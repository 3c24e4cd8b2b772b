package jsontext

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// Value is a JSON value inside a checked text: what codecs take, and small
// enough to be handed about in registers.
type Value struct {
	Raw   string
	Kind  gjson.Type
	known facts
}

// facts are what reading has found out about a value on the way.
type facts uint8

const (
	unescaped facts = 1 << iota // a string that needs no unescaping
	uniform                     // without blanks and repeated keys inside
)

// ValueOf takes a text that is one JSON value, blanks around it aside. No text
// makes no value.
func ValueOf(text string) Value {
	if text = strings.Trim(text, " \t\r\n"); text == "" {
		return Value{}
	}
	return Value{Raw: text, Kind: kindOf(text[0])}
}

// kindOf tells the type of a value by its first byte.
func kindOf(c byte) gjson.Type { return kinds[c] }

var kinds = func() (table [256]gjson.Type) {
	for i := range table {
		table[i] = gjson.Number
	}
	table['"'], table['{'], table['['] = gjson.String, gjson.JSON, gjson.JSON
	table['t'], table['f'], table['n'] = gjson.True, gjson.False, gjson.Null
	return table
}()

// Str is the text of a string, "" of any other value.
func (v Value) Str() string {
	switch {
	case v.Kind != gjson.String:
		return ""
	case v.known&unescaped != 0:
		return v.Raw[1 : len(v.Raw)-1]
	}
	return Unquote(v.Raw)
}

// Plain tells that reading found a string without escapes: its text is the very
// text in the body. False says nothing.
func (v Value) Plain() bool { return v.known&unescaped != 0 }

// IsObject tells whether it is an object.
func (v Value) IsObject() bool { return v.Kind == gjson.JSON && v.Raw[0] == '{' }

// IsArray tells whether it is an array.
func (v Value) IsArray() bool { return v.Kind == gjson.JSON && v.Raw[0] == '[' }

// ForEach visits the members of an object or the items of an array; what is
// neither is one item. Items have no key.
func (v Value) ForEach(f func(key string, item Value) bool) {
	if v.IsObject() {
		EachMember(v.Raw, f)
		return
	}
	gjson.Parse(v.Raw).ForEach(func(_, item gjson.Result) bool { return f("", ValueIn(item)) })
}

// Get follows a path of the mapping's author.
func (v Value) Get(path string) Value {
	return ValueIn(gjson.Get(v.Raw, path))
}

// ValueIn is what gjson has found.
func ValueIn(r gjson.Result) Value { return Value{Raw: r.Raw, Kind: r.Type} }

// Unquote is the text of a JSON string.
func Unquote(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	return gjson.Parse(raw).Str
}

// TextValue is the value of a text that came without a JSON type, as in a form
// or a query string.
func TextValue(s string) Value {
	return ValueOf(record.Quote(s))
}

// NumberValue is the value of such a text where a number may stand: a number if
// it is one, else the text.
func NumberValue(s string) Value {
	if IsNumber(s) {
		return Value{Raw: s, Kind: gjson.Number}
	}
	return TextValue(s)
}

// BoolValue is the value of such a text where true or false may stand.
func BoolValue(s string) Value {
	switch s {
	case "true":
		return Value{Raw: s, Kind: gjson.True}
	case "false":
		return Value{Raw: s, Kind: gjson.False}
	}
	return TextValue(s)
}

// IsNumber tells whether a text is a JSON number.
func IsNumber(s string) bool {
	digit := func(c byte) bool { return c >= '0' && c <= '9' }
	return s != "" && (s[0] == '-' || digit(s[0])) && digit(s[len(s)-1]) && gjson.Valid(s)
}
