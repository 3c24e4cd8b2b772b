package mockstore

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/go-memdb"

	"github.com/polylink-dev/polylink/store"
)

// Commit takes a batch: all of it or, with an error, nothing.
func (d *DB) Commit(ctx context.Context, b store.Batch) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	room := d.layers.room(b.Put)
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return err // it was cancelled while we waited
	}
	before := d.now.Load()
	for _, e := range b.Expect {
		if err := before.expect(e); err != nil {
			return err
		}
	}
	w := d.begin()
	defer w.txn.Abort()
	for _, e := range b.Del {
		if err := w.del(e); err != nil {
			return fmt.Errorf("delete %s %s: %w", e.Table, e.Key, err)
		}
	}
	for _, r := range b.Put {
		if err := w.put(r); err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	for _, l := range b.Absent {
		if err := w.absent(l); err != nil {
			return err
		}
	}
	if !room && !b.Owed && w.grows() {
		return store.ErrFull
	}
	w.commit()
	return nil
}

// expect compares a row's version.
func (v *view) expect(e store.Expect) error {
	var version uint64
	if r := v.get(e.Table, e.Key); r != nil {
		version = r.Version
	}
	if version != e.Version {
		return fmt.Errorf("%s %s has version %d, not %d: %w", e.Table, e.Key, version, e.Version, store.ErrConflict)
	}
	return nil
}

// writer is what a batch changes, kept aside until it is taken: a state in the
// making, on a transaction that writes.
type writer struct {
	view
	db    *DB
	seq   uint64
	came  bytes    // what the batch adds
	freed []*kept  // what nobody needs any more after it
	stale []*place // whose rows have changed
	moved bool     // what is due
}

// begin opens a batch. The store is locked until it is committed.
func (d *DB) begin() *writer {
	w := &writer{view: *d.now.Load(), db: d, seq: d.seq}
	w.txn, w.counts = d.mem.Txn(true), slices.Clone(w.counts)
	return w
}

// commit makes a batch seen, as a whole.
func (w *writer) commit() {
	for _, p := range w.stale {
		p.row.Store(nil)
	}
	if w.moved {
		w.due = earliestTxn(w.txn)
	}
	w.txn.Commit()
	next := w.view
	next.txn = w.db.mem.Txn(false)
	w.db.seq = w.seq
	w.db.layers.add(w.came, w.freed)
	w.db.now.Store(&next)
}

// absent looks for a row that holds a key and may not.
func (w *writer) absent(l store.Lookup) error {
	var err error
	w.eachHolder(l.Table, l.Key, func(r *store.Row) bool {
		if r.Key != l.Row {
			err = fmt.Errorf("%s key %q: %w", l.Table, l.Key, store.ErrTaken)
		}
		return err == nil
	})
	return err
}

// keepDue keeps what is due in step with a row that takes another one's place.
func (w *writer) keepDue(old, row *kept) error {
	moved, err := dueTxn(w.txn, old, row)
	w.moved = w.moved || moved
	return err
}

// grows tells whether the batch takes more memory than it gives back.
func (w *writer) grows() bool {
	n := w.came.sum()
	for _, k := range w.freed {
		n -= k.bytes
	}
	return n > 0
}

func (w *writer) del(e store.Expect) error {
	t := kinds()[e.Table]
	if t == nil {
		return nil
	}
	old := w.get(e.Table, e.Key)
	if old == nil {
		return nil
	}
	if l := w.logs.of(e.Table); l != nil {
		*l = l.drop(old)
	} else if err := w.txn.Delete(t.rows, old); err != nil {
		return err
	}
	w.counts[t.number]--
	w.free(old)
	if err := w.leave(t, old); err != nil {
		return err
	}
	return w.keepDue(old, nil)
}

func (w *writer) put(r *store.Row) error {
	if err := check(r); err != nil {
		return err
	}
	t := kinds()[r.Table]
	old := w.get(r.Table, r.Key)
	switch {
	case old == nil:
		w.seq++
		w.counts[t.number]++
		r.Seq, r.Version = w.seq, 1
	case &old.Row == r:
		return fmt.Errorf("%s %s is a stored row: copy it first", r.Table, r.Key)
	default:
		r.Created, r.Seq, r.Version = old.Created, old.Seq, old.Version+1
		w.free(old)
	}
	return w.insert(t, r, old)
}

