package faults

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
)

// MaxSteps is how many steps a scenario may have.
const MaxSteps = 100

// Ways in which a delivery goes wrong, as package webhook has them.
const (
	DeliverTwice   = "duplicate"
	DeliverReorder = "reorder"
	DeliverLate    = "late"
	DeliverDrop    = "drop"
	DeliverForged  = "bad_signature"
	DeliverStale   = "stale"
	DeliverCut     = "cut"
)

// Deliveries lists the ways in which a delivery goes wrong.
func Deliveries() []string {
	return []string{DeliverTwice, DeliverReorder, DeliverLate, DeliverDrop, DeliverForged, DeliverStale, DeliverCut}
}

// What a scenario can make of a payment, in canonical words.
const (
	PaySuccess   = "success"
	PayDeclined  = "declined"
	PayCancelled = "cancelled"
	PayExpired   = "expired"           // the link expires meanwhile, and nothing is paid
	PayTwice     = "paid_twice"        // the payment is made twice
	PayLate      = "paid_after_expiry" // the link expires first, and is paid all the same
)

// Outcomes lists what a scenario can make of a payment.
func Outcomes() []string {
	return []string{PaySuccess, PayDeclined, PayCancelled, PayExpired, PayTwice, PayLate}
}

// Scenario is a named sequence of what goes wrong. It does not change.
type Scenario struct {
	Name    string
	Title   string
	Shipped bool // it came with the program
	Steps   []Step
}

// Step is what goes wrong next, so many times.
type Step struct {
	Dialect    string   // "" is any
	Operations []string // names and patterns: link.create, link.*, *; nil where it is about events
	Events     []string // canonical, such as link.updated, and patterns
	Times      int64

	Happens  Fault  // to an answer; without an id
	Outcome  string // of a payment
	Delivery string // of an event; its delay is that of Happens
}

// operation tells whether a step is about an answer to an operation.
func (s *Step) operation(dialect, name string) bool {
	return s.Outcome == "" && s.of(dialect) && matches(s.Operations, name)
}

// delivery tells whether it is about the deliveries of an event.
func (s *Step) delivery(dialect, event string) bool {
	return s.Delivery != "" && s.of(dialect) && tells(s.Events, event)
}

// answer tells whether it holds back the answer of a change that is made.
func (s *Step) answer(dialect, event string) bool {
	return s.Delivery == "" && s.Outcome == "" && s.of(dialect) && tells(s.Events, event)
}

// payment tells whether it is about what comes of a payment.
func (s *Step) payment(dialect string) bool { return s.Outcome != "" && s.of(dialect) }

func (s *Step) of(dialect string) bool { return s.Dialect == "" || s.Dialect == dialect }

// Matches tells whether a pattern has a name: it is the name itself, all that
// begins as it does in front of a star, or a star alone.
func Matches(pattern, name string) bool {
	if begin, ok := strings.CutSuffix(pattern, "*"); ok {
		return strings.HasPrefix(name, begin)
	}
	return pattern == name
}

func matches(patterns []string, name string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool { return Matches(p, name) })
}

// tells is matches for events. A payment is told of as that of the session in
// which it was made where a dialect has sessions: link.completed means that one,
// too.
func tells(patterns []string, event string) bool {
	if matches(patterns, event) {
		return true
	}
	verb, ok := strings.CutPrefix(event, "session.")
	return ok && verb != "created" && matches(patterns, "link."+verb)
}

// Scenarios is what there is to choose from. It does not change; nil is empty.
type Scenarios struct{ list []*Scenario }

// NewScenarios makes it of lists; of two with one name the later one counts.
func NewScenarios(lists ...[]*Scenario) *Scenarios {
	out := &Scenarios{}
	for _, list := range lists {
		for _, s := range list {
			out.list = slices.DeleteFunc(out.list, func(other *Scenario) bool { return other.Name == s.Name })
			out.list = append(out.list, s)
		}
	}
	slices.SortFunc(out.list, func(a, b *Scenario) int { return cmp.Compare(a.Name, b.Name) })
	return out
}

// All returns the scenarios, by name.
func (s *Scenarios) All() []*Scenario {
	if s == nil {
		return nil
	}
	return slices.Clone(s.list)
}

// Find returns the scenario of a name, or nil.
func (s *Scenarios) Find(name string) *Scenario {
	for _, one := range s.All() {
		if one.Name == name {
			return one
		}
	}
	return nil
}

// Missing says that there is no scenario of a name, and which one may be meant.
func (s *Scenarios) Missing(name string) string {
	if len(name) > 60 {
		name = name[:60]
	}
	return "There is no scenario " + strconv.Quote(name) + yml.DidYouMean(name, s.Names())
}

// Names lists the names.
func (s *Scenarios) Names() []string {
	all := s.All()
	names := make([]string, len(all))
	for i, one := range all {
		names[i] = one.Name
	}
	return names
}
