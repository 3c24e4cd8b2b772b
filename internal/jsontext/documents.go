package jsontext

import (
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// MaxDepth is how deep arrays and objects of a body may nest. It is far above
// what any provider's documents show and far below what would hurt.
const MaxDepth = 64

// Parse checks a body and returns its root. The result reads from the
// body's memory, which must not change afterwards. The error has the code
// malformed.
func Parse(body []byte) (Value, error) {
	root, _, err := Scan(body, nil, nil)
	return root, err
}

// malformed says why a scan failed.
func (p *scanner) malformed() error {
	if !utf8.Valid(p.b) {
		return Malformed("it is not valid UTF-8")
	}
	if p.deep {
		return Malformed("it nests deeper than 64 levels")
	}
	return Malformed("the syntax is wrong")
}

// Malformed is what is wrong with a body.
func Malformed(why string) error {
	return &record.Error{Code: record.CodeMalformed, Msg: why}
}

// CanonicalString returns the canonical text of a JSON string value. Without
// escapes that is the very text in the body.
func CanonicalString(v Value) string {
	if strings.IndexByte(v.Raw, '\\') < 0 {
		return v.Raw
	}
	if strings.Contains(v.Str(), "\uFFFD") && !strings.Contains(v.Raw, "\uFFFD") {
		return v.Raw // half a surrogate pair, which has no other way to be written
	}
	return record.Quote(v.Str())
}

// Member is a member of a client's object.
type Member struct {
	Key string // unescaped
	Val Value
}

// Members lists an object's members in their order. A key that is repeated
// keeps its first place and its last value, as JavaScript has it.
func Members(v Value) []Member {
	var list []Member
	var index map[string]int
	v.ForEach(func(k string, val Value) bool {
		if index == nil && len(list) >= 16 {
			index = make(map[string]int, 64)
			for i, p := range list {
				index[p.Key] = i
			}
		}
		if i := FindMember(list, index, k); i >= 0 {
			list[i].Val = val
			return true
		}
		if index != nil {
			index[k] = len(list)
		}
		list = append(list, Member{k, val})
		return true
	})
	return list
}

// FindMember is the place of a member in a list, -1 when it is not there. The
// index may be nil, or knows all of them.
func FindMember(list []Member, index map[string]int, key string) int {
	if index != nil {
		if i, ok := index[key]; ok {
			return i
		}
		return -1
	}
	for i := range list {
		if list[i].Key == key {
			return i
		}
	}
	return -1
}

// LastMember returns the member of an object with a name, the last one if
// there are several.
func LastMember(v Value, name string) (found Value) {
	if v.IsObject() {
		v.ForEach(func(k string, val Value) bool {
			if k == name {
				found = val
			}
			return true
		})
	}
	return found
}

// IsCompact tells whether a value is as appendCompact writes it, so that its
// text can be kept as it is.
func IsCompact(v Value) bool {
	if v.Kind != gjson.JSON || v.known&uniform != 0 {
		return true
	}
	for rest := v.Raw; rest != ""; {
		quote := strings.IndexByte(rest, '"')
		if quote < 0 {
			quote = len(rest)
		}
		if strings.ContainsAny(rest[:quote], " \t\r\n") {
			return false
		}
		if rest = rest[quote:]; rest == "" {
			break
		}
		end := strings.IndexByte(rest[1:], '"')
		if strings.IndexByte(rest[:end+1], '\\') >= 0 {
			return false
		}
		rest = rest[end+2:]
	}
	return allUnique(v)
}

// allUnique tells whether no object in a value repeats a key. It does not look
// at large objects.
func allUnique(v Value) bool {
	var seen [16]string
	n, ok, object := 0, true, v.IsObject()
	v.ForEach(func(k string, val Value) bool {
		if object {
			for _, s := range seen[:n] {
				ok = ok && s != k
			}
			if ok = ok && n < len(seen); ok {
				seen[n] = k
				n++
			}
		}
		if ok && val.Kind == gjson.JSON {
			ok = allUnique(val)
		}
		return ok
	})
	return ok
}

// AppendCompact appends a valid JSON value without blanks and repeated keys.
// Numbers and strings keep their bytes.
func AppendCompact(dst []byte, v Value) []byte {
	switch {
	case v.IsObject():
		dst = append(dst, '{')
		for i, p := range Members(v) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(record.AppendQuote(dst, p.Key), ':')
			dst = AppendCompact(dst, p.Val)
		}
		return append(dst, '}')
	case v.IsArray():
		dst = append(dst, '[')
		first := true
		v.ForEach(func(_ string, item Value) bool {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = AppendCompact(dst, item)
			return true
		})
		return append(dst, ']')
	}
	return append(dst, v.Raw...)
}

