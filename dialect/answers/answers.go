// Package answers encodes a record once for all who are shown the same.
//
// It stands between routes, which answers with records, and the compiled
// program, which puts them into a dialect's words. What most operations show of a
// record follows from the record and the base URL alone, and stored records never
// change: each change makes another one. So a Cache keeps what was encoded under
// the very record, the shape of the operation and the base, and whoever asks for
// the same gets the same bytes. It promises that these are what encoding anew
// would give, and that it never holds more than a fixed number of bytes. What a
// request says besides (time, headers, who asks) makes an operation no Shape, and
// then nothing is kept. Who may see a record is decided before it comes here.
// Start with Cache.Encode, then shapes.go.
package answers

import (
	"bytes"
	"hash/maphash"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// The bounds of a Cache.
const (
	places    = 1 << 14  // entries at most
	MaxBytes  = 16 << 20 // of all entries, about
	maxEntry  = 16 << 10 // of one; a larger answer is not kept
	overheads = 160      // of an entry besides its text
)

// Cache keeps what records look like. The zero one is empty and ready; nil keeps
// nothing. It is safe for use from many goroutines.
type Cache struct {
	seed  maphash.Seed
	at    [places]atomic.Pointer[entry]
	bytes atomic.Int64
	hand  atomic.Uint64 // the place that is cleared next where there is no room

	scratch sync.Pool // of *[]byte
}

// New returns an empty cache.
func New() *Cache { return &Cache{seed: maphash.MakeSeed()} }

// entry is one record in one shape, as it is shown below one base. It keeps the
// record alive, so no other one can have its address meanwhile.
type entry struct {
	rec   *record.Record
	shape *Shape
	base  string
	text  []byte
}

func (e *entry) bytes() int64 { return int64(len(e.text) + len(e.base) + overheads) }

// Encode returns the record e.It in a shape; nobody may change what it returns.
// The record has to be one that never changes. A value past its bounds is told to
// e.Bounds, as ever, and what was encoded then is not kept.
func (c *Cache) Encode(s *Shape, e *dialect.Env) []byte {
	key := entry{rec: e.It, shape: s, base: e.Base}
	if c == nil || e.Expand != nil {
		return s.op.Encode(nil, e)
	}
	at := &c.at[c.place(&key)]
	have := at.Load()
	if have != nil && have.rec == key.rec && have.shape == key.shape && have.base == key.base {
		return have.text
	}
	key.text = c.encode(s, e)
	if e.Overrun() == nil && len(key.text) <= maxEntry {
		key.base = strings.Clone(key.base)
		c.put(at, &key)
	}
	return key.text
}

// encode writes a record into memory of its own, as much as it needs.
func (c *Cache) encode(s *Shape, e *dialect.Env) []byte {
	scratch, _ := c.scratch.Get().(*[]byte)
	if scratch == nil {
		scratch = new([]byte)
	}
	out := s.op.Encode((*scratch)[:0], e)
	own := bytes.Clone(out)
	if cap(out) <= 4*maxEntry {
		*scratch = out
	}
	c.scratch.Put(scratch)
	return own
}

// place is where an entry belongs; it takes the place of what is there. That of a
// record is the same before and after a change.
func (c *Cache) place(e *entry) uint64 {
	sum := maphash.String(c.seed, e.rec.Get(record.SlotID)) ^ 31*maphash.String(c.seed, e.base) ^ e.shape.salt
	return sum % places
}

// put keeps an entry, and lets go of others where there is no room.
func (c *Cache) put(at *atomic.Pointer[entry], e *entry) {
	c.count(at.Swap(e), e)
	for c.bytes.Load() > MaxBytes {
		c.count(c.at[c.hand.Add(1)%places].Swap(nil), nil)
	}
}

// count notes that an entry has come and another one gone; either may be nil.
func (c *Cache) count(gone, came *entry) {
	n := int64(0)
	if came != nil {
		n += came.bytes()
	}
	if gone != nil {
		n -= gone.bytes()
	}
	c.bytes.Add(n)
}

// Bytes tells how much is kept, about.
func (c *Cache) Bytes() int64 {
	if c == nil {
		return 0
	}
	return c.bytes.Load()
}
