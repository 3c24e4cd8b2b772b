package mcp

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/jsonschema-go/jsonschema"
	sdk "github.com/modelcontextprotocol/go-sdk/mcp"
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/internal/hosts"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
)

// repository is the repository's own dialects, compiled once.
var repository = sync.OnceValue(func() (f struct {
	set *dialect.Set
	fix *seed.Fixtures
}) {
	var err error
	if f.set, err = compile.Compile(mappings.FS, nil); err != nil {
		panic(err)
	}
	if f.fix, err = seed.Load(fixtures.FS, f.set); err != nil {
		panic(err)
	}
	return f
})

const token = "s3cret-token"

// polylink is a running server that asks for a token.
func polylink(tb testing.TB) string {
	tb.Helper()
	f := repository()
	worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: f.fix.Rows})
	if err != nil {
		tb.Fatal(err)
	}
	api := admin.New(admin.Options{Set: func() *dialect.Set { return f.set }, Fixtures: func() *seed.Fixtures { return f.fix }, Version: "test", Sandboxes: worlds, Token: admin.SameToken(token)})
	srv, err := routes.New(routes.Options{Set: f.set, Fixtures: f.fix, Sandboxes: worlds, Control: api})
	if err != nil {
		tb.Fatal(err)
	}
	at := httptest.NewServer(srv)
	tb.Cleanup(at.Close)
	return at.URL
}

// agent is a client of the SDK with the tools of a server.
type agent struct {
	tb  testing.TB
	s   *sdk.ClientSession
	url string
}

// newServer makes a server for what runs at an address.
func newServer(tb testing.TB, url string) *Server {
	tb.Helper()
	remote, err := NewRemote(url, token)
	if err != nil {
		tb.Fatal(err)
	}
	return New(Options{Caller: remote, Where: url, Version: "test",
		Check: func(name string, text []byte) Checked {
			return Checked{OK: len(text) > 3, Diagnostics: []string{name + ":1:1: short"}}
		},
		Translate: func(d Document) (Translated, error) {
			return Translated{Document: d.From + d.To + d.Kind + d.Operation + string(d.Text)}, nil
		},
	})
}

// newAgent connects one over a transport that stays in the process.
func newAgent(tb testing.TB, url string) *agent {
	tb.Helper()
	ours, theirs := sdk.NewInMemoryTransports()
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = newServer(tb, url).Run(ctx, ours)
	}()
	tb.Cleanup(func() { cancel(); <-done })
	return connect(tb, theirs, url)
}

func connect(tb testing.TB, t sdk.Transport, url string) *agent {
	tb.Helper()
	s, err := sdk.NewClient(&sdk.Implementation{Name: "agent", Version: "1"}, nil).Connect(tb.Context(), t, nil)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = s.Close() })
	return &agent{tb, s, url}
}

// call uses a tool, whose answer is a text.
func (a *agent) call(tool, arguments string) (text string, refused bool) {
	a.tb.Helper()
	r, err := a.s.CallTool(a.tb.Context(), &sdk.CallToolParams{Name: tool, Arguments: json.RawMessage(arguments)})
	if err != nil {
		a.tb.Fatalf("%s %s: %v", tool, arguments, err)
	}
	text = r.Content[0].(*sdk.TextContent).Text
	if object := strings.HasPrefix(text, "{"); object != (r.StructuredContent != nil) && !r.IsError {
		a.tb.Errorf("%s answers %.100s, and as an object %v", tool, text, r.StructuredContent)
	}
	return text, r.IsError
}

// request asks the server itself for something, and returns the number that the
// answer has.
func (a *agent) request(method, path, body string, headers ...string) string {
	a.tb.Helper()
	r, err := http.NewRequestWithContext(a.tb.Context(), method, a.url+path, strings.NewReader(body))
	if err != nil {
		a.tb.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		a.tb.Fatal(err)
	}
	_ = resp.Body.Close()
	return resp.Header.Get("X-Polylink-Request")
}

