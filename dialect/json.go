package dialect

import (
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// MaxDepth is how deep arrays and objects of a body may nest. It is far above
// what any provider's documents show and far below what would hurt.
const MaxDepth = 64

// parseJSON checks a body and returns its root. The result reads from the
// body's memory, which must not change afterwards.
func parseJSON(body []byte) (value, *record.Error) {
	p := scanner{b: body, s: shared(body)}
	if _, ok := p.scan(); !ok {
		return value{}, p.fault()
	}
	return valueOf(p.s), nil
}

// fault says why a scan failed.
func (p *scanner) fault() *record.Error {
	if !utf8.Valid(p.b) {
		return malformed("it is not valid UTF-8")
	}
	if p.deep {
		return malformed("it nests deeper than 64 levels")
	}
	return malformed("the syntax is wrong")
}

func malformed(why string) *record.Error {
	return &record.Error{Code: record.CodeMalformed, Msg: why}
}

// stringText returns the canonical text of a JSON string value. Without
// escapes that is the very text in the body.
func stringText(v value) string {
	if strings.IndexByte(v.raw, '\\') < 0 {
		return v.raw
	}
	if strings.Contains(v.str(), "\uFFFD") && !strings.Contains(v.raw, "\uFFFD") {
		return v.raw // half a surrogate pair, which has no other way to be written
	}
	return record.Quote(v.str())
}

// pair is a member of a client's object.
type pair struct {
	key string // unescaped
	val value
}

// members lists an object's members in their order. A key that is repeated
// keeps its first place and its last value, as JavaScript has it.
func members(v value) []pair {
	var list []pair
	var index map[string]int
	v.forEach(func(k string, val value) bool {
		if index == nil && len(list) >= 16 {
			index = make(map[string]int, 64)
			for i, p := range list {
				index[p.key] = i
			}
		}
		if i := find(list, index, k); i >= 0 {
			list[i].val = val
			return true
		}
		if index != nil {
			index[k] = len(list)
		}
		list = append(list, pair{k, val})
		return true
	})
	return list
}

func find(list []pair, index map[string]int, key string) int {
	if index != nil {
		if i, ok := index[key]; ok {
			return i
		}
		return -1
	}
	for i := range list {
		if list[i].key == key {
			return i
		}
	}
	return -1
}

// lastMember returns the member of an object with a name, the last one if
// there are several.
func lastMember(v value, name string) (found value) {
	if v.isObject() {
		v.forEach(func(k string, val value) bool {
			if k == name {
				found = val
			}
			return true
		})
	}
	return found
}

// isCompact tells whether a value is as appendCompact writes it, so that its
// text can be kept as it is.
func isCompact(v value) bool {
	if v.kind != gjson.JSON || v.known&uniform != 0 {
		return true
	}
	for rest := v.raw; rest != ""; {
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
func allUnique(v value) bool {
	var seen [16]string
	n, ok, object := 0, true, v.isObject()
	v.forEach(func(k string, val value) bool {
		if object {
			for _, s := range seen[:n] {
				ok = ok && s != k
			}
			if ok = ok && n < len(seen); ok {
				seen[n] = k
				n++
			}
		}
		if ok && val.kind == gjson.JSON {
			ok = allUnique(val)
		}
		return ok
	})
	return ok
}

// appendCompact appends a valid JSON value without blanks and repeated keys.
// Numbers and strings keep their bytes.
func appendCompact(dst []byte, v value) []byte {
	switch {
	case v.isObject():
		dst = append(dst, '{')
		for i, p := range members(v) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(record.AppendQuote(dst, p.key), ':')
			dst = appendCompact(dst, p.val)
		}
		return append(dst, '}')
	case v.isArray():
		dst = append(dst, '[')
		first := true
		v.forEach(func(_ string, item value) bool {
			if !first {
				dst = append(dst, ',')
			}
			first = false
			dst = appendCompact(dst, item)
			return true
		})
		return append(dst, ']')
	}
	return append(dst, v.raw...)
}

// Canonical returns a JSON document without blanks, with the keys of every
// object sorted: two documents that mean the same have the same text.
func Canonical(body []byte) (string, error) {
	v, err := parseJSON(body)
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

func appendSorted(dst []byte, v value) []byte {
	if !v.isObject() {
		if v.isArray() {
			dst = append(dst, '[')
			n := 0
			v.forEach(func(_ string, item value) bool {
				if n++; n > 1 {
					dst = append(dst, ',')
				}
				dst = appendSorted(dst, item)
				return true
			})
			return append(dst, ']')
		}
		if v.kind == gjson.String {
			return append(dst, stringText(v)...)
		}
		if v.kind == gjson.Number {
			return append(dst, plainNumber(v.raw)...)
		}
		return append(dst, v.raw...)
	}
	list := members(v)
	sortPairs(list)
	dst = append(dst, '{')
	for i, p := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(record.AppendQuote(dst, p.key), ':')
		dst = appendSorted(dst, p.val)
	}
	return append(dst, '}')
}
