package routes_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/journal"
)

// TestPagesAndHooksAreInTheJournal visits pages and sends a hook: each has an
// entry with the dialect and the place of its rules, and no secret in it.
func TestPagesAndHooksAreInTheJournal(t *testing.T) {
	t.Parallel()
	s := newServer(t, seeded)
	form := "Content-Type: application/x-www-form-urlencoded"
	made := do(t, s, asks("POST /kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX/setup_links", "{}",
		"Authorization: Bearer kdv_live_polylink_main_0000000000", "Content-Type: application/json")).want(t, 201)
	_, token, _ := strings.Cut(gjson.Get(made.body, "data.setup_url").Str, "/onboard/")
	for _, c := range []struct {
		line, body, operation, dialect, code string
		status                               int
		hidden                               []string
	}{
		{"GET /__pay/stripe/plink_0PolylinkTShirt000000000", "", journal.PageOpen, "stripe", "ok", 200, nil},
		{"HEAD /__pay/stripe/plink_0PolylinkTShirt000000000", "", journal.PageOpen, "stripe", "ok", 200, nil},
		{"POST /__pay/stripe/plink_0PolylinkTShirt000000000", "action=pay&email=a@b.c&card=4000+0000-0000+0002", journal.PageAct, "stripe", "ok", 200, []string{"4000"}},
		{"POST /__pay/stripe/plink_0PolylinkTShirt000000000", "action=dance", journal.PageAct, "stripe", "invalid", 422, nil},
		{"POST /~other/__pay/leanrails/cl_0inactive000", "action=pay", journal.PageAct, "leanrails", "wrong_state", 409, nil},
		{"GET /__pay/stripe/nosuch", "", journal.PageOpen, "stripe", "not_found", 404, nil},
		{"GET /__pay/nosuch/x", "", journal.PageOpen, "", "not_found", 404, nil},
		{"GET /__pay/kirimdev/" + token, "", journal.PageOpen, "kirimdev", "ok", 200, []string{token}},
		{"GET /kirimdev/onboard/" + token, "", journal.PageOpen, "kirimdev", "ok", 200, []string{token}},
		{"GET /kirimdev/onboard/" + token[:20], "", journal.PageOpen, "kirimdev", "not_found", 404, []string{token[:20]}},
		{"POST /__hooks/stripe", `{"a":1}`, journal.HookReceive, "stripe", "not_found", 404, nil},
	} {
		answer := do(t, s, asks(c.line, c.body, form)).want(t, c.status)
		name := "default"
		if strings.Contains(c.line, "/~other/") {
			name = "other"
		}
		sb, err := s.Sandboxes().Get(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		list := sb.Journal.Entries()
		e := list[len(list)-1]
		if len(answer.exactly("X-Polylink-Request")) != 1 || e.Operation != c.operation || e.Dialect != c.dialect || e.Rule.Code != c.code || e.Status != c.status || e.Sandbox != name {
			t.Errorf("%s: %+v with headers %v", c.line, e, answer.header)
		}
		if c.dialect != "" && (e.Rule.Line == 0 || !strings.HasSuffix(e.Rule.File, c.dialect+".yaml")) {
			t.Errorf("%s: decided at %+v", c.line, e.Rule)
		}
		text, err := json.Marshal(e.Render(journal.NewSecrets(journal.SecretsOf{})))
		if err != nil {
			t.Fatal(err)
		}
		shown := string(text)
		for _, secret := range c.hidden {
			if strings.Contains(shown, secret) {
				t.Errorf("%s: %q is in %s", c.line, secret, shown)
			}
		}
		if strings.HasPrefix(c.line, "HEAD") && answer.body != "" {
			t.Errorf("HEAD has a body: %s", answer.body)
		}
	}
}
