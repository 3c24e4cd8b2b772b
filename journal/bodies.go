package journal

import (
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/record"
)

// body shows a body up to a whole character. A secret that the cut goes
// through would not be recognised, so the last word of a cut body goes too.
func (v viewer) body(b []byte, size int64, h http.Header) string {
	s := string(b)
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, "\uFFFD")
	}
	if v.s.off {
		return s
	}
	cut := int64(len(b)) < size && len(b) > 0
	if cut {
		end := len(s)
		for end > 0 && (wordChar(s[end-1]) || strings.IndexByte("%+/=~.:@", s[end-1]) >= 0) {
			end--
		}
		s = s[:end]
	}
	if s = v.own(v.s.body(s, h)); cut {
		s = strings.TrimSuffix(s, "\uFFFD") + "…"
	}
	return s
}

// body hides secrets in a body of whatever type.
func (s *Secrets) body(t string, h http.Header) string {
	kind, _, _ := mime.ParseMediaType(h.Get("Content-Type"))
	looks := strings.TrimLeft(t, " \t\r\n")
	switch {
	case t == "":
		return ""
	case kind == "application/x-www-form-urlencoded" && !strings.HasPrefix(looks, "{"):
		return s.query(t, s.named)
	case strings.HasPrefix(looks, "{") || strings.HasPrefix(looks, "[") || strings.HasPrefix(looks, `"`):
		return s.json(t)
	case s.strict || strings.HasPrefix(kind, "multipart/") || kind == "application/octet-stream":
		return redacted(t)
	}
	return s.prose(t)
}

// prose hides secrets in a text body: lines such as "Password: …" and elements
// such as <password>…</password>, beside what is hidden in every text.
func (s *Secrets) prose(t string) string {
	lines := strings.SplitAfter(s.elements(t), "\n")
	for i, line := range lines {
		name, value, has := strings.Cut(line, ":")
		if !has || len(strings.Fields(name)) != 1 || !s.named(strings.Trim(name, " \t\"'-")) {
			continue
		}
		if bare := strings.TrimSpace(value); bare != "" {
			lines[i] = name + ":" + strings.Replace(value, bare, Hidden, 1)
		}
	}
	return s.text(strings.Join(lines, ""))
}

// elements hides what is inside XML elements with names of secrets.
func (s *Secrets) elements(t string) string {
	var out strings.Builder
	kept := 0
	for at := strings.IndexByte(t, '<'); at >= 0 && at < len(t); {
		end := at + 1
		for end < len(t) && (wordChar(t[end]) || t[end] == ':' || t[end] == '.') {
			end++
		}
		name := t[at+1 : end]
		for end < len(t) && t[end] != '>' && t[end] != '<' {
			end++ // attributes
		}
		if end == len(t) {
			break
		}
		from := end + 1
		to := from + max(0, strings.IndexByte(t[from:]+"<", '<'))
		if t[end] == '>' && to > from && s.named(name) {
			out.WriteString(t[kept:from])
			out.WriteString(Hidden)
			kept = to
		}
		if at = strings.IndexByte(t[end:], '<'); at >= 0 {
			at += end
		}
	}
	return out.String() + t[kept:]
}

// json hides secrets in JSON text, which may be cut off or broken: the values
// of members with a name of secrets, and all other secrets where they occur.
func (s *Secrets) json(t string) string {
	var out strings.Builder
	kept := 0 // what is before it is written
	for at := 0; at < len(t); {
		if t[at] != '"' {
			at++
			continue
		}
		end := stringEnd(t, at)
		value := skip(t, end, " \t\r\n")
		before := t[kept:at] // nothing but signs and numbers, where it is JSON
		out.WriteString(s.text(before))
		if value == len(t) || t[value] != ':' {
			if s.bareName(before) {
				out.WriteString(hiddenValue(t[at:end]))
			} else {
				out.WriteString(s.quoted(t[at:end]))
			}
			at, kept = end, end
			continue
		}
		name := t[at:end]
		value = skip(t, value+1, " \t\r\n")
		out.WriteString(s.quotedName(name) + t[end:value])
		if at = value; s.named(record.Unquote(closed(name))) {
			at = valueEnd(t, value)
			out.WriteString(hiddenValue(t[value:at]))
		}
		kept = at
	}
	out.WriteString(s.text(t[kept:]))
	return s.known(out.String())
}

// bareName tells whether a text ends in a name of secrets without quotes, as
// programs write it.
func (s *Secrets) bareName(before string) bool {
	before = strings.TrimRight(before, " \t\r\n")
	name := strings.TrimRight(strings.TrimRight(before, ":="), " \t")
	if len(name) == len(before) {
		return false
	}
	from := len(name)
	for from > 0 && wordChar(name[from-1]) {
		from--
	}
	return s.named(name[from:])
}

// hiddenValue stands for the value of a member with a name of secrets. What
// says only whether there is one stays.
func hiddenValue(v string) string {
	switch v {
	case "", `""`, record.Null, "true", "false", "[]", "{}":
		return v
	}
	return `"` + Hidden + `"`
}

// quoted hides secrets in a string of JSON, which may lack its end.
func (s *Secrets) quoted(text string) string {
	plain := record.Unquote(closed(text))
	if s.strict && plain != "" {
		return `"` + redacted(plain) + `"`
	}
	return requoted(text, plain, s.value(plain))
}

// quotedName is quoted for the name of a member.
func (s *Secrets) quotedName(text string) string {
	plain := record.Unquote(closed(text))
	return requoted(text, plain, s.value(plain))
}

// requoted is a string of JSON with what is shown of it. One that shows all is
// left as it was spelt.
func requoted(text, plain, shown string) string {
	if shown == plain {
		return text
	}
	return record.Quote(shown)
}

// closed ends a string that was cut off.
func closed(text string) string {
	if len(text) >= 2 && strings.HasSuffix(text, `"`) {
		return text
	}
	return text + `"`
}

// value hides secrets in a text that may be JSON itself.
func (s *Secrets) value(t string) string {
	if looks := strings.TrimLeft(t, " \t\r\n"); strings.HasPrefix(looks, `{"`) || strings.HasPrefix(looks, `"{`) || strings.HasPrefix(looks, "[") && strings.Contains(looks, `"`) {
		return s.json(t)
	}
	return s.text(t)
}

// skip returns the first place from at on that has none of the characters.
func skip(t string, at int, chars string) int {
	for at < len(t) && strings.IndexByte(chars, t[at]) >= 0 {
		at++
	}
	return at
}

// stringEnd returns the place behind the string that begins at a quote.
func stringEnd(t string, at int) int {
	for at++; at < len(t); at++ {
		switch t[at] {
		case '\\':
			at++
		case '"':
			return at + 1
		}
	}
	return len(t)
}

// valueEnd returns the place behind the JSON value that begins at a place.
func valueEnd(t string, at int) int {
	depth := 0
	for at < len(t) {
		switch t[at] {
		case '"':
			if at = stringEnd(t, at); depth == 0 {
				return at
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return at
			}
			if depth--; depth == 0 {
				return at + 1
			}
		case ',', ' ', '\t', '\r', '\n':
			if depth == 0 {
				return at
			}
		}
		at++
	}
	return len(t)
}
