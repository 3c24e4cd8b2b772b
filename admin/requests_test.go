package admin

import (
	"encoding/base64"
	"fmt"
	"io/fs"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
)

// entry reads the journal's entry that an answer names.
func (l *lab) entry(name string, a answer) answer {
	l.tb.Helper()
	n := a.header.Get("X-Polylink-Request")
	if n == "" {
		l.tb.Fatalf("the answer names no entry: %d %s", a.status, a.body)
	}
	return l.in(name, "GET /requests/"+n, "").want(200)
}

func TestEveryAnswerNamesItsEntry(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for line, c := range map[string]struct {
		body    string
		headers []string
		status  int
		code    string
	}{
		devRead: {"", devdraft, 200, "ok"},
		"GET /devdraft/api/v0/payment-links/nope":                {"", devdraft, 404, "not_found"},
		"GET /devdraft/nothing":                                  {"", devdraft, 404, "route_not_found"},
		"TRACE /katu9/balance":                                   {"", katu9, 405, "method_not_allowed"},
		"OPTIONS /devdraft/api/v0/payment-links":                 {"", devdraft, 204, "ok"},
		"HEAD /devdraft/api/v0/payment-links":                    {"", devdraft, 200, "ok"},
		"GET /devdraft/api/v0/payment-links?x=1":                 {"", nil, 401, "missing_credential"},
		"GET /nowhere":                                           {"", nil, 404, "no_dialect"},
		"POST /nowhere":                                          {`{"a":1}`, nil, 404, "no_dialect"},
		"GET /~NoGood/devdraft/api/v0/payment-links":             {"", devdraft, 404, "sandbox_name"},
		"GET /devdraft/api/v0/payment-links?a=b":                 {"", append([]string{"X-Polylink-Sandbox: No Good"}, devdraft...), 400, "sandbox_name"},
		"GET /devdraft/api/v0/payment-links?__code=418":          {"", devdraft, 400, "no_such_answer"},
		"GET /devdraft/api/v0/payment-links?__code=409":          {"", devdraft, 409, ""},
		"PUT /devdraft/api/v0/payment-links/" + devLink:          {"{", devdraft, 400, "malformed"},
		"PUT /devdraft/api/v0/payment-links/" + devLink + "?b=c": {`{"amount":-1}`, devdraft, 400, ""},
	} {
		a := l.send(line, c.body, c.headers...).want(c.status)
		e := l.entry("default", a)
		method, target, _ := strings.Cut(line, " ")
		path, _, _ := strings.Cut(target, "?")
		if e.get("request.method") != method || e.get("request.path") != path || e.get("response.status") != strconv.Itoa(c.status) || e.get("sandbox") != "default" {
			t.Errorf("%s: the entry is %s", line, e.body)
		}
		if c.code != "" && e.get("rule.code") != c.code {
			t.Errorf("%s: decided by %s, want %s", line, e.get("rule"), c.code)
		}
		if e.get("response.headers.X-Polylink-Request.0") != e.get("n") {
			t.Errorf("%s: the entry does not show the header that names it: %s", line, e.get("response.headers"))
		}
		if e.get("request.body") != c.body || e.get("response.body") != a.body && method != "HEAD" {
			t.Errorf("%s: the bodies are %s and %s", line, e.get("request.body"), e.get("response.body"))
		}
	}
	if n := gjson.Get(l.admin("GET /requests/unmatched", "").body, "requests.#").Int(); n != 7 {
		t.Errorf("%d requests are unmatched: %s", n, gjson.Get(l.admin("GET /requests/unmatched", "").body, "requests.#.request.path"))
	}
}

// TestTheRuleIsTheLineThatDecided looks into the mapping files at the line.
func TestTheRuleIsTheLineThatDecided(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, c := range []struct {
		line, body string
		headers    []string
		says       string
	}{
		{devRead, "", devdraft, "link.get:"},
		{devUpdate, `{"title":"xyz"}`, devdraft, "link.update:"},
		{devUpdate, `{"maxPayments":0}`, devdraft, "maxPayments:"},
		{devUpdate, `{`, devdraft, "malformed:"},
		{devRead, "", nil, "unauthorized:"},
		{"GET /devdraft/api/v0/payment-links/nope", "", devdraft, "not_found:"},
		{generate, `{}`, katu9, "transactionId:"},
		{generate, `{"transactionId":"75906707-8c31-479c-b354-aa805c4cef02"}`, katu9, "conflict:"},
		{"GET /kirimdev/nope", "", kirimdev, "route_not_found:"},
	} {
		e := l.entry("default", l.send(c.line, c.body, c.headers...))
		name, ok := strings.CutPrefix(e.get("rule.file"), "mappings/")
		data, err := fs.ReadFile(mappings.FS, name)
		if !ok || err != nil {
			t.Errorf("%s %s: no file %q", c.line, c.body, e.get("rule.file"))
			continue
		}
		n, lines := int(gjson.Get(e.body, "rule.line").Int()), strings.Split(string(data), "\n")
		if n < 1 || n > len(lines) || !strings.Contains(lines[n-1], c.says) && !strings.Contains(lines[max(0, n-2)], c.says) {
			t.Errorf("%s %s: line %d of %s does not say %s: %s", c.line, c.body, n, name, c.says, lines[max(0, n-1)])
		}
	}
}

