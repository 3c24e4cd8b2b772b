package admin

import (
	"time"

	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/world"
)

type shownSandbox struct {
	Name     string    `json:"name"`
	Created  time.Time `json:"created" doc:"in real time"`
	LastUsed time.Time `json:"lastUsed" doc:"in real time"`
	Links    int       `json:"links"`
}

func showSandbox(sb *sandbox.Sandbox) shownSandbox { return shownSandbox(sb.Info()) }

type sandboxesAnswer struct {
	Sandboxes []shownSandbox `json:"sandboxes" doc:"by name"`
	Evicted   int64          `json:"evicted" doc:"how many went for want of room or use"`
}

func sandboxes(c *call) (any, error) {
	out := sandboxesAnswer{[]shownSandbox{}, c.o.Sandboxes.Evicted()}
	for _, s := range c.o.Sandboxes.List() {
		out.Sandboxes = append(out.Sandboxes, shownSandbox(s))
	}
	return out, nil
}

func reset(c *call) (any, error) {
	sb, err := c.o.Sandboxes.Reset(c.name)
	if err != nil {
		return nil, err
	}
	return showSandbox(sb), nil
}

type newSandbox struct {
	Name string `json:"name" need:"true" doc:"1 to 40 of a-z, 0-9 and -"`
	From string `json:"from,omitempty" doc:"sandbox to fork; left out, it is made of the fixtures"`
}

const sandboxExample = `{"name":"worker7"} or {"name":"worker7","from":"base"}`

func makeSandbox(c *call) (any, error) {
	var in newSandbox
	if err := c.read(&in, sandboxExample); err != nil {
		return nil, err
	}
	if err := checkName(in.Name, sandboxExample); err != nil {
		return nil, err
	}
	if in.From != "" {
		return c.fork(in.From, in.Name)
	}
	sb, err := c.o.Sandboxes.Make(in.Name)
	if err != nil {
		return nil, err
	}
	return showSandbox(sb), nil
}

func checkName(name, example string) error {
	if world.ValidName(name) {
		return nil
	}
	return bad("name must be 1 to 40 of a-z, 0-9 and - and is %q; send %s", cut(name), example)
}

func dropSandbox(c *call) (any, error) {
	if !c.o.Sandboxes.Drop(c.vars["name"]) {
		return nil, notFound("there is no sandbox %q; GET /__admin/sandboxes lists them", cut(clean(c.vars["name"])))
	}
	return nil, nil
}

type newFork struct {
	Name string `json:"name" need:"true" doc:"of the fork: 1 to 40 of a-z, 0-9 and -"`
}

func forkSandbox(c *call) (any, error) {
	var in newFork
	const example = `{"name":"copy"}`
	if err := c.read(&in, example); err != nil {
		return nil, err
	}
	if err := checkName(in.Name, example); err != nil {
		return nil, err
	}
	return c.fork(c.vars["name"], in.Name)
}

func (c *call) fork(from, to string) (any, error) {
	if c.o.Sandboxes.Peek(from) == nil {
		return nil, notFound("there is no sandbox %q to fork; GET /__admin/sandboxes lists them", cut(clean(from)))
	}
	sb, err := c.o.Sandboxes.Fork(from, to)
	if err != nil {
		return nil, err
	}
	return showSandbox(sb), nil
}
