// Package hosts tells by which names a browser may reach what is polylink's
// own: the control API, pages, the console.
//
// A page of elsewhere can give itself a name that suddenly leads to this
// machine (DNS rebinding). To the browser it is then of the same origin and
// may read every answer; all that gives it away is the Host it asks for. So
// whatever is not a dialect's is served under names that nobody else can point
// here: addresses, localhost and names under it, the names of our listeners,
// and those that the operator has allowed. Start with Names.Guard.
package hosts

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"strings"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/problem"
)

// Names are the names that are allowed beside addresses and localhost. The
// nil Names allow no others.
type Names struct {
	exact map[string]bool
	under []string // suffixes, each with a dot in front
}

// New makes Names of addresses that are listened on (host:port) and of names
// that are allowed: a host, or *.host for all names under it.
func New(listeners, allowed []string) *Names {
	n := &Names{exact: map[string]bool{}}
	for _, addr := range listeners {
		if host := bare(addr); host != "" {
			n.exact[host] = true
		}
	}
	for _, name := range allowed {
		name = bare(name)
		if under, ok := strings.CutPrefix(name, "*"); ok {
			n.under = append(n.under, under)
		} else if name != "" {
			n.exact[name] = true
		}
	}
	return n
}

// bare is a host without its port, its brackets and the dot at its end, and ""
// where what follows it is no port.
func bare(host string) string {
	if h, port, err := net.SplitHostPort(host); err == nil {
		if strings.Trim(port, "0123456789") != "" {
			return ""
		}
		host = h
	}
	return strings.ToLower(strings.TrimSuffix(strings.Trim(host, "[]"), "."))
}

// Allow tells whether a request with this Host may be answered.
func (n *Names) Allow(host string) bool {
	host = bare(host)
	if _, err := netip.ParseAddr(host); err == nil || host == "localhost" || strings.HasSuffix(host, ".localhost") {
		return true
	}
	if n == nil || host == "" {
		return false
	}
	if n.exact[host] {
		return true
	}
	for _, suffix := range n.under {
		if strings.HasSuffix(host, suffix) && len(host) > len(suffix) {
			return true
		}
	}
	return false
}

// Guard answers a request whose Host is not allowed with 421 and returns
// false. what is what the request asked for, such as the control API.
func (n *Names) Guard(w http.ResponseWriter, r *http.Request, what string) bool {
	if n.Allow(r.Host) {
		return true
	}
	host := jsontext.Shorten(strings.ToValidUTF8(bare(r.Host), "\uFFFD"), 100)
	problem.Write(w, http.StatusMisdirectedRequest, problem.New(http.StatusMisdirectedRequest, "foreign_host", "Not served under this host",
		fmt.Sprintf("%s is not served under the host %q, which another could point here; ask for an address such as 127.0.0.1, localhost or a name under it, or list the host under admin.hosts", what, host)))
	return false
}
