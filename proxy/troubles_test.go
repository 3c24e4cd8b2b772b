package proxy_test

import (
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

const createBlocs = `{"title":"Gold","line_items":[{"price":"p_A_1"}]}`

// TestTroublesOfTheUpstream are answered in the client's envelope, and name the
// upstream.
func TestTroublesOfTheUpstream(t *testing.T) {
	t.Parallel()
	says := func(status int, body string, lines ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for _, line := range lines {
				name, value, _ := strings.Cut(line, ": ")
				w.Header().Set(name, value)
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	for name, c := range map[string]struct {
		upstream http.HandlerFunc
		status   int
		why      string
	}{
		"our credential is refused": {says(401, `{"statusCode":401,"message":"Invalid client credentials","error":"Unauthorized"}`), 502, "refused the credential"},
		"somebody else's":           {says(401, `{"statusCode":401,"message":"Access denied to this payment link","error":"Unauthorized"}`), 404, "No such payment link"},
		"not there":                 {says(404, `{"statusCode":404,"message":"Payment link not found","error":"Not Found"}`), 404, "No such payment link"},
		"a page of a gateway":       {says(502, `<html>secret</html>`), 502, "answered 502"},
		"a page as a success":       {says(200, `<html>hello</html>`), 502, "does not document"},
		"a cut body":                {says(200, `{"id":"550e8400`), 502, "does not document"},
		"another record":            {says(200, `{"nothing":1}`), 502, "does not document"},
		"elsewhere":                 {says(302, "", "Location: http://127.0.0.1:1/"), 502, "no answer"},
		"a limit":                   {says(429, `{"statusCode":429,"message":"Rate limit exceeded","error":"x","retryAfter":7}`, "Retry-After: 7"), 429, "limit"},
		"a failure":                 {says(500, `{"statusCode":500,"message":"Internal server error","error":"Internal Server Error"}`), 500, "failed"},
		"too large":                 {says(200, strings.Repeat("x", 9<<20)), 502, "more than 8 MiB"},
		"late":                      {func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }, 504, "in time"},
		"cut off":                   {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, 502, "cannot be reached"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, "priceblocs", "devdraft", c.upstream)
			if name == "late" {
				p.up.Timeout = 50 * time.Millisecond
			}
			resp := p.ask(t, "GET", "/v1/payment-links/550e8400-e29b-41d4-a716-446655440000", "")
			got := wants(t, resp, c.status)
			if msg := got.Get("message").String(); !strings.Contains(msg, c.why) || c.status >= 500 && !strings.Contains(msg, "devdraft") {
				t.Errorf("it says %q, want %q", msg, c.why)
			}
			if s := got.String(); strings.Contains(s, "your_client") || strings.Contains(s, "<html>") {
				t.Errorf("it shows too much: %s", s)
			}
			if name == "a limit" && resp.Header.Get("Retry-After") != "7" {
				t.Errorf("Retry-After is %q", resp.Header.Get("Retry-After"))
			}
		})
	}
}

// TestALimitHoldsFurtherCallsBack without asking the upstream again.
func TestALimitHoldsFurtherCallsBack(t *testing.T) {
	t.Parallel()
	asked := atomic.Int64{}
	p := newPair(t, "priceblocs", "devdraft", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Retry-After", "60")
		w.WriteHeader(429)
	}))
	for range 3 {
		if resp := p.ask(t, "GET", "/v1/payment-links", ""); resp.StatusCode != 429 || resp.Header.Get("Retry-After") == "" {
			t.Errorf("the status is %d", resp.StatusCode)
		}
	}
	if n := asked.Load(); n != 1 {
		t.Errorf("the upstream was asked %d times", n)
	}
}

