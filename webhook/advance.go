package webhook

import (
	"context"
	"time"

	"github.com/polylink-dev/polylink/signing"
)

// advance is a move of the clock that performs what falls due on the way.
// While it goes on, what waits for the clock belongs to it, so that it happens
// in order; other first attempts go as ever.
type advance struct {
	until  time.Time // zero until the clock has moved
	last   uint64    // deliveries after this one are not its own
	effect []Effect
}

// Effect is an attempt that an advance performed.
type Effect struct {
	At       time.Time
	Dialect  string
	Event    string
	Delivery string
	Status   int // of the answer; NoAnswer without one
}

// claims tells whether an attempt is the advance's to begin.
func (a *advance) claims(e *entry) bool {
	return a != nil && (a.until.IsZero() || e.timed || e.Due.Before(a.until))
}

// note keeps what was done.
func (a *advance) note(e *entry, done Attempt) {
	if a == nil || a.until.IsZero() || !a.owns(e) {
		return
	}
	status := signing.NoAnswer
	if done.Response != nil {
		status = done.Response.Status
	}
	a.effect = append(a.effect, Effect{At: done.At, Dialect: e.Event.Dialect, Event: e.Event.Name, Delivery: e.ID, Status: status})
}

// owns tells whether a delivery is the advance's to finish.
func (a *advance) owns(e *entry) bool { return e.Seq <= a.last && !e.Due.After(a.until) }

// Advance calls move, which moves the clock on and may add events that fall
// due on the way, and performs every attempt that is then due, in the order in
// which they fell due and retries of theirs with them, before it returns. Those
// due at one moment go side by side. One advance runs at a time. When the
// context ends before move, nothing has happened; when it ends later, the rest
// goes on by itself and what was done so far is returned with its error.
func (o *Outbox) Advance(ctx context.Context, move func()) ([]Effect, error) {
	select {
	case o.moving <- struct{}{}:
		defer func() { <-o.moving }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	a := &advance{}
	o.mu.Lock()
	o.advancing = a
	o.mu.Unlock()

	move()

	o.mu.Lock()
	defer o.mu.Unlock()
	a.until, a.last = o.opt.Clock.Now(), o.lastSeq
	o.startAll()
	err := o.perform(ctx, a)
	o.advancing = nil
	if !o.closed {
		if o.timer != nil {
			o.timer.Stop()
		}
		o.wakeAt = time.Time{}
		o.startAll()
	}
	return a.effect, err
}

// perform begins what is due, a moment at a time, and waits for it.
func (o *Outbox) perform(ctx context.Context, a *advance) error {
	for {
		due, ok := time.Time{}, false
		busy := false
		for _, l := range o.lanes {
			if l.busy != nil && l.busy.Seq <= a.last {
				busy = true
			}
			if e := l.first(); e != nil && a.owns(e) && (!ok || e.Due.Before(due)) {
				due, ok = e.Due, true
			}
		}
		switch {
		case o.ctx.Err() != nil:
			return o.ctx.Err()
		case busy:
			if err := o.await(ctx); err != nil {
				return err
			}
			continue
		case !ok:
			return nil
		}
		for _, l := range o.lanes {
			switch e := l.first(); {
			case e == nil || !a.owns(e) || !e.Due.Equal(due):
			case l.busy != nil: // with a delivery that came later
				busy = true
			default:
				o.begin(e)
			}
		}
		if busy {
			if err := o.await(ctx); err != nil {
				return err
			}
		}
	}
}

// Drain delivers what is due until the context ends, breaks off the rest and
// returns how many deliveries remain open: those whose time has not come, and
// those for which there was none. The outbox takes nothing more.
func (o *Outbox) Drain(ctx context.Context) (left int) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.close()
	for o.working(o.opt.Clock.Now()) && o.await(ctx) == nil {
	}
	o.cancel()
	for o.working(time.Time{}) {
		_ = o.await(context.Background())
	}
	for _, e := range o.all {
		if e.Status.open() {
			left++
		}
	}
	return left
}

// Abandon breaks off everything at once, as for a sandbox that is gone.
func (o *Outbox) Abandon() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.close()
	o.cancel()
	if o.opt.Grown != nil && !o.gone {
		o.opt.Grown(-int64(o.counted))
	}
	o.gone = true
}

// close takes nothing more and lets pauses be over.
func (o *Outbox) close() {
	o.closed = true
	if o.timer != nil {
		o.timer.Stop()
	}
	for _, l := range o.lanes {
		if l.paused != nil {
			l.paused.Stop()
			l.paused = nil
		}
		o.start(l)
	}
}

// working tells whether an attempt is under way, or due at a time.
func (o *Outbox) working(at time.Time) bool {
	for _, l := range o.lanes {
		if l.busy != nil {
			return true
		}
		if e := l.first(); e != nil && !e.Due.After(at) && o.ctx.Err() == nil {
			return true
		}
	}
	return false
}
