package world_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/world"
)

func TestMakeRefusesANameThatIsTaken(t *testing.T) {
	t.Parallel()
	w := make1(t, world.Options[*state]{Max: 1000})
	if _, err := w.Make("No"); record.CodeOf(err) != record.CodeInvalid {
		t.Errorf("a bad name: %v", err)
	}
	var made atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			sb, err := w.Make("one")
			switch {
			case err == nil && sb.Name == "one":
				made.Add(1)
			case record.CodeOf(err) != record.CodeConflict:
				t.Errorf("Make = %v, %v", sb, err)
			}
		})
	}
	wg.Wait()
	if made.Load() != 1 || w.Len() != 2 {
		t.Errorf("made %d times, and there are %d", made.Load(), w.Len())
	}
}

func TestAForkInheritsBeforeAnybodySeesIt(t *testing.T) {
	t.Parallel()
	var w *world.Sandboxes[*state]
	w = make1(t, world.Options[*state]{Inherit: func(from, to *world.Sandbox[*state]) {
		if w.Peek(to.Name) != nil {
			t.Error("the fork is there already")
		}
		to.State.hits.Store(from.State.hits.Load())
	}})
	get(t, w, "a").State.hits.Store(7)
	sb, err := w.Fork("a", "b")
	if err != nil || sb.State.hits.Load() != 7 || sb != w.Peek("b") {
		t.Errorf("Fork = %v, %v", sb, err)
	}
}

func TestPutPreparesBeforeAnybodySeesIt(t *testing.T) {
	t.Parallel()
	real := &fake{}
	w := make1(t, world.Options[*state]{Rows: fixtures(3), Real: real.now})
	old := get(t, w, "a")
	c := w.NewClock()
	sb, err := w.Put("a", []*store.Row{row("only", start)}, c, func(sb *world.Sandbox[*state]) {
		if w.Peek("a") == sb {
			t.Error("the sandbox is there already")
		}
		sb.State.hits.Store(5)
	})
	if err != nil || sb == old || sb != get(t, w, "a") || sb.State.hits.Load() != 5 || sb.DB.Len(record.Links.Kind) != 1 {
		t.Errorf("Put = %+v, %v", sb, err)
	}
	real.pass(time.Hour)
	if got := sb.Clock.Now(); !got.Equal(start.Add(time.Hour)) {
		t.Errorf("its clock shows %s and is not on the sandboxes' real time", got)
	}
	if _, err := w.Put("a", []*store.Row{row("x", start), row("x", start)}, c, nil); err == nil || w.Peek("a") != sb {
		t.Errorf("rows that no store can hold: %v", err)
	}
	if _, err := w.Put("A", nil, c, nil); record.CodeOf(err) != record.CodeInvalid {
		t.Errorf("a bad name: %v", err)
	}
	if _, err := w.Put("new", nil, c, nil); err != nil || w.Len() != 3 {
		t.Errorf("%v, and there are %d", err, w.Len())
	}
}
