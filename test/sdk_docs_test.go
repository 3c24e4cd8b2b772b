package test

import (
	"bufio"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/internal/doctest"
)

// served starts the program as docs/sdk.md says, and returns where it listens and
// where Stripe alone does.
func served(t *testing.T) (url, stripe string) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "polylink")
	if out, err := run(t, "..", nil, "go", "build", "-o", program, "./cmd/polylink"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	cmd := exec.Command(program, "serve", "--ports", "--quiet", "--until-eof")
	cmd.Dir, cmd.Env = dir, append(os.Environ(), "POLYLINK_ADDR=127.0.0.1:0")
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	for lines := bufio.NewScanner(out); lines.Scan() && (url == "" || stripe == ""); {
		if at, ok := strings.CutPrefix(lines.Text(), "polylink listens on "); ok {
			url = at
		}
		if at, ok := strings.CutPrefix(lines.Text(), "stripe  http://"); ok {
			stripe = at
		}
		if url != "" && stripe != "" {
			return url, stripe
		}
	}
	t.Fatalf("it listens on %q, and on %q for stripe", url, stripe)
	return "", ""
}

// TestTheProgramsOfTheSDKDocumentRun runs every block of docs/sdk.md.
func TestTheProgramsOfTheSDKDocumentRun(t *testing.T) {
	t.Parallel()
	doc, err := doctest.Read(read(t, "../docs/sdk.md"))
	if err != nil {
		t.Fatal(err)
	}
	url, stripe := served(t)
	goModule := func(t *testing.T, dir string) {
		if out, err := run(t, dir, nil, "go", "mod", "download"); err != nil {
			missing(t, "go mod download failed", out)
		}
	}
	for lang, c := range map[string]struct {
		heading, file, module string
		needs, command        []string
		prepare               func(t *testing.T, dir string)
	}{
		"js": {"stripe-node", "main.mjs", "stripe-node", []string{"npm"}, []string{"node", "main.mjs"}, func(t *testing.T, dir string) {
			if out, err := run(t, dir, nil, "npm", "ci", "--no-audit", "--no-fund"); err != nil {
				missing(t, "npm ci failed", out)
			}
		}},
		"go": {"stripe-go", "main.go", "stripe-go", nil, []string{"go", "run", "main.go"}, goModule},
		"python": {"stripe-python", "main.py", "", []string{"/usr/bin/python3"}, []string{"/usr/bin/python3", "main.py"}, func(t *testing.T, dir string) {
			if out, err := run(t, dir, nil, "/usr/bin/python3", "-c", "import stripe"); err != nil {
				missing(t, "there is no python3-stripe", out)
			}
		}},
		"mjs":    {"fetch", "main.mjs", "", []string{"node"}, []string{"node", "main.mjs"}, nil},
		"golang": {"Go net/http", "main.go", "", nil, []string{"go", "run", "main.go"}, nil},
		"py":     {"Python", "main.py", "", []string{"python3"}, []string{"python3", "main.py"}, nil},
		"php":    {"PHP", "main.php", "", []string{"php"}, []string{"php", "main.php"}, nil},
		"ruby":   {"Ruby", "main.rb", "", []string{"ruby"}, []string{"ruby", "main.rb"}, nil},
	} {
		t.Run(c.heading, func(t *testing.T) {
			t.Parallel()
			var text []string
			for _, b := range doc.Blocks {
				if b.Lang == lang && b.Headings[len(b.Headings)-1] == c.heading {
					text = append(text, b.Text)
				}
			}
			if len(text) != 1 {
				t.Fatalf("docs/sdk.md has %d blocks of %s under %s, want one", len(text), lang, c.heading)
			}
			for _, name := range c.needs {
				if _, err := exec.LookPath(name); err != nil {
					missing(t, "there is no "+name, "")
				}
			}
			dir := t.TempDir()
			if c.module != "" {
				dir = copied(t, c.module)
			}
			if err := os.WriteFile(filepath.Join(dir, c.file), []byte(text[0]), 0o600); err != nil {
				t.Fatal(err)
			}
			if c.prepare != nil {
				c.prepare(t, dir)
			}
			out, err := run(t, dir, []string{"POLYLINK_URL=" + url, "STRIPE_ADDR=" + stripe, "GO111MODULE=auto"}, c.command[0], c.command[1:]...)
			if err != nil || !strings.HasPrefix(strings.ToLower(out), "true") {
				t.Errorf("it should print true first: %v\n%s", err, out)
			}
		})
	}
	if n := len(doc.Blocks); n != 9 { // with the command line
		t.Errorf("docs/sdk.md has %d blocks, and 9 are known here", n)
	}
}
