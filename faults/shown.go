package faults

import (
	"encoding/json"
	"fmt"

	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

// Shown is a fault as the control API shows it, and as snapshots keep it.
type Shown struct {
	ID        string `json:"id"`
	Dialect   string `json:"dialect,omitempty" doc:"left out for any"`
	Operation string `json:"operation,omitempty" doc:"left out for any"`
	Times     int64  `json:"times" doc:"how often it happens"`
	Hits      int64  `json:"hits" doc:"how often it has happened"`
	Status    int    `json:"status,omitempty"`
	Code      string `json:"code,omitempty"`
	Delay     string `json:"delay,omitempty"`
	Abort     string `json:"abort,omitempty" enum:"body,reset"`
	Lost      bool   `json:"lost,omitempty"`
	Stored    bool   `json:"stored,omitempty"`
	Event     string `json:"event,omitempty" doc:"of a fault of deliveries; left out for any"`
	Delivery  string `json:"delivery,omitempty" enum:"duplicate,reorder,late,drop,bad_signature,stale,cut"`

	Body   map[string]json.RawMessage `json:"body,omitempty" schema:"values" doc:"values that the request's body has"`
	Header map[string]string          `json:"header,omitempty" doc:"values that the request's headers have"`
	After  int64                      `json:"after,omitempty" doc:"how many calls that fit pass first"`
	Passed int64                      `json:"passed,omitempty" doc:"how many have"`
}

// Show returns the fault as it is shown.
func (f Fault) Show() Shown {
	s := Shown{ID: f.ID, Dialect: f.Dialect, Operation: f.Operation, Times: f.Times, Hits: f.Hits, Status: f.Status, Code: f.Code, Abort: f.Abort, Lost: f.Lost, Stored: f.Stored, Event: f.Event, Delivery: f.Delivery,
		Body: f.Body, Header: f.Header, After: f.After, Passed: f.Passed}
	if f.Delay > 0 {
		s.Delay = f.Delay.String()
	}
	return s
}

// Fault reads what Show wrote. Whether such a fault makes sense is for Add and
// Import to say.
func (s Shown) Fault() (Fault, error) {
	f := Fault{ID: s.ID, Dialect: s.Dialect, Operation: s.Operation, Times: s.Times, Hits: s.Hits, Status: s.Status, Code: s.Code, Abort: s.Abort, Lost: s.Lost, Stored: s.Stored, Event: s.Event, Delivery: s.Delivery,
		Body: s.Body, Header: s.Header, After: s.After, Passed: s.Passed}
	if s.Delay == "" {
		return f, nil
	}
	var err error
	if f.Delay, err = durations.Parse(s.Delay); err != nil {
		return f, fmt.Errorf("delay must be a duration such as 250ms and is %q", jsontext.Shorten(s.Delay, 80))
	}
	return f, nil
}
