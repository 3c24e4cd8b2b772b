package clock_test

import (
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/polylink-dev/polylink/internal/clock"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 678901234, time.UTC)

// fake is real time that a test moves by hand.
type fake struct{ at time.Time }

func (f *fake) now() time.Time { return f.at }

func TestClockFollowsItsState(t *testing.T) {
	t.Parallel()
	far := time.Date(2999, 12, 31, 0, 0, 0, 1, time.UTC)
	cases := map[string]struct {
		do         func(c *clock.Clock)
		want       time.Time // a minute of real time later
		frozen, on bool      // on is real time
	}{
		"untouched":         {func(*clock.Clock) {}, start.Add(time.Minute), false, true},
		"set frozen":        {func(c *clock.Clock) { c.Set(far, true) }, far, true, false},
		"set running":       {func(c *clock.Clock) { c.Set(far, false) }, far.Add(time.Minute), false, false},
		"advanced":          {func(c *clock.Clock) { c.Advance(time.Hour) }, start.Add(time.Hour + time.Minute), false, false},
		"advanced running":  {func(c *clock.Clock) { c.Set(far, false); c.Advance(time.Hour) }, far.Add(time.Hour + time.Minute), false, false},
		"advanced frozen":   {func(c *clock.Clock) { c.Set(far, true); c.Advance(time.Hour) }, far.Add(time.Hour), true, false},
		"back and unset":    {func(c *clock.Clock) { c.Set(far, true); c.Unset() }, start.Add(time.Minute), false, true},
		"thawed in place":   {func(c *clock.Clock) { c.Set(far, true); c.Set(c.Now(), false) }, far.Add(time.Minute), false, false},
		"moved backwards":   {func(c *clock.Clock) { c.Advance(-time.Hour) }, start.Add(time.Minute - time.Hour), false, false},
		"set in some zone":  {func(c *clock.Clock) { c.Set(far.In(time.FixedZone("x", 3600)), true) }, far, true, false},
		"run fast":          {func(c *clock.Clock) { c.Run(far, 60) }, far.Add(time.Hour), false, false},
		"run slowly":        {func(c *clock.Clock) { c.Run(far, 0.5) }, far.Add(30 * time.Second), false, false},
		"run not at all":    {func(c *clock.Clock) { c.Run(far, 0) }, far, true, false},
		"run and advanced":  {func(c *clock.Clock) { c.Run(far, 60); c.Advance(time.Hour) }, far.Add(2 * time.Hour), false, false},
		"run to the end":    {func(c *clock.Clock) { c.Run(time.Date(9999, 12, 31, 23, 0, 0, 0, time.UTC), clock.MaxRate) }, time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC), false, false},
		"set from the zero": {func(c *clock.Clock) { c.Set(time.Time{}, true) }, time.Time{}, true, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			real := &fake{at: start}
			c := clock.New(real.now)
			tc.do(c)
			real.at = real.at.Add(time.Minute)
			if got := c.Now(); got != tc.want {
				t.Errorf("Now = %v, want %v", got, tc.want)
			}
			if c.Frozen() != tc.frozen || c.Real() != tc.on {
				t.Errorf("Frozen, Real = %v, %v, want %v, %v", c.Frozen(), c.Real(), tc.frozen, tc.on)
			}
		})
	}
}

func TestRealTimeIsComparableUTC(t *testing.T) {
	t.Parallel()
	c := clock.New(nil)
	got := c.Now()
	if got != got.Round(0).UTC() {
		t.Errorf("%#v has a zone or a monotonic reading", got)
	}
	c.Advance(time.Hour)
	if got := c.Now(); got != got.Round(0).UTC() {
		t.Errorf("advanced: %#v has a zone or a monotonic reading", got)
	}
}

func TestAdvanceReturnsTheNewTime(t *testing.T) {
	t.Parallel()
	c := clock.New((&fake{at: start}).now)
	if got, want := c.Advance(time.Hour), c.Now(); got != want {
		t.Errorf("Advance = %v, Now = %v", got, want)
	}
}

func TestARestoredClockGoesItsOwnWay(t *testing.T) {
	t.Parallel()
	real := &fake{at: start}
	c := clock.New(real.now)
	c.Set(start.AddDate(1, 0, 0), true)
	f := clock.New(real.now)
	f.Restore(c.State())
	if f.Now() != c.Now() || !f.Frozen() {
		t.Fatalf("fork shows %v frozen %v, want %v frozen", f.Now(), f.Frozen(), c.Now())
	}
	f.Advance(time.Hour)
	c.Unset()
	if got, want := f.Now(), start.AddDate(1, 0, 0).Add(time.Hour); got != want {
		t.Errorf("fork shows %v, want %v", got, want)
	}
	if got := c.Now(); got != start {
		t.Errorf("origin shows %v, want %v", got, start)
	}
}

