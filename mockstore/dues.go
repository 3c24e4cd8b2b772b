package mockstore

import (
	"math"
	"sync/atomic"

	"github.com/hashicorp/go-memdb"

	"github.com/polylink-dev/polylink/store"
)

// Due returns the rows that are due by a time, the earliest first.
func (v view) Due(by int64, limit int) []*store.Row {
	if by < v.next {
		return nil
	}
	var rows []*store.Row
	eachDueTxn(v.txn, func(r *store.Row) bool {
		if r.Due <= by {
			rows = append(rows, r)
		}
		return r.Due <= by && len(rows) != limit
	})
	return rows
}

// eachDueTxn calls f for the rows that are due some time, the earliest first,
// until f returns false.
func eachDueTxn(txn *memdb.Txn, f func(*store.Row) bool) {
	it, err := txn.Get(tableDue, indexID, []byte(nil))
	if err != nil {
		return
	}
	for r := next(it); r != nil && f(r); r = next(it) {
	}
}

// dueTxn keeps tableDue in step with a row that takes the place of another one;
// either may be nil.
func dueTxn(txn *memdb.Txn, old, row *kept) error {
	if old != nil && old.Due != 0 {
		if err := txn.Delete(tableDue, old); err != nil {
			return err
		}
	}
	if row != nil && row.Due != 0 {
		return txn.Insert(tableDue, row)
	}
	return nil
}

// earliest is when the first row is due, so that a view need not look where
// none is. A writer lowers it before its batch can be seen and raises it after,
// so it is never later than a row that a view opened before it was read holds.
type earliest struct{ at atomic.Int64 }

// never is the time at which a store without due rows is due.
const never = math.MaxInt64

// commitTxn makes a batch seen.
func (e *earliest) commitTxn(txn *memdb.Txn) {
	first := int64(never)
	eachDueTxn(txn, func(r *store.Row) bool {
		first = r.Due
		return false
	})
	if first < e.at.Load() {
		e.at.Store(first)
	}
	txn.Commit()
	e.at.Store(first)
}
