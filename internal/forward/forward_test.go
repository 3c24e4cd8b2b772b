package forward

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/internal/ca"
	"github.com/polylink-dev/polylink/internal/ids"
)

const host = "api.acme.example"

func ours(h string) bool { return h == host }

// echo says what reached it.
var echo = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	fmt.Fprintf(w, "%s %s%s tls=%v %s %s%s", r.Method, r.Host, r.URL.RequestURI(), r.TLS != nil, r.Proto, body, r.Header.Get("Proxy-Authorization")+r.Header.Get("X-Hop"))
})

// start serves a proxy, and returns its address and a client that goes through it.
func start(t *testing.T, tunnel bool) (addr string, client *http.Client, p *Proxy) {
	t.Helper()
	authority, err := ca.Open(ca.Options{Dir: t.TempDir(), Hosts: []string{host}, Now: time.Now, Random: ids.Random()})
	if err != nil {
		t.Fatal(err)
	}
	p = New(Options{Next: echo, Ours: ours, Tunnel: tunnel})
	front := httptest.NewServer(p)
	secure, plain := Split(p.Listener())
	inside := &http.Server{Handler: echo, TLSConfig: authority.TLS(ours)}
	go func() { _ = inside.ServeTLS(secure, "", "") }()
	go func() { _ = inside.Serve(plain) }()
	u, err := url.Parse(front.URL)
	if err != nil {
		t.Fatal(err)
	}
	transport := &http.Transport{Proxy: http.ProxyURL(u), TLSClientConfig: &tls.Config{RootCAs: authority.Roots()}, ForceAttemptHTTP2: true}
	t.Cleanup(func() {
		transport.CloseIdleConnections()
		_ = p.Close()
		_ = inside.Close()
		front.Close()
	})
	return u.Host, &http.Client{Transport: transport}, p
}

func get(t *testing.T, client *http.Client, at string) (int, string) {
	t.Helper()
	resp, err := client.Get(at)
	if err != nil {
		return 0, err.Error()
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(body)
}

func TestHostsOfOursAreAnsweredOverHTTPSAndHTTP(t *testing.T) {
	t.Parallel()
	addr, client, _ := start(t, false)
	for at, want := range map[string]string{
		"https://" + host + "/a?b=1;c":   "GET " + host + "/a?b=1;c tls=true HTTP/2.0 ",
		"http://" + host + "/a":          "GET " + host + "/a tls=false HTTP/1.1 ",
		"http://" + addr + "/own":        "GET " + addr + "/own tls=false HTTP/1.1 ",
		"https://" + host + ":8443/port": "GET " + host + ":8443/port tls=true HTTP/2.0 ",
	} {
		if status, body := get(t, client, at); status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q, want %q", at, status, body, want)
		}
	}
}

func TestOtherHostsAreRefused(t *testing.T) {
	t.Parallel()
	_, client, _ := start(t, false)
	if status, body := get(t, client, "http://elsewhere.example/"); status != http.StatusForbidden || !strings.Contains(body, "elsewhere.example") {
		t.Errorf("http: %d %s", status, body)
	}
	if _, err := get(t, client, "https://elsewhere.example/"); !strings.Contains(err, "Forbidden") {
		t.Errorf("https: %s", err)
	}
}

func TestOtherHostsAreTunnelledWhereThatIsAllowed(t *testing.T) {
	t.Parallel()
	_, client, p := start(t, true)
	secure := httptest.NewTLSServer(echo)
	defer secure.Close()
	open := httptest.NewServer(echo)
	defer open.Close()
	client.Transport.(*http.Transport).TLSClientConfig.InsecureSkipVerify = true // it is another's certificate
	for _, at := range []string{secure.URL, open.URL} {
		status, body := get(t, client, at+"/x?a;b=%zz")
		if want := strings.TrimPrefix(strings.TrimPrefix(at, "https://"), "http://") + "/x?a;b=%zz"; status != http.StatusOK || !strings.Contains(body, want) {
			t.Errorf("%s: %d %s", at, status, body)
		}
	}
	closed := httptest.NewServer(echo)
	closed.Close()
	if status, body := get(t, client, closed.URL); status != http.StatusBadGateway || !strings.Contains(body, "unreachable") {
		t.Errorf("nobody there: %d %s", status, body)
	}
	_ = p.Close()
	client.CloseIdleConnections()
	all := time.After(10 * time.Second)
	for range mostTunnels { // each has a place, until it ends
		select {
		case p.places <- struct{}{}:
		case <-all:
			t.Fatal("a tunnel outlives the proxy")
		}
	}
}

// raw sends lines to a proxy and reads the first answer.
func raw(t *testing.T, addr, text string) (*http.Response, net.Conn, *bufio.Reader) {
	t.Helper()
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	if _, err := io.WriteString(c, text); err != nil {
		t.Fatal(err)
	}
	r := bufio.NewReader(c)
	resp, err := http.ReadResponse(r, &http.Request{Method: http.MethodConnect})
	if err != nil {
		t.Fatal(err)
	}
	return resp, c, r
}

func TestPlainTextInsideAConnectIsUnderstood(t *testing.T) {
	t.Parallel()
	addr, _, _ := start(t, false)
	// The request comes along with the CONNECT, before that is answered.
	resp, _, r := raw(t, addr, "CONNECT "+host+":80 HTTP/1.1\r\nHost: "+host+":80\r\n\r\nGET /early HTTP/1.1\r\nHost: "+host+"\r\n\r\n")
	if resp.StatusCode != http.StatusOK {
		t.Fatal(resp.Status)
	}
	inside, err := http.ReadResponse(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	if body, _ := io.ReadAll(inside.Body); !strings.Contains(string(body), "/early tls=false") {
		t.Errorf("%s", body)
	}
}

func TestAConnectWithoutAPortIsRefused(t *testing.T) {
	t.Parallel()
	addr, _, _ := start(t, true)
	if resp, _, _ := raw(t, addr, "CONNECT "+host+" HTTP/1.1\r\nHost: "+host+"\r\n\r\n"); resp.StatusCode != http.StatusBadRequest {
		t.Error(resp.Status)
	}
}

func TestHeadersForTheProxyStayHere(t *testing.T) {
	t.Parallel()
	addr, _, _ := start(t, false)
	c, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	fmt.Fprintf(c, "GET http://%s/ HTTP/1.1\r\nHost: other\r\nProxy-Authorization: Basic c2VjcmV0\r\nX-Hop: secret\r\nConnection: X-Hop, close\r\n\r\n", host)
	body, err := io.ReadAll(c)
	if err != nil || !strings.Contains(string(body), "GET "+host) || strings.Contains(string(body), "ecret") || strings.Contains(string(body), "c2Vj") {
		t.Errorf("%s %v", body, err)
	}
}
