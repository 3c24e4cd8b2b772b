package routes

import (
	"crypto/sha256"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
)

// address is where a request comes from: an IPv4 address or an IPv6 network.
func address(r *http.Request) string {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		host = r.RemoteAddr
	}
	ip, err := netip.ParseAddr(host)
	if err != nil {
		return host
	}
	if ip = ip.Unmap(); ip.Is4() {
		return ip.String()
	}
	if p, err := ip.WithZone("").Prefix(64); err == nil {
		return p.String()
	}
	return host
}

// clip cuts a text to so many bytes, and never inside a character.
func clip(s string, most int) string {
	if len(s) <= most {
		return s
	}
	for most > 0 && !utf8.RuneStart(s[most]) {
		most--
	}
	return strings.Clone(s[:most]) // so that the rest can go
}

// By is who asks, for the audit trail.
func (x edge) By() ledger.By {
	return ledger.By{
		Credential: digest(x.cred.key)[:12],
		Request:    &asked{x.r.Method, x.Env.Path, address(x.r), clip(x.r.UserAgent(), 200)},
	}
}

// asked is a request as the audit trail has it.
type asked struct{ method, path, address, agent string }

// Text is the request as a JSON object.
func (a *asked) Text() string {
	return `{"method":` + record.Quote(a.method) + `,"path":` + record.Quote(a.path) + `,"address":` + record.Quote(a.address) +
		`,"user_agent":` + record.Quote(a.agent) + `}`
}

// Size is what it keeps.
func (a *asked) Size() int { return 80 + len(a.path) + len(a.address) + len(a.agent) }

// digest hides a secret in a key.
func digest(parts ...string) string {
	h := sha256.New()
	for _, p := range parts {
		h.Write([]byte(p))
		h.Write([]byte{0})
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}
