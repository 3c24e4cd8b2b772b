package export

import (
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/sandbox"
)

// Client is who is to run a line: from where polylink is reached, and what the
// dialect of the entry says of its clients.
type Client struct {
	Origin  string           // scheme and host of polylink; "" keeps those of the entry
	Dialect *dialect.Dialect // nil is none
}

// Curl is an entry as a curl line that can be run again. What the journal hides
// is a variable of the shell: $KEY is the credential.
func Curl(e journal.Shown, c Client) string {
	var auth access.Auth
	var hosts []string
	if c.Dialect != nil {
		auth, hosts = c.Dialect.Auth, c.Dialect.Hosts
	}
	line := curlLine{}
	switch method := e.Request.Method; {
	case method == http.MethodHead:
		line.add("--head")
	case method != http.MethodGet || e.Request.Body != "":
		line.add("-X", quoted(method))
	}
	target := e.Request
	if c.Origin != "" && (target.Host == "" || slices.Contains(hosts, bareHost(target.Host))) {
		scheme, host, _ := strings.Cut(c.Origin, "://")
		if target.Host != "" {
			line.add("-H", quoted("Host: "+target.Host))
		}
		target.Scheme, target.Host = scheme, host
	}
	line.add("-g", quoted(addressOf(target)))
	if e.Sandbox != "" && e.Sandbox != sandbox.Default && !strings.HasPrefix(e.Request.Path, "/~") && first(e.Request.Headers, sandboxHeader) == "" {
		line.add("-H", quoted(sandboxHeader+": "+e.Sandbox))
	}
	line.headers(e.Request.Headers, auth)
	if e.Request.Body != "" {
		line.add("--data-raw", quoted(e.Request.Body))
	}
	return line.String()
}

const sandboxHeader = "X-Polylink-Sandbox"

// bareHost is a host without its port.
func bareHost(host string) string {
	name, _, _ := strings.Cut(strings.ToLower(host), ":")
	return name
}

// curlLine is a command line.
type curlLine struct{ strings.Builder }

func (l *curlLine) add(words ...string) {
	if l.Len() == 0 {
		l.WriteString("curl")
	}
	for _, w := range words {
		l.WriteByte(' ')
		l.WriteString(w)
	}
}

// ownHeaders are what curl sends by itself.
var ownHeaders = []string{"accept-encoding", "connection", "content-length", "host", "transfer-encoding"}

// headers adds what curl does not send by itself.
func (l *curlLine) headers(h map[string][]string, auth access.Auth) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		low := strings.ToLower(name)
		for _, value := range h[name] {
			switch {
			case slices.Contains(ownHeaders, low), low == "accept" && value == "*/*", low == "user-agent" && strings.HasPrefix(value, "curl/"):
			case low == "authorization" && (auth.Scheme != "bearer" && slices.Contains(auth.Schemes, "basic")):
				l.add("-u", `"$KEY:"`)
			case low == "authorization":
				l.add("-H", `"Authorization: Bearer $KEY"`)
			case journal.IsHidden(value), slices.ContainsFunc(auth.Headers, func(h string) bool { return strings.EqualFold(h, name) }):
				l.add("-H", quoted(name+": ")+`"$`+placeholder(name, auth)+`"`)
			default:
				l.add("-H", quoted(name+": "+value))
			}
		}
	}
}

// placeholder is the variable of a header that is hidden: KEY is the
// credential, and a second header of it is SECRET.
func placeholder(name string, auth access.Auth) string {
	at := slices.IndexFunc(auth.Headers, func(h string) bool { return strings.EqualFold(h, name) })
	switch {
	case at == 0:
		return "KEY"
	case at == 1:
		return "SECRET"
	}
	return strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' {
			return r - 'a' + 'A'
		}
		if r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, name)
}

// quoted is a text as one word of a POSIX shell.
func quoted(s string) string {
	if s != "" && strings.Trim(s, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._/:=") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(strings.ReplaceAll(s, "\x00", "\uFFFD"), "'", `'\''`) + "'"
}
