package polylinktest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/polylink-dev/polylink/polylinktest"
)

func TestSharedIsOneServerForTheSameOptions(t *testing.T) {
	t.Parallel()
	s := polylinktest.Shared(t)
	none := fstest.MapFS{}
	for name, c := range map[string]struct {
		opts []polylinktest.Option
		same bool
	}{
		"nothing":    {nil, true},
		"no limits":  {[]polylinktest.Option{polylinktest.WithoutLimits()}, false},
		"a journal":  {[]polylinktest.Option{polylinktest.WithJournal(7)}, false},
		"no log":     {[]polylinktest.Option{polylinktest.WithLog(nil)}, true},
		"more scene": {[]polylinktest.Option{polylinktest.WithScenarios(none)}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := polylinktest.Shared(t, c.opts...), polylinktest.Shared(t, c.opts...)
			if a.URL != b.URL || (a.URL == s.URL) != c.same {
				t.Errorf("%s, %s and %s", s.URL, a.URL, b.URL)
			}
			w := a.World(t)
			generatePaymentLink(w.Dialect("katu9"))
			w.Verify(1, polylinktest.Filter{Status: 201})
		})
	}
	fake := &standIn{}
	defer fake.end()
	defer func() {
		if got, _ := recover().(string); !strings.Contains(got, "takes no WithTime") {
			t.Errorf("a shared server with a time of its own says %q", got)
		}
	}()
	polylinktest.Shared(fake, polylinktest.WithTime(func() time.Time { return time.Unix(0, 0) }))
}

