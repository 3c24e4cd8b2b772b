package bench

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
)

// teller is a server whose updates of a link are told of.
type teller struct {
	*routes.Server
	sent *dispatch.Dispatcher
	n    int
}

// newTeller makes one with receivers at these URLs.
func newTeller(tb testing.TB, urls ...string) *teller {
	tb.Helper()
	set, fix := shipped(tb)
	t := &teller{}
	o := dispatch.Options{Set: func() *dialect.Set { return set }, Log: slog.New(slog.DiscardHandler)}
	for _, url := range urls {
		o.Endpoints = append(o.Endpoints, dispatch.Endpoint{Dialect: "stripe", URL: url, Secrets: []string{"whsec_1"}})
	}
	t.sent = dispatch.New(o)
	worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: fix.Rows, Post: t.sent.Post})
	if err != nil {
		tb.Fatal(err)
	}
	if t.Server, err = routes.New(routes.Options{Sandboxes: worlds, Set: set, Fixtures: fix, NoLimits: true}); err != nil {
		tb.Fatal(err)
	}
	return t
}

// drain ends its deliveries and returns how many stay undone.
func (t *teller) drain(most time.Duration) int {
	ctx, cancel := context.WithTimeout(context.Background(), most)
	defer cancel()
	return t.sent.Drain(ctx)
}

// update changes the link, so that there is something to tell.
func (t *teller) update(tb testing.TB) {
	t.n++
	w := t.form("/stripe/v1/payment_links/plink_0PolylinkTShirt000000000", "metadata[n]="+strconv.Itoa(t.n))
	if w.Code != http.StatusOK {
		tb.Fatalf("%d %s", w.Code, w.Body)
	}
}

func (t *teller) form(path, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(http.MethodPost, path, strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer sk_test_polylink_main")
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	t.ServeHTTP(w, r)
	return w
}

// BenchmarkWebhooks tells ten receivers of 10,000 events: events/s is how fast,
// heap is what is kept at the end in relation to a tenth of the way, lost what
// did not arrive when the process has drained.
func BenchmarkWebhooks(b *testing.B) {
	const events, receivers = 10_000, 10
	for range b.N {
		var arrived atomic.Int64
		urls := make([]string, receivers)
		for i := range urls {
			srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
				_, _ = io.Copy(io.Discard, r.Body)
				arrived.Add(1)
			}))
			b.Cleanup(srv.Close)
			urls[i] = srv.URL
		}
		t := newTeller(b, urls...)
		settled := func(n int) {
			for arrived.Load() < int64(n*receivers) {
				time.Sleep(time.Millisecond)
			}
		}
		begin := time.Now()
		var early uint64
		for n := range events {
			t.update(b)
			if n == events/10 {
				settled(n)
				early = heap()
			}
		}
		left := t.drain(time.Minute)
		took := time.Since(begin)
		b.ReportMetric(events/took.Seconds(), "events/s")
		b.ReportMetric(float64(heap())/float64(early), "heap")
		b.ReportMetric(float64(events*receivers)-float64(arrived.Load())+float64(left), "lost")
		runtime.KeepAlive(t)
	}
}

// heap is what is kept after a collection.
func heap() uint64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}

// BenchmarkUpdateWithADeadReceiver updates a link that one receiver is to hear
// of, at which nobody answers, and one that none hears of: x_none is the ratio
// of the processor's time.
func BenchmarkUpdateWithADeadReceiver(b *testing.B) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	dead := "http://" + ln.Addr().String()
	_ = ln.Close()
	with, without := newTeller(b, dead), newTeller(b)
	defer with.drain(0)
	defer without.drain(0)
	spent := func(t *teller) time.Duration {
		begin := cpu()
		for range 50 {
			t.update(b)
		}
		return cpu() - begin
	}
	spent(with)
	spent(without)
	var a, z time.Duration
	for b.Loop() {
		a += spent(with)
		z += spent(without)
	}
	b.ReportMetric(float64(a)/float64(z), "x_none")
}

// cpu is the processor's time that the process has used.
func cpu() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // it does not fail for oneself
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
