package admin

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/record"
)

const faultExample = `{"dialect":"…","operation":"link.update","times":2,"status":503}, or with code, delay, abort or lost; only for some requests with body, header or after; {"dialect":"…","event":"…","delivery":"duplicate"}`

// FaultList is the faults of a sandbox.
type FaultList struct {
	Faults []faults.Shown `json:"faults" doc:"oldest first; of those that fit a request, the first one that is left happens"`
}

// Faults lists the faults, oldest first.
func (a *API) Faults(ctx context.Context, _ None) (FaultList, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return FaultList{}, err
	}
	out := FaultList{[]faults.Shown{}}
	for _, f := range sb.Faults.List() {
		out.Faults = append(out.Faults, f.Show())
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
	Delay     string          `json:"delay,omitempty" doc:"wait so long before anything else, such as 250ms; one minute at most, or 72h of a delivery that is late"`
	Abort     json.RawMessage `json:"abort,omitempty" schema:"abort" doc:"body: the operation happens and its answer ends in the middle; reset or true: nothing happens and the connection is reset"`
	Lost      bool            `json:"lost,omitempty" doc:"the operation happens, its answer is kept under the request's idempotency key, and the connection is closed without a byte"`
	Stored    bool            `json:"stored,omitempty" doc:"keep the answer under the request's idempotency key, so that a retry gets it again; a retry is served when left out"`
	Event     string          `json:"event,omitempty" doc:"with delivery: what the dialect calls it, or the change, such as link.updated; left out for any"`
	Delivery  string          `json:"delivery,omitempty" enum:"duplicate,reorder,late,drop,bad_signature,stale,cut" doc:"what goes wrong with a delivery: it is sent twice, waits for the next, waits for delay (10m when left out, 72h at most) on the sandbox's clock, is never sent, or its first attempt is wrongly signed, signed 15 minutes ago, or has half of its body"`

	Body   map[string]json.RawMessage `json:"body,omitempty" schema:"values" doc:"only to requests whose body, JSON or a form, has these values, as in {\"line_items.0.price\":\"price_1\"}"`
	Header map[string]string          `json:"header,omitempty" doc:"only to requests whose headers have these values, as in {\"Idempotency-Key\":\"k1\"}"`
	After  int64                      `json:"after,omitempty" doc:"how many calls that fit pass first; all of them count, also where another fault happens to one"`
}

// CreateFault injects a fault.
func (a *API) CreateFault(ctx context.Context, in NewFault) (faults.Shown, error) {
	s := faults.Shown{Dialect: in.Dialect, Operation: in.Operation, Times: 1, Code: in.Code, Delay: in.Delay, Lost: in.Lost, Stored: in.Stored, Event: in.Event, Delivery: in.Delivery,
		Body: in.Body, Header: in.Header, After: in.After}
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
	f, err := s.Fault()
	if err != nil {
		return s, bad("%v; send %s", err, faultExample)
	}
	if err := f.CheckNames(a.o.Set()); err != nil {
		return s, bad("%v", err)
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
	return f.Show(), nil
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
