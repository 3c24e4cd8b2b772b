package admin

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/dialect/openapi"
	"github.com/polylink-dev/polylink/dialect/seed"
)

// documents are the dialects' OpenAPI documents. Each is made on its first
// request and kept for as long as its set of dialects is served.
type documents struct {
	mu   sync.Mutex
	set  *dialect.Set
	made map[string]Document
}

// Document is a dialect's OpenAPI document.
type Document struct {
	body []byte
	etag string
}

// of returns the document of a dialect; ok is false when there is no such
// dialect.
func (ds *documents) of(set *dialect.Set, fixtures func() *seed.Fixtures, name, version string) (doc Document, ok bool) {
	d := set.Dialect(name)
	if d == nil {
		return Document{}, false
	}
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if ds.set != set {
		ds.set, ds.made = set, map[string]Document{}
	}
	doc, ok = ds.made[name]
	if !ok {
		o := openapi.Options{Version: version}
		if fixtures != nil {
			o.Example = handbook.Examples(d, fixtures())
		}
		doc.body = openapi.Document(d, o)
		sum := sha256.Sum256(doc.body)
		doc.etag = `"` + hex.EncodeToString(sum[:12]) + `"`
		ds.made[name] = doc
	}
	return doc, true
}

// MarshalJSON returns the document as it is.
func (d Document) MarshalJSON() ([]byte, error) { return d.body, nil }

// serve answers with the document, or with 304 to who has it.
func (d Document) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", d.etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.body))
}

// DocumentName names a dialect's OpenAPI document.
type DocumentName struct {
	File string `json:"file" in:"path" need:"true" doc:"name of a dialect with .json behind it"`
}

// OpenAPI returns the OpenAPI document of a dialect.
func (a *API) OpenAPI(_ context.Context, in DocumentName) (Document, error) {
	name, ok := strings.CutSuffix(in.File, ".json")
	doc, known := a.documents.of(a.o.Set(), a.o.Fixtures, name, a.o.Version)
	if !ok || !known {
		return Document{}, notFound("ask for one of %s with .json behind it", strings.Join(a.dialectNames(), ", "))
	}
	return doc, nil
}
