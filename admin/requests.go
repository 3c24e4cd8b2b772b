package admin

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/polylink-dev/polylink/dialect/secrets"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// RequestFilter selects entries of the journal to be shown.
type RequestFilter struct {
	journal.Filter `in:"query"`
	Limit          *int `json:"limit,omitempty" in:"query" doc:"at most so many, the newest"`
}

// RequestList is entries of the journal.
type RequestList struct {
	Requests []journal.Shown `json:"requests" doc:"newest first"`
	Total    int             `json:"total" doc:"how many match, shown or not"`
	Evicted  int64           `json:"evicted" doc:"how many the journal had to let go"`
}

// Requests lists entries of the journal, newest first.
func (a *API) Requests(ctx context.Context, in RequestFilter) (RequestList, error) {
	if err := a.checkFilter(&in.Filter); err != nil {
		return RequestList{}, err
	}
	limit := 0
	if in.Limit != nil {
		if limit = *in.Limit; limit < 1 {
			return RequestList{}, bad("limit must be a number of at least 1")
		}
	}
	return a.list(ctx, in.Filter, limit)
}

// UnmatchedRequests lists what no operation matched.
func (a *API) UnmatchedRequests(ctx context.Context, _ None) (RequestList, error) {
	return a.list(ctx, journal.Filter{Unmatched: true}, 0)
}

// checkFilter refuses names that nothing can match: a test that expects no
// such request would pass for ever.
func (a *API) checkFilter(f *journal.Filter) error {
	if f.Dialect != "" {
		if err := a.checkDialect(f.Dialect); err != nil {
			return err
		}
	}
	if !f.Status.Valid() {
		return bad("status must be an HTTP status such as 409 or a class such as 4xx and is %q", cut(clean(string(f.Status))))
	}
	if f.Since < 0 {
		return bad("since must be the number of an entry")
	}
	if f.Operation == "" {
		return nil
	}
	ops := journal.Besides()
	for _, d := range a.o.Set().Dialects {
		if f.Dialect == "" || f.Dialect == d.Name {
			ops = append(ops, d.OperationNames()...)
		}
	}
	for _, op := range ops {
		if strings.EqualFold(op, f.Operation) {
			return nil
		}
	}
	return unknown("operation", f.Operation, ops)
}

// list shows entries, newest first.
func (a *API) list(ctx context.Context, f journal.Filter, limit int) (RequestList, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return RequestList{}, err
	}
	secrets := a.secrets(ctx, sb)
	hits, _, _ := f.Select(sb.Journal.Entries(), secrets)
	out := RequestList{[]journal.Shown{}, len(hits), sb.Journal.Evicted()}
	for i := len(hits) - 1; i >= 0 && (limit == 0 || len(out.Requests) < limit); i-- {
		out.Requests = append(out.Requests, hits[i].Render(secrets))
	}
	return out, nil
}

// secrets is what no entry of a sandbox may show: its credentials, the tokens
// and secrets of its records, and keys of the forms that real ones have.
func (a *API) secrets(ctx context.Context, sb *sandbox.Sandbox) *journal.Secrets {
	of := journal.SecretsOf{Level: a.o.Redact}
	if of.Level == journal.Off {
		return journal.NewSecrets(of)
	}
	reader := sb.DB.Read(ctx)
	for _, row := range reader.Scan(record.Credentials.Kind, "", store.Page{}) {
		of.Texts = append(of.Texts, row.Record.ID())
	}
	for _, kind := range document.SecretKinds() {
		for _, row := range reader.Scan(kind, "", store.Page{}) {
			secrets := document.Secrets(row.Record)
			if kind == record.Links.Kind { // of which there may be many
				of.Words = append(of.Words, secrets...)
			} else {
				of.Texts = append(of.Texts, secrets...)
			}
		}
	}
	for _, d := range a.o.Set().Dialects {
		of.Names, of.Headers = append(of.Names, secrets.Names(d)...), append(of.Headers, secrets.Headers(d)...)
		of.Likes, of.IDs = append(of.Likes, secrets.Keys(d)...), append(of.IDs, secrets.IDs(d)...)
	}
	return journal.NewSecrets(of)
}

