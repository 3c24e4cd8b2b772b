package dialect

import (
	"encoding/binary"
	"math/bits"
	"unsafe"

	"github.com/tidwall/gjson"
)

// A body is read once: scan checks the whole of it and, on the way, notes the
// members of its outermost object. What is inside a member is looked at again
// only by the codec that wants it.

// token is a member of the outermost object.
type token struct {
	key    string // unescaped
	raw    string // the value's text
	kind   gjson.Type
	escape bool // a string with escapes in it
	clean  bool // without blanks and repeated keys inside
}

// into makes the value as codecs take it.
func (t *token) into(v *gjson.Result) {
	v.Type, v.Raw, v.Str, v.Index = t.kind, t.raw, "", 0
	switch {
	case t.kind == gjson.String && !t.escape:
		v.Str = t.raw[1 : len(t.raw)-1]
	case t.kind == gjson.String:
		v.Str = unquote(t.raw)
	case t.clean:
		v.Index = cleanMark
	}
}

// cleanMark in Result.Index says that scan has found a value clean.
const cleanMark = -1

// scanner is one pass over a body.
type scanner struct {
	b      []byte
	s      string // the same memory
	i      int
	deep   bool // it nests too deep
	dirty  bool // blanks or repeated keys since it was last cleared
	escape bool // escapes in the string that was read last
	tokens []token
}

// scan checks that a body is one JSON value and notes its members. object is
// false when it is a value of another kind.
func (p *scanner) scan() (object, ok bool) {
	p.blanks()
	if p.i < len(p.b) && p.b[p.i] == '{' {
		object, ok = true, p.outermost()
	} else {
		ok = p.value(0)
	}
	if !ok {
		return object, false
	}
	p.blanks()
	return object, p.i == len(p.b)
}

// outermost reads the object that the fields are in.
func (p *scanner) outermost() bool {
	p.i++
	if p.blanks(); p.at('}') {
		p.i++
		return true
	}
	for {
		key, ok := p.key()
		if !ok {
			return false
		}
		from := p.i
		p.dirty, p.escape = false, false
		if !p.value(1) {
			return false
		}
		raw := p.s[from:p.i]
		p.tokens = append(p.tokens, token{key, raw, kindOf(raw[0]), p.escape && raw[0] == '"', !p.dirty})
		if more, ok := p.next('}'); !ok || !more {
			return ok
		}
	}
}

func kindOf(c byte) gjson.Type {
	switch c {
	case '"':
		return gjson.String
	case '{', '[':
		return gjson.JSON
	case 't':
		return gjson.True
	case 'f':
		return gjson.False
	case 'n':
		return gjson.Null
	}
	return gjson.Number
}

// key reads a member's name and the colon behind it.
func (p *scanner) key() (string, bool) {
	p.escape = false
	from := p.i
	if !p.at('"') || !p.str() {
		return "", false
	}
	key := p.s[from+1 : p.i-1]
	if p.escape {
		key = unquote(p.s[from:p.i])
	}
	if p.blanks(); !p.at(':') {
		return "", false
	}
	p.i++
	p.blanks()
	return key, true
}

// next reads what stands behind a member or an item: a comma and more, or the
// bracket that ends it.
func (p *scanner) next(end byte) (more, ok bool) {
	p.blanks()
	if p.i == len(p.b) {
		return false, false
	}
	c := p.b[p.i]
	p.i++
	if c == ',' {
		p.blanks()
		return true, true
	}
	return false, c == end
}

func (p *scanner) at(c byte) bool { return p.i < len(p.b) && p.b[p.i] == c }

// blanks skips what stands between values; most bodies have none.
func (p *scanner) blanks() {
	if p.i < len(p.b) && p.b[p.i] <= ' ' {
		p.skip()
	}
}

func (p *scanner) skip() {
	for p.i < len(p.b) {
		switch p.b[p.i] {
		case ' ', '\n', '\r', '\t':
			p.i++
			p.dirty = true
		default:
			return
		}
	}
}

