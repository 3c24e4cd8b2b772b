package upstream_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/internal/upstream"
)

func client(tb testing.TB, url string, timeout time.Duration) *upstream.Client {
	tb.Helper()
	c, err := upstream.New(upstream.Options{URL: url, Timeout: timeout})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

func get(path string) upstream.Request {
	return upstream.Request{Method: "GET", Path: path, Header: http.Header{}}
}

// TestWhatIsSentIsSentAsItIs: path and query keep their spelling, and nothing is
// put in.
func TestWhatIsSentIsSentAsItIs(t *testing.T) {
	t.Parallel()
	seen := make(chan *http.Request, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		w.Header().Set("Connection", "X-Hop")
		w.Header().Set("X-Hop", "1")
		w.Header().Set("Keep-Alive", "timeout=5")
		w.Header().Set("X-Kept", "1")
	}))
	defer srv.Close()
	q := get("/a%2Fb/c")
	q.Query = "x=1;y&z=%zz"
	resp, err := client(t, srv.URL+"/front", time.Minute).Do(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	r := <-seen
	if r.RequestURI != "/front/a%2Fb/c?x=1;y&z=%zz" || r.UserAgent() != "" || r.Header.Get("Accept-Encoding") != "" {
		t.Errorf("it gets %s with %v", r.RequestURI, r.Header)
	}
	if h := resp.Header; h.Get("X-Hop") != "" || h.Get("Keep-Alive") != "" || h.Get("X-Kept") == "" {
		t.Errorf("the answer has %v", h)
	}
}

// TestNothingElseIsCalled: a redirect is an answer.
func TestNothingElseIsCalled(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { t.Error("it was followed") }))
	defer other.Close()
	srv := httptest.NewServer(http.RedirectHandler(other.URL, http.StatusTemporaryRedirect))
	defer srv.Close()
	resp, err := client(t, srv.URL, time.Minute).Do(t.Context(), get("/"))
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusTemporaryRedirect {
		t.Errorf("the status is %d", resp.StatusCode)
	}
}

// TestErrorsTellWhetherTheRequestWasSent.
func TestErrorsTellWhetherTheRequestWasSent(t *testing.T) {
	t.Parallel()
	secure := httptest.NewTLSServer(http.NotFoundHandler())
	defer secure.Close()
	plain := httptest.NewServer(http.NotFoundHandler())
	defer plain.Close()
	cut := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }))
	defer cut.Close()
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	for name, c := range map[string]struct {
		url    string
		unsent bool
	}{
		"nobody listens":          {gone.URL, true},
		"an unknown certificate":  {secure.URL, true},
		"no TLS where it must be": {strings.Replace(plain.URL, "http:", "https:", 1), true},
		"cut off":                 {cut.URL, false},
	} {
		_, err := client(t, c.url, time.Minute).Do(t.Context(), get("/"))
		if !errors.Is(err, upstream.ErrUnreachable) || upstream.Unsent(err) != c.unsent {
			t.Errorf("%s: %v, unsent %v", name, err, upstream.Unsent(err))
		}
	}
}

// TestALateAnswerAndALateClient end the call with an error each.
func TestALateAnswerAndALateClient(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer srv.Close()
	if _, err := client(t, srv.URL, 20*time.Millisecond).Do(t.Context(), get("/")); !errors.Is(err, upstream.ErrSlow) {
		t.Errorf("a late one is %v", err)
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if _, err := client(t, srv.URL, time.Minute).Do(ctx, get("/")); !errors.Is(err, context.Canceled) {
		t.Errorf("one that has left gets %v", err)
	}
}

// TestPlainIsBounded, and leaves alone what it cannot read.
func TestPlainIsBounded(t *testing.T) {
	t.Parallel()
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = io.CopyN(z, zeros{}, 10<<20)
	_ = z.Close()
	h := http.Header{"Content-Encoding": {"gzip"}}
	if got := upstream.Plain(h, packed.Bytes(), 1000); len(got) != 1000 {
		t.Errorf("%d bytes came", len(got))
	}
	if got := upstream.Plain(h, []byte("text"), 1000); string(got) != "text" {
		t.Errorf("it is %q", got)
	}
}

type zeros struct{}

// Read gives zeros.
func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestAnAddressIsAbsolute.
func TestAnAddressIsAbsolute(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "/x", "http://", "::"} {
		if _, err := upstream.New(upstream.Options{URL: url}); err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%q is taken", url)
		}
	}
}
