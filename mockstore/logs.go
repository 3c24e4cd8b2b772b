package mockstore

import (
	"cmp"
	"hash/maphash"
	"slices"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Audit entries and events come with nearly every batch, at the end, and the
// oldest of them go: there are few, and hardly anybody looks one up by its key.
// So they are kept in a list in order instead of in trees.

// logs are the lists of one state.
type logs struct{ audits, events log }

// of returns the list of a table, nil where memdb has it.
func (l *logs) of(table string) *log {
	switch table {
	case record.Audits.Kind:
		return &l.audits
	case record.Events.Kind:
		return &l.events
	}
	return nil
}

// fork returns lists that grow apart from these.
func (l logs) fork() logs {
	return logs{slices.Clip(l.audits), slices.Clip(l.events)}
}

// log is rows by Created and Seq, the oldest first. What it holds never changes:
// a later state of the same store may go on behind its end, in the same memory.
type log []line

// line is a row with a hash of its key, so that a key is looked for without
// looking at every row.
type line struct {
	sum uint64
	row *kept
}

var seed = maphash.MakeSeed()

func inOrder(a, b line) int {
	return cmp.Or(cmp.Compare(a.row.Created, b.row.Created), cmp.Compare(a.row.Seq, b.row.Seq))
}

// find returns the place of a key, -1 for none. The oldest is looked at first: it
// is the one that goes.
func (l log) find(key string) int {
	if len(l) > 0 && l[0].row.Key == key {
		return 0
	}
	sum := maphash.String(seed, key)
	for i := range l {
		if l[i].sum == sum && l[i].row.Key == key {
			return i
		}
	}
	return -1
}

func (l log) get(key string) *kept {
	if at := l.find(key); at >= 0 {
		return l[at].row
	}
	return nil
}

// put returns the list with a row in it, which takes the place of the one with
// its key.
func (l log) put(k, old *kept) log {
	next := line{maphash.String(seed, k.Key), k}
	if old != nil {
		l = slices.Clone(l)
		l[l.find(k.Key)] = next
		return l
	}
	if len(l) == 0 || inOrder(l[len(l)-1], next) < 0 {
		return append(l, next)
	}
	at, _ := slices.BinarySearchFunc(l, next, inOrder)
	return slices.Insert(slices.Clip(l), at, next)
}

// drop returns the list without a row of it.
func (l log) drop(k *kept) log {
	at := l.find(k.Key)
	if at == 0 {
		return l[1:]
	}
	return append(slices.Clone(l[:at]), l[at+1:]...)
}

func (l log) eachHolder(key string, f func(*store.Row) bool) {
	for _, x := range l {
		if slices.Contains(x.row.Keys, key) && !f(&x.row.Row) {
			return
		}
	}
}

// scan is view.Scan.
func (l log) scan(scope string, p store.Page) []*store.Row {
	order := inOrder
	if scope == "" {
		order = func(a, b line) int { return cmp.Compare(a.row.Key, b.row.Key) }
		l = slices.SortedFunc(slices.Values(l), order)
	}
	var after line
	from, to := 0, len(l)
	if p.After != nil {
		after.row = &kept{Row: *p.After}
		at, _ := slices.BinarySearchFunc(l, after, order)
		if from = at; !p.Ascending {
			from, to = 0, min(at+1, len(l))
		}
	}
	c := newCollection(scope, p)
	for i := range to - from {
		x := l[from+i]
		if !p.Ascending {
			x = l[to-1-i]
		}
		if scope != "" && x.row.Scope != scope || p.After != nil && !p.Ascending && order(x, after) > 0 {
			continue
		}
		if !c.add(&x.row.Row) {
			break
		}
	}
	return c.rows
}
