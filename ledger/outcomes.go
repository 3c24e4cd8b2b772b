package ledger

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/record"
)

// Turn is one thing that a payment comes to.
type Turn struct {
	Kind    Kind
	Outcome string // the failure, in the dialect's words; "" is the first that it has
	Anyway  bool   // whatever state the link is in, and however often it was completed
}

// Turns are what a payment of a link comes to where a scenario says so, one
// after the other, each a batch of its own. Of links that do not expire, one
// that was to expire fails.
func (l *Ledger) Turns(link *record.Record, outcome string) []Turn {
	switch outcome {
	case faults.PayDeclined:
		return []Turn{{Kind: Fail}}
	case faults.PayCancelled:
		return []Turn{{Kind: Cancel}}
	case faults.PayExpired:
		if !l.expires(link) {
			return []Turn{{Kind: Fail}}
		}
		return []Turn{{Kind: Expire}}
	case faults.PayTwice:
		return []Turn{{Kind: Complete}, {Kind: Complete, Anyway: true}}
	case faults.PayLate:
		if !l.expires(link) {
			return []Turn{{Kind: Complete, Anyway: true}}
		}
		return []Turn{{Kind: Expire}, {Kind: Complete, Anyway: true}}
	}
	if d := l.Set.Dialect(link.Dialect); d != nil && slices.ContainsFunc(d.Failures(), func(o dialect.Outcome) bool { return o.Code == outcome }) {
		return []Turn{{Kind: Fail, Outcome: outcome}}
	}
	return []Turn{{Kind: Complete}}
}

// expires tells whether a link can expire as it is.
func (l *Ledger) expires(link *record.Record) bool {
	res := l.Home(link)
	e := &dialect.Env{}
	e.It = link
	return res != nil && lifecycle.End(res, e) != nil
}
