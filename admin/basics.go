package admin

import (
	"net/http"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/world"
)

type healthAnswer struct {
	Status    string    `json:"status" enum:"healthy"`
	Version   string    `json:"version"`
	Now       time.Time `json:"now" doc:"by the default sandbox's clock"`
	Dialects  []string  `json:"dialects"`
	Sandboxes int       `json:"sandboxes"`
}

func health(c *call) (any, error) {
	return healthAnswer{"healthy", c.o.Version, c.o.Sandboxes.Peek(world.Default).Clock.Now(), c.dialectNames(), c.o.Sandboxes.Len()}, nil
}

type readyAnswer struct {
	Status string `json:"status" enum:"ready"`
}

// ready tells that requests can be answered: there are dialects to answer in.
func ready(c *call) (any, error) {
	if len(c.dialectNames()) == 0 {
		return nil, problem{Status: http.StatusServiceUnavailable, Title: "Not ready", Detail: "No dialect is served; try again in a moment"}
	}
	return readyAnswer{"ready"}, nil
}

type versionAnswer struct {
	Version string `json:"version"`
}

func version(c *call) (any, error) { return versionAnswer{c.o.Version}, nil }

func metrics(c *call) (any, error) {
	if c.o.Metrics == nil {
		return nil, notFound("metrics are not collected by this process; ask one that polylink serve has started")
	}
	c.o.Metrics.ServeHTTP(c.w, c.r)
	return written{}, nil
}

func (c *call) dialectNames() []string {
	names := []string{}
	for _, d := range c.o.Set().Dialects {
		names = append(names, d.Name)
	}
	return names
}

// checkDialect refuses a name that no dialect has.
func (c *call) checkDialect(name string) error {
	if c.o.Set().Dialect(name) == nil {
		return unknown("dialect", name, c.dialectNames())
	}
	return nil
}

// ofPath returns the dialect that the path names.
func (c *call) ofPath() (*dialect.Dialect, error) {
	name := c.vars["dialect"]
	d := c.o.Set().Dialect(name)
	if d == nil {
		return nil, notFound("there is no dialect %q; there are %s", cut(clean(name)), strings.Join(c.dialectNames(), ", "))
	}
	return d, nil
}

type shownOperation struct {
	Name   string `json:"name"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`
}

type shownChoice struct {
	Path string `json:"path"`
	Is   string `json:"is,omitempty"`
	Why  string `json:"why"`
	File string `json:"file"`
	Line int    `json:"line"`
}

type shownDialect struct {
	Name        string           `json:"name"`
	Title       string           `json:"title"`
	Hosts       []string         `json:"hosts" doc:"the real ones"`
	Operations  []shownOperation `json:"operations"`
	Choices     []shownChoice    `json:"choices,omitempty" doc:"what the documents leave open and we have decided"`
	Credentials []string         `json:"credentials,omitempty" doc:"of the fixtures"`
	Errors      []string         `json:"errors,omitempty" doc:"codes that a fault can have"`
	Links       []string         `json:"links,omitempty" doc:"ids in the fixtures"`
}

func (c *call) show(d *dialect.Dialect, whole bool) shownDialect {
	s := shownDialect{Name: d.Name, Title: d.Title, Hosts: append([]string{}, d.Hosts...), Operations: []shownOperation{}}
	for _, op := range d.Operations {
		s.Operations = append(s.Operations, shownOperation{op.Name, op.Method, op.Path, op.Status})
	}
	if !whole {
		return s
	}
	for _, ch := range d.Choices {
		s.Choices = append(s.Choices, shownChoice{ch.Path, ch.Is, ch.Why, ch.File, ch.Line})
	}
	s.Errors = d.ErrorCodes()
	for _, rec := range c.o.Fixtures().Records(d.Name, record.Credentials.Kind) {
		s.Credentials = append(s.Credentials, rec.ID())
	}
	for _, rec := range c.o.Fixtures().Records(d.Name, record.Links.Kind) {
		s.Links = append(s.Links, rec.ID())
	}
	return s
}

type dialectsAnswer struct {
	Dialects []shownDialect `json:"dialects"`
}

func dialects(c *call) (any, error) {
	out := dialectsAnswer{[]shownDialect{}}
	for _, d := range c.o.Set().Dialects {
		out.Dialects = append(out.Dialects, c.show(d, false))
	}
	return out, nil
}

func oneDialect(c *call) (any, error) {
	d, err := c.ofPath()
	if err != nil {
		return nil, err
	}
	return c.show(d, true), nil
}
