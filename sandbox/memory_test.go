package sandbox_test

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// tight returns sandboxes within the smallest budget.
func tight(tb testing.TB, real *fake) (*sandbox.Sandboxes, *memory.Budget) {
	tb.Helper()
	b := memory.New(memory.Least)
	w, err := sandbox.New(sandbox.Options{Engine: mockstore.Within(b), Memory: b, Real: real.now, Journal: 1_000_000})
	if err != nil {
		tb.Fatal(err)
	}
	return w, b
}

// fill puts records of a kind with texts of size bytes into a sandbox until one
// is refused or there are most, and returns how many there are.
func fill(tb testing.TB, sb *sandbox.Sandbox, schema *record.Schema, size, most int) (n int, err error) {
	tb.Helper()
	for ; n < most && err == nil; n++ {
		rec := record.New(schema, "x")
		rec.Set(record.SlotID, record.Quote(strconv.Itoa(n)))
		rec.Set(record.SlotCreated, record.FormatTime(start.Add(time.Duration(n)*time.Millisecond)))
		rec.SetExt("x.text", strings.Repeat("x", size))
		row := dialect.NewRow(nil, rec)
		if schema == record.Replays {
			row.Scope = record.Replays.Kind
		}
		err = sb.DB.Commit(tb.Context(), store.Batch{Put: []*store.Row{row}})
	}
	if err != nil {
		n--
	}
	return n, err
}

// note adds an entry of about size bytes to a journal.
func note(sb *sandbox.Sandbox, size int) {
	n := sb.Journal.Number()
	sb.Journal.Add(&journal.Entry{N: n, Body: make([]byte, size)})
}

func TestJournalsGoFirstOldestFirstAcrossSandboxes(t *testing.T) {
	t.Parallel()
	w, b := tight(t, &fake{})
	old, busy := get(t, w, "old"), get(t, w, "busy")
	for range 1000 {
		note(old, 10_000)
	}
	for range 10_000 {
		note(busy, 10_000)
	}
	if n := len(old.Journal.Entries()); n != 0 {
		t.Errorf("%d of the oldest entries are left", n)
	}
	if n := len(busy.Journal.Entries()); n < 4000 || n > 7000 {
		t.Errorf("%d of the newer entries are left", n)
	}
	if b.Total() > b.Limit() || w.Counts().Entries.Load() != 11_000-int64(len(busy.Journal.Entries())) {
		t.Errorf("%d bytes, %d entries are counted", b.Total(), w.Counts().Entries.Load())
	}
	if w.Len() != 3 || w.Counts().Answers.Load() != 0 || w.Counts().Sandboxes.Load() != 0 {
		t.Error("something else went, too")
	}
}

func TestThenAnswersThenUnusedSandboxesThenNothing(t *testing.T) {
	t.Parallel()
	real := &fake{}
	w, b := tight(t, real)
	a, c := get(t, w, "a"), get(t, w, "c")
	note(a, 10_000)
	if n, err := fill(t, a, record.Replays, 100_000, 100); n != 100 {
		t.Fatal(n, err)
	}
	if n, err := fill(t, a, record.Links, 100_000, 200); n != 200 {
		t.Fatal(n, err)
	}
	counts := w.Counts()
	// 30 of 60 MiB are taken. Answers make room for the rows of another sandbox.
	if n, err := fill(t, c, record.Links, 100_000, 350); n != 350 || err != nil {
		t.Fatal(n, err)
	}
	if len(a.Journal.Entries()) != 0 || counts.Answers.Load() == 0 || counts.Sandboxes.Load() != 0 {
		t.Errorf("%d entries are left, %d answers and %d sandboxes went", len(a.Journal.Entries()), counts.Answers.Load(), counts.Sandboxes.Load())
	}
	// Nothing but rows is left, in sandboxes that are in use.
	n, err := fill(t, c, record.Links, 200_000, 700)
	if !errors.Is(err, store.ErrFull) || n == 0 || counts.Sandboxes.Load() != 0 || b.Used(memory.Answers) != 0 {
		t.Fatalf("%d rows, %v; %d sandboxes went", n, err, counts.Sandboxes.Load())
	}
	if _, err := w.Make(t.Context(), "d"); !errors.Is(err, store.ErrFull) {
		// There may be room for one or two, but not for many.
		for i := 0; err == nil && i < 1000; i++ {
			_, err = w.Make(t.Context(), "d"+strconv.Itoa(i))
		}
		if !errors.Is(err, store.ErrFull) {
			t.Errorf("a sandbox was made where there is no room: %v", err)
		}
	}
	// Time passes, and c alone is used.
	real.pass(time.Minute)
	get(t, w, "c")
	waitForRoom(t, c)
	if w.Peek("a") != nil || w.Peek("c") != c || w.Peek(sandbox.Default) == nil || counts.Sandboxes.Load() == 0 {
		t.Errorf("there are %s", names(w))
	}
	if b.Total() > b.Limit() {
		t.Errorf("%d bytes are in use", b.Total())
	}
	drop(t, w, "c")
	drop(t, w, sandbox.Default)
	if used := b.Used(memory.Rows); used > 1<<20 {
		t.Errorf("%d bytes of rows are left when all is dropped", used)
	}
}

