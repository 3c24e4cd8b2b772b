package bench

import (
	"bytes"
	"io"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
)

// many is a rate limit that no benchmark reaches; requests are counted against
// it all the same.
const many = "1000000000"

// noon is when both handlers are compared.
var noon = time.Date(2026, 5, 4, 12, 0, 7, 0, time.UTC)

// shipped compiles the dialects of the repository, with a rate limit that no
// benchmark reaches.
func shipped(tb testing.TB) (*dialect.Set, *seed.Fixtures) {
	tb.Helper()
	set, err := compile.Compile(mappings.FS, []compile.Override{{
		Dialect: "devdraft", Path: "limits.per_key.count", File: "bench",
		Node: &yml.Node{Kind: yml.Scalar, Tag: "!!int", Value: many},
	}})
	if err != nil {
		tb.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		tb.Fatal(err)
	}
	return set, fix
}

// pair makes the server and the baseline with the same world; now may be nil
// for the machine's clock.
func pair(tb testing.TB, now func() time.Time) (*routes.Server, *Baseline) {
	tb.Helper()
	set, fix := shipped(tb)
	srv, err := routes.New(routes.Options{Engine: mockstore.Make, Set: set, Fixtures: fix, Real: now})
	if err != nil {
		tb.Fatal(err)
	}
	base := NewBaseline()
	base.Limit = 1_000_000_000
	if now != nil {
		base.Now = now
	}
	base.Main = "your_client_key"
	base.Clients = map[string]Client{
		"your_client_key":     {Secret: "your_client_secret", Account: "acct_main"},
		"other_client_key":    {Secret: "other_client_secret", Account: "acct_other"},
		"readonly_client_key": {Secret: "readonly_client_secret", Account: "acct_main", Scopes: map[string]bool{"payment_link:list": true, "payment_link:read": true}},
		"revoked_client_key":  {Secret: "revoked_client_secret", Account: "acct_main", Revoked: true},
	}
	base.Known = map[string]map[string]string{
		"wallet":   {"wallet_550e8400-e29b-41d4-a716-446655440000": "acct_main"},
		"tax":      {"tax_550e8400-e29b-41d4-a716-446655440000": "acct_main"},
		"customer": {"123e4567-e89b-12d3-a456-426614174001": "acct_main"},
		"product":  {"123e4567-e89b-12d3-a456-426614174003": "acct_main", "123e4567-e89b-12d3-a456-426614174005": "acct_main"},
	}
	for id, who := range map[string]string{linkA: "your", linkB: "your", linkOther: "other"} {
		q := get(id).as(who + "_client_key").in("seed") // whose limits nobody looks at
		w := q.to(srv)
		if w.status != http.StatusOK {
			tb.Fatalf("read %s: %d %s", id, w.status, w.body)
		}
		if err := base.Seed(base.Clients[who+"_client_key"].Account, w.body); err != nil {
			tb.Fatal(err)
		}
	}
	return srv, base
}

const (
	linkA     = "550e8400-e29b-41d4-a716-446655440000"
	linkB     = "550e8400-e29b-41d4-a716-446655440001"
	linkOther = "550e8400-e29b-41d4-a716-446655440009"
)

// call is a request that is sent again and again.
type call struct {
	method, path, body string
	key                string // "" sends none
	sandbox            string
	mime               string
}

func get(id string) call {
	return call{method: http.MethodGet, path: "/api/v0/payment-links/" + id, key: "your_client_key"}
}

func put(id, body string) call {
	c := get(id)
	c.method, c.body, c.mime = http.MethodPut, body, "application/json"
	return c
}

func (c call) as(key string) call {
	c.key = key
	return c
}

func (c call) in(sandbox string) call {
	c.sandbox = sandbox
	return c
}

// request makes the request once; rewind makes it ready for another time.
func (c call) request() (r *http.Request, rewind func()) {
	body := strings.NewReader(c.body)
	r, err := http.NewRequest(c.method, "http://api.devdraft.com"+c.path, nil)
	if err != nil {
		panic(err)
	}
	r.RemoteAddr, r.ContentLength = "127.0.0.1:40000", int64(len(c.body))
	if c.key != "" {
		r.Header.Set("x-client-key", c.key)
		r.Header.Set("x-client-secret", strings.Replace(c.key, "_key", "_secret", 1))
	}
	if c.mime != "" {
		r.Header.Set("Content-Type", c.mime)
	}
	if c.sandbox != "" {
		r.Header.Set("X-Polylink-Sandbox", c.sandbox)
	}
	closer := io.NopCloser(body)
	return r, func() {
		body.Reset(c.body)
		r.Body = closer
	}
}

// to sends the request once.
func (c call) to(h http.Handler) *recorder {
	w := newRecorder()
	r, rewind := c.request()
	rewind()
	h.ServeHTTP(w, r)
	return w
}

// recorder is a ResponseWriter that is used again and again.
type recorder struct {
	header http.Header
	status int
	body   []byte
}

func newRecorder() *recorder { return &recorder{header: http.Header{}, body: make([]byte, 0, 4096)} }

func (w *recorder) Header() http.Header { return w.header }

func (w *recorder) WriteHeader(status int) { w.status = status }

func (w *recorder) Write(p []byte) (int, error) {
	w.body = append(w.body, p...)
	return len(p), nil
}

func (w *recorder) reset() {
	clear(w.header)
	w.status, w.body = 0, w.body[:0]
}

// wide is the program of the link with 35 fields, and what is done with it.
type wide struct {
	op   *dialect.Op
	in   dialect.Input
	env  dialect.Env
	body []byte
	out  []byte
}

func newWide(tb testing.TB) *wide {
	tb.Helper()
	text, err := os.ReadFile("testdata/wide.yaml")
	if err != nil {
		tb.Fatal(err)
	}
	d, err := compile.File("wide.yaml", text)
	if err != nil {
		tb.Fatal(err)
	}
	w := &wide{op: d.Op("link.update")}
	if w.body, err = os.ReadFile("testdata/wide.json"); err != nil {
		tb.Fatal(err)
	}
	w.body = bytes.TrimSpace(w.body)
	w.env = dialect.Env{Random: bytes.NewReader(make([]byte, 1<<10))}
	w.env.Now, w.env.Base = noon, "http://x"
	create := d.Op("link.create")
	if err := create.Parse(&w.in, []byte(`{"title":"Old title","slug":"premium","wallet":"wallet_1","app":"app_1"}`), false); err != nil {
		tb.Fatal(err)
	}
	create.Decode(&w.in, &w.env)
	create.Merge(&w.in, &w.env)
	w.none(tb)
	w.env.Old = w.env.It
	w.run(tb)
	return w
}

// run decodes, merges and encodes once.
func (w *wide) run(tb testing.TB) {
	w.decode(tb)
	w.op.Merge(&w.in, &w.env)
	w.none(tb)
	w.encode()
}

func (w *wide) decode(tb testing.TB) {
	if err := w.op.Parse(&w.in, w.body, false); err != nil {
		tb.Fatal(err)
	}
	w.op.Decode(&w.in, &w.env)
	w.none(tb)
}

func (w *wide) encode() { w.out = w.op.Resource.Encode(w.out[:0], &w.env) }

func (w *wide) none(tb testing.TB) {
	if len(w.in.Problems) > 0 {
		tb.Fatalf("%+v", w.in.Problems)
	}
}
