package jsontext

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
	"unsafe"
)

// A body is read once: Scan checks the whole of it and, on the way, notes the
// members of its outermost object. What is inside a member is looked at again
// only by the codec that wants it.

// Token is a member of the outermost object.
type Token struct {
	Key string // unescaped
	At  int    // its place among the names that are expected, -1 for none
	Val Value
}

// Scan checks a body and notes the members of its outermost object, in room if
// that is large enough. What it returns reads from the body's memory, which
// must not change afterwards. The error has the code malformed.
func Scan(body []byte, known *Names, room []Token) (root Value, members []Token, err error) {
	p := scanner{b: body, s: shared(body), fields: known, tokens: room}
	if !p.scan() {
		return Value{}, p.tokens, p.malformed()
	}
	return ValueOf(p.s), p.tokens, nil
}

// scanner is one pass over a body. Its steps take the place where something
// starts and return the place behind it, or a negative number when it is not JSON.
type scanner struct {
	b      []byte
	s      string // the same memory
	deep   bool   // it nests too deep
	dirty  bool   // blanks or repeated keys since it was last cleared
	escape bool   // escapes in a string since it was last cleared
	high   uint64 // all bytes of strings, to tell whether one is above 127
	fields *Names // what the outermost object may hold, nil if nobody asks
	tokens []Token
}

const wrong = -1

// scan checks that a body is one JSON value and notes its members.
func (p *scanner) scan() bool {
	i := p.blanks(0)
	if p.at(i, '{') {
		i = p.outermost(i)
	} else {
		i = p.value(i, 0)
	}
	return i >= 0 && p.blanks(i) == len(p.b) && (p.high&highs == 0 || utf8.Valid(p.b))
}

// outermost reads the object that the fields are in.
func (p *scanner) outermost(i int) int {
	if i = p.blanks(i + 1); p.at(i, '}') {
		return i + 1
	}
	next := 0
	for {
		t := p.add()
		if i = p.field(t, i, next); i < 0 {
			return wrong
		}
		if t.At >= 0 {
			next = t.At + 1
		}
		from := i
		p.dirty, p.escape = false, false
		if i = p.value(i, 1); i < 0 {
			return wrong
		}
		t.Val.Raw, t.Val.Kind, t.Val.known = p.s[from:i], kindOf(p.b[from]), 0
		if !p.escape {
			t.Val.known = unescaped
		}
		if !p.dirty {
			t.Val.known |= uniform
		}
		more := false
		if i, more = p.next(i, '}'); !more {
			return i
		}
	}
}

// add makes room for a token, which is filled in where it is.
func (p *scanner) add() *Token {
	n := len(p.tokens)
	if n == cap(p.tokens) {
		p.tokens = append(p.tokens, Token{})
	}
	p.tokens = p.tokens[:n+1]
	return &p.tokens[n]
}

// field reads the name of a member of the outermost object, and the colon.
func (p *scanner) field(t *Token, i, next int) int {
	if t.At = -1; p.fields != nil {
		if at := p.fields.expect(p.b, p.s, i, next); at >= 0 {
			m := &p.fields.list[at]
			t.At, t.Key = at, m.name
			return p.blanks(i + len(m.text))
		}
	}
	from := i
	p.escape = false
	if i = p.name(i); i < 0 {
		return wrong
	}
	if t.Key = p.s[from+1 : i-1]; p.escape {
		t.Key = Unquote(p.s[from:i])
	}
	if p.fields != nil {
		t.At = p.fields.Place(t.Key, next)
	}
	return p.colon(i)
}

// name reads a member's name.
func (p *scanner) name(i int) int {
	if !p.at(i, '"') {
		return wrong
	}
	return p.str(i)
}

// colon reads what stands between a name and its value.
func (p *scanner) colon(i int) int {
	if i = p.blanks(i); !p.at(i, ':') {
		return wrong
	}
	return p.blanks(i + 1)
}

// next reads what stands behind a member or an item: a comma and more, or the
// bracket that ends it.
func (p *scanner) next(i int, end byte) (at int, more bool) {
	if i = p.blanks(i); i >= len(p.b) {
		return wrong, false
	}
	switch p.b[i] {
	case ',':
		return p.blanks(i + 1), true
	case end:
		return i + 1, false
	}
	return wrong, false
}

func (p *scanner) at(i int, c byte) bool { return i < len(p.b) && p.b[i] == c }

