package webhook

import (
	"errors"
	"time"

	"github.com/polylink-dev/polylink/signing"
)

// After so many attempts without an answer a lane pauses before the next, a
// little longer each time, so that a receiver which is not there costs next to
// nothing. The pause is real time and no part of the schedule.
const (
	patience  = 3
	firstWait = 2 * time.Millisecond
	longWait  = time.Second
)

// attempt makes one, and files what came of it.
func (o *Outbox) attempt(e *entry) {
	// While e runs, nobody else changes these.
	ep, ok := o.opt.Endpoint(e.Event.Dialect, e.Endpoint)
	if !ok {
		o.settle(e, Endpoint{ID: e.Endpoint, URL: e.URL, Style: &signing.Style{}}, nil, Result{Err: errGone}, signing.Stop)
		return
	}
	m := signing.Message{Secrets: ep.Secrets, Time: o.opt.Wall(), ID: e.Event.ID, Event: e.Event.Name, Delivery: e.ID, Attempt: len(e.Attempts) + 1,
		URL: ep.URL, Body: e.Event.Body}
	if len(e.Attempts) == 0 && !e.resend {
		m.Wrong, m.Cut = e.Fault == BadSignature, e.Fault == Cut
		if e.Fault == Stale {
			m.Time = m.Time.Add(-StaleBy)
		}
	}
	req, err := ep.Style.Request(m)
	if err != nil {
		o.settle(e, ep, nil, Result{Err: err}, signing.Stop)
		return
	}
	res := o.opt.Pool.sender.Send(o.ctx, req)
	o.settle(e, ep, &req, res, ep.Style.Verdict(res.Status))
}

var errGone = errors.New("the endpoint is gone or switched off")

// settle files an attempt and says what follows. The lane stays busy until
// whoever switches endpoints off has been told.
func (o *Outbox) settle(e *entry, ep Endpoint, req *signing.Request, res Result, v signing.Verdict) {
	o.mu.Lock()
	e.URL = ep.URL
	a := Attempt{At: e.Due, Resent: e.resend}
	if req != nil {
		made := record(*req, res, ep.Secrets)
		made.At, made.Resent = a.At, a.Resent
		a = made
		o.counts.Attempts++
		o.pause(e.lane, res.Status)
	} else {
		a.Error = res.Err.Error()
	}
	if e.Attempts = append(e.Attempts, a); len(e.Attempts) > maxAttempts {
		e.Attempts = e.Attempts[1:]
	}
	o.advancing.note(e, a)
	if o.ctx.Err() != nil && v != signing.Arrived {
		o.push(e) // broken off: it stays as it was, for whoever restores it
	} else {
		o.follow(e, ep, res, v)
	}
	o.note(e)
	o.mu.Unlock()

	if v == signing.Disable && o.opt.Disable != nil {
		o.opt.Disable(e.Event.Dialect, ep.ID)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.free(e)
}

// free lets a lane go on after an attempt.
func (o *Outbox) free(e *entry) {
	l := e.lane
	l.busy, e.running = nil, false
	if e.again {
		e.again = false
		if o.all[e.ID] == e {
			o.resendNow(e)
		}
	}
	o.start(l)
	o.arm(l)
	if l.idle() {
		delete(o.lanes, l.key)
	}
	o.tell()
}

// follow decides what comes after an attempt.
func (o *Outbox) follow(e *entry, ep Endpoint, res Result, v signing.Verdict) {
	resent, due := e.resend, e.Due
	e.resend = false
	if v == signing.Again && !resent {
		if e.Tried++; e.Tried < ep.Style.Attempts() {
			wait := ep.Style.Delay(e.Tried, e.ID)
			if ep.Style.RetryAfter {
				wait = max(wait, signing.RetryAfter(res.Header, o.opt.Wall()))
			}
			e.resume = due.Add(wait)
		} else {
			e.resume = time.Time{}
		}
	}
	switch {
	case v == signing.Arrived:
		e.resume = time.Time{}
		o.finish(e, Delivered, "")
	case (v == signing.Stop || v == signing.Disable) && !resent || e.resume.IsZero():
		e.resume = time.Time{}
		o.finish(e, Failed, "")
	default:
		e.Status, e.timed = Retrying, true
		e.Due = e.resume
		o.push(e)
		o.bound(e.lane)
	}
}

// pause makes a lane wait after attempts that nobody answered.
func (o *Outbox) pause(l *lane, status int) {
	if status != signing.NoAnswer {
		l.fails = 0
		return
	}
	if l.fails++; l.fails < patience || o.closed {
		return
	}
	wait := longWait
	if n := l.fails - patience; n < 9 {
		wait = min(firstWait<<n, longWait)
	}
	if l.paused != nil {
		l.paused.Stop()
	}
	var t *time.Timer
	t = time.AfterFunc(wait, func() {
		o.mu.Lock()
		defer o.mu.Unlock()
		if l.paused != t {
			return
		}
		l.paused = nil
		if len(l.queue) == 0 && l.busy == nil {
			l.fails = 0
			if o.lanes[l.key] == l {
				delete(o.lanes, l.key)
			}
			return
		}
		o.start(l)
	})
	l.paused = t
}

// finish ends a delivery and keeps it in the log, for as long as there is room.
func (o *Outbox) finish(e *entry, s Status, why string) {
	e.Status, e.Reason, e.Due = s, why, time.Time{}
	switch s {
	case Delivered:
		o.counts.Delivered++
	case Failed:
		o.counts.Failed++
	case Dropped:
		o.counts.Dropped++
	}
	o.finished = append(o.finished, e)
	o.logged += e.size()
	for len(o.finished) > o.opt.Keep || o.logged > maxLog && len(o.finished) > 1 {
		o.forget()
	}
	o.account()
}

// forget drops the oldest delivery of the log.
func (o *Outbox) forget() {
	old := o.finished[0]
	o.finished[0] = nil
	o.finished = o.finished[1:]
	o.logged -= old.size()
	delete(o.all, old.ID)
	o.note(old)
	o.counts.Evicted++
}

// Shed lets go of the oldest finished deliveries, about so many bytes of them,
// and returns how many it were.
func (o *Outbox) Shed(need int64) (freed int64) {
	o.mu.Lock()
	defer o.mu.Unlock()
	before := o.logged
	for len(o.finished) > 0 && int64(before-o.logged) < need {
		o.forget()
	}
	o.account()
	return int64(before - o.logged)
}
