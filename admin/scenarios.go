package admin

import (
	"context"
	"net/http"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/sandbox"
)

// ScenarioInfo is a scenario, and where it stands in the sandbox.
type ScenarioInfo struct {
	Name    string `json:"name"`
	Title   string `json:"title" doc:"what goes wrong, for people"`
	Shipped bool   `json:"shipped" doc:"it came with the program"`
	State   string `json:"state" enum:"idle,running,done"`
	Step    int    `json:"step" doc:"from 1; 0 while it is idle"`
	Left    int64  `json:"left" doc:"how often the step still happens"`
	Steps   int    `json:"steps" doc:"how many there are"`
}

// ScenarioList is the scenarios that there are.
type ScenarioList struct {
	Scenarios []ScenarioInfo `json:"scenarios" doc:"by name"`
}

// ScenarioName names a scenario.
type ScenarioName struct {
	Name string `json:"name" in:"path" need:"true" doc:"of the scenario"`
}

// scenarios are those that there are now.
func (a *API) scenarios() *faults.Scenarios {
	if a.o.Scenarios == nil {
		return nil
	}
	return a.o.Scenarios()
}

func showScenario(s *faults.Scenario, plays []faults.Play) ScenarioInfo {
	out := ScenarioInfo{Name: s.Name, Title: s.Title, Shipped: s.Shipped, State: faults.Idle, Steps: len(s.Steps)}
	for _, p := range plays {
		if p.Name == s.Name {
			out.State, out.Step, out.Left = p.State, p.Step, p.Left
		}
	}
	return out
}

// Scenarios lists the scenarios.
func (a *API) Scenarios(ctx context.Context, _ None) (ScenarioList, error) {
	out := ScenarioList{[]ScenarioInfo{}}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return out, err
	}
	plays := sb.Plays.List()
	for _, s := range a.scenarios().All() {
		out.Scenarios = append(out.Scenarios, showScenario(s, plays))
	}
	return out, nil
}

// scenario finds a scenario and the sandbox that is meant.
func (a *API) scenario(ctx context.Context, name string) (*faults.Scenario, *sandbox.Sandbox, error) {
	s := a.scenarios().Find(name)
	if s == nil {
		return nil, nil, notFound("%s; GET /__admin/scenarios lists them", clean(a.scenarios().Missing(name)))
	}
	sb, err := a.sandbox(ctx)
	return s, sb, err
}

// StartScenario starts a scenario at its first step.
func (a *API) StartScenario(ctx context.Context, in ScenarioName) (ScenarioInfo, error) {
	s, sb, err := a.scenario(ctx, in.Name)
	if err != nil {
		return ScenarioInfo{}, err
	}
	return showScenario(s, []faults.Play{sb.Plays.Start(s)}), nil
}

// StopScenario makes a scenario idle.
func (a *API) StopScenario(ctx context.Context, in ScenarioName) (None, error) {
	_, sb, err := a.scenario(ctx, in.Name)
	if err != nil {
		return None{}, err
	}
	sb.Plays.Stop(in.Name)
	return None{}, nil
}

// scenarioHeader names a scenario that a request starts.
const scenarioHeader = "X-Polylink-Scenario"

// startScenario starts the scenario that a request asks for, where it is idle.
func (a *API) startScenario(r *http.Request) error {
	name := r.Header.Get(scenarioHeader)
	if name == "" {
		return nil
	}
	s := a.scenarios().Find(name)
	if s == nil {
		return bad("%s; GET /__admin/scenarios lists them", clean(a.scenarios().Missing(name)))
	}
	sb, err := a.sandbox(r.Context())
	if err != nil {
		return err
	}
	sb.Plays.StartIdle(s)
	return nil
}
