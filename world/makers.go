package world

import (
	"container/heap"
	"fmt"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/store"
)

// fresh is how old the fixtures of a new sandbox may be.
const fresh = time.Second

// base is the fixtures as of a time. Nobody writes to its store; sandboxes
// are forks of it.
type base struct {
	db    *mockstore.DB
	start time.Time
}

// newBase builds fixtures.
func newBase(rows func(time.Time) []*store.Row, start time.Time) (base, error) {
	b := base{db: mockstore.New(), start: start}
	if rows == nil {
		return b, nil
	}
	if err := b.db.Load(rows(start)); err != nil {
		return base{}, fmt.Errorf("fixtures: %w", err)
	}
	return b, nil
}

// Reload changes the fixtures for the sandboxes that are made or reset from
// now on. Rows that no store can hold are an error, and change nothing.
func (w *Sandboxes[S]) Reload(rows func(start time.Time) []*store.Row) error {
	b, err := newBase(rows, w.real.Now())
	if err != nil {
		return err
	}
	w.locked(func() { w.rows, w.base = rows, b })
	return nil
}

// makeLocked adds a sandbox of fixtures. They are built again when they have
// grown old, so that a burst of new sandboxes builds them once. Callers hold
// mu and have looked that there is none of that name.
func (w *Sandboxes[S]) makeLocked(name string) *Sandbox[S] {
	now := w.real.Now()
	if age := now.Sub(w.base.start); age > fresh || age < 0 {
		if b, err := newBase(w.rows, now); err == nil {
			w.base = b
		} else {
			// The same function gave good rows before: old ones beat none.
			w.opts.Log.Error("fixtures are kept as they were", "error", err)
		}
	}
	sb := &Sandbox[S]{Name: name, DB: w.base.db.Fork(), Clock: clock.New(w.opts.Real), Start: w.base.start, Created: now}
	w.addLocked(sb, nil)
	return sb
}

// addLocked attaches the State, lets prepare see the sandbox, and then everybody.
func (w *Sandboxes[S]) addLocked(sb *Sandbox[S], prepare func(*Sandbox[S])) {
	sb.seen = sb.Created.UnixNano()
	sb.used.Store(sb.seen)
	if w.opts.Attach != nil {
		sb.State = w.opts.Attach(sb)
	}
	if prepare != nil {
		prepare(sb)
	}
	if sb.Name != Default {
		heap.Push(&w.queue, sb)
	}
	w.count++
	w.byName.Store(sb.Name, sb)
}

// removeLocked takes a sandbox out and returns it, nil when there is none.
func (w *Sandboxes[S]) removeLocked(name string) *Sandbox[S] {
	sb := w.Peek(name)
	if sb == nil {
		return nil
	}
	w.byName.Delete(name)
	w.count--
	if name != Default {
		heap.Remove(&w.queue, sb.place)
	}
	return sb
}

// makeRoomLocked evicts the sandboxes that are idle and, while there are as
// many as may be, the least recently used. It returns them for detach. The
// default one stays, even when there is room for none beside it.
func (w *Sandboxes[S]) makeRoomLocked() []*Sandbox[S] {
	var gone []*Sandbox[S]
	now := w.real.Now().UnixNano()
	for len(w.queue) > 0 {
		sb := w.queue.oldest()
		idle, reason := time.Duration(now-sb.seen), "full"
		if w.opts.Idle > 0 && idle > w.opts.Idle {
			reason = "idle"
		} else if w.count < w.opts.Max {
			break
		}
		w.removeLocked(sb.Name)
		w.evicted.Add(1)
		w.opts.Log.Info("sandbox evicted", "sandbox", sb.Name, "reason", reason, "idle", idle)
		gone = append(gone, sb)
	}
	return gone
}

// detach tells of sandboxes that are gone. Callers do not hold mu.
func (w *Sandboxes[S]) detach(gone []*Sandbox[S]) {
	if w.opts.Detach == nil {
		return
	}
	for _, sb := range gone {
		w.opts.Detach(sb)
	}
}

// queue is a heap of sandboxes by seen. Use does not move a sandbox in it, for
// that would cost every request a lock: seen lags behind used, and oldest
// catches up where it matters.
type queue[S any] []*Sandbox[S]

// oldest returns the least recently used sandbox of a queue that has one.
func (q *queue[S]) oldest() *Sandbox[S] {
	for {
		sb := (*q)[0]
		used := sb.used.Load()
		if used == sb.seen {
			return sb // all others were used when they were last seen, or later
		}
		sb.seen = used
		heap.Fix(q, 0)
	}
}

// Len, Less, Swap, Push and Pop are for container/heap.
func (q queue[S]) Len() int { return len(q) }

// Less puts the one used first in front; of equals, the one whose name is.
func (q queue[S]) Less(i, j int) bool {
	if q[i].seen != q[j].seen {
		return q[i].seen < q[j].seen
	}
	return q[i].Name < q[j].Name
}

// Swap exchanges two places.
func (q queue[S]) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

// Push appends a *Sandbox.
func (q *queue[S]) Push(x any) {
	sb := x.(*Sandbox[S])
	sb.place = len(*q)
	*q = append(*q, sb)
}

// Pop removes the last.
func (q *queue[S]) Pop() any {
	last := len(*q) - 1
	sb := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return sb
}
