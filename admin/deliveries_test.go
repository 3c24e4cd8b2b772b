package admin

import (
	"strings"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/signing"
	"github.com/polylink-dev/polylink/webhook"
)

const aSecret = "whsec_0123456789abcdef"

// paid is the event of devdraft that a completed link is told of with.
const paid = `"dialect":"devdraft","event":"payment_link.paid"`

// endpoint registers one for devdraft and returns its id.
func (l *lab) endpoint(more string) string {
	l.tb.Helper()
	return l.admin("POST /webhooks", `{"dialect":"devdraft","url":"http://localhost:9/h","secret":"`+aSecret+`"`+more+`}`).want(201).get("id")
}

// complete pays the link.
func (l *lab) complete() {
	l.tb.Helper()
	l.admin("POST /links/devdraft/"+devLink+"/complete", "").want(200)
}

// await waits for deliveries that have arrived.
func (l *lab) await(what string) answer {
	l.tb.Helper()
	return l.admin("POST /deliveries/wait", `{`+what+`,"timeout":"20s"}`).want(200)
}

func TestDeliveriesAreLoggedWithoutSecrets(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	hook := l.endpoint(`,"events":["payment_link.paid"]`)
	l.complete()
	one := gjson.Get(l.await(paid).body, "deliveries.0")
	for path, want := range map[string]string{"dialect": "devdraft", "event": "payment_link.paid", "record": devLink, "endpoint": hook, "status": "delivered",
		"attempts.#": "1", "attempts.0.response.status": "200", "url": "http://localhost:9/h"} {
		if got := one.Get(path).String(); got != want {
			t.Errorf("%s is %q, want %q", path, got, want)
		}
	}
	style := files().set.Dialect("devdraft").Webhooks.Style
	header := map[string][]string{}
	for name, v := range one.Get("attempts.0.request.headers").Map() {
		header[name] = []string{v.Get("0").Str}
	}
	if _, err := style.Verify(signing.Received{Header: header, Body: []byte(one.Get("attempts.0.request.body").Str)}, []string{aSecret}, l.now(), 0); err != nil {
		t.Error(err)
	}
	for _, at := range []string{"GET /deliveries", "GET /webhooks", "GET /snapshot", "GET /events"} {
		if body := l.admin(at, "").want(200).body; strings.Contains(body, aSecret) != (at == "GET /snapshot") {
			t.Errorf("%s and the secret: %s", at, body)
		}
	}
	for query, want := range map[string]string{"event=payment_link.paid": "1", "status=failed": "0", "endpoint=" + hook: "1", "record=nobody": "0"} {
		if got := gjson.Get(l.admin("GET /deliveries?"+query, "").want(200).body, "deliveries.#").String(); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	l.admin("POST /deliveries/"+one.Get("id").Str+"/resend", "").want(200)
	l.await(paid) // it has arrived before, and is not waited for
	l.admin("POST /deliveries/nobody/resend", "").refused(404, "no delivery")
	events, snap := l.admin("GET /events", "").want(200).body, l.admin("GET /snapshot", "").want(200).body
	l.admin("POST /reset", "").want(200)
	if got := l.admin("GET /deliveries", "").want(200).get("deliveries.#"); got != "0" {
		t.Errorf("after a reset there are %s deliveries", got)
	}
	l.admin("PUT /snapshot", snap).want(200) // an import tells of nothing
	if got := l.admin("GET /deliveries", "").want(200).get("deliveries.#"); got != "0" || l.admin("GET /events", "").body != events {
		t.Errorf("after an import there are %s deliveries, and other events", got)
	}
}

// TestAnAdvanceRunsTheRetriesThatFallDue lets a receiver fail, and moves the
// clock over the whole schedule of devdraft.
func TestAnAdvanceRunsTheRetriesThatFallDue(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.heard.answer(500)
	l.admin("PUT /clock", `{"now":"2026-01-02T00:00:00Z","frozen":true}`).want(200)
	l.endpoint(`,"events":["payment_link.paid"]`)
	l.complete()
	if _, err := l.worlds.Peek(sandbox.Default).Post.Outbox().Wait(t.Context(), webhook.Filter{Status: webhook.Retrying}, 1); err != nil {
		t.Fatal(err)
	}
	moved := l.admin("POST /clock/advance", `{"by":"40m"}`).want(200)
	if got := gjson.Get(moved.body, "effects.#.at").Raw; got != `["2026-01-02T00:01:00Z","2026-01-02T00:06:00Z","2026-01-02T00:36:00Z"]` {
		t.Errorf("attempts at %s", got)
	}
	if got := l.admin("GET /deliveries", "").get("deliveries.0.status"); got != "retrying" {
		t.Errorf("it is %s", got)
	}
	l.heard.answer(200)
	l.admin("POST /clock/advance", `{"by":"2h"}`).want(200)
	d := l.admin("GET /deliveries", "")
	if d.get("deliveries.0.status") != "delivered" || d.get("deliveries.0.attempts.#") != "5" {
		t.Errorf("after the last attempt: %s", d.body)
	}
}

func TestDeliveriesGoWrongOnDemand(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault string
		sent  int
		check func(t *testing.T, l *lab)
	}{
		"duplicate": {`"delivery":"duplicate"`, 2, func(t *testing.T, l *lab) {
			got := l.heard.got()
			if string(got[0].Body) != string(got[1].Body) {
				t.Error("the two differ")
			}
		}},
		"drop": {`"delivery":"drop"`, 0, func(t *testing.T, l *lab) {
			if got := l.admin("GET /deliveries", "").get("deliveries.0.status"); got != "dropped" {
				t.Errorf("it is %s", got)
			}
		}},
		"bad signature": {`"delivery":"bad_signature","event":"link.completed"`, 1, func(t *testing.T, l *lab) {
			if err := verify(l, l.heard.got()[0]); err == nil {
				t.Error("the signature is right")
			}
		}},
		"cut": {`"delivery":"cut"`, 1, func(t *testing.T, l *lab) {
			if gjson.ValidBytes(l.heard.got()[0].Body) {
				t.Error("the body is whole")
			}
		}},
		"late": {`"delivery":"late","delay":"25h"`, 0, func(t *testing.T, l *lab) {
			l.admin("POST /clock/advance", `{"by":"24h"}`).want(200)
			if n := len(l.heard.got()); n != 0 {
				t.Errorf("a day later %d have been sent", n)
			}
			l.admin("POST /clock/advance", `{"by":"1h"}`).want(200)
			if n := len(l.heard.got()); n != 1 {
				t.Errorf("25 hours later %d have been sent", n)
			}
		}},
		"reorder": {`"delivery":"reorder"`, 0, func(t *testing.T, l *lab) {
			l.complete()
			l.await(paid + `,"n":2`)
			got := l.heard.got()
			if first, second := gjson.GetBytes(got[0].Body, "id").Str, gjson.GetBytes(got[1].Body, "id").Str; first == second || first != l.admin("GET /events", "").get("events.1.id") {
				t.Errorf("sent %s, %s", first, second)
			}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.admin("PUT /clock", `{"frozen":true}`).want(200)
			l.endpoint(`,"events":["payment_link.paid"]`)
			l.admin("POST /faults", `{"dialect":"devdraft",`+c.fault+`}`).want(201)
			l.complete()
			if c.sent > 0 {
				l.await(paid + `,"n":` + string(rune('0'+c.sent)))
			}
			c.check(t, l)
			if got := l.admin("GET /faults", "").get("faults.0.hits"); got != "1" {
				t.Errorf("it happened %s times", got)
			}
		})
	}
}

