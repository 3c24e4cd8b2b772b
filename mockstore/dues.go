package mockstore

import (
	"math"

	"github.com/hashicorp/go-memdb"

	"github.com/polylink-dev/polylink/store"
)

// mark stands in tableDue for a row that is due some time. A change that leaves
// the time as it is leaves the mark, too.
type mark struct {
	at         int64
	table, key string
}

// never is the time at which a store without due rows is due.
const never = math.MaxInt64

// Due returns the rows that are due by a time, the earliest first.
func (v *view) Due(by int64, limit int) []*store.Row {
	if by < v.due {
		return nil
	}
	var rows []*store.Row
	eachDueTxn(v.txn, func(m *mark) bool {
		if m.at <= by {
			rows = append(rows, v.Get(m.table, m.key))
		}
		return m.at <= by && len(rows) != limit
	})
	return rows
}

// eachDueTxn calls f for the marks, the earliest first, until f returns false.
func eachDueTxn(txn *memdb.Txn, f func(*mark) bool) {
	it, err := txn.Get(tableDue, indexID, []byte(nil))
	if err != nil {
		return
	}
	for m, ok := it.Next().(*mark); ok && f(m); m, ok = it.Next().(*mark) {
	}
}

// earliestTxn is when the first row is due.
func earliestTxn(txn *memdb.Txn) int64 {
	first := int64(never)
	eachDueTxn(txn, func(m *mark) bool {
		first = m.at
		return false
	})
	return first
}

// dueTxn keeps tableDue in step with a row that takes the place of another one;
// either may be nil. It tells whether there was anything to do.
func dueTxn(txn *memdb.Txn, old, row *kept) (moved bool, err error) {
	was, is := int64(0), int64(0)
	if old != nil {
		was = old.Due
	}
	if row != nil {
		is = row.Due
	}
	if was == is {
		return false, nil
	}
	if was != 0 {
		if err := txn.Delete(tableDue, &mark{was, old.Table, old.Key}); err != nil {
			return true, err
		}
	}
	if is != 0 {
		err = txn.Insert(tableDue, &mark{is, row.Table, row.Key})
	}
	return true, err
}
