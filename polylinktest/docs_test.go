package polylinktest_test

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/polylinktest"
)

func TestARetryAfterAnOutage(t *testing.T) {
	t.Parallel()
	w := polylinktest.Shared(t).World(t)
	w.Inject(polylinktest.Fault{Dialect: "katu9", Operation: "link.create", Status: 503})
	for range 2 { // your client, with w.Dialect("katu9") in place of https://api.katu9.com
		generatePaymentLink(w.Dialect("katu9"))
	}
	w.Verify(1, polylinktest.Filter{Operation: "link.create", Status: 201})
	w.Advance(61 * time.Minute)
}

// snippet returns the block of a language in docs/testing.md.
func snippet(t *testing.T, language string) string {
	t.Helper()
	text, err := os.ReadFile("../docs/testing.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, ok := strings.Cut(string(text), "\n```"+language+"\n")
	code, _, closed := strings.Cut(rest, "\n```\n")
	if !ok || !closed || strings.Contains(rest, "\n```"+language+"\n") {
		t.Fatalf("docs/testing.md does not have one block of %s", language)
	}
	return code + "\n"
}

// TestTheGoSnippetIsATest finds the snippet, which runs above, in this file.
func TestTheGoSnippetIsATest(t *testing.T) {
	t.Parallel()
	own, err := os.ReadFile("docs_test.go")
	if err != nil {
		t.Fatal(err)
	}
	webhooks, err := os.ReadFile("webhooks_test.go")
	if err != nil {
		t.Fatal(err)
	}
	for language, tests := range map[string]string{"go": string(own), "golang": string(webhooks)} {
		if code := snippet(t, language); !strings.Contains(tests, "\n"+code+"\n") {
			t.Errorf("no test here is what docs/testing.md shows:\n%s", code)
		}
	}
}

// TestTheSnippetsRun runs what docs/testing.md shows in other languages. Where
// there is no interpreter it says so; in CI that is a failure.
func TestTheSnippetsRun(t *testing.T) {
	t.Parallel()
	s := polylinktest.New(t)
	for language, c := range map[string]struct {
		program string
		args    []string
		sandbox string
	}{
		"js":         {"node", []string{"--input-type=module", "-"}, "node-test"},
		"javascript": {"node", []string{"--input-type=module", "-"}, ""},
		"python":     {"python3", []string{"-"}, "python-test"},
	} {
		t.Run(language, func(t *testing.T) {
			t.Parallel()
			code := snippet(t, language)
			if n := strings.Count(code, "\n"); n > 12 {
				t.Errorf("the snippet has %d lines", n)
			}
			if _, err := exec.LookPath(c.program); err != nil {
				if os.Getenv("CI") == "true" {
					t.Fatalf("there is no %s, which the snippet needs", c.program)
				}
				t.Skipf("SKIPPED: there is no %s, so the snippet of docs/testing.md was not run", c.program)
			}
			cmd := exec.CommandContext(t.Context(), c.program, c.args...)
			cmd.Stdin, cmd.Env = strings.NewReader(code), append(os.Environ(), "POLYLINK_URL="+s.URL)
			if out, err := cmd.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			if c.sandbox == "" {
				return
			}
			if n := count(t, s, c.sandbox); n == 0 {
				t.Error("the snippet has not asked for a link")
			}
		})
	}
}

// count tells how many links were asked for in a sandbox.
func count(t *testing.T, s *polylinktest.Server, sandbox string) int {
	t.Helper()
	status, body := send(t, "GET", s.URL+"/~"+sandbox+"/__admin/requests?operation=link.create", "")
	if status != 200 {
		t.Fatalf("%d %s", status, body)
	}
	return strings.Count(body, `"operation":"link.create"`)
}
