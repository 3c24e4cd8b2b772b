package forward

import (
	"io"
	"net/http"
	"net/http/httputil"
	"strings"
)

// hop are the headers that are about one connection, and Proxy-* ones, which
// are for us.
var hop = []string{"Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization", "Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// stripHop takes out what was said to the proxy alone.
func stripHop(h http.Header) {
	for _, list := range h.Values("Connection") {
		for name := range strings.SplitSeq(list, ",") {
			if name = strings.TrimSpace(name); name != "" {
				h.Del(name)
			}
		}
	}
	for _, name := range hop {
		h.Del(name)
	}
}

// pass sends a request with an absolute URL on to its host, which is not ours.
func (p *Proxy) pass(w http.ResponseWriter, r *http.Request) {
	proxy := httputil.ReverseProxy{
		Transport:     p.out,
		FlushInterval: -1,
		Rewrite: func(pr *httputil.ProxyRequest) {
			pr.Out.URL.RawQuery = pr.In.URL.RawQuery // not sorted anew
			pr.Out.Host = pr.In.URL.Host
			stripHop(pr.Out.Header)
			if _, set := pr.In.Header["User-Agent"]; !set {
				pr.Out.Header["User-Agent"] = nil
			}
		},
		ErrorHandler: func(w http.ResponseWriter, r *http.Request, _ error) { unreachable(w, r.URL.Host) },
		ErrorLog:     nil,
	}
	if r.Body == nil {
		r.Body = io.NopCloser(strings.NewReader(""))
	}
	proxy.ServeHTTP(w, r)
}
