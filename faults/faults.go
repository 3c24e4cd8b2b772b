// Package faults holds what a sandbox was told to do wrong.
//
// The control API adds faults; the edge asks Take for every exchange that has
// found its operation. A fault is bounded by a number of times and counts
// them; when several fit, the oldest one that is left happens. It may ask for
// values in the body or the headers, and let some calls pass first. It says what
// goes wrong and leaves the wording to the dialect. There is no randomness.
// A Scenario is a named sequence of faults: Plays holds where each one stands
// in a sandbox, and package faults/scenario reads them from files. Start with
// Fault, then Set.Take, then Plays.Take.
package faults

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Bounds of a fault.
const (
	MaxDelay  = time.Minute
	MaxFaults = 1000 // in one sandbox
	MaxTimes  = 1_000_000
	MaxLate   = 72 * time.Hour // of a delivery
)

// Ways to break an answer off.
const (
	AbortBody  = "body"  // the operation happens, and the answer ends in the middle of its body
	AbortReset = "reset" // nothing happens, and the connection is reset
)

// Fault is one thing that goes wrong.
type Fault struct {
	ID        string
	Dialect   string        // "" is any
	Operation string        // "" is any
	Times     int64         // how often it happens
	Status    int           // answer with this status, 0 for none of its own
	Code      string        // answer with this error class
	Delay     time.Duration // of real time, before anything else happens; of a late delivery, on the sandbox's clock
	Abort     string
	Event     string // a delivery of this event, by the dialect's name or the canonical one; "" is any
	Delivery  string // what goes wrong with a delivery, one of Deliveries; "" is a fault of an exchange
	Lost      bool   // the operation happens and its answer is kept, and the connection is closed without a byte
	Stored    bool   // the answer is kept under the request's idempotency key, as one of the provider's own would be
	Hits      int64  // how often it has happened

	Body   map[string]json.RawMessage // values in the request's body, JSON or a form, by their paths
	Header map[string]string          // values of the request's headers
	After  int64                      // so many calls that fit pass first
	Passed int64                      // how many have
}

// Answers tells whether the fault answers in the place of the operation.
func (f Fault) Answers() bool { return f.Status != 0 || f.Code != "" }

// Left is how often it will still happen.
func (f Fault) Left() int64 { return f.Times - f.Hits }

// ErrFull says that a sandbox has as many faults as it may.
var ErrFull = errors.New("there are " + strconv.Itoa(MaxFaults) + " faults already that have yet to happen; delete some")

// Set is the faults of one sandbox. It is safe for concurrent use.
type Set struct {
	mu   sync.Mutex
	next int64
	list []*Fault
}

// Add keeps a fault and gives it an id. Where the set is full, the oldest fault
// that has happened as often as it should makes room; ErrFull says that there
// is none. Any other error says what to write instead.
func (s *Set) Add(f Fault) (Fault, error) {
	if err := f.Check(); err != nil {
		return f, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.list) >= MaxFaults {
		spent := slices.IndexFunc(s.list, func(f *Fault) bool { return f.Left() <= 0 })
		if spent < 0 {
			return f, ErrFull
		}
		s.list = slices.Delete(s.list, spent, spent+1)
	}
	s.next++
	f.ID, f.Hits, f.Passed = prefix+strconv.FormatInt(s.next, 10), 0, 0
	s.list = append(s.list, &f)
	return f, nil
}

const prefix = "flt_"

// Check says what to write instead where a fault cannot happen.
func (f *Fault) Check() error {
	switch {
	case f.Times < 1 || f.Times > MaxTimes:
		return fmt.Errorf("times is a number from 1 to %d", MaxTimes)
	case f.After < 0 || f.After > MaxTimes:
		return fmt.Errorf("after is a number from 0 to %d", MaxTimes)
	case f.Delivery != "":
		return f.checkDelivery()
	case f.Event != "":
		return errors.New("event is about deliveries; say what goes wrong with delivery")
	case f.Status != 0 && (f.Status < 200 || f.Status > 599):
		return errors.New("status is an HTTP status from 200 to 599")
	case f.Delay < 0 || f.Delay > MaxDelay:
		return fmt.Errorf("delay is a duration of at most %s", MaxDelay)
	case f.Abort != "" && f.Abort != AbortBody && f.Abort != AbortReset:
		return fmt.Errorf("abort is %s or %s", AbortBody, AbortReset)
	case f.Abort == AbortReset && (f.Status != 0 || f.Code != ""):
		return errors.New("a connection that is reset has no answer; leave status and code out, or write abort: body")
	case f.Lost && (f.Answers() || f.Abort != ""):
		return errors.New("an answer that is lost is the operation's own; leave status, code and abort out")
	case f.Stored && f.Status == 0 && f.Code == "":
		return errors.New("stored keeps an injected answer; say which one with status or code")
	case f.Status == 0 && f.Code == "" && f.Delay == 0 && f.Abort == "" && !f.Lost:
		return errors.New("say what goes wrong with status, code, delay, abort or lost")
	}
	return f.checkMatch()
}

