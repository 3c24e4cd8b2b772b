package test

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/polylinktest"
)

// inBrowser runs a program of the folder browser, which drives a chromium. It
// leaves pictures to look at in browser/screenshots, and returns what the
// program prints.
func inBrowser(t *testing.T, program, url string) string {
	t.Helper()
	chromium := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			chromium = path
			break
		}
	}
	if chromium == "" {
		missing(t, "there is no chromium: test/browser/install gets one", "")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		missing(t, "there is no npm", "")
	}
	dir := copied(t, "browser")
	if out, err := run(t, dir, nil, "npm", "ci", "--no-audit", "--no-fund"); err != nil {
		missing(t, "npm ci failed", out)
	}
	shots, err := filepath.Abs(filepath.Join("browser", "screenshots"))
	if err != nil {
		t.Fatal(err)
	}
	// Wherever a page leads a person, it is here that they arrive.
	elsewhere := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		_, _ = w.Write([]byte(`<!doctype html><html lang="en"><title>elsewhere</title><h1>elsewhere</h1>`))
	}))
	elsewhere.Config.ErrorLog = slog.NewLogLogger(slog.DiscardHandler, slog.LevelError) // the browser has calls of its own
	elsewhere.StartTLS()
	t.Cleanup(elsewhere.Close)
	env := []string{"POLYLINK_URL=" + url, "POLYLINK_CHROMIUM=" + chromium, "POLYLINK_SCREENSHOTS=" + shots, "POLYLINK_ELSEWHERE=" + elsewhere.Listener.Addr().String()}
	out, err := run(t, dir, env, "node", program)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return out
}

func TestPagesInABrowser(t *testing.T) {
	t.Parallel()
	s := polylinktest.New(t)
	out := inBrowser(t, "pages.mjs", s.URL)
	for _, dialect := range s.Dialects() {
		for _, window := range []string{"desktop-light", "desktop-dark", "phone-light", "phone-dark"} {
			if !strings.Contains(out, "ok "+dialect+" "+window+"\n") {
				t.Errorf("nobody has seen the pages of %s in a window of the kind %s", dialect, window)
			}
		}
	}
	if list, err := os.ReadDir(filepath.Join("browser", "screenshots")); err != nil || len(list) < 2*len(s.Dialects()) {
		t.Errorf("%d pictures, %v", len(list), err)
	}
}
