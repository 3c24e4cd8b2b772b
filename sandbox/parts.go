package sandbox

import (
	"context"
	"time"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/webhook"
)

// Parts are what a sandbox has besides its rows. Each stands behind a small
// interface, so that several processes can share it. A reset starts with fresh
// ones; a fork takes over the clock and what was counted against limits, and
// starts without journal, claims, faults and scenarios.
type Parts struct {
	Clock   Clock
	Limits  Limits
	Claims  Claims
	Journal Journal
	Faults  Faults
	Plays   Plays
}

// Clock is a sandbox's time; see internal/clock.
type Clock interface {
	Now() time.Time
	Real() bool
	Frozen() bool
	Set(t time.Time, frozen bool)
	Run(t time.Time, rate float64)
	Rate() float64
	Until(t time.Time) (wait time.Duration, ok bool)
	Unset()
	Advance(d time.Duration) time.Time
	AdvanceTo(t time.Time) (ok bool)
	State() clock.State
	Restore(s clock.State)
}

// Limits are the counters of its rate limits; see package ratelimit.
type Limits interface {
	Take(ctx context.Context, p *ratelimit.Policy, count int64, key string) ratelimit.Verdict
	Peek(ctx context.Context, p *ratelimit.Policy, count int64, key string) ratelimit.Verdict
	Refund(ctx context.Context, p *ratelimit.Policy, count int64, key string) ratelimit.Verdict
	Len() int
	Clear()
	Export() []ratelimit.Entry
	Import(entries []ratelimit.Entry)
	Entry(kind ratelimit.Kind, policy, key string) (ratelimit.Entry, bool)
	// Close forgets the counters of a sandbox that is gone.
	Close()
}

// Claims are the idempotency keys of the requests that are being answered, one
// request a key.
type Claims interface {
	// Begin claims a key, or returns the claim of the request that has it.
	Begin(key, fingerprint string) (c Claim, first bool)
}

// Claim is one request's hold on a key.
type Claim interface {
	// Fingerprint is that of the request which holds the key.
	Fingerprint() string
	// End gives the key back and wakes whoever waits. The holder calls it, once.
	End()
	// Wait waits for the holder to end, and tells whether it did. The wait is
	// real time: it is the other request that takes it, and no clock of a
	// sandbox moves it.
	Wait(ctx context.Context, most time.Duration) bool
}

// Journal is what the sandbox was asked and what it answered; see package
// journal.
type Journal interface {
	Number() int64
	Last() int64
	Continue(last int64)
	Add(e *journal.Entry)
	Entries() []*journal.Entry
	Entry(n int64) *journal.Entry
	Evicted() int64
	Clear() int
	// Oldest tells the age of the oldest entry among those of all sandboxes, 0
	// when there is none, and Shed lets go of it, see journal.Journal.
	Oldest() int64
	Shed() (freed, next int64)
	// Close forgets the entries of a sandbox that is gone, and keeps no more.
	Close()
}

// Faults are what the sandbox was told to do wrong; see package faults.
type Faults interface {
	Add(f faults.Fault) (faults.Fault, error)
	Take(c faults.Call) (faults.Fault, bool)
	TakeDelivery(dialect string, names ...string) (faults.Fault, bool)
	List() []faults.Fault
	Import(list []faults.Fault) error
	Delete(id string) bool
	Clear() int
}

// Plays are the scenarios that were started in it; see package faults.
type Plays interface {
	Start(s *faults.Scenario) faults.Play
	StartIdle(s *faults.Scenario)
	Stop(name string)
	List() []faults.Play
	Import(list []faults.Play, from *faults.Scenarios) error
	Take(dialect, operation string, start *faults.Scenario) (faults.Fault, bool)
	TakeAnswer(dialect, event string) (faults.Fault, bool)
	TakeOutcome(dialect string) (outcome string, ok bool)
	TakeDelivery(dialect, event string) (f faults.Fault, delivery string, ok bool)
}

// Post brings what happens in a sandbox to whoever is to hear of it; see
// package dispatch.
type Post interface {
	// Taken hears of every batch that was taken. It does not wait for anybody.
	Taken(b store.Batch)
	// Moved hears that the clock was set.
	Moved()
	// Outbox is the deliveries.
	Outbox() *webhook.Outbox
	// Resume goes on in a sandbox that was kept, once the process serves: with the
	// deliveries that its outbox has been given, and with events that nobody may
	// have been told of yet.
	Resume(events []*store.Row)
	// Close breaks off what is under way, for a sandbox that is gone.
	Close()
}

// parts makes the parts of a new sandbox, in the memory of this process, and
// what keeps them beyond it.
func (w *Sandboxes) parts() (Parts, *keeping) {
	c := clock.New(w.opts.Real)
	limits := ratelimit.New(c.Now, 0, w.opts.Memory, &w.counts.LimitKeys)
	entries := journal.New(w.opts.Journal, w.opts.Memory, &w.counts.Entries)
	p := Parts{
		Clock:   c,
		Limits:  limits,
		Claims:  NewClaims(),
		Journal: entries,
		Faults:  &faults.Set{},
		Plays:   &faults.Plays{},
	}
	if w.opts.Keeper == nil {
		return p, nil
	}
	k := &keeping{parts: p, told: told{open: map[*ticket]bool{}}}
	limits.OnGone(k.limit)
	if k.journal = w.opts.KeepJournal; k.journal {
		entries.OnGone(func(n int64) { k.mark(entryKey(n)) })
	}
	return k.watch(p), k
}

// inherit gives a fork what it takes over from its origin.
func (p *Parts) inherit(from *Parts) {
	p.Clock.Restore(from.Clock.State())
	p.Limits.Import(from.Limits.Export())
}
