package faults

import (
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/polylink-dev/polylink/internal/jsontext"
)

// States of a scenario in a sandbox.
const (
	Idle    = "idle"
	Running = "running"
	Done    = "done"
)

// Play is where a scenario stands.
type Play struct {
	Name  string `json:"name"`
	State string `json:"state" enum:"running,done"`
	Step  int    `json:"step" doc:"from 1"`
	Left  int64  `json:"left" doc:"how often the step still happens"`
}

// Plays is the scenarios of one sandbox that were started. It is safe for
// concurrent use: of two calls that meet a step which is left once, one does.
type Plays struct {
	mu   sync.Mutex
	list []*play // in the order in which they were started
}

// play is a scenario that was started. It keeps its steps when files change.
type play struct {
	scenario *Scenario
	step     int // of the steps; all of them when it is done
	left     int64
}

func begin(s *Scenario) *play { return &play{scenario: s, left: s.Steps[0].Times} }

func (p *play) show() Play {
	out := Play{Name: p.scenario.Name, State: Running, Step: p.step + 1, Left: p.left}
	if p.step == len(p.scenario.Steps) {
		out.State, out.Step = Done, p.step
	}
	return out
}

// meet counts the step that the scenario stands at where it fits.
func (p *play) meet(fits func(*Step) bool) (*Step, string) {
	if p.step == len(p.scenario.Steps) {
		return nil, ""
	}
	s := &p.scenario.Steps[p.step]
	if !fits(s) {
		return nil, ""
	}
	name := p.scenario.Name + "/" + strconv.Itoa(p.step+1)
	if p.left--; p.left == 0 {
		if p.step++; p.step < len(p.scenario.Steps) {
			p.left = p.scenario.Steps[p.step].Times
		}
	}
	return s, name
}

// Start starts a scenario at its first step, also when it runs already.
func (p *Plays) Start(s *Scenario) Play {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(s.Name)
	one := begin(s)
	p.list = append(p.list, one)
	return one.show()
}

func (p *Plays) forget(name string) {
	p.list = slices.DeleteFunc(p.list, func(one *play) bool { return one.scenario.Name == name })
}

// StartIdle starts a scenario where it is idle. While it runs, or when it is
// done, nothing happens.
func (p *Plays) StartIdle(s *Scenario) {
	_, _ = p.take(s, func(*Step) bool { return false })
}

// Stop makes a scenario idle.
func (p *Plays) Stop(name string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.forget(name)
}

// List returns those that run or are done, in the order in which they were
// started.
func (p *Plays) List() []Play {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make([]Play, len(p.list))
	for i, one := range p.list {
		out[i] = one.show()
	}
	return out
}

// Import replaces all by what List gave. Its errors say what is wrong, and
// then nothing has changed.
func (p *Plays) Import(list []Play, from *Scenarios) error {
	var plays []*play
	for _, one := range list {
		s := from.Find(one.Name)
		switch {
		case s == nil:
			return fmt.Errorf("there is no scenario %q", jsontext.Shorten(one.Name, 80))
		case slices.ContainsFunc(plays, func(p *play) bool { return p.scenario == s }):
			return fmt.Errorf("scenario %s is there twice", one.Name)
		case one.State == Done && one.Step == len(s.Steps) && one.Left == 0:
			plays = append(plays, &play{scenario: s, step: len(s.Steps)})
		case one.State == Running && one.Step >= 1 && one.Step <= len(s.Steps) && one.Left >= 1 && one.Left <= s.Steps[one.Step-1].Times:
			plays = append(plays, &play{scenario: s, step: one.Step - 1, left: one.Left})
		default:
			return fmt.Errorf("scenario %s has %d steps and cannot be %s at step %d with %d left", one.Name, len(s.Steps), jsontext.Shorten(one.State, 80), one.Step, one.Left)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = plays
	return nil
}

// take finds the first scenario whose step fits, and counts it. start, which
// may be nil, is started before where it is idle, and then asked first.
func (p *Plays) take(start *Scenario, fits func(*Step) bool) (*Step, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if start != nil && !slices.ContainsFunc(p.list, func(one *play) bool { return one.scenario.Name == start.Name }) {
		one := begin(start)
		p.list = append(p.list, one)
		if s, name := one.meet(fits); s != nil {
			return s, name
		}
	}
	for _, one := range p.list {
		if s, name := one.meet(fits); s != nil {
			return s, name
		}
	}
	return nil, ""
}

func (s *Step) fault(name string) Fault {
	f := s.Happens
	f.ID, f.Dialect, f.Times, f.Hits = name, s.Dialect, 1, 1
	return f
}

// Take returns what happens to an exchange with an operation. start is the
// scenario that the request asks for, or nil.
func (p *Plays) Take(dialect, operation string, start *Scenario) (Fault, bool) {
	s, name := p.take(start, func(s *Step) bool { return s.operation(dialect, operation) })
	if s == nil {
		return Fault{}, false
	}
	return s.fault(name), true
}

// TakeAnswer returns what happens to the answer of a change that has been made
// and told of: it waits.
func (p *Plays) TakeAnswer(dialect, event string) (Fault, bool) {
	s, name := p.take(nil, func(s *Step) bool { return s.answer(dialect, event) })
	if s == nil {
		return Fault{}, false
	}
	return s.fault(name), true
}

// TakeOutcome returns what comes of a payment.
func (p *Plays) TakeOutcome(dialect string) (outcome string, ok bool) {
	s, _ := p.take(nil, func(s *Step) bool { return s.payment(dialect) })
	if s == nil {
		return "", false
	}
	return s.Outcome, true
}

// TakeDelivery returns how the deliveries of an event go wrong, by the
// canonical name of what it tells of, and how late a late one is.
func (p *Plays) TakeDelivery(dialect, event string) (f Fault, delivery string, ok bool) {
	s, name := p.take(nil, func(s *Step) bool { return s.delivery(dialect, event) })
	if s == nil {
		return Fault{}, "", false
	}
	return s.fault(name), s.Delivery, true
}
