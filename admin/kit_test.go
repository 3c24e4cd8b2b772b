package admin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/faults/scenario"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/scenarios"
	"github.com/polylink-dev/polylink/signing"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/webhook"
)

// start is when every lab begins.
var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// files is the repository's own dialects, compiled once.
var files = sync.OnceValue(func() (f struct {
	set *dialect.Set
	fix *seed.Fixtures
	all *faults.Scenarios
}) {
	var err error
	if f.set, err = compile.Compile(mappings.FS, nil); err != nil {
		panic(err)
	}
	if f.fix, err = seed.Load(fixtures.FS, f.set); err != nil {
		panic(err)
	}
	list, err := scenario.Shipped(scenarios.FS, f.set)
	if err != nil {
		panic(err)
	}
	f.all = faults.NewScenarios(list)
	return f
})

// lab is a server and its control API, whose real time a test moves by hand.
type lab struct {
	tb     testing.TB
	srv    *routes.Server
	api    *API
	worlds *sandbox.Sandboxes
	logged *buffer
	passed *atomic.Int64
	heard  *receiver
	sent   *dispatch.Dispatcher
	seen   map[string]bool // operations whose success was looked at; nil does not count
}

func (l *lab) now() time.Time       { return start.Add(time.Duration(l.passed.Load())) }
func (l *lab) pass(d time.Duration) { l.passed.Add(int64(d)) }

// newLab makes one; change may say otherwise.
func newLab(tb testing.TB, change ...func(*Options, *sandbox.Options)) *lab {
	tb.Helper()
	l := &lab{tb: tb, logged: &buffer{}, passed: new(atomic.Int64)}
	f := files()
	log := slog.New(slog.NewTextHandler(l.logged, &slog.HandlerOptions{Level: slog.LevelInfo}))
	so := sandbox.Options{Engine: mockstore.Make, Rows: f.fix.Rows, Real: l.now, Log: log}
	registry := prometheus.NewRegistry()
	o := Options{Set: func() *dialect.Set { return f.set }, Fixtures: func() *seed.Fixtures { return f.fix }, Version: "test", Log: log,
		Scenarios: func() *faults.Scenarios { return f.all }, Metrics: promhttp.HandlerFor(registry, promhttp.HandlerOpts{})}
	l.heard = &receiver{}
	l.sent = dispatch.New(dispatch.Options{Set: o.Set, Sender: l.heard, Log: log, Wall: l.now})
	so.Post = l.sent.Post
	tb.Cleanup(l.drain)
	for _, c := range change {
		c(&o, &so)
	}
	var err error
	if l.worlds, err = sandbox.New(so); err != nil {
		tb.Fatal(err)
	}
	o.Sandboxes = l.worlds
	l.api = New(o)
	l.srv, err = routes.New(routes.Options{Set: f.set, Fixtures: f.fix, Log: log, Sandboxes: l.worlds, Control: l.api, Scenarios: o.Scenarios, Metrics: routes.NewMetrics(registry)})
	if err != nil {
		tb.Fatal(err)
	}
	return l
}

// drain ends the deliveries, at once.
func (l *lab) drain() {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l.sent.Drain(ctx)
}

// receiver is where all deliveries of a lab go.
type receiver struct {
	mu     sync.Mutex
	calls  []signing.Request
	status int // that it answers with; 0 is 200
}

// Send takes a delivery.
func (r *receiver) Send(_ context.Context, req signing.Request) webhook.Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calls = append(r.calls, req)
	return webhook.Result{Status: cmp.Or(r.status, 200), Header: http.Header{}}
}

// answer makes it answer otherwise from now on.
func (r *receiver) answer(status int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.status = status
}

// got is what it was sent so far.
func (r *receiver) got() []signing.Request {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.calls)
}

// buffer is a log that many may write.
type buffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}

// answer is what came back.
type answer struct {
	tb     testing.TB
	status int
	header http.Header
	body   string
}

