// Package world holds the sandboxes: isolated worlds of rows and time.
//
// It stands between routes, which learns from a request which sandbox is
// meant, and mockstore, which keeps its rows. A sandbox is made on first use
// as a fork of the fixtures, so a thousand of them cost little more than one,
// and nothing that happens in one shows in another. The least recently used
// make room for new ones; "default" never does. It promises that one name is
// one sandbox at a time. What else a sandbox has, such as limits or a journal,
// is the State that the caller attaches; which fixtures there are is the
// caller's, too. Start with Sandboxes.Get, then makers.go.
package world

import (
	"cmp"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Default is the sandbox of requests that name none. It is always there.
const Default = "default"

// Options says what sandboxes are made of. The zero value is ready to use.
type Options[S any] struct {
	// Rows returns fixture rows with times relative to start. It is called
	// again and again and makes new rows each time. Nil is no rows.
	Rows func(start time.Time) []*store.Row
	// Real is real time; nil is the machine's clock.
	Real func() time.Time
	// Max is how many sandboxes there may be; zero is 10,000.
	Max int
	// Idle is how long an unused sandbox is kept; zero is for ever. Idle ones
	// go when the next one is made.
	Idle time.Duration
	// Log hears of evictions; nil is nobody.
	Log *slog.Logger
	// Attach makes the State of a new sandbox; nil leaves it zero. It runs
	// before anybody else sees the sandbox, one at a time. It must not call
	// the Sandboxes.
	Attach func(*Sandbox[S]) S
	// Inherit gives a fork what it takes over of the State of its origin; nil is
	// nothing. It runs after Attach and under the same rules.
	Inherit func(from, to *Sandbox[S])
	// Detach is told of a sandbox that was evicted, dropped or reset. Requests
	// that hold it may still be using it.
	Detach func(*Sandbox[S])
}

// Sandbox is one world. Its fields do not change; a reset makes another
// Sandbox of the same name, so do not keep one for longer than a request.
type Sandbox[S any] struct {
	Name    string
	DB      *mockstore.DB
	Clock   *clock.Clock
	Start   time.Time // what its fixture times are relative to
	Created time.Time // when it was made, at most a second after Start unless it is a fork
	State   S

	used  atomic.Int64 // unix nanoseconds of real time
	seen  int64        // used when it was last put in order; see queue
	place int          // in the queue
}

// Sandboxes makes, finds and forgets sandboxes. It is safe for use from many
// goroutines.
type Sandboxes[S any] struct {
	opts    Options[S]
	real    *clock.Clock
	byName  sync.Map // string to *Sandbox[S]; written with mu held
	evicted atomic.Int64

	mu    sync.Mutex // held while sandboxes are made and forgotten
	rows  func(start time.Time) []*store.Row
	base  base
	count int
	queue queue[S] // all but the default one, least recently used first
}

// Info is a line of List.
type Info struct {
	Name     string
	Created  time.Time
	LastUsed time.Time
	Links    int
}

// New returns the sandboxes with the default one made. Fixture rows that no
// store can hold are an error.
func New[S any](opts Options[S]) (*Sandboxes[S], error) {
	if opts.Max <= 0 {
		opts.Max = 10_000
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	w := &Sandboxes[S]{opts: opts, real: clock.New(opts.Real)}
	if err := w.Reload(opts.Rows); err != nil {
		return nil, err
	}
	w.locked(func() { w.makeLocked(Default) })
	return w, nil
}

// NewClock returns a clock on the real time that all sandboxes follow.
func (w *Sandboxes[S]) NewClock() *clock.Clock { return clock.New(w.opts.Real) }

// Len tells how many sandboxes there are.
func (w *Sandboxes[S]) Len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// Get returns the sandbox of a name and makes it on first use. A name that
// ValidName refuses is a record.CodeInvalid; there is no other error.
func (w *Sandboxes[S]) Get(name string) (*Sandbox[S], error) {
	if sb := w.Peek(name); sb != nil {
		w.touch(sb)
		return sb, nil
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	var sb *Sandbox[S]
	var gone []*Sandbox[S]
	w.locked(func() {
		if sb = w.Peek(name); sb != nil {
			w.touch(sb) // somebody was faster
			return
		}
		gone = w.makeRoomLocked()
		sb = w.makeLocked(name)
	})
	w.detach(gone)
	return sb, nil
}

// Make makes the sandbox of a name. It returns record.CodeConflict when there is
// one and record.CodeInvalid for a bad name.
func (w *Sandboxes[S]) Make(name string) (*Sandbox[S], error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	var sb *Sandbox[S]
	var gone []*Sandbox[S]
	w.locked(func() {
		if w.Peek(name) != nil {
			return
		}
		gone = w.makeRoomLocked()
		sb = w.makeLocked(name)
	})
	w.detach(gone)
	if sb == nil {
		return nil, taken(name)
	}
	return sb, nil
}

// Peek returns the sandbox of a name, or nil. It makes none, and does not
// count as use.
func (w *Sandboxes[S]) Peek(name string) *Sandbox[S] {
	v, ok := w.byName.Load(name)
	if !ok {
		return nil
	}
	return v.(*Sandbox[S])
}

// locked runs f with mu held, and lets go of it even when f, which calls what
// others wrote, panics.
func (w *Sandboxes[S]) locked(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

// touch notes that a sandbox was used.
func (w *Sandboxes[S]) touch(sb *Sandbox[S]) { sb.used.Store(w.real.Now().UnixNano()) }

// Fork makes the sandbox to with the rows and the clock of from, and returns
// it; its State is attached anew and may Inherit. It returns record.CodeNotFound
// without from, record.CodeConflict when to is there, and record.CodeInvalid for a
// bad name.
func (w *Sandboxes[S]) Fork(from, to string) (*Sandbox[S], error) {
	if err := checkName(to); err != nil {
		return nil, err
	}
	var sb *Sandbox[S]
	var err error
	var gone []*Sandbox[S]
	w.locked(func() {
		src := w.Peek(from)
		switch {
		case src == nil:
			err = &record.Error{Code: record.CodeNotFound, Msg: fmt.Sprintf("there is no sandbox %q", from)}
			return
		case w.Peek(to) != nil:
			err = taken(to)
			return
		}
		w.touch(src)
		gone = w.makeRoomLocked()
		sb = &Sandbox[S]{Name: to, DB: src.DB.Fork(), Clock: src.Clock.Fork(), Start: src.Start, Created: w.real.Now()}
		w.addLocked(sb, func(sb *Sandbox[S]) {
			if w.opts.Inherit != nil {
				w.opts.Inherit(src, sb)
			}
		})
	})
	w.detach(gone)
	return sb, err
}

func taken(name string) error {
	return &record.Error{Code: record.CodeConflict, Msg: fmt.Sprintf("there is a sandbox %q already; choose another name or delete it first", name)}
}

// Reset puts a sandbox of fixtures, real time and a new State in the place of
// the one of that name, and returns it. Where there is none it makes one, as
// Get does.
func (w *Sandboxes[S]) Reset(name string) (*Sandbox[S], error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	var sb *Sandbox[S]
	var gone []*Sandbox[S]
	w.locked(func() {
		if old := w.removeLocked(name); old != nil {
			gone = append(gone, old)
		} else {
			gone = w.makeRoomLocked()
		}
		sb = w.makeLocked(name)
	})
	w.detach(gone)
	return sb, nil
}

// Put puts a sandbox of these rows and this clock in the place of the one of
// that name. prepare, which may be nil, sees it after Attach and before anybody
// else does. Rows that no store can hold are an error, and change nothing.
func (w *Sandboxes[S]) Put(name string, rows []*store.Row, c *clock.Clock, prepare func(*Sandbox[S])) (*Sandbox[S], error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	db := mockstore.New()
	if err := db.Load(rows); err != nil {
		return nil, err
	}
	sb := &Sandbox[S]{Name: name, DB: db, Clock: c, Start: w.real.Now(), Created: w.real.Now()}
	var gone []*Sandbox[S]
	w.locked(func() {
		if old := w.removeLocked(name); old != nil {
			gone = append(gone, old)
		} else {
			gone = w.makeRoomLocked()
		}
		w.addLocked(sb, prepare)
	})
	w.detach(gone)
	return sb, nil
}

// Drop forgets a sandbox and tells whether there was one. The default one is
// reset.
func (w *Sandboxes[S]) Drop(name string) bool {
	var gone []*Sandbox[S]
	w.locked(func() {
		if sb := w.removeLocked(name); sb != nil {
			gone = append(gone, sb)
		}
		if name == Default {
			w.makeLocked(name)
		}
	})
	w.detach(gone)
	return len(gone) > 0
}

// List tells of every sandbox, by name.
func (w *Sandboxes[S]) List() []Info {
	var all []Info
	w.byName.Range(func(_, v any) bool {
		all = append(all, v.(*Sandbox[S]).Info())
		return true
	})
	slices.SortFunc(all, func(a, b Info) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Info tells of one sandbox.
func (sb *Sandbox[S]) Info() Info {
	return Info{
		Name:     sb.Name,
		Created:  sb.Created,
		LastUsed: time.Unix(0, sb.used.Load()).UTC(),
		Links:    sb.DB.Len(record.Links.Kind),
	}
}

// Evicted counts the sandboxes that went for want of room or use.
func (w *Sandboxes[S]) Evicted() int64 { return w.evicted.Load() }

// ValidName tells whether a sandbox may be called so: [a-z0-9-]{1,40}.
func ValidName(name string) bool {
	if len(name) < 1 || len(name) > 40 {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func checkName(name string) error {
	if ValidName(name) {
		return nil
	}
	return &record.Error{Code: record.CodeInvalid, Msg: "a sandbox name is 1 to 40 of a-z, 0-9 and -"}
}
