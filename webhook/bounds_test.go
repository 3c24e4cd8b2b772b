package webhook

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/polylink-dev/polylink/signing"
)

func TestAReceiverThatHangsHoldsUpNobody(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.say(func(ctx context.Context, r signing.Request) Result {
			if strings.Contains(r.URL, "//dead") {
				<-ctx.Done()
				return Result{Err: ctx.Err()}
			}
			return Result{Status: 200}
		})
		for i := range 3 * PerHost { // in so many sandboxes
			box := b.outbox(Options{})
			defer box.Abandon()
			box.Add(Planned{Event: b.event(fmt.Sprint("dead", i), begin), Endpoint: b.endpoint("dead")})
		}
		b.fire("d", "dead")
		b.fire("a", "fine")
		synctest.Wait()
		if n := len(b.seen()); n != PerHost+1 {
			t.Errorf("%d attempts, want %d that hang and one", n, PerHost)
		}
		if got := b.List(Filter{Status: Delivered}); len(got) != 1 || got[0].Event.ID != "a" {
			t.Errorf("delivered %v", got)
		}
	})
}

func TestThePoolTakesHostsInTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		p := NewPool(nil)
		gate := make(chan struct{})
		done := map[string]int{}
		lock := make(chan struct{}, 1)
		for i := range 2 * AtOnce {
			url := fmt.Sprintf("http://h%d/", i%(2*AtOnce/PerHost))
			p.run(url, func() {
				<-gate
				lock <- struct{}{}
				done[url]++
				<-lock
			})
		}
		synctest.Wait()
		if p.running != AtOnce {
			t.Errorf("%d run at once, want %d", p.running, AtOnce)
		}
		close(gate)
		p.done.Wait()
		if len(done) != 2*AtOnce/PerHost || len(p.hosts) != 0 || len(p.turn) != 0 || p.running != 0 {
			t.Errorf("%d hosts served, %d left, %d in turn, %d running", len(done), len(p.hosts), len(p.turn), p.running)
		}
		p.Close()
		if p.run("http://x/", func() { t.Error("a closed pool ran work") }) {
			t.Error("a closed pool took work")
		}
	})
}

func TestAReceiverThatIsNotThereCostsLittle(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.say(status(signing.NoAnswer))
		for i := range 1000 {
			b.fire(fmt.Sprint(i), "x")
		}
		time.Sleep(10 * time.Second)
		if n := len(b.seen()); n < 15 || n > 25 {
			t.Errorf("%d attempts in ten seconds", n)
		}
		b.say(status(200))
		time.Sleep(2 * time.Second)
		if got := len(b.List(Filter{Status: Delivered})); got < 900 {
			t.Errorf("%d delivered when it is back", got)
		}
	})
}

func TestTheLogIsBounded(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		box := b.outbox(Options{Keep: 5})
		defer box.Abandon()
		for i := range 20 {
			box.Add(Planned{Event: b.event(fmt.Sprint(i), begin), Endpoint: b.endpoint("x")})
		}
		synctest.Wait()
		got := box.List(Filter{})
		if len(got) != 5 || got[0].Event.ID != "19" || box.Counts().Evicted != 15 || box.Counts().Delivered != 20 {
			t.Errorf("%d kept, %+v", len(got), box.Counts())
		}
		big := Planned{Event: b.event("big", begin), Endpoint: b.endpoint("x")}
		big.Event.Body = make([]byte, maxLog/2)
		box.Add(big, big, big)
		synctest.Wait()
		if got := box.List(Filter{}); len(got) != 1 || len(box.lanes) != 0 {
			t.Errorf("%d kept, %d lanes", len(got), len(box.lanes))
		}
	})
}

func TestWhatWaitsIsBoundedForEachEndpoint(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.say(func(ctx context.Context, _ signing.Request) Result { <-ctx.Done(); return Result{Err: ctx.Err()} })
		b.fire("other", "y")
		for range MaxQueued + 11 {
			b.fire("x", "x")
		}
		got := b.Counts()
		if got.Dropped != 10 || len(b.List(Filter{Endpoint: "x", Status: Pending})) != MaxQueued+1 {
			t.Errorf("%+v", got)
		}
		if d := b.get("dlv_3"); d.Status != Dropped || !strings.Contains(d.Reason, "too much waits") {
			t.Errorf("%s: %s", d.Status, d.Reason)
		}
		big := Planned{Event: b.event("big", begin), Endpoint: b.endpoint("z")}
		big.Event.Body = make([]byte, maxBodies/2)
		b.Add(big, big, big, big)
		synctest.Wait()
		if n := len(b.List(Filter{Endpoint: "z", Status: Dropped})); n == 0 || b.bodies > 2*maxBodies {
			t.Errorf("%d dropped, %d bytes wait", n, b.bodies)
		}
		if d := b.get("dlv_1"); d.Status != Pending {
			t.Errorf("another endpoint's is %s", d.Status)
		}
	})
}

