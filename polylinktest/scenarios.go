package polylinktest

import (
	"net/http"
	"net/url"
	"testing"
)

// Scenario is a named sequence of what goes wrong, and where it stands.
type Scenario struct {
	Name    string `json:"name"`
	Title   string `json:"title"`
	Shipped bool   `json:"shipped"` // it came with polylink
	State   string `json:"state"`   // idle, running or done
	Step    int    `json:"step"`    // from 1; 0 while it is idle
	Left    int    `json:"left"`    // how often the step still happens
	Steps   int    `json:"steps"`   // how many there are
}

// Scenario starts a scenario at its first step, also when it runs already. A
// name that is not there fails t, which may be a subtest.
func (w *World) Scenario(t testing.TB, name string) Scenario {
	t.Helper()
	c := *w.Control
	c.t = t
	var out Scenario
	c.do(http.MethodPost, "/scenarios/"+url.PathEscape(name), nil, &out)
	return out
}

// Scenarios lists the scenarios, by name, and where each stands.
func (c *Control) Scenarios() []Scenario {
	c.t.Helper()
	var out struct {
		Scenarios []Scenario `json:"scenarios"`
	}
	c.do(http.MethodGet, "/scenarios", nil, &out)
	return out.Scenarios
}
