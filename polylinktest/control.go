package polylinktest

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
)

// Control moves a sandbox: its clock, its faults, its journal. A call that is
// refused fails the test with the reason.
type Control struct {
	t    testing.TB
	base string
	name string
}

// do sends one request and decodes the answer.
func (c *Control) do(method, path string, in, out any) {
	c.t.Helper()
	var body io.Reader
	if in != nil {
		data, err := json.Marshal(in)
		if err != nil {
			c.t.Fatalf("polylinktest: %v", err)
		}
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequest(method, c.base+"/__admin"+path, body)
	if err != nil {
		c.t.Fatalf("polylinktest: %v", err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		c.t.Fatalf("polylinktest: %v", err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		c.t.Fatalf("polylinktest: %v", err)
	}
	if resp.StatusCode >= 300 {
		c.t.Fatalf("polylinktest: %s %s in sandbox %s: %s", method, path, c.name, strings.TrimSpace(string(data)))
	}
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			c.t.Fatalf("polylinktest: %s %s: %v", method, path, err)
		}
	}
}

// Reset puts the sandbox back to its fixtures, with a fresh clock and journal.
func (c *Control) Reset() {
	c.t.Helper()
	c.do(http.MethodPost, "/reset", nil, nil)
}

// Clock is the time of a sandbox.
type Clock struct {
	Now    time.Time `json:"now"`
	Frozen bool      `json:"frozen"`
}

// Clock returns the sandbox's time.
func (c *Control) Clock() Clock {
	c.t.Helper()
	var out Clock
	c.do(http.MethodGet, "/clock", nil, &out)
	return out
}

// Freeze stops the clock at a time.
func (c *Control) Freeze(at time.Time) {
	c.t.Helper()
	c.do(http.MethodPut, "/clock", Clock{at, true}, nil)
}

// Effect is something that fell due when the clock was advanced.
type Effect struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"` // such as link.expired
	Dialect string    `json:"dialect"`
	ID      string    `json:"id"`
}

// Advance moves the clock on and returns what fell due, in order.
func (c *Control) Advance(by time.Duration) []Effect {
	c.t.Helper()
	var out struct {
		Effects []Effect `json:"effects"`
	}
	c.do(http.MethodPost, "/clock/advance", map[string]string{"by": by.String()}, &out)
	return out.Effects
}

// Fault is something that goes wrong, a number of times.
type Fault struct {
	Dialect   string `json:"dialect,omitempty"`
	Operation string `json:"operation,omitempty"`
	Times     int    `json:"times,omitempty"`  // once unless given
	Status    int    `json:"status,omitempty"` // answer with this status
	Code      string `json:"code,omitempty"`   // answer with this error
	Delay     string `json:"delay,omitempty"`  // such as 250ms
	Abort     string `json:"abort,omitempty"`  // body or reset
}

// Inject makes something go wrong from now on.
func (c *Control) Inject(f Fault) {
	c.t.Helper()
	c.do(http.MethodPost, "/faults", f, nil)
}

// Request is an entry of the journal.
type Request struct {
	N         int64  `json:"n"`
	Dialect   string `json:"dialect"`
	Operation string `json:"operation"`
	Request   struct {
		Method  string              `json:"method"`
		Path    string              `json:"path"`
		Headers map[string][]string `json:"headers"`
		Body    string              `json:"body"`
	} `json:"request"`
	Response struct {
		Status  int                 `json:"status"`
		Headers map[string][]string `json:"headers"`
		Body    string              `json:"body"`
	} `json:"response"`
	Rule struct {
		File string `json:"file"`
		Line int    `json:"line"`
		Code string `json:"code"`
	} `json:"rule"`
}

// Requests returns the journal, newest first. Filters are pairs of a name and
// a value, as in Requests("operation", "link.update").
func (c *Control) Requests(filters ...string) []Request {
	c.t.Helper()
	var out struct {
		Requests []Request `json:"requests"`
	}
	c.do(http.MethodGet, "/requests"+query(filters), nil, &out)
	return out.Requests
}

// Links returns the canonical links, newest first, each as its JSON document.
// Filters are pairs, as in Links("status", "active").
func (c *Control) Links(filters ...string) []json.RawMessage {
	c.t.Helper()
	var out struct {
		Links []json.RawMessage `json:"links"`
	}
	c.do(http.MethodGet, "/links"+query(filters), nil, &out)
	return out.Links
}

func query(pairs []string) string {
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
}

// Complete does what a person does who pays or finishes on a link's page.
func (c *Control) Complete(dialect, id string) {
	c.t.Helper()
	c.do(http.MethodPost, "/links/"+url.PathEscape(dialect)+"/"+url.PathEscape(id)+"/complete", nil, nil)
}

// Expire lets a link expire now.
func (c *Control) Expire(dialect, id string) {
	c.t.Helper()
	c.do(http.MethodPost, "/links/"+url.PathEscape(dialect)+"/"+url.PathEscape(id)+"/expire", nil, nil)
}

// Snapshot returns the sandbox as one document, to be restored later.
func (c *Control) Snapshot() json.RawMessage {
	c.t.Helper()
	var out json.RawMessage
	c.do(http.MethodGet, "/snapshot", nil, &out)
	return out
}

// Restore replaces the sandbox by a snapshot.
func (c *Control) Restore(snapshot json.RawMessage) {
	c.t.Helper()
	c.do(http.MethodPut, "/snapshot", snapshot, nil)
}
