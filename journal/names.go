package journal

import (
	"slices"
	"strings"
)

// secretWords are words that make a name one of secrets: client_secret,
// webhookSecret and X-Webhook-Secret have one of them.
var secretWords = setOf("secret", "secrets", "password", "passwords", "passwd", "pwd", "passphrase", "passcode", "token", "tokens", "jwt",
	"assertion", "assertions", "signature", "signatures", "sig", "hmac", "credential", "credentials", "authorization", "auth", "bearer",
	"cookie", "cookies", "csrf", "xsrf", "otp", "totp", "cvv", "cvv2", "cvc", "cvn", "apikey", "apikeys")

// secretParts make a name one of secrets where they occur in it, once its
// blanks, dashes and capitals are gone.
var secretParts = []string{"secret", "password", "passwd", "passphrase", "apikey", "authkey", "accesskey", "privatekey", "secretkey", "signingkey",
	"clientkey", "encryptionkey", "sharedkey", "masterkey", "sessionkey", "credential", "authorization"}

// secretNames are secrets where nothing else is in the name.
var secretNames = setOf("pass", "pin")

// strongName tells whether whatever stands behind a name is secret, be it a
// plain word.
func strongName(name string) bool {
	name = strings.ToLower(name)
	return strings.Contains(name, "pass") || strings.Contains(name, "pwd") || strings.Contains(name, "secret")
}

// queryWords are secrets as names of query parameters only: elsewhere a key is
// often one of a map.
var queryWords = setOf("key", "keys", "sid", "code_verifier")

func setOf(words ...string) map[string]bool {
	out := make(map[string]bool, len(words))
	for _, w := range words {
		out[w] = true
	}
	return out
}

// named tells whether a name is one of secrets, or one of its parts is, as in
// metadata[token] and metadata.token.
func (s *Secrets) named(name string) bool {
	for _, part := range strings.FieldsFunc(name, func(r rune) bool { return r == '.' || r == '[' || r == ']' || r == '/' || r == ':' }) {
		if s.names[strings.ToLower(part)] || secretName(part) {
			return true
		}
	}
	return false
}

// inQuery is named for the name of a query parameter.
func (s *Secrets) inQuery(name string) bool {
	return queryWords[strings.ToLower(name)] || s.named(name)
}

// secretName tells whether people call secrets so, in whatever spelling.
func secretName(name string) bool {
	if secretNames[strings.ToLower(name)] {
		return true
	}
	var joined strings.Builder
	for _, word := range wordsOf(name) {
		if secretWords[word] {
			return true
		}
		joined.WriteString(word)
	}
	whole := joined.String()
	if strings.HasSuffix(whole, "token") || strings.HasSuffix(whole, "tokens") {
		return true
	}
	return slices.ContainsFunc(secretParts, func(part string) bool { return strings.Contains(whole, part) })
}

// wordsOf splits a name into its words, in lower case: apiToken, api_token and
// API-Token have the same two.
func wordsOf(name string) []string {
	var out []string
	from := 0
	end := func(at int) {
		if at > from {
			out = append(out, strings.ToLower(name[from:at]))
		}
	}
	for at := 0; at < len(name); at++ {
		switch c := name[at]; {
		case !letter(c) && !digit(c):
			end(at)
			from = at + 1
		case upper(c) && at > from && (!upper(name[at-1]) || at+1 < len(name) && lower(name[at+1])):
			end(at)
			from = at
		}
	}
	end(len(name))
	return out
}

func upper(c byte) bool  { return c >= 'A' && c <= 'Z' }
func lower(c byte) bool  { return c >= 'a' && c <= 'z' }
func digit(c byte) bool  { return c >= '0' && c <= '9' }
func letter(c byte) bool { return upper(c) || lower(c) }
