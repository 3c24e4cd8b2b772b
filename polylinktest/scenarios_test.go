package polylinktest_test

import (
	"net/http"
	"slices"
	"testing"

	"github.com/polylink-dev/polylink/polylinktest"
)

// TestAScenarioIsPlayedInOneWorld starts one in a world, and sees it end there
// and nowhere else.
func TestAScenarioIsPlayedInOneWorld(t *testing.T) {
	t.Parallel()
	s := polylinktest.New(t)
	w, other := s.World(t), s.World(t)
	state := func(w *polylinktest.World) polylinktest.Scenario {
		t.Helper()
		list := w.Scenarios()
		i := slices.IndexFunc(list, func(s polylinktest.Scenario) bool { return s.Name == "outage-then-fine" })
		if i < 0 {
			t.Fatalf("it is not in %v", list)
		}
		return list[i]
	}
	put := func(w *polylinktest.World, want int) {
		t.Helper()
		if status, body := send(t, http.MethodPut, w.Dialect("devdraft")+"/api/v0/payment-links/"+aLink, `{"title":"Again"}`,
			"Content-Type", "application/json", "x-client-key", "your_client_key", "x-client-secret", "your_client_secret"); status != want {
			t.Errorf("%d, want %d: %s", status, want, body)
		}
	}
	if got := w.Scenario(t, "outage-then-fine"); got.State != "running" || got.Step != 1 || got.Left != 2 || !got.Shipped || got.Title == "" {
		t.Errorf("started: %+v", got)
	}
	put(w, http.StatusServiceUnavailable)
	put(other, http.StatusOK)
	if got := state(w); got.State != "running" || got.Left != 1 {
		t.Errorf("after one of two: %+v", got)
	}
	put(w, http.StatusServiceUnavailable)
	put(w, http.StatusOK)
	if got := state(w); got.State != "done" {
		t.Errorf("at the end: %+v", got)
	}
	if got := state(other); got.State != "idle" || got.Step != 0 {
		t.Errorf("elsewhere: %+v", got)
	}
	if got := w.Scenario(t, "outage-then-fine"); got.State != "running" || got.Step != 1 {
		t.Errorf("started again: %+v", got)
	}
	w.Reset()
	if got := state(w); got.State != "idle" {
		t.Errorf("after a reset: %+v", got)
	}
}
