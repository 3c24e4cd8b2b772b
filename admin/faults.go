package admin

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/record"
)

const faultExample = `{"dialect":"…","operation":"link.update","times":2,"status":503}, or with code, delay or abort`

// shownFault is a fault as it is shown, and kept in snapshots.
type shownFault struct {
	ID        string `json:"id"`
	Dialect   string `json:"dialect,omitempty" doc:"left out for any"`
	Operation string `json:"operation,omitempty" doc:"left out for any"`
	Times     int64  `json:"times" doc:"how often it happens"`
	Hits      int64  `json:"hits" doc:"how often it has happened"`
	Status    int    `json:"status,omitempty"`
	Code      string `json:"code,omitempty"`
	Delay     string `json:"delay,omitempty"`
	Abort     string `json:"abort,omitempty" enum:"body,reset"`
}

func showFault(f faults.Fault) shownFault {
	s := shownFault{ID: f.ID, Dialect: f.Dialect, Operation: f.Operation, Times: f.Times, Hits: f.Hits, Status: f.Status, Code: f.Code, Abort: f.Abort}
	if f.Delay > 0 {
		s.Delay = f.Delay.String()
	}
	return s
}

// fault reads what showFault wrote.
func (s shownFault) fault() (faults.Fault, error) {
	f := faults.Fault{ID: s.ID, Dialect: s.Dialect, Operation: s.Operation, Times: s.Times, Hits: s.Hits, Status: s.Status, Code: s.Code, Abort: s.Abort}
	if s.Delay == "" {
		return f, nil
	}
	var err error
	if f.Delay, err = time.ParseDuration(s.Delay); err != nil {
		return f, bad("delay must be a duration such as 250ms and is %q; send %s", cut(s.Delay), faultExample)
	}
	return f, nil
}

type faultsAnswer struct {
	Faults []shownFault `json:"faults" doc:"oldest first; of those that fit a request, the first one that is left happens"`
}

func listFaults(c *call) (any, error) {
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	out := faultsAnswer{[]shownFault{}}
	for _, f := range sb.State.Faults.List() {
		out.Faults = append(out.Faults, showFault(f))
	}
	return out, nil
}

type newFault struct {
	Dialect   string          `json:"dialect,omitempty" doc:"left out for any"`
	Operation string          `json:"operation,omitempty" doc:"such as link.update; left out for any"`
	Times     *int64          `json:"times,omitempty" doc:"how often it happens, from 1 to 1000000; once when left out"`
	Status    *int            `json:"status,omitempty" doc:"answer with this status, from 200 to 599, in the dialect's envelope"`
	Code      string          `json:"code,omitempty" doc:"answer with this documented error; GET /__admin/dialects/{dialect} lists them"`
	Delay     string          `json:"delay,omitempty" doc:"wait so long before anything else, such as 250ms; one minute at most"`
	Abort     json.RawMessage `json:"abort,omitempty" schema:"abort" doc:"body: the operation happens and its answer ends in the middle; reset or true: nothing happens and the connection is reset"`
}

func addFault(c *call) (any, error) {
	var in newFault
	if err := c.read(&in, faultExample); err != nil {
		return nil, err
	}
	s := shownFault{Dialect: in.Dialect, Operation: in.Operation, Times: 1, Code: in.Code, Delay: in.Delay}
	if in.Times != nil {
		s.Times = *in.Times
	}
	if in.Status != nil {
		if s.Status = *in.Status; s.Status == 0 {
			return nil, bad("status is an HTTP status from 200 to 599; send %s", faultExample)
		}
	}
	switch text := string(in.Abort); text {
	case "", "false", record.Null:
	case "true", `"reset"`:
		s.Abort = faults.AbortReset
	case `"body"`:
		s.Abort = faults.AbortBody
	default:
		return nil, bad("abort is %q, %q or true; send %s", faults.AbortBody, faults.AbortReset, faultExample)
	}
	f, err := s.fault()
	if err != nil {
		return nil, err
	}
	if err := c.checkFault(&f); err != nil {
		return nil, err
	}
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	f, err = sb.State.Faults.Add(f)
	if errors.Is(err, faults.ErrFull) {
		return nil, conflict("%v", err)
	}
	if err != nil {
		return nil, bad("%v; send %s", err, faultExample)
	}
	return showFault(f), nil
}

// checkFault refuses names that would never match.
func (c *call) checkFault(f *faults.Fault) error {
	var ops, codes, owners []string
	for _, code := range record.Codes() {
		codes = append(codes, string(code))
	}
	common := slices.Clone(codes)
	if f.Dialect != "" {
		if err := c.checkDialect(f.Dialect); err != nil {
			return err
		}
	}
	for _, d := range c.o.Set().Dialects {
		if f.Dialect != "" && d.Name != f.Dialect {
			continue
		}
		ops, codes = append(ops, operations(d)...), append(codes, d.ErrorCodes()...)
		if slices.Contains(d.ErrorCodes(), f.Code) {
			owners = append(owners, d.Name)
		}
	}
	switch {
	case f.Operation != "" && !slices.Contains(ops, f.Operation):
		return unknown("operation", f.Operation, ops)
	case f.Code != "" && !slices.Contains(codes, f.Code):
		return unknown("error", f.Code, codes)
	case f.Code != "" && f.Dialect == "" && !slices.Contains(common, f.Code):
		return bad("the error %s belongs to %s and the others do not have it; send the dialect, too", f.Code, strings.Join(owners, " and "))
	}
	return nil
}

func operations(d *dialect.Dialect) []string {
	var out []string
	for _, op := range d.Operations {
		out = append(out, op.Name)
	}
	return out
}

type clearedAnswer struct {
	Cleared int `json:"cleared" doc:"how many there were"`
}

func clearFaults(c *call) (any, error) {
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	return clearedAnswer{sb.State.Faults.Clear()}, nil
}

func deleteFault(c *call) (any, error) {
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	if !sb.State.Faults.Delete(c.vars["id"]) {
		return nil, notFound("there is no fault %q in sandbox %s; GET /__admin/faults lists them", cut(clean(c.vars["id"])), sb.Name)
	}
	return nil, nil
}
