package webhook

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// Clock is the sandbox's clock.
type Clock interface {
	// Now is the time that it shows.
	Now() time.Time
	// Until is how much real time passes until it shows t; false when it stands
	// still.
	Until(t time.Time) (time.Duration, bool)
}

// Options is what an outbox is made of.
type Options struct {
	Pool  *Pool
	Clock Clock
	Wall  func() time.Time                          // the wall clock, for signatures
	NewID func(dialect string, at time.Time) string // of a delivery; it must not call back
	// Endpoint finds an endpoint as it stands now; false when it is gone or
	// switched off, which ends what waits for it.
	Endpoint func(dialect, id string) (Endpoint, bool)
	// Disable switches an endpoint off, as its receiver asked. Nil does nothing.
	Disable func(dialect, id string)
	// Changed is told of every delivery that is new, was tried or is gone from the
	// log, before whoever waits for that hears of it; it must not call back. Get
	// then has it as it is. Nil is nobody.
	Changed func(id string)
	// Grown is told by how many bytes more, or fewer, are kept; it must not call
	// back. Nil is nobody.
	Grown func(bytes int64)
	Keep  int          // finished deliveries in the log; 0 is DefaultKeep
	Log   *slog.Logger // nil is the default one
}

// Outbox is the deliveries of one sandbox. It is safe for concurrent use. Make
// it with New, and end it with Drain or Abandon.
type Outbox struct {
	opt    Options
	ctx    context.Context
	cancel context.CancelFunc
	moving chan struct{} // held by whoever moves the clock

	mu        sync.Mutex
	lanes     map[string]*lane
	all       map[string]*entry
	finished  []*entry // oldest first
	logged    int      // bytes of them
	bodies    int      // bytes of bodies that wait
	counted   int      // bytes that Grown knows of
	gone      bool     // nothing is counted any more
	lastSeq   uint64
	lastOrder uint64
	counts    Counts
	closed    bool
	changed   chan struct{} // closed at the next change, nil when nobody waits
	timer     *time.Timer
	wakeAt    time.Time // of the timer, on the sandbox's clock; zero without one
	advancing *advance
}

// Counts is what became of deliveries since the outbox was made.
type Counts struct {
	Added, Attempts, Delivered, Failed, Dropped, Evicted uint64
}

// Plus adds two counts up.
func (c Counts) Plus(d Counts) Counts {
	return Counts{c.Added + d.Added, c.Attempts + d.Attempts, c.Delivered + d.Delivered, c.Failed + d.Failed, c.Dropped + d.Dropped, c.Evicted + d.Evicted}
}

// New makes an outbox.
func New(opt Options) *Outbox {
	if opt.Keep <= 0 {
		opt.Keep = DefaultKeep
	}
	if opt.Log == nil {
		opt.Log = slog.Default()
	}
	o := &Outbox{opt: opt, moving: make(chan struct{}, 1), lanes: map[string]*lane{}, all: map[string]*entry{}}
	o.ctx, o.cancel = context.WithCancel(opt.Pool.ctx)
	return o
}

// Planned is an event, an endpoint that hears it, and what goes wrong on the
// way.
type Planned struct {
	Event    Event
	Endpoint Endpoint
	Fault    Fault
	Delay    time.Duration // of a late one
}

// Add takes deliveries on, in order, and returns at once with their ids. A
// closed outbox takes none.
func (o *Outbox) Add(list ...Planned) []string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return nil
	}
	now := o.opt.Clock.Now()
	var ids []string
	for _, p := range list {
		ids = append(ids, o.add(p, now))
		if p.Fault == Duplicate {
			ids = append(ids, o.add(p, now))
		}
	}
	return ids
}

func (o *Outbox) add(p Planned, now time.Time) string {
	o.lastSeq++
	o.counts.Added++
	id := o.opt.NewID(p.Event.Dialect, now)
	e := &entry{at: -1, Delivery: Delivery{ID: id, Seq: o.lastSeq, Event: p.Event, Endpoint: p.Endpoint.ID, URL: p.Endpoint.URL,
		Status: Pending, Fault: p.Fault, Due: p.Event.At.Add(p.Endpoint.Style.Delay(0, id))}}
	o.all[e.ID] = e
	o.note(e)
	if p.Fault == Drop {
		o.finish(e, Dropped, "dropped, as a fault said")
		o.tell()
		return e.ID
	}
	e.lane = o.lane(p.Event.Dialect, p.Endpoint.ID)
	held, behind := e.lane.held, e.Due
	switch {
	case p.Fault == Late:
		e.Due = e.Due.Add(late(p.Delay))
	case p.Fault == Reorder && held == nil:
		e.lane.held = e
		e.Due = e.Due.Add(MaxReorder)
	}
	e.timed = e.Due.After(now)
	o.push(e)
	if held != nil {
		e.lane.held, held.timed = nil, behind.After(now)
		o.moveTo(held, later(now, behind))
	}
	o.bound(e.lane)
	o.start(e.lane)
	o.arm(e.lane)
	return e.ID
}

