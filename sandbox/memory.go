package sandbox

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"time"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// sandboxBytes is what a sandbox takes before anything is in it.
const sandboxBytes = 6 << 10

// unused is how long a sandbox has to be unused before it goes for want of
// memory: longer than a test pauses between two requests.
const unused = 2 * time.Second

// Counts is what went for want of room, and what was refused, in all sandboxes.
type Counts struct {
	Sandboxes atomic.Int64 // evicted for want of room or use
	Entries   atomic.Int64 // of journals
	Answers   atomic.Int64 // kept under idempotency keys
	Audits    atomic.Int64 // entries of audit trails
	Events    atomic.Int64 // that were told of
	LimitKeys atomic.Int64 // counters of rate limits that still counted
	Refused   atomic.Int64 // requests that found no memory
}

// counting counts what batches let go of for want of room: kept answers. And it
// tells of batches that were taken.
type counting struct {
	store.Engine
	counts *Counts
	post   Post     // nil is nobody
	keep   *keeping // nil keeps nothing
}

// Commit takes a batch, and counts and tells of it once it is taken.
func (c counting) Commit(ctx context.Context, b store.Batch) error {
	if c.keep != nil {
		return c.keep.commit(ctx, c, b)
	}
	err := c.Engine.Commit(ctx, b)
	if err == nil {
		c.taken(b)
	}
	return err
}

// taken counts and tells of a batch.
func (c counting) taken(b store.Batch) {
	if b.Early > 0 {
		c.counts.Answers.Add(int64(b.Early))
	}
	if c.post != nil {
		c.post.Taken(b)
	}
}

// Refuse counts and logs a request that found no memory. Of many such only the
// first in a while is logged.
func (w *Sandboxes) Refuse(what string) {
	n := w.counts.Refused.Add(1)
	now := w.real.Now().UnixNano()
	if last := w.warned.Load(); n > 1 && time.Duration(now-last) < 10*time.Second || !w.warned.CompareAndSwap(last, now) {
		return
	}
	b := w.opts.Memory
	w.opts.Log.Warn("the memory budget is used up: raise limits.memory, or drop sandboxes", "refused", what, "limit", b.Limit(), "rows", b.Used(memory.Rows))
}

// enough is how many bytes have to be free for it to pay to give them back.
const enough = 8 << 20

// GiveBack runs what lets go of memory because somebody asked for it, and gives
// the memory back to the machine where it is much. The runtime would do that in
// its own time, which can be long when nothing happens.
func (w *Sandboxes) GiveBack(letGo func()) {
	b := w.opts.Memory
	before := b.Total()
	letGo()
	freed := w.freed.Add(max(0, before-b.Total()))
	if freed >= max(enough, b.Total()/8) && w.freed.CompareAndSwap(freed, 0) {
		memory.Release()
	}
}

// room makes room for a sandbox, unless it takes the place of another one. It
// returns store.ErrFull.
func (w *Sandboxes) room(name string) error {
	if w.Peek(name) == nil && !w.opts.Memory.Room(memory.Rows, sandboxBytes) {
		return fmt.Errorf("make a sandbox: %w", store.ErrFull)
	}
	return nil
}

// reclaim lets go of memory: the oldest journal entries of all sandboxes first,
// then the log of deliveries, kept answers, entries of audit trails, events, and
// sandboxes that are not in use. All but the first begin with the sandboxes that were used the longest ago.
func (w *Sandboxes) reclaim(need memory.Need) bool {
	before := w.counts.snapshot()
	need.All -= w.shedEntries(need.All)
	need.All -= w.shedDeliveries(need.All)
	for _, log := range w.logs() {
		if need.All > 0 || need.Others > 0 {
			freed := w.shedRows(log, max(need.All, need.Others))
			need.All, need.Others = need.All-freed, need.Others-freed
		}
	}
	if need.All > 0 || need.Others > 0 {
		freed := w.shedSandboxes(max(need.All, need.Others))
		need.All, need.Others = need.All-freed, need.Others-freed
	}
	after := w.counts.snapshot()
	w.opts.Log.Debug("memory was reclaimed", "entries", after.entries-before.entries, "answers", after.answers-before.answers,
		"audits", after.audits-before.audits, "sandboxes", after.sandboxes-before.sandboxes, "used", w.opts.Memory.Total(), "limit", w.opts.Memory.Limit())
	return need.All <= 0 && need.Others <= 0
}