// want fails unless an answer has the status.
func (a answer) want(status int) answer {
	a.tb.Helper()
	if a.status != status {
		a.tb.Fatalf("answered %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// get reads a member of a JSON answer.
func (a answer) get(path string) string { return gjson.Get(a.body, path).String() }

// refused fails unless an answer is a problem whose detail has all the texts.
func (a answer) refused(status int, texts ...string) answer {
	a.tb.Helper()
	a.want(status)
	if t := a.header.Get("Content-Type"); t != "application/problem+json" {
		a.tb.Errorf("a refusal comes as %s: %s", t, a.body)
	}
	detail := a.get("detail")
	if a.get("type") != "about:blank" || a.get("title") == "" || a.get("status") != fmt.Sprint(status) || detail == "" || len(a.body) > 8000 ||
		a.header.Get("X-Polylink-Problem") != "true" || a.get("error.type") == "" || a.get("error.message") != a.get("title")+": "+detail {
		a.tb.Errorf("not a short problem document: %.8000s", a.body)
	}
	for _, text := range texts {
		if !strings.Contains(detail, text) {
			a.tb.Errorf("the detail %q does not say %q", detail, text)
		}
	}
	return a
}

// send makes one request: "METHOD /path", a body, and header lines.
func (l *lab) send(line, body string, headers ...string) answer {
	l.tb.Helper()
	return l.serve(l.request(line, body, headers...))
}

func (l *lab) serve(r *http.Request) answer {
	w := httptest.NewRecorder()
	l.srv.ServeHTTP(w, r)
	return answer{l.tb, w.Code, w.Header(), w.Body.String()}
}

func (l *lab) request(line, body string, headers ...string) *http.Request {
	l.tb.Helper()
	method, target, _ := strings.Cut(line, " ")
	u, err := url.ParseRequestURI(target)
	if err != nil {
		l.tb.Fatal(err)
	}
	r := &http.Request{Method: method, URL: u, RequestURI: target, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Header: http.Header{},
		Host: "localhost:12121", RemoteAddr: "127.0.0.1:40000", Body: http.NoBody}
	if body != "" {
		r.Body, r.ContentLength = io.NopCloser(strings.NewReader(body)), int64(len(body))
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header[name] = append(r.Header[name], value) // with the very letters given
	}
	return r.WithContext(l.tb.Context())
}

// admin calls the control API: the path is behind /__admin, and the answer must
// keep the API's own document.
func (l *lab) admin(line, body string, headers ...string) answer {
	l.tb.Helper()
	method, path, _ := strings.Cut(line, " ")
	a := l.send(method+" /__admin"+path, body, headers...)
	if err := contract().check(l.request(method+" /__admin"+path, body, headers...), body, a, l.seen); err != nil {
		l.tb.Errorf("%s is not as documented: %v\n%s", line, err, a.body)
	}
	return a
}

// in calls the control API on a sandbox.
func (l *lab) in(name, line, body string) answer {
	l.tb.Helper()
	return l.admin(line, body, "X-Polylink-Sandbox: "+name)
}

// theContract is the API's own document.
type theContract struct {
	doc    *openapi3.T
	router routers.Router
}

var contract = sync.OnceValue(func() *theContract {
	openapi3filter.RegisterBodyDecoder("text/event-stream", func(body io.Reader, _ http.Header, _ *openapi3.SchemaRef, _ openapi3filter.EncodingFn) (any, error) {
		text, err := io.ReadAll(body)
		return string(text), err
	})
	f := files()
	worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Make})
	if err != nil {
		panic(err)
	}
	data, err := New(Options{Sandboxes: worlds, Set: func() *dialect.Set { return f.set }, Version: "test"}).document(true)
	if err != nil {
		panic(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		panic(err)
	}
	if err := doc.Validate(context.Background()); err != nil {
		panic(err)
	}
	router, err := gorillamux.NewRouter(doc)
	if err != nil {
		panic(err)
	}
	return &theContract{doc: doc, router: router}
})

// check holds an exchange to the document, and notes in seen that it was a
// success. A request that was refused is meant to be wrong, so only its answer
// counts.
func (c *theContract) check(r *http.Request, sent string, a answer, seen map[string]bool) error {
	r.URL = &url.URL{Path: r.URL.Path, RawPath: r.URL.RawPath, RawQuery: r.URL.RawQuery}
	route, vars, err := c.router.FindRoute(r)
	if err != nil {
		if a.status == http.StatusNotFound || a.status == http.StatusMethodNotAllowed {
			return nil
		}
		return fmt.Errorf("the document does not have it: %w", err)
	}
	for name, v := range vars {
		if plain, err := url.PathUnescape(v); err == nil {
			vars[name] = plain
		}
	}
	in := &openapi3filter.RequestValidationInput{Request: r, PathParams: vars, Route: route, Options: &openapi3filter.Options{
		IncludeResponseStatus: true, MultiError: true, AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, SkipSettingDefaults: true,
	}}
	if a.status < 300 {
		r.Body = io.NopCloser(strings.NewReader(sent))
		r.Header.Set("Content-Type", "application/json")
		if err := openapi3filter.ValidateRequest(r.Context(), in); err != nil {
			return fmt.Errorf("the request: %w", err)
		}
		if seen != nil {
			seen[route.Operation.OperationID] = true
		}
	} else if route.Operation.Responses.Status(a.status) == nil {
		return fmt.Errorf("the document does not list status %d", a.status)
	}
	out := &openapi3filter.ResponseValidationInput{RequestValidationInput: in, Status: a.status, Header: a.header, Options: in.Options}
	out.SetBodyBytes([]byte(a.body))
	if err := openapi3filter.ValidateResponse(r.Context(), out); err != nil {
		return fmt.Errorf("the answer: %w", err)
	}
	return nil
}

// Requests of the fixture world that tests use again and again.
const (
	devLink    = "550e8400-e29b-41d4-a716-446655440000"
	devUpdate  = "PUT /devdraft/api/v0/payment-links/" + devLink
	devRead    = "GET /devdraft/api/v0/payment-links/" + devLink
	generate   = "POST /katu9/payment-link/generate"
	depositOne = `{"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc"}`
	setupLinks = "POST /kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX/setup_links"
)

var (
	devdraft = []string{"X-Client-Key: your_client_key", "X-Client-Secret: your_client_secret", "Content-Type: application/json"}
	katu9    = []string{"Authorization: Bearer tok_sandbox_main", "Content-Type: application/json"}
	kirimdev = []string{"Authorization: Bearer kdv_live_polylink_main_0000000000", "Content-Type: application/json"}
)

// inside adds the header of a sandbox.
func inside(name string, headers []string) []string {
	return append([]string{"X-Polylink-Sandbox: " + name}, headers...)
}

func pretty(v any) string {
	b, _ := json.Marshal(v)
	return string(b)
}

// everything is a scan of all rows.
var everything = store.Page{Ascending: true}