func late(d time.Duration) time.Duration {
	if d <= 0 {
		return DefaultLate
	}
	return min(d, MaxLate)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// lane finds or makes the lane of an endpoint.
func (o *Outbox) lane(dialect, endpoint string) *lane {
	key := dialect + "\x00" + endpoint
	l := o.lanes[key]
	if l == nil {
		l = &lane{key: key}
		o.lanes[key] = l
	}
	return l
}

// bound drops what waits longest where too much does.
func (o *Outbox) bound(l *lane) {
	for len(l.queue) > MaxQueued || o.bodies > maxBodies && len(l.queue) > 1 {
		e := l.first()
		o.pull(e)
		if l.held == e {
			l.held = nil
		}
		o.finish(e, Dropped, "dropped: too much waits for this endpoint")
		o.note(e)
		if !l.full {
			l.full = true // told once until it has emptied
			o.opt.Log.Warn("webhook deliveries are dropped: too much waits for an endpoint", "dialect", e.Event.Dialect, "endpoint", e.Endpoint, "delivery", e.ID)
		}
	}
}

// start begins a lane's next attempt if it is due and the lane is free.
func (o *Outbox) start(l *lane) {
	e := l.first()
	if e == nil || l.busy != nil || l.paused != nil || o.ctx.Err() != nil || e.Due.After(o.opt.Clock.Now()) || o.advancing.claims(e) {
		return
	}
	o.begin(e)
}

// begin starts an attempt.
func (o *Outbox) begin(e *entry) {
	l := e.lane
	o.pull(e)
	if l.held == e {
		l.held = nil
	}
	l.busy, e.running = e, true
	if !o.opt.Pool.run(e.URL, func() { o.attempt(e) }) {
		l.busy, e.running = nil, false
		o.push(e)
	}
}

// startAll begins whatever is due.
func (o *Outbox) startAll() {
	for _, l := range o.lanes {
		o.start(l)
		o.arm(l)
	}
}

// arm sets the timer for a lane's next attempt, unless it rings before.
func (o *Outbox) arm(l *lane) {
	e := l.first()
	if e == nil || o.closed || !o.wakeAt.IsZero() && !e.Due.Before(o.wakeAt) || !e.Due.After(o.opt.Clock.Now()) {
		return
	}
	wait, ok := o.opt.Clock.Until(e.Due)
	if !ok {
		return
	}
	if o.timer != nil {
		o.timer.Stop()
	}
	o.wakeAt = e.Due
	o.timer = time.AfterFunc(max(wait, time.Millisecond), o.Wake)
}

// Wake looks at the clock again. Whoever sets it, freezes it or lets it run
// calls it afterwards; an advance does it by itself.
func (o *Outbox) Wake() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed {
		return
	}
	if o.timer != nil {
		o.timer.Stop()
	}
	o.wakeAt = time.Time{}
	o.startAll()
}

// tell wakes those that wait for a change.
func (o *Outbox) tell() {
	if o.changed != nil {
		close(o.changed)
		o.changed = nil
	}
}

// await waits for a change, with the lock let go meanwhile.
func (o *Outbox) await(ctx context.Context) error {
	if o.changed == nil {
		o.changed = make(chan struct{})
	}
	ch := o.changed
	o.mu.Unlock()
	defer o.mu.Lock()
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// note tells Changed of a delivery.
func (o *Outbox) note(e *entry) {
	if o.opt.Changed != nil && !o.gone {
		o.opt.Changed(e.ID)
	}
}

// account tells Grown of what has changed.
func (o *Outbox) account() {
	if now := o.logged + o.bodies; o.opt.Grown != nil && !o.gone && now != o.counted {
		o.opt.Grown(int64(now - o.counted))
		o.counted = now
	}
}
