package journal

import (
	"strings"

	"github.com/polylink-dev/polylink/internal/ids"
)

// longToken is the length from which a text that looks random is a token.
const longToken = 32

// tokens hides long random texts. Ids of records and UUIDs stay.
func (s *Secrets) tokens(t string) string {
	if len(t) < longToken {
		return t
	}
	var out strings.Builder
	kept := 0
	for at := 0; at < len(t); {
		if !tokenChar(t[at]) {
			at++
			continue
		}
		end := at
		for end < len(t) && tokenChar(t[end]) {
			end++
		}
		for _, run := range runsOf(t, at, end) {
			if run.to-run.from >= longToken && s.token(t[run.from:run.to]) {
				out.WriteString(t[kept:run.from])
				out.WriteString(Hidden)
				for kept = run.to; kept < len(t) && t[kept] == '='; {
					kept++ // padding
				}
			}
		}
		at = end
	}
	if kept == 0 {
		return t
	}
	return out.String() + t[kept:]
}

// tokenChar tells whether hex and base64 of both alphabets have a character.
func tokenChar(c byte) bool { return wordChar(c) || c == '+' || c == '/' }

type run struct{ from, to int }

// runsOf cuts a run at its slashes where it is a part of a path; elsewhere they
// may be letters of base64.
func runsOf(t string, at, end int) []run {
	text := t[at:end]
	path := text[0] == '/' || at > 0 && (t[at-1] == '.' || t[at-1] == ':' && digit(text[0]))
	if !path || !strings.Contains(text, "/") {
		return []run{{at, end}}
	}
	var out []run
	for part := range strings.SplitSeq(text, "/") {
		out = append(out, run{at, at + len(part)})
		at += len(part) + 1
	}
	return out
}

// token tells whether a run is a token and no id.
func (s *Secrets) token(text string) bool {
	var rest []string
	for part := range strings.SplitSeq(text, "/") {
		if !s.id(part) {
			rest = append(rest, withoutUUID(part))
		}
	}
	left := strings.Join(rest, "/")
	if random(left) {
		return true
	}
	for part := range strings.FieldsFuncSeq(left, func(r rune) bool { return r == '-' || r == '_' || r == '/' || r == '+' }) {
		if len(part) >= longToken && random(part) {
			return true
		}
	}
	return false
}

// id tells whether a text is of the form that ids of a dialect have.
func (s *Secrets) id(text string) bool {
	for i := range s.ids {
		if s.ids[i].Match(text) {
			return true
		}
	}
	return false
}

// withoutUUID takes a UUID out of a text.
func withoutUUID(text string) string {
	const size = 36
	for at := 0; at+size <= len(text); at++ {
		if ids.IsUUID(text[at:at+size]) && (at == 0 || !letter(text[at-1]) && !digit(text[at-1])) {
			return text[:at] + text[at+size:]
		}
	}
	return text
}

// random tells whether a text looks like the output of a generator: hex of many
// digits and letters, or one that changes between capitals, small letters and
// digits more often than words do.
func random(text string) bool {
	var digits, letters, changes, separators int
	var seen [256]bool
	distinct, hex, last := 0, true, 0
	for i := 0; i < len(text); i++ {
		c := text[i]
		if !seen[c] {
			seen[c] = true
			distinct++
		}
		class := classOf(c)
		switch class {
		case isDigit:
			digits++
		case isLower, isUpper:
			letters++
			hex = hex && (c|0x20) <= 'f'
		default:
			separators++
			hex = false
		}
		if last != isOther && class != isOther && class != last {
			changes++
		}
		last = class
	}
	n := digits + letters
	switch {
	case n < longToken*3/4:
		return false
	case hex:
		return digits > 0 && letters > 0 && distinct >= 8
	case digits > 0 && separators == 0:
		return changes*5 >= n
	case digits > 0:
		return changes*10 >= n*3
	}
	return changes*20 >= n*7
}

// Classes of characters. The zero one is none.
const (
	isOther = iota
	isDigit
	isLower
	isUpper
)

func classOf(c byte) int {
	switch {
	case digit(c):
		return isDigit
	case lower(c):
		return isLower
	case upper(c):
		return isUpper
	}
	return isOther
}

// keyWords begin keys of the usual forms, as in sk_live_… and whsec_…; in some
// a word of the provider is in front of it.
var keyWords = setOf("sk", "rk", "pk", "whsec")

// keyLike tells whether a word has the form of a key, whoever gives it out.
func keyLike(word string) bool {
	rest := word
	for range 2 {
		first, tail, ok := strings.Cut(rest, "_")
		if !ok {
			return false
		}
		if keyWords[strings.ToLower(first)] {
			return len(tail) >= shortest
		}
		rest = tail
	}
	return false
}