// get asks through a client and returns status and body.
func get(t *testing.T, c *http.Client, method, url, body string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer sk_test_any")
	req.Header.Set("X-Client-Key", "your_client_key")
	req.Header.Set("X-Client-Secret", "your_client_secret")
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if strings.HasPrefix(body, "{") {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	if resp.Request.URL.String() != url {
		t.Errorf("the answer to %s says it is to %s", url, resp.Request.URL)
	}
	return resp.StatusCode, string(data)
}

func TestEveryRequestOfAWorldsClientIsInTheWorld(t *testing.T) {
	t.Parallel()
	s := polylinktest.Shared(t)
	w, other := s.World(t), s.World(t)
	c := w.HTTPClient()
	for n, url := range []string{
		"https://api.stripe.com/v1/products", "http://api.stripe.com/v1/products", "https://API.stripe.com:443//v1/products", "http://stripe.localhost:1/v1/products",
		w.Dialect("stripe") + "/v1/products", s.Dialect("stripe") + "/v1/products", "http://anything.example/stripe/v1/products", "https://anything.example/v1/payment_links/plink_none",
	} {
		want := map[bool]int{true: 400, false: 200}[strings.HasSuffix(url, "none")] // the bare path of one dialect alone
		if status, body := get(t, c, "POST", url, "name=Mug"); status != want {
			t.Errorf("%s answers %d %s", url, status, body)
		}
		w.Verify(n+1, polylinktest.Filter{Dialect: "stripe"})
	}
	other.Verify(0, polylinktest.Filter{})
	if status, _ := get(t, c, "GET", other.Dialect("stripe")+"/v1/products", ""); status != 200 {
		t.Errorf("a URL of another world answers %d", status)
	}
	other.Verify(1, polylinktest.Filter{})

	// Addresses in answers have the scheme that was asked with, and lead back.
	const link = "line_items[0][price]=price_0PolylinkShirtOneTime00&line_items[0][quantity]=1"
	for url, want := range map[string]string{"https://api.stripe.com/v1/payment_links": "https://api.stripe.com/", "https://pay.example/stripe/v1/payment_links": s.URL + "/"} {
		_, body := get(t, c, "POST", url, link)
		var made struct{ ID, URL string }
		if err := json.Unmarshal([]byte(body), &made); err != nil || !strings.HasPrefix(made.URL, want) {
			t.Fatalf("the link's page is at %q, want %s…: %v", made.URL, want, err)
		}
		if status, page := get(t, c, "GET", made.URL, ""); status != 200 || !strings.Contains(page, "mock") {
			t.Errorf("%s answers %d %s", made.URL, status, page)
		}
		if l := w.Link("stripe", made.ID); l.Status != "active" || l.Items[0].UnitAmount == "" || l.Items[0].Quantity != "1" {
			t.Errorf("the link is %+v", l)
		}
	}
}

func TestAListenerOfAWorldIsTheDialectsAlone(t *testing.T) {
	t.Parallel()
	w := polylinktest.Shared(t).World(t)
	var at string
	t.Run("until its test ends", func(t *testing.T) {
		f := w.Fork(t)
		host, port := f.Listen("devdraft")
		at = net.JoinHostPort(host, strconv.Itoa(port))
		if status, body := get(t, http.DefaultClient, "GET", "http://"+at+"/api/v0/payment-links", ""); status != 200 || !strings.Contains(body, "Premium Subscription") {
			t.Errorf("%d %s", status, body)
		}
		f.Verify(1, polylinktest.Filter{Dialect: "devdraft", Operation: "link.list"})
	})
	if _, err := net.DialTimeout("tcp", at, time.Second); err == nil {
		t.Errorf("%s is still open", at)
	}
	w.Verify(0, polylinktest.Filter{})
}

// TestEveryLinkOfTheFixturesHasItsType reads all of them, and changes one.
func TestEveryLinkOfTheFixturesHasItsType(t *testing.T) {
	t.Parallel()
	w := polylinktest.Shared(t).World(t)
	links := w.Links()
	if len(links) < 20 {
		t.Fatalf("%d links", len(links))
	}
	for _, l := range links {
		if l.ID == "" || l.Dialect == "" || l.Kind == "" || l.Status == "" || l.Version < 1 || l.Created.IsZero() || l.URL == "" || !json.Valid(l.Document) {
			t.Errorf("a link without what all have: %+v", l)
		}
	}
	const id = "550e8400-e29b-41d4-a716-446655440000"
	l := w.Link("devdraft", id)
	if l.Title != "Premium Subscription" || l.Amount != "29990000" || l.Currency != "USDC" || l.Status != "active" {
		t.Errorf("%+v", l)
	}
	if paid := w.Complete("devdraft", id); paid.Completion.Count != l.Completion.Count+1 || paid.Version <= l.Version {
		t.Errorf("paid it is %s", paid.Document)
	}
}

func TestFaultsHappenToTheCallsThatTheyName(t *testing.T) {
	t.Parallel()
	w := polylinktest.Shared(t).World(t)
	c, url := w.HTTPClient(), "https://api.devdraft.com/api/v0/payment-links/550e8400-e29b-41d4-a716-446655440000"
	w.Inject(polylinktest.Fault{Status: 503, Times: 9, After: 1, Body: map[string]any{"title": "Tea", "amount": 12.5}, Header: map[string]string{"x-client-key": "your_client_key"}})
	for _, step := range []struct {
		body string
		want int
	}{{`{"title":"Tea","amount":12.5}`, 200}, {`{"title":"Coffee","amount":12.5}`, 200}, {`{"title":"Tea","amount":12.5}`, 503}} {
		if status, body := get(t, c, "PUT", url, step.body); status != step.want {
			t.Errorf("%s: %d %s, want %d", step.body, status, body, step.want)
		}
	}
	if f := w.Faults()[0]; f.Passed != 1 || f.Hits != 1 || f.After != 1 || f.Body["title"] != "Tea" {
		t.Errorf("the fault is %+v", f)
	}
}

func TestEventuallyWaitsAndGivesUp(t *testing.T) {
	t.Parallel()
	var done atomic.Bool
	go done.Store(true)
	polylinktest.Eventually(t, 10*time.Second, done.Load)
	fake, asked := &standIn{}, 0
	defer fake.end()
	defer func() {
		if got, _ := recover().(string); !strings.Contains(got, "within 20ms") || asked < 2 {
			t.Errorf("after %d times it says %q", asked, got)
		}
	}()
	polylinktest.Eventually(fake, 20*time.Millisecond, func() bool { asked++; return false })
}

// A whole package uses one server: each test has a world of its own on it.
func ExampleShared() {
	t := &standIn{}
	defer t.end()

	w := polylinktest.Shared(t).World(t)
	answer, _ := generatePaymentLink(w.Dialect("katu9"))
	fmt.Println(answer.StatusCode, len(w.Links("dialect", "katu9", "status", "active")) > 0)
	// Output: 201 true
}

// A client that has its provider's address built in is led to the world.
func ExampleWorld_HTTPClient() {
	t := &standIn{}
	defer t.end()

	w := polylinktest.Shared(t).World(t)
	req, _ := http.NewRequest("GET", "https://api.katu9.com/balance", http.NoBody)
	req.Header.Set("Authorization", "Bearer tok_sandbox_main")
	resp, err := w.HTTPClient().Do(req)
	if err != nil {
		panic(err)
	}
	_ = resp.Body.Close()
	fmt.Println(resp.StatusCode, w.Count(polylinktest.Filter{Operation: "balance.get"}))
	// Output: 200 1
}

// A world on a shared server: what a test costs.
func BenchmarkWorld(b *testing.B) {
	s := polylinktest.Shared(b)
	for b.Loop() {
		b.StopTimer()
		t := &standIn{}
		b.StartTimer()
		s.World(t)
		t.end()
	}
}

// Another server in a process that has one.
func BenchmarkNew(b *testing.B) {
	polylinktest.Shared(b)
	for b.Loop() {
		t := &standIn{}
		polylinktest.New(t)
		t.end()
	}
}
