package hosted

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"html"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stand is a Service that a test tells what to say.
type stand struct {
	page   Page
	err    error
	result Result
	visits []Visit
	acts   []Action
}

func (s *stand) Open(_ context.Context, v Visit) (Page, error) {
	s.visits = append(s.visits, v)
	return s.page, s.err
}

func (s *stand) Act(_ context.Context, _ Visit, a Action) (Result, error) {
	s.acts = append(s.acts, a)
	return s.result, s.err
}

func sample() Page {
	return Page{Dialect: "Acme", Sandbox: "default", Title: "Spring ticket", Description: "Row 7", Status: "active", Session: "cs_1", Card: true,
		Lines: []Line{{Name: "Seat", Quantity: "2", Amount: Money{"5000", "usd", 2}, Every: "month"}}, Total: Money{"123450", "usd", 2},
		Expires: time.Date(2026, 2, 3, 4, 5, 0, 0, time.UTC), Outcomes: []Outcome{{Code: "card_declined"}, {Code: Success}, {"lost", "Lost card"}},
		Fields: []Field{
			{Name: "email", Kind: KindEmail, Required: true, Autocomplete: "email"},
			{Name: "quantity", Kind: KindNumber, Min: 1, Max: 9, Value: "2"},
			{Name: "billing_address.line1", TestID: "billing_address-line1", Label: "Street", Group: "Billing address", Max: 5},
			{Name: "custom.size", TestID: "size", Label: "Size", Kind: KindChoice, Options: []Option{{"s", "Small"}, {"l", "Large"}}},
		}}
}

// ask sends a request and returns the answer.
func ask(t *testing.T, s *stand, method, path, form string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(form))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	New(s, nil).ServeHTTP(w, r)
	return w
}

// by is the text of the first element with a data-testid; ok is false when
// there is none.
func by(body, id string) (string, bool) {
	at := strings.Index(body, `data-testid="`+id+`"`)
	if at < 0 {
		return "", false
	}
	text := body[at:]
	text = text[strings.Index(text, ">")+1:]
	if end := strings.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	return strings.TrimSpace(html.UnescapeString(tags.ReplaceAllString(text, ""))), true
}

var tags = regexp.MustCompile(`<[^>]*>`)

const here = "/__pay/acme/lnk_1"

func TestThePageShowsWhatThereIs(t *testing.T) {
	t.Parallel()
	s := &stand{page: sample()}
	w := ask(t, s, "GET", here, "")
	body := w.Body.String()
	if w.Code != 200 || strings.Count(body, "<h1") != 1 || strings.Contains(body, "<script") {
		t.Fatalf("%d with\n%s", w.Code, body)
	}
	for id, want := range map[string]string{
		"link-title": "Spring ticket", "line-item": "Seat × 2 $50.00 USD every month", "total": "$1,234.50 USD", "status": "Active",
		"expires": "3 February 2026, 04:05 UTC", "mode": "Test", "dialect": "Acme", "sandbox": "default", "pay": "Pay $1,234.50 USD", "cancel": "Cancel",
		"mock-notice": "This is a mock. No money moves and no card is charged.",
	} {
		if got, ok := by(body, id); !ok || got != want {
			t.Errorf("%s is %q, want %q", id, got, want)
		}
	}
	for _, id := range []string{"outcome", "field-email", "field-quantity", "field-billing_address-line1", "field-size", "field-card"} {
		if _, ok := by(body, id); !ok {
			t.Errorf("there is no %s", id)
		}
	}
	var codes []string
	for _, m := range regexp.MustCompile(`<option value="([^"]*)"[^>]*>([^<]*)`).FindAllStringSubmatch(body[strings.Index(body, `data-testid="outcome"`):], -1) {
		codes = append(codes, m[1]+"="+m[2])
	}
	if diff := cmp.Diff([]string{"success=Success", "card_declined=Card declined", "lost=Lost card"}, codes); diff != "" {
		t.Errorf("outcomes (-want +got)\n%s", diff)
	}
	for _, want := range []string{`name="card"`, `autocomplete="cc-number"`, `<legend>Billing address</legend>`, `<input type="hidden" name="session" value="cs_1">`,
		`type="number" value="2"`, `min="1" max="9"`, `maxlength="5"`, ` required`, `<html lang="en">`, `name="viewport"`, "formnovalidate"} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if diff := cmp.Diff([]Visit{{Dialect: "acme", Link: "lnk_1", Method: "GET"}}, s.visits); diff != "" {
		t.Errorf("visit (-want +got)\n%s", diff)
	}
	for _, label := range regexp.MustCompile(`<label for="([^"]*)"`).FindAllStringSubmatch(body, -1) {
		if strings.Count(body, ` id="`+label[1]+`"`) != 1 {
			t.Errorf("label for %s has not one input", label[1])
		}
	}
	if ids := regexp.MustCompile(`<(input|select) id`).FindAllString(body, -1); len(ids) != strings.Count(body, "<label") {
		t.Errorf("%d inputs and %d labels", len(ids), strings.Count(body, "<label"))
	}
}

