// Package journal keeps what a sandbox was asked and what it answered.
//
// The edge adds an entry for every exchange; the control API lists, counts
// and clears them. A journal holds a bounded number of entries and counts
// those it had to let go. Adding one costs a lock and a few pointers: bodies
// are cut, redacted and rendered only when somebody looks. No secret is ever
// rendered: an entry knows those of its own exchange, and whoever renders it
// brings Secrets that know the sandbox's. Start with Journal.Add, then
// Entry.Render in render.go, then secrets.go.
package journal

import (
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/polylink-dev/polylink/record"
)

// DefaultSize is how many entries a sandbox keeps unless told otherwise.
const DefaultSize = 1000

// MaxBody is how much of a body is kept, in bytes.
const MaxBody = 16 << 10

// Entry is one exchange. It is not changed after it was added.
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

	Rule     Rule
	Source   []byte // the text of Rule.File as it was in force
	Fault    string // id of the fault that happened, or ""
	Aborted  string // body, reset or client; "" when the answer was whole
	Replayed bool   // the answer was a stored one; its body is not kept again
	First    int64  // the exchange that a stored answer was made for, 0 where that is not known
	Changes  []Change

	Secrets       []string // never shown, wherever they occur
	SecretHeaders []string // headers that are shown as <secret>
}

// Rule is the line of a mapping file that decided.
type Rule struct {
	File string `json:"file,omitempty" doc:"the mapping file"`
	Line int    `json:"line,omitempty"`
	Code string `json:"code,omitempty" doc:"error class, or ok"`
}

// Change is a record before and after, as it lay in the store.
type Change struct {
	Table, ID     string
	Before, After *record.Record
}

// Clip returns what is kept of a body, in memory of its own where there is
// more of it.
func Clip(body []byte) []byte {
	if len(body) <= MaxBody {
		return body
	}
	return append(make([]byte, 0, MaxBody), body[:MaxBody]...)
}

// Journal is the entries of one sandbox, oldest first. It is safe for
// concurrent use.
type Journal struct {
	next    atomic.Int64
	mu      sync.Mutex
	ring    []*Entry
	start   int // index of the oldest
	size    int
	evicted int64
}

// New returns a journal for at most size entries; 0 is DefaultSize.
func New(size int) *Journal {
	if size <= 0 {
		size = DefaultSize
	}
	return &Journal{size: size}
}

// Number reserves the number of the next entry, so that an answer can name it
// before it is written.
func (j *Journal) Number() int64 { return j.next.Add(1) }

// Add keeps an entry; the oldest one goes when there are too many.
func (j *Journal) Add(e *Entry) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if len(j.ring) < j.size {
		j.ring = append(j.ring, e)
		return
	}
	j.ring[j.start] = e
	j.start = (j.start + 1) % len(j.ring)
	j.evicted++
}

// Entries returns what is kept, in the order of their numbers.
func (j *Journal) Entries() []*Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	out := make([]*Entry, 0, len(j.ring))
	out = append(append(out, j.ring[j.start:]...), j.ring[:j.start]...)
	sortByNumber(out)
	return out
}

// Entry returns the entry of a number, or nil.
func (j *Journal) Entry(n int64) *Entry {
	j.mu.Lock()
	defer j.mu.Unlock()
	for _, e := range j.ring {
		if e.N == n {
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
	n := len(j.ring)
	j.ring, j.start, j.evicted = nil, 0, 0
	return n
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
