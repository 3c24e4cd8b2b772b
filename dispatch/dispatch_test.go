package dispatch_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/signing"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/webhook"
)

var shipped = sync.OnceValue(func() *dialect.Set {
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		panic(err)
	}
	return set
})

// lab is sandboxes whose deliveries go to a receiver that a test looks at.
type lab struct {
	t      *testing.T
	set    *dialect.Set
	worlds *sandbox.Sandboxes
	sent   *dispatch.Dispatcher

	mu     sync.Mutex
	calls  []string // URL and event of each
	answer func(ctx context.Context) webhook.Result
}

// Send is the receiver.
func (l *lab) Send(ctx context.Context, r signing.Request) webhook.Result {
	l.mu.Lock()
	l.calls = append(l.calls, r.URL+" "+string(r.Body)[strings.Index(string(r.Body), `"type":"`)+8:][:20])
	answer := l.answer
	l.mu.Unlock()
	if answer != nil {
		return answer(ctx)
	}
	return webhook.Result{Status: 200, Header: http.Header{}}
}

// heard is what was sent so far, when all has come to rest.
func (l *lab) heard() []string {
	synctest.Wait()
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.calls)
}

// newLab makes one. Call it in a bubble of synctest.
func newLab(t *testing.T, endpoints ...dispatch.Endpoint) *lab {
	t.Helper()
	l := &lab{t: t, set: shipped()}
	l.sent = dispatch.New(dispatch.Options{Set: func() *dialect.Set { return l.set }, Sender: l, Endpoints: endpoints, Log: slog.New(slog.DiscardHandler), Base: func() string { return "http://polylink.test" }})
	var err error
	if l.worlds, err = sandbox.New(sandbox.Options{Engine: mockstore.Make, Post: l.sent.Post}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		l.sent.Drain(ctx)
	})
	return l
}

// world is a sandbox with a link of devdraft that expires after an hour.
func (l *lab) world(name string) *sandbox.Sandbox {
	l.t.Helper()
	sb, err := l.worlds.Get(l.t.Context(), name)
	if err != nil {
		l.t.Fatal(err)
	}
	rec := record.New(record.Links, "devdraft")
	rec.Set(record.SlotID, `"lnk_1"`)
	rec.Set(record.SlotStatus, `"active"`)
	rec.Set(record.SlotAccount, `"acct_1"`)
	rec.Set(record.SlotCreated, record.FormatTime(sb.Clock.Now()))
	rec.Set(record.SlotExpires, record.FormatTime(sb.Clock.Now().Add(time.Hour)))
	l.put(sb, dialect.NewRow(shipped().Dialect("devdraft").ResourceFor("link"), rec))
	return sb
}

// hook registers an endpoint: the control API's, or an account's.
func (l *lab) hook(sb *sandbox.Sandbox, id, account, mode, events string) {
	l.t.Helper()
	rec := record.New(record.Hooks, "devdraft")
	rec.Set(record.SlotID, record.Quote(id))
	rec.Set(record.SlotStatus, `"active"`)
	rec.Set(record.SlotLive, mode)
	rec.Set(record.SlotCreated, record.FormatTime(sb.Clock.Now()))
	rec.Set(record.Hooks.MustSlot("url"), record.Quote("http://"+id))
	rec.Set(record.Hooks.MustSlot("events"), events)
	row := dialect.NewRow(nil, rec)
	if account == "" {
		row.Key, row.Scope = dispatch.ControlKey(id), dispatch.Control
	} else {
		rec.Set(record.SlotAccount, record.Quote(account))
	}
	l.put(sb, row)
}

func (l *lab) put(sb *sandbox.Sandbox, row *store.Row) {
	l.t.Helper()
	if err := sb.DB.Commit(l.t.Context(), store.Batch{Put: []*store.Row{row}}); err != nil {
		l.t.Fatal(err)
	}
}

