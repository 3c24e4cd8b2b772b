package admin

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/faults"
)

func TestAFaultIsInTheDialectsEnvelope(t *testing.T) {
	t.Parallel()
	requests := map[string]struct {
		line    string
		headers []string
		message string // where the envelope has it
	}{
		"devdraft":   {"GET /devdraft/api/v0/payment-links", devdraft, "message"},
		"katu9":      {"GET /katu9/balance", katu9, "error.message"},
		"kirimdev":   {"GET /kirimdev/v1/me", kirimdev, "error.code"},
		"leanrails":  {"GET /leanrails/v1/checkout_links", leanrails, "error.type"},
		"priceblocs": {"GET /priceblocs/v1/payment-links/00000000-0000-0000-0000-000000000000", []string{"Authorization: Bearer PB_sk_test_main"}, ""},
	}
	l := newLab(t)
	for name, r := range requests {
		for _, status := range []int{200, 201, 204, 304, 400, 401, 402, 403, 404, 409, 418, 422, 429, 451, 500, 502, 503, 599} {
			l.admin("POST /faults", `{"dialect":"`+name+`","status":`+strconv.Itoa(status)+`}`).want(201)
			a := l.send(r.line, "", r.headers...).want(status)
			if status == 204 || status == 304 {
				if a.body != "" || a.header.Get("Content-Length") != "" {
					t.Errorf("%s %d has a body: %s", name, status, a.body)
				}
				continue
			}
			if r.message != "" && a.get(r.message) == "" || a.body != "" && !gjson.Valid(a.body) || strings.Contains(a.body, "polylink") {
				t.Errorf("%s %d is not in the dialect's envelope: %s", name, status, a.body)
			}
			if e := l.entry("default", a); e.get("fault") == "" || e.get("rule.line") == "" {
				t.Errorf("%s %d: the entry does not name the fault: %s", name, status, e.body)
			}
		}
	}
	l.admin("POST /faults", `{"dialect":"kirimdev","code":"quota_exceeded"}`).want(201)
	if a := l.send("GET /kirimdev/v1/me", "", kirimdev...).want(402); a.get("error.code") != "quota_exceeded" {
		t.Errorf("the documented error is %s", a.body)
	}
	l.admin("POST /faults", `{"code":"not_found","status":410}`).want(201)
	if a := l.send("GET /kirimdev/v1/me", "", kirimdev...).want(410); a.get("error.code") != "resource_not_found" {
		t.Errorf("the documented error with another status is %s", a.body)
	}
	l.admin("POST /faults", `{"dialect":"kirimdev","status":429}`).want(201)
	if a := l.send("GET /kirimdev/v1/me", "", kirimdev...).want(429); a.header.Get("Retry-After") == "" || a.header.Get("Retry-After") == "0" {
		t.Errorf("a 429 says to come back after %q", a.header.Get("Retry-After"))
	}
}

// keyed are writes with an idempotency key, by dialect.
var keyed = map[string]struct {
	line, body string
	headers    []string
}{
	"devdraft":  {devUpdate, `{"title":"Kept"}`, devdraft},
	"kirimdev":  {setupLinks, `{}`, kirimdev},
	"leanrails": {"POST /leanrails/v1/checkout_links/cl_4de6fg8hi0jk", `{"submit_type":"book"}`, leanrails},
	"stripe":    {"POST /stripe/v1/products", "name=Mug", []string{"Authorization: Bearer sk_test_polylink_main", "Content-Type: application/x-www-form-urlencoded"}},
}

