package admin

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/record"
)

const faultExample = `{"dialect":"…","operation":"link.update","times":2,"status":503}, or with code, delay or abort`

// FaultInfo is a fault as it is shown, and kept in snapshots.
type FaultInfo struct {
	ID        string `json:"id"`
	Dialect   string `json:"dialect,omitempty" doc:"left out for any"`
	Operation string `json:"operation,omitempty" doc:"left out for any"`
	Times     int64  `json:"times" doc:"how often it happens"`
	Hits      int64  `json:"hits" doc:"how often it has happened"`
	Status    int    `json:"status,omitempty"`
	Code      string `json:"code,omitempty"`
	Delay     string `json:"delay,omitempty"`
	Abort     string `json:"abort,omitempty" enum:"body,reset"`
	Stored    bool   `json:"stored,omitempty"`
}

func showFault(f faults.Fault) FaultInfo {
	s := FaultInfo{ID: f.ID, Dialect: f.Dialect, Operation: f.Operation, Times: f.Times, Hits: f.Hits, Status: f.Status, Code: f.Code, Abort: f.Abort, Stored: f.Stored}
	if f.Delay > 0 {
		s.Delay = f.Delay.String()
	}
	return s
}

// fault reads what showFault wrote.
func (s FaultInfo) fault() (faults.Fault, error) {
	f := faults.Fault{ID: s.ID, Dialect: s.Dialect, Operation: s.Operation, Times: s.Times, Hits: s.Hits, Status: s.Status, Code: s.Code, Abort: s.Abort, Stored: s.Stored}
	if s.Delay == "" {
		return f, nil
	}
	var err error
	if f.Delay, err = durations.Parse(s.Delay); err != nil {
		return f, bad("delay must be a duration such as 250ms and is %q; send %s", cut(s.Delay), faultExample)
	}
	return f, nil
}

// FaultList is the faults of a sandbox.
type FaultList struct {
	Faults []FaultInfo `json:"faults" doc:"oldest first; of those that fit a request, the first one that is left happens"`
}

// Faults lists the faults, oldest first.
func (a *API) Faults(ctx context.Context, _ None) (FaultList, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return FaultList{}, err
	}
	out := FaultList{[]FaultInfo{}}
	for _, f := range sb.Faults.List() {
		out.Faults = append(out.Faults, showFault(f))
	}
	return out, nil
}

// NewFault is a fault to be injected.
type NewFault struct {
	Dialect   string          `json:"dialect,omitempty" doc:"left out for any"`
	Operation string          `json:"operation,omitempty" doc:"such as link.update; left out for any"`
	Times     *int64          `json:"times,omitempty" doc:"how often it happens, from 1 to 1000000; once when left out"`
	Status    *int            `json:"status,omitempty" doc:"answer with this status, from 200 to 599, in the dialect's envelope"`
	Code      string          `json:"code,omitempty" doc:"answer with this documented error; GET /__admin/dialects/{dialect} lists them"`
	Delay     string          `json:"delay,omitempty" doc:"wait so long before anything else, such as 250ms; one minute at most"`
	Abort     json.RawMessage `json:"abort,omitempty" schema:"abort" doc:"body: the operation happens and its answer ends in the middle; reset or true: nothing happens and the connection is reset"`
	Stored    bool            `json:"stored,omitempty" doc:"keep the answer under the request's idempotency key, so that a retry gets it again; a retry is served when left out"`
}

// CreateFault injects a fault.
func (a *API) CreateFault(ctx context.Context, in NewFault) (FaultInfo, error) {
	s := FaultInfo{Dialect: in.Dialect, Operation: in.Operation, Times: 1, Code: in.Code, Delay: in.Delay, Stored: in.Stored}
	if in.Times != nil {
		s.Times = *in.Times
	}
	if in.Status != nil {
		if s.Status = *in.Status; s.Status == 0 {
			return s, bad("status is an HTTP status from 200 to 599; send %s", faultExample)
		}
	}
	switch text := string(in.Abort); text {
	case "", "false", record.Null:
	case "true", `"reset"`:
		s.Abort = faults.AbortReset
	case `"body"`:
		s.Abort = faults.AbortBody
	default:
		return s, bad("abort is %q, %q or true; send %s", faults.AbortBody, faults.AbortReset, faultExample)
	}
	f, err := s.fault()
	if err != nil {
		return s, err
	}
	if err := a.checkFault(&f); err != nil {
		return s, err
	}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return s, err
	}
	f, err = sb.Faults.Add(f)
	if errors.Is(err, faults.ErrFull) {
		return s, conflict("%v", err)
	}
	if err != nil {
		return s, bad("%v; send %s", err, faultExample)
	}
	return showFault(f), nil
}

// checkFault refuses names that would never match.
func (a *API) checkFault(f *faults.Fault) error {
	var ops, codes, owners []string
	for _, code := range record.Codes() {
		codes = append(codes, string(code))
	}
	common := slices.Clone(codes)
	if f.Dialect != "" {
		if err := a.checkDialect(f.Dialect); err != nil {
			return err
		}
	}
	for _, d := range a.o.Set().Dialects {
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

// Cleared tells how many things went.
type Cleared struct {
	Cleared int `json:"cleared" doc:"how many there were"`
}

// ClearFaults deletes all faults.
func (a *API) ClearFaults(ctx context.Context, _ None) (Cleared, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return Cleared{}, err
	}
	return Cleared{sb.Faults.Clear()}, nil
}

// FaultID names a fault.
type FaultID struct {
	ID string `json:"id" in:"path" need:"true" doc:"of the fault"`
}

// DeleteFault deletes a fault.
func (a *API) DeleteFault(ctx context.Context, in FaultID) (None, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return None{}, err
	}
	if !sb.Faults.Delete(in.ID) {
		return None{}, notFound("there is no fault %q in sandbox %s; GET /__admin/faults lists them", cut(clean(in.ID)), sb.Name)
	}
	return None{}, nil
}
