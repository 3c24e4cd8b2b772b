package journal_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/journal"
)

func TestAnEntryKeepsSoMuchAndNoMore(t *testing.T) {
	t.Parallel()
	h := http.Header{"X-Short": {"a"}, "X-Long": {strings.Repeat("s", 1<<20)}}
	for i := range 2000 {
		h.Set(fmt.Sprintf("X-Many-%04d", i), "0123456789")
	}
	big := make([]byte, 1<<20)
	j := journal.New(0, nil, nil)
	j.Add(&journal.Entry{N: 1, Path: "/a/" + strings.Repeat("b", 1<<20), Query: "q=1&key=" + strings.Repeat("c", 1<<20), Body: big, Answer: big[:100],
		Header: h, AnswerHeader: http.Header{"Content-Type": {"text/plain"}}})
	e := j.Entry(1)
	total := 0
	for _, header := range []http.Header{e.Header, e.AnswerHeader} {
		for name, values := range header {
			for _, v := range values {
				total += len(name) + len(v)
			}
		}
	}
	if total > journal.MaxHeader || total < journal.MaxHeader/2 {
		t.Errorf("%d bytes of headers are kept", total)
	}
	if e.Header.Get("X-Short") != "a" || e.AnswerHeader.Get("Content-Type") != "text/plain" || strings.Contains(e.Header.Get("X-Long"), "s") && !strings.Contains(e.Header.Get("X-Long"), "bytes") {
		t.Errorf("short ones went, or a part of a long one stayed: %q", e.Header.Get("X-Long"))
	}
	if len(h) != 2002 {
		t.Error("the header that is not the journal's was changed")
	}
	if len(e.Body) != journal.MaxBody || len(e.Answer) != 100 || cap(e.Answer) > 1000 {
		t.Errorf("bodies of %d and %d bytes are kept, in %d", len(e.Body), len(e.Answer), cap(e.Answer))
	}
	if e.Path != "/a…" || e.Query != "q=1…" {
		t.Errorf("kept %.20s and %.20s", e.Path, e.Query)
	}
}

func TestALongHeaderIsToldByItsLength(t *testing.T) {
	t.Parallel()
	j := journal.New(0, nil, nil)
	j.Add(&journal.Entry{N: 1, Header: http.Header{"A": {strings.Repeat("a", 20_000)}, "B": {"b", strings.Repeat("c", 15_000)}}})
	h := j.Entry(1).Header
	if h.Get("A") != "<20000 bytes left out>" || len(h["B"]) != 2 || len(h["B"][1]) != 15_000 {
		t.Errorf("kept %.30q", h)
	}
}

func TestJournalsKeepToTheBudget(t *testing.T) {
	t.Parallel()
	b := memory.New(memory.Least)
	var lost atomic.Int64
	j := journal.New(100_000, b, &lost)
	b.OnPressure(func(n memory.Need) bool {
		for n.All > 0 {
			freed, _ := j.Shed()
			n.All -= freed
		}
		return true
	})
	const entries = 10_000
	for i := range entries {
		j.Add(&journal.Entry{N: int64(i), Body: make([]byte, journal.MaxBody)})
	}
	list := j.Entries()
	if b.Total() > b.Limit() || len(list) < 3000 || int64(len(list))+lost.Load() != entries || lost.Load() != j.Evicted() {
		t.Errorf("%d bytes, %d entries, %d lost, %d evicted", b.Total(), len(list), lost.Load(), j.Evicted())
	}
	if list[len(list)-1].N != entries-1 || list[0].N != lost.Load() {
		t.Errorf("entries %d to %d are left", list[0].N, list[len(list)-1].N)
	}
	if j.Oldest() == 0 {
		t.Error("the oldest entry has no age")
	}
	j.Clear()
	if b.Total() != 0 || j.Oldest() != 0 {
		t.Errorf("%d bytes are left after clearing", b.Total())
	}
	b.Add(memory.Rows, b.Limit())
	b.OnPressure(func(memory.Need) bool { return false })
	j.Add(&journal.Entry{N: 1})
	if len(j.Entries()) != 0 || j.Evicted() != 1 {
		t.Error("an entry was kept where there is no room at all")
	}
	b.Add(memory.Rows, -b.Limit())
	j.Add(&journal.Entry{N: 2})
	j.Close()
	j.Add(&journal.Entry{N: 3})
	if b.Total() != 0 || len(j.Entries()) != 0 {
		t.Errorf("a closed journal holds %d bytes", b.Total())
	}
}

// TestRingsShrinkAgain sheds most of a journal and goes on adding.
func TestRingsShrinkAgain(t *testing.T) {
	t.Parallel()
	j := journal.New(100, nil, nil)
	n := int64(0)
	for round := range 20 {
		for range 150 {
			n++
			j.Add(&journal.Entry{N: n})
		}
		for range 100 - round {
			j.Shed()
		}
		list := j.Entries()
		if len(list) != round {
			t.Fatalf("%d entries are left, want %d", len(list), round)
		}
		for i, e := range list {
			if want := n - int64(round-1-i); e.N != want || j.Entry(want) != e {
				t.Fatalf("round %d: entry %d is %d, want %d", round, i, e.N, want)
			}
		}
	}
}