// TestWhatIsInjectedIsNoOutcomeOfAKey lets a request with a key fail in every
// way, and then be served; after that the served answer is the one that is kept.
func TestWhatIsInjectedIsNoOutcomeOfAKey(t *testing.T) {
	t.Parallel()
	for _, d := range files().set.Dialects {
		if _, tried := keyed[d.Name]; (d.Idempotency != nil && d.Idempotency.Header != "") != tried {
			t.Errorf("%s has keys, or none, and is tried, or is not", d.Name)
		}
	}
	for d, r := range keyed {
		t.Run(d, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			headers := append([]string{"Idempotency-Key: k-1"}, r.headers...)
			send := func(more ...string) answer { return l.send(r.line, r.body, append(more, headers...)...) }
			l.admin("POST /faults", `{"status":503,"times":2}`).want(201)
			l.admin("POST /faults", `{"code":"internal"}`).want(201)
			l.admin("POST /faults", `{"status":429}`).want(201)
			for _, status := range []int{503, 503, 500, 429} {
				send().want(status)
			}
			send("Prefer: code=500").want(500)
			first := send()
			if first.status >= 300 {
				t.Fatalf("a retry gets %d: %s", first.status, first.body)
			}
			l.admin("POST /faults", `{"status":503}`).want(201)
			send().want(503)
			again := send().want(first.status)
			if again.body != first.body {
				t.Errorf("the stored answer is %s, and was %s", again.body, first.body)
			}
			e := l.entry("default", again)
			if e.get("replayed") != "true" || e.get("replayOf") != first.header.Get("X-Polylink-Request") {
				t.Errorf("the entry of a replay is %s", e.body)
			}
			// One that says so is kept, and the body is the dialect's.
			headers[0] = "Idempotency-Key: k-2"
			if got := l.admin("POST /faults", `{"status":503,"stored":true}`).want(201); got.get("stored") != "true" {
				t.Errorf("it is shown as %s", got.body)
			}
			kept := send().want(503)
			if again := send().want(503); again.body != kept.body || l.entry("default", again).get("replayed") != "true" {
				t.Errorf("the kept refusal is %s, and was %s", again.body, kept.body)
			}
		})
	}
	newLab(t).admin("POST /faults", `{"delay":"1s","stored":true}`).refused(400, "status or code")
}

func TestFaultsAreBoundedCountedAndInOrder(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("POST /faults", `{"dialect":"katu9","operation":"link.create","status":503,"times":2}`).want(201)
	l.admin("POST /faults", `{"dialect":"katu9","status":502}`).want(201)
	l.admin("POST /faults", `{"status":504}`).want(201)
	l.send(devRead, "", devdraft...).want(504)
	l.send(devRead, "", devdraft...).want(200)
	l.send("GET /katu9/balance", "", katu9...).want(502)
	for _, want := range []int{503, 503, 201, 409} {
		l.send(generate, depositOne, katu9...).want(want)
	}
	list := l.admin("GET /faults", "").want(200)
	if got := gjson.Get(list.body, "faults.#.hits").Raw; got != "[2,1,1]" {
		t.Errorf("the hits are %s", got)
	}
	l.in("other", "GET /faults", "").want(200)
	l.send(devRead, "", inside("other", devdraft)...).want(200)
	l.admin("DELETE /faults/"+gjson.Get(list.body, "faults.1.id").Str, "").want(204)
	if got := l.admin("DELETE /faults", "").want(200).get("cleared"); got != "2" {
		t.Errorf("cleared %s", got)
	}
}

func TestAFaultHappensExactlySoOften(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("POST /faults", `{"dialect":"katu9","status":503,"times":25}`).want(201)
	var hits atomic.Int64
	var wg sync.WaitGroup
	for range 10 {
		wg.Go(func() {
			for range 10 {
				if l.send("GET /katu9/balance", "", katu9...).status == 503 {
					hits.Add(1)
				}
			}
		})
	}
	wg.Wait()
	if hits.Load() != 25 {
		t.Errorf("it happened %d times, want 25", hits.Load())
	}
}

func TestFaultsDoNotGrowForEver(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for range faults.MaxFaults {
		l.send("POST /__admin/faults", `{"dialect":"katu9","status":503}`).want(201)
	}
	l.admin("POST /faults", `{"status":500}`).refused(409, "delete some")
	l.send("GET /katu9/balance", "", katu9...).want(503)
	l.admin("POST /faults", `{"status":500}`).want(201) // in the place of the one that has happened
	if n := gjson.Get(l.admin("GET /faults", "").body, "faults.#").Int(); n != faults.MaxFaults {
		t.Errorf("there are %d", n)
	}
}

