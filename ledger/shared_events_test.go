package ledger_test

import (
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// aPlan is a link that others can show, of an account whose name is its own.
func aPlan() *record.Record {
	rec := record.New(record.Links, "devdraft")
	rec.Set(record.SlotID, `"550e8400-e29b-41d4-a716-44665544aaaa"`)
	rec.Set(record.SlotStatus, record.Quote(record.Active))
	rec.Set(record.SlotAccount, `"acct_secret_of_origin"`)
	rec.Set(record.SlotCreated, record.FormatTime(noon))
	rec.Set(record.Links.MustSlot("title"), `"Plan"`)
	rec.Set(record.Links.MustSlot("kind"), `"payment"`)
	return rec
}

// TestASharedLinkIsToldOfWithoutItsOriginsAccount changes a link of one dialect:
// the others that show it tell of it as of a link of theirs, and as of nobody's.
func TestASharedLinkIsToldOfWithoutItsOriginsAccount(t *testing.T) {
	t.Parallel()
	l := &ledger.Ledger{Set: shipped(), Random: ids.Random(), Shared: true}
	plan := aPlan()
	db := filled(t, l)
	d := l.Set.Dialect("devdraft")
	made := &ledger.Change{Kind: ledger.Create, At: noon, Base: "http://a.test/devdraft", Dialect: d, Resource: d.ResourceFor(record.Links.Kind), After: plan}
	if err := db.Commit(t.Context(), l.Batch(ledger.Open(t.Context(), db), nil, made)); err != nil {
		t.Fatal(err)
	}
	by := map[string]ledger.Event{}
	for _, e := range events(t, db) {
		by[e.Dialect] = e
		if e.Dialect == "devdraft" {
			same(t, "acct_secret_of_origin", e.Account)
			continue
		}
		if e.Account != "" || e.Live != "" || strings.Contains(e.Body, "secret_of_origin") {
			t.Errorf("%s tells of %q in mode %q: %s", e.Dialect, e.Account, e.Live, e.Body)
		}
		same(t, sharing.Alias(l.Set.Dialect(e.Dialect), plan), e.Record)
	}
	for name, path := range map[string]string{"leanrails": "data.object", "stripe": "data.object", "devdraft": "data"} {
		if by[name].Name == "" {
			t.Errorf("%s tells of nothing", name)
		}
		same(t, by[name].Record, gjson.Get(by[name].Body, path).Get("id").Str)
	}
	same(t, "false", gjson.Get(by["stripe"].Body, "data.object.livemode").Raw)
}

// TestASharedLinkIsTriggeredByTheIDThatItHasHere fires another dialect's event.
func TestASharedLinkIsTriggeredByTheIDThatItHasHere(t *testing.T) {
	t.Parallel()
	l := &ledger.Ledger{Set: shipped(), Random: ids.Random(), Shared: true}
	plan := aPlan()
	db := filled(t, l, plan)
	if err := db.Load(t.Context(), sharing.Aliases(l.Set, plan)); err != nil {
		t.Fatal(err)
	}
	d := l.Set.Dialect("leanrails")
	id := sharing.Alias(d, plan)
	_, e, err := l.Trigger(ledger.Open(t.Context(), db), d, d.Event("checkout_link.updated"), id, "", noon.Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	if e.Record != id || e.Account != "" || gjson.Get(e.Body, "data.object.id").Str != id || strings.Contains(e.Body, "secret_of_origin") {
		t.Errorf("%+v", e)
	}
	own := &ledger.Ledger{Set: shipped(), Random: ids.Random()}
	if _, _, err := own.Trigger(ledger.Open(t.Context(), db), d, d.Event("checkout_link.updated"), id, "", noon); err == nil {
		t.Error("a link that is not shared is told of")
	}
	if row := db.Read(t.Context()).Get(record.Links.Kind, store.RowKey("devdraft", plan.ID())); row.Record.Text(record.SlotAccount) != "acct_secret_of_origin" {
		t.Error("the link itself has changed hands")
	}
}

// TestAnEventAboutAPaymentTakesItsLink triggers one where nobody has paid yet:
// the amount is what the page would ask for, with prices that the link only
// names.
func TestAnEventAboutAPaymentTakesItsLink(t *testing.T) {
	t.Parallel()
	l := newLedger()
	d := l.Set.Dialect("stripe")
	price := record.New(record.Prices, "stripe")
	price.Set(record.SlotID, `"price_1"`)
	price.Set(record.SlotStatus, `"active"`)
	price.Set(record.SlotCreated, record.FormatTime(noon))
	price.Set(record.Prices.MustSlot("amount"), "250")
	price.Set(record.Prices.MustSlot("currency"), `"USD"`)
	link := record.New(record.Links, "stripe")
	link.Set(record.SlotID, `"plink_1"`)
	link.Set(record.SlotStatus, `"active"`)
	link.Set(record.SlotLive, "false")
	link.Set(record.SlotAccount, `"acct_1"`)
	link.Set(record.Links.MustSlot("items"), `[{"price":"price_1","quantity":3}]`)
	link.Set(record.SlotCreated, record.FormatTime(noon))
	db := filled(t, l, price, link)
	for name, want := range map[string]string{"payment_intent.succeeded": "750 usd succeeded", "payment_intent.created": "750 usd requires_payment_method"} {
		b, e, err := l.Trigger(ledger.Open(t.Context(), db), d, d.Event(name), "plink_1", "", noon)
		if err != nil {
			t.Fatal(err)
		}
		object := gjson.Get(e.Body, "data.object")
		same(t, want, object.Get("amount").Raw+" "+object.Get("currency").Str+" "+object.Get("status").Str)
		if !strings.HasPrefix(e.Record, "pi_") || e.Account != "acct_1" || !e.Triggered || len(b.Put) != 1 {
			t.Errorf("%s: %+v, %d rows", name, e, len(b.Put))
		}
	}
	_, e, err := l.Trigger(ledger.Open(t.Context(), db), d, d.Event("checkout.session.completed"), "plink_1", "", noon)
	if err != nil {
		t.Fatal(err)
	}
	object := gjson.Get(e.Body, "data.object")
	same(t, "750 complete paid plink_1", object.Get("amount_total").Raw+" "+object.Get("status").Str+" "+object.Get("payment_status").Str+" "+object.Get("payment_link").Str)
	if _, _, err := l.Trigger(ledger.Open(t.Context(), db), d, d.Event("payment_intent.succeeded"), "plink_9", "", noon); err == nil {
		t.Error("a link that is not there is paid")
	}
}
