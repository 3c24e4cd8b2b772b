package admin

import (
	"net/http"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/internal/jsontext"
)

// badCase is a request that is refused, and what the refusal says.
type badCase struct {
	line, body string
	status     int
	says       string
}

// badCases are what can be wrong with each route; hook is a webhook endpoint
// that there is.
func badCases(hook string) []badCase {
	return []badCase{
		{"PUT /clock", `{}`, 400, "say what to set"}, {"PUT /clock", `{"frozen":null}`, 400, "say what to set"}, {"PUT /clock", `{"frozen":"yes"}`, 400, "frozen must be true or false"},
		{"PUT /clock", `{"forzen":true}`, 400, "did you mean"}, {"PUT /clock", `{"now":1735689600}`, 400, "RFC 3339"}, {"PUT /clock", `{"now":"tomorrow"}`, 400, "RFC 3339"},
		{"PUT /clock", `{"now":"2026-13-01T00:00:00Z"}`, 400, "RFC 3339"}, {"PUT /clock", `{"now":"0000-01-01T00:00:00Z"}`, 400, "1970"}, {"PUT /clock", `{"now":"9999-01-01T00:00:00Z"}`, 400, "9000"},
		{"PUT /clock", `{"now":"NaN-01-01T00:00:00Z"}`, 400, "RFC 3339"}, {"PUT /clock", `{"now":{}}`, 400, "RFC 3339"}, {"PUT /clock", `{"now":""}`, 400, "RFC 3339"}, {"PUT /clock", `{"now":"2026-01-32"}`, 400, "RFC 3339"}, {"PUT /clock", `{"now":"9000-12-31T23:59:59-23:59"}`, 400, "9000"}, {"PUT /clock", `{"now":"1970-01-01T00:00:00+01:00"}`, 400, "1970"},
		{"POST /clock/advance", `{}`, 400, "duration"}, {"POST /clock/advance", `{"by":61}`, 400, "by must be a string"}, {"POST /clock/advance", `{"by":"1w"}`, 400, "7d"}, {"POST /clock/advance", `{"by":"1h","to":"2030-01-01"}`, 400, "either by"}, {"POST /clock/advance", `{"to":"2026-01-02T03:04:04Z"}`, 400, "past: it is 2026-01-02T03:04:05Z"},
		{"POST /clock/advance", `{"to":"2025-12-31"}`, 400, "past"}, {"POST /clock/advance", `{"to":"2030-02-30"}`, 400, "RFC 3339"}, {"POST /clock/advance", `{"to":"9001-01-01"}`, 400, "9000"}, {"POST /clock/advance", `{"to":1}`, 400, "to must be a string"},
		{"POST /clock/advance", `{"by":"-1d"}`, 400, "not negative"}, {"POST /clock/advance", `{"by":"200000d"}`, 400, "duration"},
		{"POST /clock/advance", `{"by":"-1s"}`, 400, "not negative"}, {"POST /clock/advance", `{"by":"NaNh"}`, 400, "duration"}, {"POST /clock/advance", `{"by":"9999999999h"}`, 400, "duration"},
		{"POST /clock/advance", `{"by":"` + strings.Repeat("9", 5000) + `h"}`, 400, "duration"}, {"POST /clock/advance", `{"by":null}`, 400, "duration"},
		{"POST /sandboxes", `{"name":""}`, 400, "1 to 40"}, {"POST /sandboxes", `{"name":"A"}`, 400, "a-z"}, {"POST /sandboxes", `{"name":"a/b"}`, 400, "a-z"}, {"POST /sandboxes", `{"name":5}`, 400, "name must be a string"},
		{"POST /sandboxes", `{"name":"` + strings.Repeat("a", 41) + `"}`, 400, "1 to 40"}, {"POST /sandboxes", `{"name":"taken"}`, 409, "taken"}, {"POST /sandboxes", `{"name":"x","from":"nowhere"}`, 404, "GET /__admin/sandboxes"},
		{"POST /sandboxes/nowhere/fork", `{"name":"x"}`, 404, "nowhere"}, {"POST /sandboxes/default/fork", `{"name":"taken"}`, 409, "taken"}, {"POST /sandboxes/default/fork", `{"name":"ß"}`, 400, "a-z"},
		{"DELETE /sandboxes/nowhere", ``, 404, "GET /__admin/sandboxes"}, {"DELETE /sandboxes/%00", ``, 404, "GET /__admin/sandboxes"},
		{"GET /links?dialect=nope", ``, 400, "katu9"}, {"GET /links?status=open", ``, 400, "active"}, {"GET /links?state=active", ``, 400, "status"}, {"GET /links?status=", ``, 400, "empty"},
		{"GET /links?status=active&status=expired", ``, 400, "once"}, {"GET /links?%zz", ``, 400, "query"}, {"GET /clock?now=1", ``, 400, "has none"},
		{"GET /links/nope/x", ``, 404, "katu9"}, {"GET /links/katu9/x", ``, 404, "GET /__admin/links"}, {"POST /links/katu9/x/complete", ``, 404, "GET /__admin/links"}, {"POST /links/katu9/%ff/expire", ``, 404, "GET /__admin/links"},
		{"POST /links/katu9/x/explode", ``, 404, "openapi.json"}, {"GET /requests/x", ``, 400, "X-Polylink-Request"}, {"GET /requests/9999", ``, 404, "evicted"}, {"GET /requests/-1", ``, 404, "evicted"},
		{"GET /requests/99999999999999999999", ``, 400, "X-Polylink-Request"},
		{"GET /requests?status=abc", ``, 400, "such as 4xx"}, {"GET /requests?status=6xx", ``, 400, "4xx"}, {"GET /requests?status=44x", ``, 400, "4xx"}, {"GET /requests?body.=x", ``, 400, "body.…"}, {"GET /requests?header.x=1&header.x=2", ``, 400, "once"}, {"POST /requests/count", `{"body.":1}`, 400, "there is no member"}, {"POST /requests/count", `{"status":{}}`, 400, "4xx"}, {"GET /requests?status=999", ``, 400, "HTTP status"}, {"GET /requests?limit=0", ``, 400, "at least 1"}, {"GET /requests?since=-1", ``, 400, "whole number"},
		{"GET /requests?unmatched=maybe", ``, 400, "true or false"}, {"GET /requests?operation=link.creat", ``, 400, "link.create"}, {"GET /requests?dialect=x", ``, 400, "katu9"}, {"GET /requests?foo=x", ``, 400, "operation"},
		{"POST /requests/count", `{"times":"1"}`, 400, "times must be a whole number"}, {"POST /requests/count", `{"times":1.5}`, 400, "times must be a whole number"}, {"POST /requests/count", `{"times":-1}`, 400, "at least 0"},
		{"POST /requests/count", `{"times":1,"atLeast":1}`, 400, "times"}, {"POST /requests/count", `{"atLeast":3,"atMost":1}`, 400, "no number"}, {"POST /requests/count", `{"dialect":"nope"}`, 400, "katu9"},
		{"POST /requests/count", `{"operation":"link.updat"}`, 400, "link.update"}, {"POST /requests/count", `{"operation":["link.update"]}`, 400, "operation must be a string"}, {"POST /requests/count", `{"status":1000}`, 400, "HTTP status"},
		{"POST /faults", `{}`, 400, "status, code, delay, abort or lost"}, {"POST /faults", `{"dialect":"katu9"}`, 400, "status, code, delay, abort or lost"}, {"POST /faults", `{"dialect":"nope","status":500}`, 400, "katu9"},
		{"POST /faults", `{"dialect":"katu9","operation":"link.delete","status":500}`, 400, "link.create"}, {"POST /faults", `{"operation":"nope","status":500}`, 400, "link.create"}, {"POST /faults", `{"code":"nope"}`, 400, "not_found"},
		{"POST /faults", `{"code":"customer_archived"}`, 400, "kirimdev"}, {"POST /faults", `{"dialect":"katu9","code":"customer_archived"}`, 400, "not_found"}, {"POST /faults", `{"status":99}`, 400, "200 to 599"},
		{"POST /faults", `{"status":0}`, 400, "200 to 599"}, {"POST /faults", `{"status":101}`, 400, "200 to 599"}, {"POST /faults", `{"status":600}`, 400, "200 to 599"}, {"POST /faults", `{"status":"500"}`, 400, "status must be a whole number"},
		{"POST /faults", `{"status":500,"times":0}`, 400, "times"}, {"POST /faults", `{"status":500,"times":-1}`, 400, "times"}, {"POST /faults", `{"status":500,"times":1000001}`, 400, "1000000"}, {"POST /faults", `{"status":500,"times":1e30}`, 400, "times"},
		{"POST /faults", `{"delay":"2m"}`, 400, "1m0s"}, {"POST /faults", `{"delay":"-1s"}`, 400, "at most"}, {"POST /faults", `{"delay":"soon"}`, 400, "250ms"}, {"POST /faults", `{"delay":5}`, 400, "delay must be a string"},
		{"POST /faults", `{"abort":"later"}`, 400, "body"}, {"POST /faults", `{"abort":1}`, 400, "reset"}, {"POST /faults", `{"abort":"reset","status":500}`, 400, "body"}, {"POST /faults", `{"opration":"x","status":500}`, 400, "did you mean"},
		{"DELETE /faults/flt_99", ``, 404, "GET /__admin/faults"},
		{"POST /webhooks", `{"url":"http://x"}`, 400, "dialect and url"}, {"POST /webhooks", `{"dialect":"katu9"}`, 400, "dialect and url"}, {"POST /webhooks", `{"dialect":"nope","url":"http://x"}`, 400, "katu9"},
		{"POST /webhooks", `{"dialect":"katu9","url":"ftp://x"}`, 400, "http or https"}, {"POST /webhooks", `{"dialect":"katu9","url":"/hook"}`, 400, "absolute"}, {"POST /webhooks", `{"dialect":"katu9","url":"http://u:p@x"}`, 400, "password"},
		{"POST /webhooks", `{"dialect":"katu9","url":"http://x","events":"all"}`, 400, "events must be a list"}, {"POST /webhooks", `{"dialect":"katu9","url":"http://x","events":[""]}`, 400, "events"}, {"POST /webhooks", `{"dialect":"katu9","url":"http://x","active":1}`, 400, "active must be true or false"},
		{"POST /webhooks", `{"dialect":"katu9","url":"http://x","secret":"` + strings.Repeat("s", 501) + `"}`, 400, "500"}, {"PATCH /webhooks/" + hook, `{}`, 400, "what to change"}, {"PATCH /webhooks/" + hook, `{"dialect":"katu9"}`, 400, "dialect"},
		{"PATCH /webhooks/whk_x", `{"active":true}`, 404, "GET /__admin/webhooks"}, {"DELETE /webhooks/whk_x", ``, 404, "GET /__admin/webhooks"},
		{"GET /dialects/nope", ``, 404, "katu9"}, {"GET /openapi/nope.json", ``, 404, "katu9"}, {"GET /openapi/katu9", ``, 404, ".json"}, {"GET /nothing", ``, 404, "openapi.json"}, {"GET /", ``, 404, "openapi.json"},
		{"GET /nothing", ``, 404, "openapi.json"}, {"PATCH /clock", `{}`, 405, "PUT"}, {"GET /reset", ``, 405, "POST"}, {"DELETE /health", ``, 405, "GET"},
		{"POST /clock/advance", `{"by":"` + strings.Repeat("1", maxBody) + `"}`, 413, "bytes"},
	}
}

