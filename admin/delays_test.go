package admin

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// impatient serves a lab by a server whose timeouts are shorter than a delay,
// and long enough for a busy machine to read a request in.
func impatient(t *testing.T, l *lab) *httptest.Server {
	ts := httptest.NewUnstartedServer(l.srv)
	ts.Config.ReadTimeout, ts.Config.WriteTimeout = time.Second, time.Second
	ts.Start()
	t.Cleanup(ts.Close)
	return ts
}

func TestADelayMayBeLongerThanTheTimeouts(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ts := impatient(t, l)
	l.admin("POST /faults", `{"dialect":"katu9","delay":"1200ms","times":2}`).want(201)
	for _, method := range []string{"GET", "POST"} { // on one connection
		path := "/katu9/balance"
		if method == "POST" {
			path = "/katu9/payment-link/generate"
		}
		req, _ := http.NewRequestWithContext(t.Context(), method, ts.URL+path, strings.NewReader(depositOne))
		req.Header.Set("Authorization", "Bearer tok_sandbox_main")
		req.Header.Set("Content-Type", "application/json")
		resp, err := ts.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if err != nil || resp.StatusCode >= 300 || len(body) == 0 {
			t.Errorf("%s is answered %d, %q, %v", method, resp.StatusCode, body, err)
		}
	}
	if a := l.admin("GET /requests?status=2xx", "").want(200); a.get("total") != "2" || strings.Contains(a.body, "aborted") {
		t.Errorf("the journal has %s", a.body)
	}
}

// deaf is a client to which nothing can be written.
type deaf struct{ http.ResponseWriter }

func (deaf) FlushError() error { return errors.New("broken pipe") }

func TestAnAnswerThatNeverArrivedIsToldAsSuch(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("POST /faults", `{"dialect":"katu9","delay":"1ms"}`).want(201)
	l.srv.ServeHTTP(deaf{httptest.NewRecorder()}, l.request("GET /katu9/balance", "", katu9...).WithContext(context.Background()))
	if a := l.admin("GET /requests", "").want(200); a.get("requests.0.aborted") != "write" || a.get("requests.0.fault") == "" {
		t.Errorf("the journal has %s", a.body)
	}
}

func TestAnAnswerThatWasAskedForIsNoErrorOfOurs(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send(devRead, "", append([]string{"Prefer: code=500"}, devdraft...)...).want(500)
	l.send(devRead+"?__code=500", "", devdraft...).want(500)
	l.send(devRead, "", devdraft...).want(200)
	if a := l.admin("GET /requests?status=5xx", "").want(200); a.get("total") != "2" || a.get("requests.0.forced") != "true" || a.get("requests.1.forced") != "true" {
		t.Errorf("the journal has %s", a.body)
	}
	if a := l.admin("GET /requests?status=200", "").want(200); a.get("total") != "1" || strings.Contains(a.body, "forced") {
		t.Errorf("the journal has %s", a.body)
	}
	if log := l.logged.String(); strings.Contains(log, "level=ERROR") || strings.Count(log, "status=500") != 2 {
		t.Errorf("the log has %s", log)
	}
}
