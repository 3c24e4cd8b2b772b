package mockstore_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// lines are rows as a test compares them.
func lines(rows []*store.Row) (out []string) {
	for _, r := range rows {
		out = append(out, fmt.Sprint(r.Key, r.Scope, r.Created, r.Seq, r.Version, r.Keys, r.Due))
	}
	return out
}

// TestLogsAreAsOtherTables makes the same changes to a table that is a log and to
// one that is none, in a store and its forks, and reads them in every way.
func TestLogsAreAsOtherTables(t *testing.T) {
	t.Parallel()
	const log, other = 0, 1
	names := [2]string{record.Audits.Kind, record.Customers.Kind}
	rapid.Check(t, func(t *rapid.T) {
		dbs := [][2]store.Engine{{mockstore.New(), mockstore.New()}}
		var views [][2]store.Reader
		keys := rapid.SampledFrom([]string{"a", "b", "c", "d"})
		scopes := rapid.SampledFrom([]string{"", "s", "t"})
		one := func(t *rapid.T) [2]store.Engine {
			return dbs[rapid.IntRange(0, len(dbs)-1).Draw(t, "store")]
		}
		both := func(t *rapid.T, make func(table string) store.Batch) {
			db := one(t)
			a, b := db[log].Commit(t.Context(), make(names[log])), db[other].Commit(t.Context(), make(names[other]))
			if (a == nil) != (b == nil) {
				t.Fatalf("the log says %v, the table %v", a, b)
			}
		}
		t.Repeat(map[string]func(*rapid.T){
			"put": func(t *rapid.T) {
				r := store.Row{Key: keys.Draw(t, "key"), Scope: scopes.Draw(t, "scope"), Created: int64(rapid.IntRange(0, 5).Draw(t, "created")),
					Keys: rapid.SliceOfNDistinct(keys, 0, 2, rapid.ID).Draw(t, "keys"), Due: int64(rapid.IntRange(0, 2).Draw(t, "due"))}
				taken := store.Lookup{Key: keys.Draw(t, "absent"), Row: r.Key}
				both(t, func(table string) store.Batch {
					row, l := r, taken
					row.Table, l.Table = table, table
					return store.Batch{Put: []*store.Row{&row}, Absent: []store.Lookup{l}}
				})
			},
			"delete": func(t *rapid.T) {
				key := keys.Draw(t, "key")
				both(t, func(table string) store.Batch { return store.Batch{Del: []store.Expect{{Table: table, Key: key}}} })
			},
			"fork": func(t *rapid.T) {
				db := one(t)
				var next [2]store.Engine
				for i := range next {
					f, err := db[i].Fork(t.Context())
					if err != nil {
						t.Fatal(err)
					}
					next[i] = f
				}
				if len(dbs) < 4 {
					dbs = append(dbs, next)
				}
			},
			"view": func(t *rapid.T) {
				db := one(t)
				views = append(views, [2]store.Reader{db[log].Read(t.Context()), db[other].Read(t.Context())})
			},
			"": func(t *rapid.T) {
				all := slices.Clone(views)
				for _, db := range dbs {
					a, _ := db[log].Count(t.Context(), names[log])
					b, _ := db[other].Count(t.Context(), names[other])
					if a != b {
						t.Fatalf("%d rows in the log, %d in the table", a, b)
					}
					all = append(all, [2]store.Reader{db[log].Read(t.Context()), db[other].Read(t.Context())})
				}
				page := store.Page{Ascending: rapid.Bool().Draw(t, "ascending"), Skip: rapid.IntRange(0, 2).Draw(t, "skip"), Limit: rapid.IntRange(0, 3).Draw(t, "limit")}
				if rapid.Bool().Draw(t, "cursor") {
					page.After = &store.Row{Key: keys.Draw(t, "after"), Created: int64(rapid.IntRange(0, 5).Draw(t, "from")), Seq: uint64(rapid.IntRange(0, 5).Draw(t, "seq"))}
				}
				scope, key := scopes.Draw(t, "of"), keys.Draw(t, "held")
				for _, v := range all {
					var seen [2][][]string
					for i, table := range names {
						seen[i] = [][]string{lines(v[i].Scan(table, scope, page)), lines(v[i].Find(table, key)), lines(v[i].Due(1, 0))}
						if r := v[i].Get(table, key); r != nil {
							seen[i] = append(seen[i], lines([]*store.Row{r}))
						}
					}
					if diff := cmp.Diff(seen[other], seen[log]); diff != "" {
						t.Fatalf("page %+v of %q, key %q (-table +log):\n%s", page, scope, key, diff)
					}
				}
			},
		})
	})
}

// TestARowThatHasChangedIsListedAsItIs reads a list in views from before and after
// a change, in the store and in a fork that has changed nothing.
func TestARowThatHasChangedIsListedAsItIs(t *testing.T) {
	t.Parallel()
	db := linkRows(t, 3)
	fork, err := db.Fork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	before := db.Read(t.Context())
	next := *before.Get(table, "acme/1")
	next.Due = 7
	if err := db.Commit(t.Context(), store.Batch{Put: []*store.Row{&next}}); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		r    store.Reader
		want uint64
	}{"before": {before, 1}, "fork": {fork.Read(t.Context()), 1}, "after": {db.Read(t.Context()), 2}} {
		rows := c.r.Scan(table, next.Scope, store.Page{})
		if len(rows) != 3 || rows[1].Key != next.Key || rows[1].Version != c.want {
			t.Errorf("%s: listed as %v", name, lines(rows))
		}
		if held := c.r.Find(table, "slug1"); len(held) != 1 || held[0].Version != c.want {
			t.Errorf("%s: found as %v", name, lines(held))
		}
	}
}
