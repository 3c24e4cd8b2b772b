package ratelimit

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/ulule/limiter/v3"
)

var noon = time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC)

// clock is a sandbox's clock in the tests' hands.
type clock struct{ at time.Time }

func (c *clock) now() time.Time { return c.at }

func (c *clock) move(d time.Duration) { c.at = c.at.Add(d) }

func policy(t testing.TB, kind Kind, count int64, every time.Duration) *Policy {
	t.Helper()
	p, err := NewPolicy("links", kind, count, every)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// drain takes n requests and fails if one is refused.
func drain(t *testing.T, l *Limits, p *Policy, n int) {
	t.Helper()
	for i := range n {
		if v := l.Take(t.Context(), p, 0, "k"); !v.Allowed {
			t.Fatalf("request %d of %d was refused: %+v", i+1, n, v)
		}
	}
}

func TestBucketStartsFullAndGainsOneASecond(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	l, p := New(c.now, 0, nil, nil), policy(t, Bucket, 60, time.Minute)
	drain(t, l, p, 60)
	want := Verdict{Limit: 60, Reset: noon.Add(time.Minute), RetryAfter: time.Second}
	for range 100 { // hammering does not push the end away
		if diff := cmp.Diff(want, l.Take(t.Context(), p, 0, "k")); diff != "" {
			t.Fatalf("61st (-want +got)\n%s", diff)
		}
	}
	c.move(time.Second)
	drain(t, l, p, 1)
	if v := l.Take(t.Context(), p, 0, "k"); v.Allowed || v.RetryAfter != time.Second {
		t.Fatalf("a second request after one second: %+v", v)
	}
	c.move(500 * time.Millisecond)
	if v := l.Take(t.Context(), p, 0, "k"); v.Allowed || v.RetryAfter != 500*time.Millisecond {
		t.Fatalf("half a second later: %+v", v)
	}
	c.move(time.Hour)
	drain(t, l, p, 60)
}

func TestWallStartsAfreshOnTheMinute(t *testing.T) {
	t.Parallel()
	c := &clock{noon.Add(59 * time.Second)}
	l, p := New(c.now, 0, nil, nil), policy(t, Wall, 100, time.Minute)
	drain(t, l, p, 100)
	want := Verdict{Limit: 100, Reset: noon.Add(time.Minute), RetryAfter: time.Second}
	if diff := cmp.Diff(want, l.Take(t.Context(), p, 0, "k")); diff != "" {
		t.Fatalf("101st (-want +got)\n%s", diff)
	}
	c.move(time.Second)
	drain(t, l, p, 100)
}

func TestWindowOpensWithTheFirstRequest(t *testing.T) {
	t.Parallel()
	c := &clock{noon.Add(59 * time.Second)}
	l, p := New(c.now, 0, nil, nil), policy(t, Window, 2, time.Minute)
	drain(t, l, p, 2)
	c.move(30 * time.Second)
	want := Verdict{Limit: 2, Reset: noon.Add(119 * time.Second), RetryAfter: 30 * time.Second}
	if diff := cmp.Diff(want, l.Take(t.Context(), p, 0, "k")); diff != "" {
		t.Fatalf("third (-want +got)\n%s", diff)
	}
	c.move(30 * time.Second)
	drain(t, l, p, 2)
}

func TestPeekSaysWhatTakeWould(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Window, Wall, Bucket} {
		c := &clock{noon.Add(time.Second)}
		l, p := New(c.now, 0, nil, nil), policy(t, kind, 2, time.Minute)
		for i := range 4 {
			peek := l.Peek(t.Context(), p, 0, "k")
			take := l.Take(t.Context(), p, 0, "k")
			if peek.Allowed != take.Allowed || peek.RetryAfter != take.RetryAfter {
				t.Errorf("%s, request %d: peek %+v, take %+v", kind, i, peek, take)
			}
			if want := max(0, 2-int64(i)); peek.Remaining != want {
				t.Errorf("%s, request %d: %d remaining before, want %d", kind, i, peek.Remaining, want)
			}
		}
		if l.Refund(t.Context(), p, 0, "k").Remaining != 1 || !l.Take(t.Context(), p, 0, "k").Allowed {
			t.Errorf("%s: a refund gave nothing back", kind)
		}
	}
}

