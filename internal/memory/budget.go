// Package memory holds what the process keeps to a budget, and finds out how
// much memory there is.
//
// Whoever keeps something for longer than a request tells a Budget how many
// bytes it takes: rows, kept answers, journals, counters. Before it keeps more
// it asks for Room; where there is none, the budget has its Reclaim let go of
// what is least worth keeping, and says no when that was not enough. The
// package keeps nothing itself and knows nothing of sandboxes: who lets go of
// what, and in which order, is told by the owner of all of them. Sizes are
// estimates; what the budget does not see (requests under way, garbage) is held
// by Apply. Start with Budget, then Room.
package memory

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
)

// Least is the smallest budget, in bytes.
const Least = 64 << 20

// Kind is what memory is used for.
type Kind int

// The kinds.
const (
	Rows       Kind = iota // records, their indexes, and sandboxes themselves
	Answers                // answers kept under idempotency keys
	Journals               // entries of journals
	Deliveries             // of webhooks, those that wait and the log of the others
	Counters               // rate limits' counters
	Snapshots              // documents that are being read or written
	kinds
)

// Kinds lists all kinds.
func Kinds() []Kind { return []Kind{Rows, Answers, Journals, Deliveries, Counters, Snapshots} }

// String names a kind as metrics do.
func (k Kind) String() string {
	switch k {
	case Rows:
		return "rows"
	case Answers:
		return "answers"
	case Journals:
		return "journals"
	case Deliveries:
		return "deliveries"
	case Counters:
		return "counters"
	case Snapshots:
		return "snapshots"
	}
	return fmt.Sprintf("kind %d", int(k))
}

// Budget counts bytes by kind and holds them to a limit. A nil Budget counts
// nothing and has room for everything. It is safe for use from many goroutines.
type Budget struct {
	limit int64
	used  [kinds]atomic.Int64
	total atomic.Int64
	age   atomic.Int64

	mu      sync.Mutex // held while memory is reclaimed
	reclaim func(Need) bool
	vain    time.Time // when it last let go of too little
}

// pause is how long nothing is reclaimed after it was in vain, so that a full
// budget does not have every request look for what is not there.
const pause = 100 * time.Millisecond

// Need is how many bytes are to be let go of.
type Need struct {
	All    int64 // of any kind
	Others int64 // of these, of kinds other than Journals
}

// Parts of a budget.
const (
	spare = 16 // 1/16 is for journals alone, so that requests are still noted where rows have taken the rest
	most  = 4  // 1/4 is the most for counters, which cost a request nothing and may come from strangers
	batch = 64 // at least 1/64 is reclaimed at a time, so that not every request has to
)

// New returns a budget of limit bytes, Least at the least.
func New(limit int64) *Budget { return &Budget{limit: max(limit, Least)} }

// OnPressure sets what lets go of memory, and tells whether it let go of as much
// as was needed. It runs one at a time, in the goroutine of whoever asked for
// Room, and must not ask for Room itself. It is set before the budget is used.
func (b *Budget) OnPressure(reclaim func(Need) bool) {
	if b != nil {
		b.reclaim = reclaim
	}
}

// Limit returns the budget in bytes.
func (b *Budget) Limit() int64 {
	if b == nil {
		return 0
	}
	return b.limit
}

// Used returns the bytes of a kind.
func (b *Budget) Used(k Kind) int64 {
	if b == nil {
		return 0
	}
	return b.used[k].Load()
}

// Total returns the bytes of all kinds.
func (b *Budget) Total() int64 {
	if b == nil {
		return 0
	}
	return b.total.Load()
}

// Age numbers what is kept in the order in which it comes, so that what lies in
// several places can be told by its age. It starts at 1.
func (b *Budget) Age() int64 {
	if b == nil {
		return 0
	}
	return b.age.Add(1)
}

// Add counts n more bytes of a kind, or gives back -n. It asks nobody.
func (b *Budget) Add(k Kind, n int64) {
	if b != nil && n != 0 {
		b.used[k].Add(n)
		b.total.Add(n)
	}
}

// Fits tells whether there is room for n more bytes of a kind.
func (b *Budget) Fits(k Kind, n int64) bool { return b == nil || b.need(k, n) == Need{} }

// need tells what has to go first.
func (b *Budget) need(k Kind, n int64) Need {
	total := b.total.Load()
	need := Need{All: max(0, total+n-b.limit)}
	if k != Journals {
		need.Others = max(0, total-b.used[Journals].Load()+n-(b.limit-b.limit/spare))
	}
	return need
}

// Room makes room for n more bytes of a kind and tells whether there is any.
// They are not counted yet. Callers hold no lock that letting go of memory
// could want.
func (b *Budget) Room(k Kind, n int64) bool {
	switch {
	case n <= 0:
		return true
	case k == Counters && b != nil && b.used[k].Load()+n > b.limit/most:
		return false
	case b.Fits(k, n):
		return true
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	need := b.need(k, n) // somebody else may have made room
	if need == (Need{}) {
		return true
	}
	if now := clock.Real(); b.reclaim != nil && n <= b.limit && now.Sub(b.vain) > pause {
		need.All = max(need.All, b.limit/batch)
		if need.Others > 0 {
			need.Others = max(need.Others, b.limit/batch)
		}
		if b.reclaim(need) || b.Fits(k, n) {
			return true // also where others have taken it meanwhile: there was room when it was asked for
		}
		b.vain = now
	}
	return false
}
