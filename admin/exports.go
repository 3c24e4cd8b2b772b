package admin

import (
	"context"
	"encoding/json"
	"io"
	"net/http"

	"github.com/polylink-dev/polylink/journal/export"
)

// RequestsHAR returns entries of the journal as an HTTP Archive.
func (a *API) RequestsHAR(ctx context.Context, in RequestFilter) (export.HAR, error) {
	list, err := a.Requests(ctx, in)
	if err != nil {
		return export.HAR{}, err
	}
	return export.Archive(list.Requests, a.o.Version), nil
}

// Curl is a request as a line for a shell.
type Curl string

func (c Curl) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, _ = io.WriteString(w, string(c)+"\n")
}

// MarshalJSON writes the line as a text.
func (c Curl) MarshalJSON() ([]byte, error) { return json.Marshal(string(c)) }

// RequestCurl returns an entry of the journal as a curl line that can be run
// again. What the journal hides is a variable of the shell: $KEY is the
// credential.
func (a *API) RequestCurl(ctx context.Context, in RequestID) (Curl, error) {
	e, err := a.Request(ctx, in)
	if err != nil {
		return "", err
	}
	return Curl(export.Curl(e, export.Client{Origin: originIn(ctx), Dialect: a.o.Set().Dialect(e.Dialect)})), nil
}
