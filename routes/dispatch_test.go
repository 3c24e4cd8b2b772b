package routes_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

const (
	devdraftLink  = "550e8400-e29b-41d4-a716-446655440000"
	leanrailsLink = "cl_4de6fg8hi0jk"
	kirimdevLink  = "csl_01HXYZABCDEFGHJKMNPQRSTVWX"
	devdraftPath  = "/api/v0/payment-links/" + devdraftLink
	leanrailsPath = "/v1/checkout_links/" + leanrailsLink
	kirimdevPath  = "/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX/setup_links/" + kirimdevLink
	katu9Path     = "/payment-link/generate"
	katu9Free     = `{"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc"}`
)

func priceblocsPath(n string) string {
	return "/v1/payment-links/00000000-0000-0000-0000-00000000000" + n
}

func TestEveryWayInLeadsToTheDialect(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for name, c := range map[string]struct {
		path, host, listener string
	}{
		"prefix":                     {"/devdraft" + devdraftPath, "localhost:12121", ""},
		"prefix, another's host":     {"/devdraft" + devdraftPath, "api.katu9.com", ""},
		"prefix, another's listener": {"/devdraft" + devdraftPath, "localhost:1", "katu9"},
		"real host":                  {devdraftPath, "api.devdraft.com", ""},
		"real host, the other one":   {devdraftPath, "api.devdraft.ai", ""},
		"real host, capitals, port":  {devdraftPath, "API.DevDraft.COM:8443", ""},
		"real host, with its dot":    {devdraftPath, "api.devdraft.com.", ""},
		"real host, dot and port":    {devdraftPath, "api.devdraft.com.:80", ""},
		"host before listener":       {devdraftPath, "api.devdraft.com", "katu9"},
		"localhost name":             {devdraftPath, "devdraft.localhost:12121", ""},
		"localhost name, capitals":   {devdraftPath, "DevDraft.LocalHost", ""},
		"own listener":               {devdraftPath, "127.0.0.1:12122", "devdraft"},
		"bare path":                  {devdraftPath, "127.0.0.1:12121", ""},
		"bare path, IPv6 host":       {devdraftPath, "[::1]:12121", ""},
		"bare path, unknown host":    {devdraftPath, "nobody.localhost", ""},
		"sandbox, prefix":            {"/~w1/devdraft" + devdraftPath, "localhost", ""},
		"sandbox, real host":         {"/~w1" + devdraftPath, "api.devdraft.com", ""},
		"sandbox, own listener":      {"/~w1" + devdraftPath, "127.0.0.1:12122", "devdraft"},
		"sandbox, bare path":         {"/~w1" + devdraftPath, "127.0.0.1:12121", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var h http.Handler = srv
			if c.listener != "" {
				h = srv.ForDialect(c.listener)
			}
			a := do(t, h, asks("GET "+c.path, "", append([]string{"Host: " + c.host}, devdraft...)...)).want(t, 200)
			if !strings.Contains(a.body, `"url":"premium-subscription"`) {
				t.Errorf("answered %s", a.body)
			}
		})
	}
}

// TestADoubledSlashIsOne asks in every way and with every method, and compares
// with the answer to the plain path.
func TestADoubledSlashIsOne(t *testing.T) {
	t.Parallel()
	var controlled atomic.Value
	srv := newServer(t, func(o *routes.Options) {
		o.Control = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			controlled.Store(sandbox.Name(r.Context()) + " " + r.Host + " " + r.URL.Path)
		})
	})
	for doubled, plain := range map[string]string{
		"//devdraft" + devdraftPath:           "/devdraft" + devdraftPath,
		"/devdraft/" + devdraftPath:           "/devdraft" + devdraftPath,
		"///devdraft//" + devdraftPath:        "/devdraft" + devdraftPath,
		"//~w1//devdraft/" + devdraftPath:     "/~w1/devdraft" + devdraftPath,
		"/" + devdraftPath:                    devdraftPath,
		"/~w1/" + devdraftPath:                "/~w1" + devdraftPath,
		"//nowhere":                           "/nowhere",
		"/devdraft//nowhere":                  "/devdraft/nowhere",
		"//devdraft/api//v0/payment-links/x/": "/devdraft/api//v0/payment-links/x/", // within the path it is the provider's
	} {
		for _, method := range []string{"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
			body := ""
			if method == "PUT" || method == "POST" || method == "PATCH" {
				body = `{"title":"Tea"}`
			}
			got, want := do(t, srv, asks(method+" "+doubled, body, devdraft...)), do(t, srv, asks(method+" "+plain, body, devdraft...))
			if got.status != want.status || got.header.Get("Location") != "" || strings.Contains(got.body, `"error"`) != strings.Contains(want.body, `"error"`) {
				t.Errorf("%s %s answers %d %s, and the plain path %d %s", method, doubled, got.status, got.body, want.status, want.body)
			}
		}
	}
	for path, want := range map[string]string{
		"//__admin/clock":           "default rebind.example /__admin/clock",
		"/~w1//__admin/clock":       "w1 rebind.example /__admin/clock",
		"//~w1///__admin/clock":     "w1 rebind.example /__admin/clock",
		"/%2F__admin/clock":         "none",
		"/devdraft//__admin/clock":  "none",
		"//devdraft//__admin/clock": "none",
	} {
		controlled.Store("none")
		do(t, srv, asks("GET "+path, "", "Host: rebind.example"))
		if got := controlled.Load(); got != want {
			t.Errorf("GET %s leads to %q, want %q", path, got, want)
		}
	}
}

