package mockstore_test

import (
	"errors"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/store/storetest"
)

func TestEngineWithABudgetKeepsItsContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, mockstore.Within(memory.New(1<<40)))
}

// linkRow is a row as a link of a few fields has it.
func linkRow(i int, text string) *store.Row {
	rec := record.New(record.Links, "acme")
	id := "lnk_" + strconv.Itoa(i)
	rec.Set(record.SlotID, record.Quote(id))
	rec.Set(record.SlotMetadata, record.Quote(text))
	return &store.Row{Table: table, Key: "acme/" + id, Scope: "acme\x00account\x00test\x00", Created: int64(i), Keys: []string{"slug" + id}, Record: rec}
}

// TestBytesAreThoseOfTheHeap holds the estimates to what the runtime says. It
// measures the whole process, so it does not run beside others.
func TestBytesAreThoseOfTheHeap(t *testing.T) {
	for name, text := range map[string]string{"small": "x", "a kilobyte": strings.Repeat("x", 1000)} {
		b := memory.New(1 << 40)
		db, err := mockstore.Within(b)(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		const n = 5_000
		before := heap()
		for i := range n {
			if err := db.Commit(t.Context(), store.Batch{Put: []*store.Row{linkRow(i, strings.Clone(text))}}); err != nil {
				t.Fatal(err)
			}
		}
		took := heap() - before
		ratio := float64(b.Total()) / float64(took)
		t.Logf("%s: a row takes %d bytes and is taken for %d", name, took/n, b.Total()/n)
		if ratio < 0.8 || ratio > 1.6 {
			t.Errorf("%s: the estimate is %.2f of the heap", name, ratio)
		}
		if err := db.Drop(t.Context()); err != nil || b.Total() != 0 {
			t.Errorf("%s: dropped with %v, and %d bytes are left", name, err, b.Total())
		}
		runtime.KeepAlive(db)
	}
}

func heap() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

// TestBytesFollowRowsAndForks runs random changes, forks and drops; in the end,
// when all stores are dropped, nothing is counted any more, and before that
// never less than what the largest store holds.
func TestBytesFollowRowsAndForks(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := memory.New(1 << 40)
		db, err := mockstore.Within(b)(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		dbs := []store.Engine{db}
		one := func(t *rapid.T) int { return rapid.IntRange(0, len(dbs)-1).Draw(t, "store") }
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				r := linkRow(rapid.IntRange(0, 5).Draw(t, "key"), strings.Repeat("x", rapid.IntRange(0, 3000).Draw(t, "size")))
				if err := dbs[one(t)].Commit(t.Context(), store.Batch{Put: []*store.Row{r}}); err != nil {
					t.Fatal(err)
				}
			},
			"delete": func(t *rapid.T) {
				r := linkRow(rapid.IntRange(0, 5).Draw(t, "key"), "")
				if err := dbs[one(t)].Commit(t.Context(), store.Batch{Del: []store.Expect{{Table: r.Table, Key: r.Key}}}); err != nil {
					t.Fatal(err)
				}
			},
			"fork": func(t *rapid.T) {
				f, err := dbs[one(t)].Fork(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				dbs = append(dbs, f)
			},
			"drop": func(t *rapid.T) {
				if len(dbs) > 1 {
					i := one(t)
					_ = dbs[i].Drop(t.Context()) // it has no errors
					dbs = append(dbs[:i], dbs[i+1:]...)
				}
			},
			"": func(t *rapid.T) {
				for _, db := range dbs {
					var n int64
					for _, r := range db.Read(t.Context()).Scan(table, "", store.Page{}) {
						n += int64(r.Record.Size())
					}
					if b.Total() < n {
						t.Fatalf("%d bytes are counted, and one store alone has %d", b.Total(), n)
					}
				}
			},
		})
		for _, db := range dbs {
			_ = db.Drop(t.Context())
			_ = db.Commit(t.Context(), store.Batch{Put: []*store.Row{linkRow(9, "late")}})
		}
		if b.Total() != 0 || b.Used(memory.Rows) != 0 {
			t.Fatalf("%d bytes are left", b.Total())
		}
	})
}

func TestForksOfOneOriginCountItsRowsOnce(t *testing.T) {
	t.Parallel()
	b := memory.New(1 << 40)
	db, err := mockstore.Within(b)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := db.Load(t.Context(), []*store.Row{linkRow(1, strings.Repeat("x", 10_000))}); err != nil {
		t.Fatal(err)
	}
	one := b.Total()
	for range 100 {
		if _, err := db.Fork(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if b.Total() != one || one < 10_000 {
		t.Errorf("%d bytes with a hundred forks, %d without", b.Total(), one)
	}
}

// TestAFullBudgetRefusesWhatGrows fills one, and looks what still goes.
func TestAFullBudgetRefusesWhatGrows(t *testing.T) {
	t.Parallel()
	b := memory.New(memory.Least)
	db, err := mockstore.Within(b)(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	put := func(i, size int) error {
		return db.Commit(t.Context(), store.Batch{Put: []*store.Row{linkRow(i, strings.Repeat("x", size))}})
	}
	n := 0
	for ; err == nil; n++ {
		err = put(n, 1<<20)
	}
	if !errors.Is(err, store.ErrFull) || n < 50 || n > 64 {
		t.Fatalf("row %d = %v", n, err)
	}
	if err := db.Load(t.Context(), []*store.Row{linkRow(1000, strings.Repeat("x", 1<<20))}); !errors.Is(err, store.ErrFull) {
		t.Errorf("Load = %v", err)
	}
	count, _ := db.Count(t.Context(), table)
	if count != n-1 || b.Total() > b.Limit() {
		t.Errorf("%d rows, %d bytes", count, b.Total())
	}
	owed := store.Batch{Put: []*store.Row{linkRow(2000, "x")}, Owed: true}
	if err := db.Commit(t.Context(), owed); err != nil {
		t.Errorf("what has to be written: %v", err)
	}
	if err := put(0, 1<<19); err != nil {
		t.Errorf("a row that shrinks: %v", err)
	}
	if err := db.Commit(t.Context(), store.Batch{Del: []store.Expect{{Table: table, Key: linkRow(1, "").Key}, {Table: table, Key: linkRow(2, "").Key}}}); err != nil {
		t.Errorf("Del = %v", err)
	}
	if err := put(n, 1<<20); err != nil {
		t.Errorf("after rows were deleted: %v", err)
	}
}
