package admin

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

const (
	katuLink  = "katu9/497f6eca-6276-4993-bfeb-53cbbbba6f08"
	setupLink = "kirimdev/csl_01HXYZABCDEFGHJKMNPQRSTVWX"
)

func TestLinksAreFilteredAsTheyAreNow(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	all := l.admin("GET /links", "").want(200)
	if n := int(gjson.Get(all.body, "links.#").Int()); n != l.worlds.Peek("default").Info(t.Context()).Links {
		t.Errorf("%d links are listed", n)
	}
	if strings.Contains(all.body, `"token"`) || strings.Contains(all.body, "csl_Qm7xT2vB9kLpR4wZ_c8Nk3Qz") {
		t.Error("a link's secret is shown")
	}
	seen := ""
	gjson.Get(all.body, "links.#.created_at").ForEach(func(_, at gjson.Result) bool {
		if seen != "" && at.Time().After(date(seen)) {
			t.Errorf("%s comes after %s", at.Str, seen)
		}
		seen = at.Str
		return true
	})
	for query, want := range map[string]string{
		"?dialect=katu9":                     `["497f6eca-6276-4993-bfeb-53cbbbba6f08"]`,
		"?dialect=kirimdev&status=expired":   `["csl_01HXYZABCDEFGHJKMNPQRSTV0E"]`,
		"?dialect=kirimdev&status=completed": `["csl_01HXYZABCDEFGHJKMNPQRSTV0C"]`,
		"?dialect=katu9&status=expired":      `[]`,
	} {
		if got := gjson.Get(l.admin("GET /links"+query, "").want(200).body, "links.#.id").Raw; got != want {
			t.Errorf("GET /links%s = %s, want %s", query, got, want)
		}
	}
	l.pass(2 * time.Hour)
	if got := gjson.Get(l.admin("GET /links?dialect=katu9&status=expired", "").body, "links.#").Int(); got != 1 {
		t.Errorf("%d links have expired by real time", got)
	}
}

func TestButtonsAnswerTheCanonicalLink(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ link, what, status string }{
		{katuLink, "complete", "completed"}, {katuLink, "fail", "active"}, {katuLink, "cancel", "active"}, {katuLink, "expire", "expired"},
		{setupLink, "complete", "completed"}, {setupLink, "expire", "expired"}, {"devdraft/" + devLink, "complete", "active"},
		{"leanrails/cl_4de6fg8hi0jk", "cancel", "active"},
	} {
		t.Run(c.what+" "+c.link, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			got := l.admin("POST /links/"+c.link+"/"+c.what, "").want(200)
			if got.get("status") != c.status || got.get("object") != "link" || !strings.HasSuffix(c.link, got.get("id")) {
				t.Errorf("answers %s", got.body)
			}
			if read := l.admin("GET /links/"+c.link, "").body; read != got.body {
				t.Errorf("then it is\n%s, not\n%s", read, got.body)
			}
			if c.status == "active" {
				return
			}
			for _, what := range []string{"complete", "fail", "cancel", "expire"} {
				l.admin("POST /links/"+c.link+"/"+what, "").refused(409, c.status, "active")
			}
		})
	}
}

