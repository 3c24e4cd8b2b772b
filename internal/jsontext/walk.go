package jsontext

import (
	"strings"

	"github.com/tidwall/gjson"
)

// EachMember visits the members of an object in text that parseJSON has taken. It is
// gjson's ForEach for the one place where every request spends its time: it
// reads no numbers and copies no strings.
func EachMember(object string, f func(key string, v Value) bool) {
	for i := 1; ; {
		for object[i] != '"' {
			if object[i] == '}' {
				return
			}
			i++
		}
		end := stringEnd(object, i)
		key := Unquote(object[i:end])
		for i = end; object[i] == ':' || object[i] <= ' '; {
			i++
		}
		v := valueAt(object[i:])
		if i += len(v.Raw); !f(key, v) {
			return
		}
	}
}

// valueAt reads the value that text starts with.
func valueAt(text string) Value {
	end := 1
	kind := kindOf(text[0])
	switch kind {
	case gjson.String:
		end = stringEnd(text, 0)
	case gjson.JSON:
		end = bracketEnd(text)
	default:
		for end < len(text) && text[end] > ' ' && text[end] != ',' && text[end] != '}' && text[end] != ']' {
			end++
		}
	}
	return Value{Raw: text[:end], Kind: kind}
}

// stringEnd returns where the string that starts at i ends.
func stringEnd(s string, i int) int {
	for at := i + 1; ; at++ {
		at += strings.IndexByte(s[at:], '"')
		back := at - 1
		for s[back] == '\\' {
			back--
		}
		if (at-back)%2 == 1 { // an even number of backslashes
			return at + 1
		}
	}
}

// bracketEnd returns where the object or array that s starts with ends.
func bracketEnd(s string) int {
	for i, depth := 0, 0; ; i++ {
		switch s[i] {
		case '"':
			i = stringEnd(s, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}
