package bench

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/upstream"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
)

// passing serves the dialects by an upstream.
func passing(tb testing.TB, at string) *routes.Server {
	tb.Helper()
	set, fix := shipped(tb)
	c, err := upstream.New(upstream.Options{URL: at, Timeout: time.Minute})
	if err != nil {
		tb.Fatal(err)
	}
	p := &routes.Passage{Client: c}
	srv, err := routes.New(routes.Options{Engine: mockstore.Make, Set: set, Fixtures: fix, Passage: func(*dialect.Dialect) *routes.Passage { return p }})
	if err != nil {
		tb.Fatal(err)
	}
	return srv
}

// BenchmarkPassthrough sends the same exchange through the passage of a dialect
// and through a bare httputil.ReverseProxy, by turns; x_reverseproxy is the
// ratio of the times.
func BenchmarkPassthrough(b *testing.B) {
	body := `{"title":"` + strings.Repeat("Premium Subscription ", 50) + `"}`
	there := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, body)
	}))
	defer there.Close()
	target, err := url.Parse(there.URL)
	if err != nil {
		b.Fatal(err)
	}
	bare := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: &http.Transport{MaxIdleConnsPerHost: 64}})
	defer bare.Close()
	ours := httptest.NewServer(passing(b, there.URL))
	defer ours.Close()
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	send := func(base string) time.Duration {
		q := put(linkA, updates[0])
		r, err := http.NewRequest(q.method, base+q.path, strings.NewReader(q.body))
		if err != nil {
			b.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("X-Client-Key", "your_client_key")
		begun := time.Now()
		resp, err := client.Do(r)
		if err != nil {
			b.Fatal(err)
		}
		n, _ := io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		if n != int64(len(body)) {
			b.Fatalf("%d bytes came", n)
		}
		return time.Since(begun)
	}
	var through, around time.Duration
	for range 200 { // connections are open then
		send(bare.URL)
		send(ours.URL + "/devdraft")
	}
	for b.Loop() {
		around += send(bare.URL)
		through += send(ours.URL + "/devdraft")
	}
	b.ReportMetric(float64(through)/float64(around), "x_reverseproxy")
	b.ReportMetric(float64(through.Nanoseconds())/float64(b.N), "ns/passage")
}

// TestSlowUpstreamCallsTakeLittleMemory holds a thousand calls open, whose
// upstream does not answer, and looks at what they take.
func TestSlowUpstreamCallsTakeLittleMemory(t *testing.T) {
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
	front := httptest.NewServer(passing(t, "http://"+there.Addr().String()))
	defer front.Close()
	before := inUse()
	for range calls {
		c, err := net.Dial("tcp", front.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = c.Close() }()
		q := put(linkA, updates[0])
		fmt.Fprintf(c, "%s /devdraft%s HTTP/1.1\r\nHost: x\r\nX-Client-Key: your_client_key\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", q.method, q.path, len(q.body), q.body)
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

// inUse is the memory of heap and stacks after a collection.
func inUse() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapInuse + m.StackInuse)
}
