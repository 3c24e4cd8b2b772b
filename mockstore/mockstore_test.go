package mockstore_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

var table = record.Links.Kind

func row(key, scope string, created int64, keys ...string) *store.Row {
	return &store.Row{Table: table, Key: key, Scope: scope, Created: created, Keys: keys}
}

func at(key string, version uint64) store.Expect {
	return store.Expect{Table: table, Key: key, Version: version}
}

func only(key, row string) []store.Lookup { return []store.Lookup{{Table: table, Key: key, Row: row}} }

// filled returns a store with these rows.
func filled(tb testing.TB, rows ...*store.Row) *mockstore.DB {
	tb.Helper()
	db := mockstore.New()
	if err := db.Load(rows); err != nil {
		tb.Fatal(err)
	}
	return db
}

func rowKeys(rows []*store.Row) string {
	var s []string
	for _, r := range rows {
		s = append(s, r.Key)
	}
	return fmt.Sprint(s)
}

func TestScanStaysInItsScope(t *testing.T) {
	t.Parallel()
	db := filled(t, row("1", "a", 1), row("2", "a\x00b", 2), row("3", "a", 3), row("4", "a\x00", 0), row("5", "ab", 4))
	r := db.Read()
	cases := map[string]struct {
		scope string
		page  store.Page
		want  string
	}{
		"newest first":     {"a", store.Page{}, "[3 1]"},
		"oldest first":     {"a", store.Page{Ascending: true}, "[1 3]"},
		"behind the last":  {"a", store.Page{After: r.Get(table, "1")}, "[]"},
		"behind the first": {"a", store.Page{After: r.Get(table, "3")}, "[1]"},
		"upwards":          {"a", store.Page{Ascending: true, After: r.Get(table, "1")}, "[3]"},
		"end upwards":      {"a", store.Page{Ascending: true, After: r.Get(table, "3")}, "[]"},
		"longer scope":     {"a\x00b", store.Page{}, "[2]"},
		"a bare NUL":       {"a\x00", store.Page{}, "[4]"},
		"no such scope":    {"b", store.Page{}, "[]"},
		"cursor is gone":   {"a", store.Page{After: &store.Row{Created: 2}}, "[1]"},
		"kept":             {"a", store.Page{Keep: func(r *store.Row) bool { return r.Key == "1" }}, "[1]"},
		"skip counts kept": {"a", store.Page{Skip: 1, Keep: func(r *store.Row) bool { return r.Key == "1" }}, "[]"},
		"limit":            {"a", store.Page{Limit: 1}, "[3]"},
		"past the end":     {"a", store.Page{Skip: 9}, "[]"},
		"everything":       {"", store.Page{Ascending: true}, "[1 2 3 4 5]"},
		"everything down":  {"", store.Page{Limit: 2, After: r.Get(table, "4")}, "[3 2]"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := rowKeys(r.Scan(table, tc.scope, tc.page)); got != tc.want {
				t.Errorf("Scan = %s, want %s", got, tc.want)
			}
		})
	}
}

func TestCommitRefuses(t *testing.T) {
	t.Parallel()
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
	stored := row("1", "a", 1, "slug")
	cases := map[string]struct {
		ctx   context.Context
		batch store.Batch
		want  error // nil is any
	}{
		"a stale version":     {nil, store.Batch{Expect: []store.Expect{at("1", 2)}, Put: []*store.Row{row("1", "a", 1)}}, store.ErrConflict},
		"a row that exists":   {nil, store.Batch{Expect: []store.Expect{at("1", 0)}, Put: []*store.Row{row("1", "a", 1)}}, store.ErrConflict},
		"a row that does not": {nil, store.Batch{Expect: []store.Expect{at("2", 1)}, Put: []*store.Row{row("2", "a", 1)}}, store.ErrConflict},
		"a taken key":         {nil, store.Batch{Absent: only("slug", "2"), Put: []*store.Row{row("2", "a", 1, "slug")}}, store.ErrTaken},
		"a key taken inside":  {nil, store.Batch{Absent: only("k", "2"), Put: []*store.Row{row("2", "a", 1, "k"), row("3", "a", 1, "k")}}, store.ErrTaken},
		"a cancelled context": {cancelled, store.Batch{Put: []*store.Row{row("2", "a", 1)}}, context.Canceled},
		"an unknown kind":     {nil, store.Batch{Put: []*store.Row{row("2", "a", 1), {Table: "x", Key: "3"}}}, nil},
		"a row with no key":   {nil, store.Batch{Put: []*store.Row{row("2", "a", 1), row("", "a", 1)}}, nil},
		"no row":              {nil, store.Batch{Put: []*store.Row{row("2", "a", 1), nil}}, nil},
		"a stored row":        {nil, store.Batch{Put: []*store.Row{row("2", "a", 1), stored}}, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			stored.Seq, stored.Version = 0, 0
			db := filled(t, stored)
			ctx := tc.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			if err := db.Commit(ctx, tc.batch); err == nil || tc.want != nil && !errors.Is(err, tc.want) {
				t.Errorf("Commit = %v, want %v", err, tc.want)
			}
			if got := rowKeys(db.Read().Scan(table, "", store.Page{})); got != "[1]" || db.Len(table) != 1 {
				t.Errorf("%s and %d rows are left, want the one there was", got, db.Len(table))
			}
			if err := db.Commit(context.Background(), store.Batch{Put: []*store.Row{row("9", "a", 1)}}); err != nil {
				t.Errorf("the next Commit = %v", err)
			}
			if got := db.Read().Get(table, "9"); got == nil || got.Seq != 2 {
				t.Errorf("the next row is %+v, want Seq 2", got)
			}
		})
	}
}

