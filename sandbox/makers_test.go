package sandbox_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

func TestMakeRefusesANameThatIsTaken(t *testing.T) {
	t.Parallel()
	w := make1(t, sandbox.Options{Max: 1000})
	if _, err := w.Make(t.Context(), "No"); record.CodeOf(err) != record.CodeInvalid {
		t.Errorf("a bad name: %v", err)
	}
	var made atomic.Int64
	var wg sync.WaitGroup
	for range 50 {
		wg.Go(func() {
			sb, err := w.Make(t.Context(), "one")
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

func TestPutPreparesBeforeAnybodySeesIt(t *testing.T) {
	t.Parallel()
	real := &fake{}
	w := make1(t, sandbox.Options{Rows: linkRows(3), Real: real.now})
	old := get(t, w, "a")
	sb, err := w.Put(t.Context(), "a", []*store.Row{row("only", start)}, func(sb *sandbox.Sandbox) {
		if w.Peek("a") == sb {
			t.Error("the sandbox is there already")
		}
		sb.Clock.Set(start.AddDate(1, 0, 0), false)
		hit(sb)
	})
	if err != nil || sb == old || sb != get(t, w, "a") || hits(sb) != 1 || links(t, sb) != 1 {
		t.Errorf("Put = %+v, %v", sb, err)
	}
	real.pass(time.Hour)
	if got := sb.Clock.Now(); !got.Equal(start.AddDate(1, 0, 0).Add(time.Hour)) {
		t.Errorf("its clock shows %s and is not on the sandboxes' real time", got)
	}
	if _, err := w.Put(t.Context(), "a", []*store.Row{row("x", start), row("x", start)}, nil); err == nil || w.Peek("a") != sb {
		t.Errorf("rows that no store can hold: %v", err)
	}
	if _, err := w.Put(t.Context(), "A", nil, nil); record.CodeOf(err) != record.CodeInvalid {
		t.Errorf("a bad name: %v", err)
	}
	if _, err := w.Put(t.Context(), "new", nil, nil); err != nil || w.Len() != 3 {
		t.Errorf("%v, and there are %d", err, w.Len())
	}
}
