package record

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"
)

// Null is the canonical text of a slot that was said to be null.
const Null = "null"

// Record is one row of one kind: canonical JSON text by slot, and what its
// dialects keep beyond the model. A Record that a Store has returned is
// nobody's to change: Clone it first.
type Record struct {
	Schema  *Schema
	Dialect string // who made it
	vals    []string
	ext     []extra
	later   []later
}

// Later is a text that is put together when somebody reads it: hardly anybody
// does, of what every change leaves behind. It says the same each time.
type Later interface {
	// Text is canonical JSON text.
	Text() string
	// Size estimates the bytes of memory that it keeps.
	Size() int
}

// later is the text of a slot whose place in vals is empty.
type later struct {
	slot Slot
	text Later
}

// extra is a value the model has no slot for, under "<dialect>.<path>".
type extra struct {
	key  string
	text string
}

// New returns an empty record of a kind.
func New(s *Schema, dialect string) *Record {
	return &Record{Schema: s, Dialect: dialect, vals: make([]string, len(s.Slots))}
}

// Clone returns a copy that the caller may change.
func (r *Record) Clone() *Record {
	c := &Record{Schema: r.Schema, Dialect: r.Dialect, vals: append([]string(nil), r.vals...)}
	if len(r.ext) > 0 {
		c.ext = append(make([]extra, 0, len(r.ext)+2), r.ext...) // room for what a change adds
	}
	c.later = slices.Clone(r.later)
	return c
}

// Get returns the canonical JSON text of a slot: "" was never said, Null was
// said to be null.
func (r *Record) Get(s Slot) string {
	if r.later == nil {
		return r.vals[s]
	}
	return r.read(s)
}

// read is Get of a record with texts that are put together when they are read.
// It is a call, so that Get needs none.
//
//go:noinline
func (r *Record) read(s Slot) string {
	for _, l := range r.later {
		if l.slot == s {
			return l.text.Text()
		}
	}
	return r.vals[s]
}

// Set stores canonical JSON text; "" forgets the slot.
func (r *Record) Set(s Slot, text string) {
	r.vals[s] = text
	if r.later != nil {
		r.later = slices.DeleteFunc(r.later, func(l later) bool { return l.slot == s })
	}
}

// SetLater stores a text that is put together when it is read.
func (r *Record) SetLater(s Slot, text Later) {
	r.Set(s, "")
	r.later = append(r.later, later{s, text})
}

// Ext returns what a dialect keeps beyond the model, by "<dialect>.<path>".
func (r *Record) Ext(key string) string {
	for i := range r.ext {
		if r.ext[i].key == key {
			return r.ext[i].text
		}
	}
	return ""
}

// SetExt stores such a value; "" forgets it.
func (r *Record) SetExt(key, text string) {
	for i := range r.ext {
		if r.ext[i].key == key {
			if text == "" {
				r.ext = append(r.ext[:i:i], r.ext[i+1:]...)
			} else {
				r.ext[i].text = text
			}
			return
		}
	}
	if text != "" {
		r.ext = append(r.ext, extra{key, text})
	}
}

// EachExt calls f for every value beyond the model, in the order it came.
func (r *Record) EachExt(f func(key, text string)) {
	for _, e := range r.ext {
		f(e.key, e.text)
	}
}

// Own gives the record memory of its own for the texts that lie in a request
// body, so that a large body is not kept alive by a small field.
func (r *Record) Own(borrowed func(text string) bool) {
	n := 0
	r.texts(func(t *string) {
		if borrowed(*t) {
			n += len(*t)
		}
	})
	// One piece of memory for all: the builder never grows beyond it.
	var own strings.Builder
	own.Grow(n)
	r.texts(func(t *string) {
		if borrowed(*t) {
			at := own.Len()
			own.WriteString(*t)
			*t = own.String()[at:]
		}
	})
}

// texts calls f for every text that the record holds.
func (r *Record) texts(f func(t *string)) {
	for i := range r.vals {
		if r.vals[i] != "" {
			f(&r.vals[i])
		}
	}
	for i := range r.ext {
		f(&r.ext[i].text)
	}
}

// Size estimates the bytes of memory that the record takes. Texts that it shares
// with other records are counted in each.
func (r *Record) Size() int {
	const fixed, word, pair = 96, 16, 32 // the record itself, a slot, a value beyond the model
	n := fixed + word*len(r.vals) + pair*cap(r.ext)
	for _, v := range r.vals {
		n += len(v)
	}
	for _, e := range r.ext {
		n += len(e.text) // keys are those of the mapping file
	}
	for _, l := range r.later {
		n += pair + l.text.Size()
	}
	return n
}

