package memory_test

import (
	"sync"
	"testing"

	"github.com/polylink-dev/polylink/internal/memory"
)

func TestRoomAsksForWhatIsMissing(t *testing.T) {
	t.Parallel()
	const mib = 1 << 20
	b := memory.New(1) // 64 MiB are the least
	if b.Limit() != 64*mib {
		t.Fatalf("the limit is %d", b.Limit())
	}
	var asked []memory.Need
	b.OnPressure(func(n memory.Need) bool {
		asked = append(asked, n)
		b.Add(memory.Journals, -n.All)
		return n.Others == 0
	})
	b.Add(memory.Journals, 40*mib)
	b.Add(memory.Rows, 20*mib)
	if !b.Room(memory.Rows, 4*mib) || len(asked) != 0 {
		t.Errorf("there was room, and %v was asked for", asked)
	}
	if !b.Room(memory.Rows, 6*mib) || len(asked) != 1 || asked[0] != (memory.Need{All: 2 * mib}) {
		t.Errorf("two MiB too many ask for %v", asked)
	}
	if got := b.Used(memory.Journals); got != 38*mib {
		t.Errorf("journals hold %d", got)
	}
	if b.Room(memory.Rows, 41*mib) {
		t.Error("rows have taken what is for journals alone")
	}
	if last := asked[len(asked)-1]; last != (memory.Need{All: 35 * mib, Others: 1 * mib}) {
		t.Errorf("asked for %v", last)
	}
}

func TestReclaimingInVainIsNotRepeatedAtOnce(t *testing.T) {
	t.Parallel()
	b := memory.New(memory.Least)
	times := 0
	b.OnPressure(func(memory.Need) bool { times++; return false })
	b.Add(memory.Rows, memory.Least)
	for range 1000 {
		if b.Room(memory.Rows, 1) || b.Room(memory.Answers, 1<<40) || !b.Room(memory.Rows, 0) || !b.Room(memory.Rows, -1) {
			t.Fatal("a full budget has room, or none for nothing")
		}
	}
	if times < 1 || times > 10 {
		t.Errorf("reclaimed %d times", times)
	}
	b.Add(memory.Rows, -memory.Least/2)
	if !b.Room(memory.Rows, 1) {
		t.Error("what was given back is not there")
	}
}

func TestABudgetThatIsNoneHasRoomForAll(t *testing.T) {
	t.Parallel()
	var b *memory.Budget
	b.OnPressure(nil)
	b.Add(memory.Rows, 1<<40)
	if !b.Room(memory.Rows, 1<<40) || !b.Fits(memory.Rows, 1) || b.Total() != 0 || b.Used(memory.Rows) != 0 || b.Limit() != 0 || b.Age() != 0 {
		t.Error("nothing is counted, and there is room")
	}
}

func TestManyShareABudget(t *testing.T) {
	t.Parallel()
	b := memory.New(memory.Least)
	b.OnPressure(func(n memory.Need) bool { b.Add(memory.Journals, -min(n.All, b.Used(memory.Journals))); return true })
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				if b.Room(memory.Journals, 1<<20) {
					b.Add(memory.Journals, 1<<20)
				}
			}
		})
	}
	wg.Wait()
	if total := b.Total(); total > memory.Least+8<<20 || total != b.Used(memory.Journals) || total < 0 {
		t.Errorf("%d bytes are counted", total)
	}
}
