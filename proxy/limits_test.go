package proxy_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/proxy"
)

// scripted answers calls without a network, so that time may be made up.
type scripted func(r *http.Request) *http.Response

// RoundTrip answers a call.
func (f scripted) RoundTrip(r *http.Request) (*http.Response, error) { return f(r), nil }

// limited is a pair whose upstream refuses its first call for a minute; calls
// counts them.
func limited(t *testing.T, queue int) (p *pair, calls *atomic.Int64) {
	t.Helper()
	calls = &atomic.Int64{}
	set, fix := shipped(t)
	p = &pair{from: "priceblocs", to: "devdraft"}
	at := &url.URL{Scheme: "http", Host: "devdraft.test"}
	c, err := upstream.New(upstream.Options{URL: at.String(), Timeout: time.Hour, Transport: scripted(func(*http.Request) *http.Response {
		w := httptest.NewRecorder()
		if calls.Add(1) == 1 {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusTooManyRequests)
		} else {
			_, _ = w.WriteString("[]")
		}
		return w.Result()
	})})
	if err != nil {
		t.Fatal(err)
	}
	p.up = proxy.NewUpstream("devdraft", c, queue)
	p.up.Credentials, p.up.Timeout = credentials["devdraft"], time.Hour
	p.front = p.before(t, set, fix)
	return p, calls
}

// TestCallsWaitForTheLimit in a queue that is bounded: those in it go when the
// limit allows, the others are refused at once.
func TestCallsWaitForTheLimit(t *testing.T) {
	t.Parallel()
	shipped(t)
	synctest.Test(t, func(t *testing.T) {
		p, calls := limited(t, 2)
		wants(t, p.ask(t, "GET", "/v1/payment-links", ""), 429)
		began := time.Now()
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				if resp := p.ask(t, "GET", "/v1/payment-links", ""); resp.StatusCode != 200 || time.Since(began) != time.Minute {
					t.Errorf("one that waits is %d after %s", resp.StatusCode, time.Since(began))
				}
			})
		}
		synctest.Wait()
		resp := p.ask(t, "GET", "/v1/payment-links", "")
		if resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "60" || time.Since(began) != 0 {
			t.Errorf("the third is %d after %s, Retry-After %s", resp.StatusCode, time.Since(began), resp.Header.Get("Retry-After"))
		}
		all.Wait()
		if n := calls.Load(); n != 3 {
			t.Errorf("the upstream was called %d times", n)
		}
	})
}

// TestAClientThatLeavesTheQueueMakesRoom, and is not called for.
func TestAClientThatLeavesTheQueueMakesRoom(t *testing.T) {
	t.Parallel()
	shipped(t)
	synctest.Test(t, func(t *testing.T) {
		p, calls := limited(t, 1)
		wants(t, p.ask(t, "GET", "/v1/payment-links", ""), 429)
		ctx, leave := context.WithCancel(t.Context())
		var all sync.WaitGroup
		all.Go(func() {
			defer func() { _ = recover() }() // it hangs up
			r := httptest.NewRequestWithContext(ctx, "GET", "/priceblocs/v1/payment-links", nil)
			r.Header.Set("Authorization", "Bearer PB_sk_test_main")
			p.front.ServeHTTP(httptest.NewRecorder(), r)
		})
		synctest.Wait()
		leave()
		all.Wait()
		if resp := p.ask(t, "GET", "/v1/payment-links", ""); resp.StatusCode != 200 {
			t.Errorf("the next one is %d", resp.StatusCode)
		}
		if n := calls.Load(); n != 2 {
			t.Errorf("the upstream was called %d times", n)
		}
	})
}

// TestNobodyWaitsLongerThanACallMayTake: where the limit is further away, the
// call is refused at once.
func TestNobodyWaitsLongerThanACallMayTake(t *testing.T) {
	t.Parallel()
	shipped(t)
	synctest.Test(t, func(t *testing.T) {
		p, _ := limited(t, 5)
		p.up.Timeout = 30 * time.Second
		began := time.Now()
		wants(t, p.ask(t, "GET", "/v1/payment-links", ""), 429)
		if wants(t, p.ask(t, "GET", "/v1/payment-links", ""), 429); time.Since(began) != 0 {
			t.Errorf("it waited %s", time.Since(began))
		}
	})
}