// TestLossesAreRefusedBeforeTheUpstreamIsCalled where the operator wants that.
func TestLossesAreRefusedBeforeTheUpstreamIsCalled(t *testing.T) {
	t.Parallel()
	asked := atomic.Int64{}
	p := newPair(t, "devdraft", "stripe", http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	p.up.Refuse = true
	got := wants(t, p.ask(t, "POST", "/api/v0/payment-links", `{"title":"Gold","url":"gold","linkType":"PRODUCT","amount":5,"coverImage":"https://x.test/a.png"}`), 400)
	if s := got.String(); !strings.Contains(s, "coverImage") || asked.Load() != 0 {
		t.Errorf("it says %s, and the upstream was asked %d times", s, asked.Load())
	}
}

// TestARefusedUpdateDoesNotAskForTheRecord, and what is defaulted alone is not
// refused.
func TestARefusedUpdateDoesNotAskForTheRecord(t *testing.T) {
	t.Parallel()
	asked := atomic.Int64{}
	p := newPair(t, "priceblocs", "devdraft", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.WriteHeader(201)
		_, _ = w.Write([]byte(`{"id":"550e8400-e29b-41d4-a716-446655440000","title":"Gold","status":"ACTIVE"}`))
	}))
	p.up.Refuse = true
	got := wants(t, p.ask(t, "PUT", "/v1/payment-links/550e8400-e29b-41d4-a716-446655440000", `{"title":"Gold","success_url":"https://shop.test"}`), 400)
	if got.Get("param").String() != "success_url" || asked.Load() != 0 {
		t.Errorf("it says %s, and the upstream was asked %d times", got, asked.Load())
	}
	q := newPair(t, "katu9", "devdraft", nil)
	q.up.Refuse = true
	if s := text(t, q.ask(t, "POST", "/payment-link/generate", `{"transactionId":"`+deposit+`","amount":5,"currency":"USDC"}`)); !strings.Contains(s, "transactionId") {
		t.Errorf("a transaction has no place there, and it says %s", s)
	}
	r := newPair(t, "stripe", "leanrails", nil)
	r.up.Refuse = true
	resp := r.ask(t, "POST", "/v1/payment_links", "line_items[0][price]=price_3fg6hj9km1np&line_items[0][quantity]=1")
	if wants(t, resp, 200); resp.Header.Get("Polylink-Loss") != `defaulted=("title")` {
		t.Errorf("it tells %q", resp.Header.Get("Polylink-Loss"))
	}
}

// TestACurrencyThatIsNotThere is refused by the client's name for it.
func TestACurrencyThatIsNotThere(t *testing.T) {
	t.Parallel()
	p := newPair(t, "priceblocs", "devdraft", nil)
	got := wants(t, p.ask(t, "POST", "/v1/payment-links", `{"title":"Gold","price_data":{"currency":"usd","unit_amount":500}}`), 400)
	if got.Get("param").String() != "currency" {
		t.Errorf("it says %s", got)
	}
	wants(t, p.ask(t, "DELETE", "/v1/payment-links/550e8400-e29b-41d4-a716-446655440000", ""), 400)
}

// TestTheUpstreamsRefusalNamesOurField in our words for the place.
func TestTheUpstreamsRefusalNamesOurField(t *testing.T) {
	t.Parallel()
	p := newPair(t, "priceblocs", "devdraft", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(400)
		_, _ = w.Write([]byte(`{"statusCode":400,"message":["Description cannot exceed 500 characters"],"error":"Bad Request"}`))
	}))
	got := wants(t, p.ask(t, "POST", "/v1/payment-links", createBlocs), 400)
	if got.Get("param").String() != "description" {
		t.Errorf("it says %s", got)
	}
}

// TestARetryAfterALostAnswerMakesNoSecondLink where the upstream knows no keys.
func TestARetryAfterALostAnswerMakesNoSecondLink(t *testing.T) {
	t.Parallel()
	created, found := atomic.Int64{}, atomic.Bool{}
	p := newPair(t, "leanrails", "priceblocs", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		link := `{"id":"550e8400-e29b-41d4-a716-446655440000","object":"payment_link","title":"Gold","status":"active"}`
		switch {
		case r.Method == "POST":
			created.Add(1)
			panic(http.ErrAbortHandler)
		case found.Load():
			_, _ = w.Write([]byte(`{"object":"list","url":"x","has_more":false,"data":[` + link + `]}`))
		default:
			_, _ = w.Write([]byte(`{"object":"list","url":"x","has_more":false,"data":[]}`))
		}
	}))
	create := `{"title":"Gold","line_items":[{"price":"p_A_1"}]}`
	key := "Idempotency-Key: one"
	wants(t, p.ask(t, "POST", "/v1/checkout_links", create, key), 502)
	wants(t, p.ask(t, "POST", "/v1/checkout_links", create, key), 409)
	found.Store(true)
	if got := wants(t, p.ask(t, "POST", "/v1/checkout_links", create, key), 200); got.Get("title").String() != "Gold" {
		t.Errorf("it is %s", got)
	}
	wants(t, p.ask(t, "POST", "/v1/checkout_links", create, key), 200)
	if n := created.Load(); n != 1 {
		t.Errorf("it was made %d times", n)
	}
}

