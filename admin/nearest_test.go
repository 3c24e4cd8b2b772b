package admin

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestUnmatchedRequestsNameTheNearestRoute(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"GET /strip/v1/products":                      "GET /stripe/v1/products",
		"POST /Stripe/v1/payment_links":               "POST /stripe/v1/payment_links",
		"GET /STRIPE/v1/products":                     "GET /stripe/v1/products",
		"GET /kirimdv/v1/customers/cus_1/setup_links": "GET /kirimdev/v1/customers/{id}/setup_links",
		"GET /api/payment-links":                      "GET /devdraft/api/v0/payment-links",
		"PUT /devdraft/api/v0/payment-linkz/1":        "PUT /devdraft/api/v0/payment-links/{id}",
		"GET /stripe/v1/payment_link":                 "GET /stripe/v1/payment_links",
		"PATCH /stripe/v1/payment_links":              "POST /stripe/v1/payment_links",
		"HEAD /strip/v1/products":                     "GET /stripe/v1/products",
		"GET /nowhere":                                "",
		"GET /":                                       "",
		"GET /devdraft/nothing/like/it/here":          "",
		"GET /" + strings.Repeat("strip/", 2000):      "",
	} {
		l := newLab(t)
		a := l.send(line, "", "Authorization: Bearer sk_test_x")
		if a.status != 404 && a.status != 405 {
			t.Fatalf("%s is answered %d", line, a.status)
		}
		show := func(n gjson.Result) string {
			if !n.Exists() {
				return ""
			}
			return n.Get("method").Str + " /" + n.Get("dialect").Str + n.Get("path").Str
		}
		for _, path := range []string{"/requests/1", "/requests/unmatched"} {
			doc := gjson.Parse(l.admin("GET "+path, "").want(200).body)
			if doc.Get("requests").Exists() {
				doc = doc.Get("requests.0")
			}
			if got := show(doc.Get("nearest")); got != want {
				t.Errorf("%s: %s has %q, want %q", line, path, got, want)
			}
		}
		if a.header.Get("X-Polylink-Problem") == "" { // in the dialect's own words
			if got := a.header.Get("X-Polylink-Nearest"); got != want {
				t.Errorf("%s: the answer names %q, want %q", line, got, want)
			}
			continue
		}
		if got := show(gjson.Get(a.body, "nearest")); got != want || (want != "") != strings.HasPrefix(a.get("detail"), "Did you mean "+want+"? ") {
			t.Errorf("%s: the answer has %s, want %q", line, a.body, want)
		}
	}
}