// live is a lab over a real TCP connection.
func live(t *testing.T, secure bool) (*lab, *httptest.Server, *http.Client) {
	t.Helper()
	l := newLab(t)
	ts := httptest.NewUnstartedServer(l.srv)
	if secure {
		ts.StartTLS()
	} else {
		ts.Start()
	}
	t.Cleanup(ts.Close)
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	return l, ts, client
}

func TestAnAnswerBreaksOffInItsBody(t *testing.T) {
	t.Parallel()
	l, ts, client := live(t, false)
	l.admin("POST /faults", `{"dialect":"katu9","operation":"link.create","abort":"body"}`).want(201)
	req, err := http.NewRequest("POST", ts.URL+"/katu9/payment-link/generate", strings.NewReader(depositOne))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer tok_sandbox_main")
	resp, err := client.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if !errors.Is(err, io.ErrUnexpectedEOF) || resp.StatusCode != 201 || int64(len(body)) >= resp.ContentLength || len(body) == 0 {
		t.Errorf("%d of %d bytes came with %d, then %v", len(body), resp.ContentLength, resp.StatusCode, err)
	}
	l.send(generate, depositOne, katu9...).want(409) // it happened all the same
	e := l.admin("GET /requests/"+resp.Header.Get("X-Polylink-Request"), "").want(200)
	if e.get("aborted") != "body" || e.get("response.status") != "201" || e.get("changes.0.did") != "created" {
		t.Errorf("the entry is %s", e.body)
	}
}

func TestAConnectionIsReset(t *testing.T) {
	t.Parallel()
	for name, secure := range map[string]bool{"plain": false, "TLS": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, ts, client := live(t, secure)
			for _, fault := range []string{`{"abort":true}`, `{"dialect":"katu9","abort":"reset","delay":"1ms"}`} {
				l.admin("POST /faults", fault).want(201)
				req, _ := http.NewRequest("POST", ts.URL+"/katu9/payment-link/generate", strings.NewReader(depositOne))
				resp, err := client.Do(req)
				if err == nil {
					_ = resp.Body.Close()
					t.Fatalf("answered %d", resp.StatusCode)
				}
				if !errors.Is(err, syscall.ECONNRESET) {
					t.Errorf("the connection ended with %v", err)
				}
			}
			e := l.admin("GET /requests?limit=1", "").want(200)
			if e.get("requests.0.aborted") != "reset" || e.get("requests.0.response.status") != "0" || e.get("requests.0.fault") == "" || e.get("total") != "2" {
				t.Errorf("the journal has %s", e.body)
			}
			l.send(generate, depositOne, katu9...).want(201) // nothing had happened
		})
	}
}

func TestADelayEndsWithItsRequest(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	over := make(chan struct{})
	ts := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer close(over)
		time.AfterFunc(50*time.Millisecond, leave)
		l.srv.ServeHTTP(w, r)
	}))
	t.Cleanup(ts.Close)
	l.admin("POST /faults", `{"dialect":"katu9","delay":"1m","times":1}`).want(201)
	req, _ := http.NewRequestWithContext(ctx, "POST", ts.URL+"/katu9/payment-link/generate", strings.NewReader(depositOne))
	if _, err := ts.Client().Do(req); !errors.Is(err, context.Canceled) {
		t.Errorf("the request ended with %v", err)
	}
	<-over // long before the minute is over
	if e := l.admin("GET /requests", ""); e.get("total") != "1" || e.get("requests.0.aborted") != "client" || e.get("requests.0.response.status") != "0" {
		t.Errorf("the journal has %s", e.body)
	}
	l.send(generate, depositOne, katu9...).want(201) // nothing had happened
}

func TestADelayIsRealTime(t *testing.T) {
	t.Parallel()
	files()
	contract()
	synctest.Test(t, func(t *testing.T) {
		l := newLab(t)
		l.admin("PUT /clock", `{"frozen":true}`).want(200)
		l.admin("POST /faults", `{"dialect":"katu9","delay":"30s"}`).want(201)
		began := time.Now()
		l.send("GET /katu9/balance", "", katu9...).want(200)
		if took := time.Since(began); took != 30*time.Second {
			t.Errorf("answered after %s", took)
		}
	})
}