// TestKeysAreTheUpstreams where it takes some.
func TestKeysAreTheUpstreams(t *testing.T) {
	t.Parallel()
	keys := make(chan string, 4)
	p := newPair(t, "leanrails", "devdraft", http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		keys <- r.Header.Get("Idempotency-Key")
		for name := range r.Header {
			if v := r.Header.Get(name); strings.Contains(v, "sk_test") {
				t.Errorf("the client's credential went to the upstream: %s", v)
			}
		}
		w.WriteHeader(201)
		_, _ = w.Write([]byte(`{"id":"550e8400-e29b-41d4-a716-446655440000","title":"Gold","status":"ACTIVE"}`))
	}))
	resp := p.ask(t, "POST", "/v1/checkout_links", `{"title":"Gold","line_items":[{"price":"p_A_1"}]}`, "Idempotency-Key: mine")
	got := wants(t, resp, 200)
	if key := <-keys; key != "mine" {
		t.Errorf("the key is %q", key)
	}
	db, err := p.front.Sandbox("default")
	if err != nil {
		t.Fatal(err)
	}
	id := got.Get("id").String()
	if row := db.Read(t.Context()).Get(record.Aliases.Kind, store.RowKey("leanrails", id)); row == nil {
		t.Errorf("%s is not remembered", id)
	}
	for name, values := range resp.Header {
		if strings.Contains(strings.Join(values, ""), "client_key") {
			t.Errorf("%s shows the operator's credential", name)
		}
	}
}

// TestARefusalNamesTheMemberOfAnItem as the client writes it, with its value.
func TestARefusalNamesTheMemberOfAnItem(t *testing.T) {
	t.Parallel()
	p := newPair(t, "stripe", "leanrails", nil)
	got := wants(t, p.ask(t, "POST", "/v1/payment_links", "line_items[0][price]=price_3fg6hj9km1np&line_items[0][quantity]=1&line_items[1][price]=nope&line_items[1][quantity]=1"), 400)
	if param, msg := got.Get("error.param").String(), got.Get("error.message").String(); param != "line_items[1][price]" || !strings.Contains(msg, "'nope'") {
		t.Errorf("it names %s: %s", param, msg)
	}
	got = wants(t, newPair(t, "priceblocs", "stripe", nil).ask(t, "POST", "/v1/payment-links", createBlocs), 400)
	if param := got.Get("param").String(); param != "line_items.0.price" || !strings.Contains(got.Get("message").String(), "No such price: 'p_A_1'") {
		t.Errorf("it says %s", got)
	}
}

// TestWhatTheUpstreamDemandsIsNamedByItsSource in the client's words.
func TestWhatTheUpstreamDemandsIsNamedByItsSource(t *testing.T) {
	t.Parallel()
	p := newPair(t, "priceblocs", "katu9", nil)
	for rest, why := range map[string]string{
		``:                           "is required by katu9 as its transactionId",
		`,"client_reference_id":"r"`: "must be a uuid, says katu9",
	} {
		got := wants(t, p.ask(t, "POST", "/v1/payment-links", `{"price_data":{"currency":"inr","unit_amount":500}`+rest+`}`), 400)
		if got.Get("param").String() != "client_reference_id" || !strings.Contains(got.Get("message").String(), why) {
			t.Errorf("%s: it says %s", rest, got)
		}
	}
}
