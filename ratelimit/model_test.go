package ratelimit

import (
	"math/big"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// model is a limit written the obvious way: exact fractions, no clamps, no
// sharing. elapsed is never below zero, whatever the clock does.
type model struct {
	kind  Kind
	count int64
	every time.Duration

	seen  bool
	last  time.Time // the last request that counted
	since time.Duration
	used  int64
	room  *big.Rat // tokens of a bucket at last
}

// take returns whether a request passes and how many are left afterwards.
func (m *model) take(now time.Time) (ok bool, left int64) {
	elapsed := max(0, now.Sub(m.last))
	switch {
	case !m.seen:
		m.used, m.since, m.room, elapsed = 0, 0, big.NewRat(m.count, 1), 0
	case m.kind == Window:
		if m.since+elapsed >= m.every {
			m.used, m.since, elapsed = 0, 0, 0
		}
	case m.kind == Wall:
		if now.UnixNano()/int64(m.every) != m.last.UnixNano()/int64(m.every) {
			m.used = 0
		}
	}
	if now.Before(m.last) {
		m.last = now
	}
	if m.kind == Bucket {
		room := new(big.Rat).Mul(big.NewRat(m.count, int64(m.every)), big.NewRat(int64(elapsed), 1))
		room.Add(room, m.room)
		if full := big.NewRat(m.count, 1); room.Cmp(full) > 0 {
			room = full
		}
		one := big.NewRat(1, 1)
		if ok = room.Cmp(one) >= 0; ok {
			m.seen, m.last, m.room = true, now, room.Sub(room, one)
		}
		return ok, new(big.Int).Quo(room.Num(), room.Denom()).Int64()
	}
	if ok = m.used < m.count; ok {
		m.seen, m.last, m.used, m.since = true, now, m.used+1, m.since+elapsed
	}
	return ok, m.count - m.used
}

func TestLimitsAgreeWithTheModel(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Window, Wall, Bucket} {
		t.Run(kind.String(), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(t *rapid.T) { agree(t, kind) })
		})
	}
}

func agree(t *rapid.T, kind Kind) {
	count := rapid.Int64Range(1, 9).Draw(t, "count")
	every := rapid.SampledFrom([]time.Duration{time.Second, time.Minute, 7 * time.Second}).Draw(t, "every")
	p, err := NewPolicy("p", kind, count, every)
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{time.Unix(0, 0).UTC().Truncate(every).Add(1000 * every)}
	if kind == Wall && c.at.UnixNano()%int64(every) != 0 {
		every = time.Minute // the model counts periods from 1970, Truncate from year one
		p.Every, c.at = every, noon
	}
	l := New(c.now, 0, nil, nil)
	// Both keys are there before the clock moves: a new key sweeps expired ones
	// out, and a clock set back afterwards would find them full again.
	models := map[string]*model{}
	for _, key := range []string{"a", "b"} {
		models[key] = &model{kind: kind, count: count, every: every}
		models[key].take(c.at)
		l.Take(t.Context(), p, 0, key)
	}
	for range rapid.IntRange(1, 60).Draw(t, "steps") {
		step := rapid.OneOf(
			rapid.Just(time.Duration(0)),
			rapid.Just(every/time.Duration(count)),
			rapid.Just(every/time.Duration(count)+1),
			rapid.Custom(func(t *rapid.T) time.Duration {
				return time.Duration(rapid.Int64Range(-int64(every), 2*int64(every)).Draw(t, "ns"))
			}),
		).Draw(t, "move")
		c.move(step)
		key := rapid.SampledFrom([]string{"a", "b"}).Draw(t, "key")
		ok, left := models[key].take(c.at)
		v := l.Take(t.Context(), p, 0, key)
		if v.Allowed != ok || v.Remaining != left {
			t.Fatalf("at %s: got %+v, the model says %v with %d left", c.at, v, ok, left)
		}
		checkRetry(t, l, p, c, key, v)
	}
}

// checkRetry holds a verdict to its word: not a nanosecond before RetryAfter,
// and then one request.
func checkRetry(t *rapid.T, l *Limits, p *Policy, c *clock, key string, v Verdict) {
	if v.Allowed {
		if v.RetryAfter != 0 {
			t.Fatalf("allowed, and RetryAfter is %s", v.RetryAfter)
		}
		return
	}
	if v.RetryAfter <= 0 || v.RetryAfter > p.Every {
		t.Fatalf("refused, and RetryAfter is %s", v.RetryAfter)
	}
	c.move(v.RetryAfter - 1)
	early := l.Peek(t.Context(), p, 0, key)
	c.move(1)
	due := l.Peek(t.Context(), p, 0, key)
	c.move(-v.RetryAfter)
	if early.Allowed || !due.Allowed {
		t.Fatalf("RetryAfter %s: early %+v, due %+v", v.RetryAfter, early, due)
	}
}

// Whatever a snapshot or a plan says, nothing panics and nobody waits for
// longer than a period.
func TestNothingPanicsOnForeignStates(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		moment := rapid.Custom(func(t *rapid.T) time.Time {
			return time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "s"), rapid.Int64Range(0, 999_999_999).Draw(t, "ns"))
		})
		kind := rapid.SampledFrom([]Kind{Window, Wall, Bucket}).Draw(t, "kind")
		p, err := NewPolicy("p", kind, rapid.Int64Range(1, MaxCount).Draw(t, "count"),
			time.Duration(rapid.Int64Range(int64(time.Millisecond), int64(MaxEvery)).Draw(t, "every")))
		if err != nil {
			t.Fatal(err)
		}
		c := &clock{moment.Draw(t, "now")}
		l := New(c.now, 0, nil, nil)
		l.Import([]Entry{{kind, "p", "k", State{
			At: moment.Draw(t, "at"), Until: moment.Draw(t, "until"),
			Used: rapid.Int64().Draw(t, "used"), Part: rapid.Int64().Draw(t, "part"),
		}}})
		for range 5 {
			v := l.Take(t.Context(), p, rapid.Int64().Draw(t, "plan"), "k")
			if v.RetryAfter > p.Every+1 || v.Remaining < 0 || v.Remaining > v.Limit {
				t.Fatalf("%+v", v)
			}
			l.Refund(t.Context(), p, rapid.Int64().Draw(t, "plan"), "k")
			c.at = moment.Draw(t, "now")
		}
	})
}
