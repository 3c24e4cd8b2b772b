package test

import (
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"regexp"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/internal/ca"
	"github.com/polylink-dev/polylink/internal/forward"
	"github.com/polylink-dev/polylink/internal/ids"
)

var exported = regexp.MustCompile(`(?m)^export ([A-Za-z_]+=)'?(.*?)'?$`)

// fixedHost serves a dialect under its real hosts, behind a forward proxy, and
// returns the environment that leads an SDK there: what polylink env prints.
func fixedHost(t *testing.T, name, operation string) []string {
	t.Helper()
	s, fault := breakable(t, name, operation)
	home := t.TempDir()
	ours := func(host string) bool { return s.Set().ForHost(host) != nil }
	proxy := forward.New(forward.Options{Next: s, Ours: ours})
	front := httptest.NewServer(proxy)
	t.Cleanup(front.Close)
	program := filepath.Join(t.TempDir(), "polylink")
	if out, err := run(t, "..", nil, "go", "build", "-o", program, "./cmd/polylink"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := run(t, home, []string{"XDG_CONFIG_HOME=" + home}, program, "env", name, "--addr", front.Listener.Addr().String())
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	authority, err := ca.Open(ca.Options{Dir: filepath.Join(home, "polylink"), Now: time.Now, Random: ids.Random()})
	if err != nil {
		t.Fatal(err)
	}
	secure, plain := forward.Split(proxy.Listener())
	inside := &http.Server{Handler: s, TLSConfig: authority.TLS(ours)}
	go func() { _ = inside.ServeTLS(secure, "", "") }()
	go func() { _ = inside.Serve(plain) }()
	t.Cleanup(func() { _, _ = proxy.Close(), inside.Close() })
	env := []string{"POLYLINK_FAULT=" + fault}
	for _, m := range exported.FindAllStringSubmatch(out, -1) {
		env = append(env, m[1]+m[2])
	}
	return env
}
