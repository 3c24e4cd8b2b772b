package faults_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/faults"
)

func TestTheOldestFaultThatFitsHappens(t *testing.T) {
	t.Parallel()
	var s faults.Set
	for _, f := range []faults.Fault{
		{Dialect: "a", Operation: "link.get", Times: 1, Status: 501}, {Dialect: "a", Times: 2, Status: 502}, {Operation: "link.list", Times: 1, Status: 503}, {Times: 1, Status: 504},
	} {
		if _, err := s.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		dialect, operation string
		want               int
	}{{"b", "link.list", 503}, {"a", "link.get", 501}, {"a", "link.get", 502}, {"b", "link.get", 504}, {"b", "link.get", 0}, {"a", "link.list", 502}, {"a", "link.list", 0}} {
		if f, ok := s.Take(faults.Call{Dialect: c.dialect, Operation: c.operation}); f.Status != c.want || ok != (c.want != 0) {
			t.Errorf("%s %s: %d, want %d", c.dialect, c.operation, f.Status, c.want)
		}
	}
	for _, f := range s.List() {
		if f.Left() != 0 {
			t.Errorf("%s has %d left", f.ID, f.Left())
		}
	}
}

func TestFaultsThatMakeNoSenseAreRefused(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]faults.Fault{
		"times is":           {Status: 500},
		"from 1 to 1000000":  {Status: 500, Times: faults.MaxTimes + 1},
		"from 200 to 599":    {Status: 199, Times: 1},
		"at most 1m0s":       {Delay: faults.MaxDelay + 1, Times: 1},
		"body or reset":      {Abort: "x", Times: 1},
		"leave status":       {Abort: faults.AbortReset, Status: 500, Times: 1},
		"say what goes":      {Times: 1},
		"a duration of at m": {Delay: -time.Second, Times: 1},
	} {
		var s faults.Set
		if _, err := s.Add(f); err == nil || !strings.Contains(err.Error(), want) || len(s.List()) != 0 {
			t.Errorf("%+v: %v, want one that says %q", f, err, want)
		}
	}
}

func TestImportGivesBackWhatListGave(t *testing.T) {
	t.Parallel()
	var a, b faults.Set
	for _, f := range []faults.Fault{{Times: 2, Status: 500}, {Times: 1, Delay: time.Second, Dialect: "x"}} {
		if _, err := a.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	a.Take(faults.Call{Dialect: "x", Operation: "y"})
	a.Delete("flt_9")
	if err := b.Import(a.List()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(a.List(), b.List()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if f, err := b.Add(faults.Fault{Times: 1, Status: 500}); err != nil || f.ID != "flt_3" {
		t.Errorf("the next one is %s, %v", f.ID, err)
	}
	b.Take(faults.Call{Dialect: "x", Operation: "y"})
	if a.List()[0].Hits != 1 {
		t.Error("the two share their counters")
	}
	for name, list := range map[string][]faults.Fault{
		"an id of elsewhere": {{ID: "x", Times: 1, Status: 500}}, "an id twice": {{ID: "flt_1", Times: 1, Status: 500}, {ID: "flt_1", Times: 1, Status: 500}},
		"more hits than times": {{ID: "flt_1", Times: 1, Hits: 2, Status: 500}}, "nonsense": {{ID: "flt_1", Times: 1}}, "an odd number": {{ID: "flt_01", Times: 1, Status: 500}},
		"too many": make([]faults.Fault, faults.MaxFaults+1),
	} {
		if err := b.Import(list); err == nil || len(b.List()) != 3 {
			t.Errorf("%s: %v, and %d are left", name, err, len(b.List()))
		}
	}
}

func TestSpentFaultsMakeRoom(t *testing.T) {
	t.Parallel()
	var s faults.Set
	for range faults.MaxFaults {
		if _, err := s.Add(faults.Fault{Times: 1, Status: 500}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := s.Add(faults.Fault{Times: 1, Status: 500}); !errors.Is(err, faults.ErrFull) {
		t.Errorf("one more: %v", err)
	}
	s.Take(faults.Call{})
	if _, err := s.Add(faults.Fault{Times: 1, Status: 500}); err != nil || len(s.List()) != faults.MaxFaults {
		t.Errorf("after one has happened: %v, %d", err, len(s.List()))
	}
	if s.Clear() != faults.MaxFaults || s.Clear() != 0 {
		t.Error("not all were cleared")
	}
}
