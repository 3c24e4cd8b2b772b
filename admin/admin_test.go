package admin

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/internal/hosts"
)

func guarded(o *Options) { o.Token = SameToken("s3cret-token") }

func TestWithATokenNothingButProbesIsOpen(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	guarded(&l.api.o)
	for _, r := range l.api.Operations() {
		line := r.Method + " /__admin" + strings.NewReplacer("{dialect}", "katu9", "{id}", "health", "{name}", "ready", "{n}", "1", "{file}", "health").Replace(r.Path)
		if r.Path == "/health" || r.Path == "/ready" {
			l.send(line, "").want(200)
			continue
		}
		for _, headers := range [][]string{nil, {"Authorization: Bearer"}, {"Authorization: Bearer "}, {"Authorization: Bearer s3cret-toke"}, {"Authorization: Bearer s3cret-tokens"},
			{"Authorization: Basic s3cret-token"}, {"Authorization: s3cret-token"}, {"X-Token: s3cret-token"}} {
			a := l.send(line, "", headers...).refused(401, "admin.token")
			if a.header.Get("WWW-Authenticate") != "Bearer" || strings.Contains(a.body, "s3cret") {
				t.Errorf("%s is refused with %v %s", line, a.header, a.body)
			}
		}
	}
	l.send("GET /__admin/nothing", "").refused(401)
	l.send("DELETE /__admin/health", "").refused(401)
	l.send("POST /__admin/faults/health", "").refused(401)
	l.send("GET /~worker7/__admin/health", "").want(200)
	for _, scheme := range []string{"Bearer", "bearer", "BEARER"} {
		l.send("GET /__admin/clock", "", "Authorization: "+scheme+" s3cret-token").want(200)
	}
	if len(l.worlds.All()) != 1 {
		t.Errorf("strangers have made sandboxes")
	}
}

func TestAnEmptyTokenIsNobodys(t *testing.T) {
	t.Parallel()
	for got, want := range map[string]bool{"": false, "x": false} {
		if SameToken("")(got) != want {
			t.Errorf("an empty token takes %q", got)
		}
	}
	if !SameToken("a")("a") || SameToken("a")("b") || SameToken("a")("") {
		t.Error("tokens are not compared")
	}
}

func TestPagesOfOtherOriginsAreRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for headers, ok := range map[string]bool{
		"":                               true,
		"Origin: http://localhost:12121": true,
		"Origin: http://localhost:12122": false,
		"Origin: http://evil.example":    false,
		"Origin: null":                   false,
		"Origin: ":                       false,
		"Origin: http://localhost:12121.evil.example":                false,
		"Sec-Fetch-Site: same-origin":                                true,
		"Sec-Fetch-Site: none":                                       true,
		"Sec-Fetch-Site: cross-site":                                 false,
		"Sec-Fetch-Site: same-site":                                  false,
		"Origin: http://localhost:12121|Sec-Fetch-Site: cross-site":  false,
		"Origin: http://localhost:12121|Origin: http://evil.example": false,
	} {
		var list []string
		if headers != "" {
			list = strings.Split(headers, "|")
		}
		for _, line := range []string{"GET /__admin/clock", "GET /__admin/health", "POST /__admin/reset", "DELETE /__admin/faults", "OPTIONS /__admin/clock", "GET /~w/__admin/clock"} {
			a := l.send(line, "", list...)
			if refused := a.status == http.StatusForbidden; refused == ok {
				t.Errorf("%s with %q is answered %d", line, headers, a.status)
			}
			if a.status == http.StatusForbidden {
				a.refused(403, "origin")
			}
			for name := range a.header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s with %q is answered with %s", line, headers, name)
				}
			}
		}
	}
}

