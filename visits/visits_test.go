package visits_test

import (
	"io"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/polylinktest"
)

// samples are the links of the fixtures that tests open, by dialect.
var samples = map[string]string{
	"kirimdev": "csl_01HXYZABCDEFGHJKMNPQRSTVWX", "leanrails": "cl_4de6fg8hi0jk", "stripe": "plink_0PolylinkTShirt000000000",
	"priceblocs": "00000000-0000-0000-0000-000000000000", "devdraft": "550e8400-e29b-41d4-a716-446655440000",
}

func world(t *testing.T) *polylinktest.World {
	t.Helper()
	return polylinktest.New(t, polylinktest.WithoutLimits()).World(t)
}

// ask sends a request and returns status, Location and body. A form is sent
// where there is one.
func ask(t *testing.T, method, target, form string, headers ...string) (int, string, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(form))
	if err != nil {
		t.Fatal(err)
	}
	if form != "" {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if r.Header.Set(name, value); name == "Host" {
			r.Host = value
		}
	}
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := client.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header.Get("Location"), string(body)
}

func rows(t *testing.T, w *polylinktest.World, path string) gjson.Result {
	t.Helper()
	status, _, body := ask(t, "GET", w.URL+"/__admin"+path, "")
	if status != 200 {
		t.Fatalf("GET %s: %d %s", path, status, body)
	}
	return gjson.Parse(body)
}

// trace is what a passage has left: links, sessions, customers, transactions,
// audit entries and events, without ids and times.
func trace(t *testing.T, w *polylinktest.World) []string {
	t.Helper()
	var out []string
	for _, row := range rows(t, w, "/snapshot").Get("rows").Array() {
		rec := row.Get("record")
		if !rec.Exists() {
			rec = row
		}
		switch kind := rec.Get("object").Str; kind {
		case "link", "session", "customer", "transaction":
			out = append(out, strings.Join([]string{kind, rec.Get("dialect").Str, rec.Get("status").Str, rec.Get("version").Raw, rec.Get("amount").Raw, rec.Get("outcome").Str, rec.Get("input").Raw}, " "))
		case "audit":
			out = append(out, "audit "+rec.Get("operation").Str)
		case "event":
			out = append(out, "event "+rec.Get("name").Str)
		}
	}
	slices.Sort(out)
	return out
}

var sessionField = regexp.MustCompile(`name="session" value="([^"]+)"`)

// TestThePageAndTheControlAPILeaveTheSame does each thing once on the page and
// once without.
func TestThePageAndTheControlAPILeaveTheSame(t *testing.T) {
	t.Parallel()
	for d, id := range samples {
		for verb, form := range map[string]string{
			"complete": "action=pay&email=ada@shop.example&name=Ada", "fail": "action=pay&email=ada@shop.example&name=Ada&outcome=", "cancel": "action=cancel",
		} {
			t.Run(d+" "+verb, func(t *testing.T) {
				t.Parallel()
				here := world(t)
				page := here.URL + "/__pay/" + d + "/" + id
				status, _, body := ask(t, "GET", page, "")
				if status != 200 {
					t.Fatalf("%d %s", status, body)
				}
				if verb == "fail" {
					form += regexp.MustCompile(`data-testid="outcome">(?s:.*?)<option value="(\w+)">`).FindStringSubmatch(body)[1]
				}
				switch d {
				case "priceblocs":
					form += "&quantity=1&shipping_address.line1=a&shipping_address.city=b&shipping_address.country=US"
				case "devdraft":
					form += "&quantity=1&phone=1&billing_address.line1=a&billing_address.city=b&billing_address.country=US&custom.department=Sales"
				}
				if m := sessionField.FindStringSubmatch(body); m != nil {
					form += "&session=" + m[1]
				}
				if status, _, body := ask(t, "POST", page, form); status != 200 && status != 303 {
					t.Fatalf("%d %s", status, body)
				}
				there := world(t)
				send := `{"input":{"email":"ada@shop.example","name":"Ada"}}`
				if d == "kirimdev" {
					send = "" // whose page asks for nothing
				}
				if d == "priceblocs" {
					send = `{"input":{"email":"ada@shop.example","name":"Ada","quantity":1,"shipping_address":{"line1":"a","city":"b","country":"US"}}}`
				}
				if d == "devdraft" {
					send = `{"input":{"quantity":1,"phone":"1","billing_address":{"line1":"a","city":"b","country":"US"},"custom":{"department":"Sales"}}}`
				}
				if verb == "cancel" {
					send = ""
				}
				if status, _, body := ask(t, "POST", there.URL+"/__admin/links/"+d+"/"+id+"/"+verb, send, "Content-Type: application/json"); status != 200 {
					t.Fatalf("%d %s", status, body)
				}
				got, want := trace(t, here), trace(t, there)
				if diff := cmp.Diff(want, got); diff != "" || len(got) < 20 {
					t.Errorf("%d rows (-without a page +with one)\n%s", len(got), diff)
				}
			})
		}
	}
}

