package ratelimit

import (
	"container/heap"
	"context"
	"sync"
	"time"

	"github.com/ulule/limiter/v3"

	"github.com/polylink-dev/polylink/internal/memory"
)

// store is the limiter.Store of one policy in one sandbox. It is a view of the
// sandbox's shards: all policies share the bound on keys, none a counter. Its
// errors are always nil.
type store struct {
	limits *Limits
	kind   Kind
	policy string
}

var _ limiter.Store = (*store)(nil)

// call is the context of one Take or Peek. limiter.Context has whole seconds
// only, so the store leaves the exact verdict here.
type call struct {
	context.Context
	verdict Verdict
}

// Get counts one request if there is room for it.
func (s *store) Get(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return s.count(ctx, key, 1, rate), nil
}

// Peek counts nothing; Reached says that Get would refuse.
func (s *store) Peek(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	return s.count(ctx, key, 0, rate), nil
}

// Reset forgets the key.
func (s *store) Reset(ctx context.Context, key string, rate limiter.Rate) (limiter.Context, error) {
	sh := s.limits.shard(key)
	sh.mu.Lock()
	if r := sh.rows[id{s.kind, s.policy, key}]; r != nil {
		sh.drop(r)
	}
	sh.mu.Unlock()
	return s.count(ctx, key, 0, rate), nil
}

// Increment counts several requests, all or none; a negative count gives some
// back.
func (s *store) Increment(ctx context.Context, key string, count int64, rate limiter.Rate) (limiter.Context, error) {
	return s.count(ctx, key, count, rate), nil
}

func (s *store) count(ctx context.Context, key string, n int64, rate limiter.Rate) limiter.Context {
	now, next, ok := s.limits.shard(key).count(s.limits.now, id{s.kind, s.policy, key}, n, rate)
	v := next.verdict(now, s.kind, rate, ok)
	if c, exact := ctx.(*call); exact {
		c.verdict = v
	}
	return limiter.Context{Limit: v.Limit, Remaining: v.Remaining, Reset: v.Reset.Unix(), Reached: !v.Allowed}
}

// id names a counter.
type id struct {
	kind   Kind
	policy string
	key    string
}

// bytes estimates what a counter takes.
func (k id) bytes() int64 { return int64(280 + len(k.key)) }

// row is a counter in a shard.
type row struct {
	id
	State
	pos int // in the shard's queue
}

func (r *row) entry() Entry { return Entry{r.kind, r.policy, r.key, r.State} }

// shard is a part of the counters behind a lock of its own.
type shard struct {
	limits *Limits
	most   int

	mu     sync.Mutex
	rows   map[id]*row
	queue  queue
	bytes  int64 // of rows, in the budget
	closed bool
}

// count reads the clock under the lock, so that two requests at a boundary are
// counted in the order of their times.
func (sh *shard) count(clock func() time.Time, k id, n int64, rate limiter.Rate) (now time.Time, next State, ok bool) {
	room := sh.limits.budget.Room(memory.Counters, k.bytes()) // without the lock
	sh.mu.Lock()
	defer sh.mu.Unlock()
	now = clock().Round(0)
	r := sh.rows[k]
	if r != nil {
		next = r.State
	}
	next = next.at(now, k.kind, rate)
	if r != nil && now.Before(r.At) { // the clock was set back: go on from here, refused or not
		sh.put(k, r, next, now, room)
	}
	if n == 0 {
		return now, next, next.remaining(now, k.kind, rate) > 0
	}
	if next, ok = next.add(now, k.kind, rate, n); ok {
		sh.put(k, r, next, now, room)
	}
	return now, next, ok
}

// put writes a counter; r is the row it has, if it has one. A new row makes
// room for itself where there is none.
func (sh *shard) put(k id, r *row, s State, now time.Time, room bool) {
	if r != nil {
		r.State = s
		heap.Fix(&sh.queue, r.pos)
		return
	}
	for range 2 { // more goes than comes, so expired rows do not pile up
		if len(sh.queue) > 0 && sh.queue[0].Until.Before(now) {
			sh.drop(sh.queue[0])
		}
	}
	if len(sh.rows) >= sh.most || !room {
		for _, victim := range sh.rows {
			sh.drop(victim)
			sh.limits.evicted.Add(1)
			break
		}
	}
	if sh.rows == nil {
		sh.rows = map[id]*row{}
	}
	r = &row{id: k, State: s}
	sh.rows[k] = r
	heap.Push(&sh.queue, r)
	sh.grow(k.bytes())
}

func (sh *shard) drop(r *row) {
	heap.Remove(&sh.queue, r.pos)
	delete(sh.rows, r.id)
	sh.grow(-r.id.bytes())
	if sh.limits.gone != nil {
		sh.limits.gone(r.entry())
	}
}

// grow counts n more bytes, or gives back -n.
func (sh *shard) grow(n int64) {
	if !sh.closed {
		sh.bytes += n
		sh.limits.budget.Add(memory.Counters, n)
	}
}

// clear forgets all rows.
func (sh *shard) clear() {
	sh.grow(-sh.bytes)
	sh.rows, sh.queue = nil, nil
}

// queue is a heap of rows, the first to expire on top.
type queue []*row

func (q queue) Len() int           { return len(q) }
func (q queue) Less(i, j int) bool { return q[i].Until.Before(q[j].Until) }

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].pos, q[j].pos = i, j
}

func (q *queue) Push(x any) {
	r := x.(*row)
	r.pos = len(*q)
	*q = append(*q, r)
}

func (q *queue) Pop() any {
	old := *q
	last := len(old) - 1
	r := old[last]
	old[last] = nil
	*q = old[:last]
	return r
}
