// Package journal keeps what a sandbox was asked and what it answered.
//
// The edge adds an entry for every exchange; the control API lists, counts
// and clears them. A journal holds a bounded number of entries, each of bounded
// size, within the memory budget of the process, and counts those it had to let
// go. Adding one costs a lock and a few pointers: bodies
// are cut, redacted and rendered only when somebody looks. No secret is ever
// rendered: an entry knows those of its own exchange, and whoever renders it
// brings Secrets that know the sandbox's. Start with Journal.Add, then
// Entry.Render in render.go, then secrets.go.
package journal

import (
	"net/http"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/record"
)

// DefaultSize is how many entries a sandbox keeps unless told otherwise.
const DefaultSize = 1000

// Entry is one exchange. It is not changed after it was added, but for
// Undelivered.
type Entry struct {
	N         int64
	At        time.Time // by the sandbox's clock
	Sandbox   string
	Dialect   string
	Operation string // "" when no operation matched
	Method    string
	Path      string // as the client wrote it
	OwnPath   string // the provider's own path in it, or ""
	Query     string
	Address   string
	Host      string // that the client asked for
	TLS       bool
	TraceID   string
	Header    http.Header
	Body      []byte // at most MaxBody of it
	BodySize  int64

	Status       int
	AnswerHeader http.Header
	Answer       []byte
	AnswerSize   int64
	Took         time.Duration

	Upstream *Upstream // who answered in the mock store's place, or nil
	Nearest  *Nearest  // of what no operation matched: the route that was probably meant
	Rule     Rule
	Source   []byte // the text of Rule.File as it was in force
	Fault    string // id of the fault that happened, or ""
	Forced   bool   // the client asked for this very answer
	Aborted  string // body, reset or client; "" when the answer was whole
	Replayed bool   // the answer was a stored one; its body is not kept again
	First    int64  // the exchange that a stored answer was made for, 0 where that is not known
	Changes  []Change
	Losses   string // what an upstream was not told as it was said

	undelivered atomic.Bool

	whole, wholeAnswer bool // of an entry that was written down: nothing was cut, but secrets are shorter

	Secrets       []string // never shown, wherever they occur
	SecretHeaders []string // headers that are shown as <secret>

	age   int64 // of the budget; see Journal.Oldest
	bytes int64 // what it takes
}

// Undelivered notes that the answer could not be written.
func (e *Entry) Undelivered() { e.undelivered.Store(true) }

// Nearest is a route of a dialect.
type Nearest struct {
	Dialect string `json:"dialect"`
	Method  string `json:"method"`
	Path    string `json:"path" doc:"as the provider has it"`
}

// Upstream is who answered in the mock store's place, or was to.
type Upstream struct {
	By    string `json:"by" doc:"passthrough, translation, replay, or mock where a replay had nothing"`
	Host  string `json:"host,omitempty" doc:"that was called"`
	Error string `json:"error,omitempty" doc:"why it did not answer, or not whole"`
	Seen  string `json:"seen,omitempty" doc:"the beginning of what it said that was not understood"`
}

// Rule is the line of a mapping file that decided.
type Rule struct {
	File string `json:"file,omitempty" doc:"the mapping file"`
	Line int    `json:"line,omitempty"`
	Code string `json:"code,omitempty" doc:"error class, or ok"`
}

// Place is the rule as people write it: file:line, and "" where none decided.
func (r Rule) Place() string {
	if r.File == "" {
		return ""
	}
	return r.File + ":" + strconv.Itoa(r.Line)
}

// Change is a record before and after, as it lay in the store.
type Change struct {
	Table, ID     string
	Before, After *record.Record

	shown *ShownChange // of an entry that was written down
}

// Journal is the entries of one sandbox, oldest first. It is safe for
// concurrent use.
type Journal struct {
	next   atomic.Int64
	size   int
	budget *memory.Budget
	lost   *atomic.Int64
	gone   func(n int64) // see OnGone

	mu      sync.Mutex
	ring    []*Entry
	start   int // index of the oldest
	count   int // entries in the ring, from start on and around
	evicted int64
	closed  bool
}

// New returns a journal for at most size entries; 0 is DefaultSize. Their memory
// is counted in budget, and lost counts those that had to go in all journals;
// both may be nil.
func New(size int, budget *memory.Budget, lost *atomic.Int64) *Journal {
	if size <= 0 {
		size = DefaultSize
	}
	if lost == nil {
		lost = new(atomic.Int64)
	}
	return &Journal{size: size, budget: budget, lost: lost}
}

