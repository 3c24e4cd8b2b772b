package proxy_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestNeighboursAreNamedByTheClientsIDs: a product, its price and a link of it are
// made with the ids that the client was given, and shown with them.
func TestNeighboursAreNamedByTheClientsIDs(t *testing.T) {
	t.Parallel()
	set, fix := shipped(t)
	for from, c := range map[string]struct{ to, links, product, price, link string }{
		"leanrails": {"stripe", "/v1/checkout_links", `{"name":"P"}`, `{"product":"%s","currency":"usd","unit_amount":500}`, `{"title":"Gold","line_items":[{"price":"%s"}]}`},
		"stripe":    {"leanrails", "/v1/payment_links", "name=P", "product=%s&currency=usd&unit_amount=500", "line_items[0][price]=%s&line_items[0][quantity]=1"},
	} {
		t.Run(from+" to "+c.to, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, from, c.to, nil)
			n := 0
			do := func(method, path, body string) string {
				n++
				return wants2xx(t, p.ask(t, method, path, body, fmt.Sprintf("Idempotency-Key: %d", n))).Raw
			}
			id := func(body, prefix string) string {
				at := strings.Index(body, `"id":"`+prefix)
				if at < 0 {
					t.Fatalf("there is no %s in %s", prefix, body)
				}
				return body[at+6 : at+6+strings.IndexByte(body[at+6:], '"')]
			}
			product := id(do("POST", "/v1/products", c.product), "prod_")
			made := do("POST", "/v1/prices", fmt.Sprintf(c.price, product))
			price := id(made, "price_")
			if !strings.Contains(made, `"product":"`+product+`"`) {
				t.Errorf("the price is of another product than %s: %s", product, made)
			}
			for _, d := range [][2]string{{product, "product"}, {price, "price"}} {
				if !set.Dialect(from).ResourceFor(d[1]).IDs.Match(d[0]) {
					t.Errorf("%s is no id of the client's dialect", d[0])
				}
			}
			if list := do("GET", "/v1/prices?product="+product, ""); !strings.Contains(list, `"`+price+`"`) {
				t.Errorf("the prices of %s are %s", product, list)
			}
			for _, restarted := range []bool{false, true} {
				if restarted {
					p.front = p.before(t, set, fix)
				}
				links := do("POST", c.links, fmt.Sprintf(c.link, price))
				lines := do("GET", c.links+"/"+leadingID(links)+"/line_items", "")
				if !strings.Contains(lines, `"`+price+`"`) || !strings.Contains(lines, `"`+product+`"`) {
					t.Errorf("restarted %v: the line items are %s, want %s of %s", restarted, lines, price, product)
				}
				if from == "leanrails" && !strings.Contains(lines, `"amount_subtotal":500,`) {
					t.Errorf("the amount is lost: %s", lines)
				}
				if got := do("GET", "/v1/prices/"+price, ""); !strings.Contains(got, `"`+product+`"`) {
					t.Errorf("the price is %s", got)
				}
			}
		})
	}
}

// leadingID is the id at the beginning of a record.
func leadingID(body string) string {
	rest := body[strings.Index(body, `"id":"`)+6:]
	return rest[:strings.IndexByte(rest, '"')]
}

// TestAnAmountThatIsNotKnownIsNotShownAsNothing.
func TestAnAmountThatIsNotKnownIsNotShownAsNothing(t *testing.T) {
	t.Parallel()
	p := newPair(t, "leanrails", "priceblocs", nil)
	g := programs["leanrails"]
	id := wants(t, p.ask(t, "POST", g.path, g.create["priceblocs"], "Idempotency-Key: one"), 200).Get("id").String()
	line := wants(t, p.ask(t, "GET", g.path+"/"+id+"/line_items", ""), 200).Get("data.0")
	if line.Get("price").String() != "p_A_1" || line.Get("amount_subtotal").Raw != "null" || !strings.HasPrefix(line.Get("id").String(), "li_") {
		t.Errorf("it is %s", line)
	}
}
