package webhook

import (
	"context"
	"net/url"
	"strings"
	"sync"
)

// Bounds of what goes on at once, in all sandboxes together.
const (
	AtOnce  = 256 // attempts
	PerHost = 16  // of them to one host and port
)

// Pool runs the attempts of all sandboxes, so many at once and no more of them
// to one receiver than its share: a receiver that hangs keeps its own share
// busy and nobody else's. It is safe for concurrent use. Make it with NewPool.
type Pool struct {
	sender Sender
	ctx    context.Context
	cancel context.CancelFunc
	done   sync.WaitGroup

	mu      sync.Mutex
	running int
	hosts   map[string]*host
	turn    []*host // those with work that waits for room in the pool, in turn
}

// host is a receiver's share.
type host struct {
	name    string
	running int
	waiting []func()
	queued  bool // is in turn
}

// NewPool returns a pool that sends with a sender.
func NewPool(s Sender) *Pool {
	p := &Pool{sender: s, hosts: map[string]*host{}}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	return p
}

// Close breaks off what runs and waits until it has ended. Outboxes that need
// time to deliver are drained before.
func (p *Pool) Close() {
	p.mu.Lock()
	p.cancel()
	p.mu.Unlock()
	p.done.Wait()
}

// run does work for a receiver as soon as there is room. A closed pool does
// none, and says so.
func (p *Pool) run(url string, work func()) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ctx.Err() != nil {
		return false
	}
	name := hostOf(url)
	h := p.hosts[name]
	if h == nil {
		h = &host{name: name}
		p.hosts[name] = h
	}
	h.waiting = append(h.waiting, work)
	p.enqueue(h)
	p.pump()
	return true
}

// enqueue gives a host its turn if it can use one.
func (p *Pool) enqueue(h *host) {
	if !h.queued && len(h.waiting) > 0 && h.running < PerHost {
		h.queued = true
		p.turn = append(p.turn, h)
	}
}

// pump starts what there is room for, one of each host in turn.
func (p *Pool) pump() {
	for p.running < AtOnce && len(p.turn) > 0 {
		h := p.turn[0]
		p.turn = p.turn[1:]
		h.queued = false
		work := h.waiting[0]
		h.waiting[0] = nil
		h.waiting = h.waiting[1:]
		p.running++
		h.running++
		p.enqueue(h)
		p.done.Go(func() {
			defer p.finished(h)
			work()
		})
	}
}

func (p *Pool) finished(h *host) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.running--
	h.running--
	if h.running == 0 && len(h.waiting) == 0 {
		delete(p.hosts, h.name)
	}
	p.enqueue(h)
	p.pump()
}

// hostOf is the receiver that a URL names.
func hostOf(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + strings.ToLower(u.Host)
}