// aProblem reads a problem document.
func aProblem(t *testing.T, a answer, status int) string {
	t.Helper()
	var doc struct {
		Type, Title, Detail string
		Status              int
	}
	if err := json.Unmarshal([]byte(a.body), &doc); err != nil {
		t.Fatalf("answered %d, no problem document: %v in %s", a.status, err, a.body)
	}
	if a.status != status || doc.Status != status || doc.Type == "" || doc.Title == "" || a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("answered %d %s %s, want a problem document with %d", a.status, a.header.Get("Content-Type"), a.body, status)
	}
	return doc.Title + ": " + doc.Detail
}

func TestUnknownBarePathIsAProblemThatNamesTheDialects(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for _, path := range []string{"/", "/nowhere", "/~w1/nowhere", "/dev", "/~w1", "/api/v0/payment-links/a/b/c/d"} {
		text := aProblem(t, do(t, srv, asks("GET "+path, "")), 404)
		for _, d := range shipped().set.Dialects {
			if !strings.Contains(text, d.Name) {
				t.Errorf("GET %s: %q does not name %s", path, text, d.Name)
			}
		}
	}
}

// twins is a set in which a second dialect has the paths of a first.
func twins(t *testing.T) files {
	t.Helper()
	text, err := mappings.FS.ReadFile("katu9.yaml")
	if err != nil {
		t.Fatal(err)
	}
	twin := strings.NewReplacer("dialect: katu9", "dialect: twin", "api.katu9.com", "api.twin.example").Replace(string(text))
	set, err := compile.Compile(fstest.MapFS{"katu9.yaml": {Data: text}, "twin.yaml": {Data: []byte(twin)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		t.Fatal(err)
	}
	return files{set, fix}
}

func TestAmbiguousBarePathIsAProblemThatNamesTheCandidates(t *testing.T) {
	t.Parallel()
	srv := newServer(t, of(twins(t)))
	text := aProblem(t, do(t, srv, asks("POST "+katu9Path, katu9Free, katu9)), 404)
	if !strings.Contains(text, "katu9 and twin") || !strings.Contains(text, "localhost") {
		t.Errorf("the problem is %q", text)
	}
	do(t, srv, asks("POST /katu9"+katu9Path, katu9Free, katu9)).want(t, 201)
	do(t, srv, asks("POST "+katu9Path, katu9Free, katu9, "Host: twin.localhost")).want(t, 404) // it has no fixtures, so an account without transactions
}

func TestMethodThatNobodyHasIsRefusedByTheOneWhoHasThePath(t *testing.T) {
	t.Parallel()
	a := do(t, newServer(t), asks("PUT "+katu9Path, "{}", katu9)).want(t, 405)
	if a.header.Get("Allow") != "POST" || a.body != `{"error":{"message":"Method not allowed","details":{}}}` {
		t.Errorf("answered %v %s", a.header, a.body)
	}
}

// titled puts a title into a link and tells which sandboxes have it then.
func titled(t *testing.T, srv *server, a ask, of ...string) string {
	t.Helper()
	do(t, srv, a).want(t, 200)
	var out []string
	for _, name := range of {
		db, err := srv.Sandbox(name)
		if err != nil {
			t.Fatal(err)
		}
		slot, _ := record.Links.Slot("title")
		if db.Read(context.Background()).Get("link", store.RowKey("devdraft", devdraftLink)).Record.Text(slot) == "Here" {
			out = append(out, name)
		}
	}
	return strings.Join(out, " ")
}

func TestSandboxIsChosenByHeaderThenPathThenCredential(t *testing.T) {
	t.Parallel()
	const key, secret, header = "x-client-key: your_client_key", "x-client-secret: your_client_secret", "X-Polylink-Sandbox: h"
	for name, c := range map[string]struct {
		path    string
		headers []string
		want    string
	}{
		"nothing":                    {"/devdraft", []string{key, secret}, "default"},
		"header":                     {"/devdraft", []string{key, secret, header}, "h"},
		"path":                       {"/~p/devdraft", []string{key, secret}, "p"},
		"suffix of the key":          {"/devdraft", []string{key + "~s", secret}, "s"},
		"suffix of the secret":       {"/devdraft", []string{key, secret + "~s"}, "s"},
		"suffix of both":             {"/devdraft", []string{key + "~s", secret + "~s"}, "s"},
		"header before path":         {"/~p/devdraft", []string{key, secret, header}, "h"},
		"path before suffix":         {"/~p/devdraft", []string{key + "~s", secret}, "p"},
		"header before all":          {"/~p/devdraft", []string{key + "~s", secret, header}, "h"},
		"path default before suffix": {"/~default/devdraft", []string{key + "~s", secret}, "default"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := asks("PUT "+c.path+devdraftPath, `{"title":"Here"}`, c.headers...)
			if got := titled(t, newServer(t), a, "default", "h", "p", "s"); got != c.want {
				t.Errorf("changed %q, want %q", got, c.want)
			}
		})
	}
}

func TestSuffixOfEverySchemeIsCutOff(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ line, body, header string }{
		"bearer": {"PATCH /kirimdev" + kirimdevPath, `{"success_redirect_url":null}`, kirimdev + "~worker-7"},
		"basic":  {"POST /leanrails" + leanrailsPath, `{"active":false}`, "Authorization: " + basic("sk_test_main~worker-7")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t)
			before, there := srv.rows(t, "default"), srv.rows(t, "worker-7")
			do(t, srv, asks(c.line, c.body, c.header, "Idempotency-Key: k")).want(t, 200)
			if !same(before, srv.rows(t, "default")) {
				t.Error("the default sandbox changed")
			}
			if same(there, srv.rows(t, "worker-7")) {
				t.Error("worker-7 did not change")
			}
		})
	}
	// A refusal of the key is one in that sandbox, too: expired ones stay expired.
	a := do(t, newServer(t), asks("PATCH /kirimdev"+kirimdevPath, "{}", "Authorization: Bearer kdv_live_polylink_expired_0000000~w")).want(t, 401)
	if !strings.Contains(a.body, "expired_api_key") {
		t.Errorf("answered %s", a.body)
	}
}

