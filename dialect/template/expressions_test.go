package template

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// complaints is a reporter that keeps what it hears.
type complaints []string

func (c *complaints) Report(_ *yml.Node, format string, args ...any) {
	*c = append(*c, fmt.Sprintf(format, args...))
}

func (c *complaints) ReportIn(_ *yml.Node, _ string, _ int, format string, args ...any) {
	*c = append(*c, fmt.Sprintf(format, args...))
}

func (c *complaints) PlaceIn(*yml.Node, string, int) yml.Diagnostic {
	return yml.Diagnostic{File: "t.yaml", Line: 7, Col: 3}
}

// link makes a link out of slots and values.
func link(t testing.TB, slots map[string]string) *record.Record {
	t.Helper()
	rec := record.New(record.Links, "t")
	for name, v := range slots {
		if strings.HasPrefix(name, "t.") {
			rec.SetExt(name, v)
			continue
		}
		s, ok := record.Links.Slot(name)
		if !ok {
			t.Fatalf("no slot %q", name)
		}
		rec.Set(s, v)
	}
	return rec
}

func TestConditionsSeeSlotsAsValues(t *testing.T) {
	t.Parallel()
	rec := link(t, map[string]string{"title": `"T\u0000"`, "amount": "1050", "currency": `"USD"`, "invoice": "true", "items": `[{"n":2,"p":3},{"n":1,"p":0.5}]`,
		"expires_at": `"2026-03-01T13:00:00Z"`, "description": "null", "t.x": `{"a":[1]}`, "reference": `"héllo"`})
	for src, want := range map[string]string{
		`it.invoice`:                      "true",
		`it.title == "T\x00"`:             "true",
		`it.slug == ""`:                   "true",
		`has(it.title) && !has(it.slug)`:  "true",
		`has(it.description)`:             "false",
		`it.currency != "EUR"`:            "true",
		`it.currency == it.currency`:      "true",
		`it.amount / 100 > 10`:            "true",
		`it.completion.limit == 0`:        "true",
		`all(it.items, .n > 0)`:           "true",
		`sum(it.items, .n)`:               "3",
		`len(it.items)`:                   "2",
		`it.expires_at > now`:             "true",
		`it.ext.x.a[0] == 1`:              "true",
		`money(it.amount, it.currency)`:   `"$10.50"`,
		`money(-5, "USD")`:                `"$-0.05"`,
		`money(5, "jpy")`:                 `"¥5"`,
		`money(1050000, "usdc")`:          `"1.050000 USDC"`,
		`tail(it.reference, 4)`:           `"éllo"`,
		`tail(it.reference, 99)`:          `"héllo"`,
		`tail(it.reference, -1)`:          "",
		`upper(it.currency) + "!"`:        `"USD!"`,
		`it.invoice ? it.title : it.slug`: `"T\u0000"`,
		`1 / 0 > 1`:                       "true",
		`it.items[9].n`:                   "",
		`base + path`:                     `"http://mock"`,
	} {
		var wrong complaints
		s := &Scope{Reporter: &wrong, Dialect: "t", Roots: map[string]*record.Schema{"it": rec.Schema}}
		x := s.expression(&yml.Node{}, src, anyType)
		if len(wrong) > 0 {
			t.Errorf("%s: %v", src, wrong)
			continue
		}
		e := &Env{Now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Base: "http://mock", It: rec}
		if got := x.get(e); got != want {
			t.Errorf("%s is %s, want %s", src, got, want)
		}
		if want == "true" || want == "false" {
			if got := x.True(e); got != (want == "true") {
				t.Errorf("%s holds: %v, want %s", src, got, want)
			}
		}
	}
}
