package ratelimit

import (
	"cmp"
	"context"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ulule/limiter/v3"

	"github.com/polylink-dev/polylink/internal/memory"
)

// DefaultMaxKeys is how many counters a sandbox keeps unless New is told.
const DefaultMaxKeys = 100_000

const (
	maxShards   = 16
	maxLimiters = 1024 // policies times plans; a reload may leave old ones behind
)

// Limits is every counter of one sandbox. Its methods may be called by many
// goroutines at once; it starts none.
type Limits struct {
	now     func() time.Time
	seed    maphash.Seed
	shards  []shard
	budget  *memory.Budget
	evicted *atomic.Int64
	gone    func(Entry) // see OnGone

	mu       sync.RWMutex
	limiters map[Policy]*limiter.Limiter
}

// New returns the limits of a sandbox on its clock. maxKeys bounds the
// counters; 0 means DefaultMaxKeys. Past it, or where the budget has no room,
// expired counters go first, the oldest before the others, and then any. evicted
// counts those that went before their time, in all sandboxes; both may be nil.
func New(now func() time.Time, maxKeys int, budget *memory.Budget, evicted *atomic.Int64) *Limits {
	if maxKeys <= 0 {
		maxKeys = DefaultMaxKeys
	}
	n := min(maxShards, max(1, maxKeys/256)) // small shards would be full by chance
	if evicted == nil {
		evicted = new(atomic.Int64)
	}
	l := &Limits{now: now, seed: maphash.MakeSeed(), shards: make([]shard, n), budget: budget, evicted: evicted}
	for i := range l.shards {
		l.shards[i].limits, l.shards[i].most = l, maxKeys/n
	}
	return l
}

// OnGone has f told of every counter that is let go of, with its lock held: f
// must not call back. It is called before the limits are used.
func (l *Limits) OnGone(f func(Entry)) { l.gone = f }

// Entry returns one counter, and whether there is one.
func (l *Limits) Entry(kind Kind, policy, key string) (Entry, bool) {
	sh := l.shard(key)
	sh.mu.Lock()
	defer sh.mu.Unlock()
	r := sh.rows[id{kind, policy, key}]
	if r == nil {
		return Entry{}, false
	}
	return r.entry(), true
}

// Take counts one request of a key if the policy has room for it. count
// replaces the policy's own where the account's plan differs; 0 keeps it. The
// key should be a hash where it comes from a credential: Export shows it.
func (l *Limits) Take(ctx context.Context, p *Policy, count int64, key string) Verdict {
	c := &call{Context: ctx}
	_, _ = l.limiter(p, count).Get(c, key) // our store has no errors
	return c.verdict
}

// Peek is Take without counting: it says what a request would be told.
func (l *Limits) Peek(ctx context.Context, p *Policy, count int64, key string) Verdict {
	c := &call{Context: ctx}
	_, _ = l.limiter(p, count).Peek(c, key)
	return c.verdict
}

// Refund gives one taken request back, for answers that a dialect does not
// count.
func (l *Limits) Refund(ctx context.Context, p *Policy, count int64, key string) Verdict {
	c := &call{Context: ctx}
	_, _ = l.limiter(p, count).Increment(c, key, -1)
	return c.verdict
}

// limiter returns the limiter of a policy and a plan's count.
func (l *Limits) limiter(p *Policy, count int64) *limiter.Limiter {
	want := *p
	if count > 0 {
		want.Count = min(count, MaxCount)
	}
	l.mu.RLock()
	got := l.limiters[want]
	l.mu.RUnlock()
	if got != nil {
		return got
	}
	rate := limiter.Rate{Limit: want.Count, Period: want.Every}
	got = limiter.New(&store{limits: l, kind: want.Kind, policy: want.Name}, rate)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.limiters == nil || len(l.limiters) >= maxLimiters {
		l.limiters = map[Policy]*limiter.Limiter{}
	}
	l.limiters[want] = got
	return got
}

func (l *Limits) shard(key string) *shard {
	if len(l.shards) == 1 {
		return &l.shards[0]
	}
	return &l.shards[maphash.String(l.seed, key)%uint64(len(l.shards))]
}

// Len returns how many counters are kept, expired ones among them.
func (l *Limits) Len() int {
	n := 0
	for i := range l.shards {
		l.shards[i].mu.Lock()
		n += len(l.shards[i].rows)
		l.shards[i].mu.Unlock()
	}
	return n
}

// Clear forgets every counter.
func (l *Limits) Clear() {
	for i := range l.shards {
		l.shards[i].mu.Lock()
		l.shards[i].clear()
		l.shards[i].mu.Unlock()
	}
}

// Close forgets every counter. Those of requests that still come are no longer
// counted in the budget.
func (l *Limits) Close() {
	for i := range l.shards {
		l.shards[i].mu.Lock()
		l.shards[i].clear()
		l.shards[i].closed = true
		l.shards[i].mu.Unlock()
	}
}

// Entry is one counter as a snapshot or a fork carries it.
type Entry struct {
	Kind   Kind   `json:"kind"`
	Policy string `json:"policy"`
	Key    string `json:"key"`
	State
}

// Export returns every counter, ordered by policy, kind and key.
func (l *Limits) Export() []Entry {
	var out []Entry
	for i := range l.shards {
		sh := &l.shards[i]
		sh.mu.Lock()
		for _, r := range sh.queue {
			out = append(out, r.entry())
		}
		sh.mu.Unlock()
	}
	slices.SortFunc(out, func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Policy, b.Policy), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Key, b.Key))
	})
	return out
}

// Import adds counters from Export, in place of those of the same name.
// Numbers that no Export would hold are put right, not believed.
func (l *Limits) Import(entries []Entry) {
	now := l.now().Round(0)
	for _, e := range entries {
		e.Used, e.Part = max(0, e.Used), max(0, e.Part)
		k, sh := id{e.Kind, e.Policy, e.Key}, l.shard(e.Key)
		room := l.budget.Room(memory.Counters, k.bytes())
		sh.mu.Lock()
		sh.put(k, sh.rows[k], e.State, now, room)
		sh.mu.Unlock()
	}
}
