package admin

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/sandbox"
)

func TestSandboxesAreMadeOnFirstUse(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.send(devRead, "", inside("by-header", devdraft)...).want(200)
	l.send("GET /~by-path/devdraft/api/v0/payment-links/"+devLink, "", devdraft...).want(200)
	l.send("GET /katu9/balance", "", "Authorization: Bearer tok_sandbox_main~by-key").want(200)
	l.in("by-control", "GET /clock", "").want(200)
	l.send("GET /~by-control-path/__admin/clock", "").want(200)
	if got := gjson.Get(l.admin("GET /sandboxes", "").body, "sandboxes.#.name").Raw; got != `["by-control","by-control-path","by-header","by-key","by-path","default"]` {
		t.Errorf("there are %s", got)
	}
	for _, name := range []string{"by-header", "by-path", "by-key"} {
		if got := gjson.Get(l.in(name, "GET /requests", "").body, "requests.#.sandbox").Raw; got != `["`+name+`"]` {
			t.Errorf("the journal of %s has %s", name, got)
		}
	}
}

func TestAForkIsIsolated(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.in("base", "PUT /clock", `{"now":"2030-01-01T00:00:00Z","frozen":true}`).want(200)
	l.send(generate, depositOne, inside("base", katu9)...).want(201)
	l.in("base", "POST /faults", `{"status":503}`).want(201)
	fork := l.admin("POST /sandboxes/base/fork", `{"name":"copy"}`).want(201)
	if fork.get("name") != "copy" || fork.get("links") != strconv.Itoa(l.worlds.Peek("base").Info(t.Context()).Links) {
		t.Errorf("the fork is %s", fork.body)
	}
	l.admin("POST /sandboxes", `{"name":"second","from":"base"}`).want(201)
	for _, name := range []string{"copy", "second"} {
		l.send(generate, depositOne, inside(name, katu9)...).want(409) // its rows are there, the fault is not
		if got := l.in(name, "GET /clock", "").get("now"); got != "2030-01-01T00:00:00Z" {
			t.Errorf("the clock of %s shows %s", name, got)
		}
	}
	l.in("copy", "POST /clock/advance", `{"by":"61m"}`).want(200)
	l.send(generate, depositOne, inside("copy", katu9)...).want(201)
	l.send(devUpdate, `{"title":"Only here"}`, inside("copy", devdraft)...).want(200)
	l.send(devUpdate, `{"title":"Base"}`, inside("base", devdraft)...).want(503)
	l.send(devUpdate, `{"title":"Base"}`, inside("base", devdraft)...).want(200)
	for name, want := range map[string]string{"copy": "Only here", "base": "Base", "second": "Premium Subscription", "default": "Premium Subscription"} {
		if got := l.in(name, "GET /links/devdraft/"+devLink, "").get("title"); got != want {
			t.Errorf("in %s the title is %s, want %s", name, got, want)
		}
	}
	if got := l.in("base", "GET /clock", "").get("now"); got != "2030-01-01T00:00:00Z" {
		t.Errorf("the clock of the base went along: %s", got)
	}
	l.admin("DELETE /sandboxes/base", "").want(204)
	l.send(devRead, "", inside("copy", devdraft)...).want(200)
}

func TestResetStartsAgain(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, name := range []string{"default", "a"} {
		fresh := l.in(name, "GET /links", "").body
		l.in(name, "PUT /clock", `{"now":"2030-01-01T00:00:00Z","frozen":true}`).want(200)
		l.in(name, "POST /faults", `{"dialect":"katu9","status":503}`).want(201)
		l.in(name, "POST /webhooks", `{"dialect":"katu9","url":"http://localhost/"}`).want(201)
		l.send(devUpdate, `{"title":"Gone","amount":90}`, inside(name, devdraft)...).want(200)
		a := l.in(name, "POST /reset", "").want(200)
		if a.get("name") != name {
			t.Errorf("reset answers %s", a.body)
		}
		for path, want := range map[string]string{"faults": `"faults":[]`, "requests": `"requests":[]`, "webhooks": `"webhooks":[]`, "audit": `"audit":[]`, "clock": `"frozen":false`} {
			if got := l.in(name, "GET /"+path, "").body; !strings.Contains(got, want) {
				t.Errorf("%s of %s is %s", path, name, got)
			}
		}
		if again := l.in(name, "GET /links", "").body; again != fresh {
			t.Errorf("the links of %s are others than in the beginning", name)
		}
		l.send("GET /katu9/balance", "", inside(name, katu9)...).want(200)
	}
}

func TestTheLeastUsedSandboxMakesRoom(t *testing.T) {
	t.Parallel()
	l := newLab(t, func(_ *Options, o *sandbox.Options) { o.Max, o.Idle = 3, time.Hour })
	for _, name := range []string{"a", "b", "a", "c"} {
		l.pass(time.Second)
		l.in(name, "GET /clock", "").want(200)
	}
	list := l.admin("GET /sandboxes", "")
	if gjson.Get(list.body, "sandboxes.#.name").Raw != `["a","c","default"]` || list.get("evicted") != "1" {
		t.Errorf("there are %s", list.body)
	}
	if logged := l.logged.String(); !strings.Contains(logged, `msg="sandbox evicted" sandbox=b reason=full`) {
		t.Errorf("the log has %s", logged)
	}
	l.pass(2 * time.Hour)
	l.in("d", "GET /clock", "").want(200)
	if got := l.admin("GET /sandboxes", "").get("evicted"); got != "3" {
		t.Errorf("%s are evicted", got)
	}
}

// TestAThousandWorldsAtOnce lets each world move its time, inject a fault, make
// a link, look at its journal and start again, and none notice another.
func TestAThousandWorldsAtOnce(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	var wg sync.WaitGroup
	for i := range 1000 {
		wg.Go(func() {
			name := fmt.Sprintf("w%d", i)
			admin := func(line, body string) answer {
				return l.send(strings.Replace(line, " ", " /~"+name+"/__admin", 1), body)
			}
			year := 2030 + i%1000
			at := fmt.Sprintf("%d-01-01T00:00:00Z", year)
			admin("PUT /clock", `{"now":"`+at+`","frozen":true}`).want(200)
			admin("POST /faults", `{"dialect":"katu9","status":503}`).want(201)
			l.send(generate, depositOne, inside(name, katu9)...).want(503)
			a := l.send(generate, depositOne, inside(name, katu9)...).want(201)
			if got := a.get("data.paymentLink.expiresAt"); got != fmt.Sprintf("%d-01-01T01:00:00Z", year) {
				t.Errorf("%s: the link expires at %s", name, got)
			}
			if got := admin("GET /requests", "").get("total"); got != "2" {
				t.Errorf("%s: the journal has %s entries", name, got)
			}
			got := admin("POST /clock/advance", `{"by":"61m"}`).want(200)
			if n := gjson.Get(got.body, `effects.#(id=="`+a.get("data.paymentLink.id")+`").at`).Str; n != fmt.Sprintf("%d-01-01T01:00:00Z", year) {
				t.Errorf("%s: the link fell due at %q", name, n)
			}
			admin("POST /reset", "").want(200)
			l.send(generate, depositOne, inside(name, katu9)...).want(201)
			if got := admin("GET /requests", "").get("total"); got != "1" {
				t.Errorf("%s: after the reset the journal has %s entries", name, got)
			}
		})
	}
	wg.Wait()
	if n := l.worlds.Len(); n != 1001 {
		t.Errorf("there are %d sandboxes", n)
	}
}
