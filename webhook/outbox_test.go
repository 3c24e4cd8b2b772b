package webhook

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/signing"
)

func TestOneAdvanceRunsAWholeChain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.say(status(500))
		id := b.fire("evt_1", "a")
		b.want("evt_1#1")
		if d := b.get(id); d.Status != Retrying || !d.Due.Equal(begin.Add(10*time.Second)) {
			t.Errorf("%s, due %v", d.Status, d.Due)
		}
		if got := b.advance(9 * time.Second); len(got) != 0 {
			t.Errorf("performed %v too early", got)
		}
		effects := b.advance(2 * time.Hour)
		b.want("evt_1#1 evt_1#2 evt_1#3 evt_1#4")
		var at []time.Duration
		for _, e := range effects {
			at = append(at, e.At.Sub(begin))
			if e.Delivery != id || e.Dialect != "acme" || e.Event != "link.paid" || e.Status != 500 {
				t.Errorf("effect %+v", e)
			}
		}
		if diff := cmp.Diff([]time.Duration{10 * time.Second, 70 * time.Second, time.Hour + 70*time.Second}, at); diff != "" {
			t.Errorf("due (-want +got)\n%s", diff)
		}
		d := b.get(id)
		if d.Status != Failed || len(d.Attempts) != 4 || !d.Attempts[3].At.Equal(begin.Add(time.Hour+70*time.Second)) {
			t.Errorf("%s after %d attempts", d.Status, len(d.Attempts))
		}
		if got := b.advance(100 * time.Hour); len(got) != 0 {
			t.Errorf("performed %v after the end", got)
		}
	})
}

func TestAdvanceKeepsTheOrderAcrossEndpoints(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.styles["slow"] = b.style(0, 30*time.Second, time.Second)
		b.styles["fast"] = b.style(0, 10*time.Second, 15*time.Second, 10*time.Second)
		b.say(func(_ context.Context, r signing.Request) Result {
			time.Sleep(time.Second) // of the bubble
			return Result{Status: 503}
		})
		b.fire("s", "slow")
		b.fire("f", "fast")
		b.seen()
		time.Sleep(2 * time.Second)
		effects, err := b.Advance(context.Background(), func() {
			b.clock.Advance(time.Minute)
			b.Add(Planned{Event: b.event("mid", begin.Add(27*time.Second)), Endpoint: b.endpoint("fast")})
		})
		if err != nil {
			t.Fatal(err)
		}
		var order []string
		for _, e := range effects {
			order = append(order, fmt.Sprint(e.At.Sub(begin)))
		}
		// slow at 30 and 31; fast at 10, 25 and 35; the new one at 27 and its retries
		if diff := cmp.Diff([]string{"10s", "25s", "27s", "30s", "31s", "35s", "37s", "52s"}, order); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	})
}

func TestAnAdvanceThatIsGivenUpGoesOnByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.say(status(500))
		b.fire("a", "x")
		b.seen()
		b.say(func(context.Context, signing.Request) Result { time.Sleep(time.Hour); return Result{Status: 200} })
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if got, err := b.Advance(ctx, func() { b.clock.Advance(time.Minute) }); !errors.Is(err, context.DeadlineExceeded) || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
		b.want("a#1 a#2")
		moved := false
		if _, err := b.Advance(ctx, func() { moved = true }); err == nil && !moved {
			t.Error("an advance did nothing and said nothing")
		}
		time.Sleep(2 * time.Hour)
		if d := b.get("dlv_1"); d.Status != Delivered {
			t.Errorf("%s", d.Status)
		}
	})
}

func TestRetriesFireByThemselvesOnARunningClock(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.clock.Unset()
		b.say(status(500))
		id := b.fire("a", "x")
		b.want("a#1")
		time.Sleep(9 * time.Second)
		b.want("a#1")
		time.Sleep(time.Second + time.Millisecond)
		b.want("a#1 a#2")
		b.clock.Set(b.clock.Now(), true)
		b.Wake()
		time.Sleep(time.Hour)
		b.want("a#1 a#2") // it stands still
		b.clock.Set(b.clock.Now().Add(59*time.Second), false)
		b.Wake()
		time.Sleep(2 * time.Second)
		b.want("a#1 a#2 a#3")
		b.say(status(200))
		time.Sleep(time.Hour + time.Minute)
		if d := b.get(id); d.Status != Delivered || len(d.Attempts) != 4 {
			t.Errorf("%s after %d attempts", d.Status, len(d.Attempts))
		}
	})
}

