package journal

import (
	"net/url"
	"strings"
)

// urls hides the passwords in URLs, and names of users that come alone: these
// are tokens.
func urls(t string) string {
	var out strings.Builder
	kept := 0
	for at := 0; ; {
		next := strings.Index(t[at:], "//")
		if next < 0 {
			break
		}
		at += next + 2
		end := at
		for end < len(t) && !strings.ContainsRune("/?#\\\"'<> \t\r\n", rune(t[end])) {
			end++
		}
		host := strings.LastIndexByte(t[at:end], '@')
		if host <= 0 {
			continue
		}
		from := at
		if colon := strings.IndexByte(t[at:at+host], ':'); colon >= 0 {
			from = at + colon + 1
		}
		if from < at+host && t[from:at+host] != Hidden {
			out.WriteString(t[kept:from])
			out.WriteString(Hidden)
			kept = at + host
		}
		at = end
	}
	if kept == 0 {
		return t
	}
	return out.String() + t[kept:]
}

// pairs hides the values of names of secrets in a text, as in password=… and
// password: …; inQuery tells them behind the ? of a URL.
func (s *Secrets) pairs(t string, inQuery func(name string) bool) string {
	var out strings.Builder
	kept := 0
	for at := 0; ; {
		next := strings.IndexAny(t[at:], "=:")
		if next < 0 {
			break
		}
		at += next
		sign := at
		to := sign
		for to > kept && t[to-1] == ' ' {
			to--
		}
		from := to
		for from > kept && (wordChar(t[from-1]) || strings.IndexByte(".[]%", t[from-1]) >= 0) {
			from--
		}
		name := unescape(t[from:to])
		secret := s.named(name) || t[sign] == '=' && to == sign && from > 0 && (t[from-1] == '?' || t[from-1] == '&') && inQuery(name)
		if at++; !secret {
			continue
		}
		value := at
		if t[sign] == ':' || to < sign {
			value = skip(t, at, " ")
		}
		end := endOfValue(t, value)
		if end > value && (t[sign] == '=' || strongName(name) || !plainWord(t[value:end])) {
			out.WriteString(t[kept:value])
			out.WriteString(Hidden)
			kept, at = end, end
		}
	}
	if kept == 0 {
		return t
	}
	return out.String() + t[kept:]
}

// schemes hides what follows the name of a scheme of authentication.
func schemes(t string) string {
	var out strings.Builder
	kept := 0
	for at := 0; at < len(t); {
		if !wordChar(t[at]) {
			at++
			continue
		}
		end := at
		for end < len(t) && wordChar(t[end]) {
			end++
		}
		word := t[at:end]
		if at = end; !strings.EqualFold(word, "bearer") && !strings.EqualFold(word, "basic") {
			continue
		}
		from := skip(t, end, " ")
		to := from
		for to < len(t) && (tokenChar(t[to]) || strings.IndexByte(".~=", t[to]) >= 0) {
			to++
		}
		if from > end && to-from >= 2*shortest && !plainWord(t[from:to]) && t[from:to] != Hidden {
			out.WriteString(t[kept:from])
			out.WriteString(Hidden)
			kept, at = to, to
		}
	}
	if kept == 0 {
		return t
	}
	return out.String() + t[kept:]
}

// plainWord tells whether a text is a word of a sentence or of a header rather
// than a secret: small letters, the first may be a capital.
func plainWord(t string) bool {
	for i := 0; i < len(t); i++ {
		if c := t[i]; !lower(c) && !(i == 0 && upper(c)) && strings.IndexByte("-_=.!", c) < 0 {
			return false
		}
	}
	return true
}

// endOfValue is the place behind a value in a text: behind the second quote, or
// before the first character that ends one.
func endOfValue(t string, at int) int {
	if at < len(t) && (t[at] == '"' || t[at] == '\'') {
		if end := strings.IndexByte(t[at+1:], t[at]); end >= 0 {
			return at + end + 2
		}
		return len(t)
	}
	for at < len(t) && strings.IndexByte("&;, \t\r\n\"'<>)]}", t[at]) < 0 {
		at++
	}
	return at
}

// escaped hides what holds a secret once it is read as part of a URL. The whole
// of it goes: parts would have to be written in its spelling.
func (s *Secrets) escaped(t string) string {
	if !strings.Contains(t, "%") {
		return t
	}
	var out strings.Builder
	kept := 0
	for at := 0; at < len(t); {
		end := at
		for end < len(t) && strings.IndexByte("\"'<>,; \t\r\n", t[end]) < 0 {
			end++
		}
		if piece := t[at:end]; s.hiddenWhenRead(piece) {
			out.WriteString(t[kept:at])
			out.WriteString(Hidden)
			kept = end
		}
		at = end + 1
	}
	if kept == 0 {
		return t
	}
	return out.String() + t[kept:]
}

// hiddenWhenRead tells whether a text holds a secret after unescaping: URLs in
// URLs are escaped twice and more.
func (s *Secrets) hiddenWhenRead(piece string) bool {
	for range 4 {
		if !strings.Contains(piece, "%") {
			return false
		}
		plain, err := url.PathUnescape(piece)
		if err != nil || plain == piece {
			return false
		}
		if s.plain(plain) != plain {
			return true
		}
		piece = plain
	}
	return false
}

// query hides secrets in a query or a form. What needs no hiding is left as
// the client spelt it.
func (s *Secrets) query(q string, secret func(name string) bool) string {
	pairs := strings.Split(q, "&")
	for i, pair := range pairs {
		name, value, has := strings.Cut(pair, "=")
		if !has || value == "" {
			pairs[i] = s.value(pair)
			continue
		}
		plain := unescape(value)
		switch {
		case s.strict:
			pairs[i] = s.value(name) + "=" + redacted(value)
		case secret(unescape(name)) || s.value(plain) != plain:
			pairs[i] = s.value(name) + "=" + Hidden
		default:
			pairs[i] = s.value(name) + "=" + value
		}
	}
	return s.known(strings.Join(pairs, "&"))
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}
