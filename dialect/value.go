package dialect

import (
	"strings"

	"github.com/tidwall/gjson"
)

// value is a JSON value inside a checked text: what codecs take, and small
// enough to be handed about in registers.
type value struct {
	raw   string
	kind  gjson.Type
	known facts
}

// facts are what reading has found out about a value on the way.
type facts uint8

const (
	unescaped facts = 1 << iota // a string that needs no unescaping
	uniform                     // without blanks and repeated keys inside
)

// valueOf takes a text that is one JSON value, blanks around it aside. No text
// makes no value.
func valueOf(text string) value {
	if text = strings.Trim(text, " \t\r\n"); text == "" {
		return value{}
	}
	return value{raw: text, kind: kindOf(text[0])}
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

// str is the text of a string, "" of any other value.
func (v value) str() string {
	switch {
	case v.kind != gjson.String:
		return ""
	case v.known&unescaped != 0:
		return v.raw[1 : len(v.raw)-1]
	}
	return unquote(v.raw)
}

func (v value) isObject() bool { return v.kind == gjson.JSON && v.raw[0] == '{' }

func (v value) isArray() bool { return v.kind == gjson.JSON && v.raw[0] == '[' }

// forEach visits the members of an object or the items of an array; what is
// neither is one item. Items have no key.
func (v value) forEach(f func(key string, item value) bool) {
	if v.isObject() {
		each(v.raw, f)
		return
	}
	gjson.Parse(v.raw).ForEach(func(_, item gjson.Result) bool { return f("", valueIn(item)) })
}

// get follows a path of the mapping's author.
func (v value) get(path string) value {
	return valueIn(gjson.Get(v.raw, path))
}

// valueIn is what gjson has found.
func valueIn(r gjson.Result) value { return value{raw: r.Raw, kind: r.Type} }

func unquote(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	return gjson.Parse(raw).Str
}
