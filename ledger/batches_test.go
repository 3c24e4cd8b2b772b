package ledger_test

import (
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/store"
)

// pass makes the changes of a link's passage and commits them.
func pass(t *testing.T, l *ledger.Ledger, db store.Engine, id string, kind ledger.Kind, now time.Time) error {
	t.Helper()
	v := ledger.Open(t.Context(), db)
	changes, err := l.Pass(v, get(t, db, id), ledger.Turn{Kind: kind}, now, nil)
	if err != nil {
		return err
	}
	if err := db.Commit(t.Context(), l.Batch(v, nil, changes...)); err != nil {
		t.Fatal(err)
	}
	return nil
}

func TestEveryPassageLeavesOneEntry(t *testing.T) {
	t.Parallel()
	l := telling(t)
	db := filled(t, l, many(3)...)
	for _, c := range []struct {
		id   string
		kind ledger.Kind
		want string
	}{
		{"csl_0", ledger.Fail, ""}, {"csl_0", ledger.Cancel, ""}, {"csl_0", ledger.Complete, ""}, {"csl_1", ledger.Expire, ""},
		{"csl_0", ledger.Cancel, "the link is completed, and only an active one can cancel"},
		{"csl_1", ledger.Complete, "the link is expired, and only an active one can complete"},
	} {
		err := pass(t, l, db, c.id, c.kind, noon.Add(time.Second))
		if got := ""; c.want != "" {
			if err != nil {
				got = err.(*record.Error).Msg
			}
			same(t, c.want, got)
		} else if err != nil {
			t.Errorf("%s %s: %v", c.kind, c.id, err)
		}
	}
	want := []entry{
		{"2026-03-04T12:00:01Z", "link.fail", "org_1", "csl_0", "active", "active"},
		{"2026-03-04T12:00:01Z", "link.cancel", "org_1", "csl_0", "active", "active"},
		{"2026-03-04T12:00:01Z", "link.complete", "org_1", "csl_0", "active", "completed"},
		{"2026-03-04T12:00:01Z", "link.expire", "org_1", "csl_1", "active", "expired"},
	}
	same(t, want, trail(t, db))
	same(t, []string{"link.failed csl_0", "link.cancelled csl_0", "link.completed csl_0", "link.expired csl_1"}, told(t, db))
	if err := l.Settle(t.Context(), db, noon.Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	same(t, 5, len(trail(t, db))) // csl_2 alone is left to fall due
}

// TestADateThatIsPastExpiresAtOnce makes a link that is over, moves its date
// on, and back again.
func TestADateThatIsPastExpiresAtOnce(t *testing.T) {
	t.Parallel()
	l := telling(t)
	db := filled(t, l)
	d := l.Set.Dialect("kirimdev")
	commit := func(c *ledger.Change) *store.Row {
		t.Helper()
		c.At, c.Dialect, c.Resource = noon, d, d.ResourceFor(record.Links.Kind)
		l.Lapse(c)
		if err := db.Commit(t.Context(), l.Batch(ledger.Open(t.Context(), db), nil, c)); err != nil {
			t.Fatal(err)
		}
		return get(t, db, "csl_1")
	}
	made := commit(&ledger.Change{Kind: ledger.Create, After: aLink("csl_1", noon)})
	if made.Record.Text(record.SlotStatus) != record.Expired || made.Due != 0 {
		t.Errorf("made, it is %s and due at %d", made.Record.Text(record.SlotStatus), made.Due)
	}
	it := made.Record.Clone()
	it.Set(record.SlotExpires, record.FormatTime(noon.Add(time.Hour)))
	lifecycle.Revive(l.Home(it), made.Record, it, noon)
	back := commit(&ledger.Change{Kind: ledger.Update, Row: made, Before: made.Record, After: it})
	if back.Record.Text(record.SlotStatus) != record.Active || back.Due != noon.Add(time.Hour).UnixMilli() {
		t.Errorf("with a later date it is %s and due at %d", back.Record.Text(record.SlotStatus), back.Due)
	}
	it = back.Record.Clone()
	it.Set(record.SlotExpires, record.FormatTime(noon.Add(-time.Hour)))
	gone := commit(&ledger.Change{Kind: ledger.Update, Row: back, Before: back.Record, After: it})
	if gone.Record.Text(record.SlotStatus) != record.Expired {
		t.Errorf("with a date in the past it is %s", gone.Record.Text(record.SlotStatus))
	}
	same(t, []string{"link.created csl_1", "link.expired csl_1", "link.updated csl_1", "link.updated csl_1", "link.expired csl_1"}, told(t, db))
	expired := entry{"2026-03-04T12:00:00Z", "link.expire", "org_1", "csl_1", "active", "expired"}
	updated := entry{"2026-03-04T12:00:00Z", "link.update", "org_1", "csl_1", "expired", "active"}
	again := updated
	again.Before = record.Active // and only then it expires
	same(t, []entry{expired, updated, again, expired}, trail(t, db))
}

func TestTheSameChangeIsTheSameBatch(t *testing.T) {
	t.Parallel()
	l := newLedger()
	db := filled(t, l, many(1)...)
	v := ledger.Open(t.Context(), db)
	answer := &ledger.Answer{Dialect: "kirimdev", Key: "k", Fingerprint: "f", At: noon, Keep: time.Hour, Status: 200, Mime: "application/json", RequestID: "req_1", Body: `{"a":"é"}`}
	make := func() (out []string) {
		changes, err := l.Pass(v, get(t, db, "csl_0"), ledger.Turn{Kind: ledger.Complete}, noon, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range l.Batch(v, answer, changes...).Put {
			out = append(out, row.Table+" "+row.Key+" "+string(document.Of(row.Record, false)))
		}
		return out
	}
	same(t, make(), make())
	same(t, 4, len(make())) // the link, its audit entry, one event, the answer
}

func TestAnAnswerIsKeptForItsLife(t *testing.T) {
	t.Parallel()
	l := newLedger()
	db := filled(t, l)
	want := &ledger.Answer{Dialect: "kirimdev", Key: "k", Fingerprint: "f", At: noon, Keep: time.Hour, Status: 201, Mime: "application/json", RequestID: "req_\"1", Entry: 7, Body: "{\"a\":\"\\n\"}"}
	if err := db.Commit(t.Context(), l.Batch(ledger.Open(t.Context(), db), want)); err != nil {
		t.Fatal(err)
	}
	got := ledger.Kept(db.Read(t.Context()), "kirimdev", "k", noon.Add(time.Hour-time.Millisecond))
	if got == nil {
		t.Fatal("it is not kept")
	}
	got.At, got.Keep = want.At, want.Keep // which nobody asks of a kept one
	same(t, want, got)
	if ledger.Kept(db.Read(t.Context()), "kirimdev", "k", noon.Add(time.Hour)) != nil || ledger.Kept(db.Read(t.Context()), "kirimdev", "l", noon) != nil {
		t.Error("an answer outlives its life, or is another's")
	}
}
