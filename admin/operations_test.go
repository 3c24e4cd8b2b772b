package admin

import (
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/sandbox"
)

// TestOperationsAnswerWithoutHTTP calls them as a page or a tool of this
// process does.
func TestOperationsAnswerWithoutHTTP(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	ctx := sandbox.WithName(t.Context(), "worker7")
	if _, err := l.api.SetClock(ctx, ClockChange{Now: json.RawMessage(`"2026-01-03T00:00:00Z"`)}); err != nil {
		t.Fatal(err)
	}
	moved, err := l.api.AdvanceClock(ctx, Advance{By: "1h"})
	if err != nil || !moved.Now.Equal(date("2026-01-03T01:00:00Z")) {
		t.Errorf("advanced to %v, %v", moved, err)
	}
	if now, err := l.api.Clock(t.Context(), None{}); err != nil || !now.Now.Equal(start) {
		t.Errorf("the clock of another sandbox is at %v, %v", now, err)
	}
	for _, c := range []struct {
		name, in string
		want     string // a path into the answer and what is there
	}{
		{"clock.advance", `{"by":"1h"}`, "now=2026-01-03T02:00:00Z"},
		{"link.get", `{"dialect":"devdraft","id":"` + devLink + `"}`, "dialect=devdraft"},
		{"link.complete", `{"dialect":"devdraft","id":"` + devLink + `"}`, "status=active"},
		{"link.list", `{"dialect":"devdraft","status":"active"}`, "links.0.dialect=devdraft"},
		{"request.count", `{"operation":"link.get"}`, "count=0"},
		{"request.list", `{"operation":"link.get","limit":1}`, "total=0"},
		{"sandbox.fork", `{"from":"worker7","name":"copy"}`, "name=copy"},
		{"dialect.openapi", `{"file":"katu9.json"}`, "openapi=3.1.0"},
		{"metrics.get", ``, "="},
		{"fault.clear", ``, "cleared=0"},
		{"sandbox.delete", `{"name":"copy"}`, "="},
	} {
		out, err := l.api.Call(ctx, c.name, []byte(c.in))
		if err != nil {
			t.Errorf("%s %s: %v", c.name, c.in, err)
			continue
		}
		data, err := json.Marshal(out)
		if err != nil {
			t.Errorf("%s: the answer is no JSON: %v", c.name, err)
		}
		path, want, _ := strings.Cut(c.want, "=")
		if got := gjson.GetBytes(data, path).String(); path != "" && got != want {
			t.Errorf("%s %s: %s is %q in %s", c.name, c.in, path, got, data)
		}
	}
}

func TestOperationsRefuseWithoutHTTP(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for _, c := range []struct {
		name, in string
		status   int
		says     string
	}{
		{"clock.advnce", `{}`, 400, "clock.advance"},
		{"clock.advance", `{"by":"soon"}`, 400, "duration"},
		{"clock.advance", `{"bye":"1h"}`, 400, `did you mean "by"`},
		{"clock.advance", `[]`, 400, "no JSON object"},
		{"clock.get", `{"now":null}`, 400, "there is no member"},
		{"link.get", `{"dialect":"katu9","id":"x"}`, 404, "GET /__admin/links"},
		{"link.list", `{"status":"open"}`, 400, "active"},
		{"request.get", `{"n":"x"}`, 400, "n must be a whole number"},
		{"snapshot.restore", `{"polylink":1}`, 400, "rows"},
	} {
		out, err := l.api.Call(t.Context(), c.name, []byte(c.in))
		p, ok := errors.AsType[Problem](err)
		if !ok || p.Status != c.status || !strings.Contains(p.Detail, c.says) {
			t.Errorf("%s %s: %v, %v; want %d and %q", c.name, c.in, out, err, c.status, c.says)
		}
	}
}

func TestNamesOfOperationsAreOneNounAndOneVerb(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	form, seen := regexp.MustCompile(`^[a-z]+\.[a-z]+$`), map[string]bool{}
	for _, o := range l.api.Operations() {
		if !form.MatchString(o.Name) || seen[o.Name] {
			t.Errorf("%s %s is called %q", o.Method, o.Path, o.Name)
		}
		seen[o.Name] = true
		if members := from("", membersOf(o.in)); (o.Example == "") != (len(members) == 0) {
			t.Errorf("%s reads %v from its body, and its example is %q", o.Name, namesOf(members), o.Example)
		}
	}
}