// TestBadInputIsAProblemThatSaysWhatToSend goes through every route that reads
// something, and everything that can be wrong with it.
func TestBadInputIsAProblemThatSaysWhatToSend(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("POST /sandboxes", `{"name":"taken"}`).want(201)
	hook := l.admin("POST /webhooks", `{"dialect":"katu9","url":"http://localhost/h"}`).want(201).get("id")
	var cases []badCase
	// What is wrong with any body.
	for line, example := range map[string]string{
		"PUT /clock": "frozen", "POST /clock/advance": "by", "POST /sandboxes": "name", "POST /sandboxes/default/fork": "name", "POST /faults": "operation",
		"POST /requests/count": "operation", "POST /webhooks": "dialect", "PATCH /webhooks/" + hook: "active", "PUT /snapshot": "GET /__admin/snapshot",
	} {
		for body, says := range map[string]string{
			"": "empty", "  \n": "empty", "{": "not one JSON value", `{}{}`: "not one JSON value", `{} }`: "not one JSON value", `[]`: "no JSON object", `null`: "no JSON object", `"x"`: "no JSON object",
			"\xff": "not UTF-8", `{"bogus":1}`: "", strings.Repeat(`{"a":`, 20000): "not one JSON value", `by=61m`: "not one JSON value",
		} {
			cases = append(cases, badCase{line, body, 400, says}, badCase{line, body, 400, example})
		}
	}
	cases = append(cases, badCases(hook)...)
	for _, c := range cases {
		name := c.line + " " + jsontext.Shorten(c.body, 40)
		t.Run(name, func(t *testing.T) {
			l := *l
			l.tb = t
			l.admin(c.line, c.body).refused(c.status, c.says)
		})
	}
	if got := len(l.worlds.All()); got != 2 {
		t.Errorf("refusals have made sandboxes: there are %d", got)
	}
}

func TestBadSandboxNamesAreProblems(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, line := range []string{"GET /clock", "POST /reset", "GET /snapshot", "GET /links", "GET /requests", "GET /faults", "GET /audit", "GET /webhooks"} {
		l.admin(line, "", "X-Polylink-Sandbox: No Good").refused(400, "a-z")
		l.send(strings.Replace(line, "/", "/~NoGood/__admin/", 1), "").refused(404, "a-z")
	}
}

func TestHeadIsServedWhereGetIs(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send("HEAD /__admin/health", "").want(http.StatusOK)
	if allow := l.send("OPTIONS /__admin/clock", "").refused(405, "PUT").header.Get("Allow"); allow != "GET, HEAD, PUT" {
		t.Errorf("Allow is %q", allow)
	}
}
