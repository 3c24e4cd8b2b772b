package webhook

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/signing"
)

// Event is what happened, as the provider tells it. It never changes.
type Event struct {
	ID      string
	Dialect string
	Name    string // the dialect's own
	Record  string // id of the record it is about
	At      time.Time
	Body    []byte
}

// Endpoint is who hears an event, as it stands at the moment of an attempt.
type Endpoint struct {
	ID      string
	URL     string
	Secrets []string // the current one first
	Style   *signing.Style
}

// Status is how a delivery stands.
type Status string

// The states of deliveries.
const (
	Pending   Status = "pending"   // its first attempt is to come
	Retrying  Status = "retrying"  // another attempt is to come
	Delivered Status = "delivered" // an attempt arrived
	Failed    Status = "failed"    // given up
	Dropped   Status = "dropped"   // never sent, by a fault or because too much was waiting
)

// open tells whether more will happen by itself.
func (s Status) open() bool { return s == Pending || s == Retrying }

// Delivery is an event on its way to an endpoint, and its log. It has no
// secrets in it, so it can be shown and kept.
type Delivery struct {
	ID       string
	Seq      uint64 // rises with every delivery of an outbox
	Event    Event
	Endpoint string // its id
	URL      string // where the last attempt went, or the next will go
	Status   Status
	Fault    Fault
	Reason   string    // why it was given up or dropped, beyond what its last attempt says
	Due      time.Time // of the next attempt while it is open, on the sandbox's clock
	Tried    int       // attempts by the schedule that are behind it
	Attempts []Attempt // in order
}

// Attempt is one try.
type Attempt struct {
	At       time.Time // when it fell due, on the sandbox's clock
	Took     time.Duration
	Resent   bool // asked for, beside the schedule
	Request  Exchanged
	Response *Exchanged // nil without an answer
	Error    string
}

// Exchanged is what went one way.
type Exchanged struct {
	Status int // of a response
	Header http.Header
	Body   []byte
}

// clone is a copy that later attempts do not change. What attempts hold is
// never changed after they are made.
func (d *Delivery) clone() Delivery {
	out := *d
	out.Attempts = slices.Clone(d.Attempts)
	return out
}

// size is about how many bytes a log entry keeps, beside its event's body.
func (d *Delivery) size() int {
	n := 300 + len(d.Event.Body)
	for i := range d.Attempts {
		a := &d.Attempts[i]
		n += 300 + headerSize(a.Request.Header)
		if a.Response != nil {
			n += headerSize(a.Response.Header) + len(a.Response.Body)
		}
	}
	return n
}

func headerSize(h http.Header) int {
	n := 0
	for name, list := range h {
		n += len(name) + 48
		for _, v := range list {
			n += len(v)
		}
	}
	return n
}

// Fault is what goes wrong on purpose with a delivery.
type Fault string

// The faults of deliveries. Those of a single attempt happen to the first; a
// retry is as it should be.
const (
	Duplicate    Fault = "duplicate"     // it is sent twice
	Reorder      Fault = "reorder"       // it waits until the endpoint's next delivery has gone
	Late         Fault = "late"          // it waits on the sandbox's clock
	Drop         Fault = "drop"          // it is not sent, nor tried again
	BadSignature Fault = "bad_signature" // its first attempt is signed wrongly
	Stale        Fault = "stale"         // its first attempt is rightly signed, and old
	Cut          Fault = "cut"           // its first attempt has half of its body, rightly signed
)

// Faults lists them.
var Faults = []Fault{Duplicate, Reorder, Late, Drop, BadSignature, Stale, Cut}

// How long faults take.
const (
	DefaultLate = 10 * time.Minute        // when no delay is said
	MaxLate     = 72 * time.Hour          // most that can be said
	MaxReorder  = 24 * time.Hour          // a delivery waits no longer for the next
	StaleBy     = 15 * time.Minute        // how old a stale signature is
	maxAttempts = 2 * signing.MaxSchedule // attempts that the log keeps of one delivery
	secretShown = "<secret>"              // in place of one
	minSecret   = 4                       // shorter ones are no secrets, and blotting them out would eat the log
	maxReason   = keptValue               // bytes of an error
	maxSecret   = keptAnswer              // longer ones than this are not looked for across a cut
	maxLog      = 16 << 20                // bytes of finished deliveries that an outbox keeps
	maxBodies   = 256 << 20               // bytes of bodies that wait in an outbox
	MaxQueued   = 20_000                  // deliveries that wait for one endpoint
	DefaultKeep = 1000                    // finished deliveries that an outbox keeps
)

// record makes the log's entry of an attempt, without secrets.
func record(req signing.Request, res Result, secrets []string) Attempt {
	a := Attempt{Took: res.Took, Request: Exchanged{Header: req.Header.Clone(), Body: req.Body}}
	for _, name := range req.Secret {
		a.Request.Header.Set(name, secretShown)
	}
	if res.Status != signing.NoAnswer {
		a.Response = &Exchanged{Status: res.Status, Header: keepHeader(res.Header, secrets), Body: keepBody(res.Body, secrets)}
	}
	if res.Err != nil {
		a.Error = cut(blot(res.Err.Error(), secrets), maxReason)
	}
	return a
}

func keepHeader(h http.Header, secrets []string) http.Header {
	out := http.Header{}
	names := make([]string, 0, len(h))
	for name := range h {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names[:min(len(names), keptFields)] {
		for _, v := range h[name][:min(len(h[name]), 4)] {
			out.Add(cut(name, keptValue), cut(blot(v, secrets), keptValue))
		}
	}
	return out
}

// keepBody keeps the beginning. It blots secrets out before it cuts, so that
// none is left in part.
func keepBody(b []byte, secrets []string) []byte {
	text := blot(string(b[:min(len(b), keptAnswer+maxSecret)]), secrets)
	return []byte(cut(text, keptAnswer))
}

func blot(text string, secrets []string) string {
	for _, s := range secrets {
		if len(s) >= minSecret {
			text = strings.ReplaceAll(text, s, secretShown)
		}
	}
	return text
}

// cut keeps the first bytes of a text, whole characters.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	return strings.ToValidUTF8(s[:n], "")
}