// TestOneOfManyPaysForTheLastOne lets twelve people pay at once, half of them
// on the page and half by the control API, where three may.
func TestOneOfManyPaysForTheLastOne(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, path, body string
		headers            []string
		form               string
		list, count        string // what the dialect counts afterwards
	}{
		"leanrails": {method: "POST", path: "/v1/checkout_links/", body: `{"restrictions":{"completed_sessions":{"limit":3}}}`,
			headers: []string{"Content-Type: application/json", "Authorization: Basic c2tfdGVzdF9tYWluOg==", "Idempotency-Key: a"},
			form:    "action=pay&email=a@b.example", list: "/v1/checkout/sessions", count: `data.#(status=="complete")#|#`},
		"stripe": {method: "POST", path: "/v1/payment_links/", body: "restrictions[completed_sessions][limit]=3",
			headers: []string{"Authorization: Bearer sk_test_polylink_main"},
			form:    "action=pay&email=a@b.example", list: "/v1/checkout/sessions", count: `data.#(status=="complete")#|#`},
		"devdraft": {method: "PUT", path: "/api/v0/payment-links/", body: `{"limitPayments":true,"maxPayments":3}`,
			headers: []string{"Content-Type: application/json", "x-client-key: your_client_key", "x-client-secret: your_client_secret"},
			form:    "action=pay&quantity=1&phone=1&billing_address.line1=a&billing_address.city=b&billing_address.country=US&custom.department=Sales"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := world(t)
			if status, _, body := ask(t, c.method, w.Dialect(name)+c.path+samples[name], c.body, c.headers...); status != 200 {
				t.Fatalf("%d %s", status, body)
			}
			var paid atomic.Int64
			var all sync.WaitGroup
			for i := range 12 {
				all.Go(func() {
					if i%2 == 0 {
						if _, _, body := ask(t, "POST", w.URL+"/__pay/"+name+"/"+samples[name], c.form); strings.Contains(body, "Payment received") {
							paid.Add(1)
						}
					} else if status, _, _ := ask(t, "POST", w.URL+"/__admin/links/"+name+"/"+samples[name]+"/complete", "", "Content-Type: application/json"); status == 200 {
						paid.Add(1)
					}
				})
			}
			all.Wait()
			if paid.Load() != 3 {
				t.Errorf("%d were told that they had paid, want 3", paid.Load())
			}
			if c.list != "" {
				_, _, body := ask(t, "GET", w.Dialect(name)+c.list, "", c.headers...)
				if n := gjson.Get(body, c.count).Int(); n != 3 {
					t.Errorf("%d sessions are complete, want 3: %s", n, body)
				}
			}
			done := 0
			for _, e := range rows(t, w, "/audit").Get("audit").Array() {
				if e.Get("operation").Str == "link.complete" {
					done++
				}
			}
			if done != 3 {
				t.Errorf("%d completions are in the trail, want 3", done)
			}
			if _, _, body := ask(t, "GET", w.URL+"/__pay/"+name+"/"+samples[name], ""); strings.Contains(body, `data-testid="pay"`) {
				t.Errorf("the page is open:\n%s", body)
			}
		})
	}
}

func TestWhatIsAskedForWithoutAPageIsChecked(t *testing.T) {
	t.Parallel()
	w := world(t)
	for name, c := range map[string]struct {
		verb, send string
		status     int
		says       []string
	}{
		"nothing":            {"complete", "", 200, nil},
		"another outcome":    {"complete", `{"outcome":"nope"}`, 400, []string{"success", "card_declined"}},
		"success that fails": {"fail", `{"outcome":"success"}`, 400, []string{"card_declined"}},
		"a failure":          {"complete", `{"outcome":"card_declined"}`, 200, nil},
		"another member":     {"fail", `{"outcom":"card_declined"}`, 400, []string{"outcome", "input"}},
		"another input":      {"complete", `{"input":{"emial":"a@b.example"}}`, 400, []string{"emial", "email", "billing_address", "custom"}},
		"another line":       {"complete", `{"input":{"billing_address":{"street":"x"}}}`, 400, []string{"street", "line1", "postal_code"}},
		"no such field":      {"complete", `{"input":{"custom":{"size":"L"}}}`, 400, []string{"size"}},
		"no quantity":        {"complete", `{"input":{"quantity":2}}`, 400, []string{"quantity"}},
		"a list":             {"cancel", `[]`, 400, []string{"object"}},
		"long":               {"complete", `{"input":{"name":"` + strings.Repeat("a", 1001) + `"}}`, 400, []string{"1000"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, _, body := ask(t, "POST", w.URL+"/__admin/links/leanrails/"+samples["leanrails"]+"/"+c.verb, c.send, "Content-Type: application/json")
			if status != c.status {
				t.Errorf("%d %s", status, body)
			}
			for _, word := range c.says {
				if !strings.Contains(body, word) {
					t.Errorf("%s is not said: %s", word, body)
				}
			}
		})
	}
}

