package ledger_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// aCustomer is who the links of kit_test.go can be for.
func aCustomer(id, status string) *record.Record {
	rec := record.New(record.Customers, "kirimdev")
	rec.Set(record.SlotID, record.Quote(id))
	rec.Set(record.SlotStatus, record.Quote(status))
	rec.Set(record.SlotAccount, `"org_1"`)
	rec.Set(record.SlotCreated, record.FormatTime(noon))
	return rec
}

// TestACompletedLinkTellsOfItselfAndOfTheRecordAbove shows that what comes
// along with a change is told of once, as it is afterwards.
func TestACompletedLinkTellsOfItselfAndOfTheRecordAbove(t *testing.T) {
	t.Parallel()
	l := newLedger()
	link := aLink("csl_1", noon.Add(time.Hour))
	link.Set(record.SlotParent, `"cus_1"`)
	db := filled(t, l, link, aCustomer("cus_1", "pending"))
	if err := pass(t, l, db, "csl_1", ledger.Complete, noon); err != nil {
		t.Fatal(err)
	}
	same(t, []string{"customer.onboarded cus_1", "customer.setup_link.consumed csl_1"}, told(t, db))
	for _, e := range events(t, db) {
		body := gjson.Parse(e.Body)
		if body.Get("id").Str != e.ID || body.Get("type").Str != e.Name || e.Account != "org_1" || e.Triggered || !e.At.Equal(noon) {
			t.Errorf("%+v", e)
		}
	}
	same(t, "active", gjson.Get(events(t, db)[0].Body, "data.customer.status").Str)
	same(t, "consumed", gjson.Get(events(t, db)[1].Body, "data.setup_link.status").Str)
}

// TestWhatIsNoChangeIsNotToldOf makes changes that no event is about, or that
// change nothing.
func TestWhatIsNoChangeIsNotToldOf(t *testing.T) {
	t.Parallel()
	l := newLedger()
	d := l.Set.Dialect("kirimdev")
	customers := d.ResourceFor(record.Customers.Kind)
	db := filled(t, l, aCustomer("cus_1", "active"), aLink("csl_1", noon.Add(time.Minute)))
	row := db.Read(t.Context()).Get(record.Customers.Kind, store.RowKey("kirimdev", "cus_1"))
	archived := row.Record.Clone()
	archived.Set(record.SlotStatus, record.Quote(record.Archived))
	for _, c := range []*ledger.Change{
		{Kind: ledger.Update, Row: row, Before: row.Record, After: row.Record},
		{Kind: ledger.Update, Row: row, Before: row.Record, After: archived},
	} {
		c.At, c.Dialect, c.Resource = noon, d, customers
		if err := db.Commit(t.Context(), l.Batch(ledger.Open(t.Context(), db), nil, c)); err != nil {
			t.Fatal(err)
		}
	}
	if err := l.Settle(t.Context(), db, noon.Add(time.Hour)); err != nil { // a link that expires is not told of, either
		t.Fatal(err)
	}
	same(t, []string{"customer.archived cus_1"}, told(t, db))
}

// TestAnUpdateTellsWhatWasBefore shows event.previous.
func TestAnUpdateTellsWhatWasBefore(t *testing.T) {
	t.Parallel()
	l := newLedger()
	d := l.Set.Dialect("stripe")
	links := d.ResourceFor(record.Links.Kind)
	rec := record.New(record.Links, "stripe")
	rec.Set(record.SlotID, `"plink_1"`)
	rec.Set(record.SlotStatus, `"active"`)
	rec.Set(record.SlotCreated, record.FormatTime(noon))
	db := filled(t, l, rec)
	row := db.Read(t.Context()).Get(record.Links.Kind, store.RowKey("stripe", "plink_1"))
	it := row.Record.Clone()
	it.Set(record.SlotStatus, `"inactive"`)
	c := &ledger.Change{Kind: ledger.Update, At: noon, Base: "http://a.test/stripe", Dialect: d, Resource: links, Row: row, Before: row.Record, After: it}
	if err := db.Commit(t.Context(), l.Batch(ledger.Open(t.Context(), db), nil, c)); err != nil {
		t.Fatal(err)
	}
	body := gjson.Parse(events(t, db)[0].Body)
	same(t, `{"active":true}`, body.Get("data.previous_attributes").Raw)
	same(t, "false", body.Get("data.object.active").Raw)
	same(t, true, strings.HasPrefix(body.Get("data.object.url").Str, "http://a.test/stripe/"))
}

