package dialect

import (
	"strings"

	"github.com/tidwall/gjson"
)

// each visits the members of an object in text that parseJSON has taken. It is
// gjson's ForEach for the one place where every request spends its time: it
// reads no numbers and copies no strings.
func each(object string, f func(key string, v gjson.Result) bool) {
	for i := 1; ; {
		for object[i] != '"' {
			if object[i] == '}' {
				return
			}
			i++
		}
		end := stringEnd(object, i)
		key := unquote(object[i:end])
		for i = end; object[i] == ':' || object[i] <= ' '; {
			i++
		}
		v := value(object[i:])
		if i += len(v.Raw); !f(key, v) {
			return
		}
	}
}

// value reads the value that text starts with.
func value(text string) gjson.Result {
	switch text[0] {
	case '"':
		raw := text[:stringEnd(text, 0)]
		return gjson.Result{Type: gjson.String, Raw: raw, Str: unquote(raw)}
	case '{', '[':
		return gjson.Result{Type: gjson.JSON, Raw: text[:bracketEnd(text)]}
	case 't':
		return gjson.Result{Type: gjson.True, Raw: text[:4]}
	case 'f':
		return gjson.Result{Type: gjson.False, Raw: text[:5]}
	case 'n':
		return gjson.Result{Type: gjson.Null, Raw: text[:4]}
	}
	end := 1
	for end < len(text) && text[end] > ' ' && text[end] != ',' && text[end] != '}' && text[end] != ']' {
		end++
	}
	return gjson.Result{Type: gjson.Number, Raw: text[:end]}
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

func unquote(raw string) string {
	if strings.IndexByte(raw, '\\') < 0 {
		return raw[1 : len(raw)-1]
	}
	return gjson.Parse(raw).Str
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