func TestTheJournalTellsWhatChanged(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	e := l.entry("default", l.send(devUpdate, `{"title":"Other"}`, devdraft...).want(200))
	if e.get("changes.#") != "1" || e.get("changes.0.did") != "updated" || e.get("changes.0.id") != devLink || !strings.Contains(e.get("changes.0.fields"), `"title"`) {
		t.Errorf("changes are %s", e.get("changes"))
	}
	made := l.send(generate, depositOne, katu9...).want(201)
	if e := l.entry("default", made); e.get("changes.0.did") != "created" || e.get("changes.0.id") != made.get("data.paymentLink.id") {
		t.Errorf("changes are %s", e.get("changes"))
	}
	l.admin("POST /clock/advance", `{"by":"61m"}`).want(200)
	// The second takes the first one's claim over, which is no change to see.
	if e := l.entry("default", l.send(generate, depositOne, katu9...).want(201)); e.get("changes.#") != "1" {
		t.Errorf("changes are %s", e.get("changes"))
	}
	if e := l.entry("default", l.send(devRead, "", devdraft...)); gjson.Get(e.body, "changes").Raw != "[]" {
		t.Errorf("a read changes %s", e.get("changes"))
	}
	product := "/devdraft/api/v0/products/123e4567-e89b-12d3-a456-426614174005"
	if a := l.send("DELETE "+product, "", devdraft...); a.status < 300 {
		if e := l.entry("default", a); e.get("changes.0.did") != "deleted" {
			t.Errorf("changes are %s", e.get("changes"))
		}
	}
}

func TestJournalFiltersCountsAndVerifies(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send(devUpdate, `{"title":"One"}`, devdraft...).want(200)
	l.send(devUpdate, `{"title":"Two"}`, devdraft...).want(200)
	l.send(devUpdate, `{"title":9}`, devdraft...).want(400)
	l.send("GET /~default/devdraft/api/v0/payment-links/"+devLink, "", devdraft...).want(200)
	l.send(generate, depositOne, katu9...).want(201)
	l.send("GET /nowhere", "").want(404)
	for filter, want := range map[string]int{
		``: 6, `"dialect":"devdraft"`: 4, `"operation":"link.update"`: 3, `"operation":"link.update","status":200`: 2, `"method":"put"`: 3, `"body":"Two"`: 1,
		`"path":"/devdraft/*"`: 4, `"path":"/api/v0/payment-links/` + devLink + `"`: 4, `"path":"*` + devLink + `"`: 4, `"path":"/payment-link/generate"`: 1,
		`"path":"/~default/devdraft/*"`: 1, `"unmatched":true`: 1, `"status":"4xx"`: 2, `"status":"201"`: 1, `"body.title":"One"`: 1, `"body.title":9`: 1, `"body.title":"9"`: 1,
		`"body.title":"One","body.description":"x"`: 0, `"header.content-type":"application/json","status":"2xx"`: 4, `"header.x-client-key":"other"`: 0, `"since":4`: 2, `"dialect":"priceblocs"`: 0,
	} {
		got := l.admin("POST /requests/count", "{"+filter+"}").want(200)
		if got.get("count") != strconv.Itoa(want) {
			t.Errorf("%s counts %s, want %d", filter, got.body, want)
		}
		comma := ","
		if filter == "" {
			comma = ""
		}
		for _, ok := range []string{fmt.Sprintf(`"times":%d`, want), fmt.Sprintf(`"atLeast":%d`, want), fmt.Sprintf(`"atMost":%d`, want), fmt.Sprintf(`"atLeast":0,"atMost":%d`, want)} {
			l.admin("POST /requests/count", "{"+filter+comma+ok+"}").want(200)
		}
		for _, no := range []string{fmt.Sprintf(`"times":%d`, want+1), fmt.Sprintf(`"atLeast":%d`, want+1)} {
			l.admin("POST /requests/count", "{"+filter+comma+no+"}").refused(422, fmt.Sprintf("%d requests match", want))
		}
	}
	for query, want := range map[string]string{"status=4xx": "2", "status=404": "1", "status=2XX": "4", "status=5xx": "0", "body.title=Two": "1", "body.title=9": "1", "body.title=Two&status=4xx": "0",
		"header.content-type=application/json": "5", "header.X-Client-Key=your_client_key&body.title=One": "1", "path=/devdraft/api/v0/payment-links/" + devLink: "4"} {
		if got := l.admin("GET /requests?"+query, "").want(200).get("total"); got != want {
			t.Errorf("%s lists %s, want %s", query, got, want)
		}
	}
	p := l.admin("POST /requests/count", `{"dialect":"devdraft","operation":"link.update","status":409,"times":1}`).refused(422, "exactly 1", "entry 3", "status is 400")
	if p.get("closest.n") != "3" || p.get("closest.misses.0") != "status is 400" || p.get("closest.method") != "PUT" {
		t.Errorf("the closest is %s", p.get("closest"))
	}
	list := l.admin("GET /requests?operation=link.update&limit=2", "").want(200)
	if list.get("total") != "3" || gjson.Get(list.body, "requests.#.n").Raw != "[3,2]" {
		t.Errorf("listed %.300s", list.body)
	}
	if got := l.admin("DELETE /requests", "").want(200).get("cleared"); got != "6" {
		t.Errorf("cleared %s", got)
	}
	if e := l.entry("default", l.send(devRead, "", devdraft...)); e.get("n") != "7" {
		t.Errorf("after a clear the numbers go on at %s", e.get("n"))
	}
	l.admin("POST /requests/count", `{"operation":"link.create","times":1}`).refused(422, "entry 7")
}

