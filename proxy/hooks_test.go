package proxy_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/signing"
	"github.com/polylink-dev/polylink/store"
)

// TestAnUpstreamsWebhookBecomesOurEvent once, and with a right signature only.
func TestAnUpstreamsWebhookBecomesOurEvent(t *testing.T) {
	t.Parallel()
	p := newPair(t, "leanrails", "devdraft", http.NotFoundHandler())
	p.up.WebhookSecret = "hush-hush-hush-hush-hush-hush-hush"
	set, _ := shipped(t)
	send := func(secret, body string) int {
		out, err := set.Dialect("devdraft").Webhooks.Style.Request(signing.Message{ID: "evt_1", Event: "payment_link.created", Secrets: []string{secret}, Body: []byte(body), Time: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/__hooks/leanrails", strings.NewReader(body))
		for name, values := range out.Header {
			r.Header[name] = values
		}
		w := httptest.NewRecorder()
		p.front.ServeHTTP(w, r)
		return w.Code
	}
	body := `{"id":"evt_1","type":"payment_link.created","created_at":"2026-01-02T03:04:05Z","data":{"id":"550e8400-e29b-41d4-a716-446655440000","title":"Gold","status":"ACTIVE"}}`
	if got := send("another-another-another-another-an", body); got != 401 {
		t.Errorf("with another secret it is %d", got)
	}
	if got := send(p.up.WebhookSecret, `{"type":"nothing.known"}`); got != 400 {
		t.Errorf("what is no event is %d", got)
	}
	for range 2 {
		if got := send(p.up.WebhookSecret, body); got != 200 {
			t.Errorf("it is %d", got)
		}
	}
	db, err := p.front.Sandbox("default")
	if err != nil {
		t.Fatal(err)
	}
	rows := db.Read(t.Context()).Scan(record.Events.Kind, record.Events.Kind, store.Page{})
	if len(rows) != 1 {
		t.Fatalf("there are %d events", len(rows))
	}
	e := ledger.ReadEvent(rows[0])
	if e.Dialect != "leanrails" || e.Name != "checkout_link.created" || gjson.Get(e.Body, "data.object.title").String() != "Gold" || !strings.HasPrefix(gjson.Get(e.Body, "data.object.id").String(), "cl_") {
		t.Errorf("it tells %s %s", e.Name, e.Body)
	}
}

// TestWhatIsToldBelongsToWhoMadeTheLink, and else to the main account.
func TestWhatIsToldBelongsToWhoMadeTheLink(t *testing.T) {
	t.Parallel()
	p := newPair(t, "leanrails", "devdraft", nil)
	p.up.WebhookSecret = "hush-hush-hush-hush-hush-hush-hush"
	set, _ := shipped(t)
	other := httptest.NewRequestWithContext(t.Context(), "POST", "/", nil)
	other.SetBasicAuth("sk_test_other", "")
	made := wants(t, p.ask(t, "POST", "/v1/checkout_links", programs["leanrails"].create["devdraft"], "Idempotency-Key: one", "Authorization: "+other.Header.Get("Authorization")), 200)
	db, err := p.front.Sandbox("default")
	if err != nil {
		t.Fatal(err)
	}
	alias := db.Read(t.Context()).Get(record.Aliases.Kind, store.RowKey("leanrails", made.Get("id").String()))
	theirs := strings.TrimPrefix(alias.Record.Text(record.Aliases.MustSlot("record")), "devdraft/")
	for id, account := range map[string]string{theirs: "mer_other", "550e8400-e29b-41d4-a716-446655440000": "mer_main"} {
		body := `{"id":"evt_` + id + `","type":"payment_link.created","created_at":"2026-01-02T03:04:05Z","data":{"id":"` + id + `","title":"Gold","status":"ACTIVE"}}`
		out, err := set.Dialect("devdraft").Webhooks.Style.Request(signing.Message{ID: "evt_" + id, Event: "payment_link.created", Secrets: []string{p.up.WebhookSecret}, Body: []byte(body), Time: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/__hooks/leanrails", strings.NewReader(body))
		r.Header = out.Header
		w := httptest.NewRecorder()
		if p.front.ServeHTTP(w, r); w.Code != 200 {
			t.Fatalf("it is %d: %s", w.Code, w.Body)
		}
		e := ledger.ReadEvent(db.Read(t.Context()).Scan(record.Events.Kind, record.Events.Kind, store.Page{Limit: 1})[0])
		if e.Account != account || gjson.Get(e.Body, "data.object.url").Type != gjson.Null {
			t.Errorf("the event of %s is %q's, want %s: %s", id, e.Account, account, e.Body)
		}
	}
}

// TestACompletedSessionIsAPaidLink for a client whose dialect tells of links
// alone.
func TestACompletedSessionIsAPaidLink(t *testing.T) {
	t.Parallel()
	p := newPair(t, "devdraft", "leanrails", nil)
	p.up.WebhookSecret = "whsec_hush"
	set, _ := shipped(t)
	body := `{"id":"evt_1","object":"event","type":"checkout.session.completed","created":1,"livemode":false,"data":{"object":{"id":"cs_aaaaaaaaaaaa","object":"checkout.session","checkout_link":"cl_4de6fg8hi0jk","status":"complete","payment_status":"paid","amount_total":19900,"currency":"usd"}}}`
	out, err := set.Dialect("leanrails").Webhooks.Style.Request(signing.Message{ID: "evt_1", Event: "checkout.session.completed", Secrets: []string{"whsec_hush"}, Body: []byte(body), Time: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		r := httptest.NewRequestWithContext(t.Context(), "POST", "/__hooks/devdraft", strings.NewReader(body))
		r.Header = out.Header
		w := httptest.NewRecorder()
		if p.front.ServeHTTP(w, r); w.Code != 200 {
			t.Fatalf("it is %d: %s", w.Code, w.Body)
		}
	}
	db, err := p.front.Sandbox("default")
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]int{}
	for _, row := range db.Read(t.Context()).Scan(record.Events.Kind, record.Events.Kind, store.Page{}) {
		e := ledger.ReadEvent(row)
		names[e.Name]++
		if id, title := gjson.Get(e.Body, "data.id").String(), gjson.Get(e.Body, "data.title").String(); !set.Dialect("devdraft").ResourceFor("link").IDs.Match(id) || title != "Premium Headphones" {
			t.Errorf("it tells %s", e.Body)
		}
	}
	if names["payment_link.paid"] != 1 || names["payment.completed"] != 1 || len(names) != 2 {
		t.Errorf("it tells %v", names)
	}
}

// TestAPaidLinkIsACompletedSession for a client whose dialect tells of sessions.
func TestAPaidLinkIsACompletedSession(t *testing.T) {
	t.Parallel()
	p := newPair(t, "stripe", "devdraft", http.NotFoundHandler())
	p.up.WebhookSecret = "hush-hush-hush-hush-hush-hush-hush"
	set, _ := shipped(t)
	body := `{"id":"evt_1","type":"payment_link.paid","created_at":"2026-01-02T03:04:05Z","data":{"id":"550e8400-e29b-41d4-a716-446655440000","title":"Gold","status":"ACTIVE","amount":5,"currency":"usdc"}}`
	out, err := set.Dialect("devdraft").Webhooks.Style.Request(signing.Message{ID: "evt_1", Event: "payment_link.paid", Secrets: []string{p.up.WebhookSecret}, Body: []byte(body), Time: time.Now()})
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequestWithContext(t.Context(), "POST", "/__hooks/stripe", strings.NewReader(body))
	r.Header = out.Header
	w := httptest.NewRecorder()
	if p.front.ServeHTTP(w, r); w.Code != 200 {
		t.Fatalf("it is %d: %s", w.Code, w.Body)
	}
	db, err := p.front.Sandbox("default")
	if err != nil {
		t.Fatal(err)
	}
	rows := db.Read(t.Context()).Scan(record.Events.Kind, record.Events.Kind, store.Page{})
	if len(rows) != 1 {
		t.Fatalf("there are %d events", len(rows))
	}
	e := ledger.ReadEvent(rows[0])
	said := gjson.Get(e.Body, "data.object")
	if e.Name != "checkout.session.completed" || said.Get("payment_status").String() != "paid" || said.Get("amount_total").Int() != 5_000_000 || !strings.HasPrefix(said.Get("payment_link").String(), "plink_") {
		t.Errorf("it tells %s %s", e.Name, e.Body)
	}
}