// Has tells whether a slot holds a value: neither never said nor null.
func (r *Record) Has(s Slot) bool {
	text := r.Get(s)
	return text != "" && text != Null
}

// Text returns a string slot without its quotes, "" when there is none.
func (r *Record) Text(s Slot) string { return Unquote(r.Get(s)) }

// ID is the record's id on the wire of its origin dialect.
func (r *Record) ID() string { return Unquote(r.Get(SlotID)) }

// Time returns a time slot, and whether there is one.
func (r *Record) Time(s Slot) (time.Time, bool) { return ParseTime(r.Get(s)) }

// Unquote returns the value of a canonical JSON string; the text itself when
// it is no string, and "" for null. Canonical strings escape only what JSON
// requires, so most need no work.
func Unquote(text string) string {
	if len(text) < 2 || text[0] != '"' {
		if text == Null {
			return ""
		}
		return text
	}
	inner := text[1 : len(text)-1]
	if strings.IndexByte(inner, '\\') < 0 {
		return inner
	}
	return unescape(inner)
}

// unescape undoes the escapes of JSON, which may be more than Quote writes: a
// value in an error message is as the client spelt it.
func unescape(s string) string {
	b := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b = append(b, s[i])
			continue
		}
		i++
		switch s[i] {
		case 'n':
			b = append(b, '\n')
		case 'r':
			b = append(b, '\r')
		case 't':
			b = append(b, '\t')
		case 'b':
			b = append(b, '\b')
		case 'f':
			b = append(b, '\f')
		case 'u':
			r := hexRune(s, i+1)
			i += 4
			if utf16.IsSurrogate(r) && strings.HasPrefix(s[min(len(s), i+1):], `\u`) {
				if pair := utf16.DecodeRune(r, hexRune(s, i+3)); pair != utf8.RuneError {
					r, i = pair, i+6
				}
			}
			b = utf8.AppendRune(b, r)
		default:
			b = append(b, s[i])
		}
	}
	return string(b)
}

// hexRune reads the four digits of a \u escape.
func hexRune(s string, at int) rune {
	if at+4 > len(s) {
		return utf8.RuneError
	}
	n, err := strconv.ParseUint(s[at:at+4], 16, 16)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}

// Quote returns s as a canonical JSON string.
func Quote(s string) string { return string(AppendQuote(make([]byte, 0, len(s)+2), s)) }

// AppendQuote appends s as a canonical JSON string: quotes, backslashes and
// control characters are escaped and nothing else is. What is no UTF-8, as a
// header may hold, is written as the replacement character, so that a record
// never keeps what its document could not say.
func AppendQuote(dst []byte, s string) []byte {
	return append(AppendEscaped(append(dst, '"'), s), '"')
}

// AppendEscaped is AppendQuote without the quotes.
func AppendEscaped(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	start := 0
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRuneInString(s[i:])
			if r == utf8.RuneError && n == 1 {
				dst = utf8.AppendRune(append(dst, s[start:i]...), utf8.RuneError)
				start = i + 1
			}
			i += n - 1
			continue
		}
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		dst = append(dst, s[start:i]...)
		start = i + 1
		switch c {
		case '"', '\\':
			dst = append(dst, '\\', c)
		case '\n':
			dst = append(dst, '\\', 'n')
		case '\r':
			dst = append(dst, '\\', 'r')
		case '\t':
			dst = append(dst, '\\', 't')
		case '\b':
			dst = append(dst, '\\', 'b')
		case '\f':
			dst = append(dst, '\\', 'f')
		default:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15])
		}
	}
	return append(dst, s[start:]...)
}

// ParseTime reads a canonical time text.
func ParseTime(text string) (time.Time, bool) {
	if len(text) < 2 || text[0] != '"' {
		return time.Time{}, false
	}
	t, err := time.Parse(time.RFC3339Nano, text[1:len(text)-1])
	return t, err == nil
}

// FormatTime writes a canonical time text: UTC, with the fraction it needs.
func FormatTime(t time.Time) string {
	return string(t.UTC().AppendFormat(append(make([]byte, 0, 32), '"'), `2006-01-02T15:04:05.999999999Z"`))
}