func TestPoliciesAndKeysShareNoCounter(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	l := New(c.now, 0, nil, nil)
	a, b := policy(t, Window, 1, time.Minute), policy(t, Window, 1, time.Minute)
	b.Name = "lists"
	for _, use := range []struct {
		p   *Policy
		key string
	}{{a, "x"}, {b, "x"}, {a, "y"}, {b, "y"}} {
		if !l.Take(t.Context(), use.p, 0, use.key).Allowed {
			t.Errorf("%s %s was refused", use.p.Name, use.key)
		}
		if l.Take(t.Context(), use.p, 0, use.key).Allowed {
			t.Errorf("%s %s was allowed twice", use.p.Name, use.key)
		}
	}
}

func TestAPlanReplacesTheCount(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Window, Wall, Bucket} {
		c := &clock{noon}
		l, p := New(c.now, 0, nil, nil), policy(t, kind, 1, time.Minute)
		for range 3 {
			if v := l.Take(t.Context(), p, 3, "k"); !v.Allowed || v.Limit != 3 {
				t.Errorf("%s: a plan of 3 has %+v", kind, v)
			}
		}
		if v := l.Take(t.Context(), p, 3, "k"); v.Allowed {
			t.Errorf("%s: a plan of 3 allowed a fourth", kind)
		}
		// The account moves to the smaller plan with its counter over it.
		if v := l.Take(t.Context(), p, 0, "k"); v.Allowed || v.Remaining != 0 || v.RetryAfter > time.Minute {
			t.Errorf("%s: after the change %+v", kind, v)
		}
	}
}

func TestAClockSetBackLocksNobodyOutForLonger(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Window, Wall, Bucket} {
		for _, back := range []time.Duration{1, time.Second, time.Minute, 24 * time.Hour, 1<<63 - 1} {
			c := &clock{noon}
			l, p := New(c.now, 0, nil, nil), policy(t, kind, 5, time.Minute)
			drain(t, l, p, 5)
			c.move(-back)
			if v := l.Take(t.Context(), p, 0, "k"); v.RetryAfter > time.Minute || v.Reset.Sub(c.at) > time.Minute {
				t.Errorf("%s, %s back: %+v", kind, back, v)
			}
			c.move(time.Minute)
			drain(t, l, p, 5)
		}
	}
}

func TestMemoryIsBounded(t *testing.T) {
	t.Parallel()
	for _, most := range []int{1, 3, 5000} {
		c := &clock{noon}
		l, p := New(c.now, most, nil, nil), policy(t, Bucket, 2, time.Minute)
		for i := range 3 * most {
			l.Take(t.Context(), p, 0, fmt.Sprint(i))
			if i%7 == 0 {
				c.move(time.Millisecond)
			}
		}
		if n := l.Len(); n > most || n < most*8/10 {
			t.Errorf("%d counters, want at most %d and not far below", n, most)
		}
		c.move(time.Hour)
		for i := range most {
			l.Take(t.Context(), p, 0, fmt.Sprint("late", i))
		}
		c.move(time.Hour)
		l.Take(t.Context(), p, 0, "last")
		if n := l.Len(); n > most {
			t.Errorf("%d counters after a pause, want at most %d", n, most)
		}
	}
}

func TestTheOldestExpiredCounterGoesFirst(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	l, p := New(c.now, 4, nil, nil), policy(t, Window, 1, time.Minute)
	l.Take(t.Context(), p, 0, "old")
	c.move(2 * time.Minute)
	for _, key := range []string{"a", "b", "c", "d"} {
		l.Take(t.Context(), p, 0, key)
	}
	for _, key := range []string{"a", "b", "c", "d"} {
		if l.Peek(t.Context(), p, 0, key).Allowed {
			t.Errorf("live counter %s was dropped", key)
		}
	}
}

