// Package mockstore keeps the rows of a sandbox in memory.
//
// It is the embedded engine behind store.Engine, on go-memdb: domain code hands
// it batches and reads views of it; it knows no dialect, no HTTP and no time.
// Reads never block, one batch is taken at a time, and a fork costs the same
// for a hundred rows as for a hundred thousand. Stored rows are frozen and
// shared by every view and fork that saw them. Nothing outlives the process,
// and what a row means, when it expires and whom it belongs to is left to the
// caller. Start with DB.Commit in commits.go, then schema.go for how lists are
// ordered.
package mockstore

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/go-memdb"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/store"
)

// DB holds the rows of one sandbox. It is never away: of the errors that
// store.Engine names it has those of batches and of contexts.
type DB struct {
	mem  *memdb.MemDB
	next earliest

	mu     sync.Mutex // held by whoever writes, so that what follows agrees with mem
	seq    uint64     // last Seq given out
	counts []int      // rows by tableNumbers; replaced, never changed, so forks share it
	layers layers     // what the rows take of a budget
}

var _ store.Engine = (*DB)(nil)

// New returns an empty store. Like every fork it is a snapshot of a pristine
// one and not "primary" in memdb's words: writes then track no watches, which
// nobody waits for, and never fall to memdb's slow path for large batches.
func New() *DB {
	d := &DB{mem: pristine().Snapshot(), counts: make([]int, len(tableNumbers()))}
	d.next.at.Store(never)
	return d
}

// Make is New as a store.Maker.
func Make(context.Context) (store.Engine, error) { return New(), nil }

// Within returns a maker of stores that keep to a budget.
func Within(b *memory.Budget) store.Maker {
	return func(context.Context) (store.Engine, error) {
		d := New()
		d.layers = newLayers(b)
		return d, nil
	}
}

// Fork returns a store with the same rows. They are shared, not copied.
func (d *DB) Fork(context.Context) (store.Engine, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	f := &DB{mem: d.mem.Snapshot(), seq: d.seq, counts: d.counts, layers: d.layers.fork()}
	f.next.at.Store(d.next.at.Load())
	return f, nil
}

// Drop gives back what the rows take of the budget. Whoever holds the store may
// go on reading and writing it; that is no longer counted.
func (d *DB) Drop(context.Context) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.layers.drop()
	return nil
}

// Count tells how many rows a table has.
func (d *DB) Count(_ context.Context, table string) (int, error) {
	n, ok := tableNumbers()[table]
	if !ok {
		return 0, nil
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.counts[n], nil
}

// Read opens a view of the rows as they are now.
func (d *DB) Read(context.Context) store.Reader {
	txn := d.mem.Txn(false)
	return view{txn, d.next.at.Load()} // in this order, see earliest
}

// view is one consistent state.
type view struct {
	txn  *memdb.Txn
	next int64 // when its first row is due, or earlier
}

// Err returns nil: memory is never away.
func (v view) Err() error { return nil }

// Get returns the row with a primary key, or nil.
func (v view) Get(table, key string) *store.Row {
	if k := getTxn(v.txn, table, key); k != nil {
		return &k.Row
	}
	return nil
}

// getTxn returns the row with a primary key, or nil.
func getTxn(txn *memdb.Txn, table, key string) *kept {
	// The one error there is says that the table or index does not exist.
	got, _ := txn.First(table, indexID, []byte(key))
	k, _ := got.(*kept)
	return k
}

// Find returns the rows that hold a secondary key, oldest first. No row holds
// the empty key.
func (v view) Find(table, key string) []*store.Row {
	var rows []*store.Row
	eachHolderTxn(v.txn, table, key, func(r *store.Row) bool {
		rows = append(rows, r)
		return true
	})
	return rows
}

// eachHolderTxn calls f for the rows that hold a secondary key, oldest first,
// until f returns false.
func eachHolderTxn(txn *memdb.Txn, table, key string, f func(*store.Row) bool) {
	if key == "" {
		return
	}
	it, err := txn.Get(table, indexKeys, appendPart(make([]byte, 0, len(key)+2), key))
	if err != nil {
		return
	}
	for r := next(it); r != nil && f(r); r = next(it) {
	}
}

// Scan returns rows of a scope, newest first by Created and Seq, or oldest
// first. An empty scope is the whole table, in descending or ascending order
// of Key. The row to start behind need not be there any more.
func (v view) Scan(table, scope string, p store.Page) []*store.Row {
	it, err := v.seek(table, scope, p)
	if err != nil {
		return nil
	}
	var rows []*store.Row
	if p.Limit > 0 {
		rows = make([]*store.Row, 0, min(p.Limit, 128))
	}
	skip := p.Skip
	for r := next(it); r != nil; r = next(it) {
		if scope != "" && r.Scope != scope {
			break // memdb's bounds run on past the prefix
		}
		if p.After != nil && same(r, p.After, scope) {
			continue // they include the bound itself, too
		}
		if p.Keep != nil && !p.Keep(r) {
			continue
		}
		if skip > 0 {
			skip--
			continue
		}
		rows = append(rows, r)
		if len(rows) == p.Limit {
			break
		}
	}
	return rows
}

// seek opens an iterator at the beginning of a scan, or at its cursor.
func (v view) seek(table, scope string, p store.Page) (memdb.ResultIterator, error) {
	index, bound := indexID, []byte(nil)
	switch {
	case scope != "" && p.After != nil:
		index, bound = indexList, listKey(scope, p.After)
	case scope != "":
		index, bound = indexList, appendPart(make([]byte, 0, len(scope)+2), scope)
	case p.After != nil:
		bound = []byte(p.After.Key)
	}
	switch {
	case p.After != nil && p.Ascending:
		return v.txn.LowerBound(table, index, bound)
	case p.After != nil:
		return v.txn.ReverseLowerBound(table, index, bound)
	case p.Ascending:
		return v.txn.Get(table, index, bound)
	default:
		return v.txn.GetReverse(table, index, bound)
	}
}

// same tells whether a row stands where the cursor does.
func same(r, after *store.Row, scope string) bool {
	if scope == "" {
		return r.Key == after.Key
	}
	return r.Created == after.Created && r.Seq == after.Seq
}

func next(it memdb.ResultIterator) *store.Row {
	if k, ok := it.Next().(*kept); ok {
		return &k.Row
	}
	return nil
}

// check refuses a row that no index could hold. It is our own mistake, never
// a client's.
func check(r *store.Row) error {
	switch {
	case r == nil:
		return fmt.Errorf("row is nil")
	case r.Key == "":
		return fmt.Errorf("row of %q has no key", r.Table)
	}
	if _, ok := tableNumbers()[r.Table]; !ok {
		return fmt.Errorf("row %s: there is no kind %q", r.Key, r.Table)
	}
	return nil
}