// looks is what records may not show, whatever level the journal has: texts
// with the look of keys and passwords. A snapshot holds them whole.
func (a *API) looks() *journal.Secrets {
	var of journal.SecretsOf
	for _, d := range a.o.Set().Dialects {
		of.Likes, of.IDs = append(of.Likes, secrets.Keys(d)...), append(of.IDs, secrets.IDs(d)...)
	}
	return journal.NewSecrets(of)
}

// RequestID names an entry of the journal.
type RequestID struct {
	N int64 `json:"n" in:"path" need:"true" doc:"number of the entry, which the header X-Polylink-Request of an answer has"`
}

// Request returns one entry of the journal.
func (a *API) Request(ctx context.Context, in RequestID) (journal.Shown, error) {
	e, secrets, err := a.entry(ctx, in.N)
	if err != nil {
		return journal.Shown{}, err
	}
	return e.Render(secrets), nil
}

// ClearRequests clears the journal.
func (a *API) ClearRequests(ctx context.Context, _ None) (Cleared, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return Cleared{}, err
	}
	var n int
	a.o.Sandboxes.GiveBack(func() { n = sb.Journal.Clear() })
	return Cleared{n}, nil
}

const countExample = `{"dialect":"…","operation":"link.update","status":200,"times":2}, or with body.a.0.b or header.NAME`

// Count selects entries of the journal and says how many there should be.
type Count struct {
	journal.Filter
	Times   *int `json:"times,omitempty" doc:"exactly so many must match"`
	AtLeast *int `json:"atLeast,omitempty" doc:"so many or more must match"`
	AtMost  *int `json:"atMost,omitempty" doc:"so many or fewer must match"`
}

// Counted is how many entries a filter selects.
type Counted struct {
	Count int `json:"count"`
}

// check refuses numbers that cannot be met.
func (in *Count) check() error {
	for name, n := range map[string]*int{"times": in.Times, "atLeast": in.AtLeast, "atMost": in.AtMost} {
		if n != nil && *n < 0 {
			return bad("%s must be a number of at least 0; send %s", name, countExample)
		}
	}
	if in.Times != nil && (in.AtLeast != nil || in.AtMost != nil) {
		return bad("times says exactly how many; leave atLeast and atMost out, or times")
	}
	if in.AtLeast != nil && in.AtMost != nil && *in.AtLeast > *in.AtMost {
		return bad("atLeast is more than atMost, which no number meets")
	}
	return nil
}

// CountRequests counts, and verifies the number when one is asked for.
func (a *API) CountRequests(ctx context.Context, in Count) (Counted, error) {
	none := Counted{}
	if err := in.check(); err != nil {
		return none, err
	}
	if err := a.checkFilter(&in.Filter); err != nil {
		return none, err
	}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return none, err
	}
	secrets := a.secrets(ctx, sb)
	hits, near, misses := in.Select(sb.Journal.Entries(), secrets)
	n := len(hits)
	want := ""
	switch {
	case in.Times != nil && n != *in.Times:
		want = fmt.Sprintf("exactly %d", *in.Times)
	case in.AtLeast != nil && n < *in.AtLeast:
		want = fmt.Sprintf("at least %d", *in.AtLeast)
	case in.AtMost != nil && n > *in.AtMost:
		want = fmt.Sprintf("at most %d", *in.AtMost)
	}
	if want == "" {
		return Counted{n}, nil
	}
	const failed = "Verification failed"
	detail := fmt.Sprintf("%d requests match, and %s should", n, want)
	if near == nil {
		return none, refuse(http.StatusUnprocessableEntity, failed, detail+"; there is no other one that could have been meant")
	}
	shown := near.Render(secrets)
	p := refuse(http.StatusUnprocessableEntity, failed, detail+fmt.Sprintf("; the closest other one is entry %d (%s %s, answered %d), whose %s", shown.N, shown.Request.Method,
		cut(shown.Request.Path), shown.Response.Status, strings.Join(misses, ", and whose ")))
	p.Closest = &Closest{shown.N, shown.Request.Method, shown.Request.Path, shown.Response.Status, misses}
	return none, p
}
