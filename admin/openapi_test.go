package admin_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/mappings"
)

func TestOpenAPIDocumentsAreServedWithATagOfTheirOwn(t *testing.T) {
	t.Parallel()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	served := set
	api := admin.New(admin.Options{Set: func() *dialect.Set { return served }, Version: "1.2.3"})
	get := func(path, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/__admin/openapi/"+path, nil)
		r.Host = "localhost"
		r.Header.Set("If-None-Match", tag)
		w := httptest.NewRecorder()
		api.ServeHTTP(w, r)
		return w
	}
	for _, d := range set.Dialects {
		w := get(d.Name+".json", "")
		if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" {
			t.Fatalf("%s: answered %d, %s", d.Name, w.Code, w.Header().Get("Content-Type"))
		}
		doc := gjson.ParseBytes(w.Body.Bytes())
		if doc.Get("openapi").Str != "3.1.0" || doc.Get("info.version").Str != "1.2.3" || doc.Get("info.title").Str != d.Title {
			t.Errorf("%s: the document is about %s", d.Name, doc.Get("info").Raw)
		}
		if again := get(d.Name+".json", w.Header().Get("ETag")); again.Code != http.StatusNotModified || again.Body.Len() > 0 {
			t.Errorf("%s: who has the document gets %d and %d bytes", d.Name, again.Code, again.Body.Len())
		}
		if other := get(d.Name+".json", `"other"`); other.Code != http.StatusOK {
			t.Errorf("%s: who has another document gets %d", d.Name, other.Code)
		}
	}
	for _, path := range []string{"nobody.json", set.Dialects[0].Name, ".json"} {
		if w := get(path, ""); w.Code != http.StatusNotFound {
			t.Errorf("%s: answered %d, want 404", path, w.Code)
		}
	}
	name := set.Dialects[0].Name
	tag := get(name+".json", "").Header().Get("ETag")
	served = small(t)
	if w := get(name+".json", tag); w.Code != http.StatusNotFound {
		t.Errorf("after a reload a dialect that is gone answers %d", w.Code)
	}
	if w := get("t.json", tag); w.Code != http.StatusOK || gjson.GetBytes(w.Body.Bytes(), "info.title").Str != "Small" {
		t.Errorf("after a reload a new dialect answers %d", w.Code)
	}
}

// small is a set of one dialect that does next to nothing.
func small(t *testing.T) *dialect.Set {
	t.Helper()
	set, err := compile.Compile(fstest.MapFS{"t.yaml": {Data: []byte(`dialect: t
title: Small
errors: { body: none, classes: { internal: { status: 500 }, invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 } } }
operations: { ping.get: { at: GET /ping, does: answer, answer: { pong: true } } }
`)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}
