package dispatch_test

import (
	"testing"
	"testing/synctest"

	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/webhook"
)

// TestDeliveriesAreCountedAcrossSandboxes counts those of a sandbox that is gone,
// too: a counter never falls.
func TestDeliveriesAreCountedAcrossSandboxes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		for _, name := range []string{"a", "b"} {
			sb := l.world(name)
			l.hook(sb, "all", "", "", "[]")
			l.happen(sb, ledger.Fail)
		}
		l.heard()
		want := webhook.Counts{Added: 2, Attempts: 2, Delivered: 2}
		if got := l.sent.Counts(); got != want {
			t.Errorf("%+v", got)
		}
		sb, err := l.worlds.Get(t.Context(), "a")
		if err != nil {
			t.Fatal(err)
		}
		sb.Post.Close()
		sb.Post.Close()
		if got := l.sent.Counts(); got != want {
			t.Errorf("without one of them %+v", got)
		}
	})
}