func TestTheStyleIsTheOneThatThePolicyAllows(t *testing.T) {
	t.Parallel()
	w := ask(t, &stand{page: sample()}, "GET", here, "")
	_, text, _ := strings.Cut(w.Body.String(), "<style>")
	text, _, _ = strings.Cut(text, "</style>")
	sum := sha256.Sum256([]byte(text))
	csp := w.Header().Get("Content-Security-Policy")
	for _, want := range []string{"default-src 'none'", "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'", "form-action 'self';", "base-uri 'none'", "frame-ancestors 'none'"} {
		if !strings.Contains(csp, want) {
			t.Errorf("the policy %s lacks %s", csp, want)
		}
	}
	if strings.Contains(w.Body.String(), "style=") || w.Header().Get("Cache-Control") != "no-store" || w.Header().Get("X-Content-Type-Options") != "nosniff" {
		t.Error("inline style, or a header is missing")
	}
	for target, want := range map[string]string{"https://x.example/": "form-action 'self' https:;", "http://x.example/": "form-action 'self' https: http:;", "javascript:alert(1)": "form-action 'self';"} {
		p := sample()
		p.Targets = []string{target}
		if csp := ask(t, &stand{page: p}, "GET", here, "").Header().Get("Content-Security-Policy"); !strings.Contains(csp, want) {
			t.Errorf("%s: %s", target, csp)
		}
	}
}

func TestNothingBreaksOutOfThePage(t *testing.T) {
	t.Parallel()
	evil := `"><script>alert(1)</script><a href='javascript:x' onclick=y>` + "\u2028&{{.}}"
	p := sample()
	p.Title, p.Description, p.Dialect, p.Sandbox, p.Session, p.Total.Currency = evil, evil, evil, evil, evil, evil
	p.Lines = []Line{{Name: evil, Description: evil, Quantity: evil, Every: evil, Amount: Money{"1", evil, 2}}}
	p.Outcomes = []Outcome{{evil, evil}}
	p.Fields = []Field{{Name: evil, TestID: evil, Label: evil, Group: evil, Value: evil, Autocomplete: evil}, {Name: "x", Kind: KindChoice, Options: []Option{{evil, evil}}}, {Name: "y", Kind: `text" onfocus="x`}}
	closed := p
	closed.Status, closed.Message = "inactive", evil
	for name, w := range map[string]*httptest.ResponseRecorder{
		"open": ask(t, &stand{page: p}, "GET", here, ""), "closed": ask(t, &stand{page: closed}, "GET", here, ""),
		"wrong": ask(t, &stand{page: p}, "POST", here, "action=pay&outcome="+url.QueryEscape(evil)+"x&x="+url.QueryEscape(evil)),
		"done":  ask(t, &stand{page: p, result: Result{Heading: evil, Message: evil, Page: p}}, "POST", here, "action=pay"),
	} {
		body := w.Body.String()
		if strings.Contains(body, "<script") || strings.Contains(body, "<a href='") || strings.Contains(body, `"x" onfocus`) || strings.Contains(body, ` onfocus="`) {
			t.Errorf("%s:\n%s", name, body)
		}
	}
}