// happen does what a page's button does.
func (l *lab) happen(sb *sandbox.Sandbox, kind ledger.Kind) {
	l.t.Helper()
	made := &ledger.Ledger{Set: shipped(), Random: ids.Random()}
	v := ledger.Open(l.t.Context(), sb.DB)
	changes, err := made.Pass(v, v.Get(record.Links.Kind, "devdraft/lnk_1"), ledger.Turn{Kind: kind}, sb.Clock.Now(), nil)
	if err == nil {
		err = sb.DB.Commit(l.t.Context(), made.Batch(v, nil, changes...))
	}
	if err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) want(what string, want ...string) {
	l.t.Helper()
	if got := l.heard(); !slices.Equal(got, want) {
		l.t.Errorf("%s: heard %q, want %q", what, got, want)
	}
}

// failed is the event of a payment that does not go through.
const failed = `payment.failed","cre`

func TestWhoHearsAnEvent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, dispatch.Endpoint{Dialect: "devdraft", URL: "http://everywhere", Events: []string{"payment.failed"}}, dispatch.Endpoint{Dialect: "katu9", URL: "http://others"})
		sb, other := l.world("a"), l.world("b")
		l.hook(sb, "all", "", "", "[]")
		l.hook(sb, "canonical", "", "", `["link.failed"]`)
		l.hook(sb, "star", "acct_1", "", `["*"]`)
		l.hook(sb, "deaf", "", "", `["payment_link.paid"]`)
		l.hook(sb, "stranger", "acct_2", "", "[]")
		l.happen(sb, ledger.Fail)
		got := l.heard()
		slices.Sort(got)
		if want := []string{"http://all " + failed, "http://canonical " + failed, "http://everywhere " + failed, "http://star " + failed}; !slices.Equal(got, want) {
			t.Errorf("heard %q, want %q", got, want)
		}
		l.happen(other, ledger.Fail)
		if got := l.heard(); len(got) != 5 || got[4] != "http://everywhere "+failed {
			t.Errorf("another sandbox was heard by %q", got)
		}
	})
}

// TestATimeThatComesIsToldOfByItself lets a link expire while nobody looks, in
// real time, at a rate, and after the clock was moved close to it.
func TestATimeThatComesIsToldOfByItself(t *testing.T) {
	t.Parallel()
	const expired = `http://all payment_link.expired`
	for name, c := range map[string]struct {
		set   func(c sandbox.Clock)
		early time.Duration // when nothing is heard yet
		late  time.Duration // when it is
	}{
		"in real time": {func(sandbox.Clock) {}, 59 * time.Minute, time.Minute},
		"at a rate":    {func(c sandbox.Clock) { c.Run(c.Now(), 60) }, 59 * time.Second, time.Second},
		"after a jump": {func(c sandbox.Clock) { c.Advance(59 * time.Minute) }, 59 * time.Second, time.Second},
		"not frozen":   {func(c sandbox.Clock) { c.Set(c.Now(), true) }, 24 * time.Hour, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				l := newLab(t)
				sb := l.world("a")
				l.hook(sb, "all", "", "", "[]")
				c.set(sb.Clock)
				sb.Post.Moved()
				time.Sleep(c.early)
				l.want("early")
				time.Sleep(c.late + 2*time.Millisecond)
				if got := l.heard(); c.late > 0 && (len(got) != 1 || !strings.HasPrefix(got[0], expired)) || c.late == 0 && len(got) != 0 {
					t.Errorf("heard %q", got)
				}
			})
		})
	}
}

