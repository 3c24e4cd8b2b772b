package proxy_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/record"
)

const deposit = "75906707-8c31-479c-b354-aa805c4cefbc"

// program is what a client of a dialect does with a link.
type program struct {
	path, item     string // item is where an answer has the link
	create         map[string]string
	refused        map[string]string // what a create is refused with, by upstream
	method, update string
	list, items    string
}

// programs are those of the dialects whose links ask for money: the neighbours
// that they name are the upstream's.
var programs = map[string]program{
	"priceblocs": {
		path: "/v1/payment-links", item: "@this", method: "PUT", list: "?page=1", items: "data",
		create: map[string]string{
			"devdraft":  `{"title":"Gold","line_items":[{"price":"p"}],"client_reference_id":"r"}`,
			"leanrails": `{"title":"Gold","line_items":[{"price":"price_3fg6hj9km1np"}],"success_url":"https://shop.test/thanks"}`,
			"stripe":    `{"title":"Gold","currency":"usd","price_data":{"currency":"usd","unit_amount":500},"success_url":"https://shop.test/thanks"}`,
			"katu9":     `{"currency":"inr","price_data":{"currency":"inr","unit_amount":50000},"client_reference_id":"` + deposit + `","success_url":"https://shop.test/thanks"}`,
		},
		update: `{"success_url":"https://shop.test/other"}`,
	},
	"leanrails": {
		path: "/v1/checkout_links", item: "@this", method: "POST", list: "?limit=5", items: "data",
		create: map[string]string{
			"devdraft":   `{"title":"Gold","line_items":[{"price":"p"}],"restrictions":{"completed_sessions":{"limit":3}}}`,
			"priceblocs": `{"title":"Gold","line_items":[{"price":"p_A_1"}],"metadata":{"a":"b"}}`,
			"stripe":     `{"title":"Gold","line_items":[{"price":"price_0PolylinkShirtOneTime00","quantity":2}],"metadata":{"a":"b"}}`,
			"katu9":      `{"title":"Gold","line_items":[{"price_data":{"currency":"inr","product":"p","unit_amount":5000}}],"metadata":{"transactionId":"` + deposit + `"}}`,
		},
		update: `{"inactive_message":"gone","metadata":{"c":"d"}}`,
	},
	"stripe": {
		path: "/v1/payment_links", item: "@this", method: "POST", list: "?limit=5", items: "data",
		create: map[string]string{
			"devdraft":   "line_items[0][price]=p&line_items[0][quantity]=1&restrictions[completed_sessions][limit]=3",
			"priceblocs": "line_items[0][price]=p_A_1&line_items[0][quantity]=1&metadata[a]=b",
			"leanrails":  "line_items[0][price]=price_3fg6hj9km1np&line_items[0][quantity]=2&metadata[a]=b",
			"katu9":      "line_items[0][price]=p&line_items[0][quantity]=2&metadata[transactionId]=" + deposit,
		},
		update: "inactive_message=gone&active=true",
	},
	"katu9": {
		path: "/payment-link/generate", item: "data.paymentLink",
		create: map[string]string{
			"devdraft":   `{"transactionId":"` + deposit + `","amount":5,"currency":"USDC","description":"Gold"}`,
			"priceblocs": `{"transactionId":"` + deposit + `","amount":5,"currency":"USD","description":"Gold"}`,
			"stripe":     `{"transactionId":"` + deposit + `","amount":5,"currency":"USD"}`,
		},
		refused: map[string]string{"leanrails": "line_items"},
	},
	"devdraft": {
		path: "/api/v0/payment-links", item: "@this", method: "PUT", list: "?take=5", items: "@this",
		refused: map[string]string{"priceblocs": "currency", "leanrails": "currency", "katu9": "currency"},
		create:  map[string]string{"stripe": `{"title":"Gold","url":"gold","linkType":"PRODUCT","amount":5}`},
		update:  `{"allowBusinessTaxId":true}`,
	},
}

// refusedBodies are creates that the upstream has no way to take.
var refusedBodies = map[string]string{
	"devdraft": `{"title":"Gold","url":"gold","linkType":"PRODUCT","amount":5,"paymentForId":"` + deposit + `"}`,
	"katu9":    `{"transactionId":"` + deposit + `","amount":5,"currency":"USD"}`,
}