// TestAFaultHappensToTheRequestsThatItNames asks for values in bodies, JSON and
// forms, and in headers, and lets calls pass first.
func TestAFaultHappensToTheRequestsThatItNames(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	form := []string{"Authorization: Bearer sk_test_any", "Content-Type: application/x-www-form-urlencoded"}
	product := func(body string, more ...string) answer {
		return l.send("POST /stripe/v1/products", body, append(more, form...)...)
	}
	l.admin("POST /faults", `{"dialect":"stripe","status":503,"times":9,"body":{"metadata.order":17,"name":"Mug"}}`).want(201)
	product("name=Mug").want(200)
	product("name=Mug&metadata[order]=18").want(200)
	product("name=Mug&metadata[order]=17").want(503)
	l.send(devUpdate, `{"title":"Mug","metadata":{"order":17}}`, devdraft...).want(200)

	l.admin("POST /faults", `{"dialect":"devdraft","status":500,"times":9,"body":{"title":"Tea","amount":12.50}}`).want(201)
	l.send(devUpdate, `{"title":"Tea","amount":12.5}`, devdraft...).want(200)
	l.send(devUpdate, `{"title":"Tea","amount":12.50}`, devdraft...).want(500)
	l.send(devUpdate, `{"title":`, devdraft...).want(400)

	l.admin("POST /faults", `{"dialect":"katu9","status":502,"header":{"x-attempt":"2"}}`).want(201)
	l.send("GET /katu9/balance", "", append(katu9, "X-Attempt: 1")...).want(200)
	l.send("GET /katu9/balance", "", append(katu9, "X-Attempt: 2")...).want(502)

	// All calls that fit count, also the one to which an older fault happens.
	l.admin("POST /faults", `{"dialect":"kirimdev","status":501}`).want(201)
	got := l.admin("POST /faults", `{"dialect":"kirimdev","status":504,"after":2}`).want(201)
	for _, want := range []int{501, 200, 504, 200} {
		l.send("GET /kirimdev/v1/me", "", kirimdev...).want(want)
	}
	doc := l.admin("GET /snapshot", "").want(200).body
	l.admin("PUT /snapshot", doc).want(200)
	last := l.admin("GET /faults", "").want(200).get("faults.4")
	if gjson.Get(last, "id").Str != got.get("id") || gjson.Get(last, "after").Int() != 2 || gjson.Get(last, "passed").Int() != 2 || gjson.Get(last, "hits").Int() != 1 {
		t.Errorf("it is shown as %s", last)
	}
	if shown := l.admin("GET /faults", "").get("faults.0.body"); shown != `{"metadata.order":17,"name":"Mug"}` {
		t.Errorf("what it asks of a body is shown as %s", shown)
	}
	for body, says := range map[string]string{
		`{"status":503,"after":-1}`:                                               "from 0 to",
		`{"status":503,"after":"2"}`:                                              "after",
		`{"status":503,"body":["a"]}`:                                             "body",
		`{"status":503,"body":{"":1}}`:                                            "line_items.0.price",
		`{"status":503,"body":{"a.":1}}`:                                          "line_items.0.price",
		`{"status":503,"header":{"a b":"1"}}`:                                     "names of headers",
		`{"status":503,"header":{"A":"1\n2"}}`:                                    "names of headers",
		`{"status":503,"header":{"A":1}}`:                                         "header",
		`{"status":503,"body":{"a":"` + strings.Repeat("x", 9000) + `"}}`:         "too much",
		`{"dialect":"devdraft","delivery":"drop","header":{"X-Attempt":"1"}}`:     "leave body and header out",
		`{"dialect":"devdraft","delivery":"drop","body":{"a":"1"},"after":1}`:     "leave body and header out",
		`{"status":503,"body":{` + strings.Repeat(`"a":1,`, 40) + `"b":1},"x":1}`: `"x"`,
	} {
		l.admin("POST /faults", body).refused(400, says)
	}
}
