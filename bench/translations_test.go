package bench

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/backend/mock"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/proxy"
	"github.com/polylink-dev/polylink/routes"
)

// translating serves priceblocs by an upstream that speaks devdraft.
func translating(tb testing.TB, at string) *routes.Server {
	tb.Helper()
	set, fix := shipped(tb)
	c, err := upstream.New(upstream.Options{URL: at, Timeout: time.Minute})
	if err != nil {
		tb.Fatal(err)
	}
	up := proxy.NewUpstream("devdraft", c, 0)
	up.Credentials = client.Credentials{"client_key": "k", "client_secret": "s"}
	srv, err := routes.New(routes.Options{Engine: mockstore.Make, Set: set, Fixtures: fix, Backend: func(d *dialect.Dialect, own backend.Backend) backend.Backend {
		if d.Name != "priceblocs" {
			return own
		}
		return &proxy.Backend{From: d, To: set.Dialect("devdraft"), Upstream: up, Ledger: own.(*mock.Backend).Ledger, Own: own}
	}})
	if err != nil {
		tb.Fatal(err)
	}
	return srv
}

// draft is a link as the upstream shows it.
const draft = `{"id":"550e8400-e29b-41d4-a716-446655440000","title":"Premium Subscription","description":"Monthly access to all premium features","url":"premium-subscription","linkType":"PRODUCT","status":"ACTIVE","amount":"29.99","currency":"usdc","recurringType":"MONTHLY","walletId":null,"appId":"app_1","createdAt":"2024-01-15T10:30:00Z","expiration_date":null,"coverImage":null,"paymentForId":"sub_premium_2024","customerId":null,"taxId":null,"allowQuantityAdjustment":true,"collectTax":false,"collectAddress":true,"requirePhoneNumber":true,"limitPayments":false,"maxPayments":null,"allowBusinessTaxId":false,"allowMobilePayment":true,"allowCryptoPayment":false,"confirmationPage":"SHOW","createInvoicePdf":true,"isForAllProduct":false,"customFields":null}`

// BenchmarkTranslation sends the same exchange through the proxy and through a
// bare httputil.ReverseProxy to the same upstream, by turns, as BenchmarkPassthrough
// does; x_reverseproxy is the ratio of the times, x_upstream that to the upstream
// alone.
func BenchmarkTranslation(b *testing.B) {
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		if r.Method == http.MethodPost {
			w.WriteHeader(http.StatusCreated)
		}
		_, _ = io.WriteString(w, draft)
	}))
	defer there.Close()
	target, err := url.Parse(there.URL)
	if err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: &http.Transport{MaxIdleConnsPerHost: 64}})
	defer bare.Close()
	for name, q := range map[string]struct{ method, path, body, ours, says string }{
		"get":    {"GET", "/api/v0/payment-links/550e8400-e29b-41d4-a716-446655440000", "", "/priceblocs/v1/payment-links/550e8400-e29b-41d4-a716-446655440000", ""},
		"create": {"POST", "/api/v0/payment-links", `{"title":"Premium Subscription","url":"premium","linkType":"PRODUCT"}`, "/priceblocs/v1/payment-links", `{"title":"Premium Subscription","line_items":[{"price":"p_A_1"}]}`},
	} {
		b.Run(name, func(b *testing.B) {
			ours := httptest.NewServer(translating(b, there.URL))
			defer ours.Close()
			c := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
			send := func(at, body string) time.Duration {
				r, err := http.NewRequest(q.method, at, strings.NewReader(body))
				if err != nil {
					b.Fatal(err)
				}
				r.Header.Set("Content-Type", "application/json")
				r.Header.Set("Authorization", "Bearer PB_sk_test_main")
				begun := time.Now()
				resp, err := c.Do(r)
				if err != nil {
					b.Fatal(err)
				}
				n, _ := io.Copy(io.Discard, resp.Body)
				if _ = resp.Body.Close(); resp.StatusCode >= 300 || n < 500 {
					b.Fatalf("the status is %d, and %d bytes came", resp.StatusCode, n)
				}
				return time.Since(begun)
			}
			var through, around, alone time.Duration
			for range 200 { // connections are open then
				send(there.URL+q.path, q.body)
				send(bare.URL+q.path, q.body)
				send(ours.URL+q.ours, q.says)
			}
			for b.Loop() {
				alone += send(there.URL+q.path, q.body)
				around += send(bare.URL+q.path, q.body)
				through += send(ours.URL+q.ours, q.says)
			}
			b.ReportMetric(float64(through)/float64(around), "x_reverseproxy")
			b.ReportMetric(float64(through)/float64(alone), "x_upstream")
			b.ReportMetric(float64(through.Nanoseconds())/float64(b.N), "ns/translation")
		})
	}
}

// TestSlowTranslatedCallsTakeLittleMemory holds a thousand calls open whose
// upstream does not answer, and looks at what they take.
func TestSlowTranslatedCallsTakeLittleMemory(t *testing.T) {
	const calls, most = 1000, 100_000
	there, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = there.Close() }()
	came := make(chan net.Conn, calls)
	go func() {
		for {
			c, err := there.Accept()
			if err != nil {
				return
			}
			came <- c
		}
	}()
	front := httptest.NewServer(translating(t, "http://"+there.Addr().String()))
	defer front.Close()
	before := inUse()
	body := `{"title":"Premium Subscription","line_items":[{"price":"p_A_1"}]}`
	for range calls {
		c, err := net.Dial("tcp", front.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		fmt.Fprintf(c, "POST /priceblocs/v1/payment-links HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer PB_sk_test_main\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	}
	for range calls {
		select {
		case c := <-came:
			defer func() { _ = c.Close() }()
		case <-time.After(time.Minute):
			t.Fatal("a call does not arrive")
		}
	}
	each := (inUse() - before) / calls
	t.Logf("%d bytes each", each)
	if each > most {
		t.Errorf("a call that waits takes %d bytes, want at most %d", each, most)
	}
}