func TestEveryOperationIsATool(t *testing.T) {
	t.Parallel()
	a := newAgent(t, "http://127.0.0.1:9")
	if !strings.Contains(a.s.InitializeResult().Instructions, "http://127.0.0.1:9") {
		t.Errorf("agents are told %q", a.s.InitializeResult().Instructions)
	}
	tools := map[string]*sdk.Tool{}
	for tool, err := range a.s.Tools(t.Context(), nil) {
		if err != nil {
			t.Fatal(err)
		}
		tools[tool.Name] = tool
	}
	for _, o := range admin.Table() {
		tool := tools[strings.ReplaceAll(o.Name, ".", "_")]
		if slices.Contains(left, o.Name) {
			if tool != nil {
				t.Errorf("%s is a tool", o.Name)
			}
			continue
		}
		if tool == nil || tool.Description == "" || tool.Annotations == nil {
			t.Errorf("%s is no whole tool: %v", o.Name, tool)
			continue
		}
		raw, err := json.Marshal(tool.InputSchema)
		if err != nil {
			t.Fatal(err)
		}
		var schema jsonschema.Schema
		if err := json.Unmarshal(raw, &schema); err != nil {
			t.Errorf("%s: %v", o.Name, err)
			continue
		}
		resolved, err := schema.Resolve(nil)
		if err != nil || schema.Type != "object" {
			t.Errorf("the input of %s is %s: %v", o.Name, raw, err)
			continue
		}
		if err := resolved.Validate(map[string]any{"nonsense": true}); err == nil {
			t.Errorf("the input of %s takes nonsense: %s", o.Name, raw)
		}
		if _, has := schema.Properties["sandbox"]; has == o.Global {
			t.Errorf("the input of %s names a sandbox: %v", o.Name, has)
		}
		if tool.Annotations.ReadOnlyHint != (o.Method == "GET" || o.Name == "request.count" || o.Name == "delivery.wait") {
			t.Errorf("%s only reads: %v", o.Name, tool.Annotations.ReadOnlyHint)
		}
	}
	if len(tools) != len(admin.Table())-len(left)+2 {
		t.Errorf("there are %d tools", len(tools))
	}
}

func TestAnAgentFindsOutWhy(t *testing.T) {
	t.Parallel()
	a := newAgent(t, polylink(t))
	const link = "550e8400-e29b-41d4-a716-446655440000"
	headers := []string{"X-Client-Key: your_client_key", "X-Client-Secret: your_client_secret", "Content-Type: application/json", "X-Polylink-Sandbox: w1"}
	n := a.request("PUT", "/devdraft/api/v0/payment-links/"+link, `{"title":7}`, headers...)
	for _, c := range []struct{ tool, in, path, want string }{
		{"clock_set", `{"now":"2026-01-02T03:04:05Z","frozen":true,"sandbox":"w1"}`, "frozen", "true"},
		{"clock_advance", `{"by":"61m","sandbox":"w1"}`, "now", "2026-01-02T04:05:05Z"},
		{"clock_get", `{}`, "frozen", "false"},
		{"request_explain", `{"n":` + n + `,"sandbox":"w1"}`, "request.rule.code", "invalid_type"},
		{"request_explain", `{"n":` + n + `,"sandbox":"w1"}`, "lines.#", "7"},
		{"request_list", `{"sandbox":"w1","status":"4xx","body.title":"7"}`, "total", "1"},
		{"request_count", `{"sandbox":"w1","operation":"link.update","times":1}`, "count", "1"},
		{"link_complete", `{"dialect":"devdraft","id":"` + link + `"}`, "status", "active"},
		{"link_fail", `{"dialect":"devdraft","id":"` + link + `","input":{"email":"ada@x.example"}}`, "status", "active"},
		{"link_timeline", `{"dialect":"devdraft","id":"` + link + `","sandbox":"w1"}`, "moments.#(did==\"refused\").n", n},
		{"link_list", `{"dialect":"devdraft","status":"active"}`, "links.0.dialect", "devdraft"},
		{"fault_create", `{"dialect":"devdraft","status":503,"times":2}`, "times", "2"},
		{"fault_clear", `{}`, "cleared", "1"},
		{"sandbox_create", `{"name":"w2","from":"w1"}`, "name", "w2"},
		{"sandbox_delete", `{"name":"w2"}`, "@this", "{}"},
		{"dialect_openapi", `{"file":"katu9.json"}`, "openapi", "3.1.0"},
		{"mapping_check", `{"yaml":"dialect: x","name":"x.yaml"}`, "ok", "true"},
		{"document_translate", `{"from":"a","to":"b","document":{"x":1.50}}`, "document", `abrequestlink.create{"x":1.50}`},
		{"document_translate", `{"from":"a","to":"b","document":"x=1","kind":"response","operation":"link.get"}`, "document", `abresponselink.getx=1`},
	} {
		text, refused := a.call(c.tool, c.in)
		if got := gjson.Get(text, c.path).String(); refused || got != c.want {
			t.Errorf("%s %s: %s is %q, want %q: %.500s", c.tool, c.in, c.path, got, c.want, text)
		}
	}
	if text, refused := a.call("request_curl", `{"n":`+n+`,"sandbox":"w1"}`); refused || !strings.HasPrefix(text, "curl -X PUT") {
		t.Errorf("the curl line is %s", text)
	}
}