// counted is the state of Counts at a time.
type counted struct{ sandboxes, entries, answers, audits int64 }

func (c *Counts) snapshot() counted {
	return counted{c.Sandboxes.Load(), c.Entries.Load(), c.Answers.Load(), c.Audits.Load()}
}

// shedEntries lets go of so many bytes of journals, and returns how many it
// were.
func (w *Sandboxes) shedEntries(need int64) (freed int64) {
	var q ages
	w.byName.Range(func(_, v any) bool {
		if j := v.(*Sandbox).Journal; need > 0 {
			if at := j.Oldest(); at > 0 {
				q = append(q, aged{j, at})
			}
		}
		return true
	})
	heap.Init(&q)
	for freed < need && len(q) > 0 {
		n, next := q[0].journal.Shed()
		freed += n
		if q[0].age = next; next == 0 {
			heap.Pop(&q)
		} else {
			heap.Fix(&q, 0)
		}
	}
	return freed
}

// shedDeliveries lets go of so many bytes of the logs of deliveries, and returns
// how many it were.
func (w *Sandboxes) shedDeliveries(need int64) (freed int64) {
	for _, sb := range w.byUse() {
		if freed < need && sb.Post != nil {
			freed += sb.Post.Outbox().Shed(need - freed)
		}
	}
	return freed
}

// rowLog is a table whose rows are a log: the oldest of them can go.
type rowLog struct {
	table string // and its one scope
	kind  memory.Kind
	gone  *atomic.Int64
}

// logs are the tables that go before sandboxes do, in this order.
func (w *Sandboxes) logs() []rowLog {
	return []rowLog{
		{record.Replays.Kind, memory.Answers, &w.counts.Answers},
		{record.Audits.Kind, memory.Rows, &w.counts.Audits},
		{record.Events.Kind, memory.Rows, &w.counts.Events},
	}
}

// rowsAtOnce is how many rows of a log one batch lets go of.
const rowsAtOnce = 64

// shedRows lets go of so many bytes of a log, the oldest rows of a sandbox
// first, and returns how many it were.
func (w *Sandboxes) shedRows(log rowLog, need int64) int64 {
	b := w.opts.Memory
	before := b.Used(log.kind)
	freed := func() int64 { return before - b.Used(log.kind) }
	ctx := context.Background()
	for _, sb := range w.byUse() {
		for freed() < need {
			old := sb.DB.Read(ctx).Scan(log.table, log.table, store.Page{Ascending: true, Limit: rowsAtOnce})
			var batch store.Batch
			for _, row := range old {
				batch.Del = append(batch.Del, store.Expect{Table: row.Table, Key: row.Key})
			}
			if len(old) == 0 || sb.DB.Commit(ctx, batch) != nil {
				break
			}
			log.gone.Add(int64(len(old)))
		}
	}
	return freed()
}

// byUse returns all sandboxes, those used the longest ago first.
func (w *Sandboxes) byUse() []*Sandbox {
	all := w.All()
	slices.SortStableFunc(all, func(a, b *Sandbox) int { return cmp.Compare(a.used.Load(), b.used.Load()) })
	return all
}

// shedSandboxes lets go of sandboxes that are not in use until so many bytes are
// free, and returns how many it were. The default one stays.
func (w *Sandboxes) shedSandboxes(need int64) int64 {
	b := w.opts.Memory
	before := b.Total()
	freed := func() int64 { return before - b.Total() }
	w.mu.Lock()
	defer w.mu.Unlock()
	for len(w.queue) > 0 && freed() < need {
		sb := w.queue.oldest()
		if time.Duration(w.real.Now().UnixNano()-sb.seen) < unused {
			break
		}
		w.evictLocked(sb, "memory")
	}
	return freed()
}

// aged is a journal and the age of its oldest entry; ages is a heap of them.
type aged struct {
	journal Journal
	age     int64
}

type ages []aged

// Len, Less, Swap, Push and Pop are for container/heap.
func (q ages) Len() int { return len(q) }

// Less puts the oldest in front.
func (q ages) Less(i, j int) bool { return q[i].age < q[j].age }

// Swap exchanges two places.
func (q ages) Swap(i, j int) { q[i], q[j] = q[j], q[i] }

// Push appends an aged.
func (q *ages) Push(x any) { *q = append(*q, x.(aged)) }

// Pop removes the last.
func (q *ages) Pop() any {
	last := len(*q) - 1
	x := (*q)[last]
	*q = (*q)[:last]
	return x
}