func TestAnswersDecide(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer   Result
		want     Status
		attempts int // within a minute of advance
		off      bool
	}{
		"taken":              {Result{Status: 202}, Delivered, 1, false},
		"redirected":         {Result{Status: 301}, Retrying, 2, false},
		"not found":          {Result{Status: 404}, Failed, 1, false},
		"gone":               {Result{Status: 410}, Failed, 1, true},
		"too many, told":     {Result{Status: 429, Header: http.Header{"Retry-After": {"61"}}}, Retrying, 1, false},
		"too many, sooner":   {Result{Status: 429, Header: http.Header{"Retry-After": {"1"}}}, Retrying, 2, false},
		"none":               {Result{Err: errors.New("no")}, Retrying, 2, false},
		"taken, then broken": {Result{Status: 200, Err: errors.New("the answer broke off")}, Delivered, 1, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setUp(t)
				b.say(func(context.Context, signing.Request) Result { return c.answer })
				id := b.fire("a", "x")
				b.seen()
				b.advance(time.Minute)
				d := b.get(id)
				if d.Status != c.want || len(d.Attempts) != c.attempts || b.off["x"] != c.off {
					t.Errorf("%s after %d attempts, off %v; want %s after %d, %v", d.Status, len(d.Attempts), b.off["x"], c.want, c.attempts, c.off)
				}
				if c.off {
					again := b.fire("b", "x")
					b.want("a#1")
					if d := b.get(again); d.Status != Failed || !strings.Contains(d.Attempts[0].Error, "switched off") {
						t.Errorf("%+v", d)
					}
				}
				b.seen()
				b.mu.Lock()
				defer b.mu.Unlock()
				if b.changes < c.attempts {
					t.Errorf("told of %d changes", b.changes)
				}
			})
		})
	}
}

func TestFaultsGoWrongOnceAndAsTheySay(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault Fault
		do    func(b *bench)
		want  string
	}{
		"duplicate":                      {Duplicate, func(*bench) {}, "a#1 a#1"},
		"drop":                           {Drop, func(b *bench) { b.advance(100 * time.Hour) }, ""},
		"reorder":                        {Reorder, func(b *bench) { b.fire("b", "x"); b.fire("c", "x") }, "b#1 a#1 c#1"},
		"reorder, twice":                 {Reorder, func(b *bench) { b.fire("b", "x", Reorder); b.fire("c", "x") }, "b#1 a#1 c#1"},
		"reorder, and another's":         {Reorder, func(b *bench) { b.fire("b", "y") }, "b#1"},
		"reorder, and nothing comes":     {Reorder, func(b *bench) { b.seen(); b.advance(MaxReorder) }, "a#1"},
		"reorder, and the next is late":  {Reorder, func(b *bench) { b.fire("b", "x", Late); b.seen(); b.advance(DefaultLate) }, "a#1 b#1"},
		"late":                           {Late, func(b *bench) { b.advance(DefaultLate - 1) }, ""},
		"late, in time":                  {Late, func(b *bench) { b.advance(DefaultLate) }, "a#1"},
		"late, and others go before it":  {Late, func(b *bench) { b.fire("b", "x"); b.seen(); b.advance(DefaultLate) }, "b#1 a#1"},
		"late, resent meanwhile":         {Late, func(b *bench) { b.Resend("dlv_1"); b.seen(); b.advance(time.Hour) }, "a#1"},
		"reordered, resent meanwhile":    {Reorder, func(b *bench) { b.Resend("dlv_1"); b.seen(); b.fire("b", "x"); b.advance(100 * time.Hour) }, "a#1 b#1"},
		"dropped, resent":                {Drop, func(b *bench) { b.Resend("dlv_1") }, "a#1"},
		"nothing":                        {"", func(*bench) {}, "a#1"},
		"bad signature, taken as it was": {BadSignature, func(*bench) {}, "a#1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setUp(t)
				b.fire("a", "x", c.fault)
				c.do(b)
				b.want(c.want)
			})
		})
	}
}