func TestALinkThatIsOverSaysSo(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]string{"inactive": "not active", "archived": "any more", "expired": "has expired", "completed": "used up", "revoked": "withdrawn", "odd": "Nothing can be done"} {
		p := sample()
		p.Status = status
		s := &stand{page: p}
		w := ask(t, s, "GET", here, "")
		msg, _ := by(w.Body.String(), "message")
		if _, pay := by(w.Body.String(), "pay"); w.Code != 200 || !strings.Contains(msg, want) || pay {
			t.Errorf("%s: %d %q, pay %v", status, w.Code, msg, pay)
		}
		if w := ask(t, s, "POST", here, "action=pay&email=a@b.c"); w.Code != 409 || len(s.acts) != 0 {
			t.Errorf("%s: paid with %d", status, w.Code)
		}
		s.page.Message = "Come back in June"
		if msg, _ := by(ask(t, s, "GET", here, "").Body.String(), "message"); msg != "Come back in June" {
			t.Errorf("%s says %q", status, msg)
		}
	}
	p := sample()
	p.Status = "completed"
	s := &stand{page: sample(), result: Result{Heading: "Payment complete", Message: "Thank you!", Page: p}}
	body := ask(t, s, "POST", here, "action=pay&email=a@b.c").Body.String()
	if msg, _ := by(body, "message"); msg != "Payment completeThank you!" {
		t.Errorf("done says %q", msg)
	}
	s.result.Page = sample()
	if _, pay := by(ask(t, s, "POST", here, "action=pay&email=a@b.c").Body.String(), "pay"); pay {
		t.Error("what is done can be done again by accident")
	}
}

func TestEveryRequestEndsInAPage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, path, form string
		err                error
		want               int
	}{
		"unknown":        {"GET", here, "", ErrNotFound, 404},
		"unknown, paid":  {"POST", here, "action=pay", ErrNotFound, 404},
		"broken":         {"GET", here, "", errors.New("a secret of the store"), 500},
		"no link":        {"GET", "/__pay/acme", "", nil, 404},
		"an empty link":  {"GET", "/__pay/acme/", "", nil, 404},
		"no dialect":     {"GET", "/__pay//x", "", nil, 404},
		"elsewhere":      {"GET", "/else/x", "", nil, 404},
		"a NUL":          {"GET", "/__pay/acme/a%00b", "", nil, 404},
		"no text":        {"GET", "/__pay/acme/%ff", "", nil, 404},
		"a long name":    {"GET", "/__pay/acme/" + strings.Repeat("x", 1001), "", nil, 404},
		"an escape":      {"GET", "/__pay/acme/a%2Fb%20c", "", nil, 200},
		"a slash behind": {"GET", here + "/", "", nil, 200},
		"head":           {"HEAD", here, "", nil, 200},
		"put":            {"PUT", here, "", nil, 405},
		"too large":      {"POST", here, "action=pay&email=" + strings.Repeat("x", maxForm), nil, 413},
		"too many":       {"POST", here, "action=pay" + strings.Repeat("&a=1", 400), nil, 400},
		"a bad escape":   {"POST", here, "action=%zz", nil, 400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := &stand{page: sample(), err: c.err}
			w := ask(t, s, c.method, c.path, c.form)
			if w.Code != c.want || len(s.acts) != 0 {
				t.Errorf("%d, want %d", w.Code, c.want)
			}
			body := w.Body.String()
			if c.method == "HEAD" {
				if body != "" {
					t.Error("a HEAD has a body")
				}
				return
			}
			if strings.Count(body, "<h1") != 1 || !strings.Contains(body, "mock-notice") || strings.Contains(body, "secret") || w.Header().Get("Content-Security-Policy") == "" {
				t.Errorf("\n%s", body)
			}
		})
	}
}

