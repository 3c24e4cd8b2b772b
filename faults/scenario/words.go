package scenario

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/record"
)

// words is what steps can name.
type words struct {
	set      *dialect.Set
	dialects []string
	events   []string
}

// A payment is an operation of the control API and of the hosted page, which no
// dialect has, and it is told of by these events.
var (
	paying = []string{"link.complete", "link.fail"}
	paid   = []string{"link.completed", "link.failed"}
)

func wordsOf(set *dialect.Set) *words {
	w := &words{set: set, events: grammar.Changes.Words}
	for _, d := range set.Dialects {
		w.dialects = append(w.dialects, d.Name)
	}
	return w
}

// of is the dialects that a step is about: all where it names none.
func (w *words) of(name string) []*dialect.Dialect {
	if d := w.set.Dialect(name); d != nil {
		return []*dialect.Dialect{d}
	}
	return w.set.Dialects
}

// canonical are the operations on links that scenarios are written with,
// whether or not a dialect that is served has them all.
var canonical = []string{"link.create", "link.get", "link.list", "link.update", "link.delete", "link.revoke"}

// served lists the operations that dialects answer.
func (w *words) served(dialect string) []string {
	var out []string
	if dialect == "" {
		out = slices.Clone(canonical)
	}
	for _, d := range w.of(dialect) {
		for _, op := range d.Operations {
			out = append(out, op.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// operations lists all that a step can be about.
func (w *words) operations(dialect string) []string {
	return append(w.served(dialect), paying...)
}

// codes lists the error classes that every dialect of a step has: those of one
// dialect's own need its name.
func (w *words) codes(name string) []string {
	var out []string
	for _, code := range record.Codes() {
		out = append(out, string(code))
	}
	slices.Sort(out)
	if d := w.set.Dialect(name); d != nil {
		out = append(out, d.ErrorCodes()...)
	}
	return out
}

// outcomes lists what a payment can come to: in canonical words and, where a
// step names its dialect, in that one's own.
func (w *words) outcomes(name string) []string {
	out := faults.Outcomes()
	if d := w.set.Dialect(name); d != nil {
		for _, o := range d.Failures() {
			if !slices.Contains(out, o.Code) {
				out = append(out, o.Code)
			}
		}
	}
	return out
}

// answered tells whether some dialect answers an operation of a step.
func (w *words) answered(s *faults.Step) bool {
	return meets(s.Operations, w.served(s.Dialect))
}

// pays tells whether a step is about payments.
func (w *words) pays(s *faults.Step) bool {
	return meets(s.Operations, paying) || meets(s.Events, paid)
}

func meets(patterns, names []string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		return slices.ContainsFunc(names, func(name string) bool { return faults.Matches(p, name) })
	})
}