func TestConcurrentAdvancesAllCount(t *testing.T) {
	t.Parallel()
	c := clock.New(nil)
	c.Set(start, true)
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			for range 100 {
				c.Advance(time.Second)
				_ = c.Now()
			}
		})
	}
	wg.Wait()
	if got, want := c.Now(), start.Add(5000*time.Second); got != want {
		t.Errorf("Now = %v, want %v", got, want)
	}
}

func TestClockAgreesWithAPlainModel(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		real := &fake{at: start}
		c := clock.New(real.now)
		offset, stood, frozen := time.Duration(0), time.Time{}, false
		span := func(what string) time.Duration {
			return time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, what))
		}
		t.Repeat(map[string]func(*rapid.T){
			"pass":    func(*rapid.T) { real.at = real.at.Add(span("passed").Abs()) },
			"unset":   func(*rapid.T) { c.Unset(); offset, frozen = 0, false },
			"freeze":  func(*rapid.T) { stood, frozen = start.Add(span("to")), true; c.Set(stood, true) },
			"run":     func(*rapid.T) { offset, frozen = span("to"), false; c.Set(real.at.Add(offset), false) },
			"fork":    func(*rapid.T) { f := clock.New(real.now); f.Restore(c.State()); c = f },
			"advance": func(*rapid.T) { d := span("by"); c.Advance(d); offset += d; stood = stood.Add(d) },
			"": func(t *rapid.T) {
				want := real.at.Add(offset)
				if frozen {
					want = stood
				}
				if got := c.Now(); got != want || c.Frozen() != frozen {
					t.Fatalf("Now = %v frozen %v, want %v frozen %v", got, c.Frozen(), want, frozen)
				}
			},
		})
	})
}

func BenchmarkNow(b *testing.B) {
	c := clock.New(nil)
	c.Advance(time.Hour)
	for b.Loop() {
		_ = c.Now()
	}
}

func TestUntilIsRealTime(t *testing.T) {
	t.Parallel()
	real := &fake{at: start}
	c := clock.New(real.now)
	check := func(name string, at time.Time, want time.Duration, runs bool) {
		t.Helper()
		if got, ok := c.Until(at); got != want || ok != runs {
			t.Errorf("%s: %v, %v, want %v, %v", name, got, ok, want, runs)
		}
	}
	check("real", start.Add(time.Hour), time.Hour, true)
	check("past", start.Add(-time.Hour), 0, true)
	c.Set(start.Add(time.Hour), false)
	real.at = real.at.Add(time.Minute)
	check("set on", start.Add(2*time.Hour), 59*time.Minute, true)
	c.Set(start, true)
	check("frozen", start.Add(time.Hour), 0, false)
	c.Run(start, 60)
	check("fast", start.Add(time.Hour), time.Minute, true)
}

func TestAdvanceToNeverGoesBack(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	c := clock.New(func() time.Time { return now })
	later := now.Add(time.Hour)
	if !c.AdvanceTo(later) || !c.Now().Equal(later) || c.Frozen() {
		t.Errorf("advanced to %s, frozen %v", c.Now(), c.Frozen())
	}
	if now = now.Add(time.Minute); c.AdvanceTo(later) || !c.Now().Equal(later.Add(time.Minute)) {
		t.Errorf("went back to %s", c.Now())
	}
	c.Set(later, true)
	if !c.AdvanceTo(later) || !c.AdvanceTo(later.Add(1)) || c.AdvanceTo(later) || !c.Frozen() {
		t.Errorf("a frozen clock is at %s, frozen %v", c.Now(), c.Frozen())
	}
}

func TestRateIsTold(t *testing.T) {
	t.Parallel()
	c := clock.New(nil)
	check := func(want float64) {
		t.Helper()
		if got := c.Rate(); got != want {
			t.Errorf("the rate is %v, want %v", got, want)
		}
	}
	check(1)
	c.Run(start, 60)
	check(60)
	c.Advance(time.Hour)
	check(60)
	again := clock.New(nil)
	again.Restore(c.State())
	if again.Rate() != 60 {
		t.Errorf("restored, the rate is %v", again.Rate())
	}
	c.Run(start, 1e9)
	check(clock.MaxRate)
	c.Set(start, false)
	check(1)
	c.Set(start, true)
	check(0)
	c.Unset()
	check(1)
}