// insert adds a row, in the place of old where there is one.
func (w *writer) insert(t *tables, r *store.Row, old *kept) error {
	k := w.db.layers.keep(r)
	w.came.add(r.Table, k.bytes)
	if l := w.logs.of(r.Table); l != nil {
		*l = l.put(k, old)
		return w.keepDue(old, k)
	}
	if err := w.settle(t, old, k); err != nil {
		return err
	}
	if err := w.txn.Insert(t.rows, k); err != nil {
		return err
	}
	return w.keepDue(old, k)
}

// settle gives a row its places. It has those of the row before it where nothing
// has changed about them.
func (w *writer) settle(t *tables, old, k *kept) error {
	if old != nil && old.Scope == k.Scope && slices.Equal(old.Keys, k.Keys) {
		k.list, k.keys = old.list, old.keys
		w.outdate(old)
		return nil
	}
	if old != nil {
		if err := w.leave(t, old); err != nil {
			return err
		}
	}
	if k.Scope != "" {
		k.list = newPlace(k, k.Scope)
		if err := w.txn.Insert(t.list, k.list); err != nil {
			return err
		}
	}
	for _, key := range k.Keys {
		if key == "" {
			continue
		}
		p := newPlace(k, key)
		k.keys = append(k.keys, p)
		if err := w.txn.Insert(t.keys, p); err != nil {
			return err
		}
	}
	return nil
}

func newPlace(k *kept, part string) *place {
	p := &place{key: k.Key, part: part, created: k.Created, seq: k.Seq}
	p.row.Store(k)
	return p
}

// outdate notes that the places of a row will lead to another one. Those that do
// so already are left alone.
func (w *writer) outdate(old *kept) {
	if old.list != nil && old.list.row.Load() != nil {
		w.stale = append(w.stale, old.list)
	}
	for _, p := range old.keys {
		if p.row.Load() != nil {
			w.stale = append(w.stale, p)
		}
	}
}

// leave takes the places of a row away.
func (w *writer) leave(t *tables, old *kept) error {
	if old.list != nil {
		if err := w.txn.Delete(t.list, old.list); err != nil {
			return err
		}
	}
	for _, p := range old.keys {
		if err := w.txn.Delete(t.keys, p); err != nil && err != memdb.ErrNotFound { // a key that it has twice has one place
			return err
		}
	}
	return nil
}

// free notes a row that goes.
func (w *writer) free(old *kept) {
	if w.db.layers.owns(old) {
		w.freed = append(w.freed, old)
	}
}

// chunk is how many rows Load puts into one memdb transaction.
const chunk = 256

// Load adds many new rows.
func (d *DB) Load(ctx context.Context, rows []*store.Row) error {
	type id struct{ table, key string }
	room := d.layers.room(rows)
	d.mu.Lock()
	defer d.mu.Unlock()
	before := d.now.Load()
	seen := make(map[id]bool, len(rows))
	for i, r := range rows {
		if err := check(r); err != nil {
			return fmt.Errorf("load row %d: %w", i, err)
		}
		at := id{r.Table, r.Key}
		if seen[at] || before.get(r.Table, r.Key) != nil {
			return fmt.Errorf("load row %d: %s %s is there already", i, r.Table, r.Key)
		}
		seen[at] = true
	}
	if !room {
		return fmt.Errorf("load: %w", store.ErrFull)
	}
	for i, r := range rows {
		r.Seq = d.seq + uint64(i) + 1
		r.Version = max(r.Version, 1)
	}
	if err := d.insert(ctx, rows); err != nil {
		return fmt.Errorf("load: %w", err)
	}
	return nil
}

// insertChunk adds some checked rows, which have their Seq and Version.
func (d *DB) insertChunk(rows []*store.Row) error {
	w := d.begin()
	defer w.txn.Abort()
	w.moved = true
	for _, r := range rows {
		t := kinds()[r.Table]
		w.seq = max(w.seq, r.Seq)
		w.counts[t.number]++
		if err := w.insert(t, r, nil); err != nil {
			return fmt.Errorf("%s %s: %w", r.Table, r.Key, err)
		}
	}
	w.commit()
	return nil
}
