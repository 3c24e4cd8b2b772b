package journal

import (
	"encoding/base64"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/record"
)

// Hidden stands for every secret.
const Hidden = "<secret>"

// SecretsOf says what is never shown.
type SecretsOf struct {
	Texts []string // wherever they occur, encoded too: credentials
	Words []string // where they stand by themselves: tokens, of which there may be many
	Likes []string // words of a form, with * for anything, as real keys have one
	Names []string // whatever a member, a form field or a query parameter of that name holds
}

// Secrets hides what an entry must not show, on top of what the entry itself
// knows of its exchange. The zero Secrets knows names that everybody uses.
type Secrets struct {
	texts *strings.Replacer
	words map[string]bool
	likes []string
	names map[string]bool
}

// always are names that hold secrets wherever they occur, in lower case.
var always = []string{
	"secret", "client_secret", "signing_secret", "client-secret", "clientsecret", "password", "passwd", "token", "access_token",
	"refresh_token", "id_token", "api_key", "apikey", "api-key", "client_key", "client-key", "clientkey", "private_key", "secret_key",
	"authorization", "x-client-key", "x-client-secret", "x-api-key",
}

// NewSecrets prepares for rendering many entries.
func NewSecrets(of SecretsOf) *Secrets {
	s := &Secrets{words: map[string]bool{}, names: map[string]bool{}}
	for _, name := range slices.Concat(always, of.Names) {
		s.names[strings.ToLower(name)] = true
	}
	for _, word := range of.Words {
		if len(word) >= shortest {
			s.words[word] = true
		}
	}
	for _, like := range of.Likes {
		if at := strings.IndexByte(like, '*'); at >= 3 { // a form that begins with anything says nothing
			s.likes = append(s.likes, like)
		}
	}
	var all []string
	for _, text := range of.Texts {
		all = append(all, spellings(text)...)
	}
	s.texts = replacer(all)
	return s
}

// shortest is the length from which a text is hidden wherever it occurs: a
// shorter one occurs everywhere.
const shortest = 4

// spellings lists the ways in which a secret may be written.
func spellings(secret string) []string {
	if len(secret) < shortest {
		return nil
	}
	all := []string{secret, string(record.AppendEscaped(nil, secret)), url.QueryEscape(secret), url.PathEscape(secret)}
	// As Basic authentication encodes it: what follows does not change the
	// encoding of whole groups of three bytes.
	if whole := len(secret) / 3 * 3; whole >= 6 {
		plain := []byte(secret[:whole])
		all = append(all, base64.StdEncoding.EncodeToString(plain), base64.URLEncoding.EncodeToString(plain))
	}
	slices.Sort(all)
	return slices.Compact(all)
}

// replacer hides texts, the longest first.
func replacer(texts []string) *strings.Replacer {
	slices.SortStableFunc(texts, func(a, b string) int { return len(b) - len(a) })
	pairs := make([]string, 0, 2*len(texts))
	for _, t := range texts {
		pairs = append(pairs, t, Hidden)
	}
	return strings.NewReplacer(pairs...)
}

// text hides secrets in a text of any kind.
func (s *Secrets) text(t string) string {
	if s.texts != nil {
		t = s.texts.Replace(t)
	}
	if len(s.words) == 0 && len(s.likes) == 0 {
		return t
	}
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
		if word := t[at:end]; len(word) >= shortest && (s.words[word] || s.like(word)) {
			out.WriteString(t[kept:at])
			out.WriteString(Hidden)
			kept = end
		}
		at = end
	}
	if kept == 0 {
		return t
	}
	return out.String() + t[kept:]
}

// wordChar tells whether tokens and keys are made of a character.
func wordChar(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '-'
}

func (s *Secrets) like(word string) bool {
	return slices.ContainsFunc(s.likes, func(like string) bool {
		ok, _ := path.Match(like, word)
		return ok
	})
}

// query hides secrets in a query or a form. What needs no hiding is left as
// the client spelt it.
func (s *Secrets) query(q string) string {
	pairs := strings.Split(q, "&")
	for i, pair := range pairs {
		name, value, has := strings.Cut(pair, "=")
		if !has || value == "" {
			continue
		}
		if s.named(unescape(name)) {
			pairs[i] = name + "=" + Hidden
		} else if plain := unescape(value); s.text(plain) != plain {
			pairs[i] = name + "=" + Hidden
		}
	}
	return s.text(strings.Join(pairs, "&"))
}

func unescape(s string) string {
	if plain, err := url.QueryUnescape(s); err == nil {
		return plain
	}
	return s
}

// named tells whether a name is one of secrets: the whole of it or, as in
// metadata[token] and metadata.token, its last part.
func (s *Secrets) named(name string) bool {
	name = strings.ToLower(name)
	return s.isName(name) || s.isName(strings.TrimSuffix(name[strings.LastIndexAny(name, ".[")+1:], "]"))
}

func (s *Secrets) isName(name string) bool {
	if s.names == nil {
		return slices.Contains(always, name)
	}
	return s.names[name]
}

// json hides secrets in JSON text, which may be cut off or broken: the values
// of members with a name of secrets, and all other secrets where they occur.
func (s *Secrets) json(t string) string {
	var out strings.Builder
	kept := 0
	for at := 0; at < len(t); {
		if t[at] != '"' {
			at++
			continue
		}
		end := stringEnd(t, at)
		value := skip(t, end, " \t\r\n")
		if value == len(t) || t[value] != ':' || !s.named(record.Unquote(t[at:end])) {
			at = end
			continue
		}
		value = skip(t, value+1, " \t\r\n")
		at = valueEnd(t, value)
		if v := t[value:at]; v != "" && v != `""` && v != record.Null {
			out.WriteString(t[kept:value])
			out.WriteString(`"` + Hidden + `"`)
			kept = at
		}
	}
	return s.text(out.String() + t[kept:])
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

// SecretHeader tells whether a header holds a secret by its name.
func SecretHeader(name string) bool {
	name = strings.ToLower(name)
	return slices.ContainsFunc([]string{"authorization", "cookie", "secret", "token", "password", "api-key", "apikey", "client-key"},
		func(part string) bool { return strings.Contains(name, part) })
}
