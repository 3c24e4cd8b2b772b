package polylinktest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/polylinktest"
)

// send makes one request and returns status and body.
func send(t *testing.T, method, url, body string, headers ...string) (int, string) {
	t.Helper()
	req, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	data, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(data)
}

const (
	generate    = "/payment-link/generate"
	transaction = `{"transactionId":"75906707-8c31-479c-b354-aa805c4cefbc"}`
)

func TestWorldsDoNotSeeEachOther(t *testing.T) {
	t.Parallel()
	s := polylinktest.New(t)
	for range 20 {
		t.Run("world", func(t *testing.T) {
			t.Parallel()
			w := s.World(t)
			// In one world the second of these is refused; each world has its own.
			if status, body := send(t, "POST", w.Dialect("katu9")+generate, transaction, "Authorization", "Bearer t"); status != 201 {
				t.Fatalf("%d %s", status, body)
			}
			if got := len(w.Requests()); got != 1 {
				t.Errorf("the journal has %d entries, want 1", got)
			}
		})
	}
}

func TestTimeIsTheTestsToMove(t *testing.T) {
	t.Parallel()
	w := polylinktest.New(t).World(t)
	w.Freeze(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC))
	url := w.Dialect("katu9") + generate
	if status, body := send(t, "POST", url, transaction, "Authorization", "Bearer t"); status != 201 || !strings.Contains(body, `"expiresAt":"2030-01-02T04:04:05Z"`) {
		t.Fatalf("%d %s", status, body)
	}
	if status, _ := send(t, "POST", url, transaction, "Authorization", "Bearer t"); status != 409 {
		t.Fatalf("a second link is answered with %d, want 409", status)
	}
	var expired []string
	for _, e := range w.Advance(time.Hour) {
		if e.Kind == "link.expired" && e.Dialect == "katu9" {
			expired = append(expired, e.ID)
		}
	}
	if len(expired) == 0 {
		t.Error("nothing of the dialect expired in an hour")
	}
	if status, body := send(t, "POST", url, transaction, "Authorization", "Bearer t"); status != 201 {
		t.Fatalf("after the first one has expired: %d %s", status, body)
	}
}

func TestFaultsAreBoundedAndInTheDialectsEnvelope(t *testing.T) {
	t.Parallel()
	w := polylinktest.New(t).World(t)
	w.Inject(polylinktest.Fault{Dialect: "katu9", Operation: "link.create", Status: 503, Times: 2})
	for i, want := range []int{503, 503, 201} {
		status, body := send(t, "POST", w.Dialect("katu9")+generate, transaction, "Authorization", "Bearer t")
		if status != want {
			t.Fatalf("call %d: %d %s, want %d", i+1, status, body, want)
		}
		if want == 503 && !strings.HasPrefix(body, `{"error":{"message":`) {
			t.Errorf("the envelope is not the dialect's: %s", body)
		}
	}
}

func TestASnapshotRestoresTheSameAnswers(t *testing.T) {
	t.Parallel()
	w := polylinktest.New(t).World(t)
	w.Freeze(time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC))
	url := w.Dialect("leanrails") + "/v1/checkout_links"
	read := func() string {
		_, body := send(t, "GET", url, "", "Authorization", "Basic c2tfdGVzdF9tYWluOg==")
		return body
	}
	if status, body := send(t, "POST", url, `{"title":"A","line_items":[{"price":"price_3fg6hj9km1np","quantity":2}],"metadata":{"n":"1"}}`,
		"Authorization", "Basic c2tfdGVzdF9tYWluOg==", "Idempotency-Key", "k1"); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	before := read()
	snap := w.Snapshot()
	w.Reset()
	if read() == before {
		t.Fatal("the reset changed nothing")
	}
	w.Restore(snap)
	if got := read(); got != before {
		t.Errorf("after the restore:\n%s\nwant\n%s", got, before)
	}
}

