package admin

import (
	"context"
	"errors"
	"net/http"
	"strconv"
	"time"

	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/webhook"
)

// DeliveryInfo is an event on its way to an endpoint, and what came of it.
type DeliveryInfo struct {
	ID       string         `json:"id"`
	Dialect  string         `json:"dialect"`
	Event    string         `json:"event" doc:"what the dialect calls it"`
	EventID  string         `json:"eventId"`
	Record   string         `json:"record" doc:"id of the record it is about"`
	Endpoint string         `json:"endpoint" doc:"id of the endpoint"`
	URL      string         `json:"url" doc:"without passwords and other secrets"`
	Status   DeliveryStatus `json:"status"`
	Fault    string         `json:"fault,omitempty" doc:"what went wrong on purpose"`
	Reason   string         `json:"reason,omitempty" doc:"why it was given up, beyond what its last attempt says"`
	Due      *time.Time     `json:"due,omitempty" doc:"of the next attempt, on the sandbox's clock"`
	Attempts []AttemptInfo  `json:"attempts" doc:"in order"`
}

// DeliveryStatus is how a delivery stands.
type DeliveryStatus string

// Words lists the states.
func (DeliveryStatus) Words() []string {
	return []string{string(webhook.Pending), string(webhook.Retrying), string(webhook.Delivered), string(webhook.Failed), string(webhook.Dropped)}
}

// AttemptInfo is one try.
type AttemptInfo struct {
	At         time.Time      `json:"at" doc:"when it fell due, on the sandbox's clock"`
	DurationMs float64        `json:"durationMs"`
	Resent     bool           `json:"resent,omitempty" doc:"it was asked for, beside the schedule"`
	Request    ExchangedInfo  `json:"request"`
	Response   *ExchangedInfo `json:"response,omitempty" doc:"left out without an answer"`
	Error      string         `json:"error,omitempty"`
}

// ExchangedInfo is what went one way.
type ExchangedInfo struct {
	Status  int                 `json:"status,omitempty" doc:"of a response"`
	Headers map[string][]string `json:"headers" schema:"headers"`
	Body    string              `json:"body" doc:"as it was sent; of a response its beginning"`
}

func (a *API) showDelivery(d *webhook.Delivery) DeliveryInfo {
	out := DeliveryInfo{ID: d.ID, Dialect: d.Event.Dialect, Event: d.Event.Name, EventID: d.Event.ID, Record: d.Event.Record, Endpoint: d.Endpoint,
		URL: a.looks().Address(d.URL), Status: DeliveryStatus(d.Status), Fault: string(d.Fault), Reason: d.Reason, Attempts: []AttemptInfo{}}
	if !d.Due.IsZero() {
		out.Due = &d.Due
	}
	for i := range d.Attempts {
		at := &d.Attempts[i]
		one := AttemptInfo{At: at.At, DurationMs: float64(at.Took.Microseconds()) / 1000, Resent: at.Resent, Error: at.Error, Request: exchanged(&at.Request)}
		if at.Response != nil {
			shown := exchanged(at.Response)
			one.Response = &shown
		}
		out.Attempts = append(out.Attempts, one)
	}
	return out
}

func exchanged(e *webhook.Exchanged) ExchangedInfo {
	headers := map[string][]string(e.Header)
	if headers == nil {
		headers = map[string][]string{}
	}
	return ExchangedInfo{Status: e.Status, Headers: headers, Body: string(e.Body)}
}

// DeliveryFilter selects deliveries; empty members select all.
type DeliveryFilter struct {
	Dialect  string         `json:"dialect,omitempty" in:"query"`
	Event    string         `json:"event,omitempty" in:"query" doc:"what the dialect calls it"`
	Endpoint string         `json:"endpoint,omitempty" in:"query" doc:"id of the endpoint"`
	Record   string         `json:"record,omitempty" in:"query" doc:"id of the record it is about"`
	Status   DeliveryStatus `json:"status,omitempty" in:"query" doc:"deliveries in this state"`
}

// DeliveryList is the deliveries of a sandbox.
type DeliveryList struct {
	Deliveries []DeliveryInfo `json:"deliveries" doc:"newest first"`
}

func (a *API) showDeliveries(list []webhook.Delivery) DeliveryList {
	out := DeliveryList{make([]DeliveryInfo, len(list))}
	for i := range list {
		out.Deliveries[i] = a.showDelivery(&list[i])
	}
	return out
}

