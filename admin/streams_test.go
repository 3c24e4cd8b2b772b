package admin

import (
	"bufio"
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"
)

// stream follows the requests of a lab over a real connection. The first line
// has come when it returns, so nothing that happens from then on is missed.
func (l *lab) stream(srv *httptest.Server, path string, headers ...string) *bufio.Scanner {
	l.tb.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	l.tb.Cleanup(cancel)
	req, err := http.NewRequestWithContext(ctx, "GET", srv.URL+path, nil)
	if err != nil {
		l.tb.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		l.tb.Fatal(err)
	}
	l.tb.Cleanup(func() { _ = resp.Body.Close() })
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<20)
	if !lines.Scan() || lines.Text() != ": following" || resp.Header.Get("Content-Type") != "text/event-stream" {
		l.tb.Fatalf("%s begins with %q, %v", path, lines.Text(), lines.Err())
	}
	return lines
}

// next reads the data of the next event; it is "" at the end.
func next(lines *bufio.Scanner) string {
	for lines.Scan() {
		if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			return data
		}
	}
	return ""
}

func TestStreamsTellRequestsAsTheyCome(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	srv := httptest.NewServer(l.srv)
	t.Cleanup(srv.Close)
	l.send(devRead, "", devdraft...).want(200) // before
	own, other := l.stream(srv, "/__admin/requests/stream"), l.stream(srv, "/~w1/__admin/requests/stream")
	all, bad := l.stream(srv, "/__admin/requests/stream?all=true"), l.stream(srv, "/__admin/requests/stream?all=true&status=4xx")
	kept, back := l.stream(srv, "/__admin/requests/stream?since=0"), l.stream(srv, "/__admin/requests/stream", "Last-Event-ID: 1")
	l.send(devRead, "", devdraft...).want(200)
	l.send(devUpdate, `{"title":7}`, inside("w1", devdraft)...).want(400)
	l.send("GET /nowhere", "").want(404)
	for name, c := range map[string]struct {
		lines *bufio.Scanner
		want  []string
	}{
		"own":   {own, []string{"default 2 200", "default 3 404"}},
		"other": {other, []string{"w1 1 400"}},
		"all":   {all, []string{"default 2 200", "w1 1 400", "default 3 404"}},
		"bad":   {bad, []string{"w1 1 400", "default 3 404"}},
		"kept":  {kept, []string{"default 1 200", "default 2 200", "default 3 404"}},
		"back":  {back, []string{"default 2 200", "default 3 404"}},
	} {
		for _, want := range c.want {
			data := next(c.lines)
			if got := gjson.Get(data, "sandbox").String() + " " + gjson.Get(data, "n").String() + " " + gjson.Get(data, "response.status").String(); got != want {
				t.Errorf("%s: %q came, want %q", name, got, want)
			}
			sandbox, n, _ := strings.Cut(want, " ")
			n, _, _ = strings.Cut(n, " ")
			if same := strings.TrimSpace(l.in(sandbox, "GET /requests/"+n, "").body); data != same {
				t.Errorf("%s: the stream tells\n%s\nand the journal\n%s", name, data, same)
			}
		}
	}
}

func TestStreamsEnd(t *testing.T) {
	t.Parallel()
	stopping := make(chan struct{})
	l := newLab(t)
	l.api.o.Stopping = stopping
	srv := httptest.NewServer(l.srv)
	t.Cleanup(srv.Close)
	limited, forever := l.stream(srv, "/__admin/requests/stream?limit=2"), l.stream(srv, "/__admin/requests/stream")
	for range 3 {
		l.send(devRead, "", devdraft...).want(200)
	}
	if a, b, c := next(limited), next(limited), next(limited); a == "" || b == "" || c != "" {
		t.Errorf("a stream of two told %q, %q and %q", a, b, c)
	}
	for range 3 {
		if next(forever) == "" {
			t.Fatal("a request was not told")
		}
	}
	close(stopping)
	if got := next(forever); got != "" || forever.Err() != nil {
		t.Errorf("behind the end came %q, %v", got, forever.Err())
	}
	// Whoever went away follows no more.
	deadline, look := time.After(10*time.Second), time.NewTicker(time.Millisecond)
	defer look.Stop()
	for l.worlds.Feed().Len() > 0 {
		select {
		case <-deadline:
			t.Fatalf("%d still follow", l.worlds.Feed().Len())
		case <-look.C:
		}
	}
}

func TestStreamsAreBounded(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for range 100 {
		f, err := l.worlds.Feed().Follow()
		if err != nil {
			t.Fatal(err)
		}
		defer f.Stop()
	}
	l.admin("GET /requests/stream", "").refused(503, "streams")
	l.admin("GET /requests/stream?limit=0", "").refused(400, "limit")
	l.admin("GET /requests/stream?all=true&since=3", "").refused(400, "since")
	l.admin("GET /requests/stream?status=4xy", "").refused(400, "status")
	if _, err := l.api.Call(t.Context(), "request.stream", nil); err != nil {
		t.Error(err)
	}
	if doc, err := json.Marshal(Stream{}); err == nil {
		t.Errorf("a stream is written as %s", doc)
	}
}
