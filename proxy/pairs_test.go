package proxy_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
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
	from, to string
	up       *proxy.Upstream
}

func shipped(tb testing.TB) (*dialect.Set, *seed.Fixtures) {
	tb.Helper()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		tb.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		tb.Fatal(err)
	}
	return set, fix
}

// newPair puts a dialect before another one's mock, or before h instead.
func newPair(tb testing.TB, from, to string, h http.Handler) *pair {
	tb.Helper()
	set, fix := shipped(tb)
	back, err := routes.New(routes.Options{Engine: mockstore.Make, Set: set, Fixtures: fix})
	if err != nil {
		tb.Fatal(err)
	}
	at := &url.URL{}
	if h != nil {
		at = serve(tb, h)
	} else {
		at = serve(tb, back)
		at.Path = "/" + to
	}
	p := &pair{from: from, to: to, up: proxy.NewUpstream(to, at, 0, nil)}
	p.up.Credentials = credentials[to]
	p.front, err = routes.New(routes.Options{Engine: mockstore.Make, Set: set, Fixtures: fix, Log: slog.New(slog.NewTextHandler(tb.Output(), nil)),
		Backend: func(d *dialect.Dialect, own backend.Backend) backend.Backend {
			if d.Name != from {
				return own
			}
			return &proxy.Backend{From: d, To: set.Dialect(to), Upstream: p.up, Ledger: own.(*mock.Backend).Ledger, Own: own}
		}})
	if err != nil {
		tb.Fatal(err)
	}
	return p
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

// TestAProgramForOneRunsAgainstAnother makes, reads, changes and lists a link.
func TestAProgramForOneRunsAgainstAnother(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		path, create, title, update, method string
		list, items                         string
		made                                int
		to                                  []string
	}{
		"priceblocs": {"/v1/payment-links", `{"title":"Gold","line_items":[{"price":"p_A_1"}]}`, "title", `{"title":"Silver"}`, "PUT", "", "data", 200, []string{"devdraft"}},
		"devdraft":   {"/api/v0/payment-links", `{"title":"Gold","url":"gold","linkType":"PRODUCT","paymentForId":"r"}`, "title", `{"title":"Silver","requirePhoneNumber":true}`, "PUT", "?take=5", "@this", 201, []string{"devdraft"}},
		"leanrails":  {"/v1/checkout_links", `{"title":"Gold","line_items":[{"price":"price_3fg6hj9km1np"}],"metadata":{"a":"b"}}`, "title", `{"inactive_message":"gone"}`, "POST", "?limit=5", "data", 200, []string{"devdraft"}},
	} {
		for _, to := range c.to {
			t.Run(name+" to "+to, func(t *testing.T) {
				t.Parallel()
				p := newPair(t, name, to, nil)
				key := func(n string) string { return "Idempotency-Key: " + n }
				first := p.ask(t, "POST", c.path, c.create, key("one"))
				made := wants(t, first, c.made)
				t.Logf("loss: %s", first.Header.Get("Polylink-Loss"))
				id := made.Get("id").String()
				if made.Get(c.title).String() != "Gold" {
					t.Fatalf("made, it is %s", made)
				}
				if got := wants(t, p.ask(t, "GET", c.path+"/"+id, ""), 200); got.Get(c.title).String() != "Gold" || got.Get("id").String() != id {
					t.Errorf("read, it is %s", got)
				}
				changed := p.ask(t, c.method, c.path+"/"+id, c.update, key("two"))
				if got := wants(t, changed, 200); got.Get("id").String() != id {
					t.Errorf("changed, it is %s", got)
				}
				list := wants(t, p.ask(t, "GET", c.path+c.list, ""), 200).Get(c.items)
				if list.Get("0.id").String() != id {
					t.Errorf("the list begins with %s, want %s", list.Get("0"), id)
				}
			})
		}
	}
}
