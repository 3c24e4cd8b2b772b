package faults_test

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/faults"
)

// two is a scenario of an outage and a declined payment.
var two = &faults.Scenario{Name: "two", Steps: []faults.Step{
	{Operations: []string{"link.*"}, Times: 2, Happens: faults.Fault{Status: 503}},
	{Operations: []string{"link.complete"}, Times: 1, Outcome: faults.PayDeclined},
}}

func TestAScenarioGoesOnByWhatItsStepNames(t *testing.T) {
	t.Parallel()
	var p faults.Plays
	if _, ok := p.Take("a", "link.update", nil); ok {
		t.Error("something happened in an idle scenario")
	}
	if diff := cmp.Diff(faults.Play{Name: "two", State: faults.Running, Step: 1, Left: 2}, p.Start(two)); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	stands := func(want faults.Play) {
		t.Helper()
		want.Name = "two"
		if diff := cmp.Diff([]faults.Play{want}, p.List()); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
	if _, ok := p.Take("a", "customer.create", nil); ok {
		t.Error("a step happened to an operation that it does not name")
	}
	if _, ok := p.TakeOutcome("a"); ok {
		t.Error("the second step happened before the first one")
	}
	stands(faults.Play{State: faults.Running, Step: 1, Left: 2})
	if f, ok := p.Take("a", "link.update", nil); !ok || f.Status != 503 || f.ID != "two/1" {
		t.Errorf("took %+v", f)
	}
	stands(faults.Play{State: faults.Running, Step: 1, Left: 1})
	p.Take("b", "link.get", two) // it runs: asking for it does nothing
	stands(faults.Play{State: faults.Running, Step: 2, Left: 1})
	if _, ok := p.Take("a", "link.complete", nil); ok {
		t.Error("an outcome happened to an answer")
	}
	if outcome, ok := p.TakeOutcome("a"); !ok || outcome != faults.PayDeclined {
		t.Errorf("the payment came to %q", outcome)
	}
	stands(faults.Play{State: faults.Done, Step: 2})
	p.StartIdle(two) // it is done, and not idle
	stands(faults.Play{State: faults.Done, Step: 2})
	p.Start(two)
	stands(faults.Play{State: faults.Running, Step: 1, Left: 2})
	p.Stop("two")
	if f, ok := p.Take("a", "link.get", two); !ok || f.ID != "two/1" {
		t.Errorf("the request that asked for the scenario did not meet its first step: %+v", f)
	}
}

func TestStepsAreAboutADialectAndAnEvent(t *testing.T) {
	t.Parallel()
	var p faults.Plays
	p.Start(&faults.Scenario{Name: "e", Steps: []faults.Step{
		{Dialect: "a", Events: []string{"link.updated", "link.completed"}, Times: 1, Delivery: faults.DeliverTwice},
		{Events: []string{"link.updated"}, Times: 1, Happens: faults.Fault{Delay: 1}},
	}})
	for _, other := range [][2]string{{"b", "link.updated"}, {"a", "link.created"}, {"a", "session.created"}, {"a", "customer.updated"}} {
		if _, delivery, ok := p.TakeDelivery(other[0], other[1]); ok {
			t.Errorf("%v: the delivery is %s", other, delivery)
		}
	}
	if _, ok := p.TakeAnswer("a", "link.updated"); ok {
		t.Error("an answer met a step of deliveries")
	}
	if f, delivery, ok := p.TakeDelivery("a", "session.completed"); !ok || delivery != faults.DeliverTwice || f.ID != "e/1" {
		t.Errorf("the payment's session was delivered %q by %+v", delivery, f)
	}
	if _, _, ok := p.TakeDelivery("a", "link.updated"); ok {
		t.Error("a delivery met a step of answers")
	}
	if f, ok := p.TakeAnswer("a", "link.updated"); !ok || f.Delay != 1 {
		t.Errorf("the answer met %+v", f)
	}
}

func TestEveryStepHappensAsOftenAsItSaysToManyAtOnce(t *testing.T) {
	t.Parallel()
	const times = 100
	s := &faults.Scenario{Name: "many", Steps: []faults.Step{
		{Operations: []string{"*"}, Times: times, Happens: faults.Fault{Status: 503}},
		{Operations: []string{"*"}, Times: times, Happens: faults.Fault{Status: 500}},
	}}
	var p faults.Plays
	var got [2]atomic.Int64
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range times {
				if f, ok := p.Take("a", "link.get", s); ok {
					got[f.Status/500-1+(f.Status-500)/3].Add(1)
				}
			}
		})
	}
	wg.Wait()
	if a, b := got[0].Load(), got[1].Load(); a != times || b != times {
		t.Errorf("the steps happened %d and %d times, want %d each", a, b, times)
	}
}

func TestPlaysAreImportedAsTheyWereListed(t *testing.T) {
	t.Parallel()
	all := faults.NewScenarios([]*faults.Scenario{two})
	for name, c := range map[string]struct {
		list []faults.Play
		want string // part of the error
	}{
		"running":      {[]faults.Play{{Name: "two", State: faults.Running, Step: 1, Left: 1}}, ""},
		"done":         {[]faults.Play{{Name: "two", State: faults.Done, Step: 2}}, ""},
		"none":         {nil, ""},
		"a wrong name": {[]faults.Play{{Name: "three", State: faults.Done, Step: 2}}, `no scenario "three"`},
		"twice":        {[]faults.Play{{Name: "two", State: faults.Done, Step: 2}, {Name: "two", State: faults.Done, Step: 2}}, "twice"},
		"idle":         {[]faults.Play{{Name: "two", State: faults.Idle}}, "cannot be idle"},
		"too far":      {[]faults.Play{{Name: "two", State: faults.Running, Step: 3, Left: 1}}, "2 steps"},
		"before":       {[]faults.Play{{Name: "two", State: faults.Running, Left: 1}}, "2 steps"},
		"too often":    {[]faults.Play{{Name: "two", State: faults.Running, Step: 2, Left: 2}}, "2 left"},
		"no more":      {[]faults.Play{{Name: "two", State: faults.Running, Step: 2}}, "0 left"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var p faults.Plays
			p.Start(two)
			before := p.List()
			err := p.Import(c.list, all)
			if c.want != "" {
				if err == nil || !strings.Contains(err.Error(), c.want) {
					t.Errorf("it says %v, want %q", err, c.want)
				}
				c.list = before
			} else if err != nil {
				t.Error(err)
			}
			if diff := cmp.Diff(append([]faults.Play{}, c.list...), p.List()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestOfTwoScenariosWithOneNameTheLaterCounts(t *testing.T) {
	t.Parallel()
	other := &faults.Scenario{Name: "two", Title: "other"}
	all := faults.NewScenarios([]*faults.Scenario{two, {Name: "b"}}, []*faults.Scenario{other, {Name: "a"}})
	if all.Find("two") != other {
		t.Error("it is the earlier one")
	}
	if diff := cmp.Diff([]string{"a", "b", "two"}, all.Names()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := all.Missing("twoo"); got != `There is no scenario "twoo", did you mean "two"` {
		t.Error(got)
	}
}
