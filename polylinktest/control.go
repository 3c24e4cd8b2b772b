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
// refused fails the test with the reason. It is for the goroutine of the test.
type Control struct {
	t    testing.TB
	base string
	name string
	http *http.Client
}

// do sends one request and decodes the answer.
func (c *Control) do(method, path string, in, out any) {
	c.t.Helper()
	status, data := c.send(method, path, in)
	if status >= 300 {
		c.t.Fatalf("polylinktest: %s %s in sandbox %s: %s", method, path, c.name, reason(data))
	}
	if out != nil {
		if err := json.Unmarshal(data, out); err != nil {
			c.t.Fatalf("polylinktest: %s %s: %v", method, path, err)
		}
	}
}

// send sends one request and returns what was answered.
func (c *Control) send(method, path string, in any) (status int, data []byte) {
	c.t.Helper()
	var body io.Reader
	if in != nil {
		text, err := json.Marshal(in)
		if err != nil {
			c.t.Fatalf("polylinktest: %v", err)
		}
		body = bytes.NewReader(text)
	}
	req, err := http.NewRequest(method, c.base+"/__admin"+path, body)
	if err != nil {
		c.t.Fatalf("polylinktest: %v", err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		c.t.Fatalf("polylinktest: %v", err)
	}
	defer func() { _ = resp.Body.Close() }()
	if data, err = io.ReadAll(resp.Body); err != nil {
		c.t.Fatalf("polylinktest: %v", err)
	}
	return resp.StatusCode, data
}

// reason is the detail of a problem document.
func reason(data []byte) string {
	var p struct {
		Title  string `json:"title"`
		Detail string `json:"detail"`
	}
	if json.Unmarshal(data, &p) == nil && p.Detail != "" {
		return p.Title + ": " + p.Detail
	}
	return strings.TrimSpace(string(data))
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
	Rate   float64   `json:"rate,omitempty"` // how fast it runs, where it does: 60 makes a minute of an hour; 0 is real time
}

// Clock returns the sandbox's time.
func (c *Control) Clock() Clock {
	c.t.Helper()
	var out Clock
	c.do(http.MethodGet, "/clock", nil, &out)
	return out
}

// SetClock moves the clock to a time, to stand still there or to run on.
func (c *Control) SetClock(to Clock) {
	c.t.Helper()
	c.do(http.MethodPut, "/clock", to, nil)
}

// Freeze stops the clock at a time.
func (c *Control) Freeze(at time.Time) {
	c.t.Helper()
	c.SetClock(Clock{Now: at, Frozen: true})
}

// RealTime returns the clock to real time.
func (c *Control) RealTime() {
	c.t.Helper()
	c.do(http.MethodPut, "/clock", map[string]any{"now": nil}, nil)
}

// Effect is something that fell due when the clock was advanced.
type Effect struct {
	At      time.Time `json:"at"`
	Kind    string    `json:"kind"` // such as link.expired
	Dialect string    `json:"dialect"`
	ID      string    `json:"id"`
}

// Advance moves the clock on and returns what fell due, by time.
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
	ID        string `json:"id,omitempty"` // given by Inject
	Dialect   string `json:"dialect,omitempty"`
	Operation string `json:"operation,omitempty"`
	Times     int    `json:"times,omitempty"`    // once unless given
	Hits      int    `json:"hits,omitempty"`     // how often it has happened
	Status    int    `json:"status,omitempty"`   // answer with this status
	Code      string `json:"code,omitempty"`     // answer with this error
	Delay     string `json:"delay,omitempty"`    // such as 250ms
	Event     string `json:"event,omitempty"`    // of a delivery: what the dialect calls it, or the change, such as link.updated
	Delivery  string `json:"delivery,omitempty"` // duplicate, reorder, late, drop, bad_signature, stale or cut
	Abort     string `json:"abort,omitempty"`    // body or reset
	Lost      bool   `json:"lost,omitempty"`     // the operation happens, and its answer never arrives
	Stored    bool   `json:"stored,omitempty"`   // whether an idempotency key keeps the answer, so that a retry gets it again

	Body   map[string]any    `json:"body,omitempty"`   // only to requests whose body has these values, JSON or a form, by paths: "line_items.0.price"
	Header map[string]string `json:"header,omitempty"` // only to requests whose headers have these values
	After  int               `json:"after,omitempty"`  // how many calls that fit pass first
	Passed int               `json:"passed,omitempty"` // how many have
}

// Inject makes something go wrong from now on and returns the fault with its
// id.
func (c *Control) Inject(f Fault) Fault {
	c.t.Helper()
	f.ID, f.Hits, f.Passed = "", 0, 0
	var out Fault
	c.do(http.MethodPost, "/faults", f, &out)
	return out
}

// Faults returns the faults, oldest first, with how often each has happened.
func (c *Control) Faults() []Fault {
	c.t.Helper()
	var out struct {
		Faults []Fault `json:"faults"`
	}
	c.do(http.MethodGet, "/faults", nil, &out)
	return out.Faults
}

// ClearFaults lets nothing go wrong any more.
func (c *Control) ClearFaults() {
	c.t.Helper()
	c.do(http.MethodDelete, "/faults", nil, nil)
}

// query makes a query of pairs.
func (c *Control) query(pairs []string) string {
	c.t.Helper()
	if len(pairs)%2 != 0 {
		c.t.Fatalf("polylinktest: filters are pairs of a name and a value, and %q has no value", pairs[len(pairs)-1])
	}
	q := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		q.Set(pairs[i], pairs[i+1])
	}
	if len(q) == 0 {
		return ""
	}
	return "?" + q.Encode()
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
