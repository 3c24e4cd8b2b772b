package clock

import "time"

// Until returns how much real time passes until the clock shows t, which is
// nothing when it does already. It is false when the clock stands still before.
func (c *Clock) Until(t time.Time) (time.Duration, bool) {
	s := c.now.Load()
	left := t.Sub(c.show(s))
	switch {
	case left <= 0:
		return 0, true
	case s == nil:
		return left, true
	case s.Frozen:
		return 0, false
	}
	return time.Duration(float64(left) / s.rate()), true
}