func TestTheJournalIsCappedAndCounts(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(_ *Options, o *sandbox.Options) { o.Journal = 3 })
	for range 5 {
		l.send(devRead, "", devdraft...).want(200)
	}
	list := l.admin("GET /requests", "").want(200)
	if gjson.Get(list.body, "requests.#.n").Raw != "[5,4,3]" || list.get("evicted") != "2" {
		t.Errorf("kept %s, evicted %s", gjson.Get(list.body, "requests.#.n"), list.get("evicted"))
	}
	l.admin("GET /requests/2", "").refused(404, "evicted")
	l.in("other", "GET /requests/5", "").refused(404, "other")
}

func TestBodiesAreCut(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	big := `{"title":"` + strings.Repeat("é", journal.MaxBody) + `"}`
	e := l.entry("default", l.send(devUpdate, big, devdraft...))
	if n := int(gjson.Get(e.body, "request.bodySize").Int()); n != len(big) {
		t.Errorf("the size is %d, not %d", n, len(big))
	}
	if body := e.get("request.body"); len(body) > journal.MaxBody+4 || !strings.HasSuffix(body, "é…") || !strings.HasPrefix(body, `{"title":"é`) {
		t.Errorf("the body is %d bytes and ends in %q", len(body), body[max(0, len(body)-10):])
	}
}

// secretly sends secrets and notes them.
type secretly struct {
	*lab
	secrets map[string]bool
}

func (l secretly) note(s string) { l.secrets[s] = true }

// credentials sends every credential of the fixtures in every way there is.
func (l secretly) credentials() {
	for _, d := range files().set.Dialects {
		for _, rec := range files().fix.Records(d.Name, record.Credentials.Kind) {
			key := rec.ID()
			second, _ := record.Credentials.Slot("secret")
			l.note(key)
			if rec.Has(second) {
				l.note(rec.Text(second))
			}
			encoded := base64.StdEncoding.EncodeToString([]byte(key + ":"))
			l.note(encoded)
			for _, where := range []string{"?key=" + key, "?api_key=" + key, "?auth=" + url.QueryEscape("Basic "+encoded), "/" + key, "?" + key, "?a=" + percent(key)} {
				l.send("GET /"+d.Name+where, "", "Authorization: Bearer "+key)
				l.send("GET /nowhere"+where, "", "authorization: Basic "+encoded)
			}
			for _, h := range []string{"Authorization: Bearer " + key, "aUtHoRiZaTiOn: Basic " + encoded, "X-API-Key: " + key, "X-Client-Key: " + key, "x-client-secret: " + key,
				"Cookie: session=" + key, "X-Custom: Bearer " + key, "Proxy-Authorization: " + encoded, "Referer: http://x/?k=" + key} {
				l.send("POST /"+d.Name+"/nothing", `{"note":"my key is `+key+`","auth":"`+encoded+`"}`, h, "Content-Type: application/json")
			}
		}
	}
}

// keys sends keys that look real, and one that no fixture lists.
func (l secretly) keys() {
	for _, key := range []string{"kdv_live_real_0123456789abcdef", "sk_live_51Habcdefghijklmnop", "PB_sk_live_abcdefghijkl"} {
		l.note(key)
		l.send("GET /kirimdev/v1/customers?x="+key, "", "X-Whatever: "+key)
		l.send("POST /nowhere", `{"x":"`+key+`"}`)
	}
	l.note("unlisted-key-123")
	l.send("GET /kirimdev/v1/customers?access_token=unlisted-key-123", "", "Authorization: Bearer unlisted-key-123")
	l.send("GET /katu9/balance?trace=unlisted-key-123", "", "Authorization: Bearer unlisted-key-123~default")

}