func TestTheSessionComesFromTheFormOrTheAddress(t *testing.T) {
	t.Parallel()
	s := &stand{page: sample(), result: Result{Page: sample()}}
	ask(t, s, "GET", here+"?session=cs_a", "")
	ask(t, s, "POST", here+"?session=cs_a", "action=cancel&session=cs_b")
	ask(t, s, "POST", here+"?session=cs_a", "action=cancel")
	var got []string
	for _, v := range s.visits {
		got = append(got, v.Session)
	}
	if diff := cmp.Diff([]string{"cs_a", "cs_b", "cs_a"}, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := Path("acme", "a/b c?"); got != "/__pay/acme/a%2Fb%20c%3F" {
		t.Errorf("Path = %s", got)
	}
}

func TestPagesSayWhatTheyAreFor(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		page                Page
		title, button, mode string
	}{
		"nothing said": {Page{Status: "active"}, "Payment link", "Pay", "Test"},
		"set-up":       {Page{Status: "active", Setup: true, Live: true, Submit: "book"}, "Set-up link", "Finish set-up", "Live"},
		"a donation":   {Page{Status: "active", Submit: "donate", Total: Money{"500", "JPY", 0}}, "Payment link", "Donate ¥500 JPY", "Test"},
		"auto":         {Page{Status: "active", Submit: "auto", Title: "T"}, "T", "Pay", "Test"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			body := ask(t, &stand{page: c.page}, "GET", here, "").Body.String()
			for id, want := range map[string]string{"link-title": c.title, "pay": c.button, "mode": c.mode} {
				if got, _ := by(body, id); got != want {
					t.Errorf("%s is %q, want %q", id, got, want)
				}
			}
			if !strings.Contains(body, `<option value="declined">Declined</option>`) {
				t.Error("no failure can be chosen")
			}
			if _, ok := by(body, "expires"); ok {
				t.Error("it expires")
			}
		})
	}
}

func TestMoneyIsReadable(t *testing.T) {
	t.Parallel()
	for want, m := range map[string]Money{
		"":                  {},
		"$0.05 USD":         {"5", "usd", 2},
		"$1,234,567.89 USD": {"123456789", "USD", 2},
		"-€12.00 EUR":       {"-1200", "EUR", 2},
		"¥1,000 JPY":        {"1000", "JPY", 0},
		"29.99 USDC":        {"29990000", "usdc", 6},
		"0.000001 USDC":     {"1", "usdc", 6},
		"3.00 USDC":         {"3000000", "usdc", 6},
		"12.345 KWD":        {"12345", "KWD", 3},
		"₹500.00 INR":       {"50000", "INR", 2},
		"7":                 {"7", "", 0},
	} {
		if got := m.String(); got != want {
			t.Errorf("%+v is %q, want %q", m, got, want)
		}
	}
}

func TestTargetsKeepTheirQuery(t *testing.T) {
	t.Parallel()
	fill := map[string]string{"{CHECKOUT_SESSION_ID}": "cs_1 &"}
	add := []Param{{"session_id", "cs 1"}, {"status", "success"}}
	for in, want := range map[string]string{
		"https://a.example/ok":                       "https://a.example/ok?session_id=cs+1&status=success",
		"https://a.example":                          "https://a.example?session_id=cs+1&status=success",
		"https://a.example/?b=%zz&a=1;2":             "https://a.example/?b=%zz&a=1;2&session_id=cs+1&status=success",
		"https://a.example/?":                        "https://a.example/?session_id=cs+1&status=success",
		"https://a.example/?a&":                      "https://a.example/?a&session_id=cs+1&status=success",
		"https://a.example/#top?x":                   "https://a.example/?session_id=cs+1&status=success#top?x",
		"https://a.example/?i={CHECKOUT_SESSION_ID}": "https://a.example/?i=cs_1+%26&session_id=cs+1&status=success",
	} {
		if got := Target(in, fill, add...); got != want {
			t.Errorf("%s leads to %s, want %s", in, got, want)
		}
	}
	if got := Target("https://a.example/?x#", nil); got != "https://a.example/?x#" {
		t.Errorf("an address without anything to add became %s", got)
	}
}
