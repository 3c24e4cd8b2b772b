package clock

import "time"

// Until returns how much real time passes until the clock shows t, which is
// nothing when it has been. It is false when the clock stands still.
func (c *Clock) Until(t time.Time) (time.Duration, bool) {
	s := c.now.Load()
	if s != nil && s.Frozen {
		return 0, false
	}
	return max(t.Sub(c.show(s)), 0), true
}
