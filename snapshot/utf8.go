package snapshot

import (
	"errors"
	"io"
	"unicode/utf8"
)

// errNotUTF8 says that a text is none.
var errNotUTF8 = errors.New("not UTF-8")

// validReader passes on what is UTF-8, and notes what ended the reading before
// its end.
type validReader struct {
	r    io.Reader
	rest []byte // the beginning of a character
	err  error
}

// Read reads so much that the characters in it are whole.
func (v *validReader) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	n := copy(p, v.rest)
	m, err := v.r.Read(p[n:])
	n += m
	v.rest = v.rest[:0]
	if err != nil && !errors.Is(err, io.EOF) {
		v.err = err
		return 0, err
	}
	whole := n
	if err == nil {
		whole = wholeCharacters(p[:n])
	}
	if !utf8.Valid(p[:whole]) {
		v.err = errNotUTF8
		return 0, v.err
	}
	v.rest = append(v.rest, p[whole:n]...)
	return whole, err
}

// wholeCharacters is how much of a text does not end within a character.
func wholeCharacters(p []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(p); back++ {
		if at := len(p) - back; utf8.RuneStart(p[at]) {
			if !utf8.FullRune(p[at:]) {
				return at
			}
			break
		}
	}
	return len(p)
}
