package admin

import (
	"strings"
	"testing"

	"github.com/tidwall/gjson"
)

func TestExplanationsShowTheLineThatDecided(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	for line, c := range map[string]struct {
		body string
		with []string
		want string // in the line of the file
		code string
	}{
		devRead:   {"", devdraft, "link.get:", "ok"},
		devUpdate: {`{"title":7}`, devdraft, "title:", "invalid_type"},
		"GET /devdraft/api/v0/payment-links/x?y=1": {"", nil, "unauthorized:", "missing_credential"},
		"POST /devdraft/api/v0/payment-links":      {`{"title":"Tea","url":"tea-1","linkType":"INVOICE","currency":"usdc"}`, devdraft, `need: amount, on: create`, "rule"},
		"POST /devdraft/nothing":                   {"", devdraft, "route_not_found:", "route_not_found"},
		"OPTIONS /katu9/payment-link/generate":     {"", nil, "dialect: katu9", "ok"},
	} {
		a := l.send(line, c.body, c.with...)
		e := l.admin("GET /requests/"+a.header.Get("X-Polylink-Request")+"/explain", "").want(200)
		here := ""
		gjson.Get(e.body, "lines").ForEach(func(_, line gjson.Result) bool {
			if line.Get("here").Bool() {
				here += line.Get("text").String()
				if line.Get("line").Int() != gjson.Get(e.body, "request.rule.line").Int() {
					t.Errorf("it is another line: %s", e.body)
				}
			}
			return true
		})
		if file := e.get("request.rule.file"); !strings.Contains(here, c.want) || e.get("request.rule.code") != c.code || !strings.HasPrefix(file, "mappings/") {
			t.Errorf("%s: %q of %q decided, as %s; want %q", line, here, file, e.get("request.rule.code"), c.want)
		}
	}
	a := l.send("GET /nowhere", "")
	e := l.admin("GET /requests/"+a.header.Get("X-Polylink-Request")+"/explain", "").want(200)
	if e.get("lines") != "[]" || e.get("request.rule.code") != "no_dialect" {
		t.Errorf("what nothing took is explained by %s", e.body)
	}
	l.admin("GET /requests/999/explain", "").refused(404, "999")
	l.admin("GET /requests/x/explain", "").refused(400, "n")
}

func TestLinesAround(t *testing.T) {
	t.Parallel()
	const text = "1\n2\r\n3\n4\n5\n6\n7\n8\n"
	for line, want := range map[int]string{0: "", 9: "", 1: "*12345", 3: "12*34567", 8: "67*8", -1: ""} {
		got := ""
		for _, l := range linesAround([]byte(text), line) {
			if l.Here {
				got += "*"
			}
			got += l.Text
		}
		if got != want {
			t.Errorf("around line %d are %q, want %q", line, got, want)
		}
	}
	if got := linesAround(nil, 1); len(got) != 0 {
		t.Errorf("a text that is not there has %v", got)
	}
}
