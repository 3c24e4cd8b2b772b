package polylinktest

import (
	"encoding/json"
	"net/http"
	"strconv"
	"time"
)

// Request is an entry of the journal.
type Request struct {
	N         int64     `json:"n"`
	At        time.Time `json:"at"`
	Dialect   string    `json:"dialect"`
	Operation string    `json:"operation"`
	Request   struct {
		Method  string              `json:"method"`
		Path    string              `json:"path"`
		Query   string              `json:"query"`
		Headers map[string][]string `json:"headers"`
		Body    string              `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int                 `json:"status"`
		Headers map[string][]string `json:"headers"`
		Body    string              `json:"body"`
	} `json:"response"`
	Rule struct { // what decided: a line of a mapping file
		File string `json:"file"`
		Line int    `json:"line"`
		Code string `json:"code"`
	} `json:"rule"`
	Fault   string `json:"fault"`   // id of the fault that happened
	Aborted string `json:"aborted"` // how the answer was broken off
}

// Requests returns the journal, newest first. Filters are pairs of a name and
// a value, as in Requests("operation", "link.update").
func (c *Control) Requests(filters ...string) []Request {
	c.t.Helper()
	var out struct {
		Requests []Request `json:"requests"`
	}
	c.do(http.MethodGet, "/requests"+c.query(filters), nil, &out)
	return out.Requests
}

// Why returns the journal's entry of an answer: which rule decided, and on
// what.
func (c *Control) Why(answer *http.Response) Request {
	c.t.Helper()
	n, err := strconv.ParseInt(answer.Header.Get("X-Polylink-Request"), 10, 64)
	if err != nil {
		c.t.Fatalf("polylinktest: the answer has no X-Polylink-Request, so it is not polylink's")
	}
	var out Request
	c.do(http.MethodGet, "/requests/"+strconv.FormatInt(n, 10), nil, &out)
	return out
}

// ClearRequests forgets the journal.
func (c *Control) ClearRequests() {
	c.t.Helper()
	c.do(http.MethodDelete, "/requests", nil, nil)
}

// Filter selects requests; empty fields select all.
type Filter struct {
	Dialect   string `json:"dialect,omitempty"`
	Operation string `json:"operation,omitempty"`
	Method    string `json:"method,omitempty"`
	Path      string `json:"path,omitempty"` // with * for any characters
	Status    int    `json:"status,omitempty"`
	Body      string `json:"body,omitempty"` // contained in the request's body
	Unmatched bool   `json:"unmatched,omitempty"`
	Since     int64  `json:"since,omitempty"` // entries with a larger number

	StatusClass string            `json:"-"` // such as 4xx, where Status is not given
	BodyAt      map[string]string `json:"-"` // values in the body, JSON or a form: "line_items.0.price"
	Headers     map[string]string `json:"-"` // values of the request's headers
}

// members are what the control API takes for a filter.
func (f Filter) members() map[string]any {
	out := map[string]any{}
	text, _ := json.Marshal(f) // texts and numbers alone
	_ = json.Unmarshal(text, &out)
	if f.StatusClass != "" && f.Status == 0 {
		out["status"] = f.StatusClass
	}
	for path, value := range f.BodyAt {
		out["body."+path] = value
	}
	for name, value := range f.Headers {
		out["header."+name] = value
	}
	return out
}

// Count returns how many requests there were.
func (c *Control) Count(f Filter) int {
	c.t.Helper()
	var out struct {
		Count int `json:"count"`
	}
	c.do(http.MethodPost, "/requests/count", f.members(), &out)
	return out.Count
}

// Verify fails the test, which goes on, unless there were so many requests. The
// message says which other request came closest.
func (c *Control) Verify(times int, f Filter) {
	c.t.Helper()
	members := f.members()
	what, _ := json.Marshal(members)
	members["times"] = times
	status, data := c.send(http.MethodPost, "/requests/count", members)
	switch {
	case status == http.StatusUnprocessableEntity:
		c.t.Errorf("polylinktest: requests like %s in sandbox %s: %s", what, c.name, reason(data))
	case status >= 300:
		c.t.Fatalf("polylinktest: %s", reason(data))
	}
}

// Change is an entry of the audit trail.
type Change struct {
	At          time.Time       `json:"at"`
	Dialect     string          `json:"dialect"`
	Account     string          `json:"account"`
	Operation   string          `json:"operation"`
	Record      string          `json:"record"`
	Before      json.RawMessage `json:"before"`
	After       json.RawMessage `json:"after"`
	Significant bool            `json:"significant"`
}

// Audit returns who changed what, newest first, where a dialect keeps that.
func (c *Control) Audit() []Change {
	c.t.Helper()
	var out struct {
		Audit []Change `json:"audit"`
	}
	c.do(http.MethodGet, "/audit", nil, &out)
	return out.Audit
}
