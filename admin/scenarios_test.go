package admin

import (
	"testing"

	"github.com/tidwall/gjson"
)

// stands is where a scenario stands in a sandbox: its state, step, what is left
// of it, and how many steps there are.
func (l *lab) stands(sandbox, name string) string {
	l.tb.Helper()
	list := l.in(sandbox, "GET /scenarios", "").want(200)
	s := gjson.Get(list.body, `scenarios.#(name=="`+name+`")`)
	return s.Get("state").String() + " " + s.Get("step").String() + " " + s.Get("left").String() + " " + s.Get("steps").String()
}

func (l *lab) wantStands(sandbox, name, want string) {
	l.tb.Helper()
	if got := l.stands(sandbox, name); got != want {
		l.tb.Errorf("%s is at %s in %s, want %s", name, got, sandbox, want)
	}
}

func TestScenariosBelongToASandbox(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	const name = "gateway-trouble"
	l.wantStands("default", name, "idle 0 0 2")
	started := l.in("a", "POST /scenarios/"+name, "").want(200)
	if started.get("name") != name || started.get("state") != "running" || started.get("title") == "" || !gjson.Get(started.body, "shipped").Bool() {
		t.Errorf("it started as %s", started.body)
	}
	l.wantStands("default", name, "idle 0 0 2")
	l.wantStands("a", name, "running 1 1 2")
	l.send(setupLinks, `{}`, kirimdev...).want(201)
	in := append([]string{"X-Polylink-Sandbox: a"}, kirimdev...)
	l.send("GET /kirimdev/v1/me", "", in...).want(200) // its step does not name that
	l.wantStands("a", name, "running 1 1 2")
	bad := l.send(setupLinks, `{}`, in...).want(502)
	if e := l.entry("a", bad); e.get("fault") != name+"/1" {
		t.Errorf("the entry does not name the step: %s", e.body)
	}
	l.wantStands("a", name, "running 2 1 2")

	l.admin("POST /sandboxes/a/fork", `{"name":"b"}`).want(201)
	l.wantStands("b", name, "idle 0 0 2")
	snap := l.in("a", "GET /snapshot", "").want(200).body
	l.in("a", "POST /scenarios/"+name, "").want(200)
	l.wantStands("a", name, "running 1 1 2")
	l.in("a", "PUT /snapshot", snap).want(200)
	l.wantStands("a", name, "running 2 1 2")
	l.send(setupLinks, `{}`, in...).want(504)
	l.wantStands("a", name, "done 2 0 2")
	l.send(setupLinks, `{}`, in...).want(201)

	l.in("a", "POST /reset", "").want(200)
	l.wantStands("a", name, "idle 0 0 2")
	l.in("a", "POST /scenarios/"+name, "").want(200)
	l.in("a", "DELETE /scenarios/"+name, "").want(204)
	l.in("a", "DELETE /scenarios/"+name, "").want(204)
	l.wantStands("a", name, "idle 0 0 2")
	l.admin("POST /scenarios/gateway-trubble", "").refused(404, `"gateway-trouble"`)
	l.admin("DELETE /scenarios/nope", "").refused(404, `"nope"`)
	l.in("a", "PUT /snapshot", `{"polylink":1,"rows":[],"scenarios":[{"name":"nope","state":"running","step":1,"left":1}]}`).refused(400, `"nope"`)
	l.in("a", "PUT /snapshot", `{"polylink":1,"rows":[],"scenarios":[{"name":"lost-answer","state":"running","step":2,"left":1}]}`).refused(400, "1 steps")
}

func TestARequestStartsAScenario(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ask := append([]string{"X-Polylink-Scenario: server-error-then-fine"}, kirimdev...)
	l.send(setupLinks, `{}`, ask...).want(500)
	l.wantStands("default", "server-error-then-fine", "done 1 0 1")
	l.send(setupLinks, `{}`, ask...).want(201) // a client that tries again repeats its headers
	wrong := append([]string{"X-Polylink-Scenario: server-error"}, kirimdev...)
	l.send("GET /kirimdev/v1/me", "", wrong...).refused(400, `"server-error"`)
	l.admin("GET /clock", "", "X-Polylink-Scenario: nope").refused(400, `"nope"`)
	l.admin("GET /clock", "", "X-Polylink-Scenario: rate-limited").want(200)
	l.wantStands("default", "rate-limited", "running 1 1 1")
}

func TestAScenarioOverrulesWhatComesOfAPayment(t *testing.T) {
	t.Parallel()
	const pay, count = "POST /links/devdraft/" + devLink + "/complete", "completion.count"
	for name, c := range map[string]struct {
		scenario string
		press    []string // what is asked for in turn
		status   string   // of the link after each
		counts   string   // how often it is more than at first completed
		events   int
	}{
		"declined":          {"declined-then-paid", []string{"complete", "complete", "complete"}, "active active active", "012", 5},
		"cancelled":         {"cancelled-then-paid", []string{"complete", "fail"}, "active active", "01", 3},
		"twice":             {"paid-twice", []string{"complete", "complete"}, "active active", "23", 6},
		"after expiry":      {"paid-after-expiry", []string{"complete"}, "expired", "1", 3},
		"expired meanwhile": {"expired-while-paying", []string{"complete"}, "expired", "0", 1},
		"a cancel is none":  {"declined-then-paid", []string{"cancel", "complete"}, "active active", "00", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := newLab(t)
			l.admin("POST /scenarios/"+c.scenario, "").want(200)
			first := gjson.Get(l.admin("GET /links/devdraft/"+devLink, "").body, count).Int()
			status, counts := "", ""
			for _, what := range c.press {
				a := l.admin("POST /links/devdraft/"+devLink+"/"+what, "").want(200)
				status += " " + a.get("status")
				counts += string(rune('0' + gjson.Get(a.body, count).Int() - first))
			}
			if status != " "+c.status || counts != c.counts {
				t.Errorf("the link was%s and completed %s, want %s and %s", status, counts, c.status, c.counts)
			}
			if n := len(gjson.Get(l.admin("GET /events", "").body, "events").Array()); n != c.events {
				t.Errorf("%d events were told, want %d", n, c.events)
			}
		})
	}
	l := newLab(t)
	l.admin("POST /links/devdraft/"+devLink+"/expire", "").want(200)
	l.admin("POST /scenarios/declined-then-paid", "").want(200)
	l.admin(pay, "").refused(409)
	l.wantStands("default", "declined-then-paid", "running 1 1 2")
}