// waitForRoom adds a row, again and again while the budget rests from having
// looked for memory in vain.
func waitForRoom(t *testing.T, sb *sandbox.Sandbox) {
	t.Helper()
	rec := record.New(record.Links, "x")
	rec.Set(record.SlotID, record.Quote("late"))
	rec.SetExt("x.text", strings.Repeat("x", 300_000))
	var err error
	for range 10_000 {
		if err = sb.DB.Commit(t.Context(), store.Batch{Put: []*store.Row{dialect.NewRow(nil, rec)}}); err == nil {
			return
		}
		time.Sleep(time.Millisecond)
	}
	t.Fatal(err)
}

func TestAnswersThatGoEarlyAreCountedOnceTheyAreGone(t *testing.T) {
	t.Parallel()
	w, _ := tight(t, &fake{})
	sb := get(t, w, "a")
	if n, err := fill(t, sb, record.Replays, 10, 3); n != 3 {
		t.Fatal(err)
	}
	rows := sb.DB.Read(t.Context()).Scan(record.Replays.Kind, "", store.Page{})
	b := store.Batch{Early: 2, Expect: []store.Expect{{Table: rows[0].Table, Key: rows[0].Key, Version: 7}}}
	for _, r := range rows[:2] {
		b.Del = append(b.Del, store.Expect{Table: r.Table, Key: r.Key})
	}
	if err := sb.DB.Commit(t.Context(), b); !errors.Is(err, store.ErrConflict) || w.Counts().Answers.Load() != 0 {
		t.Errorf("a batch that was not taken: %v, %d are counted", err, w.Counts().Answers.Load())
	}
	b.Expect = nil
	if err := sb.DB.Commit(t.Context(), b); err != nil || w.Counts().Answers.Load() != 2 {
		t.Errorf("a batch that was taken: %v, %d are counted", err, w.Counts().Answers.Load())
	}
}