func TestPagesOpenWhereTheirAddressesSay(t *testing.T) {
	t.Parallel()
	w := world(t)
	for _, link := range rows(t, w, "/links").Get("links").Array() {
		d, target := link.Get("dialect").Str, link.Get("url").Str
		if !strings.HasPrefix(target, w.URL+"/__pay/"+d+"/") {
			t.Errorf("the url is %s", target)
		}
		status, _, body := ask(t, "GET", target, "")
		if open := strings.Contains(body, `data-testid="pay"`); status != 200 || open != (link.Get("status").Str == "active") || strings.Count(body, "<h1") != 1 {
			t.Errorf("%s is %s: %d, open %v", target, link.Get("status").Str, status, open)
		}
	}
	for name, c := range map[string]struct {
		method, path, host string
		want               int
	}{
		"the provider's path":  {"GET", "/leanrails/cl/" + samples["leanrails"], "", 200},
		"at its own host":      {"GET", "/cl/" + samples["leanrails"], "api.leanrails.com", 200},
		"by its own path":      {"GET", "/__pay/leanrails/" + samples["leanrails"], "api.leanrails.com", 200},
		"another host":         {"GET", "/__pay/leanrails/" + samples["leanrails"], "evil.example", 421},
		"another host's path":  {"GET", "/leanrails/cl/" + samples["leanrails"], "evil.example", 421},
		"by its short id":      {"GET", "/priceblocs/test/links/V1StGXR8_Z5jdHi6B-myT", "", 200},
		"by its token":         {"GET", "/kirimdev/onboard/csl_Qm7xT2vB9kLpR4wZ_c8Nk3Qz", "", 200},
		"the page of success":  {"GET", "/priceblocs/checkout/success?session_id=1", "", 200},
		"no link":              {"GET", "/__pay/leanrails/nope", "", 404},
		"no dialect":           {"GET", "/__pay/nope/nope", "", 404},
		"nothing":              {"GET", "/__pay/", "", 404},
		"another method":       {"DELETE", "/__pay/leanrails/" + samples["leanrails"], "", 405},
		"the header's sandbox": {"HEAD", "/__pay/leanrails/" + samples["leanrails"], "", 200},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var headers []string
			if c.host != "" {
				headers = append(headers, "Host: "+c.host)
			}
			if status, _, body := ask(t, c.method, w.URL+c.path, "", headers...); status != c.want {
				t.Errorf("%d, want %d\n%s", status, c.want, body)
			}
		})
	}
}

func TestAVisitMakesOneSession(t *testing.T) {
	t.Parallel()
	w := world(t)
	page := w.URL + "/__pay/stripe/" + samples["stripe"]
	sessions := func() []gjson.Result {
		_, _, body := ask(t, "GET", w.Dialect("stripe")+"/v1/checkout/sessions", "", "Authorization: Bearer sk_test_main")
		return gjson.Get(body, "data").Array()
	}
	ask(t, "HEAD", page, "")
	if n := len(sessions()); n != 0 {
		t.Errorf("a HEAD made %d sessions", n)
	}
	_, _, body := ask(t, "GET", page, "")
	id := sessionField.FindStringSubmatch(body)[1]
	ask(t, "GET", page+"?session="+id, "")
	ask(t, "POST", page, "action=pay&outcome=card_declined&session="+id)
	list := sessions()
	if len(list) != 1 || list[0].Get("id").Str != id || list[0].Get("status").Str != "open" || list[0].Get("payment_status").Str != "unpaid" {
		t.Fatalf("after a visit and a failure there are %v", list)
	}
	_, _, body = ask(t, "GET", list[0].Get("url").Str, "")
	if !strings.Contains(body, "T-shirt") {
		t.Errorf("the session's url leads to\n%s", body)
	}
	ask(t, "POST", page, "action=pay&session="+id)
	list = sessions()
	if len(list) != 1 || list[0].Get("status").Str != "complete" || list[0].Get("payment_status").Str != "paid" {
		t.Errorf("after paying there are %v", list)
	}
}

