package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/backend/backendtest"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/proxy"
	"github.com/polylink-dev/polylink/routes"
)

// byCaller is a proxy for each account: an upstream is spoken to with one
// credential.
type byCaller map[string]backend.Backend

func (b byCaller) Begin(c *backend.Call) backend.Operation { return b[c.Env.Credential.ID()].Begin(c) }

func TestBackendKeepsItsContract(t *testing.T) {
	t.Parallel()
	backendtest.Run(t, mockstore.Make, func(tb testing.TB, w *backendtest.World) backend.Backend {
		srv, err := routes.New(routes.Options{Engine: mockstore.Make, Set: w.Set, Fixtures: w.Fixtures, Real: func() time.Time { return w.Start }})
		if err != nil {
			tb.Fatal(err)
		}
		at, d := serve(tb, srv), w.Set.Dialect("acme")
		at.Path = "/acme"
		all := byCaller{}
		for _, token := range []string{"tok_main", "tok_other"} {
			up := newUpstream(tb, "acme", at, 0)
			up.Credentials = client.Credentials{"token": token}
			all[token] = &proxy.Backend{From: d, To: d, Upstream: up, Ledger: &ledger.Ledger{Set: w.Set, Random: ids.Random()}}
		}
		return all
	})
}

func newUpstream(tb testing.TB, name string, at *url.URL, queue int) *proxy.Upstream {
	tb.Helper()
	c, err := upstream.New(upstream.Options{URL: at.String(), Timeout: time.Minute})
	if err != nil {
		tb.Fatal(err)
	}
	return proxy.NewUpstream(name, c, queue)
}

// serve makes a server somebody else's.
func serve(tb testing.TB, h http.Handler) *url.URL {
	tb.Helper()
	srv := httptest.NewServer(h)
	tb.Cleanup(srv.Close)
	at, err := url.Parse(srv.URL)
	if err != nil {
		tb.Fatal(err)
	}
	return at
}