// outbox is the deliveries of the sandbox that a context names.
func (a *API) outbox(ctx context.Context) (*sandbox.Sandbox, *webhook.Outbox, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return nil, nil, err
	}
	if sb.Post == nil {
		return nil, nil, notFound("nothing is delivered here")
	}
	return sb, sb.Post.Outbox(), nil
}

// Deliveries lists the log of deliveries, newest first.
func (a *API) Deliveries(ctx context.Context, in DeliveryFilter) (DeliveryList, error) {
	if in.Dialect != "" {
		if err := a.checkDialect(in.Dialect); err != nil {
			return DeliveryList{[]DeliveryInfo{}}, err
		}
	}
	_, box, err := a.outbox(ctx)
	if err != nil {
		return DeliveryList{[]DeliveryInfo{}}, err
	}
	return a.showDeliveries(box.List(webhook.Filter{Dialect: in.Dialect, Event: in.Event, Endpoint: in.Endpoint, Record: in.Record, Status: webhook.Status(in.Status)})), nil
}

// DeliveryID names a delivery.
type DeliveryID struct {
	ID string `json:"id" in:"path" need:"true" doc:"of the delivery"`
}

// ResendDelivery sends a delivery again, at once.
func (a *API) ResendDelivery(ctx context.Context, in DeliveryID) (DeliveryInfo, error) {
	sb, box, err := a.outbox(ctx)
	if err != nil {
		return DeliveryInfo{}, err
	}
	d, ok := box.Resend(in.ID)
	if !ok {
		return DeliveryInfo{}, notFound("there is no delivery %q in sandbox %s; GET /__admin/deliveries lists them", cut(clean(in.ID)), sb.Name)
	}
	return a.showDelivery(&d), nil
}

// AwaitedDeliveries says what to wait for.
type AwaitedDeliveries struct {
	Dialect string `json:"dialect,omitempty" doc:"left out for any"`
	Event   string `json:"event,omitempty" doc:"what the dialect calls it; left out for any"`
	N       *int   `json:"n,omitempty" doc:"how many that have arrived, from 1 to 1000; 1 when left out"`
	Timeout string `json:"timeout,omitempty" doc:"a duration of at most 50s; 10s when left out"`
}

const waitExample = `{"dialect":"…","event":"…","n":1,"timeout":"5s"}`

// Bounds of a wait, which has to end before the server's own timeout for an
// answer.
const (
	defaultWait = 10 * time.Second
	longestWait = 50 * time.Second
	mostAwaited = webhook.DefaultKeep
)

// AwaitDeliveries blocks until so many deliveries have arrived.
func (a *API) AwaitDeliveries(ctx context.Context, in AwaitedDeliveries) (DeliveryList, error) {
	none := DeliveryList{[]DeliveryInfo{}}
	n, most := 1, defaultWait
	if in.N != nil {
		n = *in.N
	}
	if n < 1 || n > mostAwaited {
		return none, bad("n must be a number from 1 to %d; send %s", mostAwaited, waitExample)
	}
	if in.Timeout != "" {
		var err error
		if most, err = durations.Parse(in.Timeout); err != nil || most < 0 || most > longestWait {
			return none, bad("timeout must be a duration of at most %s and is %q; send %s", longestWait, cut(in.Timeout), waitExample)
		}
	}
	if in.Dialect != "" {
		if err := a.checkDialect(in.Dialect); err != nil {
			return none, err
		}
		if d := a.o.Set().Dialect(in.Dialect); in.Event != "" && d.Event(in.Event) == nil {
			return none, unknown("event", in.Event, d.EventNames())
		}
	}
	_, box, err := a.outbox(ctx)
	if err != nil {
		return none, err
	}
	waiting, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	list, err := box.Wait(waiting, webhook.Filter{Dialect: in.Dialect, Event: in.Event}, n)
	switch {
	case err == nil:
		return a.showDeliveries(list), nil
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return none, refuse(http.StatusRequestTimeout, "Not delivered in time", waited(len(list), n, most))
	}
	return none, err
}

func waited(have, n int, most time.Duration) string {
	return "within " + most.String() + " " + count(have) + " arrived, and " + count(n) + " were to; GET /__admin/deliveries tells what became of the others"
}

func count(n int) string {
	if n == 1 {
		return "one delivery"
	}
	return strconv.Itoa(n) + " deliveries"
}
