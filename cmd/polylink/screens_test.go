package main

import (
	"log/slog"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/routes"
)

func TestRequestsOnATerminal(t *testing.T) {
	t.Parallel()
	type attrs = []any
	for name, c := range map[string]struct {
		colour  bool
		message string
		attrs   attrs
		want    string
	}{
		"taken": {false, routes.RequestMessage, attrs{"method", "PUT", "path", "/acme/links/1", "operation", "link.update", "status", 200, "why", "ok",
			"sandbox", "default", "ms", 0.41, "rule", "mappings/acme.yaml:7"}, "PUT    /acme/links/1 → link.update  200  ok  default  0.41ms\n"},
		"refused": {false, routes.RequestMessage, attrs{"method", "DELETE", "path", "/x", "operation", "none", "status", 404, "why", "no_route",
			"sandbox", "w1", "ms", 1.5, "rule", "acme.yaml:7"}, "DELETE /x → none  404  no_route  w1  1.5ms  acme.yaml:7\n"},
		"injected": {true, routes.RequestMessage, attrs{"method", "GET", "path", "/x", "operation", "link.get", "status", 503, "why", "internal",
			"sandbox", "w1", "ms", 1, "fault", "flt_1"}, "GET    /x → link.get  \x1b[31m503\x1b[0m  internal, fault flt_1  w1  1ms\n"},
		"coloured": {true, routes.RequestMessage, attrs{"method", "GET", "path", "/x", "operation", "link.get", "status", 401, "why", "unauthorized",
			"sandbox", "w1", "ms", 1, "rule", "a:1"}, "GET    /x → link.get  \x1b[33m401\x1b[0m  unauthorized  w1  1ms  \x1b[90ma:1\x1b[0m\n"},
		"hostile": {false, routes.RequestMessage, attrs{"method", "GET", "path", "/\x1b[2J\n\u202e" + strings.Repeat("x", 400), "operation", "none", "status", 404, "why", "a", "sandbox", "b", "ms", 1},
			"GET    /\ufffd[2J\ufffd\ufffd" + strings.Repeat("x", 300-7) + "… → none  404  a  b  1ms\n"},
		"another": {true, "reloaded", attrs{"dialects", 3}, "level=INFO msg=reloaded dialects=3\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out strings.Builder
			text := slog.NewTextHandler(&out, &slog.HandlerOptions{ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
				if a.Key == slog.TimeKey {
					return slog.Attr{}
				}
				return a
			}})
			r := slog.NewRecord(time.Now(), slog.LevelInfo, c.message, 0)
			r.Add(c.attrs...)
			if err := (&screenHandler{text, &out, c.colour}).Handle(t.Context(), r); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c.want, out.String()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// TestTheStartTellsWhereEverythingIs takes the null device for a terminal,
// which the system calls one of its kind.
func TestTheStartTellsWhereEverythingIs(t *testing.T) {
	t.Parallel()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = null.Close() })
	for name, c := range map[string]struct {
		ports bool
		flags map[string]string
		want  []string
	}{
		"plain": {false, nil, []string{"  devdraft     BASE/devdraft", "  stripe       BASE/stripe", "  control API  BASE/__admin/"}},
		"ports": {true, nil, []string{"devdraft  http://127.0.0.1:", "  control API  BASE/__admin/"}},
		"alone": {false, map[string]string{"admin.enabled": "off"}, []string{"  katu9       BASE/katu9"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var out, log strings.Builder
			flags := map[string]string{"addr": "127.0.0.1:0"}
			for k, v := range c.flags {
				flags[k] = v
			}
			a := &app{out: &out, err: &log, screen: null, ports: c.ports, flags: flags, env: func(string) (string, bool) { return "", false }}
			p, err := a.start(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			defer p.listeners.close()
			defer p.reloads.watch.close()
			base := p.listeners[0].url()
			if !strings.HasPrefix(out.String(), "polylink listens on "+base+"\n") || strings.Contains(out.String(), "control API") != (c.flags == nil) {
				t.Errorf("printed\n%s", &out)
			}
			for _, line := range c.want {
				if !strings.Contains(out.String(), "\n"+strings.ReplaceAll(line, "BASE", base)) {
					t.Errorf("there is no line %q in\n%s", line, &out)
				}
			}
		})
	}
}
