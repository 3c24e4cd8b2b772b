package webhook

import (
	"container/heap"
	"time"
)

// entry is a delivery in an outbox.
type entry struct {
	Delivery
	lane    *lane
	at      int       // place in the lane's queue, -1 outside
	order   uint64    // among those due at the same time
	timed   bool      // waits for the clock, so it belongs to whoever moves it
	running bool      // an attempt is under way
	resend  bool      // the next attempt was asked for
	again   bool      // asked for while one was under way
	resume  time.Time // when the schedule goes on after it; zero when it is over
}

// lane is the deliveries that wait for one endpoint. One attempt is under way
// at a time.
type lane struct {
	key    string
	queue  queue
	busy   *entry // under way
	held   *entry // waits for the next delivery
	fails  int    // attempts without an answer, one after the other
	paused *time.Timer
	full   bool // deliveries were dropped
}

// idle tells whether nothing is left to know about a lane.
func (l *lane) idle() bool {
	return l.busy == nil && len(l.queue) == 0 && l.paused == nil
}

// first is what is due first, or nil.
func (l *lane) first() *entry {
	if len(l.queue) == 0 {
		return nil
	}
	return l.queue[0]
}

// queue is a heap by due time, then by order.
type queue []*entry

func (q queue) Len() int { return len(q) }

func (q queue) Less(i, j int) bool {
	if c := q[i].Due.Compare(q[j].Due); c != 0 {
		return c < 0
	}
	return q[i].order < q[j].order
}

func (q queue) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].at, q[j].at = i, j
}

// Push is for package heap.
func (q *queue) Push(x any) {
	e := x.(*entry)
	e.at = len(*q)
	*q = append(*q, e)
}

// Pop is for package heap.
func (q *queue) Pop() any {
	old := *q
	e := old[len(old)-1]
	old[len(old)-1] = nil
	*q = old[:len(old)-1]
	e.at = -1
	return e
}

// push queues a delivery behind all that is due at its time.
func (o *Outbox) push(e *entry) {
	o.lastOrder++
	e.order = o.lastOrder
	heap.Push(&e.lane.queue, e)
	o.bodies += len(e.Event.Body)
	o.account()
}

// pull takes a delivery out of its queue.
func (o *Outbox) pull(e *entry) {
	heap.Remove(&e.lane.queue, e.at)
	o.bodies -= len(e.Event.Body)
	o.account()
}

// moveTo changes when a delivery that waits is due.
func (o *Outbox) moveTo(e *entry, due time.Time) {
	if e.at >= 0 {
		o.pull(e)
	}
	e.Due = due
	o.push(e)
}
