package sandbox

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Options says what sandboxes are made of. All but Engine may be left out.
type Options struct {
	// Engine makes what keeps the rows of a sandbox, unless there is a Keeper.
	Engine store.Maker
	// Keeper is where sandboxes outlive the process; nil is nowhere.
	Keeper store.Keeper
	// KeepJournal keeps journals there, too.
	KeepJournal bool
	// Scenarios are those that a kept sandbox goes on with; nil is none.
	Scenarios func() *faults.Scenarios
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
	// Journal is how many entries a sandbox keeps; zero is journal.DefaultSize.
	Journal int
	// Memory is the budget that all sandboxes share; nil is none. It has to be
	// that of the Engine, too.
	Memory *memory.Budget
	// Post makes what brings the events of a sandbox to their receivers; nil
	// delivers none. It is given a sandbox that nobody sees yet.
	Post func(sb *Sandbox) Post
	// Log hears of evictions; nil is nobody.
	Log *slog.Logger
}

// Sandboxes makes, finds and forgets sandboxes. It is safe for use from many
// goroutines.
type Sandboxes struct {
	opts   Options
	real   *clock.Clock
	byName sync.Map // string to *Sandbox; written with mu held
	counts Counts
	feed   journal.Feed
	warned atomic.Int64 // when memory was last told to be used up
	freed  atomic.Int64 // bytes that GiveBack has yet to give back

	baseMu sync.Mutex // held while fixtures are built
	rows   func(start time.Time) []*store.Row
	base   base

	mu    sync.Mutex // held while sandboxes are made and forgotten
	count int
	queue queue // all but the default one, least recently used first
}

