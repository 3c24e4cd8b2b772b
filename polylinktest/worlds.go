package polylinktest

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"
)

// World is a sandbox that belongs to one test.
type World struct {
	*Control
	Name string
	URL  string // base of everything in the sandbox

	server *Server
}

var unfit = regexp.MustCompile(`[^a-z0-9]+`)

// World makes a sandbox for a test and drops it when the test ends. Its name
// begins with the test's.
func (s *Server) World(t testing.TB) *World {
	t.Helper()
	w := s.world(t)
	w.do(http.MethodPost, "/sandboxes", map[string]string{"name": w.Name}, nil)
	return w
}

// Fork makes a world that begins as this one is now: its rows, its clock and
// what is counted against limits, without journal and faults. It is dropped
// when t ends, which may be a subtest.
func (w *World) Fork(t testing.TB) *World {
	t.Helper()
	f := w.server.world(t)
	f.do(http.MethodPost, "/sandboxes/"+w.Name+"/fork", map[string]string{"name": f.Name}, nil)
	return f
}

// world is a world with a name of its own, which nobody has made yet.
func (s *Server) world(t testing.TB) *World {
	t.Helper()
	name := strings.Trim(unfit.ReplaceAllString(strings.ToLower(t.Name()), "-"), "-")
	name = strings.TrimPrefix(fmt.Sprintf("%s-%d", strings.Trim(name[:min(len(name), 28)], "-"), s.worlds.Add(1)), "-")
	base := s.URL + "/~" + name
	w := &World{Name: name, URL: base, server: s, Control: s.control(t, base, name)}
	t.Cleanup(func() {
		// It may have been dropped, or made room for others.
		if status, data := s.control(t, s.URL, name).send(http.MethodDelete, "/sandboxes/"+name, nil); status >= 300 && status != http.StatusNotFound {
			t.Errorf("polylinktest: drop sandbox %s: %s", name, reason(data))
		}
	})
	return w
}

// Dialect returns the base URL of a dialect in the sandbox.
func (w *World) Dialect(name string) string {
	w.t.Helper()
	return w.URL + "/" + w.server.check(w.t, name)
}

// Key returns an API key that leads to the sandbox, for clients in which only
// the key can be set. Their base URL is then Server.Dialect.
func (w *World) Key(key string) string { return key + "~" + w.Name }