// Canonical returns a JSON document without blanks, with the keys of every
// object sorted: two documents that mean the same have the same text.
func Canonical(body []byte) (string, error) {
	v, err := Parse(body)
	if err != nil {
		return "", err
	}
	return string(appendSorted(nil, v)), nil
}

// plainNumber writes a number as it is written without need for more: 5 for 5.0
// and 5e0, 1.5 for 1.50.
func plainNumber(raw string) string {
	if whole, ok := record.Integer(raw); ok {
		return whole
	}
	if strings.IndexByte(raw, '.') >= 0 && !strings.ContainsAny(raw, "eE") {
		return strings.TrimRight(raw, "0")
	}
	return raw
}

func appendSorted(dst []byte, v Value) []byte {
	if !v.IsObject() {
		if v.IsArray() {
			dst = append(dst, '[')
			n := 0
			v.ForEach(func(_ string, item Value) bool {
				if n++; n > 1 {
					dst = append(dst, ',')
				}
				dst = appendSorted(dst, item)
				return true
			})
			return append(dst, ']')
		}
		if v.Kind == gjson.String {
			return append(dst, CanonicalString(v)...)
		}
		if v.Kind == gjson.Number {
			return append(dst, plainNumber(v.Raw)...)
		}
		return append(dst, v.Raw...)
	}
	list := Members(v)
	sortPairs(list)
	dst = append(dst, '{')
	for i, p := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(record.AppendQuote(dst, p.Key), ':')
		dst = appendSorted(dst, p.Val)
	}
	return append(dst, '}')
}

func sortPairs(list []Member) {
	sort.Slice(list, func(i, j int) bool { return list[i].Key < list[j].Key })
}

// maxEcho bounds what an error message repeats of a value.
const maxEcho = 1000

// Clip keeps error messages short whatever was sent.
func Clip(raw string) string {
	if len(raw) <= maxEcho {
		return raw
	}
	if raw[0] == '"' {
		raw = Unquote(raw)
	}
	return record.Quote(Shorten(raw, maxEcho))
}

// Compact returns a JSON body without blanks.
func Compact(body []byte) (string, error) {
	v, err := Parse(body)
	if err != nil {
		return "", err
	}
	return string(AppendCompact(make([]byte, 0, len(body)), v)), nil
}

// TextMember reads a text that is a member of a JSON body: "" where there is
// none, and false where there is something else.
func TextMember(body []byte, name string) (text string, ok bool) {
	v, err := Parse(body)
	if err != nil {
		return "", true // which is told at its own stage
	}
	v = LastMember(v, name)
	return v.Str(), v.Kind == gjson.String || v.Kind == gjson.Null
}

// AppendKey writes a member's name, behind a comma if it is not the first.
func AppendKey(dst, key []byte) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return append(dst, key...)
}

// Same tells whether two values are the same but for blanks, escapes and
// the order of keys.
func Same(a, b Value) bool {
	return a.Raw == b.Raw || string(appendSorted(nil, a)) == string(appendSorted(nil, b))
}

// AppendCanonical appends a value as slots keep it: texts with the fewest
// escapes, all else without blanks.
func AppendCanonical(dst []byte, v Value) []byte {
	if v.Kind == gjson.String {
		return append(dst, CanonicalString(v)...)
	}
	return AppendCompact(dst, v)
}
