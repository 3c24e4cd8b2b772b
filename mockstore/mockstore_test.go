package mockstore_test

import (
	"context"
	"strconv"
	"testing"

	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/store/storetest"
)

func TestEngineKeepsItsContract(t *testing.T) {
	t.Parallel()
	storetest.Run(t, mockstore.Make)
}

// TestMakersAreNotSeenByOneAnother holds Make to empty engines.
func TestMakersAreNotSeenByOneAnother(t *testing.T) {
	t.Parallel()
	if err := mockstore.New().Load(t.Context(), []*store.Row{{Table: record.Links.Kind, Key: "1"}}); err != nil {
		t.Fatal(err)
	}
	db, err := mockstore.Make(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n, _ := db.Count(t.Context(), record.Links.Kind); n != 0 || db.Read(t.Context()).Get(record.Links.Kind, "1") != nil {
		t.Error("a new engine has a row of another one")
	}
}

var table = record.Links.Kind

func linkRows(b testing.TB, n int) *mockstore.DB {
	rows := make([]*store.Row, n)
	for i := range rows {
		k := strconv.Itoa(i)
		rows[i] = &store.Row{Table: table, Key: "acme/" + k, Scope: "acme\x00acct\x00test\x00", Created: int64(i), Keys: []string{"slug" + k}}
	}
	db := mockstore.New()
	if err := db.Load(context.Background(), rows); err != nil {
		b.Fatal(err)
	}
	return db
}

func BenchmarkFork(b *testing.B) {
	for _, n := range []int{0, 100_000} {
		b.Run(strconv.Itoa(n), func(b *testing.B) {
			db := linkRows(b, n)
			b.ReportAllocs()
			for b.Loop() {
				_, _ = db.Fork(context.Background()) // it has no errors
			}
		})
	}
}

func BenchmarkUpdate(b *testing.B) {
	db := linkRows(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		next := *db.Read(context.Background()).Get(table, "acme/5000")
		if err := db.Commit(context.Background(), store.Batch{
			Expect: []store.Expect{{Table: table, Key: next.Key, Version: next.Version}},
			Put:    []*store.Row{&next},
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	db := linkRows(b, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		if db.Read(context.Background()).Get(table, "acme/5000") == nil {
			b.Fatal("gone")
		}
	}
}

func BenchmarkScan20(b *testing.B) {
	db := linkRows(b, 100_000)
	after := db.Read(context.Background()).Get(table, "acme/50000")
	b.ReportAllocs()
	for b.Loop() {
		if len(db.Read(context.Background()).Scan(table, after.Scope, store.Page{After: after, Limit: 20})) != 20 {
			b.Fatal("short")
		}
	}
}

func TestAStoredRowIsNotPutAgain(t *testing.T) {
	t.Parallel()
	db := linkRows(t, 1)
	stored := db.Read(t.Context()).Get(table, "acme/0")
	if err := db.Commit(t.Context(), store.Batch{Put: []*store.Row{stored}}); err == nil {
		t.Error("a row that is shared with readers was changed in place")
	}
}

func BenchmarkNothingIsDue(b *testing.B) {
	db := mockstore.New()
	if err := db.Commit(b.Context(), store.Batch{Put: []*store.Row{{Table: record.Links.Kind, Key: "1", Due: 1 << 50}}}); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if db.Read(b.Context()).Due(1<<40, 1) != nil {
			b.Fatal("something is due")
		}
	}
}
