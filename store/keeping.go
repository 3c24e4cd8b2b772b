package store

import "context"

// Keeper is where sandboxes outlive the process. What it keeps of one is the
// rows of its engine, and beside them parts: values under keys of the caller's
// own. It is safe for use from many goroutines.
type Keeper interface {
	// Make makes an engine without rows that is not kept, as a Maker.
	Make(ctx context.Context) (Engine, error)
	// Kept returns the sandboxes that there were at the start, by name.
	Kept() []Kept
	// Place keeps a sandbox from here on, in the place of the one of that name:
	// the rows of an engine that this keeper made, all that is committed to it,
	// and the parts with these keys. It does not wait for anything.
	Place(name string, db Engine, parts Parts, keys ...string) Space
	// Ready returns ErrUnavailable while nothing can be kept, so that nothing need
	// be changed in vain.
	Ready() error
	// Flush waits until everything that was said so far is kept, where the keeper
	// was told to wait for that. It returns ErrUnavailable or the context's error.
	Flush(ctx context.Context) error
}

// Kept is a sandbox as it was kept.
type Kept struct {
	Name  string
	DB    Engine
	Parts map[string][]byte
	// Resume goes on keeping it, and is called once.
	Resume func(parts Parts) Space
}

// Parts tells what is to be kept beside rows.
type Parts interface {
	// Part returns the value of a key as it is now, nil when there is none any
	// more. It is called from other goroutines than Mark, some time after it.
	Part(key string) []byte
}

// Space is a sandbox that is kept.
type Space interface {
	// Mark says that a part has changed. It costs little and calls nobody.
	Mark(key string)
	// Set is Mark for a part that is to be kept as it is now, and not as it is
	// when it is asked for: then it may be ahead of other parts.
	Set(key string, value []byte)
	// Drop forgets what is kept, unless the name has passed to another sandbox.
	Drop()
}
