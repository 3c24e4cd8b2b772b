package bench

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// answer is what a client sees.
type answer struct {
	Status int
	Header http.Header
	Body   string
}

// seen is an answer without the server's own word: the number of the request
// in its journal. Clients do not tell the letters of header names apart.
func (w *recorder) seen() answer {
	h := http.Header{}
	for name, values := range w.header {
		if !strings.HasPrefix(name, "X-Polylink-") {
			h[http.CanonicalHeaderKey(name)] = values
		}
	}
	return answer{w.status, h, string(w.body)}
}

// TestBaselineAnswersAsTheServer holds the two to the same bytes, or the
// comparison would mean nothing. The requests come in this order.
func TestBaselineAnswersAsTheServer(t *testing.T) {
	t.Parallel()
	srv, base := pair(t, func() time.Time { return noon })
	for _, c := range []struct {
		name   string
		status int
		call
	}{
		{"read", 200, get(linkA)},
		{"read the bundle", 200, get(linkB)},
		{"update", 200, put(linkA, updates[0])},
		{"update again", 200, put(linkA, updates[1])},
		{"read what was written", 200, get(linkA)},
		{"clear", 200, put(linkA, `{"description":null,"amount":null,"customerId":"","coverImage":null,"customFields":null}`)},
		{"escapes", 200, put(linkA, `{"description":"a \"quoted\" <b> & é \n"}`)},
		{"products", 200, put(linkB, `{"paymentLinkProducts":[{"productId":"123e4567-e89b-12d3-a456-426614174003","quantity":2}]}`)},
		{"no products", 200, put(linkB, `{"paymentLinkProducts":[]}`)},
		{"nothing", 200, put(linkA, `{}`)},
		{"protected fields as they are", 200, put(linkA, `{"url":"premium-subscription","linkType":"PRODUCT","id":"`+linkA+`"}`)},
		{"expired", 200, put(linkB, `{"expiration_date":"2020-01-01T00:00:00Z"}`)},
		{"read expired", 200, get(linkB)},
		{"many faults", 400, put(linkA, refused)},
		{"protected fields", 400, put(linkA, `{"url":"other","linkType":"DONATION"}`)},
		{"wrong types", 400, put(linkA, `{"title":1,"description":true,"amount":"1","currency":null,"expiration_date":"soon","maxPayments":1.5,"customFields":[],"paymentLinkProducts":{}}`)},
		{"tax without a rate", 400, put(linkB, `{"collectTax":true}`)},
		{"limit without a number", 400, put(linkB, `{"limitPayments":true}`)},
		{"unknown references", 400, put(linkA, `{"walletId":"w","customerId":"c","taxId":"t"}`)},
		{"unknown link", 404, get("550e8400-e29b-41d4-a716-4466554400ff")},
		{"another app's link", 401, get(linkOther)},
		{"no keys", 401, get(linkA).as("")},
		{"a revoked key", 401, get(linkA).as("revoked_client_key")},
		{"out of scope", 403, put(linkA, `{}`).as("readonly_client_key")},
		{"an unlisted key", 200, get(linkA).as("any_client_key")},
	} {
		want, got := c.to(srv), c.to(base)
		if want.status != c.status {
			t.Errorf("%s: the server answers %d, want %d: %s", c.name, want.status, c.status, want.body)
		}
		if diff := cmp.Diff(want.seen(), got.seen()); diff != "" {
			t.Errorf("%s (-server +baseline)\n%s", c.name, diff)
		}
	}
}

// TestWideLinkIsWhatTheGoalIsAbout keeps the benchmark's link at its size.
func TestWideLinkIsWhatTheGoalIsAbout(t *testing.T) {
	t.Parallel()
	w := newWide(t)
	if n := len(w.op.Resource.Fields); n != 35 {
		t.Errorf("%d fields, want 35", n)
	}
	if n := len(w.body); n < 750 || n > 850 {
		t.Errorf("%d bytes are sent, want about 800", n)
	}
}
