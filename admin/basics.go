package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/handbook"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
)

// Health tells that the program is alive.
type Health struct {
	Status    string    `json:"status" enum:"healthy"`
	Version   string    `json:"version"`
	Now       time.Time `json:"now" doc:"by the default sandbox's clock"`
	Dialects  []string  `json:"dialects"`
	Sandboxes int       `json:"sandboxes"`
}

// Health tells that the program is alive.
func (a *API) Health(context.Context, None) (Health, error) {
	return Health{"healthy", a.o.Version, a.o.Sandboxes.Peek(sandbox.Default).Clock.Now(), a.dialectNames(), a.o.Sandboxes.Len()}, nil
}

// Readiness tells that requests can be answered.
type Readiness struct {
	Status string `json:"status" enum:"ready"`
}

// Ready tells that requests can be answered: there are dialects to answer in.
func (a *API) Ready(context.Context, None) (Readiness, error) {
	if len(a.dialectNames()) == 0 {
		return Readiness{}, refuse(http.StatusServiceUnavailable, "Not ready", "No dialect is served; try again in a moment")
	}
	return Readiness{"ready"}, nil
}

// Version is which program this is.
type Version struct {
	Version string `json:"version"`
}

// Version tells which program this is.
func (a *API) Version(context.Context, None) (Version, error) { return Version{a.o.Version}, nil }

// Metrics is what was counted, in the form that is asked for.
type Metrics struct{ handler http.Handler }

func (m Metrics) serve(w http.ResponseWriter, r *http.Request) { m.handler.ServeHTTP(w, r) }

// MarshalJSON writes the counts as one text.
func (m Metrics) MarshalJSON() ([]byte, error) {
	w := &page{header: http.Header{}}
	r, err := http.NewRequest(http.MethodGet, prefix+"/metrics", http.NoBody)
	if err != nil {
		return nil, err
	}
	m.serve(w, r)
	return json.Marshal(w.String())
}

// page keeps an answer that nobody has asked for over HTTP.
type page struct {
	strings.Builder
	header http.Header
}

// Header is the answer's header.
func (p *page) Header() http.Header { return p.header }

// WriteHeader lets the status go.
func (p *page) WriteHeader(int) {}

// Metrics tells what was counted.
func (a *API) Metrics(context.Context, None) (Metrics, error) {
	if a.o.Metrics == nil {
		return Metrics{}, notFound("metrics are not collected by this process; ask one that polylink serve has started")
	}
	return Metrics{a.o.Metrics}, nil
}

func (a *API) dialectNames() []string { return a.o.Set().Names() }

// checkDialect refuses a name that no dialect has.
func (a *API) checkDialect(name string) error {
	if a.o.Set().Dialect(name) == nil {
		return unknown("dialect", name, a.dialectNames())
	}
	return nil
}

// dialect returns the dialect of a name.
func (a *API) dialect(name string) (*dialect.Dialect, error) {
	d := a.o.Set().Dialect(name)
	if d == nil {
		return nil, notFound("there is no dialect %q; there are %s", cut(clean(name)), strings.Join(a.dialectNames(), ", "))
	}
	return d, nil
}

// DialectOperation is one thing that a dialect does.
type DialectOperation struct {
	Name   string `json:"name"`
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`
}

// Choice is something that a dialect's documents leave open.
type Choice struct {
	Path string `json:"path"`
	Is   string `json:"is,omitempty"`
	Why  string `json:"why"`
	File string `json:"file"`
	Line int    `json:"line"`
}

// DialectInfo is a dialect as it is shown.
type DialectInfo struct {
	Name        string             `json:"name"`
	Title       string             `json:"title"`
	Hosts       []string           `json:"hosts" doc:"the real ones"`
	Operations  []DialectOperation `json:"operations"`
	Outcomes    []string           `json:"outcomes" doc:"ways in which paying a link can fail"`
	Events      []string           `json:"events" doc:"what it tells of"`
	Choices     []Choice           `json:"choices,omitempty" doc:"what the documents leave open and we have decided"`
	Credentials []string           `json:"credentials,omitempty" doc:"of the fixtures"`
	Errors      []string           `json:"errors,omitempty" doc:"codes that a fault can have"`
	Links       []string           `json:"links,omitempty" doc:"ids in the fixtures"`
	Samples     []Sample           `json:"samples,omitempty" doc:"a request to try for each operation"`
}

// Sample is a request to try.
type Sample struct {
	Operation string `json:"operation"`
	Curl      string `json:"curl" doc:"as a line for a shell"`
	Whole     bool   `json:"whole,omitempty" doc:"it works on a fresh sandbox; otherwise put an id of your own in the place of ID"`
}

func (a *API) show(ctx context.Context, d *dialect.Dialect, whole bool) DialectInfo {
	s := DialectInfo{Name: d.Name, Title: d.Title, Hosts: append([]string{}, d.Hosts...), Operations: []DialectOperation{}, Outcomes: []string{}, Events: append([]string{}, d.EventNames()...)}
	for _, op := range d.Operations {
		s.Operations = append(s.Operations, DialectOperation{op.Name, op.Method, op.Path, op.Status})
	}
	for _, o := range d.Failures() {
		s.Outcomes = append(s.Outcomes, o.Code)
	}
	for _, rec := range a.o.Fixtures().Records(d.Name, record.Credentials.Kind) {
		s.Credentials = append(s.Credentials, rec.ID())
	}
	if !whole {
		return s
	}
	for _, ch := range d.Choices {
		s.Choices = append(s.Choices, Choice{ch.Path, ch.Is, ch.Why, ch.File, ch.Line})
	}
	s.Errors = d.ErrorCodes()
	for _, rec := range a.o.Fixtures().Records(d.Name, record.Links.Kind) {
		s.Links = append(s.Links, rec.ID())
	}
	for _, op := range d.Operations {
		r, _, whole := handbook.Sample(d, a.o.Fixtures(), op)
		s.Samples = append(s.Samples, Sample{op.Name, r.Curl(hosted.Base(ctx, d.Name)), whole})
	}
	return s
}

// DialectList is the dialects that are served.
type DialectList struct {
	Dialects []DialectInfo `json:"dialects"`
}

// Dialects lists the dialects that are served.
func (a *API) Dialects(ctx context.Context, _ None) (DialectList, error) {
	out := DialectList{[]DialectInfo{}}
	for _, d := range a.o.Set().Dialects {
		out.Dialects = append(out.Dialects, a.show(ctx, d, false))
	}
	return out, nil
}

// DialectName names a dialect.
type DialectName struct {
	Dialect string `json:"dialect" in:"path" need:"true" doc:"name of a dialect"`
}

// Dialect shows one dialect as a whole.
func (a *API) Dialect(ctx context.Context, in DialectName) (DialectInfo, error) {
	d, err := a.dialect(in.Dialect)
	if err != nil {
		return DialectInfo{}, err
	}
	return a.show(ctx, d, true), nil
}