func TestButtonsLeaveAnAuditEntryEach(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, what := range []string{"fail", "cancel", "complete"} {
		l.admin("POST /links/"+setupLink+"/"+what, "").want(200)
	}
	l.admin("POST /links/"+katuLink+"/expire", "").want(200)
	l.admin("POST /links/"+katuLink+"/expire", "").want(409)
	var got []string
	gjson.Get(l.admin("GET /audit", "").want(200).body, "audit").ForEach(func(_, e gjson.Result) bool {
		got = append(got, e.Get("at").Str+" "+e.Get("dialect").Str+"/"+e.Get("record").Str+" "+e.Get("operation").Str+" "+
			e.Get("before.status").Str+" "+e.Get("after.status").Str+" "+fmt.Sprint(e.Get("account").Str == e.Get("before.account").Str))
		return true
	})
	const at = "2026-01-02T03:04:05Z "
	want := []string{
		at + katuLink + " link.expire active expired true", at + setupLink + " link.complete active completed true",
		at + setupLink + " link.cancel active active true", at + setupLink + " link.fail active active true",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCompletingShowsInTheDialect(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("POST /links/"+setupLink+"/complete", "").want(200)
	list := l.send("GET /kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX/setup_links?status=consumed", "", kirimdev...).want(200).body
	if !strings.Contains(list, `"consumed_at":"2026-01-02T03:04:05.000Z"`) {
		t.Errorf("the link was not consumed now: %s", list)
	}
	if got := l.send("GET /kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX", "", kirimdev...).get("data.status"); got != "active" {
		t.Errorf("its customer is %s", got)
	}
}

// TestCompletingWakesNoCustomer has customers that wait for nothing.
func TestCompletingWakesNoCustomer(t *testing.T) {
	t.Parallel()
	const customer = "/kirimdev/v1/customers/cus_01HXYZABCDEFGHJKMNPQRSTVWX"
	for want, line := range map[string][2]string{"suspended": {"PATCH " + customer, `{"status":"suspended"}`}, "archived": {"DELETE " + customer, ""}} {
		l := newLab(t)
		l.send(line[0], line[1], kirimdev...).want(200)
		l.admin("POST /links/"+setupLink+"/complete", "").want(200)
		if got := l.send("GET "+customer, "", kirimdev...).get("data.status"); got != want {
			t.Errorf("a customer who was %s is %s", want, got)
		}
	}
}

func TestALinkIsCompletedAsOftenAsItMay(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send(devUpdate, `{"limitPayments":true,"maxPayments":2}`, devdraft...).want(200)
	for i := range 2 {
		if n := l.admin("POST /links/devdraft/"+devLink+"/complete", "").want(200).get("completion.count"); n != string(rune('1'+i)) {
			t.Errorf("completed %s times, want %d", n, i+1)
		}
	}
	l.admin("POST /links/devdraft/"+devLink+"/complete", "").refused(409, "as often as it may")
}

func TestLinksThatDoNotExpireSaySo(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("POST /links/leanrails/cl_4de6fg8hi0jk/expire", "").refused(409, "do not expire")
}

func TestAuditNamesWhoAndWhat(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	before := l.admin("GET /links/devdraft/"+devLink, "").get("amount")
	l.send(devUpdate, `{"amount":31.4895}`, devdraft...)
	l.send(devUpdate, `{"title":"Another"}`, devdraft...).want(200)
	l.send(devUpdate, `{"amount":60}`, devdraft...).want(200)
	got := l.admin("GET /audit", "").want(200)
	if n := gjson.Get(got.body, "audit.#").Int(); n < 2 {
		t.Fatalf("%d entries: %s", n, got.body)
	}
	newest := gjson.Get(got.body, "audit.0")
	for path, want := range map[string]string{"dialect": "devdraft", "account": "acct_main", "operation": "link.update", "record": devLink,
		"significant": "true", "at": "2026-01-02T03:04:05Z", "before.object": "link", "after.title": "Another", "request.method": "PUT"} {
		if v := newest.Get(path).String(); v != want {
			t.Errorf("%s is %q, want %q", path, v, want)
		}
	}
	if newest.Get("before.amount").String() == newest.Get("after.amount").String() || before == "" {
		t.Errorf("the amount is the same: %s", newest)
	}
	if gjson.Get(got.body, "audit.1.significant").Bool() {
		t.Errorf("a new title is significant: %s", gjson.Get(got.body, "audit.1"))
	}
	if strings.Contains(got.body, "your_client") {
		t.Error("the credential is shown")
	}
}

func TestWebhookEndpointsAreKeptWithoutShowingSecrets(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const secret = "whsec_0123456789abcdef0123456789abcdef"
	made := l.admin("POST /webhooks", `{"dialect":"devdraft","url":"https://example.com/hook?a=1","secret":"`+secret+`","events":["payment.completed"]}`).want(201)
	id := made.get("id")
	if made.get("active") != "true" || made.get("hasSecret") != "true" || made.get("url") != "https://example.com/hook?a=1" || made.get("events.0") != "payment.completed" {
		t.Errorf("made %s", made.body)
	}
	second := l.admin("POST /webhooks", `{"dialect":"katu9","url":"http://localhost:1/h"}`).want(201)
	if second.get("hasSecret") != "false" || gjson.Get(second.body, "events").Raw != "[]" {
		t.Errorf("made %s", second.body)
	}
	list := l.admin("GET /webhooks", "").want(200)
	if gjson.Get(list.body, "webhooks.#.id").Raw != `["`+id+`","`+second.get("id")+`"]` {
		t.Errorf("listed %s", list.body)
	}
	l.pass(time.Minute)
	changed := l.admin("PATCH /webhooks/"+id, `{"active":false,"events":[]}`).want(200)
	if changed.get("active") != "false" || changed.get("hasSecret") != "true" || changed.get("updated") == changed.get("created") {
		t.Errorf("changed to %s", changed.body)
	}
	if got := l.admin("PATCH /webhooks/"+id, `{"secret":""}`).want(200); got.get("hasSecret") != "false" {
		t.Errorf("an empty secret leaves %s", got.body)
	}
	l.admin("PATCH /webhooks/"+id, `{"secret":"`+secret+`2"}`).want(200)
	for _, a := range []answer{made, list, changed, l.admin("GET /webhooks", ""), l.admin("GET /requests", ""), l.admin("GET /sandboxes", "")} {
		if strings.Contains(a.body, secret) {
			t.Errorf("the secret is shown: %s", a.body)
		}
	}
	if strings.Contains(l.logged.String(), secret) {
		t.Error("the secret is in the log")
	}
	// The dialect's own operations do not see it, nor do other sandboxes.
	l.send("GET /devdraft/api/v0/webhooks/"+id, "", devdraft...).want(404)
	if body := l.send("GET /devdraft/api/v0/webhooks", "", devdraft...).want(200).body; strings.Contains(body, "example.com/hook?a") {
		t.Errorf("the dialect lists it: %s", body)
	}
	if got := l.in("other", "GET /webhooks", "").body; !strings.Contains(got, `"webhooks":[]`) {
		t.Errorf("another sandbox has %s", got)
	}
	l.admin("DELETE /webhooks/"+id, "").want(204)
	l.admin("DELETE /webhooks/"+id, "").refused(404)
	if got := gjson.Get(l.admin("GET /webhooks", "").body, "webhooks.#").Int(); got != 1 {
		t.Errorf("%d are left", got)
	}
}
