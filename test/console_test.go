package test

import (
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/polylinktest"
)

func TestTheConsoleInABrowser(t *testing.T) {
	t.Parallel()
	out := inBrowser(t, "console.mjs", polylinktest.New(t).URL)
	for _, what := range []string{"shows desktop-light", "shows desktop-dark", "shows phone-light", "shows phone-dark", "acts with a script", "acts without a script", "follows"} {
		if !strings.Contains(out, "ok "+what+"\n") {
			t.Errorf("nobody %s", what)
		}
	}
}
