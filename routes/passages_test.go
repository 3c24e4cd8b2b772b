package routes_test

import (
	"compress/gzip"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/recordings"
	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/routes"
)

// passing serves every dialect through a passage.
func passing(t *testing.T, p *routes.Passage) (*server, *httptest.Server) {
	t.Helper()
	s := newServer(t, func(o *routes.Options) { o.Passage = func(*dialect.Dialect) *routes.Passage { return p } })
	front := httptest.NewServer(s)
	t.Cleanup(front.Close)
	return s, front
}

// to is a passage to a handler, which stands for the provider.
func to(t *testing.T, h http.HandlerFunc) *routes.Passage {
	t.Helper()
	there := httptest.NewServer(h)
	t.Cleanup(there.Close)
	c, err := upstream.New(upstream.Options{URL: there.URL + "/base", Timeout: 5 * time.Second})
	if err != nil {
		t.Fatal(err)
	}
	return &routes.Passage{Client: c}
}

func sends(t *testing.T, method, url, body string, header ...string) (*http.Response, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	resp, err := (&http.Transport{DisableCompression: true, DisableKeepAlives: true}).RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	got, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp, string(got)
}

// entries are what the journal of a sandbox shows.
func entries(t *testing.T, s *server, sandbox string) []journal.Shown {
	t.Helper()
	sb, err := s.Sandboxes().Get(context.Background(), sandbox)
	if err != nil {
		t.Fatal(err)
	}
	var out []journal.Shown
	for _, e := range sb.Journal.Entries() {
		out = append(out, e.Render(journal.NewSecrets(journal.SecretsOf{})))
	}
	return out
}

func TestAPassageChangesNothing(t *testing.T) {
	t.Parallel()
	s, front := passing(t, to(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header()["X-Odd"] = []string{"one", "two"}
		w.Header().Set("Content-Type", "application/vnd.odd")
		w.Header().Set("Connection", "X-Gone")
		w.Header().Set("X-Gone", "yes")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprintf(w, "%s %s %s %q %q %q %q %q", r.Method, r.RequestURI, body, r.Header["Authorization"], r.Header["X-Polylink-Sandbox"], r.Header["User-Agent"], r.Header["X-Hop"], r.Header["Accept-Encoding"])
	}))
	resp, body := sends(t, "POST", front.URL+"/stripe/v1/payment_links/a%2Fb?x=1;y&z=%zz", "a[b]=c%20d", "Authorization: Bearer sk_test_mine", "User-Agent: mine/1", "X-Hop: 1", "Connection: X-Hop")
	want := `POST /base/v1/payment_links/a%2Fb?x=1;y&z=%zz a[b]=c%20d ["Bearer sk_test_mine"] [] ["mine/1"] [] []`
	if resp.StatusCode != http.StatusTeapot || body != want || len(resp.Header["X-Odd"]) != 2 || resp.Header.Get("X-Gone") != "" || resp.Header.Get("Content-Type") != "application/vnd.odd" {
		t.Errorf("%d %v\ngot  %s\nwant %s", resp.StatusCode, resp.Header, body, want)
	}
	got := entries(t, s, "default")
	if len(got) != 1 || got[0].Response.Status != http.StatusTeapot || got[0].Upstream == nil || got[0].Upstream.By != "passthrough" || !strings.Contains(got[0].Response.Body, "a[b]=c%20d") ||
		strings.Contains(fmt.Sprint(got[0]), "sk_test_mine") {
		t.Errorf("journal: %+v", got)
	}
}

