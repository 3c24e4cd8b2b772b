package visits

import (
	"context"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// turns are what a button comes to: what it says, or what a scenario makes of a
// payment. A payment that would be refused meets none.
func (v *visit) turns(kind ledger.Kind) []ledger.Turn {
	if (kind == ledger.Complete || kind == ledger.Fail) && v.status() == record.Active {
		if outcome, ok := v.sb.Plays.TakeOutcome(v.d.Name); ok {
			return v.l.Turns(v.row.Record, outcome)
		}
	}
	return []ledger.Turn{{Kind: kind}}
}

// outcome is that of a turn which nobody has chosen.
func (v *visit) outcome(kind ledger.Kind) string {
	switch kind {
	case ledger.Complete:
		return dialect.Succeeded
	case ledger.Fail:
		return v.d.Failures()[0].Code
	}
	return ""
}

// hold waits, in real time, with the answer to a change that has been told of,
// where a scenario says so.
func hold(ctx context.Context, sb *sandbox.Sandbox, dialect, event string) {
	f, ok := sb.Plays.TakeAnswer(dialect, event)
	if !ok {
		return
	}
	t := time.NewTimer(f.Delay)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}

// MaxSessions bounds the sessions of a sandbox; the oldest of the link's account
// go first.
const MaxSessions = 10_000

// batch is the batch of changes, which makes room for a new session.
func (v *visit) batch(changes []*ledger.Change) store.Batch {
	b := v.l.Batch(v.view, nil, changes...)
	if v.view.Count(record.Sessions.Kind) < MaxSessions {
		return b
	}
	for _, c := range changes {
		if c.Kind != ledger.Create || c.After.Schema != record.Sessions {
			continue
		}
		scope := c.Resource.Row(c.After).Scope
		for _, old := range v.view.Scan(record.Sessions.Kind, scope, store.Page{Ascending: true, Limit: 1}) {
			b.Del = append(b.Del, store.Expect{Table: old.Table, Key: old.Key})
			b.Early++
		}
	}
	return b
}
