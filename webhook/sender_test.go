package webhook

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/signing"
)

const bodyText = `{"id":"evt_7","type":"link.paid","data":{"order":"A-1"}}`

var (
	signedAt = time.Date(2026, 3, 4, 5, 6, 7, 890_000_000, time.UTC)
	seconds  = "1772600767"
)

func TestTargetsAreJudgedByNameAndAddress(t *testing.T) {
	t.Parallel()
	listed, err := ParseTargets([]string{"Hooks.Example", "*.shop.example", "10.0.0.0/8", "192.0.2.7", "[2001:db8::1]", "169.254.0.0/16"})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		host, address string
		list          *Targets
		want          string // part of the error, "" for none
	}{
		"loopback by default":      {"localhost", "127.0.0.1:80", &Targets{}, ""},
		"loopback of six":          {"localhost", "[::1]:80", &Targets{}, ""},
		"private by default":       {"x", "192.168.1.1:80", &Targets{}, ""},
		"public by default":        {"x", "203.0.113.1:80", nil, ""},
		"metadata":                 {"x", "169.254.169.254:80", &Targets{}, "link-local"},
		"metadata, mapped":         {"x", "[::ffff:169.254.169.254]:80", &Targets{}, "link-local"},
		"metadata, translated":     {"x", "[64:ff9b::a9fe:a9fe]:80", &Targets{}, "link-local"},
		"metadata of six":          {"x", "[fd00:ec2::254]:80", &Targets{}, "link-local"},
		"link-local of six":        {"x", "[fe80::1%eth0]:80", &Targets{}, "link-local"},
		"unspecified":              {"x", "0.0.0.0:80", &Targets{}, "no address"},
		"multicast":                {"x", "224.0.0.1:80", &Targets{}, "single machine"},
		"broadcast":                {"x", "255.255.255.255:80", &Targets{}, "single machine"},
		"a name in the list":       {"hooks.example.", "203.0.113.1:443", listed, ""},
		"below a wild name":        {"a.b.shop.example", "203.0.113.1:443", listed, ""},
		"the wild name itself":     {"shop.example", "203.0.113.1:443", listed, "not in the list"},
		"a name that ends so":      {"evilhooks.example", "203.0.113.1:443", listed, "not in the list"},
		"a range":                  {"any", "10.9.8.7:1", listed, ""},
		"a range, mapped":          {"any", "[::ffff:10.9.8.7]:1", listed, ""},
		"an address":               {"any", "192.0.2.7:1", listed, ""},
		"an address of six":        {"any", "[2001:db8::1]:1", listed, ""},
		"loopback with a list":     {"localhost", "127.0.0.1:80", listed, "not in the list"},
		"link-local in the list":   {"any", "169.254.1.1:80", listed, "link-local"},
		"a listed name, rebinding": {"hooks.example", "169.254.169.254:80", listed, "link-local"},
		"no address":               {"x", "nonsense", &Targets{}, "cannot be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := c.list.check(c.host, c.address)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("%v, want %q", err, c.want)
			}
		})
	}
	_, err = ParseTargets([]string{"ok.example", "http://x", "a:80", "10.0.0.0/99", "", "*"})
	if err == nil || strings.Count(err.Error(), "write a host") != 5 {
		t.Errorf("faulty entries: %v", err)
	}
}

// receiver is an HTTP server of a test.
func receiver(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestSendIsBoundedAndNeverGoesElsewhere(t *testing.T) {
	t.Parallel()
	elsewhere := receiver(t, func(http.ResponseWriter, *http.Request) { t.Error("a redirect was followed") })
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	none, err := ParseTargets([]string{"192.0.2.0/24"})
	if err != nil {
		t.Fatal(err)
	}
	long := 20 * time.Second
	for name, c := range map[string]struct {
		url     string
		answer  http.HandlerFunc
		timeout time.Duration
		targets *Targets
		status  int
		err     string
	}{
		"taken": {answer: func(w http.ResponseWriter, r *http.Request) {
			b, _ := io.ReadAll(r.Body)
			if string(b) != "{}" || r.Header.Get("X-A") != "1" || r.Method != "POST" {
				t.Errorf("%s %s %v", r.Method, b, r.Header)
			}
			w.WriteHeader(204)
		}, timeout: long, status: 204},
		"redirected": {answer: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere, http.StatusTemporaryRedirect)
		}, timeout: long, status: 307},
		"endless": {answer: func(w http.ResponseWriter, _ *http.Request) {
			for {
				if _, err := w.Write(make([]byte, 4096)); err != nil {
					return
				}
			}
		}, timeout: long, status: 200},
		"endless headers": {answer: func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Long", strings.Repeat("x", 2*maxHeaders))
		}, timeout: long, err: "header"},
		"hanging": {answer: func(_ http.ResponseWriter, r *http.Request) { _, _ = io.ReadAll(r.Body); <-r.Context().Done() }, timeout: 20 * time.Millisecond, err: "within 20ms"},
		"dripping": {answer: func(w http.ResponseWriter, r *http.Request) {
			w.WriteHeader(200)
			_ = http.NewResponseController(w).Flush()
			<-r.Context().Done()
		}, timeout: 30 * time.Millisecond, status: 200, err: "broke off: no whole answer"},
		"cut off":    {answer: func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, timeout: long, err: "closed without"},
		"refused":    {url: "http://" + closed.Addr().String(), timeout: long, err: "connection refused"},
		"not listed": {url: elsewhere + "/?token=hidden", timeout: long, targets: none, err: "not in the list"},
		"no URL":     {url: "/hook", timeout: long, err: "no absolute"},
		"no scheme":  {url: "ftp://x/", timeout: long, err: "no absolute"},
		"no host":    {url: "http://host.invalid/?token=hidden", timeout: long, err: "host.invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if c.url == "" {
				c.url = receiver(t, c.answer)
			}
			h := NewHTTP(c.targets)
			defer h.Close()
			got := h.Send(context.Background(), signing.Request{URL: c.url, Header: http.Header{"X-A": {"1"}}, Body: []byte("{}"), Timeout: c.timeout})
			if got.Status != c.status {
				t.Errorf("status %d, want %d (%v)", got.Status, c.status, got.Err)
			}
			if (got.Err == nil) != (c.err == "") || got.Err != nil && !strings.Contains(got.Err.Error(), c.err) {
				t.Errorf("error %v, want %q", got.Err, c.err)
			}
			if got.Err != nil && strings.Contains(got.Err.Error(), "hidden") {
				t.Errorf("the error shows the URL: %v", got.Err)
			}
			if len(got.Body) > maxAnswer || got.Took <= 0 {
				t.Errorf("%d bytes in %v", len(got.Body), got.Took)
			}
		})
	}
}

