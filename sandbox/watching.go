package sandbox

import (
	"context"
	"time"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ratelimit"
)

// watch returns parts that mark what is changed through them.
func (k *keeping) watch(p Parts) Parts {
	p.Clock = watchedClock{p.Clock, k}
	p.Limits = watchedLimits{p.Limits, k}
	p.Journal = watchedJournal{p.Journal, k}
	p.Faults = watchedFaults{p.Faults, k}
	p.Plays = watchedPlays{p.Plays, k}
	return p
}

type watchedClock struct {
	Clock
	k *keeping
}

func (c watchedClock) Set(t time.Time, frozen bool) {
	c.Clock.Set(t, frozen)
	c.k.mark(partClock)
}

func (c watchedClock) Run(t time.Time, rate float64) {
	c.Clock.Run(t, rate)
	c.k.mark(partClock)
}

func (c watchedClock) Unset() {
	c.Clock.Unset()
	c.k.mark(partClock)
}

func (c watchedClock) Advance(d time.Duration) time.Time {
	defer c.k.mark(partClock)
	return c.Clock.Advance(d)
}

func (c watchedClock) AdvanceTo(t time.Time) (ok bool) {
	defer c.k.mark(partClock)
	return c.Clock.AdvanceTo(t)
}

func (c watchedClock) Restore(s clock.State) {
	c.Clock.Restore(s)
	c.k.mark(partClock)
}

type watchedLimits struct {
	Limits
	k *keeping
}

func (l watchedLimits) Take(ctx context.Context, p *ratelimit.Policy, count int64, key string) ratelimit.Verdict {
	v := l.Limits.Take(ctx, p, count, key)
	l.k.mark(limitKey(p.Kind, p.Name, key))
	return v
}

func (l watchedLimits) Refund(ctx context.Context, p *ratelimit.Policy, count int64, key string) ratelimit.Verdict {
	v := l.Limits.Refund(ctx, p, count, key)
	l.k.mark(limitKey(p.Kind, p.Name, key))
	return v
}

func (l watchedLimits) Clear() {
	gone := l.Limits.Export()
	l.Limits.Clear()
	for _, e := range gone {
		l.k.limit(e)
	}
}

func (l watchedLimits) Import(entries []ratelimit.Entry) {
	l.Limits.Import(entries)
	for _, e := range entries {
		l.k.limit(e)
	}
}

type watchedJournal struct {
	Journal
	k *keeping
}

func (j watchedJournal) Add(e *journal.Entry) {
	j.Journal.Add(e)
	j.k.mark(partUse)
	if j.k.journal {
		j.k.mark(entryKey(e.N))
	}
}

type watchedFaults struct {
	Faults
	k *keeping
}

func (f watchedFaults) Add(one faults.Fault) (faults.Fault, error) {
	defer f.k.mark(partFaults)
	return f.Faults.Add(one)
}

// taken marks faults where some may have counted a call, which those do that let
// calls pass first.
func (f watchedFaults) taken(ok bool) {
	if ok || len(f.Faults.List()) > 0 {
		f.k.mark(partFaults)
	}
}

func (f watchedFaults) Take(c faults.Call) (faults.Fault, bool) {
	one, ok := f.Faults.Take(c)
	f.taken(ok)
	return one, ok
}

func (f watchedFaults) TakeDelivery(dialect string, names ...string) (faults.Fault, bool) {
	one, ok := f.Faults.TakeDelivery(dialect, names...)
	f.taken(ok)
	return one, ok
}

func (f watchedFaults) Import(list []faults.Fault) error {
	defer f.k.mark(partFaults)
	return f.Faults.Import(list)
}

func (f watchedFaults) Delete(id string) bool {
	defer f.k.mark(partFaults)
	return f.Faults.Delete(id)
}

func (f watchedFaults) Clear() int {
	defer f.k.mark(partFaults)
	return f.Faults.Clear()
}

type watchedPlays struct {
	Plays
	k *keeping
}

func (p watchedPlays) Start(s *faults.Scenario) faults.Play {
	defer p.k.mark(partPlays)
	return p.Plays.Start(s)
}

func (p watchedPlays) StartIdle(s *faults.Scenario) {
	defer p.k.mark(partPlays)
	p.Plays.StartIdle(s)
}

func (p watchedPlays) Stop(name string) {
	defer p.k.mark(partPlays)
	p.Plays.Stop(name)
}

func (p watchedPlays) Import(list []faults.Play, from *faults.Scenarios) error {
	defer p.k.mark(partPlays)
	return p.Plays.Import(list, from)
}

func (p watchedPlays) Take(dialect, operation string, start *faults.Scenario) (faults.Fault, bool) {
	f, ok := p.Plays.Take(dialect, operation, start)
	if ok || start != nil {
		p.k.mark(partPlays)
	}
	return f, ok
}

func (p watchedPlays) TakeAnswer(dialect, event string) (faults.Fault, bool) {
	f, ok := p.Plays.TakeAnswer(dialect, event)
	if ok {
		p.k.mark(partPlays)
	}
	return f, ok
}

func (p watchedPlays) TakeOutcome(dialect string) (outcome string, ok bool) {
	outcome, ok = p.Plays.TakeOutcome(dialect)
	if ok {
		p.k.mark(partPlays)
	}
	return outcome, ok
}

func (p watchedPlays) TakeDelivery(dialect, event string) (f faults.Fault, delivery string, ok bool) {
	f, delivery, ok = p.Plays.TakeDelivery(dialect, event)
	if ok {
		p.k.mark(partPlays)
	}
	return f, delivery, ok
}
