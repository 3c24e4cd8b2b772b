package filestore

import (
	"context"
	"fmt"
	"time"

	"github.com/polylink-dev/polylink/store"
)

// Space is a sandbox that is kept in a file.
type Space struct {
	file  *File
	name  string
	parts store.Parts
}

// flight is what one transaction writes. Who wants to know that it is written
// waits for done.
type flight struct {
	done   chan struct{}
	err    error // set before done is closed
	spaces map[*Space]*pending
	drops  map[string]bool // names whose sandboxes are gone
	rows   int
	armed  bool // it will be written without being asked for
}

// pending is what has changed in one sandbox.
type pending struct {
	anew  store.Reader // all rows, for one that takes the place of what the file has; nil for changes
	head  head
	moved bool // head is to be written
	rows  map[rowKey]*store.Row
	marks map[string]bool   // parts to be asked for
	sets  map[string][]byte // parts
}

func newPending() *pending {
	return &pending{rows: map[rowKey]*store.Row{}, marks: map[string]bool{}, sets: map[string][]byte{}}
}

type rowKey struct{ table, key string }

// nextLocked is the flight that takes changes now.
func (f *File) nextLocked() *flight {
	if f.next == nil {
		f.next = &flight{done: make(chan struct{}), spaces: map[*Space]*pending{}, drops: map[string]bool{}}
	}
	return f.next
}

// pendingLocked is what the next flight has of a sandbox, nil for one that is
// gone.
func (s *Space) pendingLocked() *pending {
	if s.file.spaces[s.name] != s {
		return nil
	}
	fl := s.file.nextLocked()
	p := fl.spaces[s]
	if p == nil {
		p = newPending()
		fl.spaces[s] = p
	}
	return p
}

// lazily is how long what nobody waits for may take to be written.
const lazily = 100 * time.Millisecond

// armLocked has the next flight written some time.
func (f *File) armLocked() {
	if !f.next.armed {
		f.next.armed = true
		wait := f.opts.Interval
		if wait == 0 {
			wait = lazily
		}
		time.AfterFunc(wait, f.hurry)
	}
}

// hurry has the next flight written now.
func (f *File) hurry() {
	select {
	case f.wake <- struct{}{}:
	default:
	}
}

// mostGathered is how many rows are gathered before those who change more have
// to wait, too.
const mostGathered = 100_000

// change queues rows that were put and deleted, and returns what to wait for,
// nil for nothing.
func (s *Space) change(put []*store.Row, del []store.Expect, h head) *flight {
	f := s.file
	f.mu.Lock()
	defer f.mu.Unlock()
	p := s.pendingLocked()
	if p == nil {
		return nil
	}
	for _, e := range del {
		p.rows[rowKey{e.Table, e.Key}] = nil
	}
	for _, r := range put {
		p.rows[rowKey{r.Table, r.Key}] = r
	}
	p.head, p.moved = h, true
	fl := f.next
	fl.rows += len(put) + len(del)
	if f.opts.Interval > 0 && fl.rows < mostGathered {
		f.armLocked()
		return nil
	}
	f.hurry()
	return fl
}

// wait waits until a flight is written.
func (fl *flight) wait(ctx context.Context) error {
	select {
	case <-fl.done:
		return fl.err
	case <-ctx.Done():
		select { // both may be true
		case <-fl.done:
			return fl.err
		default:
			return ctx.Err()
		}
	}
}

// Mark says that a part has changed.
func (s *Space) Mark(key string) {
	f := s.file
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := s.pendingLocked(); p != nil {
		p.marks[key] = true
		f.armLocked()
	}
}

// Set is Mark with the value that the part has now.
func (s *Space) Set(key string, value []byte) {
	f := s.file
	f.mu.Lock()
	defer f.mu.Unlock()
	if p := s.pendingLocked(); p != nil {
		p.sets[key] = value
		f.armLocked()
	}
}

// Drop forgets what is kept, unless the name has passed to another sandbox.
func (s *Space) Drop() {
	f := s.file
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.spaces[s.name] != s {
		return
	}
	delete(f.spaces, s.name)
	fl := f.nextLocked()
	delete(fl.spaces, s)
	fl.drops[s.name] = true
	f.armLocked()
}

// Place keeps a sandbox from here on, in the place of the one of that name.
func (f *File) Place(name string, db store.Engine, parts store.Parts, keys ...string) store.Space {
	d := db.(*DB) // of this file, as Keeper says
	s := &Space{file: f, name: name, parts: parts}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.space = s
	rows, seq := d.mem.State()
	p := newPending()
	p.anew, p.head, p.moved = d.mem.Read(context.Background()), head{rows, seq}, true
	for _, key := range keys {
		p.marks[key] = true
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if old := f.spaces[name]; old != nil && f.next != nil {
		delete(f.next.spaces, old)
	}
	f.spaces[name] = s
	f.nextLocked().spaces[s] = p
	f.armLocked()
	return s
}

// Ready refuses while what was last changed could not be written.
func (f *File) Ready() error {
	if !f.broken.Load() {
		return nil
	}
	f.hurry()
	return fmt.Errorf("%s cannot be written: %w", f.path, store.ErrUnavailable)
}

// Flush waits until all that was said so far is in the file. Where changes are
// gathered it does not.
func (f *File) Flush(ctx context.Context) error {
	if err := f.Ready(); err != nil {
		return err
	}
	if f.opts.Interval > 0 {
		return nil
	}
	f.mu.Lock()
	fl := f.next
	if fl == nil {
		fl = f.flying
	}
	f.mu.Unlock()
	if fl == nil {
		return nil
	}
	f.hurry()
	return fl.wait(ctx)
}
