package ledger_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/store"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

var shipped = sync.OnceValue(func() *dialect.Set {
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		panic(err)
	}
	return set
})

// newLedger is one of the repository's own dialects.
func newLedger() *ledger.Ledger { return &ledger.Ledger{Set: shipped(), Random: ids.Random()} }

// aLink is a link of a dialect whose links expire.
func aLink(id string, expires time.Time) *record.Record {
	rec := record.New(record.Links, "kirimdev")
	rec.Set(record.SlotID, record.Quote(id))
	rec.Set(record.SlotStatus, record.Quote(record.Active))
	rec.Set(record.SlotAccount, record.Quote("org_1"))
	rec.Set(record.SlotCreated, record.FormatTime(noon))
	rec.Set(record.SlotExpires, record.FormatTime(expires))
	return rec
}

// filled returns a store with these records.
func filled(t *testing.T, l *ledger.Ledger, recs ...*record.Record) store.Engine {
	t.Helper()
	db := mockstore.New()
	var rows []*store.Row
	for _, rec := range recs {
		rows = append(rows, dialect.NewRow(l.Home(rec), rec))
	}
	if err := db.Load(t.Context(), rows); err != nil {
		t.Fatal(err)
	}
	return db
}

// many are links of which one falls due each minute after noon.
func many(n int) (recs []*record.Record) {
	for i := range n {
		recs = append(recs, aLink("csl_"+strconv.Itoa(i), noon.Add(time.Duration(i+1)*time.Minute)))
	}
	return recs
}

func get(t *testing.T, db store.Engine, id string) *store.Row {
	t.Helper()
	row := db.Read(t.Context()).Get(record.Links.Kind, store.RowKey("kirimdev", id))
	if row == nil {
		t.Fatalf("there is no %s", id)
	}
	return row
}

// entry is what tests look at of an audit entry.
type entry struct{ At, Operation, Account, Record, Before, After string }

// trail lists the audit entries, oldest first.
func trail(t *testing.T, db store.Engine) []entry {
	t.Helper()
	var out []entry
	for _, row := range db.Read(t.Context()).Scan(record.Audits.Kind, record.Audits.Kind, store.Page{Ascending: true}) {
		rec := row.Record
		text := func(name string) string {
			s, _ := record.Audits.Slot(name)
			return rec.Text(s)
		}
		status := func(name string) string {
			doc, err := document.Read([]byte(text(name)))
			if err != nil {
				t.Fatal(err)
			}
			return doc.Text(record.SlotStatus)
		}
		out = append(out, entry{rec.Text(record.SlotCreated), text("operation"), rec.Text(record.SlotAccount), text("record"), status("before"), status("after")})
	}
	return out
}

func same(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// telling is a ledger whose dialect tells of everything that happens to links,
// under its canonical name.
func telling(t *testing.T) *ledger.Ledger {
	t.Helper()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	d := set.Dialect("kirimdev")
	d.Events = nil
	for _, past := range grammar.Past {
		d.Events = append(d.Events, &dialect.Event{Name: "link." + past, On: []string{"link." + past}, Resource: d.ResourceFor(record.Links.Kind),
			Body: &template.Document{Name: "item", Value: func(e *template.Env) string { return string(e.Item) }}})
	}
	return &ledger.Ledger{Set: set, Random: ids.Random()}
}

// events lists the events, oldest first.
func events(t *testing.T, db store.Engine) (list []ledger.Event) {
	t.Helper()
	for _, row := range db.Read(t.Context()).Scan(record.Events.Kind, record.Events.Kind, store.Page{Ascending: true}) {
		list = append(list, ledger.ReadEvent(row))
	}
	return list
}

// told lists what was told, and of which record.
func told(t *testing.T, db store.Engine) (list []string) {
	t.Helper()
	for _, e := range events(t, db) {
		list = append(list, e.Name+" "+e.Record)
	}
	return list
}
