package routes_test

import (
	"context"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/routes"
)

func newRecorder() *httptest.ResponseRecorder { return httptest.NewRecorder() }

// gone is the context of a client that has hung up.
func gone(t *testing.T) context.Context {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func TestReloadKeepsRowsAndSwapsRules(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	do(t, srv, asks("PUT /devdraft"+devdraftPath, `{"title":"Kept","nope":1}`, devdraft...)).want(t, 200)
	strict := with(t, override(t, "devdraft", "unknown", "refuse"))
	if err := srv.Reload(strict.set, strict.fixtures); err != nil {
		t.Fatal(err)
	}
	a := do(t, srv, asks("PUT /devdraft"+devdraftPath, `{"nope":1}`, devdraft...)).want(t, 400)
	if !strings.Contains(a.body, "nope is not a parameter of this operation") {
		t.Errorf("answered %s", a.body)
	}
	a = do(t, srv, asks("GET /devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
	if gjson.Get(a.body, "title").Str != "Kept" {
		t.Errorf("the row is %s", a.body)
	}
	// What is counted goes on being counted.
	if got := a.exactly("X-RateLimit-Remaining"); len(got) != 1 || got[0] != "97" {
		t.Errorf("%v requests remain, want 97", got)
	}
}

func TestReloadGivesNewSandboxesTheNewFixtures(t *testing.T) {
	t.Parallel()
	srv := newServer(t)
	do(t, srv, asks("GET /~old/devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
	text, err := fixtures.FS.ReadFile("devdraft/world.yaml")
	if err != nil {
		t.Fatal(err)
	}
	changed := strings.ReplaceAll(string(text), "title: Premium Subscription", "title: Changed Subscription")
	fix, err := seed.Load(fstest.MapFS{"devdraft/world.yaml": {Data: []byte(changed)}}, shipped().set)
	if err != nil {
		t.Fatal(err)
	}
	if err := srv.Reload(shipped().set, fix); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"old": "Premium Subscription", "new": "Changed Subscription"} {
		a := do(t, srv, asks("GET /~"+name+"/devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
		if got := gjson.Get(a.body, "title").Str; got != want {
			t.Errorf("sandbox %s shows %q, want %q", name, got, want)
		}
	}
}

// TestReloadBringsANewDialectIntoOldSandboxes comes back with a dialect that
// was not there, and another time, when its records are.
func TestReloadBringsANewDialectIntoOldSandboxes(t *testing.T) {
	t.Parallel()
	srv := newUnseen(t)
	do(t, srv, asks("GET /~old/unseen/links/old", "", "Authorization: Bearer tok_main")).want(t, 200)
	text, err := mappings.FS.ReadFile("katu9.yaml")
	if err != nil {
		t.Fatal(err)
	}
	both, err := compile.Compile(fstest.MapFS{"unseen.yaml": {Data: []byte(unseen)}, "katu9.yaml": {Data: text}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, both)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := srv.Reload(both, fix); err != nil {
			t.Fatal(err)
		}
	}
	do(t, srv, asks("POST /~old/katu9"+katu9Path, katu9Free, katu9)).want(t, 201)
	do(t, srv, asks("GET /~old/unseen/links/old", "", "Authorization: Bearer tok_main")).want(t, 200)
}

func TestStrictAuthTakesListedCredentialsOnly(t *testing.T) {
	t.Parallel()
	names := []string{"kirimdev", "leanrails", "priceblocs", "devdraft", "katu9"}
	var list []compile.Override
	for _, d := range names {
		list = append(list, override(t, d, "auth.strict", "true"))
	}
	strict, lenient := newServer(t, of(with(t, list...))), newServer(t)
	for d, c := range map[string]struct{ listed, unlisted ask }{
		"kirimdev":   {asks("PATCH /kirimdev"+kirimdevPath, "{}", kirimdev), asks("PATCH /kirimdev"+kirimdevPath, "{}", "Authorization: Bearer any")},
		"leanrails":  {asks("GET /leanrails"+leanrailsPath, "", leanrails), asks("GET /leanrails"+leanrailsPath, "", "Authorization: "+basic("sk_test_any"))},
		"priceblocs": {asks("GET /priceblocs"+priceblocsPath("0"), "", priceblocs), asks("GET /priceblocs"+priceblocsPath("0"), "", "Authorization: Bearer any")},
		"devdraft":   {asks("GET /devdraft"+devdraftPath, "", devdraft...), asks("GET /devdraft"+devdraftPath, "", "x-client-key: any", "x-client-secret: any")},
		"katu9":      {asks("POST /katu9"+katu9Path, katu9Free, katu9), asks("POST /katu9"+katu9Path, katu9Free, "Authorization: Bearer any")},
	} {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			if a := do(t, strict, c.listed); a.status > 201 {
				t.Errorf("a listed credential got %d %s", a.status, a.body)
			}
			do(t, strict, c.unlisted).want(t, 401)
			if a := do(t, lenient, c.unlisted); a.status > 201 {
				t.Errorf("without strict an unlisted credential got %d %s", a.status, a.body)
			}
		})
	}
}

func TestLimitsCanBeOff(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) { o.NoLimits = true })
	for range 150 {
		a := do(t, srv, asks("GET /devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
		if a.exactly("X-RateLimit-Limit") != nil {
			t.Fatalf("the answer shows a limit: %v", a.header)
		}
	}
	for range 120 {
		do(t, srv, asks("GET /leanrails"+leanrailsPath, "")).want(t, 401)
	}
}

func TestUnknownFieldsCanBeRefused(t *testing.T) {
	t.Parallel()
	for d, field := range map[string]string{"devdraft": "", "kirimdev": "error.param", "katu9": ""} {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, of(with(t, override(t, d, "unknown", "refuse"))))
			body := `{"nope":1}`
			if d == "katu9" {
				body = katu9Free[:len(katu9Free)-1] + `,"nope":1}`
			}
			a := do(t, srv, asks(updates[d].line, body, updates[d].headers...)).want(t, 400)
			if !strings.Contains(a.body, "nope") || field != "" && gjson.Get(a.body, field).Str != "nope" {
				t.Errorf("answered %s", a.body)
			}
		})
	}
}

func TestBodyCapCanBeSet(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) { o.Body = 20 })
	do(t, srv, asks("PUT /devdraft"+devdraftPath, `{"title":"Beta    "}`, devdraft...)).want(t, 200)
	for _, chunked := range []bool{false, true} {
		a := asks("PUT /devdraft"+devdraftPath, `{"title":"Beta     "}`, devdraft...)
		a.chunked = chunked
		do(t, srv, a).want(t, 413)
	}
}

func TestOldSandboxesMakeRoom(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) { o.Worlds = 3 })
	for _, name := range []string{"a", "b", "c"} {
		do(t, srv, asks("PUT /~"+name+"/devdraft"+devdraftPath, `{"title":"Mine"}`, devdraft...)).want(t, 200)
		srv.passed.Add(int64(time.Second))
	}
	for name, want := range map[string]string{"c": "Mine", "b": "Mine"} {
		a := do(t, srv, asks("GET /~"+name+"/devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
		if got := gjson.Get(a.body, "title").Str; got != want {
			t.Errorf("sandbox %s shows %q, want %q", name, got, want)
		}
	}
	a := do(t, srv, asks("GET /~a/devdraft"+devdraftPath, "", devdraft...)).want(t, 200)
	if got := gjson.Get(a.body, "title").Str; got != "Premium Subscription" {
		t.Errorf("a sandbox that made room shows %q, want its fixtures again", got)
	}
}