func TestASandboxThatIsGoneDeliversNothing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		sb := l.world("a")
		l.hook(sb, "all", "", "", "[]")
		l.mu.Lock()
		l.answer = func(context.Context) webhook.Result { return webhook.Result{Err: errors.New("refused")} }
		l.mu.Unlock()
		l.happen(sb, ledger.Fail)
		l.want("before", "http://all "+failed)
		fork, err := l.worlds.Fork(t.Context(), "a", "fork")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := l.worlds.Reset(t.Context(), "a"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(24 * time.Hour)
		if got := l.heard(); len(got) > 2 { // the fork's link expires
			t.Errorf("heard %q", got)
		}
		l.happen(sb, ledger.Fail)
		if n := len(fork.Post.Outbox().List(webhook.Filter{Event: "payment.failed"})); n != 0 {
			t.Errorf("the fork took over %d deliveries", n)
		}
	})
}

// TestAReceiverThatWantsNoMoreIsSwitchedOff has a dialect in which 410 says so.
func TestAReceiverThatWantsNoMoreIsSwitchedOff(t *testing.T) {
	t.Parallel()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	set.Dialect("devdraft").Webhooks.Style.Rules = []signing.Rule{{From: 410, To: 410, Verdict: signing.Disable}}
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, dispatch.Endpoint{Dialect: "devdraft", URL: "http://everywhere"})
		l.set = set
		l.answer = func(context.Context) webhook.Result { return webhook.Result{Status: 410, Header: http.Header{}} }
		sb := l.world("a")
		l.hook(sb, "all", "", "", "[]")
		l.happen(sb, ledger.Fail)
		if got := l.heard(); len(got) != 2 {
			t.Errorf("heard %q", got)
		}
		l.happen(sb, ledger.Fail)
		if got := l.heard(); len(got) != 2 {
			t.Errorf("switched off, they heard %q", got[2:])
		}
	})
}

// TestAFaultHappensToOneDelivery lets the first of two go astray.
func TestAFaultHappensToOneDelivery(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t, dispatch.Endpoint{Dialect: "devdraft", URL: "http://everywhere"})
		sb := l.world("a")
		l.hook(sb, "all", "", "", "[]")
		if _, err := sb.Faults.Add(faults.Fault{Delivery: "drop", Times: 1}); err != nil {
			t.Fatal(err)
		}
		l.happen(sb, ledger.Fail)
		l.want("one is dropped", "http://all "+failed)
	})
}

func TestDrainDeliversWhatIsDue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		l.answer = func(context.Context) webhook.Result {
			time.Sleep(time.Second)
			return webhook.Result{Status: 200, Header: http.Header{}}
		}
		for _, name := range []string{"a", "b", "c"} {
			sb := l.world(name)
			l.hook(sb, "all", "", "", "[]")
			for range 3 {
				l.happen(sb, ledger.Fail)
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if left := l.sent.Drain(ctx); left != 0 || len(l.heard()) != 9 {
			t.Errorf("%d are left, %d were sent", left, len(l.heard()))
		}
	})
}

func TestEndpointsAreChecked(t *testing.T) {
	t.Parallel()
	for says, e := range map[string]dispatch.Endpoint{
		"":                     {Dialect: "stripe", Events: []string{"*", "payment_link.created", "link.updated"}, Secrets: []string{"whsec_1"}},
		"no dialect":           {Dialect: "nobody"},
		"tells of nothing":     {Dialect: "priceblocs"},
		"payment_link.created": {Dialect: "stripe", Events: []string{"payment_link.made"}},
		"the secret is empty":  {Dialect: "stripe", Secrets: []string{""}},
	} {
		if err := e.Check(shipped()); (err == nil) != (says == "") || err != nil && !strings.Contains(err.Error(), says) {
			t.Errorf("%+v: %v", e, err)
		}
	}
}

// TestFaultsAreThoseOfDeliveries holds the two lists against each other.
func TestFaultsAreThoseOfDeliveries(t *testing.T) {
	t.Parallel()
	var have []string
	for _, f := range webhook.Faults {
		have = append(have, string(f))
	}
	if !slices.Equal(have, faults.Deliveries()) || webhook.MaxLate != faults.MaxLate {
		t.Errorf("faults has %q, webhook %q", faults.Deliveries(), have)
	}
}
