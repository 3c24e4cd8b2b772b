package routes_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"hash/maphash"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/store"
)

// start is when every server of these tests begins.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// files is mappings and the fixtures that belong to them.
type files struct {
	set      *dialect.Set
	fixtures *seed.Fixtures
}

// shipped is the repository's own, compiled once.
var shipped = sync.OnceValue(func() files {
	f, err := compileAll(nil)
	if err != nil {
		panic(err)
	}
	return f
})

// compileAll compiles the repository's files under overrides.
func compileAll(overrides []compile.Override) (files, error) {
	set, err := compile.Compile(mappings.FS, overrides)
	if err != nil {
		return files{}, err
	}
	fix, err := seed.Load(fixtures.FS, set)
	return files{set, fix}, err
}

// override is a value that a configuration puts in place of a dialect's own.
func override(tb testing.TB, d, path, yaml string) compile.Override {
	tb.Helper()
	node, faults := yml.Parse("override", []byte(yaml))
	if err := faults.Err(); err != nil || node == nil {
		tb.Fatalf("override %s: %v", path, err)
	}
	return compile.Override{Dialect: d, Path: path, File: "override", Node: node}
}

// with compiles the repository's files under overrides.
func with(tb testing.TB, overrides ...compile.Override) files {
	tb.Helper()
	f, err := compileAll(overrides)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// own compiles one dialect and its world out of texts.
func own(tb testing.TB, name, mapping, world string) files {
	tb.Helper()
	set, err := compile.Compile(fstest.MapFS{name + ".yaml": {Data: []byte(mapping)}}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	fix, err := seed.Load(fstest.MapFS{name + "/world.yaml": {Data: []byte(world)}}, set)
	if err != nil {
		tb.Fatal(err)
	}
	return files{set, fix}
}

// server is a server of its own, whose real time a test moves by hand.
type server struct {
	*routes.Server
	log    log
	passed atomic.Int64
}

func (s *server) now() time.Time { return start.Add(time.Duration(s.passed.Load())) }

// newServer makes a server of the repository's files; change may say otherwise.
func newServer(tb testing.TB, change ...func(*routes.Options)) *server {
	tb.Helper()
	s := &server{}
	opts := routes.Options{Engine: mockstore.Make, Set: shipped().set, Fixtures: shipped().fixtures, Real: s.now,
		Log: slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))}
	for _, f := range change {
		f(&opts)
	}
	srv, err := routes.New(opts)
	if err != nil {
		tb.Fatal(err)
	}
	s.Server = srv
	return s
}

// of makes a server use other files.
func of(f files) func(*routes.Options) {
	return func(o *routes.Options) { o.Set, o.Fixtures = f.set, f.fixtures }
}

// seeded makes what a server draws the same every time.
func seeded(o *routes.Options) {
	o.Random = rand.NewChaCha8([32]byte([]byte("the seed of every golden exchange")))
}

// log is what a server logged.
type log struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *log) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(b)
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// listen serves a server over real HTTP.
func listen(tb testing.TB, h http.Handler) *httptest.Server {
	tb.Helper()
	ts := httptest.NewServer(h)
	tb.Cleanup(ts.Close)
	return ts
}

// ask is a request in the making.
type ask struct {
	method, path string
	host         string
	header       http.Header
	body         string
	chunked      bool // the body's length is not told beforehand
}

// asks starts a request: "METHOD /path", a body, and header lines.
func asks(line, body string, headers ...string) ask {
	method, path, _ := strings.Cut(line, " ")
	a := ask{method: method, path: path, host: "localhost:12121", header: http.Header{}, body: body}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if strings.EqualFold(name, "Host") {
			a.host = value
			continue
		}
		a.header.Add(name, value)
	}
	return a
}

// answer is what came back.
type answer struct {
	status int
	header http.Header
	body   string
}

