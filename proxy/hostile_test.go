package proxy_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// bomb is a hundred megabytes of nothing, packed.
func bomb() []byte {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	page := make([]byte, 1<<20)
	for range 100 {
		_, _ = z.Write(page)
	}
	_ = z.Close()
	return b.Bytes()
}

// TestAHostileUpstream gets a 502 or a 504, or is understood, and holds nobody up.
func TestAHostileUpstream(t *testing.T) {
	t.Parallel()
	const link = `{"id":"550e8400-e29b-41d4-a716-446655440000","title":"Gold","status":"ACTIVE"`
	packed := bomb()
	says := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
	}
	for name, c := range map[string]struct {
		upstream http.HandlerFunc
		statuses string
	}{
		"a gzip bomb": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write(packed)
		}, "502"},
		"gzip that is none": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			_, _ = w.Write([]byte(link + "}"))
		}, "200"},
		"a hundred megabytes": {func(w http.ResponseWriter, _ *http.Request) {
			for range 100 {
				if _, err := w.Write(make([]byte, 1<<20)); err != nil {
					return
				}
			}
		}, "502"},
		"interim answers": {func(w http.ResponseWriter, _ *http.Request) {
			for range 3 {
				w.WriteHeader(http.StatusEarlyHints)
			}
			_, _ = w.Write([]byte(link + "}"))
		}, "200"},
		"interim answers without end": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				w.WriteHeader(http.StatusEarlyHints)
			}
		}, "502"},
		"a trickle": {func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				_, _ = w.Write([]byte(" "))
				_ = http.NewResponseController(w).Flush()
				time.Sleep(time.Millisecond)
			}
		}, "504"},
		"a shorter body than it says": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "5000")
			_, _ = w.Write([]byte(link))
		}, "502"},
		"another content type": {func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "text/html")
			says(link+"}")(w, r)
		}, "200"},
		"members twice":           {says(link + `,"title":"Silver","id":"550e8400-e29b-41d4-a716-446655440000"}`), "200"},
		"an id of another type":   {says(`{"id":{"a":1},"title":7}`), "200 502"},
		"other types":             {says(link + `,"amount":{"a":[1]},"createdAt":7,"paymentLinkProducts":{"a":1},"customFields":[],"currency":7}`), "200"},
		"a number beyond measure": {says(link + `,"amount":1e999999999,"maxPayments":1e999999999}`), "200"},
		"a number of many digits": {says(link + `,"amount":` + strings.Repeat("9", 100_000) + `}`), "200"},
		"an abyss":                {says(strings.Repeat("[", 1<<20)), "502"},
		"an abyss inside":         {says(link + `,"customFields":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000) + "}"), "200 502"},
		"bytes that are no text":  {says(link + ",\"description\":\"\xff\xfe\"}"), "200 502"},
		"nothing":                 {says(""), "502"},
		"no content":              {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusNoContent) }, "502"},
		"null":                    {says("null"), "502"},
		"a limit of ages": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "99999999999999999999")
			w.WriteHeader(429)
		}, "429"},
		"a limit of less than now": {func(w http.ResponseWriter, _ *http.Request) { w.Header().Set("Retry-After", "-5"); w.WriteHeader(429) }, "429"},
		"headers without end": {func(w http.ResponseWriter, _ *http.Request) {
			for n := range 2000 {
				w.Header().Set("X-"+strconv.Itoa(n), strings.Repeat("x", 1000))
			}
		}, "502"},
		"a status beyond": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(999) }, "502"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := newPair(t, "priceblocs", "devdraft", c.upstream)
			if p.up.Timeout = 20 * time.Second; c.statuses == "504" {
				p.up.Timeout = 50 * time.Millisecond
			}
			begun := time.Now()
			resp := p.ask(t, "GET", "/v1/payment-links/550e8400-e29b-41d4-a716-446655440000", "")
			body := text(t, resp)
			if !strings.Contains(c.statuses, strconv.Itoa(resp.StatusCode)) || len(body) > 1<<20 {
				t.Errorf("the status is %d, want %s: %.300s", resp.StatusCode, c.statuses, body)
			}
			if took := time.Since(begun); took > 15*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

// TestAClientThatLeavesEndsTheCall to the upstream.
func TestAClientThatLeavesEndsTheCall(t *testing.T) {
	t.Parallel()
	came, ended := make(chan struct{}), make(chan struct{})
	once := atomic.Bool{}
	p := newPair(t, "priceblocs", "devdraft", http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if once.Swap(true) {
			return
		}
		close(came)
		<-r.Context().Done()
		close(ended)
	}))
	front := httptest.NewServer(p.front)
	defer front.Close()
	ctx, leave := context.WithCancel(t.Context())
	go func() {
		<-came
		leave()
	}()
	r, err := http.NewRequestWithContext(ctx, "GET", front.URL+"/priceblocs/v1/payment-links", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer PB_sk_test_main")
	if _, err := http.DefaultClient.Do(r); err == nil {
		t.Error("it was answered")
	}
	select {
	case <-ended:
	case <-time.After(30 * time.Second):
		t.Error("the call goes on")
	}
}
