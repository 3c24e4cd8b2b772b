package storetest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// concurrent counts with fifty goroutines in one row, and lets
// readers and forks look on.
func concurrent(t *testing.T, make store.Maker) {
	rec := record.New(record.Links, "x")
	rec.Set(record.SlotMetadata, "0")
	counter := row("n", "a", 1, "k")
	counter.Record = rec
	db := filled(t, make, counter)
	const workers, rounds = 50, 20
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for range rounds {
				for errors.Is(increment(db), store.ErrConflict) {
				}
				fork, err := db.Fork(context.Background())
				if err != nil {
					t.Error(err)
					return
				}
				r := fork.Read(context.Background())
				if rows := r.Scan(table, "a", store.Page{Limit: 1}); len(rows) != 1 || len(r.Find(table, "k")) != 1 {
					t.Error("the counter was not in its lists")
				}
			}
		})
	}
	wg.Wait()
	got := db.Read(context.Background()).Get(table, "n")
	if n := got.Record.Get(record.SlotMetadata); n != strconv.Itoa(workers*rounds) || got.Version != workers*rounds+1 {
		t.Errorf("counted to %s in version %d, want %d", n, got.Version, workers*rounds)
	}
}

func increment(db store.Engine) error {
	old := db.Read(context.Background()).Get(table, "n")
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

// racing lets many writers want the same key, in batches of two rows: one wins,
// and no batch is taken by half.
func racing(t *testing.T, make store.Maker) {
	db := filled(t, make)
	var won atomic.Int64
	var wg sync.WaitGroup
	const writers = 30
	for i := range writers {
		wg.Go(func() {
			a, b := fmt.Sprintf("%da", i), fmt.Sprintf("%db", i)
			err := db.Commit(context.Background(), store.Batch{
				Expect: []store.Expect{at(a, 0), at(b, 0)},
				Put:    []*store.Row{row(a, "s", int64(i), "slug"), row(b, "s", int64(i))},
				Absent: only("slug", a),
			})
			switch {
			case err == nil:
				won.Add(1)
			case !errors.Is(err, store.ErrTaken):
				t.Errorf("Commit = %v", err)
			}
		})
	}
	wg.Wait()
	r := db.Read(t.Context())
	defer truth(t, r)
	if n := len(r.Scan(table, "s", store.Page{})); won.Load() != 1 || n != 2 || len(r.Find(table, "slug")) != 1 {
		t.Errorf("%d batches were taken and %d rows are there", won.Load(), n)
	}
}

// rowsOfMany is how many rows the test of many has, unless ROWS says how many.
const rowsOfMany = 20_000

// ROWS is the variable by which make rows asks for a million.
const ROWS = "POLYLINK_ROWS"

// size is how many rows there are, a multiple of 12, and how many are on a page.
func size(t *testing.T) (rows, page int) {
	rows = rowsOfMany
	if text := os.Getenv(ROWS); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < rowsOfMany {
			t.Fatalf("%s is %q, and no number from %d", ROWS, text, rowsOfMany)
		}
		rows = n
	}
	return rows / 12 * 12, rows/200 - 3
}

// many reads a long scope page by page, both ways, while it is written to.
func many(t *testing.T, make store.Maker) {
	total, perPage := size(t)
	rows := []*store.Row{}
	for i := range total {
		rows = append(rows, row(strconv.Itoa(i), []string{"odd", "even"}[(i+1)%2], int64(i/3), "k"+strconv.Itoa(i/2)))
	}
	db := filled(t, make, rows...)
	for _, up := range []bool{false, true} {
		want := count(t, db) - total/2
		r, seen, last := db.Read(t.Context()), 0, (*store.Row)(nil)
		for n := perPage; n == perPage; seen += n {
			page := r.Scan(table, "odd", store.Page{Ascending: up, After: last, Limit: perPage})
			for _, next := range page {
				if last != nil && (cmp.Or(cmp.Compare(last.Created, next.Created), cmp.Compare(last.Seq, next.Seq)) < 0) != up {
					t.Fatalf("row %s comes after row %s", next.Key, last.Key)
				}
				last = next
			}
			n = len(page)
			if err := db.Commit(t.Context(), store.Batch{Put: []*store.Row{row(fmt.Sprint("new", up, seen), "odd", last.Created)}}); err != nil {
				t.Fatal(err)
			}
		}
		truth(t, r)
		if seen != want {
			t.Errorf("%d rows were seen in pages, want %d", seen, want)
		}
	}
	r := db.Read(t.Context())
	defer truth(t, r)
	if got := rowKeys(r.Find(table, "k2500")); got != "[5000 5001]" {
		t.Errorf("Find = %s", got)
	}
	if got := rowKeys(r.Scan(table, "even", store.Page{Skip: total/2 - 1})); got != "[0]" {
		t.Errorf("the last one is %s", got)
	}
}
