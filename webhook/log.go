package webhook

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// Filter chooses deliveries; an empty member is any.
type Filter struct {
	Dialect  string
	Event    string
	Endpoint string
	Record   string
	Status   Status
	Limit    int // the newest so many; 0 is all
}

func (f Filter) fits(d *Delivery) bool {
	return (f.Dialect == "" || f.Dialect == d.Event.Dialect) && (f.Event == "" || f.Event == d.Event.Name) &&
		(f.Endpoint == "" || f.Endpoint == d.Endpoint) && (f.Record == "" || f.Record == d.Event.Record) && (f.Status == "" || f.Status == d.Status)
}

// List returns the deliveries that fit, newest first.
func (o *Outbox) List(f Filter) []Delivery {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.list(f)
}

func (o *Outbox) list(f Filter) []Delivery {
	var found []*entry
	for _, e := range o.all {
		if f.fits(&e.Delivery) {
			found = append(found, e)
		}
	}
	slices.SortFunc(found, func(a, b *entry) int { return cmp.Compare(b.Seq, a.Seq) })
	if f.Limit > 0 && len(found) > f.Limit {
		found = found[:f.Limit]
	}
	out := make([]Delivery, len(found))
	for i, e := range found {
		out[i] = e.clone()
	}
	return out
}

// Get returns a delivery.
func (o *Outbox) Get(id string) (Delivery, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.all[id]
	if e == nil {
		return Delivery{}, false
	}
	return e.clone(), true
}

// Counts tells what became of deliveries.
func (o *Outbox) Counts() Counts {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.counts
}

// Wait returns the deliveries that fit as soon as there are n, newest first, or
// what there is and the context's error when it ends before. Without a status
// those that were delivered count.
func (o *Outbox) Wait(ctx context.Context, f Filter, n int) ([]Delivery, error) {
	if f.Status == "" {
		f.Status = Delivered
	}
	f.Limit = 0
	o.mu.Lock()
	defer o.mu.Unlock()
	for {
		have := 0
		for _, e := range o.all {
			if f.fits(&e.Delivery) {
				have++
			}
		}
		if have >= n {
			return o.list(f), nil
		}
		if err := o.await(ctx); err != nil {
			return o.list(f), err
		}
	}
}

// Resend sends a delivery again, at once and as it should be, and leaves its
// schedule as it is. It is false when the log has no such delivery or the
// outbox is closed.
func (o *Outbox) Resend(id string) (Delivery, bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	e := o.all[id]
	if e == nil || o.closed {
		return Delivery{}, false
	}
	o.resendNow(e)
	return e.clone(), true
}

func (o *Outbox) resendNow(e *entry) {
	now := o.opt.Clock.Now()
	switch {
	case e.running:
		e.again = true
		return
	case e.at < 0: // it was over
		at := slices.Index(o.finished, e)
		o.finished = slices.Delete(o.finished, at, at+1)
		o.logged -= e.size()
		o.account()
		e.Status, e.Reason, e.resume = Retrying, "", time.Time{}
		e.lane = o.lane(e.Event.Dialect, e.Endpoint)
	case !e.resend:
		e.resume = e.Due
	}
	o.note(e)
	if e.lane.held == e {
		e.lane.held = nil
	}
	e.resend, e.timed = true, false
	o.moveTo(e, now)
	o.start(e.lane)
}

// Restore takes over what List gave, oldest last, into an outbox that has had
// no deliveries yet: open ones go on by their schedule, from the next Wake on.
func (o *Outbox) Restore(list []Delivery) {
	o.mu.Lock()
	defer o.mu.Unlock()
	now := o.opt.Clock.Now()
	for _, d := range slices.Backward(list) {
		e := &entry{Delivery: d.clone(), at: -1}
		o.lastSeq = max(o.lastSeq, e.Seq)
		o.all[e.ID] = e
		if !e.Status.open() {
			o.finish(e, e.Status, e.Reason)
			continue
		}
		e.lane = o.lane(e.Event.Dialect, e.Endpoint)
		e.timed = e.Due.After(now)
		o.push(e)
		o.bound(e.lane)
	}
}
