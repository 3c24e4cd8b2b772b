package routes

import (
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/mappings"
)

func TestPathsInTheLogShowNoKeys(t *testing.T) {
	t.Parallel()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		t.Fatal(err)
	}
	paths := newLoggedPaths(set, fix)
	for path, want := range map[string]string{
		"":  "",
		"/": "/",
		"//devdraft/api/v0/payment-links/550e8400-e29b-41d4-a716-446655440000": "//devdraft/api/v0/payment-links/550e8400-e29b-41d4-a716-446655440000",
		"/~w1/leanrails/v1/checkout_links/cl_4de6fg8hi0jk/":                    "/~w1/leanrails/v1/checkout_links/cl_4de6fg8hi0jk/",
		"/devdarft/api/v1/payment_linkz/42/health.json":                        "/devdarft/api/v1/payment_linkz/42/health.json",
		"/leanrails/v1/prices/Found-Id-123":                                    "/leanrails/v1/prices/Found-Id-123",
		"/leanrails/v1/prices/Other-Id-123":                                    "/leanrails/v1/prices/<12 bytes>",
		"/nowhere/your_client_key":                                             "/nowhere/<15 bytes>",
		"/nowhere/tok_sandbox_main/x":                                          "/nowhere/<16 bytes>/x",
		"/kirimdev/onboard/csl_Qm7xT2vB9kLpR4wZ_c8Nk3Qz":                       "/kirimdev/onboard/<28 bytes>",
		"/~another/unlisted-key-123":                                           "/<8 bytes>/<16 bytes>",
		"/x/\x1b[2J":                                                           "/x/<4 bytes>",
	} {
		e := &journal.Entry{Path: path, Sandbox: "w1"}
		if got := paths.show(e, []string{"Found-Id-123"}); got != want {
			t.Errorf("%q is shown as %q, want %q", path, got, want)
		}
	}
	e := &journal.Entry{Path: "/own/letmein/x", Secrets: []string{"letmein"}}
	if got := paths.show(e, nil); strings.Contains(got, "letmein") || !strings.HasPrefix(got, "/own/") {
		t.Errorf("a secret of the request is shown: %q", got)
	}
}
