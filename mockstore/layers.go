package mockstore

import (
	"sync/atomic"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// kept is a row as memdb holds it.
type kept struct {
	store.Row
	bytes int64  // an estimate of what it takes, indexes included
	layer *layer // what counts it; nil is nothing

	list *place   // in the list of its scope, nil where it is in none
	keys []*place // under its secondary keys
}

// What a row takes besides its texts, as measured by TestBytesAreThoseOfTheHeap:
// itself, its place in the index of keys and in the list, and in an index of
// each of its secondary keys.
const (
	rowBytes = 1100
	keyBytes = 450
)

// sizeOf estimates the bytes of a row.
func sizeOf(r *store.Row) int64 {
	n := rowBytes + 2*len(r.Key) + 2*len(r.Scope)
	for _, k := range r.Keys {
		n += keyBytes + 2*len(k)
	}
	if r.Record != nil {
		n += r.Record.Size()
	}
	return int64(n)
}

// bytes is what rows take, kept answers apart from the others.
type bytes struct{ rows, answers int64 }

func (b *bytes) add(table string, n int64) {
	if table == record.Replays.Kind {
		b.answers += n
	} else {
		b.rows += n
	}
}

func (b *bytes) sum() int64 { return b.rows + b.answers }

// layer counts the rows that one store, or several forks of one, brought with
// them. It is given back when the last of them is dropped.
type layer struct {
	rows, answers atomic.Int64
	holders       atomic.Int64
	into          atomic.Pointer[layer] // where its rows are counted since; nil is here
}

// at returns where the rows of a layer are counted.
func (l *layer) at() *layer {
	for {
		next := l.into.Load()
		if next == nil {
			return l
		}
		l = next
	}
}

func (l *layer) add(b bytes) {
	l.rows.Add(b.rows)
	l.answers.Add(b.answers)
}

// layers is what the rows of one store take of a budget: those that it alone
// has, and those that it shares with forks. The zero one counts nothing. A
// store holds its lock while it uses them, but for room.
type layers struct {
	budget *memory.Budget
	own    *layer
	shared []*layer
}

func newLayers(b *memory.Budget) layers {
	if b == nil {
		return layers{}
	}
	return layers{budget: b, own: newLayer()}
}

func newLayer() *layer {
	l := &layer{}
	l.holders.Store(1)
	return l
}

// room tells whether there is room for rows, whatever they replace, and makes
// some where there is none. It is called without the store's lock, for that is
// what letting go of memory needs.
func (l *layers) room(rows []*store.Row) bool {
	return l.budget == nil || l.budget.Room(memory.Rows, sizeOfAll(rows))
}

// fits is room that makes none: what lets go of memory looks at all rows.
func (l *layers) fits(rows []*store.Row) bool {
	return l.budget == nil || l.budget.Fits(memory.Rows, sizeOfAll(rows))
}

func sizeOfAll(rows []*store.Row) int64 {
	var b bytes
	for _, r := range rows {
		if r != nil {
			b.add(r.Table, sizeOf(r))
		}
	}
	return b.sum()
}

// keep makes a row of the store's own.
func (l *layers) keep(r *store.Row) *kept {
	k := &kept{Row: *r}
	if l.own != nil {
		k.bytes, k.layer = sizeOf(r), l.own
	}
	return k
}

// owns tells whether nobody else holds a row, so that its memory is free once
// this store gives it up.
func (l *layers) owns(k *kept) bool {
	return l.own != nil && k.layer != nil && k.layer.at().holders.Load() == 1
}

// add counts rows that came and rows that nobody needs any more.
func (l *layers) add(came bytes, freed []*kept) {
	if l.own == nil {
		return
	}
	l.own.add(came)
	for _, k := range freed {
		var b bytes
		b.add(k.Table, -k.bytes)
		k.layer.at().add(b)
		came.rows, came.answers = came.rows+b.rows, came.answers+b.answers
	}
	l.budget.Add(memory.Rows, came.rows)
	l.budget.Add(memory.Answers, came.answers)
}

// fork shares all that the store has with a second one. Layers that are the
// store's alone by now become one, so that there are no more of them than
// there are forks.
func (l *layers) fork() layers {
	if l.own == nil {
		return layers{}
	}
	shared := make([]*layer, 0, len(l.shared)+1)
	for _, s := range l.shared {
		if s.holders.Load() > 1 {
			shared = append(shared, s)
			continue
		}
		l.own.add(bytes{s.rows.Swap(0), s.answers.Swap(0)})
		s.into.Store(l.own)
	}
	if l.own.rows.Load() != 0 || l.own.answers.Load() != 0 {
		shared = append(shared, l.own)
		l.own = newLayer()
	}
	for _, s := range shared {
		s.holders.Add(1)
	}
	l.shared = shared
	return layers{budget: l.budget, own: newLayer(), shared: shared}
}

// drop gives back what nobody else holds, and counts nothing from here on.
func (l *layers) drop() {
	if l.own == nil {
		return
	}
	for _, s := range append(l.shared, l.own) {
		if s.holders.Add(-1) == 0 {
			l.budget.Add(memory.Rows, -s.rows.Load())
			l.budget.Add(memory.Answers, -s.answers.Load())
		}
	}
	l.own, l.shared = nil, nil
}