func TestSuffixWithoutAKeyIsNoCredential(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	do(t, srv, asks("PATCH /kirimdev"+kirimdevPath, "{}", "Authorization: Bearer ~w")).want(t, 401)
	do(t, srv, asks("GET /leanrails"+leanrailsPath, "", "Authorization: "+basic("~w"))).want(t, 401)
	do(t, srv, asks("GET /devdraft"+devdraftPath, "", "x-client-key: ~w", "x-client-secret: ~w")).want(t, 401)
}

func TestBadSandboxNames(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for _, path := range []string{"/~/devdraft", "/~Worker/devdraft", "/~a_b/devdraft", "/~a%2Fb/devdraft", "/~" + strings.Repeat("a", 41) + "/devdraft"} {
		aProblem(t, do(t, srv, asks("GET "+path+devdraftPath, "", devdraft...)), 404)
	}
	for _, name := range []string{"Worker", "a b", "a/b", "~a", strings.Repeat("a", 41), "ä"} {
		a := asks("GET /devdraft"+devdraftPath, "", append([]string{"X-Polylink-Sandbox: " + name}, devdraft...)...)
		aProblem(t, do(t, srv, a), 400)
	}
	for _, name := range []string{"B", "a_b", "", strings.Repeat("a", 41), "a~B"} {
		aProblem(t, do(t, srv, asks("GET /devdraft"+devdraftPath, "", "x-client-key: your_client_key~"+name, "x-client-secret: x")), 400)
		aProblem(t, do(t, srv, asks("GET /leanrails"+leanrailsPath, "", "Authorization: "+basic("sk_test_main~"+name))), 400)
	}
	// A secret may hold a ~ of its own.
	do(t, srv, asks("GET /devdraft"+devdraftPath, "", "x-client-key: somebody", "x-client-secret: x~B")).want(t, 200)
	do(t, srv, asks("GET /~"+strings.Repeat("a", 40)+"/devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
}

func TestAbsoluteURLsCarryWhatTheClientUsed(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for name, c := range map[string]struct {
		path, host string
		headers    []string
		want       string
	}{
		"prefix":          {"/leanrails", "localhost:12121", nil, "http://localhost:12121/leanrails/cl/"},
		"real host":       {"", "api.leanrails.com", nil, "http://api.leanrails.com/cl/"},
		"localhost name":  {"", "leanrails.localhost:9", nil, "http://leanrails.localhost:9/cl/"},
		"bare path":       {"", "127.0.0.1:12121", nil, "http://127.0.0.1:12121/cl/"},
		"sandbox path":    {"/~w1/leanrails", "localhost", nil, "http://localhost/~w1/leanrails/cl/"},
		"sandbox header":  {"/leanrails", "localhost", []string{"X-Polylink-Sandbox: w2"}, "http://localhost/~w2/leanrails/cl/"},
		"sandbox default": {"/~default/leanrails", "localhost", nil, "http://localhost/leanrails/cl/"},
		"all of it":       {"/~w1", "api.leanrails.com:8443", []string{"X-Polylink-Sandbox: w2"}, "http://api.leanrails.com:8443/~w2/cl/"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := do(t, srv, asks("GET "+c.path+leanrailsPath, "", append([]string{"Host: " + c.host, leanrails}, c.headers...)...)).want(t, 200)
			if want := `"url":"` + c.want + leanrailsLink + `"`; !strings.Contains(a.body, want) {
				t.Errorf("%s is not in %s", want, a.body)
			}
		})
	}
	a := do(t, srv, asks("GET /leanrails"+leanrailsPath, "", "Authorization: "+basic("sk_test_main~w3"))).want(t, 200)
	if !strings.Contains(a.body, "http://localhost:12121/~w3/leanrails/cl/") {
		t.Errorf("the suffix's sandbox is not in %s", a.body)
	}
}

func TestAbsoluteURLsAreHTTPSOverTLS(t *testing.T) {
	t.Parallel()
	ts := httptest.NewTLSServer(newServer(t))
	t.Cleanup(ts.Close)
	a := over(t, ts, asks("GET /leanrails"+leanrailsPath, "", leanrails)).want(t, 200)
	if want := `"url":"` + ts.URL + "/leanrails/cl/"; !strings.Contains(a.body, want) {
		t.Errorf("%s is not in %s", want, a.body)
	}
}

// over sends a request over real HTTP.
func over(t *testing.T, ts *httptest.Server, a ask) answer {
	t.Helper()
	var body io.Reader
	if a.body != "" {
		body = strings.NewReader(a.body)
	}
	if a.chunked {
		body = io.MultiReader(body) // net/http does not see its length
	}
	r, err := http.NewRequestWithContext(t.Context(), a.method, ts.URL+a.path, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Header = a.header
	res, err := ts.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

func TestHeadIsGetWithoutTheBody(t *testing.T) {
	t.Parallel()
	ts := listen(t, newServer(t))
	for _, path := range []string{devdraftPath, "/api/v0/payment-links/nope", "/api/v0/health"} {
		get := over(t, ts, asks("GET /devdraft"+path, "", devdraft...))
		head := over(t, ts, asks("HEAD /devdraft"+path, "", devdraft...))
		if head.status != get.status || head.body != "" {
			t.Errorf("HEAD %s answered %d %q, GET %d", path, head.status, head.body, get.status)
		}
		for _, name := range []string{"Content-Type", "Content-Length", "X-Ratelimit-Limit"} {
			if head.header.Get(name) != get.header.Get(name) || get.header.Get(name) == "" {
				t.Errorf("HEAD %s has %s %q, GET %q", path, name, head.header.Get(name), get.header.Get(name))
			}
		}
	}
}

func TestOptionsTellsTheMethods(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for path, want := range map[string]string{
		"/devdraft" + devdraftPath: "GET, HEAD, PUT", "/leanrails" + leanrailsPath: "GET, HEAD, POST",
		"/katu9" + katu9Path: "POST", katu9Path: "POST",
	} {
		a := do(t, srv, asks("OPTIONS "+path, "")).want(t, 204)
		if got := a.header.Get("Allow"); got != want || a.body != "" {
			t.Errorf("OPTIONS %s allows %q with the body %q, want %q", path, got, a.body, want)
		}
	}
	do(t, srv, asks("OPTIONS /devdraft/api/v0/nope", "")).want(t, 404)
	for _, method := range []string{"TRACE", "CONNECT", "BREW", "get"} {
		a := do(t, srv, asks(method+" /katu9"+katu9Path, "", katu9)).want(t, 405)
		if a.header.Get("Allow") != "POST" {
			t.Errorf("%s is refused with Allow %q", method, a.header.Get("Allow"))
		}
	}
}

func TestStrangeIdsAreNotFound(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for name, c := range map[string]struct{ sent, told string }{
		"a slash":      {"a%2Fb", "a/b"},
		"its escape":   {"a%252Fb", "a%2Fb"},
		"unicode":      {"%C3%A9%F0%9F%8E%BF", "é🎿"},
		"raw unicode":  {"é", "é"},
		"NUL":          {"a%00b", "a\x00b"},
		"quotes":       {"%22%5C", `"\`},
		"a line":       {"a%0Ab", "a\nb"},
		"dots":         {"..", ".."},
		"braces":       {"%7Bid%7D", "{id}"},
		"a query mark": {"a%3Fb", "a?b"},
		"a plus":       {"a+b", "a+b"},
		"semicolons":   {"a;b=c", "a;b=c"},
		"four KB":      {strings.Repeat("x", 4096), strings.Repeat("x", 4096)},
		"another's":    {"cl_0otherlink00", "cl_0otherlink00"},
		"its row key":  {"leanrails%2Fcl_4de6fg8hi0jk", "leanrails/cl_4de6fg8hi0jk"},
		"a suffix":     {leanrailsLink + "%20", leanrailsLink + " "},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := do(t, srv, asks("GET /leanrails/v1/checkout_links/"+c.sent, "", leanrails)).want(t, 404)
			var doc struct {
				Error struct{ Code, Message, Param string }
			}
			if err := json.Unmarshal([]byte(a.body), &doc); err != nil {
				t.Fatalf("%v in %s", err, a.body)
			}
			if doc.Error.Code != "resource_missing" || doc.Error.Param != "id" || doc.Error.Message != "Checkout link "+c.told+" does not exist" {
				t.Errorf("answered %s", a.body)
			}
		})
	}
	// Bytes that are no UTF-8 must not come back as they are.
	a := do(t, srv, asks("GET /leanrails/v1/checkout_links/a%FFb", "", leanrails)).want(t, 404)
	if !json.Valid([]byte(a.body)) || strings.ToValidUTF8(a.body, "") != a.body {
		t.Errorf("answered %q", a.body)
	}
}

func TestEncodedIdIsTheSameId(t *testing.T) {
	t.Parallel()
	do(t, newServer(t), asks("GET /leanrails/v1/checkout_links/%63l_4de6fg8hi0jk", "", leanrails)).want(t, 200)
}

func TestSlashesCount(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	for _, path := range []string{leanrailsPath + "/", "/v1//checkout_links/" + leanrailsLink, "/v1/checkout_links//" + leanrailsLink,
		"/v1/checkout_links/", "/v1/./checkout_links/" + leanrailsLink, "/v1/x/../checkout_links/" + leanrailsLink, "", "/"} {
		a := do(t, srv, asks("GET /leanrails"+path, "", leanrails)).want(t, 404)
		if !strings.Contains(a.body, `"code":"resource_missing"`) || a.header.Get("Location") != "" {
			t.Errorf("GET %s answered %s", path, a.body)
		}
	}
}

func TestQueryDoesNotChooseTheRoute(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	do(t, srv, asks("GET /leanrails"+leanrailsPath+"?a=b;c&%zz", "", leanrails)).want(t, 200)
}

func TestSandboxesAreIsolated(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	const key = "Idempotency-Key: one"
	before := srv.rows(t, "b")
	off := do(t, srv, asks("POST /~a/leanrails"+leanrailsPath, `{"active":false}`, leanrails, key)).want(t, 200)
	if !same(before, srv.rows(t, "b")) || !same(before, srv.rows(t, "default")) {
		t.Error("a change in a shows in another sandbox")
	}
	// The same key with another body: b has not seen it.
	on := do(t, srv, asks("POST /~b/leanrails"+leanrailsPath, `{"active":true}`, leanrails, key)).want(t, 200)
	if !strings.Contains(off.body, `"active":false`) || !strings.Contains(on.body, `"active":true`) {
		t.Errorf("a answered %s, b %s", off.body, on.body)
	}
	// Limits are counted apart.
	for range 100 {
		do(t, srv, asks("GET /~a/devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
	}
	do(t, srv, asks("GET /~a/devdraft"+devdraftPath, "", devdraft...)).want(t, 429)
	do(t, srv, asks("GET /~b/devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
}

// same tells whether two digests of rows are equal.
func same(a, b map[string]uint64) bool {
	if len(a) != len(b) {
		return false
	}
	for k, v := range a {
		if w, ok := b[k]; !ok || v != w {
			return false
		}
	}
	return true
}
