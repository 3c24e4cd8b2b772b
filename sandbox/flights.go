package sandbox

import (
	"context"
	"sync"
	"time"
)

// Flights are the requests with an idempotency key that are being answered.
type Flights struct {
	mu sync.Mutex
	by map[string]*Flight
}

// Flight is one of them.
type Flight struct {
	Fingerprint string // of the request

	of   *Flights
	id   string
	done chan struct{}
}

// NewFlights returns none.
func NewFlights() *Flights { return &Flights{by: map[string]*Flight{}} }

// Begin claims a key, or returns the request that has it.
func (fs *Flights) Begin(id, fingerprint string) (f *Flight, first bool) {
	fs.mu.Lock()
	defer fs.mu.Unlock()
	if f := fs.by[id]; f != nil {
		return f, false
	}
	f = &Flight{of: fs, id: id, Fingerprint: fingerprint, done: make(chan struct{})}
	fs.by[id] = f
	return f, true
}

// End gives the key back and wakes whoever waits.
func (f *Flight) End() {
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	delete(f.of.by, f.id)
	close(f.done)
}

// Wait waits for the request to end. The wait is real time: it is the other
// request that takes it, and no clock of a sandbox moves it.
func (f *Flight) Wait(ctx context.Context, most time.Duration) bool {
	if most <= 0 {
		return false
	}
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-f.done:
		return true
	case <-t.C:
		return false
	case <-ctx.Done():
		return false
	}
}