// blanks skips what stands between values; most bodies have none.
func (p *scanner) blanks(i int) int {
	if i < len(p.b) && p.b[i] <= ' ' {
		return p.skip(i)
	}
	return i
}

func (p *scanner) skip(i int) int {
	for i < len(p.b) && (p.b[i] == ' ' || p.b[i] == '\n' || p.b[i] == '\r' || p.b[i] == '\t') {
		p.dirty = true
		i++
	}
	return i
}

// value checks one value at a depth.
func (p *scanner) value(i, depth int) int {
	if i >= len(p.b) {
		return wrong
	}
	switch p.b[i] {
	case '"':
		return p.str(i)
	case '{':
		return p.object(i, depth+1)
	case '[':
		return p.array(i, depth+1)
	case 't':
		return p.word(i, "true")
	case 'f':
		return p.word(i, "false")
	case 'n':
		return p.word(i, "null")
	}
	return numeral(p.b, i)
}

func (p *scanner) word(i int, w string) int {
	if end := i + len(w); end <= len(p.s) && p.s[i:end] == w {
		return end
	}
	return wrong
}

func (p *scanner) object(i, depth int) int {
	if depth > MaxDepth {
		p.deep = true
		return wrong
	}
	if i = p.blanks(i + 1); p.at(i, '}') {
		return i + 1
	}
	// A repeated name needs care later. Names that only look alike by length
	// and ends are taken for repeated, and so are all that have escapes, which
	// costs time and nothing else.
	var seen uint64
	for {
		from := i
		p.escape = false
		if i = p.name(i); i < 0 {
			return wrong
		}
		bit := uint64(1) << alike(p.s[from+1:i-1])
		p.dirty = p.dirty || p.escape || seen&bit != 0
		seen |= bit
		if i = p.colon(i); i < 0 {
			return wrong
		}
		if i = p.value(i, depth); i < 0 {
			return wrong
		}
		more := false
		if i, more = p.next(i, '}'); !more {
			return i
		}
	}
}

func alike(key string) uint {
	if key == "" {
		return 0
	}
	return (uint(key[0]) + 7*uint(key[len(key)/2]) + 31*uint(key[len(key)-1]) + 13*uint(len(key))) & 63
}

func (p *scanner) array(i, depth int) int {
	if depth > MaxDepth {
		p.deep = true
		return wrong
	}
	if i = p.blanks(i + 1); p.at(i, ']') {
		return i + 1
	}
	for {
		if i = p.value(i, depth); i < 0 {
			return wrong
		}
		more := false
		if i, more = p.next(i, ']'); !more {
			return i
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

// str reads a string whose first quote is at i.
func (p *scanner) str(i int) int {
	b := p.b
	high := uint64(0)
	for i++; ; {
		for i+8 <= len(b) {
			word := binary.LittleEndian.Uint64(b[i:])
			high |= word
			if x := special(word); x != 0 {
				i += bits.TrailingZeros64(x) / 8
				goto found
			}
			i += 8
		}
		for i < len(b) && b[i] >= ' ' && b[i] != '"' && b[i] != '\\' {
			high |= uint64(b[i])
			i++
		}
		if i >= len(b) {
			return wrong
		}
	found:
		if b[i] == '"' {
			p.high |= high
			return i + 1
		}
		p.escape = true
		n := escapeLen(b[i:])
		if n == 0 {
			return wrong
		}
		i += n
	}
}

// escapeLen is the length of the escape that b starts with, 0 if it starts with
// none.
func escapeLen(b []byte) int {
	if len(b) < 2 || b[0] != '\\' {
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

// numeral reads a number.
func numeral(b []byte, i int) int {
	if i < len(b) && b[i] == '-' {
		i++
	}
	from := i
	if i = digits(b, i); i == from || b[from] == '0' && i > from+1 {
		return wrong
	}
	if i < len(b) && b[i] == '.' {
		from = i + 1
		if i = digits(b, from); i == from {
			return wrong
		}
	}
	if i < len(b) && (b[i] == 'e' || b[i] == 'E') {
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		from = i
		if i = digits(b, from); i == from {
			return wrong
		}
	}
	return i
}

func digits(b []byte, i int) int {
	for i < len(b) && b[i] >= '0' && b[i] <= '9' {
		i++
	}
	return i
}

// shared is the body as a string of the same memory.
func shared(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
