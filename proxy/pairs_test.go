package proxy_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/backend/mock"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/proxy"
	"github.com/polylink-dev/polylink/routes"
)

// credentials get in at each dialect's main account.
var credentials = map[string]client.Credentials{
	"priceblocs": {"token": "PB_sk_test_main"},
	"leanrails":  {"user": "sk_test_main", "password": ""},
	"devdraft":   {"client_key": "your_client_key", "client_secret": "your_client_secret"},
	"stripe":     {"token": "sk_test_main"},
	"kirimdev":   {"token": "kdv_live_polylink_main_0000000000"},
	"katu9":      {"token": "tok_sandbox_main"},
}

// pair is a client's dialect in front of an upstream's.
type pair struct {
	front    *routes.Server
	back     *routes.Server // the upstream, but for those that a test makes
	from, to string
	up       *proxy.Upstream
	spoil    atomic.Pointer[spoiler]
}

// spoiler stands in front of the upstream.
type spoiler func(w http.ResponseWriter, r *http.Request, next http.Handler)

// world is everything that is shipped, which nobody changes.
var world = sync.OnceValues(func() (*dialect.Set, *seed.Fixtures) {
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		panic(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		panic(err)
	}
	return set, fix
})

func shipped(tb testing.TB) (*dialect.Set, *seed.Fixtures) {
	tb.Helper()
	return world()
}

// newPair puts a dialect before another one's mock, or before h instead.
func newPair(tb testing.TB, from, to string, h http.Handler) *pair {
	tb.Helper()
	set, fix := shipped(tb)
	return newPairOf(tb, set, fix, from, to, h)
}

// newPairOf does so with other dialects than those shipped.
func newPairOf(tb testing.TB, set *dialect.Set, fix *seed.Fixtures, from, to string, h http.Handler) *pair {
	tb.Helper()
	back, err := routes.New(routes.Options{Engine: mockstore.Make, Set: set, Fixtures: fix, NoLimits: true})
	if err != nil {
		tb.Fatal(err)
	}
	p := &pair{from: from, to: to, back: back}
	at := &url.URL{}
	if h != nil {
		at = serve(tb, h)
	} else {
		at = serve(tb, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if f := p.spoil.Load(); f != nil {
				(*f)(w, r, back)
				return
			}
			back.ServeHTTP(w, r)
		}))
		at.Path = "/" + to
	}
	p.up = newUpstream(tb, to, at, 0)
	p.up.Credentials = credentials[to]
	p.front = p.before(tb, set, fix)
	return p
}

// before is a server that speaks the client's dialect, with an empty memory.
func (p *pair) before(tb testing.TB, set *dialect.Set, fix *seed.Fixtures) *routes.Server {
	tb.Helper()
	front, err := routes.New(routes.Options{Engine: mockstore.Make, Set: set, Fixtures: fix, Log: slog.New(slog.NewTextHandler(tb.Output(), nil)),
		Backend: func(d *dialect.Dialect, own backend.Backend) backend.Backend {
			if d.Name != p.from {
				return own
			}
			return &proxy.Backend{From: d, To: set.Dialect(p.to), Upstream: p.up, Ledger: own.(*mock.Backend).Ledger, Own: own}
		}})
	if err != nil {
		tb.Fatal(err)
	}
	return front
}

// ask sends a request of the client's dialect; lines are headers.
func (p *pair) ask(tb testing.TB, method, path, body string, lines ...string) *http.Response {
	tb.Helper()
	r := httptest.NewRequestWithContext(tb.Context(), method, "/"+p.from+path, strings.NewReader(body))
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
		if p.from == "stripe" {
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		}
	}
	switch c := credentials[p.from]; {
	case c["token"] != "":
		r.Header.Set("Authorization", "Bearer "+c["token"])
	case c["user"] != "":
		r.SetBasicAuth(c["user"], "")
	default:
		r.Header.Set("x-client-key", c["client_key"])
		r.Header.Set("x-client-secret", c["client_secret"])
	}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	p.front.ServeHTTP(w, r)
	return w.Result()
}

func text(tb testing.TB, r *http.Response) string {
	tb.Helper()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		tb.Fatal(err)
	}
	return string(body)
}

// wants reads an answer that must have a status.
func wants(tb testing.TB, r *http.Response, status int) gjson.Result {
	tb.Helper()
	body := text(tb, r)
	if r.StatusCode != status {
		tb.Fatalf("the status is %d, want %d: %s", r.StatusCode, status, body)
	}
	return gjson.Parse(body)
}
