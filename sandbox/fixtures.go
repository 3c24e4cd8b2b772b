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

// newBase builds fixtures.
func (w *Sandboxes) newBase(ctx context.Context, rows func(time.Time) []*store.Row, start time.Time) (base, error) {
	db, err := w.opts.Engine(ctx)
	if err != nil {
		return base{}, err
	}
	if rows != nil {
		if err := db.Load(ctx, rows(start)); err != nil {
			return base{}, fmt.Errorf("fixtures: %w", err)
		}
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
	w.mu.Lock()
	defer w.mu.Unlock()
	w.rows, w.base = rows, b
	return nil
}

// makeLocked puts a sandbox of fixtures in the place of the one of that name,
// if there is one. They are built again when they have grown old, so that a
// burst of new sandboxes builds them once.
func (w *Sandboxes) makeLocked(ctx context.Context, name string) (*Sandbox, error) {
	now := w.real.Now()
	if age := now.Sub(w.base.start); age > fresh || age < 0 {
		if b, err := w.newBase(context.WithoutCancel(ctx), w.rows, now); err == nil {
			w.base = b
		} else {
			// The same function gave good rows before: old ones beat none.
			w.opts.Log.Error("fixtures are kept as they were", "error", err)
		}
	}
	db, err := w.base.db.Fork(ctx)
	if err != nil {
		return nil, fmt.Errorf("make sandbox %s: %w", name, err)
	}
	sb := w.build(name, db, w.base.start)
	w.placeLocked(sb)
	return sb, nil
}

// build makes a sandbox that nobody sees yet.
func (w *Sandboxes) build(name string, db store.Engine, start time.Time) *Sandbox {
	sb := &Sandbox{Name: name, DB: db, Start: start, Created: w.real.Now(), Parts: w.opts.parts()}
	sb.seen = sb.Created.UnixNano()
	sb.used.Store(sb.seen)
	return sb
}