func TestThePassageSeesNoSandbox(t *testing.T) {
	t.Parallel()
	p := to(t, func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Header["Authorization"], r.URL.Path) })
	s, front := passing(t, p)
	basic := func(text string) string { return "Basic " + base64.StdEncoding.EncodeToString([]byte(text)) }
	for sent, want := range map[string]string{
		"Bearer sk_test_mine~one":  "[Bearer sk_test_mine]/base/v1/x",
		basic("sk_test_mine~one:"): "[" + basic("sk_test_mine:") + "]/base/v1/x",
	} {
		if _, body := sends(t, "GET", front.URL+"/stripe/v1/x", "", "Authorization: "+sent); body != want {
			t.Errorf("%s: %s, want %s", sent, body, want)
		}
	}
	if n := len(entries(t, s, "one")); n != 2 {
		t.Errorf("%d entries in the sandbox", n)
	}
	p.Header, p.Secrets = http.Header{"Authorization": {"Bearer sk_test_operators"}}, []string{"sk_test_operators"}
	if _, body := sends(t, "GET", front.URL+"/stripe/v1/x", "", "Authorization: Bearer sk_test_mine~one"); body != "[Bearer sk_test_operators]/base/v1/x" {
		t.Error(body)
	}
	if text := fmt.Sprint(entries(t, s, "one")); strings.Contains(text, "operators") {
		t.Errorf("the journal shows the operator's key: %s", text)
	}
}

func TestAnswersStreamThroughAPassage(t *testing.T) {
	t.Parallel()
	next := make(chan struct{})
	_, front := passing(t, to(t, func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, "first\n")
		_ = http.NewResponseController(w).Flush()
		<-next
		fmt.Fprint(w, "second\n")
	}))
	resp, err := http.Get(front.URL + "/stripe/v1/events")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	buf := make([]byte, 6)
	if _, err := io.ReadFull(resp.Body, buf); err != nil || string(buf) != "first\n" {
		t.Fatalf("%q %v", buf, err)
	}
	close(next)
	if rest, err := io.ReadAll(resp.Body); err != nil || string(rest) != "second\n" {
		t.Errorf("%q %v", rest, err)
	}
}

func TestAnUpstreamThatFailsIsAnsweredForInTheDialect(t *testing.T) {
	t.Parallel()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	hang := make(chan struct{})
	slow := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-hang }))
	t.Cleanup(func() { close(hang); slow.Close() })
	for want, url := range map[int]string{502: gone.URL, 504: slow.URL} {
		c, err := upstream.New(upstream.Options{URL: url, Timeout: 50 * time.Millisecond})
		if err != nil {
			t.Fatal(err)
		}
		s, front := passing(t, &routes.Passage{Client: c})
		for _, path := range []string{"/v1/payment_links", "/v1/unknown"} {
			resp, body := sends(t, "GET", front.URL+"/stripe"+path, "")
			if resp.StatusCode != want || !strings.Contains(body, `"error"`) {
				t.Errorf("%d %s, want %d in the envelope", resp.StatusCode, body, want)
			}
		}
		if e := entries(t, s, "default")[0]; e.Upstream.Error == "" || e.Rule.Code != "upstream" {
			t.Errorf("journal: %+v", e)
		}
	}
}

func TestAnAnswerThatBreaksOffIsNotTakenForWhole(t *testing.T) {
	t.Parallel()
	s, front := passing(t, to(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		fmt.Fprint(w, "half")
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}))
	resp, err := http.Get(front.URL + "/stripe/v1/x")
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		_ = resp.Body.Close()
	}
	if err == nil {
		t.Error("the client was not told")
	}
	front.Close() // the handler has returned
	if e := entries(t, s, "default")[0]; e.Aborted != "upstream" || e.Upstream.Error == "" {
		t.Errorf("journal: %+v", e)
	}
}

func TestFaultsHappenOnAPassage(t *testing.T) {
	t.Parallel()
	calls := 0
	s, front := passing(t, to(t, func(w http.ResponseWriter, r *http.Request) { calls++; fmt.Fprint(w, `{"whole":"answer"}`) }))
	sb, err := s.Sandboxes().Get(t.Context(), "default")
	if err != nil {
		t.Fatal(err)
	}
	add := func(f faults.Fault) {
		t.Helper()
		f.Dialect, f.Operation, f.Times = "stripe", "link.list", 1
		if _, err := sb.Faults.Add(f); err != nil {
			t.Fatal(err)
		}
	}
	add(faults.Fault{Status: 429})
	if resp, body := sends(t, "GET", front.URL+"/stripe/v1/payment_links", ""); resp.StatusCode != 429 || !strings.Contains(body, "rate_limit") || calls != 0 {
		t.Errorf("%d %s, %d calls", resp.StatusCode, body, calls)
	}
	if resp, _ := sends(t, "GET", front.URL+"/stripe/v1/payment_links", "", "Prefer: code=404"); resp.StatusCode != 404 || calls != 0 {
		t.Errorf("%d, %d calls", resp.StatusCode, calls)
	}
	add(faults.Fault{Abort: faults.AbortBody})
	resp, err := http.Get(front.URL + "/stripe/v1/payment_links")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if body, err := io.ReadAll(resp.Body); err == nil || calls != 1 {
		t.Errorf("%s came whole, %d calls", body, calls)
	}
}

