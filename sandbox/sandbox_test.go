package sandbox_test

import (
	"runtime"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

func rows(tb testing.TB) func(time.Time) []*store.Row {
	tb.Helper()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		tb.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		tb.Fatal(err)
	}
	return fix.Rows
}

func TestAForkTakesOverLimitsAndNothingElse(t *testing.T) {
	t.Parallel()
	all, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Real: func() time.Time { return start }})
	if err != nil {
		t.Fatal(err)
	}
	policy, err := ratelimit.NewPolicy("p", ratelimit.Window, 2, time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	a, err := all.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		a.Limits.Take(t.Context(), policy, 0, "k")
	}
	a.Journal.Add(&journal.Entry{N: a.Journal.Number()})
	if _, err := a.Faults.Add(faults.Fault{Times: 1, Status: 500}); err != nil {
		t.Fatal(err)
	}
	a.Clock.Set(start.AddDate(1, 0, 0), true)
	b, err := all.Fork(t.Context(), "a", "b")
	if err != nil {
		t.Fatal(err)
	}
	if n := b.Limits.Len(); n != 1 {
		t.Errorf("the fork has %d counters", n)
	}
	if len(b.Journal.Entries()) != 0 || len(b.Faults.List()) != 0 || b.Clock.Now() != a.Clock.Now() || !b.Clock.Frozen() {
		t.Errorf("the fork has %d entries, %d faults and %s", len(b.Journal.Entries()), len(b.Faults.List()), b.Clock.Now())
	}
	b.Limits.Clear()
	if a.Limits.Len() != 1 {
		t.Error("the fork's counters are its origin's")
	}
}

func TestClaimsWaitForOneAnother(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		cs := sandbox.NewClaims()
		first, ok := cs.Begin("k", "a")
		if !ok {
			t.Fatal("the first one has no claim")
		}
		second, ok := cs.Begin("k", "b")
		if ok || second != first || second.Fingerprint() != "a" {
			t.Fatal("the second one has a claim of its own")
		}
		if second.Wait(t.Context(), 0) || second.Wait(t.Context(), time.Second) {
			t.Error("waited for what had not ended")
		}
		go func() {
			time.Sleep(time.Minute)
			first.End()
		}()
		if !second.Wait(t.Context(), time.Hour) {
			t.Error("did not hear of the end")
		}
		if _, ok := cs.Begin("k", "c"); !ok {
			t.Error("the key was not given back")
		}
	})
}

// TestTenThousandSandboxesComeAndGo makes them, uses each, drops them, and
// looks that memory is back. It measures the whole process, so it does not run
// beside others.
func TestTenThousandSandboxesComeAndGo(t *testing.T) {
	all, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: rows(t), Max: 10_001})
	if err != nil {
		t.Fatal(err)
	}
	before := heap()
	const n = 10_000
	for i := range n {
		sb, err := all.Get(t.Context(), "w"+strconv.Itoa(i))
		if err != nil {
			t.Fatal(err)
		}
		use(t, sb)
	}
	full := heap()
	if all.Len() != n+1 || all.Counts().Sandboxes.Load() != 0 {
		t.Fatalf("there are %d sandboxes, %d evicted", all.Len(), all.Counts().Sandboxes.Load())
	}
	for i := range n {
		if !drop(t, all, "w"+strconv.Itoa(i)) {
			t.Fatal("one is not there")
		}
	}
	after := heap()
	t.Logf("%d KiB before, %d KiB with %d sandboxes, %d KiB after", before>>10, full>>10, n, after>>10)
	if used := full - before; used/n > 64<<10 {
		t.Errorf("a sandbox takes %d KiB", used/n>>10)
	}
	if after > before+8<<20 {
		t.Errorf("%d KiB are not given back", (after-before)>>10)
	}
	runtime.KeepAlive(all)
}

// use writes a row and a journal entry, as a request does.
func use(t *testing.T, sb *sandbox.Sandbox) {
	t.Helper()
	rec := record.New(record.Links, "x")
	rec.Set(record.SlotID, record.Quote(sb.Name))
	row := dialect.NewRow(nil, rec)
	if err := sb.DB.Commit(t.Context(), store.Batch{Put: []*store.Row{row}}); err != nil {
		t.Fatal(err)
	}
	sb.Journal.Add(&journal.Entry{N: sb.Journal.Number(), Body: make([]byte, 500)})
}

func heap() uint64 {
	runtime.GC()
	runtime.GC() // what finalizers and pools let go
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
