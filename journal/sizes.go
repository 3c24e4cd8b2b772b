package journal

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// What is kept of an exchange, in bytes.
const (
	MaxBody   = 16 << 10 // of each body
	MaxHeader = 16_000   // of the headers of request and answer together, names and values
	maxPath   = 8 << 10  // of a path, and of a query
)

// What a thing takes besides its texts, about.
const (
	entryBytes  = 700
	changeBytes = 96
	headerBytes = 64 // a name with one value
)

// Clip returns what is kept of a body, in memory of its own where it lies in
// much more of it.
func Clip(body []byte) []byte {
	n := min(len(body), MaxBody)
	if cap(body) <= 2*n+64 {
		return body[:n:n]
	}
	return append(make([]byte, 0, n), body[:n]...)
}

// trim cuts what is long and notes the size of the rest. It is done before an
// entry is kept, whoever made it.
func (e *Entry) trim() {
	e.Body, e.Answer = Clip(e.Body), Clip(e.Answer)
	e.Path, e.OwnPath, e.Query = cutAt(e.Path, "/"), cutAt(e.OwnPath, "/"), cutAt(e.Query, "&")
	h := headers{left: MaxHeader}
	e.AnswerHeader = h.trim(e.AnswerHeader)
	e.Header = h.trim(e.Header)
	e.bytes = e.size() + int64(MaxHeader-h.left+h.values*headerBytes)
}

// cutAt cuts a long text at one of the characters that separate its parts, so
// that no secret is cut in two and is not recognised any more.
func cutAt(text, separator string) string {
	if len(text) <= maxPath {
		return text
	}
	return strings.Clone(text[:max(0, strings.LastIndex(text[:maxPath], separator))]) + "…"
}

// headers is what there is left for the headers of an entry, and how many values
// it has.
type headers struct{ left, values int }

// trim keeps as much of a header as there is left, the short values first. Of a
// value that has no room its length is told, for half of a secret would not be
// recognised as one.
func (t *headers) trim(h http.Header) http.Header {
	length, count := 0, 0
	for name, values := range h {
		for _, v := range values {
			length += len(name) + len(v)
		}
		count += len(values)
	}
	if length <= t.left {
		t.left, t.values = t.left-length, t.values+count
		return h
	}
	type line struct{ name, value string }
	var lines []line
	for name, values := range h {
		for _, v := range values {
			lines = append(lines, line{name, v})
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int {
		return cmp.Or(cmp.Compare(len(a.name)+len(a.value), len(b.name)+len(b.value)), cmp.Compare(a.name, b.name))
	})
	out := http.Header{}
	for _, l := range lines {
		value := l.value
		if len(l.name)+len(value) > t.left {
			value = fmt.Sprintf("<%d bytes left out>", len(value))
		}
		if n := len(l.name) + len(value); n <= t.left {
			t.left, t.values = t.left-n, t.values+1
			out[l.name] = append(out[l.name], value)
		}
	}
	return out
}

// size estimates the memory of an entry without its headers. A record after a
// change is the store's to count; the one before it is kept by the entry alone.
func (e *Entry) size() int64 {
	n := entryBytes + len(e.Path) + len(e.Query) + cap(e.Body) + cap(e.Answer)
	for _, c := range e.Changes {
		n += changeBytes
		if c.Before != nil {
			n += c.Before.Size()
		}
	}
	return int64(n)
}
