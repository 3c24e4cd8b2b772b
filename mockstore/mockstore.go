// Package mockstore keeps the rows of a sandbox in memory.
//
// It is the embedded engine behind store.Engine, on go-memdb: domain code hands
// it batches and reads views of it; it knows no dialect, no HTTP and no time.
// Reads never block, one batch is taken at a time, and a fork costs the same
// for a hundred rows as for a hundred thousand. Stored rows are frozen and
// shared by every view and fork that saw them. Nothing outlives the process,
// and what a row means, when it expires and whom it belongs to is left to the
// caller. Start with DB.Commit in commits.go, then schema.go for how lists are
// ordered, then logs.go for the two kinds that memdb does not hold.
package mockstore

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/hashicorp/go-memdb"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/store"
)

// DB holds the rows of one sandbox. It is never away: of the errors that
// store.Engine names it has those of batches and of contexts.
type DB struct {
	now atomic.Pointer[view] // as the last batch left it

	mu     sync.Mutex // held by whoever writes
	mem    *memdb.MemDB
	seq    uint64 // last Seq given out
	layers layers // what the rows take of a budget
}

var _ store.Engine = (*DB)(nil)

// New returns an empty store. Like every fork it is a snapshot of a pristine
// one and not "primary" in memdb's words: writes then track no watches, which
// nobody waits for, and never fall to memdb's slow path for large batches.
func New() *DB {
	d := &DB{mem: pristine().Snapshot()}
	d.now.Store(&view{txn: d.mem.Txn(false), counts: make([]int, len(kinds())), due: never})
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
	f := &DB{mem: d.mem.Snapshot(), seq: d.seq, layers: d.layers.fork()}
	now := *d.now.Load()
	now.txn, now.logs = f.mem.Txn(false), now.logs.fork()
	f.now.Store(&now)
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
	t := kinds()[table]
	if t == nil {
		return 0, nil
	}
	return d.now.Load().counts[t.number], nil
}

// Read opens a view of the rows as they are now.
func (d *DB) Read(context.Context) store.Reader { return d.now.Load() }

// view is one consistent state. It never changes, and all who read at the same
// time have the same one.
type view struct {
	txn    *memdb.Txn
	logs   logs
	counts []int // rows by tables.number
	due    int64 // when its first row is due
}

// Err returns nil: memory is never away.
func (v *view) Err() error { return nil }

// Get returns the row with a primary key, or nil.
func (v *view) Get(table, key string) *store.Row {
	if k := v.get(table, key); k != nil {
		return &k.Row
	}
	return nil
}

func (v *view) get(table, key string) *kept {
	if l := v.logs.of(table); l != nil {
		return l.get(key)
	}
	return getTxn(v.txn, table, key)
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
func (v *view) Find(table, key string) []*store.Row {
	var rows []*store.Row
	v.eachHolder(table, key, func(r *store.Row) bool {
		rows = append(rows, r)
		return true
	})
	return rows
}

// eachHolder calls f for the rows that hold a secondary key, oldest first,
// until f returns false.
func (v *view) eachHolder(table, key string, f func(*store.Row) bool) {
	t := kinds()[table]
	if t == nil || key == "" {
		return
	}
	if l := v.logs.of(table); l != nil {
		l.eachHolder(key, f)
		return
	}
	it, err := v.txn.Get(t.keys, indexID, appendPart(make([]byte, 0, len(key)+2), key))
	if err != nil {
		return
	}
	for r := v.next(t, it); r != nil && f(&r.Row); r = v.next(t, it) {
	}
}

// Scan returns rows of a scope, newest first by Created and Seq, or oldest
// first. An empty scope is the whole table, in descending or ascending order
// of Key. The row to start behind need not be there any more.
func (v *view) Scan(table, scope string, p store.Page) []*store.Row {
	t := kinds()[table]
	if t == nil {
		return nil
	}
	if l := v.logs.of(table); l != nil {
		return l.scan(scope, p)
	}
	it, err := v.seek(t, scope, p)
	if err != nil {
		return nil
	}
	c := newCollection(scope, p)
	for r := v.next(t, it); r != nil && c.add(&r.Row); r = v.next(t, it) {
	}
	return c.rows
}

// collection is the rows of a page, as they are found.
type collection struct {
	store.Page
	scope string
	rows  []*store.Row
}

func newCollection(scope string, p store.Page) *collection {
	c := &collection{Page: p, scope: scope}
	if p.Limit > 0 {
		c.rows = make([]*store.Row, 0, min(p.Limit, 128))
	}
	return c
}

// add looks at the next row in order, and tells whether the one behind it is
// wanted, too.
func (c *collection) add(r *store.Row) bool {
	switch {
	case c.scope != "" && r.Scope != c.scope:
		return false // memdb's bounds run on past the prefix
	case c.After != nil && same(r, c.After, c.scope): // they include the bound itself, too
	case c.Keep != nil && !c.Keep(r):
	case c.Skip > 0:
		c.Skip--
	default:
		c.rows = append(c.rows, r)
	}
	return c.Limit == 0 || len(c.rows) < c.Limit
}

// seek opens an iterator at the beginning of a scan, or at its cursor.
func (v *view) seek(t *tables, scope string, p store.Page) (memdb.ResultIterator, error) {
	table, bound := t.rows, []byte(nil)
	switch {
	case scope != "" && p.After != nil:
		table, bound = t.list, listKey(scope, p.After.Created, p.After.Seq)
	case scope != "":
		table, bound = t.list, appendPart(make([]byte, 0, len(scope)+2), scope)
	case p.After != nil:
		bound = []byte(p.After.Key)
	}
	switch {
	case p.After != nil && p.Ascending:
		return v.txn.LowerBound(table, indexID, bound)
	case p.After != nil:
		return v.txn.ReverseLowerBound(table, indexID, bound)
	case p.Ascending:
		return v.txn.Get(table, indexID, bound)
	default:
		return v.txn.GetReverse(table, indexID, bound)
	}
}

// same tells whether a row stands where the cursor does.
func same(r, after *store.Row, scope string) bool {
	if scope == "" {
		return r.Key == after.Key
	}
	return r.Created == after.Created && r.Seq == after.Seq
}

// next is the next row of an iterator over rows or places, nil at the end.
func (v *view) next(t *tables, it memdb.ResultIterator) *kept {
	switch at := it.Next().(type) {
	case *kept:
		return at
	case *place:
		if r := at.row.Load(); r != nil {
			return r
		}
		return getTxn(v.txn, t.rows, at.key)
	}
	return nil
}
