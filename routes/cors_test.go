package routes_test

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/routes"
)

// fetch sends a request with headers that are written in lines.
func fetch(t *testing.T, h http.Handler, method, target string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), method, target, nil)
	for _, line := range headers {
		name, value, _ := strings.Cut(line, ": ")
		r.Header.Add(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func TestPagesMayCallDialectsOnlyWhereTheyAreAllowedTo(t *testing.T) {
	t.Parallel()
	const page, other = "http://localhost:3000", "https://other.example"
	control := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	for name, c := range map[string]struct {
		cors             routes.CORS
		page, path, want string // want is Access-Control-Allow-Origin
	}{
		"off":                      {routes.CORS{}, page, "/kirimdev/v1/me", ""},
		"its page":                 {routes.CORS{Origins: []string{page}}, page, "/kirimdev/v1/me", page},
		"its page in capitals":     {routes.CORS{Origins: []string{"http://LOCALHOST:3000"}}, page, "/kirimdev/v1/me", page},
		"another page":             {routes.CORS{Origins: []string{page}}, other, "/kirimdev/v1/me", ""},
		"another port":             {routes.CORS{Origins: []string{page}}, "http://localhost:30001", "/kirimdev/v1/me", ""},
		"all pages":                {routes.CORS{Origins: []string{"*"}}, other, "/kirimdev/v1/me", "*"},
		"one dialect":              {routes.CORS{Dialects: map[string][]string{"kirimdev": {other}}}, other, "/kirimdev/v1/me", other},
		"one dialect, another one": {routes.CORS{Dialects: map[string][]string{"stripe": {other}}}, other, "/kirimdev/v1/me", ""},
		"all but one dialect":      {routes.CORS{Origins: []string{"*"}, Dialects: map[string][]string{"kirimdev": {}}}, other, "/kirimdev/v1/me", ""},
		"a bare path":              {routes.CORS{Origins: []string{page}}, page, "/v1/me", page},
		"a path that is not there": {routes.CORS{Origins: []string{page}}, page, "/kirimdev/nothing", page},
		"a sandbox":                {routes.CORS{Origins: []string{page}}, page, "/~w/kirimdev/v1/me", page},
		"the control API":          {routes.CORS{Origins: []string{"*"}}, page, "/__admin/health", ""},
		"no dialect at all":        {routes.CORS{Origins: []string{"*"}}, page, "/nothing", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := newServer(t, func(o *routes.Options) { o.CORS, o.Control = c.cors, control })
			asked := fetch(t, srv, "OPTIONS", c.path, "Origin: "+c.page, "Access-Control-Request-Method: GET", "Access-Control-Request-Headers: authorization")
			got := fetch(t, srv, "GET", c.path, "Origin: "+c.page)
			for _, resp := range []*http.Response{asked, got} {
				if have := resp.Header.Get("Access-Control-Allow-Origin"); have != c.want {
					t.Errorf("%s %d allows %q, want %q", c.path, resp.StatusCode, have, c.want)
				}
				if resp.Header.Get("Access-Control-Allow-Credentials") != "" {
					t.Error("cookies are allowed")
				}
			}
			if allows := asked.Header.Get("Access-Control-Allow-Methods") != ""; allows != (c.want != "") || allows && asked.StatusCode != http.StatusNoContent {
				t.Errorf("the question is answered %d with %v", asked.StatusCode, asked.Header)
			}
			if c.want != "" && got.Header.Get("Access-Control-Expose-Headers") != "*" {
				t.Errorf("the answer has %v", got.Header)
			}
		})
	}
}

// TestAPreflightNamesTheDialectsOwnHeaders looks at what each dialect reads.
func TestAPreflightNamesTheDialectsOwnHeaders(t *testing.T) {
	t.Parallel()
	srv := newServer(t, func(o *routes.Options) { o.CORS.Origins = []string{"*"} })
	for d, want := range map[string][]string{
		"devdraft": {"x-client-key", "x-client-secret", "idempotency-key", "Content-Type"}, "katu9": {"Authorization", "x-katu9-environment"},
		"kirimdev": {"Authorization", "Idempotency-Key", "X-Polylink-Sandbox"}, "leanrails": {"Authorization", "Idempotency-Key", "X-API-Version"},
		"priceblocs": {"Authorization"}, "stripe": {"Authorization", "Idempotency-Key", "Stripe-Version", "Stripe-Account", "Prefer"},
	} {
		resp := fetch(t, srv, "OPTIONS", "/"+d+"/x", "Origin: http://a.example", "Access-Control-Request-Method: POST", "Access-Control-Request-Private-Network: true")
		list := strings.Split(resp.Header.Get("Access-Control-Allow-Headers"), ", ")
		for _, name := range want {
			if !slices.ContainsFunc(list, func(have string) bool { return strings.EqualFold(have, name) }) {
				t.Errorf("%s does not allow %s: %v", d, name, list)
			}
		}
		if resp.Header.Get("Access-Control-Allow-Private-Network") != "true" || resp.Header.Get("X-Polylink-Request") != "" {
			t.Errorf("%s answers the question with %v", d, resp.Header)
		}
	}
	// Where only some pages may call, caches are told so.
	only := newServer(t, func(o *routes.Options) { o.CORS.Origins = []string{"http://a.example"} })
	if resp := fetch(t, only, "GET", "/kirimdev/v1/health"); resp.Header.Get("Vary") != "Origin" || resp.Header.Get("Access-Control-Allow-Origin") != "" {
		t.Errorf("without an origin: %v", resp.Header)
	}
	// An OPTIONS that is no question is answered as ever.
	if resp := fetch(t, srv, "OPTIONS", "/kirimdev/v1/me", "Origin: http://a.example"); resp.Header.Get("Allow") == "" {
		t.Errorf("OPTIONS: %v", resp.Header)
	}
}