// verify checks the signature of a delivery of devdraft.
func verify(l *lab, req signing.Request) error {
	_, err := files().set.Dialect("devdraft").Webhooks.Style.Verify(signing.Received{Header: req.Header, Body: req.Body}, []string{aSecret}, l.now(), 0)
	return err
}

func TestDeliveriesThatCannotBeAwaited(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.admin("POST /deliveries/wait", `{`+paid+`,"timeout":"1ms"}`).refused(408, "0 deliveries arrived")
	for body, says := range map[string]string{
		`{"n":0}`: "n must be", `{"timeout":"2m"}`: "at most 50s", `{"timeout":"soon"}`: "timeout", `{"dialect":"nobody"}`: "nobody",
		`{"dialect":"devdraft","event":"a"}`: "payment_link.paid",
	} {
		l.admin("POST /deliveries/wait", body).refused(400, says)
	}
	for body, says := range map[string]string{
		`{"event":"link.completed"}`: "delivery", `{"delivery":"drop","status":500}`: "no operation, status", `{"delivery":"drop","delay":"1s"}`: "late",
		`{"delivery":"late","delay":"73h"}`: "72h", `{"delivery":"drop","event":"link.none"}`: "link.completed", `{"delivery":"lost"}`: "duplicate",
	} {
		l.admin("POST /faults", body).refused(400, says)
	}
	for body, says := range map[string]string{
		`"events":["payment_link.updated"]`: "payment_link.created", `"secret":"a","secrets":["b"]`: "either", `"secrets":[""]`: "a secret must be",
	} {
		l.admin("POST /webhooks", `{"dialect":"devdraft","url":"http://localhost/h",`+body+`}`).refused(400, says)
	}
}

