package storetest

import (
	"context"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// The words that random rows are made of: prefixes of one another, NULs and
// bytes that are no UTF-8.
var (
	tables = []string{record.Links.Kind, record.Customers.Kind}
	keys   = []string{"a", "a\x00", "a\x00b", "b", "\xff", "\xff\xff"}
	scopes = []string{"", "a", "a\x00", "a\x00b", "b", "\x01a", strings.Repeat("long", 50)}
	looks  = []string{"", "x", "x\x00", "xy", "\x01x"}
	dues   = []int64{0, 0, -1, 1, 256, 1 << 50}
)

func drawRow(t *rapid.T) *store.Row {
	return &store.Row{
		Table:   rapid.SampledFrom(tables).Draw(t, "table"),
		Key:     rapid.SampledFrom(keys).Draw(t, "key"),
		Scope:   rapid.SampledFrom(scopes).Draw(t, "scope"),
		Created: rapid.Int64Range(-2, 2).Draw(t, "created"),
		Keys:    rapid.SliceOfN(rapid.SampledFrom(looks), 0, 3).Draw(t, "keys"),
		Due:     rapid.SampledFrom(dues).Draw(t, "due"),
		Version: rapid.Uint64Range(0, 3).Draw(t, "stale version"), // a copy of an old row has one
	}
}

func drawBatch(t *rapid.T) store.Batch {
	b := store.Batch{Put: rapid.SliceOfN(rapid.Custom(drawRow), 0, 4).Draw(t, "put")}
	at := rapid.Custom(func(t *rapid.T) store.Expect {
		return store.Expect{
			Table:   rapid.SampledFrom(tables).Draw(t, "table"),
			Key:     rapid.SampledFrom(keys).Draw(t, "key"),
			Version: rapid.SampledFrom([]uint64{0, 0, 1, 1, 2, 3}).Draw(t, "version"),
		}
	})
	b.Del = rapid.SliceOfN(at, 0, 2).Draw(t, "del")
	if rapid.Bool().Draw(t, "conditional") {
		b.Expect = rapid.SliceOfN(at, 0, 2).Draw(t, "expect")
	}
	if rapid.Bool().Draw(t, "unique") {
		b.Absent = rapid.SliceOfN(rapid.Custom(func(t *rapid.T) store.Lookup {
			return store.Lookup{
				Table: rapid.SampledFrom(tables).Draw(t, "table"),
				Key:   rapid.SampledFrom(looks).Draw(t, "key"),
				Row:   rapid.SampledFrom(keys).Draw(t, "row"),
			}
		}), 0, 2).Draw(t, "absent")
	}
	return b
}

// random runs random batches and forks against engines and maps. After every
// step all of them are compared, so a fork that leaked either way would show.
func random(t *testing.T, make store.Maker) {
	rapid.Check(t, func(t *rapid.T) {
		type world struct {
			db store.Engine
			m  *model
		}
		db, err := make(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		worlds := []world{{db, &model{rows: map[[2]string]*store.Row{}}}}
		t.Repeat(map[string]func(*rapid.T){
			"commit": func(t *rapid.T) {
				w := rapid.SampledFrom(worlds).Draw(t, "world")
				b := drawBatch(t)
				want := w.m.commit(b)
				if got := w.db.Commit(context.Background(), b); !errors.Is(got, want) {
					t.Fatalf("Commit = %v, want %v", got, want)
				}
			},
			"fork": func(t *rapid.T) {
				if len(worlds) == 3 {
					worlds = slices.Delete(worlds, 0, 1)
				}
				w := rapid.SampledFrom(worlds).Draw(t, "world")
				fork, err := w.db.Fork(context.Background())
				if err != nil {
					t.Fatal(err)
				}
				worlds = append(worlds, world{fork, w.m.fork()})
			},
			"": func(t *rapid.T) {
				for _, w := range worlds {
					compare(t, w.db, w.m)
				}
			},
		})
	})
}

// compare reads every row, and a drawn list of them in all ways there are.
func compare(t *rapid.T, db store.Engine, m *model) {
	r := db.Read(context.Background())
	defer func() {
		if err := r.Err(); err != nil {
			t.Fatal(err)
		}
	}()
	for _, table := range tables {
		want := m.scan(table, "", true)
		same(t, "all rows", r.Scan(table, "", store.Page{Ascending: true}), want)
		if got, err := db.Count(context.Background(), table); got != len(want) || err != nil {
			t.Fatalf("Count(%s) = %d, %v, want %d", table, got, err, len(want))
		}
	}
	table := rapid.SampledFrom(tables).Draw(t, "table")
	key := rapid.SampledFrom(keys).Draw(t, "key")
	same(t, "Get", []*store.Row{r.Get(table, key)}, []*store.Row{m.rows[[2]string{table, key}]})
	look := rapid.SampledFrom(looks).Draw(t, "look-up")
	same(t, "Find", r.Find(table, look), m.find(table, look))

	limit := rapid.IntRange(1, 3).Draw(t, "limit")
	by := rapid.SampledFrom(dues).Draw(t, "by")
	due := m.due(by)
	same(t, "Due", r.Due(by, 0), due)
	same(t, "the first due", r.Due(by, limit), due[:min(limit, len(due))])

	scope := rapid.SampledFrom(scopes).Draw(t, "scope")
	for _, up := range []bool{false, true} {
		want := m.scan(table, scope, up)
		same(t, "Scan", r.Scan(table, scope, store.Page{Ascending: up}), want)
		same(t, "pages", pages(t, r, table, scope, up, limit), want)
		same(t, "Skip", r.Scan(table, scope, store.Page{Ascending: up, Skip: limit}), want[min(limit, len(want)):])
	}
}

// pages reads a scope a page at a time.
func pages(t *rapid.T, r store.Reader, table, scope string, up bool, limit int) []*store.Row {
	var all []*store.Row
	p := store.Page{Ascending: up, Limit: limit}
	for {
		rows := r.Scan(table, scope, p)
		all = append(all, rows...)
		if len(rows) > limit || len(all) > len(keys) {
			t.Fatalf("a page of %d rows with limit %d, %d in all", len(rows), limit, len(all))
		}
		if len(rows) < limit {
			return all
		}
		cursor := *rows[len(rows)-1]
		p.After = &cursor
	}
}

func same(t *rapid.T, what string, got, want []*store.Row) {
	if !slices.EqualFunc(got, want, func(a, b *store.Row) bool { return reflect.DeepEqual(a, b) }) {
		t.Fatalf("%s (-want +got):\n%s", what, cmp.Diff(want, got))
	}
}