// do sends a request to a handler.
func do(tb testing.TB, h http.Handler, a ask) answer {
	tb.Helper()
	u, err := url.ParseRequestURI(a.path)
	if err != nil {
		tb.Fatalf("%s: %v", a.path, err)
	}
	r := &http.Request{Method: a.method, URL: u, RequestURI: a.path, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Host: a.host, RemoteAddr: "127.0.0.1:40000", Body: http.NoBody, ContentLength: int64(len(a.body))}
	if a.body != "" {
		r.Body = io.NopCloser(strings.NewReader(a.body))
	}
	if a.chunked {
		r.ContentLength = -1
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r.WithContext(tb.Context()))
	return answer{w.Code, w.Header(), w.Body.String()}
}

// exactly returns a header by the very letters of its name.
func (a answer) exactly(name string) []string { return map[string][]string(a.header)[name] }

// want fails unless an answer has the status.
func (a answer) want(tb testing.TB, status int) answer {
	tb.Helper()
	if a.status != status {
		tb.Fatalf("answered %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// Credentials of the fixture world, as headers.
var (
	kirimdev   = "Authorization: Bearer kdv_live_polylink_main_0000000000"
	leanrails  = "Authorization: " + basic("sk_test_main")
	priceblocs = "Authorization: Bearer PB_sk_test_main"
	katu9      = "Authorization: Bearer tok_sandbox_main"
	devdraft   = []string{"x-client-key: your_client_key", "x-client-secret: your_client_secret"}
)

func basic(key string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(key+":"))
}

// rows digests every row of a sandbox but kept answers, when all is written that
// has fallen due: two equal digests mean that nothing changed, not even in place.
func (s *server) rows(tb testing.TB, sandbox string) map[string]uint64 {
	tb.Helper()
	sb, err := s.Sandboxes().Get(context.Background(), sandbox)
	if err != nil {
		tb.Fatal(err)
	}
	l := &ledger.Ledger{Set: s.Set(), Random: ids.Random()}
	if err := l.Settle(context.Background(), sb.DB, sb.Clock.Now()); err != nil {
		tb.Fatal(err)
	}
	reader, out := sb.DB.Read(context.Background()), map[string]uint64{}
	for _, kind := range record.Kinds() {
		if kind == record.Replays.Kind {
			continue
		}
		for _, row := range reader.Scan(kind, "", store.Page{}) {
			out[kind+" "+row.Key] = digest(row)
		}
	}
	return out
}

var hashSeed = maphash.MakeSeed()

func digest(row *store.Row) uint64 {
	var h maphash.Hash
	h.SetSeed(hashSeed)
	maphash.WriteComparable(&h, row.Version)
	put := func(s string) { maphash.WriteComparable(&h, s) }
	put(row.Scope)
	for _, k := range row.Keys {
		put(k)
	}
	if row.Record == nil {
		return h.Sum64()
	}
	for i := range row.Record.Schema.Slots {
		put(row.Record.Get(record.Slot(i)))
	}
	row.Record.EachExt(func(k, v string) { put(k); put(v) })
	return h.Sum64()
}

// document shows a record of the default sandbox, "" when there is none.
func (s *server) document(tb testing.TB, kind, d, id string) string {
	tb.Helper()
	db, err := s.Sandbox("default")
	if err != nil {
		tb.Fatal(err)
	}
	row := db.Read(context.Background()).Get(kind, store.RowKey(d, id))
	if row == nil {
		return ""
	}
	return string(document.Of(row.Record, false))
}

// breaks puts a row without a record in the place of one: whoever reads it
// panics, as a fault of ours would make it.
func (s *server) breaks(tb testing.TB, kind, d, id string) {
	tb.Helper()
	db, err := s.Sandbox("default")
	if err != nil {
		tb.Fatal(err)
	}
	row := db.Read(context.Background()).Get(kind, store.RowKey(d, id))
	if row == nil {
		tb.Fatalf("there is no %s %s to break", kind, id)
	}
	bad := *row
	bad.Record = nil
	if err := db.Commit(tb.Context(), store.Batch{Put: []*store.Row{&bad}}); err != nil {
		tb.Fatal(err)
	}
}
