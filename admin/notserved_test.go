package admin

import (
	"strings"
	"testing"
)

func TestARouteThatIsNotServedIsToldAsSuch(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	key := []string{"Authorization: Bearer sk_test_polylink_main"}
	for _, noun := range []string{"products", "prices", "customers"} {
		for _, path := range []string{"/stripe/v1/" + noun + "/search", "/v1/" + noun + "/search", "/stripe/v1/" + noun + "/search?query=active%3A%27true%27"} {
			r := l.request("GET "+path, "", key...)
			r.Host = "api.stripe.com"
			a := l.serve(r).refused(404, "/v1/"+noun+"/search", "not_served")
			if a.get("error.type") != "not_served" {
				t.Errorf("%s is answered %s", path, a.body)
			}
			e := l.admin("GET /requests/"+a.header.Get("X-Polylink-Request"), "").want(200)
			if e.get("dialect") != "stripe" || e.get("operation") != "" || e.get("rule.code") != "not_served" || !strings.HasSuffix(e.get("rule.file"), "stripe.yaml") || e.get("rule.line") == "0" || e.get("nearest") != "" {
				t.Errorf("%s: the journal has %s", path, e.body)
			}
		}
		l.send("HEAD /stripe/v1/"+noun+"/search", "", key...).want(404)
		if a := l.send("GET /stripe/v1/"+noun+"/searching", "", key...).want(404); a.header.Get("X-Polylink-Problem") != "" {
			t.Errorf("another id of %s is answered %s", noun, a.body)
		}
		if a := l.send("DELETE /stripe/v1/"+noun+"/search", "", key...); a.header.Get("X-Polylink-Problem") != "" {
			t.Errorf("another method of %s is answered %s", noun, a.body)
		}
	}
	if got := l.admin("GET /requests/unmatched", "").get("total"); got == "0" {
		t.Error("what is not served counts as matched")
	}
}