// OnGone has f told of every entry that goes, with the journal's lock held: f
// must not call back. It is called before the journal is used.
func (j *Journal) OnGone(f func(n int64)) { j.gone = f }

// forgotten tells of an entry that goes.
func (j *Journal) forgotten(e *Entry) {
	j.budget.Add(memory.Journals, -e.bytes)
	if j.gone != nil && !j.closed {
		j.gone(e.N)
	}
}

// Number reserves the number of the next entry, so that an answer can name it
// before it is written.
func (j *Journal) Number() int64 { return j.next.Add(1) }

// Last is the number that was reserved last.
func (j *Journal) Last() int64 { return j.next.Load() }

// Continue has the numbers go on behind one that was given before.
func (j *Journal) Continue(last int64) { j.next.Store(last) }

// Add keeps an entry, cut where it is long; the oldest one goes when there are
// too many. Where the budget has no room at all, the entry itself goes.
func (j *Journal) Add(e *Entry) {
	e.trim()
	room := j.budget.Room(memory.Journals, e.bytes)
	j.mu.Lock()
	defer j.mu.Unlock()
	switch {
	case j.closed:
		return
	case !room:
		j.evicted++
		j.lost.Add(1)
		return
	case j.count == j.size:
		j.dropLocked()
	}
	e.age = j.budget.Age()
	j.budget.Add(memory.Journals, e.bytes)
	if j.count == len(j.ring) {
		j.resizeLocked(min(j.size, max(8, 2*j.count)))
	}
	j.ring[(j.start+j.count)%len(j.ring)] = e
	j.count++
}

// resizeLocked moves the entries to a ring with room for n.
func (j *Journal) resizeLocked(n int) {
	ring := make([]*Entry, n)
	for i := range j.count {
		ring[i] = j.ring[(j.start+i)%len(j.ring)]
	}
	j.ring, j.start = ring, 0
}

// dropLocked lets go of the oldest entry of a journal that has one.
func (j *Journal) dropLocked() int64 {
	e := j.ring[j.start]
	j.ring[j.start] = nil
	j.start = (j.start + 1) % len(j.ring)
	j.count--
	j.evicted++
	j.lost.Add(1)
	j.forgotten(e)
	return e.bytes
}

// Oldest tells the age of the oldest entry by the budget that all journals
// share, 0 when there is none.
func (j *Journal) Oldest() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.oldestLocked()
}

func (j *Journal) oldestLocked() int64 {
	if j.count == 0 {
		return 0
	}
	return j.ring[j.start].age
}

// Shed lets go of the oldest entry, if there is one, for want of memory. It
// returns the bytes that are free now and the age of the next one.
func (j *Journal) Shed() (freed, next int64) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.count == 0 {
		return 0, 0
	}
	freed = j.dropLocked()
	if len(j.ring) > 8 && j.count < len(j.ring)/4 {
		j.resizeLocked(len(j.ring) / 2)
	}
	return freed, j.oldestLocked()
}

// entriesLocked returns the entries in the order in which they came.
func (j *Journal) entriesLocked() []*Entry {
	out := make([]*Entry, j.count)
	for i := range out {
		out[i] = j.ring[(j.start+i)%len(j.ring)]
	}
	return out
}

// Entries returns what is kept, in the order of their numbers.
func (j *Journal) Entries() []*Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := j.entriesLocked()
	sortByNumber(out)
	return out
}

// Entry returns the entry of a number, or nil.
func (j *Journal) Entry(n int64) *Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := j.count - 1; i >= 0; i-- { // mostly a recent one is wanted
		if e := j.ring[(j.start+i)%len(j.ring)]; e.N == n {
			return e
		}
	}
	return nil
}

// Evicted tells how many entries had to go.
func (j *Journal) Evicted() int64 {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.evicted
}

// Clear forgets all entries and returns how many there were. Numbers go on.
func (j *Journal) Clear() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	for i := range j.count {
		j.forgotten(j.ring[(j.start+i)%len(j.ring)])
	}
	n := j.count
	j.ring, j.start, j.count, j.evicted = nil, 0, 0, 0
	return n
}

// Close forgets all entries and keeps none from here on.
func (j *Journal) Close() {
	j.mu.Lock()
	j.closed = true
	j.mu.Unlock()
	j.Clear()
}

// sortByNumber puts entries in order: exchanges end in another order than
// they begin, but never far from it.
func sortByNumber(list []*Entry) {
	for i := 1; i < len(list); i++ {
		for k := i; k > 0 && list[k].N < list[k-1].N; k-- {
			list[k], list[k-1] = list[k-1], list[k]
		}
	}
}
