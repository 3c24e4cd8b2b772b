package storetest

import (
	"context"
	"errors"
	"strconv"
	"testing"

	"github.com/polylink-dev/polylink/store"
)

func scans(t *testing.T, make store.Maker) {
	db := filled(t, make, row("1", "a", 1), row("2", "a\x00b", 2), row("3", "a", 3), row("4", "a\x00", 0), row("5", "ab", 4))
	r := db.Read(context.Background())
	defer truth(t, r)
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
			if got := rowKeys(r.Scan(table, tc.scope, tc.page)); got != tc.want {
				t.Errorf("Scan = %s, want %s", got, tc.want)
			}
		})
	}
}

func refusals(t *testing.T, make store.Maker) {
	cancelled, cancel := context.WithCancel(context.Background())
	cancel()
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
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			db := filled(t, make, row("1", "a", 1, "slug"))
			ctx := tc.ctx
			if ctx == nil {
				ctx = context.Background()
			}
			if err := db.Commit(ctx, tc.batch); err == nil || tc.want != nil && !errors.Is(err, tc.want) {
				t.Errorf("Commit = %v, want %v", err, tc.want)
			}
			if got := rowKeys(db.Read(context.Background()).Scan(table, "", store.Page{})); got != "[1]" || count(t, db) != 1 {
				t.Errorf("%s and %d rows are left, want the one there was", got, count(t, db))
			}
			if err := db.Commit(context.Background(), store.Batch{Put: []*store.Row{row("9", "a", 1)}}); err != nil {
				t.Errorf("the next Commit = %v", err)
			}
			if got := db.Read(context.Background()).Get(table, "9"); got == nil || got.Seq != 2 {
				t.Errorf("the next row is %+v, want Seq 2", got)
			}
		})
	}
}

// handovers lets a batch hand a key from one row to another.
func handovers(t *testing.T, make store.Maker) {
	db := filled(t, make, row("1", "a", 1, "slug"))
	err := db.Commit(context.Background(), store.Batch{
		Expect: []store.Expect{at("1", 1), at("2", 0)},
		Put:    []*store.Row{row("1", "a", 1), row("2", "a", 2, "slug")},
		Absent: only("slug", "2"),
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := rowKeys(db.Read(context.Background()).Find(table, "slug")); got != "[2]" {
		t.Errorf("Find = %s, want [2]", got)
	}
}

// views looks that a view sees no later batch.
func views(t *testing.T, make store.Maker) {
	db := filled(t, make, row("1", "a", 1))
	before := db.Read(context.Background())
	if err := db.Commit(context.Background(), store.Batch{Del: []store.Expect{{Table: table, Key: "1"}}, Put: []*store.Row{row("2", "a", 2)}}); err != nil {
		t.Fatal(err)
	}
	if got := rowKeys(before.Scan(table, "a", store.Page{})); got != "[1]" {
		t.Errorf("the old view shows %s, want [1]", got)
	}
	if got := rowKeys(db.Read(context.Background()).Scan(table, "a", store.Page{})); got != "[2]" {
		t.Errorf("a new view shows %s, want [2]", got)
	}
}

// unknown asks for a table that does not exist.
func unknown(t *testing.T, make store.Maker) {
	db := filled(t, make)
	r := db.Read(t.Context())
	defer truth(t, r)
	if r.Get("x", "1") != nil || r.Find("x", "1") != nil || r.Scan("x", "", store.Page{}) != nil {
		t.Error("a table that does not exist has rows")
	}
	if n, err := db.Count(t.Context(), "x"); n != 0 || err != nil {
		t.Errorf("Count = %d, %v", n, err)
	}
}

// loads looks that loaded rows keep their order and versions.
func loads(t *testing.T, make store.Maker) {
	var rows []*store.Row
	for i := range 1000 {
		rows = append(rows, row(strconv.Itoa(1000+i), "a", 7, "k"))
	}
	rows[500].Version = 4
	db := filled(t, make, rows...)
	r := db.Read(context.Background())
	defer truth(t, r)
	got := r.Scan(table, "a", store.Page{Ascending: true})
	if rowKeys(got) != rowKeys(rows) || count(t, db) != 1000 || rowKeys(r.Find(table, "k")) != rowKeys(rows) {
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
		if err := db.Load(t.Context(), bad); err == nil || count(t, db) != 1000 {
			t.Errorf("Load of a row %s = %v and %d rows", name, err, count(t, db))
		}
	}
}

// contexts looks that an ended context is told and changes nothing.
func contexts(t *testing.T, make store.Maker) {
	db := filled(t, make, row("1", "a", 1))
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := db.Load(ctx, []*store.Row{row("2", "a", 1)}); !errors.Is(err, context.Canceled) {
		t.Errorf("Load = %v", err)
	}
	if err := db.Commit(ctx, store.Batch{Del: []store.Expect{at("1", 0)}}); !errors.Is(err, context.Canceled) {
		t.Errorf("Commit = %v", err)
	}
	r := db.Read(context.Background())
	defer truth(t, r)
	if got := rowKeys(r.Scan(table, "", store.Page{})); got != "[1]" {
		t.Errorf("%s are left, want [1]", got)
	}
}

// forks looks that engines and their forks go their own ways, Seq included.
func forks(t *testing.T, make store.Maker) {
	db := filled(t, make, row("1", "a", 1, "k"), row("2", "a", 2))
	fork, err := db.Fork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	put := func(db store.Engine, rows ...*store.Row) {
		t.Helper()
		if err := db.Commit(t.Context(), store.Batch{Put: rows, Del: []store.Expect{at("2", 0)}}); err != nil {
			t.Fatal(err)
		}
	}
	put(db, row("1", "b", 1), row("3", "a", 3))
	put(fork, row("4", "a", 3, "k"))
	a, b := db.Read(t.Context()), fork.Read(t.Context())
	defer truth(t, a)
	defer truth(t, b)
	for what, c := range map[string]struct {
		got  []*store.Row
		want string
	}{
		"origin":         {a.Scan(table, "", store.Page{Ascending: true}), "[1 3]"},
		"origin's scope": {a.Scan(table, "a", store.Page{}), "[3]"},
		"origin's key":   {a.Find(table, "k"), "[]"},
		"fork":           {b.Scan(table, "", store.Page{Ascending: true}), "[1 4]"},
		"fork's scope":   {b.Scan(table, "a", store.Page{}), "[4 1]"},
		"fork's key":     {b.Find(table, "k"), "[1 4]"},
	} {
		if got := rowKeys(c.got); got != c.want {
			t.Errorf("%s holds %s, want %s", what, got, c.want)
		}
	}
	if x, y := a.Get(table, "3"), b.Get(table, "4"); x.Seq != 3 || y.Seq != 3 {
		t.Errorf("the next rows have Seq %d and %d, want 3 in both", x.Seq, y.Seq)
	}
	if count(t, db) != 2 || count(t, fork) != 2 {
		t.Errorf("%d and %d rows are counted, want 2 and 2", count(t, db), count(t, fork))
	}
}
