package journal

import (
	"encoding/base64"
	"net/url"
	"path"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
)

// Hidden stands for a secret inside a text.
const Hidden = "<secret>"

// Redact says how much of an exchange is shown.
type Redact string

// The levels of redaction. The zero one is Standard.
const (
	Strict   Redact = "strict"   // no text of a body or query, and no header that is a dialect's own
	Standard Redact = "standard" // all but what has the name or the look of a secret
	Off      Redact = "off"      // everything, as it came
)

// SecretsOf says what is never shown.
type SecretsOf struct {
	Level   Redact
	Texts   []string   // wherever they occur, encoded too: credentials
	Words   []string   // where they stand by themselves: tokens, of which there may be many
	Likes   []string   // words of a form, with * for anything, as real keys have one
	Names   []string   // whatever a member, a form field or a query parameter of that name holds
	Headers []string   // headers that a dialect names; others are hidden unless everybody uses them
	IDs     []ids.Spec // what ids look like: these stay, however random
}

// Secrets hides what an entry must not show, on top of what the entry itself
// knows of its exchange. The zero Secrets knows what people call secrets, and
// what these look like.
type Secrets struct {
	strict, off bool
	texts       *strings.Replacer
	words       map[string]bool
	likes       []string
	names       map[string]bool
	headers     map[string]bool
	ids         []ids.Spec
}

// NewSecrets prepares for rendering many entries.
func NewSecrets(of SecretsOf) *Secrets {
	s := &Secrets{strict: of.Level == Strict, off: of.Level == Off, ids: of.IDs,
		words: map[string]bool{}, names: map[string]bool{}, headers: map[string]bool{}}
	for _, name := range of.Names {
		s.names[strings.ToLower(name)] = true
	}
	for _, name := range of.Headers {
		s.headers[strings.ToLower(name)] = true
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
	if len(all) > 0 {
		s.texts = replacer(all)
	}
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

// known hides what is known to be secret, wherever it occurs.
func (s *Secrets) known(t string) string {
	if s.texts != nil {
		return s.texts.Replace(t)
	}
	return t
}

// Text hides secrets in a text of any kind.
func (s *Secrets) Text(t string) string { return s.text(t) }

func (s *Secrets) text(t string) string { return s.escaped(s.plain(t)) }

// plain is text for one without escapes of URLs.
func (s *Secrets) plain(t string) string {
	t = s.pairs(urls(s.known(t)), s.inQuery)
	return s.tokens(schemes(s.keys(t)))
}

// keys hides tokens that are known, and words that have the form of a key.
func (s *Secrets) keys(t string) string {
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
		if strings.HasPrefix(word, "eyJ") && end < len(t) && t[end] == '.' { // a JSON web token
			for end < len(t) && (wordChar(t[end]) || t[end] == '.') {
				end++
			}
			word = t[at:end]
		}
		if len(word) >= shortest && s.key(word) {
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
func wordChar(c byte) bool { return letter(c) || digit(c) || c == '_' || c == '-' }

// key tells whether a word is a token or has the form of a key.
func (s *Secrets) key(word string) bool {
	if s.words[word] || strings.HasPrefix(word, "eyJ") && strings.Contains(word, ".") {
		return true
	}
	if s.id(word) {
		return false
	}
	return keyLike(word) || slices.ContainsFunc(s.likes, func(like string) bool {
		ok, _ := path.Match(like, word)
		return ok
	})
}