// TestAProgramForOneRunsAgainstAnother makes, reads, changes and lists a link,
// wherever a link of the one can be one of the other.
func TestAProgramForOneRunsAgainstAnother(t *testing.T) {
	t.Parallel()
	set, _ := shipped(t)
	ran := 0
	for _, a := range set.Dialects {
		for _, b := range set.Dialects {
			link := func(d *dialect.Dialect) *dialect.Resource { return d.ResourceFor(record.Links.Kind) }
			if a == b || sharing.SetsUp(link(a)) != sharing.SetsUp(link(b)) {
				continue
			}
			ran++
			t.Run(a.Name+" to "+b.Name, func(t *testing.T) {
				t.Parallel()
				prog, there := programs[a.Name]
				if !there {
					t.Fatalf("there is no program for %s", a.Name)
				}
				prog.run(t, newPair(t, a.Name, b.Name, nil))
			})
		}
	}
	if ran != 20 {
		t.Errorf("%d pairs ran", ran)
	}
}

func (g program) run(t *testing.T, p *pair) {
	t.Helper()
	set, _ := shipped(t)
	theirs := func(op string) bool { return set.Dialect(p.to).Op(op) != nil && set.Dialect(p.from).Op(op) != nil }
	id := ""
	if why := g.refused[p.to]; why != "" {
		resp := p.ask(t, "POST", g.path, refusedBodies[p.from], "Idempotency-Key: one")
		if body := text(t, resp); resp.StatusCode != 400 && resp.StatusCode != 422 || !strings.Contains(body, why) {
			t.Errorf("a create is %d %s, want a refusal that names %s", resp.StatusCode, body, why)
		}
	} else {
		resp := p.ask(t, "POST", g.path, g.create[p.to], "Idempotency-Key: one")
		made := wants(t, resp, set.Dialect(p.from).Op("link.create").Status).Get(g.item)
		t.Logf("loss: %s", resp.Header.Get("Polylink-Loss"))
		if id = made.Get("id").String(); !set.Dialect(p.from).ResourceFor(record.Links.Kind).IDs.Match(id) {
			t.Fatalf("made, it is %s", made)
		}
		again := p.ask(t, "POST", g.path, g.create[p.to], "Idempotency-Key: one")
		if p.from != "katu9" && p.from != "priceblocs" && wants(t, again, resp.StatusCode).Get(g.item+".id").String() != id {
			t.Error("the same key makes another link")
		}
		for _, page := range []string{"url", "brand_url"} {
			if url := made.Get(page); p.to == "devdraft" && url.Type == gjson.String && strings.HasPrefix(url.String(), "http://example.com/") {
				t.Errorf("%s is a page that is not there: %s", page, url)
			}
		}
	}
	switch {
	case !theirs("link.get"):
		return
	case id == "":
		id = wants(t, p.ask(t, "GET", g.path+g.list, ""), 200).Get(g.items + ".0.id").String()
	}
	if got := wants(t, p.ask(t, "GET", g.path+"/"+id, ""), 200); got.Get("id").String() != id {
		t.Errorf("read, it is %s", got)
	}
	if got := wants(t, p.ask(t, g.method, g.path+"/"+id, g.update, "Idempotency-Key: two"), 200); got.Get("id").String() != id {
		t.Errorf("changed, it is %s", got)
	}
	var listed []string
	for _, l := range wants(t, p.ask(t, "GET", g.path+g.list, ""), 200).Get(g.items).Array() {
		listed = append(listed, l.Get("id").String())
	}
	if !slices.Contains(listed, id) {
		t.Errorf("the list has %v, and not %s", listed, id)
	}
}

// TestEveryOperationOfEveryPair is answered as the client's dialect answers:
// done, or refused in its envelope, and where the upstream has nothing like it
// that is said.
func TestEveryOperationOfEveryPair(t *testing.T) {
	t.Parallel()
	set, fix := shipped(t)
	for _, a := range set.Dialects {
		for _, b := range set.Dialects {
			if a == b {
				continue
			}
			t.Run(a.Name+" to "+b.Name, func(t *testing.T) {
				t.Parallel()
				p := newPair(t, a.Name, b.Name, nil)
				for _, op := range a.Operations {
					s, _, _ := handbook.Sample(a, fix, op)
					var lines []string
					for _, h := range s.Headers {
						if h[0] != "Authorization" {
							lines = append(lines, h[0]+": "+h[1])
						}
					}
					resp := p.ask(t, op.Method, s.Path, s.Body, lines...)
					body := text(t, resp)
					if resp.StatusCode < 300 {
						continue
					}
					_, known := client.Refusals(op, resp.StatusCode, []byte(body))
					if resp.StatusCode >= http.StatusInternalServerError || !known {
						t.Errorf("%s is answered with %d %s", op.Name, resp.StatusCode, body)
					}
					if same := b.Op(op.Name); same != nil && same.Does == op.Does && strings.Contains(body, "has nothing like") && (op.Resource.Schema != record.Links || sharing.SetsUp(op.Resource) == sharing.SetsUp(same.Resource)) && same.Resource.Parent == nil {
						t.Errorf("%s is refused, and %s has it: %s", op.Name, b.Name, body)
					}
				}
			})
		}
	}
}
