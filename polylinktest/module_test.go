package polylinktest_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/internal/doctest"
)

// TestAModuleOutsideTheRepositoryUsesIt builds the module that README.md
// describes, in a folder elsewhere, and runs its test.
func TestAModuleOutsideTheRepositoryUsesIt(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("go"); err != nil {
		missing(t, "there is no go command")
	}
	root, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	own, sums := file(t, filepath.Join(root, "go.mod")), file(t, filepath.Join(root, "go.sum"))
	lines := readmeBlock(t, "go.mod")
	const there = "=> ../polylink\n"
	if !strings.Contains(lines, there) {
		t.Fatalf("README.md shows no replace line that ends in %q:\n%s", there, lines)
	}
	lines = strings.Replace(lines, there, "=> "+root+"\n", 1)
	for name, text := range map[string]string{
		// The requirements are what go mod tidy would add. With them the go
		// command needs no network.
		"go.mod":       "module example.com/shop\n\ngo 1.26.0\n\n" + lines + requirements(own),
		"go.sum":       sums,
		"shop_test.go": readmeBlock(t, "go"),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.CommandContext(t.Context(), "go", "test", "-v", "./...")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOWORK=off", "GOTOOLCHAIN=local")
	out, err := cmd.CombinedOutput()
	switch {
	case strings.Contains(string(out), "GOPROXY=off"):
		missing(t, "the module cache is incomplete: "+string(out))
	case err != nil:
		t.Fatalf("%v\n%s", err, out)
	case !strings.Contains(string(out), "--- PASS: Test"):
		t.Errorf("no test was run:\n%s", out)
	}
}

// missing skips a test for what the machine lacks; in CI that is a failure.
func missing(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal(what)
	}
	t.Skip("SKIPPED: " + what)
}

// requirements are the require blocks of a go.mod.
func requirements(mod string) string {
	var b strings.Builder
	inside := false
	for line := range strings.Lines(mod) {
		inside = inside || line == "require (\n"
		if inside {
			b.WriteString(line)
		}
		inside = inside && line != ")\n"
	}
	return b.String()
}

// readmeBlock returns the one block of a language in README.md.
func readmeBlock(t *testing.T, language string) string {
	t.Helper()
	doc, err := doctest.Read(file(t, "../README.md"))
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, b := range doc.Blocks {
		if b.Lang == language {
			found = append(found, b.Text)
		}
	}
	if len(found) != 1 {
		t.Fatalf("README.md has %d blocks of %s, want one", len(found), language)
	}
	return found[0]
}

func file(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
