package admin

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/polylink-dev/polylink/dialect"
)

// documents are the dialects' OpenAPI documents. Each is made on its first
// request and kept for as long as its set of dialects is served.
type documents struct {
	mu   sync.Mutex
	set  *dialect.Set
	made map[string]document
}

type document struct {
	body []byte
	etag string
}

// of returns the document of a dialect; ok is false when there is no such
// dialect.
func (ds *documents) of(set *dialect.Set, name, version string) (doc document, ok bool) {
	d := set.Dialect(name)
	if d == nil {
		return document{}, false
	}
	ds.mu.Lock()
	defer ds.mu.Unlock()
	if ds.set != set {
		ds.set, ds.made = set, map[string]document{}
	}
	doc, ok = ds.made[name]
	if !ok {
		doc.body = d.OpenAPI(dialect.OpenAPIOptions{Version: version})
		sum := sha256.Sum256(doc.body)
		doc.etag = `"` + hex.EncodeToString(sum[:12]) + `"`
		ds.made[name] = doc
	}
	return doc, true
}

// dialectDocument answers with the OpenAPI document of a dialect, or with 304
// to who has it.
func dialectDocument(c *call) (any, error) {
	name, ok := strings.CutSuffix(c.vars["file"], ".json")
	doc, known := c.documents.of(c.o.Set(), name, c.o.Version)
	if !ok || !known {
		return nil, notFound("ask for one of %s with .json behind it", strings.Join(c.dialectNames(), ", "))
	}
	h := c.w.Header()
	h.Set("Content-Type", "application/json")
	h.Set("Cache-Control", "no-cache")
	h.Set("ETag", doc.etag)
	http.ServeContent(c.w, c.r, "", time.Time{}, bytes.NewReader(doc.body))
	return written{}, nil
}
