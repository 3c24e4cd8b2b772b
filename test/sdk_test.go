// Package test runs official SDKs against polylink: programs in folders of
// their own, in the SDK's language, that do what its users do.
package test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dispatch"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/faults/scenario"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/routes"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/scenarios"
)

// serve starts polylink for one dialect, with a listener of its own, since not
// every SDK takes a prefix. A POST to the second address breaks the next answer
// to an operation off: /reset before the operation is done, /body afterwards;
// /outage answers the next two with 503, /lock the next as if another request
// held the object, and /scenario/NAME starts a scenario.
func serve(t *testing.T, name, operation string) (addr, fault string) {
	t.Helper()
	s, fault := breakable(t, name, operation)
	api := httptest.NewServer(s.ForDialect(name))
	t.Cleanup(api.Close)
	return api.Listener.Addr().String(), fault
}

// breakable makes the server, and the address that breaks it.
func breakable(t *testing.T, name, operation string) (s *routes.Server, fault string) {
	t.Helper()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		t.Fatal(err)
	}
	list, err := scenario.Shipped(scenarios.FS, set)
	if err != nil {
		t.Fatal(err)
	}
	sent := dispatch.New(dispatch.Options{Set: func() *dialect.Set { return set }, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { sent.Drain(stopped()) })
	worlds, err := sandbox.New(sandbox.Options{Engine: mockstore.Make, Rows: fix.Rows, Post: sent.Post})
	if err != nil {
		t.Fatal(err)
	}
	s, err = routes.New(routes.Options{Sandboxes: worlds, Set: set, Fixtures: fix})
	if err != nil {
		t.Fatal(err)
	}
	broken := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		sb, err := s.Sandboxes().Get(r.Context(), "default")
		if told, ok := strings.CutPrefix(r.URL.Path, "/scenario/"); ok && err == nil {
			if story := faults.NewScenarios(list).Find(told); story != nil {
				sb.Plays.Start(story)
			} else {
				err = errors.New("there is no scenario " + told)
			}
		} else if err == nil {
			f := faults.Fault{Dialect: name, Operation: operation, Times: 1}
			if f.Abort = strings.TrimPrefix(r.URL.Path, "/"); f.Abort == "outage" {
				f.Abort, f.Status, f.Times = "", http.StatusServiceUnavailable, 2
			} else if f.Abort == "lock" {
				f.Abort, f.Code = "", "conflict"
			}
			_, err = sb.Faults.Add(f)
		}
		if err != nil {
			t.Error(err)
		}
	}))
	t.Cleanup(broken.Close)
	return s, broken.URL
}

// stopped is a context that has ended.
func stopped() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}

// run runs a command in a folder and returns what it prints.
func run(t *testing.T, dir string, env []string, name string, args ...string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// missing skips the test for want of something, but for CI, where nothing is
// to be missing.
func missing(t *testing.T, what, out string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s\n%s", what, out)
	}
	t.Skipf("NOT RUN: %s", what)
}

// passed checks that a program got through all that it is for.
func passed(t *testing.T, out string, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	t.Log("\n" + out)
	for _, step := range []string{"create", "get", "update", "list with auto-paging", "line items", "deactivate", "missing", "bad key",
		"bad parameter", "unknown parameter", "idempotent replay", "idempotent mismatch", "idempotent retry", "outage", "lock", "webhook"} {
		if !strings.Contains(out, "ok "+step) {
			t.Errorf("it did not come to: %s", step)
		}
	}
}

// copied copies a program to where it may leave files behind.
func copied(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), filepath.Base(dir))
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

// retried are the scenarios that stripe-node gets through by itself, and how
// many calls they take.
var retried = []string{"outage-then-fine 1", "server-error-then-fine 1", "gateway-trouble 1", "connection-reset 1", "lost-answer 1", "flaky-network 1", "slow-answer 1",
	"slow-then-lost 2", "slow-then-timeout 2"}

func TestNodeSDK(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("npm"); err != nil {
		missing(t, "there is no npm", "")
	}
	dir := copied(t, "stripe-node")
	if out, err := run(t, dir, nil, "npm", "ci", "--no-audit", "--no-fund"); err != nil {
		missing(t, "npm ci failed", out)
	}
	addr, fault := serve(t, "stripe", "link.create")
	out, err := run(t, dir, []string{"POLYLINK_ADDR=" + addr, "POLYLINK_FAULT=" + fault, "POLYLINK_SCENARIOS=" + strings.Join(retried, ",")}, "node", "main.mjs")
	passed(t, out, err)
	for _, s := range retried {
		if name, _, _ := strings.Cut(s, " "); !strings.Contains(out, "ok scenario "+name+"\n") {
			t.Errorf("it did not get through %s", name)
		}
	}
	out, err = run(t, dir, fixedHost(t, "stripe", "link.create"), "node", "main.mjs")
	passed(t, out, err)
}

func TestGoSDK(t *testing.T) {
	t.Parallel()
	dir := copied(t, "stripe-go")
	program := filepath.Join(dir, "program")
	if out, err := run(t, dir, nil, "go", "mod", "download"); err != nil {
		missing(t, "go mod download failed", out)
	}
	if out, err := run(t, dir, nil, "go", "test", "-c", "-o", program, "."); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	addr, fault := serve(t, "stripe", "link.create")
	out, err := run(t, dir, []string{"POLYLINK_ADDR=" + addr, "POLYLINK_FAULT=" + fault}, program)
	passed(t, out, err)
	out, err = run(t, dir, fixedHost(t, "stripe", "link.create"), program)
	passed(t, out, err)
}
