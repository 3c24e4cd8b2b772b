package routes

import (
	"bytes"
	"io"
	"net/http"
	"net/url"
	"strconv"

	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// witness keeps an answer until the journal has it, as that of an operation is:
// whoever reads the number of an entry in an answer finds the entry.
type witness struct {
	w      http.ResponseWriter
	status int
	body   bytes.Buffer
	sent   bytes.Buffer // the beginning of what was asked
	size   int64        // of all of it
	from   io.ReadCloser
}

func (a *witness) Header() http.Header { return a.w.Header() }

func (a *witness) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
	}
}

func (a *witness) Write(b []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(b)
}

// Read reads the body of the request.
func (a *witness) Read(b []byte) (int, error) {
	n, err := a.from.Read(b)
	a.size += int64(n)
	a.sent.Write(b[:min(n, max(0, journal.MaxBody-a.sent.Len()))])
	return n, err
}

// Close ends the body of the request.
func (a *witness) Close() error { return a.from.Close() }

// witnessed lets next answer a request, and keeps both in the sandbox's journal,
// in the metrics and in the log. d is nil where no dialect of that name is
// served, and link what a path has in the place of a link's id.
func (s *Server) witnessed(w http.ResponseWriter, r *http.Request, at destination, sb *sandbox.Sandbox, d *router, operation, link string, next func(http.ResponseWriter, *http.Request)) {
	start := clock.Real()
	a := &witness{w: w, from: r.Body}
	n := sb.Journal.Number()
	w.Header().Set(requestHeader, strconv.FormatInt(n, 10))
	own := r.WithContext(r.Context())
	if r.Body != nil && r.Body != http.NoBody {
		own.Body = a
	}
	next(a, own)
	a.WriteHeader(http.StatusOK)
	e := &journal.Entry{
		N: n, At: sb.Clock.Now(), Sandbox: sb.Name, Operation: operation, Method: r.Method, Path: r.URL.Path, OwnPath: at.path,
		Query: r.URL.RawQuery, Address: address(r), Host: r.Host, TLS: r.TLS != nil, Header: r.Header, Body: a.sent.Bytes(), BodySize: max(a.size, r.ContentLength),
		Status: a.status, AnswerHeader: w.Header().Clone(), Answer: bytes.Clone(a.body.Bytes()[:min(a.body.Len(), journal.MaxBody)]), AnswerSize: int64(a.body.Len()),
		Rule: journal.Rule{Code: why(a.status)}, SecretHeaders: s.state.Load().secretHeaders, TraceID: traceID(r.Header),
	}
	var known []string
	if d != nil {
		e.Dialect, e.Source = d.dialect.Name, d.dialect.Source
		e.Rule.File, e.Rule.Line = d.file, d.dialect.Line
		if h := d.dialect.Hosted; h != nil && operation != journal.HookReceive {
			e.Rule.Line = h.Line
		}
		known, e.Secrets = whose(r, sb, d, link)
	}
	if operation == journal.PageAct {
		e.Secrets = append(e.Secrets, cards(a.sent.String())...)
	}
	e.Took = clock.Real().Sub(start)
	sb.Journal.Add(e)
	s.observe(r.Context(), e, known...)
	w.WriteHeader(a.status)
	_, _ = w.Write(a.body.Bytes())
}

// why says in a word how a page or a hook was answered.
func why(status int) string {
	switch status {
	case http.StatusNotFound:
		return string(record.CodeNotFound)
	case http.StatusConflict:
		return string(record.CodeState)
	case http.StatusUnauthorized:
		return string(record.CodeUnauthorized)
	case http.StatusForbidden:
		return string(record.CodeForbidden)
	case http.StatusTooManyRequests:
		return string(record.CodeRateLimited)
	}
	switch {
	case status >= http.StatusInternalServerError:
		return string(record.CodeInternal)
	case status >= http.StatusBadRequest:
		return string(record.CodeInvalid)
	}
	return "ok"
}

// whose is what the path of a page names: the id of a link, which may be shown,
// or else what stands for it, which may be a token; and what the link keeps
// secret.
func whose(r *http.Request, sb *sandbox.Sandbox, d *router, link string) (known, secrets []string) {
	if link == "" {
		return nil, nil
	}
	rows := sb.DB.Read(r.Context())
	key := store.RowKey(d.dialect.Name, link)
	if alias := rows.Get(record.Aliases.Kind, key); alias != nil {
		key = sharing.AliasOf(alias)
	}
	if row := rows.Get(record.Links.Kind, key); row != nil {
		return []string{link}, document.Secrets(row.Record)
	}
	if rows.Get(record.Sessions.Kind, key) != nil {
		return []string{link}, nil
	}
	for _, slot := range d.dialect.PageSlots() {
		if document.IsSecret(record.Links.Slots[slot].Name) {
			return nil, []string{link}
		}
	}
	return nil, nil
}

// cards are the numbers that a form has, as it was sent and as it was typed.
func cards(form string) (out []string) {
	values, err := url.ParseQuery(form)
	if err != nil {
		return nil
	}
	for _, number := range values["card"] {
		if number != "" {
			out = append(out, number, url.QueryEscape(number))
		}
	}
	return out
}