func TestTheControlClientDoesWhatItSays(t *testing.T) {
	t.Parallel()
	s := polylinktest.New(t, polylinktest.WithoutLimits(), polylinktest.WithJournal(5))
	w := s.World(t)
	url := w.Dialect("katu9") + generate
	f := w.Inject(polylinktest.Fault{Dialect: "katu9", Code: "internal", Times: 2})
	send(t, "POST", url, transaction, "Authorization", "Bearer t")
	if list := w.Faults(); len(list) != 1 || list[0].ID != f.ID || list[0].Hits != 1 || list[0].Times != 2 {
		t.Errorf("the faults are %+v", list)
	}
	w.ClearFaults()
	if status, body := send(t, "POST", s.Dialect("katu9")+generate, transaction, "Authorization", "Bearer "+w.Key("t")); status != 201 {
		t.Fatalf("through the key: %d %s", status, body)
	}
	if n := w.Count(polylinktest.Filter{Operation: "link.create"}); n != 2 {
		t.Errorf("%d requests, want both", n)
	}
	w.ClearRequests()
	w.Verify(0, polylinktest.Filter{})
	const id = "497f6eca-6276-4993-bfeb-53cbbbba6f08"
	w.Fail("katu9", id)
	w.Cancel("katu9", id)
	if l := w.Complete("katu9", id); l.Status != "completed" || string(l.Document) != string(w.Link("katu9", id).Document) {
		t.Errorf("completed it is %s", l.Document)
	}
	w.SetClock(polylinktest.Clock{Now: time.Date(2031, 1, 1, 0, 0, 0, 0, time.UTC)})
	if c := w.Clock(); c.Frozen || c.Now.Year() != 2031 {
		t.Errorf("the clock is %+v", c)
	}
	w.RealTime()
	if c := w.Clock(); c.Now.Year() == 2031 {
		t.Errorf("the clock is %+v", c)
	}
	if status, body := send(t, "PUT", w.Dialect("devdraft")+"/api/v0/payment-links/550e8400-e29b-41d4-a716-446655440000", `{"amount":99}`, "X-Client-Key", "your_client_key", "X-Client-Secret", "your_client_secret"); status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	seen := map[string]int{}
	for _, e := range w.Audit() {
		seen[e.Operation]++
		if e.Operation == "link.update" && !e.Significant {
			t.Error("the new amount is not significant")
		}
	}
	if seen["link.update"] != 1 || seen["link.fail"] != 1 || seen["link.cancel"] != 1 || seen["link.complete"] != 1 || seen["link.expire"] < 3 {
		t.Errorf("the audit trail is %v", seen)
	}
	for range 9 {
		send(t, "GET", w.Dialect("katu9")+"/health", "")
	}
	if n := len(w.Requests()); n != 5 {
		t.Errorf("the journal has %d entries, want 5", n)
	}
	if n := len(s.Dialects()); n != 6 {
		t.Errorf("%d dialects", n)
	}
}

// TestWorldsAreGoneWhenTheirTestEnds makes some and looks for them later.
func TestWorldsAreGoneWhenTheirTestEnds(t *testing.T) {
	t.Parallel()
	s := polylinktest.New(t)
	names := map[string]bool{}
	for _, name := range []string{"A Name/with strange,, things", "日本", strings.Repeat("long", 30), "x"} {
		t.Run(name, func(t *testing.T) {
			w := s.World(t)
			f := w.Fork(t)
			names[w.Name], names[f.Name] = true, true
			if _, body := send(t, "GET", s.URL+"/__admin/sandboxes", ""); !strings.Contains(body, `"`+w.Name+`"`) || !strings.Contains(body, `"`+f.Name+`"`) {
				t.Errorf("%s and %s are not in %s", w.Name, f.Name, body)
			}
		})
	}
	_, body := send(t, "GET", s.URL+"/__admin/sandboxes", "")
	for name := range names {
		if strings.Contains(body, `"`+name+`"`) || len(name) > 40 {
			t.Errorf("%s is still there", name)
		}
	}
	if len(names) != 8 {
		t.Errorf("%d names for 8 worlds", len(names))
	}
}

