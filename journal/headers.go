package journal

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// shownHeaders are those that everybody may see, in lower case. The others are
// hidden unless a dialect names them: nobody knows what a client puts there.
var shownHeaders = setOf("accept", "accept-charset", "accept-encoding", "accept-language", "age", "allow", "cache-control", "connection", "date",
	"deprecation", "etag", "expect", "expires", "host", "if-match", "if-modified-since", "if-none-match", "if-unmodified-since",
	"keep-alive", "last-modified", "link", "location", "origin", "pragma", "prefer", "range", "retry-after", "server", "sunset", "te",
	"traceparent", "trailer", "transfer-encoding", "upgrade", "upgrade-insecure-requests", "user-agent", "vary", "via", "www-authenticate",
	"x-request-id", "x-correlation-id")

// shownPrefixes begin further ones, unless their names are those of secrets.
var shownPrefixes = []string{"content-", "polylink-", "ratelimit", "sec-ch-", "sec-fetch-", "x-content-", "x-polylink-", "x-ratelimit-"}

// redacted stands for a value that is hidden as a whole.
func redacted(value string) string { return fmt.Sprintf("<redacted %d bytes>", len(value)) }

// IsHidden tells whether a value that was shown stands for one that is hidden.
func IsHidden(shown string) bool {
	return shown == Hidden || strings.HasPrefix(shown, "<redacted ") && strings.HasSuffix(shown, " bytes>")
}

// headers shows what may be shown: of the others the size.
func (v viewer) headers(h http.Header) map[string][]string {
	out := make(map[string][]string, len(h))
	for name, values := range h {
		shown := make([]string, len(values))
		for i, value := range values {
			shown[i] = v.header(name, value)
		}
		out[name] = shown
	}
	return out
}

func (v viewer) header(name, value string) string {
	switch {
	case v.s.off || IsHidden(value):
		return value
	case slices.ContainsFunc(v.e.SecretHeaders, func(s string) bool { return strings.EqualFold(s, name) }) || !v.s.shows(strings.ToLower(name)):
		return redacted(value)
	case strings.EqualFold(name, "Traceparent") && v.e.TraceID != "":
		return value // it was looked at: its numbers are random, and no secret
	}
	return v.text(value)
}

// shows tells whether a header, in lower case, is one that may be seen.
func (s *Secrets) shows(name string) bool {
	if s.names[name] {
		return false
	}
	return shownHeaders[name] || s.headers[name] && !s.strict || strings.HasPrefix(name, "access-control-") ||
		!secretName(name) && slices.ContainsFunc(shownPrefixes, func(p string) bool { return strings.HasPrefix(name, p) })
}
