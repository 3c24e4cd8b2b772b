package routes_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// TestASharedLinkIsPaidOnThePageOfEveryDialect opens a link by the address that
// each dialect gives it, and pays on that of another one.
func TestASharedLinkIsPaidOnThePageOfEveryDialect(t *testing.T) {
	t.Parallel()
	s := sharedServer(t)
	before := map[string][]string{}
	for name, c := range clients {
		before[name] = c.ids(t, s)
	}
	origin := clients["stripe"]
	made := do(t, s, asks("POST /stripe/v1/payment_links", "line_items[0][price]=price_0PolylinkShirtOneTime00&line_items[0][quantity]=2&restrictions[completed_sessions][limit]=1",
		append(slices.Clone(origin.headers), "Content-Type: application/x-www-form-urlencoded")...)).want(t, 200)
	id := gjson.Get(made.body, "id").Str
	addresses := map[string]string{}
	for name, c := range clients {
		shown := c.get(t, s, fresh(t, before[name], c.ids(t, s)))
		u, err := url.Parse(shown.Get("url").Str)
		if err != nil {
			t.Fatal(err)
		}
		if name == "devdraft" { // which gives no address
			u = &url.URL{Path: "/__pay/devdraft/" + shown.Get("id").Str}
		}
		addresses[name] = u.Path
		page := do(t, s, asks("GET "+u.Path, "")).want(t, 200).body
		for _, want := range []string{`data-testid="total">$40.00 USD<`, `data-testid="dialect">Stripe payment links<`, `data-testid="pay"`} {
			if !strings.Contains(page, want) {
				t.Errorf("%s: the page at %s lacks %s", name, u.Path, want)
			}
		}
	}
	paid := do(t, s, asks("POST "+addresses["leanrails"], "action=pay&email=ada@shop.example", "Content-Type: application/x-www-form-urlencoded")).want(t, 200)
	if !strings.Contains(paid.body, "Payment received") {
		t.Errorf("the page says\n%s", paid.body)
	}
	for name, address := range addresses {
		if page := do(t, s, asks("GET "+address, "")).want(t, 200).body; strings.Contains(page, `data-testid="pay"`) {
			t.Errorf("%s: it can be paid again", name)
		}
	}
	sb, err := s.Sandboxes().Get(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, row := range sb.DB.Read(t.Context()).Scan(record.Events.Kind, record.Events.Kind, store.Page{}) {
		e := ledger.ReadEvent(row)
		told = append(told, e.Dialect+" "+e.Name)
	}
	for _, want := range []string{"stripe checkout.session.completed", "stripe payment_intent.succeeded", "devdraft payment_link.paid"} {
		if !slices.Contains(told, want) {
			t.Errorf("nobody was told %s, but %v", want, told)
		}
	}
	if got := origin.get(t, s, id); got.Get("restrictions.completed_sessions.count").Int() != 1 {
		t.Errorf("its own dialect counts %s", got.Get("restrictions").Raw)
	}
}
