package sandbox

import (
	"container/heap"
	"time"

	"github.com/polylink-dev/polylink/internal/memory"
)

// placeLocked lets everybody see a sandbox, in the place of the one of that
// name or else in room that it makes. The methods that end in Locked are called
// with mu held.
func (w *Sandboxes) placeLocked(sb *Sandbox) {
	if sb.keep != nil && sb.keep.space == nil {
		sb.keep.place(w.opts.Keeper) // before the old one goes, so that one of the two is always kept
	}
	if old := w.Peek(sb.Name); old != nil {
		w.forgetLocked(old)
	} else {
		w.makeRoomLocked()
	}
	if sb.Name != Default {
		heap.Push(&w.queue, sb)
	}
	w.opts.Memory.Add(memory.Rows, sandboxBytes)
	w.count++
	w.byName.Store(sb.Name, sb)
}

// removeLocked takes a sandbox out and returns it, nil when there is none.
func (w *Sandboxes) removeLocked(name string) *Sandbox {
	sb := w.Peek(name)
	if sb != nil {
		w.byName.Delete(name)
		w.forgetLocked(sb)
	}
	return sb
}

// forgetLocked gives up the room of a sandbox. Requests that hold it may still
// be using it.
func (w *Sandboxes) forgetLocked(sb *Sandbox) {
	if sb.keep != nil {
		sb.keep.space.Drop()
	}
	w.release(sb)
	w.opts.Memory.Add(memory.Rows, -sandboxBytes)
	w.count--
	if sb.Name != Default {
		heap.Remove(&w.queue, sb.place)
	}
}

// release gives back what is in a sandbox.
func (w *Sandboxes) release(sb *Sandbox) {
	if sb.Post != nil {
		sb.Post.Close()
	}
	sb.Journal.Close()
	sb.Limits.Close()
	w.drop(sb.DB)
}

// makeRoomLocked evicts the sandboxes that are idle and, while there are as
// many as may be, the least recently used. The default one stays, even when
// there is room for none beside it.
func (w *Sandboxes) makeRoomLocked() {
	now := w.real.Now().UnixNano()
	for len(w.queue) > 0 {
		sb := w.queue.oldest()
		idle, reason := time.Duration(now-sb.seen), "full"
		if w.opts.Idle > 0 && idle > w.opts.Idle {
			reason = "idle"
		} else if w.count < w.opts.Max {
			break
		}
		w.evictLocked(sb, reason)
	}
}

// evictLocked takes a sandbox out for a reason.
func (w *Sandboxes) evictLocked(sb *Sandbox, reason string) {
	w.removeLocked(sb.Name)
	w.counts.Sandboxes.Add(1)
	w.opts.Log.Info("sandbox evicted", "sandbox", sb.Name, "reason", reason, "idle", w.real.Now().Sub(time.Unix(0, sb.seen)))
}

// queue is a heap of sandboxes by seen. Use does not move a sandbox in it, for
// that would cost every request a lock: seen lags behind used, and oldest
// catches up where it matters.
type queue []*Sandbox

// oldest returns the least recently used sandbox of a queue that has one.
func (q *queue) oldest() *Sandbox {
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
func (q queue) Len() int { return len(q) }

// Less puts the one used first in front; of equals, the one whose name is.
func (q queue) Less(i, j int) bool {
	if q[i].seen != q[j].seen {
		return q[i].seen < q[j].seen
	}
	return q[i].Name < q[j].Name
}

// Swap exchanges two places.
func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

// Push appends a *Sandbox.
func (q *queue) Push(x any) {
	sb := x.(*Sandbox)
	sb.place = len(*q)
	*q = append(*q, sb)
}

// Pop removes the last.
func (q *queue) Pop() any {
	last := len(*q) - 1
	sb := (*q)[last]
	(*q)[last] = nil
	*q = (*q)[:last]
	return sb
}
