// Package clock is the time that a sandbox lives in.
//
// Whoever needs the time is handed a Clock; nothing outside this package and
// cmd asks the machine. A Clock follows real time until it is set; then it
// stands still when it is frozen and runs on from there when it is not. All
// methods may be called at once from anywhere, and Now costs little more than
// the machine's own clock. Times are in UTC with full precision and without a
// monotonic reading, so that they compare with == and survive being written
// down. What falls due when a clock is moved is left to the owner of the
// sandbox. Start with Clock.Now, then Clock.Set.
package clock

import (
	"sync/atomic"
	"time"
)

// Clock tells the time of one sandbox. Make it with New or Fork; it must not
// be copied.
type Clock struct {
	real func() time.Time
	now  atomic.Pointer[state] // nil is real time
}

// state is how a set clock gets from real time to its own. It never changes.
type state struct {
	set    time.Time // what the clock showed
	at     time.Time // when, in real time
	frozen bool      // shows set for ever
}

// New returns a clock on real time as told by real; nil is the machine's
// clock.
func New(real func() time.Time) *Clock {
	if real == nil {
		real = time.Now
	}
	return &Clock{real: real}
}

// Now returns the time.
func (c *Clock) Now() time.Time { return c.show(c.now.Load()) }

// show tells the time by a state.
func (c *Clock) show(s *state) time.Time {
	switch {
	case s == nil:
		return utc(c.real())
	case s.frozen:
		return s.set
	default:
		return s.set.Add(c.real().Sub(s.at))
	}
}

// Set moves the clock to t. It stands still there when frozen, and runs on
// from there otherwise.
func (c *Clock) Set(t time.Time, frozen bool) {
	c.now.Store(&state{set: utc(t), at: c.real(), frozen: frozen})
}

// Unset returns the clock to real time.
func (c *Clock) Unset() { c.now.Store(nil) }

// Advance moves the clock by d and returns the time it then shows. A frozen
// clock stays frozen, and two advances at once both count.
func (c *Clock) Advance(d time.Duration) time.Time {
	for {
		old := c.now.Load()
		next := &state{at: c.real(), frozen: old != nil && old.frozen}
		switch {
		case old == nil:
			next.set = utc(next.at).Add(d)
		case old.frozen:
			next.set = old.set.Add(d)
		default:
			next.set = old.set.Add(next.at.Sub(old.at)).Add(d)
		}
		if c.now.CompareAndSwap(old, next) {
			return next.set
		}
	}
}

// Frozen tells whether the clock stands still.
func (c *Clock) Frozen() bool {
	s := c.now.Load()
	return s != nil && s.frozen
}

// Real tells whether the clock shows real time: it was never set, or unset.
func (c *Clock) Real() bool { return c.now.Load() == nil }

// Fork returns a second clock that shows the same time in the same way and
// goes its own way from here on.
func (c *Clock) Fork() *Clock {
	f := &Clock{real: c.real}
	f.now.Store(c.now.Load())
	return f
}

// utc drops the zone and the monotonic reading.
func utc(t time.Time) time.Time { return t.Round(0).UTC() }

// Real returns the machine's time with its monotonic reading, to measure how
// long something takes.
func Real() time.Time { return time.Now() }
