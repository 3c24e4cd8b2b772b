package answers_test

import (
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/answers"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

func TestOperationsThatShowMoreThanTheRecordHaveNoShape(t *testing.T) {
	t.Parallel()
	for field, want := range map[string]bool{
		`url: { text: "{base}/{it.id}" }`:              true,
		`title: { to: title, absent: untitled }`:       true,
		`len: { value: $(len(it.title)) }`:             true,
		`made: { text: "{it.title + it.id}" }`:         true,
		`url: { text: "{base}/{request_id}" }`:         false,
		`at: { text: "{now}" }`:                        false,
		`at: { value: $now }`:                          false,
		`trace: { text: "{header.x-trace}" }`:          false,
		`who: { value: $account.id }`:                  false,
		`long: { value: $(len(query.trace)) }`:         false,
		`mine: { value: $(it.account == account.id) }`: false,
		`title: { to: title, absent: $account.id }`:    false,
		`made: { text: "{it.title + account.id}" }`:    false,
		`has: { value: $(has(account.id)) }`:           false,
		`a: { value: { b: [$it.id, $account.id] } }`:   false,
		`a: { value: { b: [$it.id, 7] } }`:             true,
	} {
		t.Run(field, func(t *testing.T) {
			t.Parallel()
			d := dialecttest.Compile(t, "", field)
			if shape := answers.Shapes(d)[d.Op("link.create")].Shape; (shape != nil) != want {
				t.Errorf("it has a shape: %v, want %v", shape != nil, want)
			}
		})
	}
}

func TestAnAnswerIsEncodedOnceForARecordAndABase(t *testing.T) {
	t.Parallel()
	d := dialecttest.Compile(t, "", `title: { to: title }
		url: { text: "{base}/{it.id}" }`)
	shapes := answers.Shapes(d)
	created, updated := shapes[d.Op("link.create")].Shape, shapes[d.Op("link.update")].Shape
	if created != updated {
		t.Error("operations that show the same have several shapes")
	}
	c, e := answers.New(), dialecttest.Env()
	e.It = dialecttest.Record(t, map[string]string{"title": `"one"`})
	first := c.Encode(created, e)
	if again := c.Encode(updated, e); &first[0] != &again[0] {
		t.Error("it is encoded a second time")
	}
	e.Base = "http://elsewhere"
	if there := string(c.Encode(created, e)); !strings.Contains(there, e.Base) {
		t.Errorf("at %s it is shown as %s", e.Base, there)
	}
	e.It = e.It.Clone() // as a change does
	if e.It.Set(slotTitle, `"two"`); !strings.Contains(string(c.Encode(created, e)), "two") {
		t.Error("a changed record is shown as it was")
	}
}

func TestACacheKeepsToItsBounds(t *testing.T) {
	t.Parallel()
	d := dialecttest.Compile(t, "", `title: { to: title }`)
	shape := answers.Shapes(d)[d.Op("link.create")].Shape
	c := answers.New()
	var wg sync.WaitGroup
	for n := range 4 {
		wg.Go(func() {
			e := dialecttest.Env()
			for i := range 2_000 {
				e.It = record.New(record.Links, "t")
				want := `{"title":"` + strings.Repeat(strconv.Itoa(n), 1+i%20_000) + `"}`
				e.It.Set(slotTitle, want[9:len(want)-1])
				for range 2 {
					if got := string(c.Encode(shape, e)); got != want {
						t.Errorf("shown as %.40s, want %.40s", got, want)
					}
				}
				if n := c.Bytes(); n < 0 || n > answers.MaxBytes+4*20_000 { // what the others are about to drop
					t.Errorf("it keeps %d bytes", n)
				}
			}
		})
	}
	wg.Wait()
	if c.Bytes() == 0 {
		t.Error("nothing is kept")
	}
	if got := string((*answers.Cache)(nil).Encode(shape, &dialect.Env{Env: template.Env{It: dialecttest.Record(t, map[string]string{"title": `"one"`})}})); got != `{"title":"one"}` {
		t.Errorf("without a cache it is shown as %s", got)
	}
}

var slotTitle = record.Links.MustSlot("title")