// TestARebindingPageIsRefused comes from a page whose name leads to this
// machine all of a sudden: to a browser it is of the same origin.
func TestARebindingPageIsRefused(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	send := func(line, host string, headers ...string) answer {
		r := l.request(line, "", headers...)
		r.Host = host
		return l.serve(r)
	}
	l.api.o.Hosts = hosts.New([]string{"box.internal:12121"}, []string{"mocks.example.com"})
	for _, line := range []string{"POST /__admin/reset", "GET /__admin/snapshot", "GET /__admin/health", "GET /__admin/nothing", "HEAD /__admin/clock", "OPTIONS /__admin/clock", "GET /~w/__admin/links"} {
		for _, host := range []string{"rebind.example:12121", "", "polylink:12121", "localhost.rebind.example", "api.katu9.com"} {
			a := send(line, host, "Origin: http://"+host, "X-Forwarded-Host: localhost").want(421)
			if line[:4] != "HEAD" {
				a.refused(421, "admin.hosts", "127.0.0.1")
			}
		}
	}
	for _, host := range []string{"localhost:12121", "127.0.0.1:12121", "[::1]:12121", "katu9.localhost:12121", "BOX.internal", "mocks.example.com:1"} {
		send("POST /__admin/reset", host, "Origin: http://"+host).want(200)
	}
	if got := len(l.worlds.All()); got != 1 {
		t.Errorf("pages that were refused have made sandboxes: there are %d", got)
	}
	guarded(&l.api.o)
	send("GET /__admin/clock", "mocks.example.com").want(401)
	send("GET /__admin/clock", "rebind.example", "Authorization: Bearer s3cret-token").want(421)
}

func TestTracesAndMetricsNameWhatHappened(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for header, want := range map[string]string{
		"00-" + trace + "-00f067aa0ba902b7-01":                    trace,
		"cc-" + trace + "-00f067aa0ba902b7-01-more":               trace,
		"00-" + trace + "-00f067aa0ba902b7-01-more":               "",
		"ff-" + trace + "-00f067aa0ba902b7-01":                    "",
		"00-" + trace + "-0000000000000000-01":                    "",
		"00-00000000000000000000000000000000-00f067aa0ba902b7-01": "",
		"00-" + strings.ToUpper(trace) + "-00f067aa0ba902b7-01":   "",
		"nonsense": "",
	} {
		if got := l.entry("default", l.send(devRead, "", append([]string{"Traceparent: " + header}, devdraft...)...)).get("traceId"); got != want {
			t.Errorf("traceparent %s gives %q, want %q", header, got, want)
		}
	}
	if logged := l.logged.String(); strings.Count(logged, "trace_id="+trace) != 2 || strings.Count(logged, "msg=request") != 8 {
		t.Errorf("the log has\n%s", logged)
	}
	l.send(devUpdate, `{"title":9}`, inside("worker7", devdraft)...).want(400)
	l.send("GET /nowhere/secret-path", "").want(404)
	l.send("GET /devdraft/nothing", "", devdraft...).want(404)
	a := l.admin("GET /metrics", "").want(200)
	for _, line := range []string{
		`polylink_requests_total{dialect="devdraft",operation="link.get",status="200"} 8`,
		`polylink_requests_total{dialect="devdraft",operation="link.update",status="400"} 1`,
		`polylink_requests_total{dialect="devdraft",operation="none",status="404"} 1`,
		`polylink_requests_total{dialect="none",operation="none",status="404"} 1`,
		`polylink_request_duration_seconds_count{dialect="devdraft",operation="link.get"} 8`,
		`polylink_sandboxes 2`, `polylink_sandboxes_evicted_total 0`, `polylink_evicted_answers_total 0`, `polylink_evicted_limit_keys_total 0`,
		`polylink_memory_bytes{kind="journals"} 0`,
	} {
		if !strings.Contains(a.body, line+"\n") {
			t.Errorf("the metrics do not have %s", line)
		}
	}
	for _, word := range []string{"worker7", devLink, "secret-path", "sandbox="} {
		if strings.Contains(a.body, word) {
			t.Errorf("the metrics show %s", word)
		}
	}
	if !strings.HasPrefix(a.header.Get("Content-Type"), "text/plain") {
		t.Errorf("the metrics come as %s", a.header.Get("Content-Type"))
	}
}

func TestHealthTellsWhatIsServed(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.pass(time.Hour)
	a := l.admin("GET /health", "").want(200)
	if a.get("status") != "healthy" || a.get("dialects.#") != "6" || a.get("now") != stamp(start.Add(time.Hour)) || a.get("sandboxes") != "1" || a.get("version") != "test" {
		t.Errorf("health is %s", a.body)
	}
	if a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("health may be cached: %v", a.header)
	}
}
