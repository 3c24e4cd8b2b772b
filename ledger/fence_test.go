package ledger_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
)

// TestAnEventPastItsBoundsIsNotTold triggers one whose body grows too large: it
// fails, and is not told of without what did not fit.
func TestAnEventPastItsBoundsIsNotTold(t *testing.T) {
	t.Parallel()
	const mapping = `dialect: fenced
auth: { scheme: none }
errors: { body: { error: $message }, classes: { invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 }, internal: { status: 500 } } }
resources: { link: { id: { prefix: lnk_, alphabet: base62, length: 12 }, start: { status: active }, fields: { id: { to: id, dir: out }, title: { to: title } } } }
operations: { link.create: { at: POST /links } }
events: { link.made: { on: link.created, body: { twice: "$(it.title + it.title)" } } }
webhooks:
  body: { data: $item }
  id: { prefix: evt_, alphabet: base62, length: 24 }
`
	set, err := compile.Compile(fstest.MapFS{"fenced.yaml": {Data: []byte(mapping)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	l := &ledger.Ledger{Set: set, Random: ids.Random()}
	d := set.Dialect("fenced")
	for size, fits := range map[int]bool{100: true, 60 << 10: false} {
		rec := record.New(record.Links, "fenced")
		rec.Set(record.SlotID, `"lnk_1"`)
		rec.Set(record.SlotStatus, record.Quote(record.Active))
		rec.Set(record.SlotCreated, record.FormatTime(noon))
		rec.Set(record.Links.MustSlot("title"), record.Quote(strings.Repeat("a", size)))
		b, e, err := l.Trigger(ledger.Open(t.Context(), filled(t, l, rec)), d, d.Event("link.made"), "lnk_1", "", noon)
		if fits != (err == nil) || fits != (len(b.Put) == 1) || fits && !strings.Contains(e.Body, strings.Repeat("a", 2*size)) {
			t.Errorf("%d bytes twice: %v, %d rows, %.100s", size, err, len(b.Put), e.Body)
		}
	}
}