func TestTheLogHoldsNoSecrets(t *testing.T) {
	t.Parallel()
	secret := "tok_very_secret"
	s := &signing.Style{Signature: &signing.Signature{Algorithm: signing.Token, Headers: []signing.Header{{Name: "X-Token", Value: tmpl(t, "Bearer {signatures}")}}}}
	req, err := s.Request(signing.Message{Secrets: []string{secret}, URL: "http://x/", Body: []byte("{}")})
	if err != nil {
		t.Fatal(err)
	}
	if req.Header.Get("X-Token") != "Bearer "+secret || req.Header.Get("Content-Type") != "application/json" || req.Timeout <= 0 {
		t.Errorf("the request is %+v", req)
	}
	echo := strings.Repeat("x", keptAnswer-5) + secret + strings.Repeat("y", 100)
	a := record(req, Result{Status: 200, Header: http.Header{"X-Echo": {secret}}, Body: []byte(echo)}, []string{secret})
	if got := a.Request.Header.Get("X-Token"); got != secretShown {
		t.Errorf("X-Token: %s", got)
	}
	if got := a.Response.Header.Get("X-Echo"); got != secretShown {
		t.Errorf("X-Echo: %s", got)
	}
	if got := string(a.Response.Body); strings.Contains(got, "tok_") || len(got) > keptAnswer {
		t.Errorf("%d bytes that end in %q", len(got), got[len(got)-20:])
	}
	if req.Header.Get("X-Token") == secretShown {
		t.Error("the request itself was changed")
	}
}

func TestDeliveriesOverTheNetworkCarryWhatTheLogSays(t *testing.T) {
	t.Parallel()
	type got struct {
		header http.Header
		body   string
	}
	in := make(chan got, 10)
	url := receiver(t, func(w http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		in <- got{r.Header, string(b)}
		_, _ = io.WriteString(w, "thanks")
	})
	h := NewHTTP(nil)
	pool := NewPool(h)
	t.Cleanup(func() { pool.Close(); h.Close() })
	s := &signing.Style{Signature: signs(t, [][2]string{{"X-Sig", "t={timestamp},v1={signatures}"}})}
	ep := Endpoint{ID: "x", URL: url, Secrets: []string{"whsec_abc"}, Style: s}
	box := New(Options{Pool: pool, Clock: clock.New(nil), Wall: func() time.Time { return signedAt }, NewID: func(string, time.Time) string { return "dlv_1" },
		Endpoint: func(string, string) (Endpoint, bool) { return ep, true }})
	box.Add(Planned{Event: Event{ID: "evt_1", Name: "link.paid", At: begin, Body: []byte(bodyText)}, Endpoint: ep})
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	list, err := box.Wait(ctx, Filter{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	g, a := <-in, list[0].Attempts[0]
	if want := "t=" + seconds + ",v1=" + sum("whsec_abc", seconds+"."+bodyText); g.header.Get("X-Sig") != want || a.Request.Header.Get("X-Sig") != want {
		t.Errorf("signed %s, logged %s, want %s", g.header.Get("X-Sig"), a.Request.Header.Get("X-Sig"), want)
	}
	if g.body != bodyText || string(a.Request.Body) != bodyText || string(a.Response.Body) != "thanks" || a.Response.Status != 200 || a.Took <= 0 {
		t.Errorf("sent %s, logged %+v", g.body, a)
	}
	if left := box.Drain(ctx); left != 0 {
		t.Errorf("%d left", left)
	}
}