func TestExportedCountersGoOnElsewhere(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	l := New(c.now, 0, nil, nil)
	for _, kind := range []Kind{Window, Wall, Bucket} {
		drain(t, l, policy(t, kind, 7, time.Minute), 3)
	}
	text, err := json.Marshal(l.Export())
	if err != nil {
		t.Fatal(err)
	}
	var entries []Entry
	if err := json.Unmarshal(text, &entries); err != nil {
		t.Fatal(err)
	}
	fork := New(c.now, 0, nil, nil)
	fork.Import(entries)
	for _, kind := range []Kind{Window, Wall, Bucket} {
		p := policy(t, kind, 7, time.Minute)
		if diff := cmp.Diff(l.Peek(t.Context(), p, 0, "k"), fork.Peek(t.Context(), p, 0, "k")); diff != "" {
			t.Errorf("%s (-original +fork)\n%s", kind, diff)
		}
	}
	l.Clear()
	if l.Len() != 0 || fork.Len() != 3 {
		t.Errorf("%d and %d counters, want 0 and 3", l.Len(), fork.Len())
	}
}

func TestManyGoroutinesGetExactlyTheLimit(t *testing.T) {
	t.Parallel()
	for _, kind := range []Kind{Window, Wall, Bucket} {
		l, p := New(func() time.Time { return noon }, 0, nil, nil), policy(t, kind, 100, time.Minute)
		var wg sync.WaitGroup
		var mu sync.Mutex
		allowed := 0
		for range 8 {
			wg.Go(func() {
				for range 50 {
					if l.Take(t.Context(), p, 0, "k").Allowed {
						mu.Lock()
						allowed++
						mu.Unlock()
					}
				}
			})
		}
		wg.Wait()
		if allowed != 100 {
			t.Errorf("%s: %d of 400 allowed, want 100", kind, allowed)
		}
	}
}

func TestTheLimiterInterfaceSaysTheSame(t *testing.T) {
	t.Parallel()
	c := &clock{noon}
	l := New(c.now, 0, nil, nil)
	lim := limiter.New(&store{limits: l, kind: Window, policy: "links"}, limiter.Rate{Limit: 1, Period: time.Minute})
	end := noon.Add(time.Minute).Unix()
	for _, step := range []struct {
		name string
		do   func(context.Context, string) (limiter.Context, error)
		want limiter.Context
	}{
		{"peek", lim.Peek, limiter.Context{Limit: 1, Remaining: 1, Reset: end}},
		{"get", lim.Get, limiter.Context{Limit: 1, Reset: end}},
		{"refused", lim.Get, limiter.Context{Limit: 1, Reset: end, Reached: true}},
		{"reset", lim.Reset, limiter.Context{Limit: 1, Remaining: 1, Reset: end}},
		{"get again", lim.Get, limiter.Context{Limit: 1, Reset: end}},
	} {
		got, err := step.do(t.Context(), "k")
		if diff := cmp.Diff(step.want, got); diff != "" || err != nil {
			t.Errorf("%s: %v (-want +got)\n%s", step.name, err, diff)
		}
	}
}

func TestATakeAllocatesAtMostTwice(t *testing.T) {
	c := &clock{noon}
	l, p := New(c.now, 0, nil, nil), policy(t, Bucket, 60, time.Minute)
	ctx := t.Context()
	l.Take(ctx, p, 0, "k")
	if n := testing.AllocsPerRun(100, func() { l.Take(ctx, p, 0, "k") }); n > 2 {
		t.Errorf("%v allocations a request, want at most 2", n)
	}
}

func BenchmarkTake(b *testing.B) {
	for _, kind := range []Kind{Window, Wall, Bucket} {
		b.Run(kind.String(), func(b *testing.B) {
			l, p := New(func() time.Time { return noon }, 0, nil, nil), policy(b, kind, 60, time.Minute)
			b.ReportAllocs()
			for b.Loop() {
				l.Take(b.Context(), p, 0, "k")
			}
		})
	}
}