func TestARefusalIsAnAnswer(t *testing.T) {
	t.Parallel()
	a := newAgent(t, polylink(t))
	for _, c := range []struct{ tool, in, says string }{
		{"clock_advance", `{"by":"soon"}`, "duration"},
		{"clock_advance", `{"bye":"1h"}`, `did you mean "by"`},
		{"clock_get", `{"nonsense":1}`, "no parameter"},
		{"clock_get", `{"sandbox":7}`, "sandbox must be a text"},
		{"clock_get", `{"sandbox":"NO!"}`, "name"},
		{"link_get", `{"dialect":"devdraft"}`, "id is needed"},
		{"link_get", `{"dialect":"devdraft","id":"../../clock"}`, "there is no link"},
		{"link_get", `{"dialect":"nope","id":"a/b?c"}`, "there is no dialect"},
		{"request_explain", `{"n":99}`, "no entry 99"},
		{"request_explain", `{}`, "n is needed"},
		{"link_list", `{"status":"open"}`, "active"},
		{"mapping_check", `{}`, "yaml is needed"},
		{"mapping_check", `{"yaml":7}`, "not understood"},
		{"mapping_check", `{"yml":"x"}`, "not understood"},
		{"snapshot_restore", `{"polylink":1}`, "rows"},
	} {
		if text, refused := a.call(c.tool, c.in); !refused || !strings.Contains(text, c.says) || strings.Contains(text, token) {
			t.Errorf("%s %s: %.300s; want %q", c.tool, c.in, text, c.says)
		}
	}
	if _, err := a.s.CallTool(t.Context(), &sdk.CallToolParams{Name: "nope"}); err == nil {
		t.Error("a tool that there is not was called")
	}
	gone := newAgent(t, "http://127.0.0.1:9")
	if text, refused := gone.call("clock_get", `{}`); !refused || !strings.Contains(text, "nothing answers at http://127.0.0.1:9") {
		t.Errorf("without a server the answer is %s", text)
	}
}

func TestAServerThatIsNotOneIsTold(t *testing.T) {
	t.Parallel()
	for _, answer := range []string{"<html>", "{}", `{"title":""}`} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusTeapot)
			_, _ = w.Write([]byte(answer))
		}))
		if text, refused := newAgent(t, srv.URL).call("clock_get", `{}`); !refused || !strings.Contains(text, "the control API is not at") {
			t.Errorf("%s is answered with %s", answer, text)
		}
		srv.Close()
	}
	for _, base := range []string{"", "127.0.0.1:1", "ftp://x", "http://", "http://u:p@x", "http://x?y=1", "http://x#y", "http://[::1"} {
		if _, err := NewRemote(base, ""); err == nil {
			t.Errorf("%q is an address", base)
		}
	}
}

func TestOverHTTPItKeepsTheRulesOfTheControlAPI(t *testing.T) {
	t.Parallel()
	at := polylink(t)
	srv := httptest.NewServer(newServer(t, at).Handler(hosts.New(nil, nil), nil))
	defer srv.Close()
	a := connect(t, &sdk.StreamableClientTransport{Endpoint: srv.URL + "/mcp"}, at)
	if text, refused := a.call("clock_get", `{}`); refused || !gjson.Get(text, "now").Exists() {
		t.Errorf("over HTTP the clock is %s", text)
	}
	guarded := newServer(t, at).Handler(hosts.New(nil, []string{"box.example"}), admin.SameToken(token))
	for _, c := range []struct {
		path, headers string
		want          int
	}{
		{"/mcp", "Host: rebind.example", 421},
		{"/mcp", "Host: box.example", 401},
		{"/mcp", "Origin: http://evil.example", 403},
		{"/mcp", "Sec-Fetch-Site: cross-site", 403},
		{"/mcp", "", 401},
		{"/mcp", "Authorization: Bearer nope", 401},
		{"/mcp", "Authorization: Bearer " + token, 400}, // no message
		{"/", "Authorization: Bearer " + token, 404},
	} {
		r, w := httptest.NewRequest("POST", c.path, strings.NewReader("{}")), httptest.NewRecorder()
		r.Host = "127.0.0.1:9"
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Accept", "application/json, text/event-stream")
		if name, value, ok := strings.Cut(c.headers, ": "); ok {
			if r.Header.Set(name, value); name == "Host" {
				r.Host = value
			}
		}
		if guarded.ServeHTTP(w, r); w.Code != c.want {
			t.Errorf("%s with %q is answered %d %s, want %d", c.path, c.headers, w.Code, w.Body, c.want)
		}
	}
}
