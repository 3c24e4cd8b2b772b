package admin

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

type requestsAnswer struct {
	Requests []journal.Shown `json:"requests" doc:"newest first"`
	Total    int             `json:"total" doc:"how many match, shown or not"`
	Evicted  int64           `json:"evicted" doc:"how many the journal had to let go"`
}

func requests(c *call) (any, error) {
	q := c.r.URL.Query()
	f := journal.Filter{Dialect: q.Get("dialect"), Operation: q.Get("operation"), Method: q.Get("method"), Path: q.Get("path"),
		Body: q.Get("body"), Status: number(q, "status"), Since: int64(number(q, "since")), Unmatched: q.Get("unmatched") == "true"}
	if err := c.checkFilter(&f); err != nil {
		return nil, err
	}
	limit := number(q, "limit")
	if q.Has("limit") && limit < 1 {
		return nil, bad("limit must be a number of at least 1")
	}
	return c.list(f, limit)
}

// number reads a parameter that was checked to be one.
func number(q url.Values, name string) int {
	n, _ := strconv.Atoi(q.Get(name))
	return n
}

func unmatchedRequests(c *call) (any, error) { return c.list(journal.Filter{Unmatched: true}, 0) }

// checkFilter refuses names that nothing can match: a test that expects no
// such request would pass for ever.
func (c *call) checkFilter(f *journal.Filter) error {
	if f.Dialect != "" {
		if err := c.checkDialect(f.Dialect); err != nil {
			return err
		}
	}
	if f.Status < 0 || f.Status > 599 {
		return bad("status must be an HTTP status such as 409")
	}
	if f.Since < 0 {
		return bad("since must be the number of an entry")
	}
	if f.Operation == "" {
		return nil
	}
	var ops []string
	for _, d := range c.o.Set().Dialects {
		if f.Dialect == "" || f.Dialect == d.Name {
			ops = append(ops, operations(d)...)
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
func (c *call) list(f journal.Filter, limit int) (any, error) {
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	secrets := c.secrets(sb)
	hits, _, _ := f.Select(sb.State.Journal.Entries(), secrets)
	out := requestsAnswer{[]journal.Shown{}, len(hits), sb.State.Journal.Evicted()}
	for i := len(hits) - 1; i >= 0 && (limit == 0 || len(out.Requests) < limit); i-- {
		out.Requests = append(out.Requests, hits[i].Render(secrets))
	}
	return out, nil
}

// secrets is what no entry of a sandbox may show: its credentials, the tokens
// and secrets of its records, and keys of the forms that real ones have.
func (c *call) secrets(sb *sandbox.Sandbox) *journal.Secrets {
	var of journal.SecretsOf
	reader := sb.DB.Read()
	for _, row := range reader.Scan(record.Credentials.Kind, "", store.Page{}) {
		of.Texts = append(of.Texts, row.Record.ID())
	}
	for _, kind := range dialect.SecretKinds() {
		for _, row := range reader.Scan(kind, "", store.Page{}) {
			secrets := dialect.Secrets(row.Record)
			if kind == record.Links.Kind { // of which there may be many
				of.Words = append(of.Words, secrets...)
			} else {
				of.Texts = append(of.Texts, secrets...)
			}
		}
	}
	for _, d := range c.o.Set().Dialects {
		of.Names = append(of.Names, d.SecretNames()...)
		for _, form := range d.Auth.Keys {
			of.Likes = append(of.Likes, form.Like)
		}
	}
	return journal.NewSecrets(of)
}

func oneRequest(c *call) (any, error) {
	n, err := strconv.ParseInt(c.vars["n"], 10, 64)
	if err != nil {
		return nil, bad("%q is no number of an entry; the header X-Polylink-Request of an answer has it", cut(clean(c.vars["n"])))
	}
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	e := sb.State.Journal.Entry(n)
	if e == nil {
		return nil, notFound("there is no entry %d in sandbox %s; it was evicted, cleared, or belongs to another sandbox", n, sb.Name)
	}
	return e.Render(c.secrets(sb)), nil
}

func clearRequests(c *call) (any, error) {
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	return clearedAnswer{sb.State.Journal.Clear()}, nil
}

const countExample = `{"dialect":"…","operation":"link.update","status":200,"times":2}`

type count struct {
	journal.Filter
	Times   *int `json:"times,omitempty" doc:"exactly so many must match"`
	AtLeast *int `json:"atLeast,omitempty" doc:"so many or more must match"`
	AtMost  *int `json:"atMost,omitempty" doc:"so many or fewer must match"`
}

type countAnswer struct {
	Count int `json:"count"`
}

// check refuses numbers that cannot be met.
func (in *count) check() error {
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

// countRequests counts, and verifies the number when one is asked for.
func countRequests(c *call) (any, error) {
	var in count
	if err := c.read(&in, countExample); err != nil {
		return nil, err
	}
	if err := in.check(); err != nil {
		return nil, err
	}
	if err := c.checkFilter(&in.Filter); err != nil {
		return nil, err
	}
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	secrets := c.secrets(sb)
	hits, near, misses := in.Select(sb.State.Journal.Entries(), secrets)
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
		return countAnswer{n}, nil
	}
	p := problem{Status: http.StatusUnprocessableEntity, Title: "Verification failed", Detail: fmt.Sprintf("%d requests match, and %s should", n, want)}
	if near == nil {
		p.Detail += "; there is no other one that could have been meant"
		return nil, p
	}
	shown := near.Render(secrets)
	p.Closest = &closest{shown.N, shown.Request.Method, shown.Request.Path, shown.Response.Status, misses}
	p.Detail += fmt.Sprintf("; the closest other one is entry %d (%s %s, answered %d), whose %s", shown.N, shown.Request.Method,
		cut(shown.Request.Path), shown.Response.Status, strings.Join(misses, ", and whose "))
	return nil, p
}
