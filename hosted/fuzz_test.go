package hosted

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
)

// FuzzForm sends forms to a page. Whatever is sent, a page or a redirect to
// somewhere safe comes back, and what is acted on is what the page offers.
func FuzzForm(f *testing.F) {
	for _, form := range []string{
		"action=pay&email=a@b.c&quantity=3&card=4242", "action=cancel", "action=pay&outcome=lost&email=%00", "action=pay&email=<script>&custom.size=l", "%zz", "action=pay&session=x&session=y",
		"action=pay&email=a@b.c&billing_address.line1=%ff", "action=pay&email=" + strings.Repeat("é", 600), "action=pay&quantity=-1", ";", "&&==", "action=pay&email=a@b.c&quantity=١",
	} {
		f.Add("https://shop.example/?a=1", "session=cs_1", form)
		f.Add("javascript:alert(1)", "session=%00&x", form)
	}
	f.Fuzz(func(t *testing.T, target, query, form string) {
		p := sample()
		p.Title, p.Description, p.Message = target, query, form
		s := &stand{page: p, result: Result{Redirect: target, Page: p, Message: form}}
		r := httptest.NewRequest(http.MethodPost, here, strings.NewReader(form))
		r.URL.RawQuery = query
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		w := httptest.NewRecorder()
		New(s, nil).ServeHTTP(w, r)
		body := w.Body.String()
		switch w.Code {
		case http.StatusSeeOther:
			if to := w.Header().Get("Location"); CheckTarget(to) != nil {
				t.Fatalf("sent to %q", to)
			}
			if u, err := url.Parse(w.Header().Get("Location")); err != nil || u.Host == "" {
				t.Fatalf("sent to %q: %v", u, err)
			}
		case http.StatusOK, http.StatusBadRequest, http.StatusNotFound, http.StatusRequestEntityTooLarge, http.StatusUnprocessableEntity:
			if strings.Count(body, "<h1") != 1 || strings.Count(body, "</html>") != 1 || strings.Contains(body, "<script") {
				t.Fatalf("%d %s", w.Code, body)
			}
		default:
			t.Fatalf("%d %s", w.Code, body)
		}
		for _, a := range s.acts {
			if !a.Cancel && a.Outcome != Success && a.Outcome != "card_declined" && a.Outcome != "lost" {
				t.Fatalf("an outcome that the page has not: %q", a.Outcome)
			}
			for name, value := range a.Input {
				if !plainText(value) || len(value) > 4*maxValue || value == "" {
					t.Fatalf("%s is %q", name, value)
				}
			}
			if !plainText(a.Card) || len(a.Card) > maxCard {
				t.Fatalf("the card is %q", a.Card)
			}
		}
	})
}