// TestEventsAreBounded keeps the newest.
func TestEventsAreBounded(t *testing.T) {
	t.Parallel()
	l := telling(t)
	db := filled(t, l, aLink("csl_0", noon.Add(time.Hour)))
	for i := range ledger.MaxEvents + 5 {
		if err := pass(t, l, db, "csl_0", ledger.Fail, noon.Add(time.Duration(i)*time.Millisecond)); err != nil {
			t.Fatal(err)
		}
	}
	list := events(t, db)
	same(t, ledger.MaxEvents, len(list))
	same(t, noon.Add(5*time.Millisecond), list[0].At)
}

// TestTwoAlikeAtOneMomentAreTwo fails a payment twice while the clock stands
// still.
func TestTwoAlikeAtOneMomentAreTwo(t *testing.T) {
	t.Parallel()
	l := telling(t)
	db := filled(t, l, aLink("csl_0", noon.Add(time.Hour)))
	for range 2 {
		if err := pass(t, l, db, "csl_0", ledger.Fail, noon); err != nil {
			t.Fatal(err)
		}
	}
	same(t, []string{"link.failed csl_0", "link.failed csl_0"}, told(t, db))
	same(t, 2, len(trail(t, db)))
}

func TestTriggersTellWithoutDoing(t *testing.T) {
	t.Parallel()
	l := newLedger()
	link := aLink("csl_1", noon.Add(time.Hour))
	link.Set(record.SlotParent, `"cus_1"`)
	db := filled(t, l, link, aCustomer("cus_1", "pending"))
	d := l.Set.Dialect("kirimdev")
	for name, c := range map[string]struct{ event, id, record, path, want string }{
		"as it is":          {"customer.setup_link.created", "csl_1", "csl_1", "data.setup_link.status", "active"},
		"as it would be":    {"customer.setup_link.consumed", "csl_1", "csl_1", "data.setup_link.status", "consumed"},
		"above":             {"customer.onboarded", "csl_1", "cus_1", "data.customer.id", "cus_1"},
		"above, by itself":  {"customer.onboarded", "cus_1", "cus_1", "data.customer.id", "cus_1"},
		"nothing like that": {"customer.created", "cus_9", "", "", ""},
	} {
		ev := d.Event(c.event)
		b, e, err := l.Trigger(ledger.Open(t.Context(), db), d, ev, c.id, "", noon)
		if c.record == "" {
			var why *record.Error
			if !errors.As(err, &why) || why.Code != record.CodeNotFound {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if err != nil || len(b.Put) != 1 || e.Record != c.record || !e.Triggered || gjson.Get(e.Body, c.path).Str != c.want {
			t.Errorf("%s: %v, %+v", name, err, e)
		}
	}
	same(t, record.Active, get(t, db, "csl_1").Record.Text(record.SlotStatus))
}

// TestAnEventAboutASessionTakesItsLink triggers one where nobody has opened the
// link yet.
func TestAnEventAboutASessionTakesItsLink(t *testing.T) {
	t.Parallel()
	l := newLedger()
	d := l.Set.Dialect("leanrails")
	rec := record.New(record.Links, "leanrails")
	rec.Set(record.SlotID, `"cl_1"`)
	rec.Set(record.SlotStatus, `"active"`)
	rec.Set(record.SlotLive, "false")
	rec.Set(record.Links.MustSlot("items"), `[{"unit_amount":250,"quantity":3,"currency":"USD"},{"unit_amount":100,"quantity":1,"currency":"USD"}]`)
	rec.Set(record.SlotCreated, record.FormatTime(noon))
	_, e, err := l.Trigger(ledger.Open(t.Context(), filled(t, l, rec)), d, d.Event("checkout.session.completed"), "cl_1", "", noon)
	if err != nil {
		t.Fatal(err)
	}
	object := gjson.Get(e.Body, "data.object")
	same(t, []string{"cl_1", "complete", "paid"}, []string{object.Get("checkout_link").Str, object.Get("status").Str, object.Get("payment_status").Str})
	same(t, "850 usd", object.Get("amount_total").Raw+" "+object.Get("currency").Str)
}
