package sandbox

import (
	"context"
	"fmt"
	"time"

	"github.com/polylink-dev/polylink/store"
)

// fresh is how old the fixtures of a new sandbox may be.
const fresh = time.Second

// base is the fixtures as of a time. Nobody writes to its rows; sandboxes are
// forks of it.
type base struct {
	db    store.Engine
	start time.Time
}

// load makes an engine that holds rows.
func (w *Sandboxes) load(ctx context.Context, rows []*store.Row) (store.Engine, error) {
	db, err := w.opts.Engine(ctx)
	if err != nil {
		return nil, err
	}
	if err := db.Load(ctx, rows); err != nil {
		w.drop(db)
		return nil, err
	}
	return db, nil
}

// drop gives up the rows of an engine that nobody needs any more.
func (w *Sandboxes) drop(db store.Engine) {
	if err := db.Drop(context.Background()); err != nil {
		w.opts.Log.Error("the rows of a sandbox that is gone could not be dropped", "error", err)
	}
}

// newBase builds fixtures.
func (w *Sandboxes) newBase(ctx context.Context, rows func(time.Time) []*store.Row, start time.Time) (base, error) {
	var list []*store.Row
	if rows != nil {
		list = rows(start)
	}
	db, err := w.load(ctx, list)
	if err != nil {
		return base{}, fmt.Errorf("fixtures: %w", err)
	}
	return base{db, start}, nil
}

// Reload changes the fixtures for the sandboxes that are made or reset from
// now on. Rows that no store can hold are an error, and so is what the engine
// says; then nothing has changed.
func (w *Sandboxes) Reload(ctx context.Context, rows func(start time.Time) []*store.Row) error {
	b, err := w.newBase(ctx, rows, w.real.Now())
	if err != nil {
		return err
	}
	w.baseMu.Lock()
	defer w.baseMu.Unlock()
	w.replaceBase(b)
	w.rows = rows
	return nil
}

// replaceBase is called with baseMu held. Sandboxes that are forks of the old
// one keep its rows.
func (w *Sandboxes) replaceBase(b base) {
	if w.base.db != nil {
		w.drop(w.base.db)
	}
	w.base = b
}

// prepare makes room for the sandbox of a name and returns fixtures to fork: built again
// when they have grown old, so that a burst of new sandboxes builds them once.
func (w *Sandboxes) prepare(ctx context.Context, name string) (base, error) {
	if err := w.room(name); err != nil {
		return base{}, err
	}
	w.baseMu.Lock()
	defer w.baseMu.Unlock()
	now := w.real.Now()
	if age := now.Sub(w.base.start); age > fresh || age < 0 {
		if b, err := w.newBase(context.WithoutCancel(ctx), w.rows, now); err == nil {
			w.replaceBase(b)
		} else {
			// The same function gave good rows before: old ones beat none.
			w.opts.Log.Error("fixtures are kept as they were", "error", err)
		}
	}
	db, err := w.base.db.Fork(ctx)
	return base{db, w.base.start}, err
}

// makeLocked puts a sandbox of fixtures in the place of the one of that name,
// if there is one.
func (w *Sandboxes) makeLocked(name string, from base) *Sandbox {
	sb := w.build(name, from.db, from.start)
	w.placeLocked(sb)
	return sb
}

// build makes a sandbox that nobody sees yet.
func (w *Sandboxes) build(name string, db store.Engine, start time.Time) *Sandbox {
	sb := &Sandbox{Name: name, Start: start, Created: w.real.Now()}
	sb.Parts, sb.keep = w.parts()
	w.furnish(sb, db)
	sb.seen = sb.Created.UnixNano()
	sb.used.Store(sb.seen)
	return sb
}

// furnish gives a sandbox its rows, and what tells of them.
func (w *Sandboxes) furnish(sb *Sandbox, db store.Engine) {
	if sb.keep != nil {
		sb.keep.sb, sb.keep.db = sb, db
	}
	if w.opts.Post != nil {
		sb.Post = w.opts.Post(sb)
	}
	sb.DB = counting{db, &w.counts, sb.Post, sb.keep}
}