// TestMistakesFailTheTest uses the client wrongly, on a test of its own.
func TestMistakesFailTheTest(t *testing.T) {
	t.Parallel()
	for want, f := range map[string]func(w *polylinktest.World){
		"there is no dialect":        func(w *polylinktest.World) { w.Dialect("nope") },
		"status, code, delay":        func(w *polylinktest.World) { w.Inject(polylinktest.Fault{}) },
		"there is no operation":      func(w *polylinktest.World) { w.Verify(0, polylinktest.Filter{Operation: "link.creat"}) },
		"there is no link":           func(w *polylinktest.World) { w.Complete("katu9", "nope") },
		"has no value":               func(w *polylinktest.World) { w.Links("status") },
		"it is not polylink's":       func(w *polylinktest.World) { w.Why(&http.Response{}) },
		"this is no snapshot":        func(w *polylinktest.World) { w.Restore([]byte(`{}`)) },
		"not negative":               func(w *polylinktest.World) { w.Advance(-1) },
		"between the years 1970 and": func(w *polylinktest.World) { w.Freeze(time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)) },
	} {
		func() {
			fake := &standIn{}
			defer fake.end()
			w := polylinktest.New(fake).World(fake)
			defer func() {
				if got, _ := recover().(string); !strings.Contains(got, want) || !strings.HasPrefix(got, "polylinktest: ") {
					t.Errorf("fails with %q, want one that says %q", got, want)
				}
			}()
			f(w)
		}()
	}
}

func TestAnInjectedAnswerIsKeptUnderItsKeyWhereItSaysSo(t *testing.T) {
	t.Parallel()
	w := polylinktest.New(t).World(t)
	w.Inject(polylinktest.Fault{Dialect: "leanrails", Operation: "link.update", Status: 500, Stored: true})
	url := w.Dialect("leanrails") + "/v1/checkout_links/cl_4de6fg8hi0jk"
	basic, key := "Basic c2tfdGVzdF9tYWluOg==", "Idempotency-Key"
	for range 2 {
		if status, body := send(t, "POST", url, `{"submit_type":"pay"}`, "Authorization", basic, key, "k"); status != 500 {
			t.Fatalf("%d %s, want the 500 that was kept", status, body)
		}
	}
	if status, body := send(t, "POST", url, `{"submit_type":"pay"}`, "Authorization", basic, key, "k2"); status != 200 {
		t.Errorf("another key: %d %s", status, body)
	}
	w.Inject(polylinktest.Fault{Dialect: "leanrails", Operation: "link.update", Status: 500})
	for _, want := range []int{500, 200, 200} {
		if status, body := send(t, "POST", url, `{"submit_type":"book"}`, "Authorization", basic, key, "k3"); status != want {
			t.Fatalf("%d %s, want %d: what is injected is not kept", status, body, want)
		}
	}
}

func TestFiltersLookIntoBodiesAndHeaders(t *testing.T) {
	t.Parallel()
	w := polylinktest.New(t).World(t)
	for range 2 {
		generatePaymentLink(w.Dialect("katu9"))
	}
	const transaction = "75906707-8c31-479c-b354-aa805c4cefbc"
	for _, c := range []struct {
		want int
		f    polylinktest.Filter
	}{
		{2, polylinktest.Filter{BodyAt: map[string]string{"transactionId": transaction}, Headers: map[string]string{"authorization": "Bearer tok_sandbox_main"}}},
		{0, polylinktest.Filter{BodyAt: map[string]string{"transactionId": "other"}}},
		{0, polylinktest.Filter{Headers: map[string]string{"Content-Type": "text/plain"}}},
		{1, polylinktest.Filter{StatusClass: "4xx"}}, {1, polylinktest.Filter{StatusClass: "2xx", Path: "/katu9/*"}}, {1, polylinktest.Filter{Status: 409, StatusClass: "2xx"}},
	} {
		w.Verify(c.want, c.f)
		if got := w.Count(c.f); got != c.want {
			t.Errorf("%+v counts %d, want %d", c.f, got, c.want)
		}
	}
}