// New returns the sandboxes with the default one made. Fixture rows that no
// store can hold are an error.
func New(opts Options) (*Sandboxes, error) {
	if opts.Max <= 0 {
		opts.Max = 10_000
	}
	if opts.Log == nil {
		opts.Log = slog.New(slog.DiscardHandler)
	}
	if opts.Keeper != nil {
		opts.Engine = opts.Keeper.Make
	}
	if opts.Engine == nil {
		return nil, errors.New("sandboxes need an engine that keeps their rows")
	}
	w := &Sandboxes{opts: opts, real: clock.New(opts.Real)}
	opts.Memory.OnPressure(w.reclaim)
	ctx := context.Background()
	if err := w.Reload(ctx, opts.Rows); err != nil {
		return nil, err
	}
	w.restore()
	if w.Peek(Default) == nil {
		if _, err := w.Make(ctx, Default); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Feed is the entries of all journals, as they are made.
func (w *Sandboxes) Feed() *journal.Feed { return &w.feed }

// Len tells how many sandboxes there are.
func (w *Sandboxes) Len() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.count
}

// Now is the real time that sandboxes begin with.
func (w *Sandboxes) Now() time.Time { return w.real.Now() }

// Peek returns the sandbox of a name, or nil. It makes none, and does not
// count as use.
func (w *Sandboxes) Peek(name string) *Sandbox {
	v, ok := w.byName.Load(name)
	if !ok {
		return nil
	}
	return v.(*Sandbox)
}

// touch notes that a sandbox was used.
func (w *Sandboxes) touch(sb *Sandbox) { sb.used.Store(w.real.Now().UnixNano()) }

// Get returns the sandbox of a name and makes it on first use. It returns
// record.CodeInvalid for a bad name, and otherwise only errors of the engine.
func (w *Sandboxes) Get(ctx context.Context, name string) (*Sandbox, error) {
	if sb := w.Peek(name); sb != nil {
		w.touch(sb)
		return sb, nil
	}
	if err := checkName(name); err != nil {
		return nil, err
	}
	base, err := w.prepare(ctx, name)
	if err != nil {
		return nil, err
	}
	return w.locked(ctx, func() (*Sandbox, error) {
		if sb := w.Peek(name); sb != nil { // somebody was faster
			w.drop(base.db)
			w.touch(sb)
			return sb, nil
		}
		return w.makeLocked(name, base), nil
	})
}

// locked changes which sandboxes there are, and waits until that is kept.
func (w *Sandboxes) locked(ctx context.Context, change func() (*Sandbox, error)) (*Sandbox, error) {
	w.mu.Lock()
	sb, err := change()
	w.mu.Unlock()
	if err == nil {
		err = w.Flush(ctx)
	}
	return sb, err
}

// Ready returns store.ErrUnavailable while what is changed cannot be kept.
func (w *Sandboxes) Ready() error {
	if w.opts.Keeper == nil {
		return nil
	}
	return w.opts.Keeper.Ready()
}

// Flush waits until all that was changed so far is kept, where anything is. It
// returns store.ErrUnavailable or the context's error.
func (w *Sandboxes) Flush(ctx context.Context) error {
	if w.opts.Keeper == nil {
		return nil
	}
	return w.opts.Keeper.Flush(ctx)
}

// Make makes the sandbox of a name. It returns record.CodeConflict when there
// is one, record.CodeInvalid for a bad name, and errors of the engine.
func (w *Sandboxes) Make(ctx context.Context, name string) (*Sandbox, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	base, err := w.prepare(ctx, name)
	if err != nil {
		return nil, err
	}
	return w.locked(ctx, func() (*Sandbox, error) {
		if w.Peek(name) != nil {
			w.drop(base.db)
			return nil, taken(name)
		}
		return w.makeLocked(name, base), nil
	})
}

// Fork makes the sandbox to with the rows and the clock of from, and returns
// it; Parts says what else it takes over. It returns record.CodeNotFound
// without from, record.CodeConflict when to is there, record.CodeInvalid for a
// bad name, and errors of the engine.
func (w *Sandboxes) Fork(ctx context.Context, from, to string) (*Sandbox, error) {
	if err := checkName(to); err != nil {
		return nil, err
	}
	if err := w.room(to); err != nil {
		return nil, err
	}
	src := w.Peek(from)
	switch {
	case src == nil:
		return nil, &record.Error{Code: record.CodeNotFound, Msg: fmt.Sprintf("there is no sandbox %q", from)}
	case w.Peek(to) != nil:
		return nil, taken(to)
	}
	w.touch(src)
	db, err := src.DB.Fork(ctx)
	if err != nil {
		return nil, fmt.Errorf("fork sandbox %s: %w", from, err)
	}
	sb := w.build(to, db, src.Start)
	sb.inherit(&src.Parts)
	return w.locked(ctx, func() (*Sandbox, error) {
		if w.Peek(to) != nil { // somebody was faster
			w.release(sb)
			return nil, taken(to)
		}
		w.placeLocked(sb)
		return sb, nil
	})
}

func taken(name string) error {
	return &record.Error{Code: record.CodeConflict, Msg: fmt.Sprintf("there is a sandbox %q already; choose another name or delete it first", name)}
}

// Reset puts a sandbox of fixtures, real time and fresh parts in the place of
// the one of that name, and returns it. Where there is none it makes one, as
// Get does, and it has the same errors.
func (w *Sandboxes) Reset(ctx context.Context, name string) (*Sandbox, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	base, err := w.prepare(ctx, name)
	if err != nil {
		return nil, err
	}
	return w.locked(ctx, func() (*Sandbox, error) { return w.makeLocked(name, base), nil })
}

// Put puts a sandbox of these rows in the place of the one of that name.
// prepare, which may be nil, sees it before anybody else does and must not call
// the Sandboxes. Rows that no store can hold are an error, and so is what the
// engine says; then nothing has changed.
func (w *Sandboxes) Put(ctx context.Context, name string, rows []*store.Row, prepare func(*Sandbox)) (*Sandbox, error) {
	if err := checkName(name); err != nil {
		return nil, err
	}
	if err := w.room(name); err != nil {
		return nil, err
	}
	db, err := w.load(ctx, rows)
	if err != nil {
		return nil, err
	}
	sb := w.build(name, db, w.real.Now())
	if prepare != nil {
		prepare(sb)
	}
	return w.locked(ctx, func() (*Sandbox, error) {
		w.placeLocked(sb)
		return sb, nil
	})
}

// Drop forgets a sandbox and tells whether there was one. The default one is
// reset. It returns errors of the engine.
func (w *Sandboxes) Drop(ctx context.Context, name string) (bool, error) {
	if name == Default {
		_, err := w.Reset(ctx, name)
		return err == nil, err
	}
	sb, err := w.locked(ctx, func() (*Sandbox, error) { return w.removeLocked(name), nil })
	return sb != nil, err
}

// All returns every sandbox, by name. It does not count as use.
func (w *Sandboxes) All() []*Sandbox {
	var all []*Sandbox
	w.byName.Range(func(_, v any) bool {
		all = append(all, v.(*Sandbox))
		return true
	})
	slices.SortFunc(all, func(a, b *Sandbox) int { return cmp.Compare(a.Name, b.Name) })
	return all
}

// Memory returns the budget that the sandboxes share, nil where there is none.
func (w *Sandboxes) Memory() *memory.Budget { return w.opts.Memory }

// Counts returns what went for want of room, or was refused.
func (w *Sandboxes) Counts() *Counts { return &w.counts }
