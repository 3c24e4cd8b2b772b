package scenario_test

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/faults/scenario"
	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/scenarios"
)

func set(tb testing.TB) *dialect.Set {
	tb.Helper()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return set
}

func TestAFileBecomesAScenario(t *testing.T) {
	t.Parallel()
	const file = `title: Everything
steps:
  - operation: [link.create, "link.up*"]
    dialect: stripe
    times: 3
    code: account_invalid
    delay: 1500ms
  - {operation: "*", lost: true}
  - {event: link.updated, delivery: late, delay: 2d}
  - {event: "link.*", delay: 1s}
  - {event: link.completed, outcome: declined}
  - {event: link.completed, dialect: stripe, outcome: insufficient_funds}
  - {operation: link.get, status: 404, abort: body}
`
	got, found := scenario.File("some/where/all-kinds.yaml", []byte(file), set(t))
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	want := &faults.Scenario{Name: "all-kinds", Title: "Everything", Steps: []faults.Step{
		{Dialect: "stripe", Operations: []string{"link.create", "link.up*"}, Times: 3, Happens: faults.Fault{Code: "account_invalid", Delay: 1500 * time.Millisecond}},
		{Operations: []string{"*"}, Times: 1, Happens: faults.Fault{Lost: true}},
		{Events: []string{"link.updated"}, Times: 1, Delivery: faults.DeliverLate, Happens: faults.Fault{Delay: 2 * durations.Day}},
		{Events: []string{"link.*"}, Times: 1, Happens: faults.Fault{Delay: time.Second}},
		{Events: []string{"link.completed"}, Times: 1, Outcome: faults.PayDeclined},
		{Dialect: "stripe", Events: []string{"link.completed"}, Times: 1, Outcome: "insufficient_funds"},
		{Operations: []string{"link.get"}, Times: 1, Happens: faults.Fault{Status: 404, Abort: faults.AbortBody}},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestEveryMistakeHasItsPlaceAndWhatToWrite(t *testing.T) {
	t.Parallel()
	all := set(t)
	for text, want := range map[string]string{
		"":         "1:1: a scenario has steps",
		"- a":      "1:1: a scenario has steps",
		"title: x": "1:1: a scenario has steps",
		"title: {}\nsteps: [{operation: link.get, status: 500}]": "1:8: title is a text",
		"steps: {}":  "1:8: steps is a list",
		"steps: [a]": "1:9: a step is a mapping",
		"step: 1\nsteps: [{operation: link.get, status: 500}]": `1:1: a scenario has no "step", did you mean "steps"`,
		"steps: [{}]":           "1:9: a step is about operations or events",
		"steps: [operation: x]": `1:20: there is no operation "x"`,
		"steps: [{operation: link.updat, status: 500}]":                              `1:21: there is no operation "link.updat", did you mean "link.update"`,
		"steps: [{operation: [link.get, lnk.*], status: 500}]":                       `1:32: there is no operation "lnk.*"`,
		"steps: [{operation: [], status: 500}]":                                      "1:21: operation is a name",
		"steps: [{operation: link.get, dialect: strip, status: 500}]":                `1:40: there is no dialect "strip", did you mean "stripe"`,
		"steps: [{operation: link.delete, dialect: stripe, status: 500}]":            `1:21: there is no operation "link.delete"`,
		"steps: [{operation: link.get, event: link.created, status: 500}]":           "1:38: a step is about operations or about events",
		"steps: [{event: link.exploded, delivery: drop}]":                            `1:17: there is no event "link.exploded"`,
		"steps: [{event: link.updated}]":                                             "1:9: nothing goes wrong",
		"steps: [{event: link.updated, status: 500}]":                                "1:9: an event has no answer",
		"steps: [{event: link.updated, delivery: lost}]":                             `1:41: there is no delivery "lost"`,
		"steps: [{event: link.updated, delivery: drop, delay: 1s}]":                  "1:54: only a late delivery has a delay",
		"steps: [{event: link.updated, delivery: late, delay: 4d}]":                  "1:54: a late delivery is at most 72h",
		"steps: [{event: link.updated, outcome: declined}]":                          "1:40: an outcome is about payments",
		"steps: [{operation: link.complete, outcome: expired_card}]":                 `1:45: there is no outcome "expired_card"`,
		"steps: [{operation: link.complete, outcome: refused}]":                      `1:45: there is no outcome "refused"`,
		"steps: [{operation: link.complete, outcome: declined, status: 500}]":        "1:45: an outcome is about a payment",
		"steps: [{operation: link.complete, status: 500}]":                           "1:21: no dialect answers it",
		"steps: [{operation: link.update, delivery: drop}]":                          "1:44: a delivery is of an event",
		"steps: [{operation: link.update}]":                                          "1:9: nothing goes wrong",
		"steps: [{operation: link.update, status: 99}]":                              "1:42: status is a number from 200 to 599",
		"steps: [{operation: link.update, times: 0, status: 500}]":                   "1:41: times is a number from 1",
		"steps: [{operation: link.update, code: account_invalid}]":                   `1:40: there is no error "account_invalid"`,
		"steps: [{operation: link.update, delay: soon}]":                             `1:41: "soon" is no delay`,
		"steps: [{operation: link.update, delay: 2m}]":                               "1:9: delay is a duration of at most 1m0s",
		"steps: [{operation: link.update, abort: half}]":                             `1:41: there is no way to abort "half"`,
		"steps: [{operation: link.update, lost: maybe}]":                             "1:40: lost is true",
		"steps: [{operation: link.update, lost: true, status: 500}]":                 "1:9: an answer that is lost is the operation's own",
		"steps: [{operation: link.update, abort: reset, status: 500}]":               "1:9: a connection that is reset has no answer",
		"steps: [{operation: link.update, retry: 1}]":                                `1:34: a step has no "retry"`,
		"steps:\n" + strings.Repeat("- {operation: link.get, status: 500}\n", 101):   "2:1: 101 steps are more than the 100",
		"steps: [{operation: link.get, status: 500}, {operation: x, status: 500}]":   `1:57: there is no operation "x"`,
		"steps: [{operation: link.get, status: 500}]\nsteps: [{}]":                   "2:1: ",
		"steps: [{operation: x, status: 500}, {event: y, delivery: drop}]\ntitel: a": "1:21: there is no operation \"x\"\na.yaml:1:46: there is no event \"y\"\na.yaml:2:1: a scenario has no \"titel\"",
	} {
		_, found := scenario.File("a.yaml", []byte(text), all)
		found.Sort()
		got := ""
		if err := found.Err(); err != nil {
			got = err.Error()
		}
		for line := range strings.SplitSeq(want, "\n") {
			if !strings.Contains(got, strings.TrimPrefix(line, "a.yaml:")) {
				t.Errorf("%s\nsays %s\nwant %s", text, got, line)
			}
		}
		if n := strings.Count(got, "\n"); n != strings.Count(want, "\n") {
			t.Errorf("%s\nis told of with %d lines too many:\n%s", text, n-strings.Count(want, "\n"), got)
		}
	}
}

func TestAFolderIsReadWhole(t *testing.T) {
	t.Parallel()
	good := &fstest.MapFile{Data: []byte("steps: [{operation: link.get, status: 500}]")}
	list, err := scenario.Compile(fstest.MapFS{"b.yaml": good, "a.yaml": good, "notes.txt": {}, "deep/c.yaml": {}}, set(t))
	if err != nil || len(list) != 2 || list[0].Name != "a" || list[0].Shipped {
		t.Errorf("read %+v, %v", list, err)
	}
	_, err = scenario.Compile(fstest.MapFS{"b.yaml": {Data: []byte("steps: 1")}, "A b.yaml": good}, set(t))
	if err == nil || !strings.HasPrefix(err.Error(), "A b.yaml:1:1: a scenario is called as its file") || !strings.Contains(err.Error(), "\nb.yaml:1:8: ") {
		t.Errorf("it says %v", err)
	}
}

// promised are scenarios that users may rely on.
var promised = []string{
	"outage-then-fine", "lost-answer", "slow-then-timeout", "rate-limited", "declined-then-paid", "paid-twice", "paid-after-expiry", "webhook-before-answer",
	"webhook-duplicate", "webhook-late", "webhook-out-of-order", "webhook-missing", "webhook-malformed", "webhook-stale", "webhook-wrong-signature",
}

func TestShippedScenariosKeepWhatIsPromisedOfAll(t *testing.T) {
	t.Parallel()
	list, err := scenario.Shipped(scenarios.FS, set(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(list) < 20 {
		t.Errorf("there are %d", len(list))
	}
	there := faults.NewScenarios(list)
	for _, name := range promised {
		if there.Find(name) == nil {
			t.Errorf("there is no %s", name)
		}
	}
	for _, s := range list {
		if s.Title == "" || !s.Shipped {
			t.Errorf("%s has the title %q", s.Name, s.Title)
		}
		refused, limited := int64(0), int64(0)
		for i, step := range s.Steps {
			if step.Dialect != "" {
				t.Errorf("%s, step %d is about one dialect", s.Name, i+1)
			}
			if step.Happens.Status >= 500 {
				refused += step.Times
			}
			if step.Happens.Code == "rate_limited" {
				limited += step.Times
			}
		}
		if refused > 2 || limited > 1 {
			t.Errorf("%s refuses %d calls and limits %d: a client that tries again twice does not get through", s.Name, refused, limited)
		}
	}
}
