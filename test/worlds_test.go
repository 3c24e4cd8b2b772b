package test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestGoSDKInParallelWorlds runs a module of its own, as a user's is, with
// stripe-go and polylinktest.
func TestGoSDKInParallelWorlds(t *testing.T) {
	t.Parallel()
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := copied(t, "stripe-go-worlds")
	// What go mod tidy would add, so that a module which is there already is not looked for.
	mod := strings.Replace(read(t, filepath.Join(dir, "go.mod")), "=> ../..", "=> "+root, 1)
	inside := false
	for line := range strings.Lines(read(t, "../go.mod")) {
		if inside = inside || line == "require (\n"; inside {
			mod += line
		}
		inside = inside && line != ")\n"
	}
	sum := read(t, filepath.Join(dir, "go.sum")) + read(t, "../go.sum")
	for name, text := range map[string]string{"go.mod": mod, "go.sum": sum} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	env := []string{"GOFLAGS=-mod=mod", "GOWORK=off"}
	if out, err := run(t, dir, env, "go", "mod", "download", "github.com/stripe/stripe-go/v84"); err != nil {
		missing(t, "go mod download failed", out)
	}
	out, err := run(t, dir, env, "go", "test", "-v", "./...")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"TestOrdersInParallelWorlds/order_11", "TestTheSecondOrderOfOneBuyerFails", "TestAPaymentIsToldOf", "TestAnSDKWithAnAddress"} {
		if !strings.Contains(out, "--- PASS: "+name) {
			t.Errorf("%s was not run:\n%s", name, out)
		}
	}
}
