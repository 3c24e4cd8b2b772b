package visits_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/polylink-dev/polylink/polylinktest"
)

// TestAVisitorStartsAScenario sends the header of a scenario to a page: the
// payment has the outcome that the scenario says, in the dialect's own words,
// and the next one is as it was chosen.
func TestAVisitorStartsAScenario(t *testing.T) {
	t.Parallel()
	w := polylinktest.New(t, polylinktest.WithScenarios(fstest.MapFS{"broke.yaml": {Data: []byte(
		"steps:\n  - { operation: link.complete, dialect: stripe, outcome: insufficient_funds }\n")}})).World(t)
	page := w.URL + "/__pay/stripe/" + samples["stripe"]
	pay := func(scenario string, want int, says string) {
		t.Helper()
		status, _, body := ask(t, "POST", page, "action=pay&email=ada@shop.example", "X-Polylink-Scenario: "+scenario)
		if status != want || !strings.Contains(body, says) {
			t.Fatalf("%d, want %d and %q in\n%s", status, want, says, body)
		}
	}
	pay("brok", 400, `did you mean`)
	pay("broke", 200, "The outcome was insufficient_funds")
	pay("broke", 200, "Payment received")
	var told []string
	for _, e := range rows(t, w, "/events").Get("events").Array() {
		told = append(told, e.Get("event").Str)
	}
	slices.Sort(told)
	if got := strings.Join(slices.Compact(told), " "); got != "checkout.session.completed payment_intent.created payment_intent.payment_failed payment_intent.succeeded" {
		t.Errorf("told of %s", got)
	}
	if state := rows(t, w, "/scenarios").Get(`scenarios.#(name=="broke").state`).Str; state != "done" {
		t.Errorf("the scenario is %s", state)
	}
}
