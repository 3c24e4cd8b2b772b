// Package sandbox is one isolated world with everything that belongs to it:
// rows and clock from package world, and beside them limits, requests under
// way, journal and faults.
//
// The edge and the control API both work on it, so it stands below them. It
// knows no dialect and no HTTP beyond the name of the sandbox in a context.
// Start with State, then New.
package sandbox

import (
	"context"
	"log/slog"
	"time"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/world"
)

// State is what a sandbox has besides its rows and its clock. A reset starts
// with a fresh one; a fork takes over what was counted against limits and what
// was told to have fallen due, and starts without journal and faults.
type State struct {
	Limits  *ratelimit.Limits
	Flights *Flights
	Journal *journal.Journal
	Faults  *faults.Set
	Dues    *Dues
}

// Sandbox is one isolated world.
type Sandbox = world.Sandbox[*State]

// Sandboxes is all of them.
type Sandboxes = world.Sandboxes[*State]

// Options is what sandboxes are made of.
type Options struct {
	Rows    func(start time.Time) []*store.Row // the fixtures
	Real    func() time.Time                   // real time; nil is the system's
	Max     int                                // most sandboxes; 0 is the default of package world
	Idle    time.Duration                      // sandboxes unused for so long are dropped; 0 never
	Journal int                                // entries a sandbox keeps; 0 is journal.DefaultSize
	Log     *slog.Logger
}

// New makes the sandboxes, with the default one in them.
func New(o Options) (*Sandboxes, error) {
	return world.New(world.Options[*State]{
		Rows: o.Rows, Real: o.Real, Max: o.Max, Idle: o.Idle, Log: o.Log,
		Attach: func(sb *Sandbox) *State {
			return &State{Limits: ratelimit.New(sb.Clock.Now, 0), Flights: NewFlights(), Journal: journal.New(o.Journal), Faults: &faults.Set{},
				Dues: NewDues(sb.Clock.Now())}
		},
		Inherit: func(from, to *Sandbox) {
			to.State.Limits.Import(from.State.Limits.Export())
			to.State.Dues.Tell(from.State.Dues.Told())
		},
	})
}

type nameKey struct{}

// WithName puts the name of the sandbox that a request is about into its context.
func WithName(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, nameKey{}, name)
}

// Name returns it, and the default sandbox's when there is none.
func Name(ctx context.Context) string {
	if name, ok := ctx.Value(nameKey{}).(string); ok {
		return name
	}
	return world.Default
}