func TestBatchHandsKeyFromOneRowToAnother(t *testing.T) {
	t.Parallel()
	db := filled(t, row("1", "a", 1, "slug"))
	err := db.Commit(context.Background(), store.Batch{
		Expect: []store.Expect{at("1", 1), at("2", 0)},
		Put:    []*store.Row{row("1", "a", 1), row("2", "a", 2, "slug")},
		Absent: only("slug", "2"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := rowKeys(db.Read().Find(table, "slug")); got != "[2]" {
		t.Errorf("Find = %s, want [2]", got)
	}
}

func TestReaderSeesNoLaterBatch(t *testing.T) {
	t.Parallel()
	db := filled(t, row("1", "a", 1))
	before := db.Read()
	if err := db.Commit(context.Background(), store.Batch{Del: []store.Expect{{Table: table, Key: "1"}}, Put: []*store.Row{row("2", "a", 2)}}); err != nil {
		t.Fatal(err)
	}
	if got := rowKeys(before.Scan(table, "a", store.Page{})); got != "[1]" {
		t.Errorf("the old view shows %s, want [1]", got)
	}
	if got := rowKeys(db.Read().Scan(table, "a", store.Page{})); got != "[2]" {
		t.Errorf("a new view shows %s, want [2]", got)
	}
}

func TestUnknownKindHasNoRows(t *testing.T) {
	t.Parallel()
	db := mockstore.New()
	r := db.Read()
	if r.Get("x", "1") != nil || r.Find("x", "1") != nil || r.Scan("x", "", store.Page{}) != nil || db.Len("x") != 0 {
		t.Error("a kind that does not exist has rows")
	}
}

func TestLoadKeepsOrderAndVersions(t *testing.T) {
	t.Parallel()
	var rows []*store.Row
	for i := range 1000 {
		rows = append(rows, row(strconv.Itoa(1000+i), "a", 7, "k"))
	}
	rows[500].Version = 4
	db := filled(t, rows...)
	r := db.Read()
	got := r.Scan(table, "a", store.Page{Ascending: true})
	if !slices.Equal(got, rows) || db.Len(table) != 1000 || !slices.Equal(r.Find(table, "k"), rows) {
		t.Error("rows come back in another order")
	}
	if got[500].Version != 4 || got[501].Version != 1 {
		t.Errorf("versions %d and %d, want 4 and 1", got[500].Version, got[501].Version)
	}
	for name, bad := range map[string][]*store.Row{
		"there already": {row("1", "a", 1), row("1000", "a", 1)},
		"twice":         {row("1", "a", 1), row("1", "a", 1)},
		"unfit":         {row("1", "a", 1), {Table: "x", Key: "1"}},
	} {
		if err := db.Load(bad); err == nil || db.Len(table) != 1000 {
			t.Errorf("Load of a row %s = %v and %d rows", name, err, db.Len(table))
		}
	}
}

// TestNoIncrementIsLost counts with fifty goroutines in one row, and lets
// readers and forks look on.
func TestNoIncrementIsLost(t *testing.T) {
	t.Parallel()
	rec := record.New(record.Links, "x")
	rec.Set(record.SlotMetadata, "0")
	counter := row("n", "a", 1, "k")
	counter.Record = rec
	db := filled(t, counter)
	const workers, rounds = 50, 20
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				for errors.Is(increment(db), store.ErrConflict) {
				}
				r := db.Fork().Read()
				if rows := r.Scan(table, "a", store.Page{Limit: 1}); len(rows) != 1 || len(r.Find(table, "k")) != 1 {
					t.Error("the counter was not in its lists")
				}
			}
		})
	}
	wg.Wait()
	got := db.Read().Get(table, "n")
	if n := got.Record.Get(record.SlotMetadata); n != strconv.Itoa(workers*rounds) || got.Version != workers*rounds+1 {
		t.Errorf("counted to %s in version %d, want %d", n, got.Version, workers*rounds)
	}
}

func increment(db *mockstore.DB) error {
	old := db.Read().Get(table, "n")
	next := *old
	next.Record = old.Record.Clone()
	n, err := strconv.Atoi(old.Record.Get(record.SlotMetadata))
	if err != nil {
		return err
	}
	next.Record.Set(record.SlotMetadata, strconv.Itoa(n+1))
	return db.Commit(context.Background(), store.Batch{
		Expect: []store.Expect{at("n", old.Version)},
		Put:    []*store.Row{&next},
	})
}

func bench(b *testing.B, n int) *mockstore.DB {
	rows := make([]*store.Row, n)
	for i := range rows {
		rows[i] = row("acme/"+strconv.Itoa(i), "acme\x00acct\x00test\x00", int64(i), "slug"+strconv.Itoa(i))
	}
	return filled(b, rows...)
}

func BenchmarkFork(b *testing.B) {
	for _, n := range []int{0, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			db := bench(b, n)
			b.ReportAllocs()
			for b.Loop() {
				db.Fork()
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	db := bench(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		next := *db.Read().Get(table, "acme/5000")
		if err := db.Commit(context.Background(), store.Batch{
			Expect: []store.Expect{at(next.Key, next.Version)},
			Put:    []*store.Row{&next},
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	db := bench(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		if db.Read().Get(table, "acme/5000") == nil {
			b.Fatal("gone")
		}
	}
}

func BenchmarkScan20(b *testing.B) {
	db := bench(b, 100_000)
	after := db.Read().Get(table, "acme/50000")
	b.ReportAllocs()
	for b.Loop() {
		if len(db.Read().Scan(table, after.Scope, store.Page{After: after, Limit: 20})) != 20 {
			b.Fatal("short")
		}
	}
}
