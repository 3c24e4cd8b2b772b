package ledger_test

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

func TestWhatFallsDueIsWrittenInOrder(t *testing.T) {
	t.Parallel()
	l := newLedger()
	db := filled(t, l, aLink("csl_b", noon.Add(2*time.Minute)), aLink("csl_a", noon.Add(time.Minute)), aLink("csl_c", noon.Add(3*time.Minute+500*time.Microsecond)))
	settle := func(now time.Time) {
		t.Helper()
		if err := l.Settle(t.Context(), db, now); err != nil {
			t.Fatal(err)
		}
	}
	settle(noon.Add(time.Minute - time.Millisecond))
	if n := len(trail(t, db)); n != 0 {
		t.Errorf("%d entries before anything is due", n)
	}
	settle(noon.Add(3 * time.Minute)) // csl_c is due within the next millisecond
	want := []entry{
		{"2026-03-04T12:01:00Z", "link.expire", "org_1", "csl_a", "active", "expired"},
		{"2026-03-04T12:02:00Z", "link.expire", "org_1", "csl_b", "active", "expired"},
	}
	same(t, want, trail(t, db))
	if got := get(t, db, "csl_c").Record.Text(record.SlotStatus); got != record.Active {
		t.Errorf("too early it is %s", got)
	}
	settle(noon.Add(3*time.Minute + time.Millisecond))
	settle(noon.Add(time.Hour))
	settle(noon) // a clock that is set back
	same(t, append(want, entry{"2026-03-04T12:03:00.001Z", "link.expire", "org_1", "csl_c", "active", "expired"}), trail(t, db))
	if row := get(t, db, "csl_a"); row.Record.Text(record.SlotStatus) != record.Expired || row.Due != 0 {
		t.Errorf("it is %s and due at %d", row.Record.Text(record.SlotStatus), row.Due)
	}
}

func TestTwoThatSettleAtOnceWriteEachExpiryOnce(t *testing.T) {
	t.Parallel()
	l := newLedger()
	const n = 200
	db := filled(t, l, many(n)...)
	told := make([][]ledger.Effect, 8)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			var err error
			if i%2 == 0 {
				told[i/2], err = l.Effects(t.Context(), db, noon.Add(n*time.Minute))
			} else {
				err = l.Settle(t.Context(), db, noon.Add(n*time.Minute))
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	last, err := l.Effects(t.Context(), db, noon.Add(n*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, list := range append(told, last) {
		for i, e := range list {
			if seen[e.ID]++; e.Kind != "link.expired" || i > 0 && e.At.Before(list[i-1].At) {
				t.Errorf("%+v is told after %+v", e, list[max(i-1, 0)])
			}
		}
	}
	entries := trail(t, db)
	for i := range n {
		if id := "csl_" + strconv.Itoa(i); seen[id] != 1 || entries[i].Record != id {
			t.Errorf("%s was told of %d times; entry %d is about %s", id, seen[id], i, entries[i].Record)
		}
	}
	if len(entries) != n {
		t.Errorf("there are %d entries, want %d", len(entries), n)
	}
}

func TestOneAdvanceTellsOfMoreThanTheTrailHolds(t *testing.T) {
	t.Parallel()
	l := newLedger()
	const n = ledger.MaxAudits + 100
	db := filled(t, l, many(n)...)
	effects, err := l.Effects(t.Context(), db, noon.AddDate(1, 0, 0))
	if err != nil || len(effects) != n {
		t.Fatalf("%d effects, %v", len(effects), err)
	}
	entries := trail(t, db)
	if len(entries) != ledger.MaxAudits || entries[0].Record != "csl_100" {
		t.Errorf("there are %d entries, the oldest about %s", len(entries), entries[0].Record)
	}
	if again, err := l.Effects(t.Context(), db, noon.AddDate(2, 0, 0)); err != nil || len(again) != 0 {
		t.Errorf("told again: %v, %v", again, err)
	}
}

// away is a store that takes no batch.
type away struct{ store.Engine }

func (away) Commit(context.Context, store.Batch) error { return store.ErrUnavailable }

func TestSettlingEndsWhereTheStoreIsAway(t *testing.T) {
	t.Parallel()
	l := newLedger()
	db := away{filled(t, l, many(1)...)}
	if err := l.Settle(t.Context(), db, noon.Add(time.Hour)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Settle = %v", err)
	}
	if _, err := l.Settled(t.Context(), db, db.Read(t.Context()), noon.Add(time.Hour)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Settled = %v", err)
	}
	if r, err := l.Settled(t.Context(), db, db.Read(t.Context()), noon); r == nil || err != nil {
		t.Errorf("Settled = %v where nothing is due", err)
	}
}

// TestRecordsFallDueByTheRulesOfNow reloads a dialect without its expiry, and
// with it again.
func TestRecordsFallDueByTheRulesOfNow(t *testing.T) {
	t.Parallel()
	with := newLedger()
	data, err := mappings.FS.ReadFile("kirimdev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(string(data), "\n")
	for i, line := range lines {
		if strings.HasPrefix(line, "    expires: {") {
			lines[i] = ""
		}
	}
	set, err := compile.Compile(fstest.MapFS{"kirimdev.yaml": {Data: []byte(strings.Join(lines, "\n"))}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	without := &ledger.Ledger{Set: set}
	db := filled(t, with, many(100)...)
	if err := without.Settle(t.Context(), db, noon.Add(10*time.Minute)); err != nil {
		t.Fatal(err)
	}
	if len(trail(t, db)) != 0 || get(t, db, "csl_0").Record.Text(record.SlotStatus) != record.Active || len(db.Read(t.Context()).Due(noon.Add(10*time.Minute).UnixMilli(), 0)) != 0 {
		t.Error("a link expired without a rule")
	}
	if err := without.Reschedule(t.Context(), db, with.Set); err != nil {
		t.Fatal(err)
	}
	if n := len(db.Read(t.Context()).Due(1<<50, 0)); n != 0 {
		t.Errorf("%d rows are due without a rule", n)
	}
	if err := with.Reschedule(t.Context(), db, without.Set); err != nil {
		t.Fatal(err)
	}
	if n := len(db.Read(t.Context()).Due(1<<50, 0)); n != 100 {
		t.Errorf("%d rows are due, want all", n)
	}
}
