package journal_test

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/polylink-dev/polylink/journal"
)

func TestEntriesAreInTheOrderOfTheirNumbers(t *testing.T) {
	t.Parallel()
	j := journal.New(4, nil, nil)
	for _, n := range []int64{2, 1, 4, 3, 6, 5} {
		j.Number()
		j.Add(&journal.Entry{N: n})
	}
	var got []int64
	for _, e := range j.Entries() {
		got = append(got, e.N)
	}
	if len(got) != 4 || got[0] != 3 || got[3] != 6 || j.Evicted() != 2 || j.Entry(1) != nil || j.Entry(5) == nil {
		t.Errorf("kept %v, evicted %d", got, j.Evicted())
	}
	if j.Clear() != 4 || len(j.Entries()) != 0 || j.Evicted() != 0 || j.Number() != 7 {
		t.Error("the journal was not cleared, or its numbers start again")
	}
}

func TestManyWritersAndReaders(t *testing.T) {
	t.Parallel()
	j := journal.New(50, nil, nil)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 200 {
				j.Add(&journal.Entry{N: j.Number(), Header: http.Header{"A": {"b"}}})
				for _, e := range j.Entries() {
					e.Render(&journal.Secrets{})
				}
			}
		})
	}
	wg.Wait()
	if n := len(j.Entries()); n != 50 || j.Evicted() != 1550 {
		t.Errorf("%d entries, %d evicted", n, j.Evicted())
	}
}

func TestPathsMatchWithStars(t *testing.T) {
	t.Parallel()
	e := &journal.Entry{N: 1, Path: "/~w/acme/v1/links/1", OwnPath: "/v1/links/1"}
	for pattern, want := range map[string]bool{
		"/v1/links/1": true, "/v1/links/*": true, "*": true, "/~w/*": true, "*/links/*": true, "/v1/*/1": true, "*1": true, "/v1/links/1*": true, "**": true,
		"/v1/links": false, "/v1/links/2": false, "/v1/*/2": false, "v1*": false, "*/links": false, "*1*1*1*1": false,
	} {
		f := journal.Filter{Path: pattern}
		if ok, _ := f.Match(e, &journal.Secrets{}); ok != want {
			t.Errorf("%s matches: %v", pattern, ok)
		}
	}
}

func TestTheClosestEntryIsTheNewestWithTheFewestMisses(t *testing.T) {
	t.Parallel()
	all := []*journal.Entry{
		{N: 1, Dialect: "a", Operation: "x", Status: 200}, {N: 2, Dialect: "a", Operation: "y", Status: 200}, {N: 3, Dialect: "a", Operation: "y", Status: 400}, {N: 4, Dialect: "b"},
	}
	f := journal.Filter{Dialect: "a", Operation: "x", Status: "400"}
	hits, closest, misses := f.Select(all, &journal.Secrets{})
	if len(hits) != 0 || closest.N != 3 || len(misses) != 1 || misses[0] != `operation is "y"` {
		t.Errorf("%d hits, closest %d with %q", len(hits), closest.N, misses)
	}
	if _, closest, misses = f.Select(all[3:], &journal.Secrets{}); closest.N != 4 || strings.Join(misses, ", ") != `dialect is "b", operation is not known, status is 0` {
		t.Errorf("closest %d with %q", closest.N, misses)
	}
}
