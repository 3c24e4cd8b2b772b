package polylinktest_test

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"polylink/polylinktest"
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
