package sandbox

import (
	"sync"
	"time"
)

// Dues remembers up to when it was told what fell due in a sandbox. Expiry
// needs no writing down, because a record past its time is seen so by whoever
// reads it; this only keeps one advance from telling what another has told.
type Dues struct {
	mu   sync.Mutex
	told time.Time
}

// NewDues starts at a time; what fell due before it is history.
func NewDues(at time.Time) *Dues { return &Dues{told: tick(at)} }

// Told returns the time.
func (d *Dues) Told() time.Time {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.told
}

// Tell sets the time, for a fork or a restored sandbox.
func (d *Dues) Tell(at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.told = tick(at)
}

// Advance moves a clock on. What falls due after from and up to now was not
// told yet: what the advance skips, and what real time had passed before.
func (d *Dues) Advance(c Clock, by time.Duration) (from, now time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	from, now = d.told, c.Advance(by)
	d.told = tick(now)
	return from, now
}

// Set changes a clock in any other way. Where it was set back, what falls due
// from there on is told again.
func (d *Dues) Set(c Clock, change func()) {
	d.mu.Lock()
	defer d.mu.Unlock()
	change()
	if now := tick(c.Now()); now.Before(d.told) {
		d.told = now
	}
}

// tick is a time as requests see it, to the millisecond.
func tick(at time.Time) time.Time { return at.Truncate(time.Millisecond) }