// checkDelivery is check for a fault of deliveries.
func (f *Fault) checkDelivery() error {
	switch {
	case !slices.Contains(Deliveries(), f.Delivery):
		return fmt.Errorf("delivery is one of %s", strings.Join(Deliveries(), ", "))
	case f.Operation != "" || f.Status != 0 || f.Code != "" || f.Abort != "" || f.Stored:
		return errors.New("a fault of deliveries has event and delay, and no operation, status, code, abort or stored")
	case len(f.Body)+len(f.Header) > 0:
		return errors.New("a delivery has no request of a client; leave body and header out")
	case f.Delay != 0 && f.Delivery != DeliverLate:
		return errors.New("delay belongs to delivery late")
	case f.Delay < 0 || f.Delay > MaxLate:
		return fmt.Errorf("delay is a duration of at most %s", MaxLate)
	}
	return nil
}

// TakeDelivery returns the fault that happens to a delivery, and counts it. The
// event has several names: the dialect's and the canonical one.
func (s *Set) TakeDelivery(dialect string, names ...string) (Fault, bool) {
	return s.take(func(f *Fault) bool {
		return f.Delivery != "" && (f.Dialect == "" || f.Dialect == dialect) && (f.Event == "" || slices.Contains(names, f.Event))
	})
}

// Take returns the fault that happens to an exchange, and counts it.
func (s *Set) Take(c Call) (Fault, bool) { return s.take(c.fits) }

// take returns the oldest fault that fits and is left. Those that let calls pass
// first count all that fit.
func (s *Set) take(fits func(f *Fault) bool) (taken Fault, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, f := range s.list {
		passes := f.Passed < f.After
		if f.Left() <= 0 || ok && !passes || !fits(f) {
			continue
		}
		if passes {
			f.Passed++
			continue
		}
		f.Hits++
		taken, ok = *f, true
	}
	return taken, ok
}

// List returns all faults, oldest first, spent ones too.
func (s *Set) List() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]Fault, len(s.list))
	for i, f := range s.list {
		out[i] = *f
	}
	return out
}

// Import replaces all faults by what List gave. Its errors say what is wrong
// with which fault, and then nothing has changed.
func (s *Set) Import(list []Fault) error {
	if len(list) > MaxFaults {
		return fmt.Errorf("%d faults are more than the %d that a sandbox may have", len(list), MaxFaults)
	}
	var next int64
	seen := map[string]bool{}
	kept := make([]*Fault, len(list))
	for i, f := range list {
		n, err := strconv.ParseInt(strings.TrimPrefix(f.ID, prefix), 10, 64)
		if err != nil || n < 1 || f.ID != prefix+strconv.FormatInt(n, 10) || seen[f.ID] {
			return fmt.Errorf("fault %d: %q is no id of its own; write %s and a number", i+1, f.ID, prefix)
		}
		if err := f.Check(); err != nil {
			return fmt.Errorf("fault %d: %w", i+1, err)
		}
		if f.Hits < 0 || f.Hits > f.Times {
			return fmt.Errorf("fault %d: hits is a number from 0 to times", i+1)
		}
		if f.Passed < 0 || f.Passed > f.After || f.Hits > 0 && f.Passed < f.After {
			return fmt.Errorf("fault %d: passed is a number from 0 to after, and after where there are hits", i+1)
		}
		seen[f.ID], kept[i], next = true, &f, max(next, n)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.list, s.next = kept, max(s.next, next)
	return nil
}

// Delete forgets a fault.
func (s *Set) Delete(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	at := slices.IndexFunc(s.list, func(f *Fault) bool { return f.ID == id })
	if at < 0 {
		return false
	}
	s.list = slices.Delete(s.list, at, at+1)
	return true
}

// Clear forgets all faults and returns how many there were.
func (s *Set) Clear() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.list)
	s.list = nil
	return n
}
