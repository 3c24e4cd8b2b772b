package mockstore

import (
	"context"
	"fmt"

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
	txn := d.mem.Txn(true)
	defer txn.Abort()

	for _, e := range b.Expect {
		if err := expectTxn(txn, e); err != nil {
			return err
		}
	}
	w := writer{txn: txn, seq: d.seq, counts: append([]int(nil), d.counts...), layers: &d.layers}
	for _, e := range b.Del {
		if err := w.delTxn(e); err != nil {
			return fmt.Errorf("delete %s %s: %w", e.Table, e.Key, err)
		}
	}
	for _, r := range b.Put {
		if err := w.putTxn(r); err != nil {
			return fmt.Errorf("put: %w", err)
		}
	}
	for _, l := range b.Absent {
		if err := absentTxn(txn, l); err != nil {
			return err
		}
	}
	if !room && !b.Owed && w.grows() {
		return store.ErrFull
	}
	d.next.commitTxn(txn, w.moved)
	d.seq, d.counts = w.seq, w.counts
	d.layers.add(w.came, w.freed)
	return nil
}

// expectTxn compares a row's version.
func expectTxn(txn *memdb.Txn, e store.Expect) error {
	var version uint64
	if r := getTxn(txn, e.Table, e.Key); r != nil {
		version = r.Version
	}
	if version != e.Version {
		return fmt.Errorf("%s %s has version %d, not %d: %w", e.Table, e.Key, version, e.Version, store.ErrConflict)
	}
	return nil
}

// absentTxn looks for a row that holds a key and may not.
func absentTxn(txn *memdb.Txn, l store.Lookup) error {
	var err error
	eachHolderTxn(txn, l.Table, l.Key, func(r *store.Row) bool {
		if r.Key != l.Row {
			err = fmt.Errorf("%s key %q: %w", l.Table, l.Key, store.ErrTaken)
		}
		return err == nil
	})
	return err
}

// writer is what a batch changes, kept aside until it is taken.
type writer struct {
	txn    *memdb.Txn
	seq    uint64
	counts []int
	layers *layers
	came   bytes   // what the batch adds
	freed  []*kept // what nobody needs any more after it
	moved  bool    // what is due
}

// dueTxn keeps what is due in step with a row that takes another one's place.
func (w *writer) dueTxn(old, row *kept) error {
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

func (w *writer) delTxn(e store.Expect) error {
	old := getTxn(w.txn, e.Table, e.Key)
	if old == nil {
		return nil
	}
	if err := w.txn.Delete(e.Table, old); err != nil {
		return err
	}
	w.counts[tableNumbers()[e.Table]]--
	w.free(old)
	return w.dueTxn(old, nil)
}

func (w *writer) putTxn(r *store.Row) error {
	if err := check(r); err != nil {
		return err
	}
	old := getTxn(w.txn, r.Table, r.Key)
	switch {
	case old == nil:
		w.seq++
		w.counts[tableNumbers()[r.Table]]++
		r.Seq, r.Version = w.seq, 1
	case &old.Row == r:
		return fmt.Errorf("%s %s is a stored row: copy it first", r.Table, r.Key)
	default:
		r.Created, r.Seq, r.Version = old.Created, old.Seq, old.Version+1
		w.free(old)
	}
	k := w.layers.keep(r)
	w.came.add(r.Table, k.bytes)
	if err := w.txn.Insert(r.Table, k); err != nil {
		return err
	}
	return w.dueTxn(old, k)
}

// free notes a row that goes.
func (w *writer) free(old *kept) {
	if w.layers.owns(old) {
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
	before := d.mem.Txn(false)
	seen := make(map[id]bool, len(rows))
	for i, r := range rows {
		if err := check(r); err != nil {
			return fmt.Errorf("load row %d: %w", i, err)
		}
		at := id{r.Table, r.Key}
		if seen[at] || getTxn(before, r.Table, r.Key) != nil {
			return fmt.Errorf("load row %d: %s %s is there already", i, r.Table, r.Key)
		}
		seen[at] = true
	}
	if !room {
		return fmt.Errorf("load: %w", store.ErrFull)
	}
	for len(rows) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := min(chunk, len(rows))
		if err := d.loadTxn(rows[:n]); err != nil {
			return fmt.Errorf("load: %w", err)
		}
		rows = rows[n:]
	}
	return nil
}

// loadTxn adds one chunk of checked rows.
func (d *DB) loadTxn(rows []*store.Row) error {
	txn := d.mem.Txn(true)
	defer txn.Abort()
	counts := append([]int(nil), d.counts...)
	var came bytes
	for i, r := range rows {
		r.Seq = d.seq + uint64(i) + 1
		r.Version = max(r.Version, 1)
		k := d.layers.keep(r)
		came.add(r.Table, k.bytes)
		if err := txn.Insert(r.Table, k); err != nil {
			return fmt.Errorf("%s %s: %w", r.Table, r.Key, err)
		}
		if _, err := dueTxn(txn, nil, k); err != nil {
			return fmt.Errorf("%s %s: %w", r.Table, r.Key, err)
		}
		counts[tableNumbers()[r.Table]]++
	}
	d.next.commitTxn(txn, true)
	d.seq += uint64(len(rows))
	d.counts = counts
	d.layers.add(came, nil)
	return nil
}
