package test

import (
	"os/exec"
	"strconv"
	"testing"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/mappings"
)

// TestCurlAtRealHosts has curl make a link at each provider's own https host, with
// nothing set but the environment that polylink env prints.
func TestCurlAtRealHosts(t *testing.T) {
	t.Parallel()
	if _, err := exec.LookPath("curl"); err != nil {
		missing(t, "there is no curl", "")
	}
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		t.Fatal(err)
	}
	env := fixedHost(t, "stripe", "link.create")
	for _, d := range set.Dialects {
		op := d.Op("link.create")
		s, _, _ := handbook.Sample(d, fix, op)
		for _, host := range d.Hosts {
			args := []string{"-sS", "-o", "/dev/null", "-w", "%{http_code}", "-X", s.Method, "https://" + host + s.Path, "-H", "Idempotency-Key: " + host, "--data-binary", s.Body}
			for _, h := range s.Headers {
				args = append(args, "-H", h[0]+": "+h[1])
			}
			out, err := run(t, ".", env, "curl", args...)
			if again := host != d.Hosts[0] && out == "409"; err != nil || out != strconv.Itoa(op.Status) && !again {
				t.Errorf("%s: %s, %v", host, out, err)
			}
		}
	}
}