func TestRecordedExchangesAreReplayed(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := 0
	p := to(t, func(w http.ResponseWriter, r *http.Request) {
		n++
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("X-Api-Secret", "hush")
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		fmt.Fprintf(z, `{"n": %d, "client_secret":"hush-hush", "amount":1.50}`, n)
		_ = z.Close()
	})
	recorder, err := recordings.Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	p.Recorder = recorder
	_, front := passing(t, p)
	key := "Authorization: Bearer sk_test_0123456789secret"
	for range 2 {
		sends(t, "GET", front.URL+"/stripe/v1/payment_links?limit=2&active=true", "", key)
	}
	sends(t, "POST", front.URL+"/stripe/v1/payment_links", "a=1&token=sk_test_0123456789secret", key, "Content-Type: application/x-www-form-urlencoded")

	files, _ := filepath.Glob(filepath.Join(dir, "*", "*.txtar"))
	if len(files) != 3 {
		t.Fatalf("recorded %v", files)
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if text := string(data); strings.Contains(text, "0123456789secret") || strings.Contains(text, "hush") || !strings.Contains(text, "1.50") {
			t.Errorf("%s:\n%s", file, text)
		}
	}

	tape, err := recordings.Load(os.DirFS(dir))
	if err != nil {
		t.Fatal(err)
	}
	s, front := passing(t, &routes.Passage{Replay: tape, Strict: true})
	for _, want := range []string{`"n": 1`, `"n": 2`, `"n": 2`} {
		resp, body := sends(t, "GET", front.URL+"/stripe/v1/payment_links?active=true&limit=2", "", "Authorization: Bearer sk_test_another")
		if resp.StatusCode != 200 || !strings.Contains(body, want) || resp.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%d %s, want %s", resp.StatusCode, body, want)
		}
	}
	if resp, body := sends(t, "POST", front.URL+"/stripe/v1/payment_links", "token=sk_test_another1234567&a=1", "Content-Type: application/x-www-form-urlencoded"); resp.StatusCode != 200 || !strings.Contains(body, `"n": 3`) {
		t.Errorf("%d %s", resp.StatusCode, body)
	}
	resp, body := sends(t, "GET", front.URL+"/stripe/v1/payment_links?limit=3", "")
	if resp.StatusCode != 404 || !strings.Contains(body, "/v1/payment_links?active=true\\u0026limit=2") && !strings.Contains(body, "/v1/payment_links?limit=2&active=true") || !strings.Contains(body, "query") {
		t.Errorf("unknown: %d %s", resp.StatusCode, body)
	}
	got := entries(t, s, "default")
	if last := got[len(got)-1]; last.Nearest == nil || last.Rule.Code != "not_recorded" || got[0].Upstream.By != "replay" {
		t.Errorf("journal: %+v", last)
	}

	s, front = passing(t, &routes.Passage{Replay: tape})
	if resp, _ := sends(t, "GET", front.URL+"/stripe/v1/payment_links?limit=1", "", "Authorization: Bearer sk_test_polylink_main"); resp.StatusCode != 200 {
		t.Errorf("the mock answers %d", resp.StatusCode)
	}
	if e := entries(t, s, "default")[0]; e.Upstream.By != "mock" || !strings.Contains(e.Upstream.Error, "not recorded") || e.Rule.Code != "ok" {
		t.Errorf("journal: %+v", e)
	}
}
