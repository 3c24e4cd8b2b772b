package scenario

import (
	"slices"
	"strconv"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/internal/yml"
)

// keys of a step.
var stepKeys = []string{"operation", "event", "dialect", "times", "status", "code", "delay", "abort", "lost", "outcome", "delivery"}

// steps reads the list of steps.
func (r *reader) steps(n *yml.Node, s *faults.Scenario) {
	switch {
	case n.Kind != yml.Sequence || len(n.Content) == 0:
		r.add(n, "steps is a list; write - operation: link.* below it, indented")
		return
	case len(n.Content) > faults.MaxSteps:
		r.add(n, "%d steps are more than the %d that a scenario may have; leave some out", len(n.Content), faults.MaxSteps)
		return
	}
	for _, item := range n.Content {
		if item.Kind != yml.Mapping {
			r.add(item, "a step is a mapping; write operation: link.* and what goes wrong, such as status: 503")
			continue
		}
		s.Steps = append(s.Steps, r.step(item))
	}
}

// step reads one step.
func (r *reader) step(n *yml.Node) faults.Step {
	before := len(r.found)
	s := faults.Step{Times: 1}
	if v := yml.Get(n, "dialect"); v != nil { // what else there is depends on it
		s.Dialect = r.oneOf(v, "dialect", r.words.dialects)
	}
	r.keys(n, "a step", func(key string, v *yml.Node) { r.member(&s, key, v) }, stepKeys...)
	if len(r.found) == before {
		r.whole(n, &s)
	}
	return s
}

// member reads one member of a step.
func (r *reader) member(s *faults.Step, key string, v *yml.Node) {
	f := &s.Happens
	switch key {
	case "operation":
		s.Operations = r.patterns(v, key, r.words.operations(s.Dialect))
	case "event":
		s.Events = r.patterns(v, key, r.words.events)
	case "times":
		s.Times = r.number(v, key, 1, faults.MaxTimes)
	case "status":
		f.Status = int(r.number(v, key, 200, 599))
	case "code":
		f.Code = r.oneOf(v, "error", r.words.codes(s.Dialect))
	case "abort":
		f.Abort = r.oneOf(v, "way to abort", []string{faults.AbortReset, faults.AbortBody})
	case "lost":
		if f.Lost = v.Value == "true"; v.Kind != yml.Scalar || !f.Lost {
			r.add(v, "lost is true; write that or remove the line")
		}
	case "outcome":
		s.Outcome = r.oneOf(v, key, r.words.outcomes(s.Dialect))
	case "delivery":
		s.Delivery = r.oneOf(v, key, faults.Deliveries())
	case "delay":
		d, err := durations.Parse(v.Value)
		if v.Kind != yml.Scalar || err != nil || d <= 0 {
			r.add(v, "%q is no delay; write one such as 250ms, 2s or 1h", v.Value)
		}
		f.Delay = d
	}
}

// whole judges a step whose members are in order.
func (r *reader) whole(n *yml.Node, s *faults.Step) {
	at := func(key string) *yml.Node {
		if v := yml.Get(n, key); v != nil {
			return v
		}
		return n
	}
	f := s.Happens
	answers := f.Answers() || f.Abort != "" || f.Lost
	switch {
	case s.Operations == nil && s.Events == nil:
		r.add(n, "a step is about operations or events; write operation: link.* or event: link.updated")
	case s.Operations != nil && s.Events != nil:
		r.add(at("event"), "a step is about operations or about events; make two steps of it")
	case !answers && f.Delay == 0 && s.Outcome == "" && s.Delivery == "":
		r.add(n, "nothing goes wrong; write status, code, delay, abort, lost, outcome or delivery")
	case s.Outcome != "" && (answers || f.Delay > 0 || s.Delivery != ""):
		r.add(at("outcome"), "an outcome is about a payment and the rest is about an answer or a delivery; make two steps of it")
	case s.Outcome != "" && !r.words.pays(s):
		r.add(at("outcome"), "an outcome is about payments; write operation: link.complete or event: link.completed")
	case s.Outcome != "":
	case s.Operations != nil && s.Delivery != "":
		r.add(at("delivery"), "a delivery is of an event; write event: link.updated in place of the operation")
	case s.Operations != nil && !r.words.answered(s):
		r.add(at("operation"), "no dialect answers it; write one of them, such as link.update, or outcome in place of the rest")
	case s.Events != nil && answers:
		r.add(n, "an event has no answer; write operation: link.update in place of the event, or delivery")
	case s.Delivery != "" && s.Delivery != faults.DeliverLate && f.Delay > 0:
		r.add(at("delay"), "only a late delivery has a delay; write delivery: late or leave the delay out")
	case s.Delivery != "" && f.Delay > faults.MaxLate:
		r.add(at("delay"), "a late delivery is at most %s late; write less", faults.MaxLate)
	case s.Delivery != "":
	default:
		f.Times = 1
		if err := f.Check(); err != nil {
			r.add(n, "%v", err)
		}
	}
}

// patterns reads a name or a pattern, or a list of such. Each has to match
// something.
func (r *reader) patterns(n *yml.Node, what string, known []string) []string {
	list := []*yml.Node{n}
	if n.Kind == yml.Sequence && len(n.Content) > 0 {
		list = n.Content
	}
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = v.Value
		if v.Kind != yml.Scalar || yml.IsNull(v) {
			r.add(v, "%s is a name such as %s, link.* or *, or a list of such", what, known[0])
		} else if !slices.ContainsFunc(known, func(name string) bool { return faults.Matches(v.Value, name) }) {
			r.add(v, "there is no %s %q%s", what, v.Value, yml.Instead(v.Value, known))
		}
	}
	return out
}

// oneOf reads one of some words.
func (r *reader) oneOf(n *yml.Node, what string, known []string) string {
	if n.Kind != yml.Scalar || !slices.Contains(known, n.Value) {
		r.add(n, "there is no %s %q%s", what, n.Value, yml.Instead(n.Value, known))
	}
	return n.Value
}

func (r *reader) number(n *yml.Node, key string, least, most int64) int64 {
	i, err := strconv.ParseInt(n.Value, 10, 64)
	if n.Kind != yml.Scalar || err != nil || i < least || i > most {
		r.add(n, "%s is a number from %d to %d", key, least, most)
	}
	return i
}