func TestTestCardsHaveTheirOutcome(t *testing.T) {
	t.Parallel()
	w := world(t)
	for card, want := range map[string]string{"4242 4242 4242 4242": "Payment received", "4000-0000-0000-9995": "insufficient_funds", "4000000000000069": "expired_card", "pm_card_chargeDeclined": "card_declined"} {
		status, _, body := ask(t, "POST", w.URL+"/__pay/stripe/"+samples["stripe"], url.Values{"action": {"pay"}, "outcome": {"success"}, "card": {card}}.Encode())
		if status != 200 || !strings.Contains(body, want) {
			t.Errorf("%s: %d, no %q in\n%s", card, status, want, body)
		}
	}
}

// TestWhatIsTypedIsKept makes a link that asks for everything.
func TestWhatIsTypedIsKept(t *testing.T) {
	t.Parallel()
	w := world(t)
	form := url.Values{
		"line_items[0][price]": {"price_0PolylinkTShirt00000000"}, "line_items[0][quantity]": {"2"},
		"line_items[0][adjustable_quantity][enabled]": {"true"}, "line_items[0][adjustable_quantity][minimum]": {"1"}, "line_items[0][adjustable_quantity][maximum]": {"5"},
		"phone_number_collection[enabled]": {"true"}, "billing_address_collection": {"required"}, "tax_id_collection[enabled]": {"true"},
		"customer_creation":     {"always"},
		"custom_fields[0][key]": {"engraving"}, "custom_fields[0][type]": {"text"}, "custom_fields[0][label][type]": {"custom"}, "custom_fields[0][label][custom]": {"Engraving"},
		"custom_fields[0][text][maximum_length]":            {"5"},
		"shipping_address_collection[allowed_countries][0]": {"US"}, "shipping_address_collection[allowed_countries][1]": {"CA"},
	}
	_, _, body := ask(t, "GET", w.Dialect("stripe")+"/v1/payment_links/"+samples["stripe"]+"/line_items", "", "Authorization: Bearer sk_test_main")
	form.Set("line_items[0][price]", gjson.Get(body, "data.0.price.id").Str)
	status, _, body := ask(t, "POST", w.Dialect("stripe")+"/v1/payment_links", form.Encode(), "Authorization: Bearer sk_test_main")
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	page := gjson.Get(body, "url").Str
	_, _, body = ask(t, "GET", page, "")
	for _, id := range []string{"email", "name", "phone", "quantity", "tax_id", "billing_address.line1", "billing_address.country", "shipping_address.country", "engraving"} {
		if !strings.Contains(body, `data-testid="field-`+id+`"`) {
			t.Errorf("the page does not ask for %s", id)
		}
	}
	typed := url.Values{"action": {"pay"}, "email": {"ada@shop.example"}, "name": {"Ada"}, "phone": {"+15550100"}, "quantity": {"3"}, "tax_id": {"DE1"}, "custom.engraving": {"ADA"},
		"billing_address.line1": {"1 Elm St"}, "billing_address.city": {"Bonn"}, "billing_address.country": {"DE"},
		"shipping_address.line1": {"2 Elm St"}, "shipping_address.city": {"Ottawa"}, "shipping_address.country": {"CA"}}
	missing := url.Values{"action": {"pay"}, "quantity": {"9"}, "shipping_address.country": {"FR"}, "custom.engraving": {"toolong"}}
	if status, _, body := ask(t, "POST", page, missing.Encode()); status != 422 || strings.Count(body, `<li><a href="#`) < 6 {
		t.Errorf("%d\n%s", status, body)
	}
	if status, _, body := ask(t, "POST", page, typed.Encode()); status != 200 || !strings.Contains(body, "Payment received") {
		t.Fatalf("%d %s", status, body)
	}
	_, _, body = ask(t, "GET", w.Dialect("stripe")+"/v1/checkout/sessions?status=complete", "", "Authorization: Bearer sk_test_main")
	session := gjson.Get(body, "data.0")
	if session.Get("customer_details.phone").Str != "+15550100" || session.Get("customer_details.address.city").Str != "Bonn" || !strings.HasPrefix(session.Get("customer").Str, "cus_") {
		t.Errorf("the session is %s", session.Raw)
	}
	_, _, body = ask(t, "GET", w.Dialect("stripe")+"/v1/customers/"+session.Get("customer").Str, "", "Authorization: Bearer sk_test_main")
	if gjson.Get(body, "email").Str != "ada@shop.example" || gjson.Get(body, "address.line1").Str != "1 Elm St" {
		t.Errorf("the customer is %s", body)
	}
	if !strings.Contains(rows(t, w, "/snapshot").Raw, `"custom":{"engraving":"ADA"}`) {
		t.Error("the session does not keep the link's own fields")
	}
}
