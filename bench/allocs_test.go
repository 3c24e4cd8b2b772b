//go:build !race

package bench

import "testing"

// TestDecodeEncodeKeepsItsAllocations counts without the race detector, which
// allocates on its own account, and not in parallel, because it counts what
// the whole process allocates.
func TestDecodeEncodeKeepsItsAllocations(t *testing.T) {
	w := newWide(t)
	if n := testing.AllocsPerRun(200, func() { w.run(t) }); n > 6 {
		t.Errorf("%v allocations to decode, merge and encode, want 6 at most", n)
	}
}