func TestFaultsOfAnAttemptSpareTheRetry(t *testing.T) {
	t.Parallel()
	for _, f := range []Fault{BadSignature, Stale, Cut} {
		t.Run(string(f), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				b := setUp(t)
				b.say(status(500))
				b.fire("a", "x", f)
				b.seen()
				b.advance(10 * time.Second)
				b.want("a#1 a#2")
				body := string(b.event("a", begin).Body)
				for i, c := range b.calls {
					bad := i == 0
					right := sum("secret-x", c.Time+"."+c.Body)
					if got := c.Sig != right; got != (bad && f == BadSignature) {
						t.Errorf("attempt %d is wrongly signed: %v", i+1, got)
					}
					if got := c.Body != body; got != (bad && f == Cut) {
						t.Errorf("attempt %d sends %s", i+1, c.Body)
					}
					old := c.Time == fmt.Sprint(time.Now().Add(-StaleBy).Unix())
					if fresh := c.Time == fmt.Sprint(time.Now().Unix()); old != (bad && f == Stale) || fresh == old {
						t.Errorf("attempt %d is of %s, stale %v", i+1, c.Time, old)
					}
				}
			})
		})
	}
}

func TestResendLeavesTheScheduleAlone(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.say(status(500))
		id := b.fire("a", "x")
		b.seen()
		if _, ok := b.Resend(id); !ok {
			t.Fatal("refused")
		}
		b.want("a#1 a#2")
		if d := b.get(id); d.Status != Retrying || !d.Due.Equal(begin.Add(10*time.Second)) || d.Tried != 1 || !d.Attempts[1].Resent {
			t.Errorf("%s, due %v, tried %d", d.Status, d.Due, d.Tried)
		}
		b.advance(2 * time.Hour)
		b.want("a#1 a#2 a#3 a#4 a#5")
		b.Resend(id)
		b.seen()
		if d := b.get(id); d.Status != Failed {
			t.Errorf("resent in vain: %s", d.Status)
		}
		b.say(func(context.Context, signing.Request) Result { time.Sleep(time.Second); return Result{Status: 200} })
		b.Resend(id)
		b.seen()
		b.Resend(id) // while one is under way
		time.Sleep(5 * time.Second)
		if d := b.get(id); d.Status != Delivered || len(d.Attempts) != 8 {
			t.Errorf("%s after %d attempts", d.Status, len(d.Attempts))
		}
		if _, ok := b.Resend("dlv_none"); ok {
			t.Error("sent what there is not")
		}
		if got := b.Counts(); got.Attempts != 8 || got.Delivered != 2 || got.Failed != 2 || got.Added != 1 {
			t.Errorf("%+v", got)
		}
	})
}

func TestWaitBlocksUntilEnoughHaveArrived(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.say(func(context.Context, signing.Request) Result { time.Sleep(time.Minute); return Result{Status: 200} })
		b.fire("a", "x")
		b.fire("b", "x")
		b.fire("c", "y")
		start := time.Now()
		got, err := b.Wait(context.Background(), Filter{Endpoint: "x", Dialect: "acme", Event: "link.paid", Record: "lnk_1"}, 2)
		if err != nil || len(got) != 2 || got[0].Event.ID != "b" || time.Since(start) != 2*time.Minute {
			t.Errorf("%d, %v after %v", len(got), err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if got, err := b.Wait(ctx, Filter{Record: "other"}, 1); !errors.Is(err, context.DeadlineExceeded) || len(got) != 0 {
			t.Errorf("%v, %v", got, err)
		}
		if got, err := b.Wait(ctx, Filter{}, 0); err != nil || len(got) != 3 {
			t.Errorf("%d, %v", len(got), err)
		}
		if got := b.List(Filter{Limit: 1}); len(got) != 1 || got[0].Event.ID != "c" {
			t.Errorf("%v", got)
		}
	})
}
