package hosted

import (
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestAFormBecomesAnAction(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		form  string
		want  Action
		wrong []string // what the page says instead
	}{
		"paid": {"action=pay&outcome=success&email=a@b.c&quantity=3&card=4242-4242 4242 4242&custom.size=l&billing_address.line1= Elm &other=x",
			Action{Outcome: Success, Card: "4242424242424242", Input: map[string]string{"email": "a@b.c", "quantity": "3", "custom.size": "l", "billing_address.line1": "Elm"}}, nil},
		"failed":             {"action=pay&outcome=card_declined&email=a@b.c", Action{Outcome: "card_declined", Input: map[string]string{"email": "a@b.c", "quantity": "2"}}, nil},
		"no outcome":         {"action=pay&email=a@b.c&quantity=", Action{Outcome: Success, Input: map[string]string{"email": "a@b.c"}}, nil},
		"cancelled":          {"action=cancel&email=nonsense", Action{Cancel: true, Input: map[string]string{}}, nil},
		"no button":          {"email=a@b.c", Action{}, []string{"press one of the buttons"}},
		"another outcome":    {"action=pay&email=a@b.c&outcome=nope", Action{}, []string{"one of the outcomes"}},
		"what is needed":     {"action=pay", Action{}, []string{"Email: fill this in"}},
		"no email":           {"action=pay&email=a.b", Action{}, []string{"email address"}},
		"two at signs":       {"action=pay&email=a@b@c", Action{}, []string{"email address"}},
		"several":            {"action=pay&email=&quantity=10&custom.size=xl&billing_address.line1=toolong", Action{}, []string{"fill this in", "at most 9", "one of the list", "at most 5 characters"}},
		"too few":            {"action=pay&email=a@b.c&quantity=0", Action{}, []string{"at least 1"}},
		"half a thing":       {"action=pay&email=a@b.c&quantity=1.5", Action{}, []string{"whole number"}},
		"control":            {"action=pay&email=a@b.c%00", Action{}, []string{"plain text"}},
		"a book":             {"action=pay&email=" + strings.Repeat("a", 1001), Action{}, []string{"at most 1000"}},
		"a card like a roll": {"action=pay&email=a@b.c&card=" + strings.Repeat("4", 65), Action{}, []string{"test card number"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stand{page: sample(), result: Result{Redirect: "https://shop.example/done"}}
			w := ask(t, s, "POST", here, strings.ReplaceAll(c.form, " ", "+"))
			if c.wrong == nil {
				if diff := cmp.Diff([]Action{c.want}, s.acts); diff != "" {
					t.Errorf("(-want +got)\n%s", diff)
				}
				if w.Code != 303 || w.Header().Get("Location") != "https://shop.example/done" {
					t.Errorf("%d to %s", w.Code, w.Header().Get("Location"))
				}
				return
			}
			body := w.Body.String()
			if w.Code != 422 || len(s.acts) != 0 || strings.Count(body, `<li><a href="#`) != len(c.wrong) {
				t.Errorf("%d, %d acts\n%s", w.Code, len(s.acts), body)
			}
			for _, want := range c.wrong {
				if !strings.Contains(body, want) {
					t.Errorf("the page does not say %q", want)
				}
			}
			for _, m := range regexp.MustCompile(`<li><a href="#([^"]+)"`).FindAllStringSubmatch(body, -1) {
				if !strings.Contains(body, ` id="`+m[1]+`"`) {
					t.Errorf("%s leads nowhere", m[1])
				}
			}
		})
	}
}

func TestWhatWasTypedStays(t *testing.T) {
	t.Parallel()
	s := &stand{page: sample()}
	body := ask(t, s, "POST", here, "action=pay&email=x&quantity=7&custom.size=l&card=4000000000000002&outcome=lost").Body.String()
	for _, want := range []string{`value="x"`, `value="7"`, `<option value="l" selected>`, `<option value="lost" selected>`, `aria-invalid="true" aria-describedby="f0-error"`, `id="f0-error"`} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if strings.Contains(body, "4000000000000002") {
		t.Error("the card is shown again")
	}
	s.result = Result{Failed: true, Heading: "Card declined", Message: "Try another one.", Page: sample()}
	w := ask(t, s, "POST", here, "action=pay&email=a@b.c&outcome=lost")
	if msg, _ := by(w.Body.String(), "message"); w.Code != 200 || msg != "Card declinedTry another one." || !strings.Contains(w.Body.String(), `value="a@b.c"`) || !strings.Contains(w.Body.String(), `role="alert"`) {
		t.Errorf("%d %q", w.Code, msg)
	}
	if _, ok := by(w.Body.String(), "pay"); !ok {
		t.Error("a failure cannot be tried again")
	}
	if sample().Fields[0].Value != "" || s.page.Fields[0].Value != "" {
		t.Error("the service's own page was changed")
	}
}

func TestFormsOfOtherSitesAndForeignRedirectsAreRefused(t *testing.T) {
	t.Parallel()
	form := "action=pay&email=a@b.c"
	for name, c := range map[string]struct {
		headers []string
		want    int
	}{
		"curl":               {nil, 303},
		"our own page":       {[]string{"Sec-Fetch-Site: same-origin", "Origin: http://example.com"}, 303},
		"our own, by origin": {[]string{"Origin: http://example.com"}, 303},
		"another site":       {[]string{"Sec-Fetch-Site: cross-site", "Origin: https://evil.example"}, 403},
		"a sister site":      {[]string{"Sec-Fetch-Site: same-site"}, 403},
		"another, old":       {[]string{"Origin: https://evil.example"}, 403},
		"nowhere":            {[]string{"Origin: null"}, 403},
		"as JSON":            {[]string{"Content-Type: application/json"}, 415},
		"as files":           {[]string{"Content-Type: multipart/form-data; boundary=x"}, 415},
		"without a type":     {[]string{"Content-Type: "}, 415},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stand{page: sample(), result: Result{Redirect: "https://shop.example/"}}
			if w := ask(t, s, "POST", here, form, c.headers...); w.Code != c.want || len(s.acts) != btoi(c.want == 303) {
				t.Errorf("%d, want %d; %d acts", w.Code, c.want, len(s.acts))
			}
		})
	}
	for _, target := range []string{"javascript:alert(1)", "JaVaScRiPt://x/%0aalert(1)", "data:text/html,x", "//evil.example", "/x", "shop://x", "http:", "https:///x", "https://a\\@b/", "https://a/\nx", "https://a/ b", "mailto:a@b", "http:x", "https://" + strings.Repeat("a", maxTarget)} {
		s := &stand{page: sample(), result: Result{Redirect: target, Page: sample()}}
		w := ask(t, s, "POST", here, form)
		if msg, _ := by(w.Body.String(), "message"); w.Code != 200 || w.Header().Get("Location") != "" || !strings.Contains(msg, "not sent on") {
			t.Errorf("%.40q: %d to %s, %q", target, w.Code, w.Header().Get("Location"), msg)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
