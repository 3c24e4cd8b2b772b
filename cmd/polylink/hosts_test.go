package main

import (
	"crypto/tls"
	"crypto/x509"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/internal/doctest"
)

// TestReadmeCurlsWorkAtRealHosts sends every curl of the first pages that is for a
// dialect to the provider's own https host, through the forward proxy.
func TestReadmeCurlsWorkAtRealHosts(t *testing.T) {
	t.Parallel()
	home := t.TempDir()
	addr, _ := launch(t, t.Context(), map[string]string{"XDG_CONFIG_HOME": home, "POLYLINK_FORWARD_PROXY_ENABLED": "on"})
	text, err := os.ReadFile(filepath.Join(home, "polylink", "ca.pem"))
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	transport := &http.Transport{Proxy: http.ProxyURL(&url.URL{Scheme: "http", Host: addr}), TLSClientConfig: &tls.Config{RootCAs: roots}, ForceAttemptHTTP2: true}
	t.Cleanup(transport.CloseIdleConnections)
	set, seen := shipped(t), map[string]bool{}
	curls(readPages(t)[1:], func(p page, b doctest.Block) { // the second page has one for each
		req, err := doctest.Curl(b.Text)
		if err != nil {
			t.Fatal(err)
		}
		name, path, _ := strings.Cut(strings.TrimPrefix(req.URL.Path, "/"), "/")
		d := set.Dialect(name)
		if d == nil {
			return
		}
		req.URL = &url.URL{Scheme: "https", Host: d.Hosts[0], Path: "/" + path, RawQuery: req.URL.RawQuery}
		req.Host = ""
		resp, err := transport.RoundTrip(req)
		if err != nil {
			t.Fatalf("%s:%d: %v", p.name, b.Line, err)
		}
		_ = resp.Body.Close()
		if want := promised(p.lines, b); resp.StatusCode != want {
			t.Errorf("%s:%d: %s answers %d, want %d", p.name, b.Line, req.URL, resp.StatusCode, want)
		}
		seen[name] = true
	})
	for _, d := range set.Dialects {
		if !seen[d.Name] {
			t.Errorf("no page has a curl for %s", d.Name)
		}
	}
}
