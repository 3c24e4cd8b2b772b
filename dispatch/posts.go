package dispatch

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/webhook"
)

// post delivers the events of one sandbox.
type post struct {
	d      *Dispatcher
	sb     *sandbox.Sandbox
	outbox *webhook.Outbox

	mu     sync.Mutex
	off    map[string]bool // configured endpoints whose receivers want no more
	timer  *time.Timer     // for what falls due by itself
	wakeAt int64           // when it rings, in unix milliseconds of the sandbox; 0 without one
	closed bool
}

// Outbox is the deliveries.
func (p *post) Outbox() *webhook.Outbox { return p.outbox }

// Taken hands the events of a batch to the outbox.
func (p *post) Taken(b store.Batch) {
	if list := p.planAll(b.Put); len(list) > 0 {
		p.outbox.Add(list...)
	}
	p.arm()
}

// Resume goes on with what the outbox was given, and hands over events for
// endpoints that may not have been told of them.
func (p *post) Resume(events []*store.Row) {
	type pair struct{ event, endpoint string }
	told := map[pair]bool{}
	for _, d := range p.outbox.List(webhook.Filter{}) {
		told[pair{d.Event.ID, d.Endpoint}] = true
	}
	list := slices.DeleteFunc(p.planAll(events), func(one webhook.Planned) bool { return told[pair{one.Event.ID, one.Endpoint.ID}] })
	if len(list) > 0 {
		p.outbox.Add(list...)
	}
	p.Moved()
}

// planAll is what the rows of events among some lead to.
func (p *post) planAll(rows []*store.Row) (list []webhook.Planned) {
	var hooks []*store.Row
	read := false
	for _, row := range rows {
		if row.Table != record.Events.Kind {
			continue
		}
		e := ledger.ReadEvent(row)
		d := p.d.o.Set().Dialect(e.Dialect)
		if d == nil || d.Webhooks == nil {
			continue
		}
		if !read {
			hooks, read = p.sb.DB.Read(context.Background()).Scan(record.Hooks.Kind, "", store.Page{}), true
		}
		list = append(list, p.plan(d, e, hooks)...)
	}
	return list
}

// plan finds who hears an event, and what goes wrong on the way.
func (p *post) plan(d *dialect.Dialect, e ledger.Event, hooks []*store.Row) (list []webhook.Planned) {
	event := webhook.Event{ID: e.ID, Dialect: e.Dialect, Name: e.Name, Record: e.Record, At: e.At, Body: []byte(e.Body)}
	add := func(ep webhook.Endpoint) {
		planned := webhook.Planned{Event: event, Endpoint: ep}
		planned.Fault, planned.Delay = p.fault(d, e)
		list = append(list, planned)
	}
	for i := range p.d.o.Endpoints {
		if ep := &p.d.o.Endpoints[i]; ep.Dialect == d.Name && hears(ep.Events, e) {
			if made := p.configured(d, i); !p.isOff(made.ID) {
				add(made)
			}
		}
	}
	for _, row := range hooks {
		if hearing(row, e) {
			add(made(d, row.Record, p.sb.Clock.Now()))
		}
	}
	return list
}

// fault is what goes wrong with a delivery: a running scenario's step, or else
// what was injected.
func (p *post) fault(d *dialect.Dialect, e ledger.Event) (webhook.Fault, time.Duration) {
	if f, delivery, ok := p.sb.Plays.TakeDelivery(d.Name, e.Change); ok {
		return webhook.Fault(delivery), f.Delay
	}
	f, _ := p.sb.Faults.TakeDelivery(d.Name, e.Name, e.Change)
	return webhook.Fault(f.Delivery), f.Delay
}

// Moved looks at the clock again.
func (p *post) Moved() {
	p.outbox.Wake()
	p.mu.Lock()
	p.wakeAt = 0
	p.mu.Unlock()
	p.arm()
}

// heard tells whether anybody would hear of what falls due.
func (p *post) heard() bool {
	if len(p.d.o.Endpoints) > 0 {
		return true
	}
	n, err := p.sb.DB.Count(context.Background(), record.Hooks.Kind)
	return err == nil && n > 0
}

// again is how long settling waits after a store that was away.
const again = time.Second

// arm sets the timer for what falls due next, unless it rings before. Where
// nobody would hear of it, it is written when somebody looks.
func (p *post) arm() {
	if !p.heard() {
		return
	}
	rows := p.sb.DB.Read(context.Background()).Due(math.MaxInt64, 1)
	if len(rows) == 0 {
		return
	}
	due := rows[0].Due
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed || p.wakeAt != 0 && p.wakeAt <= due {
		return
	}
	wait, runs := p.sb.Clock.Until(time.UnixMilli(due))
	if !runs {
		return
	}
	p.ring(due, max(wait, time.Millisecond))
}

// ring sets the timer. It is called with mu held.
func (p *post) ring(due int64, wait time.Duration) {
	if p.timer != nil {
		p.timer.Stop()
	}
	p.wakeAt = due
	p.timer = time.AfterFunc(wait, p.settle)
}

// settle writes what has fallen due.
func (p *post) settle() {
	p.mu.Lock()
	p.wakeAt = 0
	closed := p.closed
	p.mu.Unlock()
	if closed {
		return
	}
	now := p.sb.Clock.Now().Truncate(time.Millisecond)
	if err := p.d.ledger(p.sb).Settle(context.Background(), p.sb.DB, now); err != nil {
		p.d.o.Log.Warn("what fell due could not be written; it is tried again", "sandbox", p.sb.Name, "error", err)
		p.mu.Lock()
		defer p.mu.Unlock()
		if !p.closed {
			p.ring(now.UnixMilli(), again)
		}
		return
	}
	p.arm()
}

// stop lets nothing more happen by itself.
func (p *post) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	if p.timer != nil {
		p.timer.Stop()
	}
}

// Close breaks off what is under way.
func (p *post) Close() {
	p.stop()
	p.outbox.Abandon()
	p.d.mu.Lock()
	defer p.d.mu.Unlock()
	if p.d.posts[p] {
		p.d.gone = p.d.gone.Plus(p.outbox.Counts())
	}
	delete(p.d.posts, p)
}