func TestDrainDeliversWhatIsDueAndNothingElse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.say(status(500))
		b.fire("retry", "r")
		b.seen()
		b.say(func(context.Context, signing.Request) Result { time.Sleep(time.Second); return Result{Status: 200} })
		for i := range 5 {
			b.fire(fmt.Sprint(i), "x")
		}
		start := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if left := b.Drain(ctx); left != 1 || time.Since(start) != 5*time.Second {
			t.Errorf("%d left after %v", left, time.Since(start))
		}
		if got := b.Counts().Delivered; got != 5 {
			t.Errorf("%d delivered", got)
		}
		if b.Add(Planned{Event: b.event("late", begin), Endpoint: b.endpoint("x")}) != nil {
			t.Error("a closed outbox took a delivery")
		}
		if _, ok := b.Resend("dlv_1"); ok {
			t.Error("a closed outbox sent again")
		}
	})
}

func TestWhatADrainBreaksOffCanGoOn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		b.say(func(ctx context.Context, _ signing.Request) Result { <-ctx.Done(); return Result{Err: ctx.Err()} })
		b.fire("a", "x")
		b.fire("b", "x")
		b.fire("c", "y", Drop)
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if left := b.Drain(ctx); left != 2 {
			t.Errorf("%d left", left)
		}
		kept := b.List(Filter{})
		b.say(status(200))
		next := b.outbox(Options{})
		defer next.Abandon()
		next.Restore(kept)
		next.Wake()
		synctest.Wait()
		b.want("a#1 a#2 b#1")
		if got := next.List(Filter{}); len(got) != 3 || got[0].Status != Dropped || got[1].Status != Delivered || got[2].Status != Delivered {
			t.Errorf("%+v", got)
		}
	})
}

func TestASecretThatCannotBeReadEndsTheDelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		s := b.style(0, time.Second)
		s.Signature.Secret = signing.Hex
		b.styles["x"] = s
		d := b.get(b.fire("a", "x"))
		synctest.Wait()
		if d = b.get(d.ID); d.Status != Failed || !strings.Contains(d.Attempts[0].Error, "hexadecimal") || strings.Contains(d.Attempts[0].Error, "secret-x") {
			t.Errorf("%+v", d)
		}
		b.want("")
	})
}

func TestWhatChangedIsToldBeforeItIsSaid(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		told := map[string]int{}
		box := b.outbox(Options{Keep: 1})
		box.opt.Changed = func(id string) { told[id]++ }
		b.say(status(500))
		first := box.Add(Planned{Event: b.event("a", begin), Endpoint: b.endpoint("x")})[0]
		if told[first] != 1 {
			t.Errorf("a new delivery is told of %d times", told[first])
		}
		if _, err := box.Advance(context.Background(), func() { b.clock.Advance(2 * time.Hour) }); err != nil {
			t.Fatal(err)
		}
		if told[first] != 5 {
			t.Errorf("after four attempts: %v", told)
		}
		b.say(status(200))
		second := box.Add(Planned{Event: b.event("b", begin), Endpoint: b.endpoint("x")})[0]
		if left := box.Drain(context.Background()); left != 0 || told[second] != 2 {
			t.Errorf("after the drain: %d left, %v", left, told)
		}
		if _, there := box.Get(first); there || told[first] != 6 {
			t.Errorf("the log has room for one, and of the first there is told %v", told)
		}
	})
}

func TestWhatIsKeptIsCounted(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b := setUp(t)
		kept := 0
		box := b.outbox(Options{Grown: func(n int64) { kept += int(n) }})
		b.say(status(200))
		for i := range 20 {
			box.Add(Planned{Event: b.event(fmt.Sprint(i), b.clock.Now()), Endpoint: b.endpoint("x")})
		}
		synctest.Wait()
		all := kept
		if all < 20*300 {
			t.Errorf("%d bytes are counted", all)
		}
		if freed := box.Shed(int64(all / 2)); int(freed) < all/2 || kept != all-int(freed) || len(box.List(Filter{})) >= 20 {
			t.Errorf("half of %d bytes was to go, %d went, %d are counted", all, freed, kept)
		}
		box.Abandon()
		if kept != 0 {
			t.Errorf("%d bytes are counted of an outbox that is gone", kept)
		}
		if freed := box.Shed(1 << 30); freed == 0 || kept != 0 {
			t.Errorf("%d went, and %d are counted afterwards", freed, kept)
		}
	})
}