// tokens makes a link with a secret, and sends it and another one later on.
func (l secretly) tokens() {
	setup := l.send(setupLinks, `{}`, append([]string{"Idempotency-Key: k"}, kirimdev...)...).want(201).get("data.setup_url")
	token := setup[strings.LastIndexByte(setup, '/')+1:]
	l.note(token)
	l.note("csl_Qm7xT2vB9kLpR4wZ_c8Nk3Qz") // of the fixtures
	l.send(setupLinks, `{}`, append([]string{"Idempotency-Key: k"}, kirimdev...)...).want(201)
	for _, tok := range []string{token, "csl_Qm7xT2vB9kLpR4wZ_c8Nk3Qz"} {
		l.send("GET /kirimdev/onboard/"+tok, "", kirimdev...)
		l.send("GET /nowhere/"+tok+"?t="+tok, "", "Referer: http://x/onboard/"+tok)
	}

}

// hooks sends webhook secrets: taken, refused, unauthorised, broken, of another
// type, spelt otherwise.
func (l secretly) hooks() {
	const hook = "whsec_9f8e7d6c5b4a39281706f5e4d3c2b1a0"
	l.note(hook)
	for _, body := range []string{
		`{"name":"h","url":"https://example.com/h","signing_secret":"` + hook + `"}`, `{"name":"h","signing_secret":"` + hook + `","url":7}`,
		`{"signing_secret":"` + hook + `"`, `{"signing_secret" : [ "` + hook + `" ]}`, `{"signing\u005fsecret":"` + hook + `"}`, `{"signing_secret":{"a":"` + hook + `","b":"}"},"c":1}`,
		`{"name":"` + strings.Repeat("x", journal.MaxBody-60) + `","signing_secret":"` + hook + `"}`, `{"metadata":{"password":"` + hook + `"}}`,
	} {
		l.send("POST /devdraft/api/v0/webhooks", body, devdraft...)
		l.send("POST /devdraft/api/v0/webhooks", body, "X-Client-Key: nope", "X-Client-Secret: nope-nope", "Content-Type: application/json")
		l.send("POST /devdraft/api/v0/webhookz", body, devdraft...)
		l.send("POST /nowhere", body)
	}
	l.send("POST /priceblocs/v1/x", "a=1&secret="+hook+"&b[token]="+hook, "Content-Type: application/x-www-form-urlencoded")
	l.admin("POST /webhooks", `{"dialect":"devdraft","url":"http://localhost/h","secret":"`+hook+`"}`).want(201)

}

// TestNoSecretIsEverShown sends secrets and looks through all that the API has
// to show.
func TestNoSecretIsEverShown(t *testing.T) {
	t.Parallel()
	l := secretly{newLab(t), map[string]bool{}}
	l.credentials()
	l.keys()
	l.tokens()
	l.hooks()
	shown := []string{l.logged.String()}
	for _, line := range []string{"GET /requests", "GET /requests/unmatched", "GET /audit", "GET /webhooks", "GET /links", "GET /faults", "GET /sandboxes", "GET /metrics"} {
		shown = append(shown, l.admin(line, "").want(200).body)
	}
	shown = append(shown, l.admin("POST /requests/count", `{"path":"/nothing-like-it","times":1}`).want(422).body)
	total := 0
	gjson.Get(shown[1], "requests").ForEach(func(_, e gjson.Result) bool {
		total++
		for s := range l.secrets {
			if strings.Contains(e.Raw, s) || strings.Contains(e.String(), s) {
				t.Errorf("an entry shows %s: %.1500s", s, e.Raw)
				return false
			}
		}
		return true
	})
	for i, text := range shown {
		for s := range l.secrets {
			if strings.Contains(text, s) && i != 1 {
				t.Errorf("text %d shows %s", i, s)
			}
		}
	}
	if total < 300 || len(l.secrets) < 30 {
		t.Errorf("only %d entries and %d secrets were looked at", total, len(l.secrets))
	}
}

// percent escapes every character.
func percent(s string) string {
	var b strings.Builder
	for i := range len(s) {
		fmt.Fprintf(&b, "%%%02X", s[i])
	}
	return b.String()
}

// TestTheEntryIsThereBeforeTheAnswer reads large answers over real connections.
func TestTheEntryIsThereBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ts := httptest.NewServer(l.srv)
	defer ts.Close()
	for range 50 {
		resp, err := ts.Client().Get(ts.URL + "/kirimdev/v1/health")
		if err != nil {
			t.Fatal(err)
		}
		l.admin("GET /requests/"+resp.Header.Get("X-Polylink-Request"), "").want(200)
		_ = resp.Body.Close()
	}
}
