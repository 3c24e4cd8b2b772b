package storetest

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/store"
)

// model is what a store should be: a plain map.
type model struct {
	rows map[[2]string]*store.Row // by table and key
	seq  uint64
}

func (m *model) fork() *model { return &model{maps.Clone(m.rows), m.seq} }

// commit is Commit written the obvious way. It copies what it is given.
func (m *model) commit(b store.Batch) error {
	for _, e := range b.Expect {
		var version uint64
		if r := m.rows[[2]string{e.Table, e.Key}]; r != nil {
			version = r.Version
		}
		if version != e.Version {
			return store.ErrConflict
		}
	}
	next := m.fork()
	for _, e := range b.Del {
		delete(next.rows, [2]string{e.Table, e.Key})
	}
	for _, r := range b.Put {
		row := *r
		if old := next.rows[[2]string{r.Table, r.Key}]; old != nil {
			row.Version, row.Seq, row.Created = old.Version+1, old.Seq, old.Created
		} else {
			next.seq++
			row.Version, row.Seq = 1, next.seq
		}
		next.rows[[2]string{r.Table, r.Key}] = &row
	}
	for _, l := range b.Absent {
		for _, r := range next.find(l.Table, l.Key) {
			if r.Key != l.Row {
				return store.ErrTaken
			}
		}
	}
	*m = *next
	return nil
}

// list returns rows of a table, oldest first.
func (m *model) list(table string, keep func(*store.Row) bool) []*store.Row {
	var rows []*store.Row
	for at, r := range m.rows {
		if at[0] == table && keep(r) {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *store.Row) int {
		return cmp.Or(cmp.Compare(a.Created, b.Created), cmp.Compare(a.Seq, b.Seq))
	})
	return rows
}

// due returns the rows that are due by a time, the earliest first.
func (m *model) due(by int64) (rows []*store.Row) {
	for _, r := range m.rows {
		if r.Due != 0 && r.Due <= by {
			rows = append(rows, r)
		}
	}
	slices.SortFunc(rows, func(a, b *store.Row) int {
		return cmp.Or(cmp.Compare(a.Due, b.Due), cmp.Compare(a.Table, b.Table), cmp.Compare(a.Key, b.Key))
	})
	return rows
}

func (m *model) find(table, key string) []*store.Row {
	return m.list(table, func(r *store.Row) bool { return key != "" && slices.Contains(r.Keys, key) })
}

func (m *model) scan(table, scope string, ascending bool) []*store.Row {
	rows := m.list(table, func(r *store.Row) bool { return scope == "" || r.Scope == scope })
	if scope == "" {
		slices.SortFunc(rows, func(a, b *store.Row) int { return strings.Compare(a.Key, b.Key) })
	}
	if !ascending {
		slices.Reverse(rows)
	}
	return rows
}