// TestSeveralSecretsSign registers one with two, as for a rotation.
func TestSeveralSecretsSign(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	id := l.admin("POST /webhooks", `{"dialect":"kirimdev","url":"http://localhost/h","secrets":["whsec_new","whsec_old"]}`).want(201).get("id")
	l.admin("POST /links/kirimdev/csl_01HXYZABCDEFGHJKMNPQRSTVWX/complete", "").want(200)
	l.await(`"dialect":"kirimdev","n":2`)
	style := files().set.Dialect("kirimdev").Webhooks.Style
	for _, req := range l.heard.got() {
		for _, secret := range []string{"whsec_new", "whsec_old"} {
			if _, err := style.Verify(signing.Received{Header: req.Header, Body: req.Body}, []string{secret}, l.now(), time.Minute); err != nil {
				t.Errorf("%s: %v", secret, err)
			}
		}
	}
	l.admin("PATCH /webhooks/"+id, `{"active":false}`).want(200)
	l.admin("POST /events", `{"dialect":"kirimdev","event":"customer.onboarded","id":"csl_01HXYZABCDEFGHJKMNPQRSTVWX"}`).want(201)
	if got := l.admin("GET /deliveries", "").get("deliveries.#"); got != "2" {
		t.Errorf("an endpoint that is switched off was sent to: %s deliveries", got)
	}
}

func TestAClockRunsAtARate(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, c := range []struct{ send, now, frozen, rate string }{
		{`{"rate":60}`, "2026-01-02T03:04:05Z", "false", "60"},
		{`{"rate":0}`, "2026-01-02T04:04:05Z", "true", "0"},
		{`{"rate":0.5}`, "2026-01-02T04:04:05Z", "false", "0.5"},
		{`{"now":"2030-01-01T00:00:00Z","rate":60,"frozen":false}`, "2030-01-01T00:00:00Z", "false", "60"},
		{`{"frozen":false}`, "2030-01-01T01:00:00Z", "false", "1"},
		{`{"now":null}`, "2026-01-02T03:09:05Z", "false", "1"},
	} {
		got := l.admin("PUT /clock", c.send).want(200)
		if got.get("now") != c.now || got.get("frozen") != c.frozen || got.get("rate") != c.rate || l.admin("GET /clock", "").body != got.body {
			t.Errorf("%s: %s", c.send, got.body)
		}
		l.pass(time.Minute)
	}
	l.admin("PUT /clock", `{"rate":60}`).want(200)
	snap := l.admin("GET /snapshot", "").want(200)
	l.admin("POST /reset", "").want(200)
	l.admin("PUT /snapshot", snap.body).want(200)
	if got := l.admin("GET /clock", "").get("rate"); got != "60" {
		t.Errorf("restored, the rate is %s", got)
	}
	for body, says := range map[string]string{`{"rate":-1}`: "from 0", `{"rate":1e9}`: "1000000", `{"rate":"fast"}`: "rate", `{"rate":2,"frozen":true}`: "frozen", `{"rate":0,"frozen":false}`: "frozen"} {
		l.admin("PUT /clock", body).refused(400, says)
	}
}
