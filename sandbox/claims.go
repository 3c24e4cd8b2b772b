package sandbox

import (
	"context"
	"sync"
	"time"
)

// claims is the Claims of one process.
type claims struct {
	mu   sync.Mutex
	held map[string]*claim // by key
}

// claim is one of them.
type claim struct {
	fingerprint string
	of          *claims
	key         string
	done        chan struct{}
}

// NewClaims returns claims that are kept in the memory of this process.
func NewClaims() Claims { return &claims{held: map[string]*claim{}} }

func (cs *claims) Begin(key, fingerprint string) (Claim, bool) {
	cs.mu.Lock()
	defer cs.mu.Unlock()
	if c := cs.held[key]; c != nil {
		return c, false
	}
	c := &claim{of: cs, key: key, fingerprint: fingerprint, done: make(chan struct{})}
	cs.held[key] = c
	return c, true
}

func (c *claim) Fingerprint() string { return c.fingerprint }

func (c *claim) End() {
	c.of.mu.Lock()
	defer c.of.mu.Unlock()
	delete(c.of.held, c.key)
	close(c.done)
}

func (c *claim) Wait(ctx context.Context, most time.Duration) bool {
	if most <= 0 {
		return false
	}
	t := time.NewTimer(most)
	defer t.Stop()
	select {
	case <-c.done:
		return true
	case <-t.C:
		return false
	case <-ctx.Done():
		return false
	}
}
