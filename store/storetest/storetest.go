// Package storetest is the contract test of engines.
//
// Every engine calls Run from a test of its own and has to pass it whole: what
// it shows are the sentences of store.Engine and store.Reader, with tables of
// cases, with random batches and forks beside a plain map, with many writers at
// once, and with many rows. It knows no engine. What only one engine promises,
// such as what a fork costs, is left to that engine's tests. Start with Run.
package storetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Run holds the engines that make makes to the contract.
func Run(t *testing.T, make store.Maker) {
	for name, test := range map[string]func(*testing.T, store.Maker){
		"scans":      scans,
		"refusals":   refusals,
		"handovers":  handovers,
		"dues":       dueRows,
		"views":      views,
		"unknown":    unknown,
		"loads":      loads,
		"contexts":   contexts,
		"forks":      forks,
		"concurrent": concurrent,
		"racing":     racing,
		"many rows":  many,
		"random":     random,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, make)
		})
	}
}

// table is where the cases put their rows.
var table = record.Links.Kind

func row(key, scope string, created int64, keys ...string) *store.Row {
	return &store.Row{Table: table, Key: key, Scope: scope, Created: created, Keys: keys}
}

func at(key string, version uint64) store.Expect {
	return store.Expect{Table: table, Key: key, Version: version}
}

func only(key, row string) []store.Lookup { return []store.Lookup{{Table: table, Key: key, Row: row}} }

// filled returns an engine with these rows.
func filled(tb testing.TB, make store.Maker, rows ...*store.Row) store.Engine {
	tb.Helper()
	db, err := make(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	if err := db.Load(tb.Context(), rows); err != nil {
		tb.Fatal(err)
	}
	return db
}

// count counts the rows of the table.
func count(tb testing.TB, db store.Engine) int {
	tb.Helper()
	n, err := db.Count(context.Background(), table)
	if err != nil {
		tb.Error(err)
	}
	return n
}

// truth fails the test when a read had an error.
func truth(tb testing.TB, r store.Reader) {
	tb.Helper()
	if err := r.Err(); err != nil {
		tb.Error(err)
	}
}

func rowKeys(rows []*store.Row) string {
	var s []string
	for _, r := range rows {
		s = append(s, r.Key)
	}
	return fmt.Sprint(s)
}
