package storetest

import (
	"errors"
	"testing"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// dueRows looks that Due is a part of the batch, of what is loaded and of what
// is forked.
func dueRows(t *testing.T, make store.Maker) {
	customer := &store.Row{Table: record.Customers.Kind, Key: "1", Due: 5}
	db := filled(t, make, &store.Row{Table: table, Key: "1", Due: 10}, customer, row("2", "", 1))
	due := func(db store.Engine, by int64, want string) {
		t.Helper()
		r := db.Read(t.Context())
		if got := rowKeys(r.Due(by, 0)); got != want {
			t.Errorf("due by %d are %s, want %s", by, got, want)
		}
		truth(t, r)
	}
	commit := func(b store.Batch) error { return db.Commit(t.Context(), b) }
	due(db, 4, "[]")
	due(db, 5, "[1]")
	due(db, 10, "[1 1]")
	fork, err := db.Fork(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	view := db.Read(t.Context())
	if err := commit(store.Batch{Put: []*store.Row{{Table: table, Key: "2", Due: 3}, {Table: table, Key: "1"}}}); err != nil {
		t.Fatal(err)
	}
	due(db, 10, "[2 1]")
	due(db, 3, "[2]")
	refused := store.Batch{Put: []*store.Row{{Table: table, Key: "2", Due: 1, Keys: []string{"k"}}}, Absent: only("k", "1")}
	if err := commit(refused); !errors.Is(err, store.ErrTaken) {
		t.Fatalf("Commit = %v, want ErrTaken", err)
	}
	due(db, 2, "[]")
	if err := commit(store.Batch{Del: []store.Expect{{Table: table, Key: "2"}, {Table: customer.Table, Key: "1"}}}); err != nil {
		t.Fatal(err)
	}
	due(db, 100, "[]")
	due(fork, 10, "[1 1]")
	if got := rowKeys(view.Due(10, 0)); got != "[1 1]" {
		t.Errorf("a view that was open sees %s due", got)
	}
}