func TestCountersStayWithinTheBudget(t *testing.T) {
	t.Parallel()
	w, b := tight(t, &fake{})
	policy, err := ratelimit.NewPolicy("p", ratelimit.Window, 2, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	for i := range 120_000 {
		sb := get(t, w, "s"+strconv.Itoa(i%10))
		sb.Limits.Take(t.Context(), policy, 0, "key"+strconv.Itoa(i))
	}
	if b.Total() > b.Limit() || b.Used(memory.Counters) < 10<<20 || b.Used(memory.Counters) > 17<<20 || w.Counts().LimitKeys.Load() == 0 {
		t.Errorf("%d bytes, %d of counters, %d evicted", b.Total(), b.Used(memory.Counters), w.Counts().LimitKeys.Load())
	}
	for _, sb := range w.All() {
		drop(t, w, sb.Name)
	}
	if n := b.Used(memory.Counters); n != 0 {
		t.Errorf("%d bytes of counters are left when all is dropped", n)
	}
}

// TestUpdatesInManySandboxesStayWithinBounds is the attack that took two
// gigabytes, scaled down: small updates of a link in each of many sandboxes,
// with all that the journal keeps of each. It measures the whole process, so it
// does not run beside others.
func TestUpdatesInManySandboxesStayWithinBounds(t *testing.T) {
	const sandboxes, updates = 160, 250
	b := memory.New(memory.Least)
	w, err := sandbox.New(sandbox.Options{Engine: mockstore.Within(b), Memory: b, Rows: rows(t)})
	if err != nil {
		t.Fatal(err)
	}
	before := int64(heap())
	var most int64
	for i := range sandboxes {
		sb := get(t, w, "w"+strconv.Itoa(i))
		old := (*record.Record)(nil)
		for n := range updates {
			rec := record.New(record.Links, "x")
			rec.Set(record.SlotID, record.Quote("link"))
			rec.SetExt("x.title", fmt.Sprintf("%0100d", n))
			row := dialect.NewRow(nil, rec)
			if err := sb.DB.Commit(t.Context(), store.Batch{Put: []*store.Row{row}}); err != nil {
				t.Fatal(err)
			}
			sb.Journal.Add(&journal.Entry{N: sb.Journal.Number(), Path: "/x/v1/links/link", Body: make([]byte, 200), Answer: make([]byte, 1500),
				Header: http.Header{"Authorization": {"Bearer sk_test"}, "Content-Type": {"application/json"}}, AnswerHeader: http.Header{"Content-Type": {"application/json"}},
				Changes: []journal.Change{{Table: "link", ID: "link", Before: old, After: rec}}})
			old = rec
		}
		if i%40 == 39 {
			most = max(most, int64(heap())-before)
		}
	}
	t.Logf("%d MiB of the heap are taken, for %d MiB of the budget; %d entries went", most>>20, b.Total()>>20, w.Counts().Entries.Load())
	if most > memory.Least*3/2 || w.Counts().Entries.Load() == 0 || b.Total() > b.Limit() {
		t.Errorf("%d MiB of the heap, %d MiB of the budget", most>>20, b.Total()>>20)
	}
	for _, sb := range w.All() {
		sb.Journal.Clear()
	}
	if after := int64(heap()) - before; after > 16<<20 {
		t.Errorf("%d MiB are left when the journals are cleared", after>>20)
	}
}

// TestPressureFromAllSides has everything that asks for memory ask at once.
func TestPressureFromAllSides(t *testing.T) {
	t.Parallel()
	w, b := tight(t, &fake{})
	policy, err := ratelimit.NewPolicy("p", ratelimit.Window, 2, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 40 {
				name := "s" + strconv.Itoa((i+n)%12)
				sb, err := w.Get(t.Context(), name)
				if err != nil {
					continue // there may be no room
				}
				for range 20 {
					note(sb, 8000)
					sb.Limits.Take(t.Context(), policy, 0, strconv.Itoa(i*n))
				}
				_, _ = fill(t, sb, record.Links, 50_000, 10)
				_, _ = fill(t, sb, record.Replays, 50_000, 5)
				switch n % 10 {
				case 3:
					_, _ = w.Reset(t.Context(), name)
				case 5:
					_, _ = w.Drop(t.Context(), name)
				case 7:
					_, _ = w.Fork(t.Context(), name, name+"-fork")
				}
			}
		})
	}
	wg.Wait()
	if b.Total() > b.Limit()+4<<20 {
		t.Errorf("%d MiB are in use", b.Total()>>20)
	}
	for _, sb := range w.All() {
		drop(t, w, sb.Name)
	}
	drop(t, w, sandbox.Default)
	for _, kind := range memory.Kinds() {
		if used := b.Used(kind); used > 64<<10 || used < 0 {
			t.Errorf("%d bytes of %s are left when all is dropped", used, kind)
		}
	}
}