// value checks one value at a depth.
func (p *scanner) value(depth int) bool {
	if p.i >= len(p.b) {
		return false
	}
	switch c := p.b[p.i]; {
	case c == '"':
		return p.str()
	case c == '{':
		return p.object(depth + 1)
	case c == '[':
		return p.array(depth + 1)
	case c == 't':
		return p.word("true")
	case c == 'f':
		return p.word("false")
	case c == 'n':
		return p.word("null")
	case c == '-' || c >= '0' && c <= '9':
		return p.number()
	}
	return false
}

func (p *scanner) word(w string) bool {
	if len(p.s)-p.i < len(w) || p.s[p.i:p.i+len(w)] != w {
		return false
	}
	p.i += len(w)
	return true
}

func (p *scanner) object(depth int) bool {
	if depth > MaxDepth {
		p.deep = true
		return false
	}
	p.i++
	if p.blanks(); p.at('}') {
		p.i++
		return true
	}
	// A repeated name needs care later. Names that only look alike by length
	// and ends are taken for repeated, which costs time and nothing else.
	var seen uint64
	for {
		escape := p.escape
		key, ok := p.key()
		if !ok {
			return false
		}
		p.escape = escape
		bit := uint64(1) << alike(key)
		p.dirty = p.dirty || seen&bit != 0
		seen |= bit
		if !p.value(depth) {
			return false
		}
		if more, ok := p.next('}'); !ok || !more {
			return ok
		}
	}
}

func alike(key string) uint {
	if key == "" {
		return 0
	}
	return (uint(key[0]) + 7*uint(key[len(key)/2]) + 31*uint(key[len(key)-1]) + 13*uint(len(key))) & 63
}

func (p *scanner) array(depth int) bool {
	if depth > MaxDepth {
		p.deep = true
		return false
	}
	p.i++
	if p.blanks(); p.at(']') {
		p.i++
		return true
	}
	for {
		if !p.value(depth) {
			return false
		}
		if more, ok := p.next(']'); !ok || !more {
			return ok
		}
	}
}

// Eight bytes at a time: what in a string is not itself.
const (
	ones   = 0x0101010101010101
	highs  = 0x8080808080808080
	quotes = ones * '"'
	slants = ones * '\\'
	spaces = ones * ' '
)

// special marks the quotes, backslashes and control characters among eight
// bytes, the lowest of them exactly. Bytes above 127 are never taken for one.
func special(x uint64) uint64 {
	q, b := x^quotes, x^slants
	return ((q-ones)&^q | (b-ones)&^b | (x-spaces)&^x) & highs
}

// str checks a string; i stands on its first quote and then behind its last.
func (p *scanner) str() bool {
	b, i := p.b, p.i+1
	for {
		for i+8 <= len(b) {
			x := special(binary.LittleEndian.Uint64(b[i:]))
			if x != 0 {
				i += bits.TrailingZeros64(x) / 8
				break
			}
			i += 8
		}
		for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
			i++
		}
		if i >= len(b) || b[i] < ' ' {
			return false
		}
		if b[i] == '"' {
			p.i = i + 1
			return true
		}
		p.escape = true
		n := escapeLen(b[i:])
		if n == 0 {
			return false
		}
		i += n
	}
}

// escapeLen is the length of the escape that b starts with, 0 if it is none.
func escapeLen(b []byte) int {
	if len(b) < 2 {
		return 0
	}
	switch b[1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2
	case 'u':
		if len(b) < 6 {
			return 0
		}
		for _, c := range b[2:6] {
			if !(c >= '0' && c <= '9' || c >= 'a' && c <= 'f' || c >= 'A' && c <= 'F') {
				return 0
			}
		}
		return 6
	}
	return 0
}

func (p *scanner) number() bool {
	if p.at('-') {
		p.i++
	}
	if p.at('0') {
		p.i++
	} else if !p.digits() {
		return false
	}
	if p.at('.') {
		if p.i++; !p.digits() {
			return false
		}
	}
	if p.at('e') || p.at('E') {
		p.i++
		if p.at('+') || p.at('-') {
			p.i++
		}
		return p.digits()
	}
	return true
}

func (p *scanner) digits() bool {
	from := p.i
	for p.i < len(p.b) && p.b[p.i] >= '0' && p.b[p.i] <= '9' {
		p.i++
	}
	return p.i > from
}

// shared is the body as a string of the same memory.
func shared(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
