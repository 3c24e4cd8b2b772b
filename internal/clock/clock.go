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

// Clock tells the time of one sandbox. Make it with New; it must not
// be copied.
type Clock struct {
	real func() time.Time
	now  atomic.Pointer[State] // nil is real time
}

// State is how a clock gets from real time to its own. The zero one is real
// time itself.
type State struct {
	Set    time.Time // what the clock showed
	At     time.Time // when, in real time
	Frozen bool      // shows Set for ever
	Rate   float64   // how fast it runs, where it runs; 0 is as fast as real time
}

// MaxRate is the fastest that a clock runs: a year in half a minute.
const MaxRate = 1_000_000

// end is the last time that a clock shows: years have four digits.
var end = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

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
func (c *Clock) show(s *State) time.Time {
	switch {
	case s == nil:
		return utc(c.real())
	case s.Frozen:
		return s.Set
	default:
		return s.after(c.real().Sub(s.At))
	}
}

// rate is how fast a clock runs that does.
func (s *State) rate() float64 {
	if s.Rate == 0 {
		return 1
	}
	return s.Rate
}

// after is what a clock shows that has run for so long.
func (s *State) after(real time.Duration) time.Time {
	if s.rate() == 1 {
		return s.Set.Add(real)
	}
	if run := float64(real) * s.rate(); run < float64(end.Sub(s.Set)) {
		return s.Set.Add(time.Duration(run))
	}
	return end
}

// Set moves the clock to t. It stands still there when frozen, and runs on
// from there otherwise.
func (c *Clock) Set(t time.Time, frozen bool) {
	c.now.Store(&State{Set: utc(t), At: c.real(), Frozen: frozen})
}

// Run moves the clock to t and lets it run on from there at a rate: at 60 a
// minute of real time is an hour. A rate of 0 freezes it.
func (c *Clock) Run(t time.Time, rate float64) {
	c.now.Store(&State{Set: utc(t), At: c.real(), Frozen: rate <= 0, Rate: min(max(rate, 0), MaxRate)})
}

// Rate tells how fast the clock runs: 1 is real time, 0 stands still.
func (c *Clock) Rate() float64 {
	switch s := c.now.Load(); {
	case s == nil:
		return 1
	case s.Frozen:
		return 0
	default:
		return s.rate()
	}
}

// Unset returns the clock to real time.
func (c *Clock) Unset() { c.now.Store(nil) }

// Advance moves the clock by d and returns the time it then shows. A frozen
// clock stays frozen, and two advances at once both count.
func (c *Clock) Advance(d time.Duration) time.Time {
	for {
		old := c.now.Load()
		next := old.moved(c.real())
		switch {
		case old == nil:
			next.Set = utc(next.At).Add(d)
		case old.Frozen:
			next.Set = old.Set.Add(d)
		default:
			next.Set = old.after(next.At.Sub(old.At)).Add(d)
		}
		if c.now.CompareAndSwap(old, next) {
			return next.Set
		}
	}
}

// AdvanceTo moves the clock to t, unless it is past it: then it stays as it is
// and ok is false. A frozen clock stays frozen.
func (c *Clock) AdvanceTo(t time.Time) (ok bool) {
	for {
		old := c.now.Load()
		next := old.moved(c.real())
		next.Set = utc(t)
		if c.show(old).After(next.Set) {
			return false
		}
		if c.now.CompareAndSwap(old, next) {
			return true
		}
	}
}

// moved is a state that runs as this one does, from a moment of real time.
func (s *State) moved(at time.Time) *State {
	if s == nil {
		return &State{At: at}
	}
	return &State{At: at, Frozen: s.Frozen, Rate: s.Rate}
}

// Frozen tells whether the clock stands still.
func (c *Clock) Frozen() bool {
	s := c.now.Load()
	return s != nil && s.Frozen
}

// Real tells whether the clock shows real time: it was never set, or unset.
func (c *Clock) Real() bool { return c.now.Load() == nil }

// State returns how the clock shows time, for Restore. It can be written down.
func (c *Clock) State() State {
	s := c.now.Load()
	if s == nil {
		return State{}
	}
	return *s
}

// Restore makes the clock show the same time in the same way as the one that
// a State is of, where both follow the same real time.
func (c *Clock) Restore(s State) {
	if s == (State{}) {
		c.now.Store(nil)
		return
	}
	c.now.Store(&s)
}

// utc drops the zone and the monotonic reading.
func utc(t time.Time) time.Time { return t.Round(0).UTC() }

// Real returns the machine's time with its monotonic reading, to measure how
// long something takes.
func Real() time.Time { return time.Now() }

// InRange tells whether a clock may be set to a time: from 1970 to 9000, so
// that every time around it can still be written down.
func InRange(t time.Time) bool { return t.UTC().Year() >= 1970 && t.UTC().Year() <= 9000 }
