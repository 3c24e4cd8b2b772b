package console

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/hosted"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/sandbox"
)

// How many of each there are on the first page, newest first.
const (
	mostLinks      = 50
	mostRequests   = 100
	mostDeliveries = 50
	mostEvents     = 20
	mostSandboxes  = 100
)

// frame is what every page has.
type frame struct {
	Title   string // of the page
	Base    string // in front of every path
	Sandbox string
	Version string
	Note    string // what the form before has done
	Problem string // why the form before has done nothing
	Back    string // the page itself, for its forms
	sent    *sent
}

func (v *visit) frame(title, problem string) frame {
	return frame{Title: title, Base: v.base, Sandbox: sandbox.Name(v.ctx), Version: v.h.o.Version, Problem: problem, Note: v.h.notes.take(v.r.URL.Query().Get("note"))}
}

// Was is what a field of a form was sent as, where it was refused.
func (f frame) Was(form, field string) string {
	if f.sent == nil || f.sent.name != form || field == "secret" {
		return ""
	}
	return f.sent.form.Get(field)
}

// Default tells whether the page is of the sandbox that there always is.
func (f frame) Default() bool { return f.Sandbox == sandbox.Default }

// note shows a page with nothing but a text.
func (v *visit) note(status int, title, text string) {
	f := v.frame(title, text)
	v.render(status, notePage, f)
}

// failed shows that an operation has failed.
func (v *visit) failed(err error) {
	p := v.h.o.API.Problem(err)
	v.note(p.Status, p.Title, p.Detail)
}

// home is the first page.
type home struct {
	frame
	Clock      admin.Clock
	Dialects   []dialectRow
	Sandboxes  admin.SandboxList
	MoreBoxes  int
	Links      []linkRow
	MoreLinks  int
	Requests   []row
	Filter     map[string]string
	Last       int64 // number of the newest request
	Evicted    int64
	Deliveries []admin.DeliveryInfo
	Webhooks   []admin.WebhookInfo
	Events     []admin.EventInfo
	Faults     []faults.Shown
	Scenarios  []admin.ScenarioInfo
	Operations []string // that faults can name
	EventNames []string
}

// dialectRow is a dialect in a list.
type dialectRow struct {
	admin.DialectInfo
	URL string
}

// row is a request in a list, with what its links begin with.
type row struct {
	Base string
	journal.Shown
}

// home shows the first page; a form that was refused is on it as it was sent.
func (v *visit) home(status int, problem string, s *sent) {
	p := home{frame: v.frame("polylink", problem), Filter: map[string]string{}}
	p.sent = s
	if why := v.journal(&p); why != "" && status == http.StatusOK {
		status, p.Problem = http.StatusBadRequest, why
	}
	for _, read := range []func(*home) error{v.world, v.links, v.post} {
		if err := read(&p); err != nil {
			v.failed(err)
			return
		}
	}
	v.render(status, homePage, p)
}

// world is the dialects, the sandboxes, the clock and what goes wrong.
func (v *visit) world(p *home) error {
	api := v.h.o.API
	dialects, err := api.Dialects(v.ctx, admin.None{})
	if err != nil {
		return err
	}
	for _, d := range dialects.Dialects {
		p.Dialects = append(p.Dialects, dialectRow{d, hosted.Base(v.ctx, d.Name)})
		for _, op := range d.Operations {
			p.Operations = append(p.Operations, op.Name)
		}
		p.EventNames = append(p.EventNames, d.Events...)
	}
	slices.Sort(p.Operations)
	slices.Sort(p.EventNames)
	p.Operations, p.EventNames = slices.Compact(p.Operations), slices.Compact(p.EventNames)
	if p.Clock, err = api.Clock(v.ctx, admin.None{}); err != nil {
		return err
	}
	if p.Sandboxes, err = api.Sandboxes(v.ctx, admin.None{}); err != nil {
		return err
	}
	p.MoreBoxes = max(len(p.Sandboxes.Sandboxes)-mostSandboxes, 0)
	p.Sandboxes.Sandboxes = first(p.Sandboxes.Sandboxes, mostSandboxes)
	list, err := api.Faults(v.ctx, admin.None{})
	if err != nil {
		return err
	}
	p.Faults = list.Faults
	plays, err := api.Scenarios(v.ctx, admin.None{})
	p.Scenarios = plays.Scenarios
	return err
}

// links are the newest ones.
func (v *visit) links(p *home) error {
	list, err := v.h.o.API.Links(v.ctx, admin.LinkFilter{})
	if err != nil {
		return err
	}
	p.MoreLinks = max(len(list.Links)-mostLinks, 0)
	for _, doc := range first(list.Links, mostLinks) {
		l := newLinkRow(doc)
		for _, d := range p.Dialects {
			if d.Name == l.Dialect {
				l.Outcomes = d.Outcomes
			}
		}
		p.Links = append(p.Links, l)
	}
	return nil
}

// post is what was told of, and to whom.
func (v *visit) post(p *home) error {
	hooks, err := v.h.o.API.Webhooks(v.ctx, admin.None{})
	if err != nil {
		return err
	}
	p.Webhooks = hooks.Webhooks
	events, err := v.h.o.API.Events(v.ctx, admin.EventFilter{})
	if err != nil {
		return err
	}
	p.Events = first(events.Events, mostEvents)
	sent, err := v.h.o.API.Deliveries(v.ctx, admin.DeliveryFilter{})
	if err != nil && v.h.o.API.Problem(err).Status == http.StatusNotFound { // nothing is delivered here
		err = nil
	}
	p.Deliveries = first(sent.Deliveries, mostDeliveries)
	return err
}

// first cuts a list to so many.
func first[T any](list []T, most int) []T { return list[:min(len(list), most)] }

// journal reads the requests that the query of the page selects, and says what
// is wrong with that.
func (v *visit) journal(p *home) (why string) {
	filter, err := readFilter(v.r.URL.Query(), p.Filter)
	most := mostRequests
	in := admin.RequestFilter{Filter: filter, Limit: &most}
	list, failed := v.h.o.API.Requests(v.ctx, in)
	if err == nil {
		err = failed
	}
	if err != nil {
		return v.h.o.API.Problem(err).Detail
	}
	p.Evicted = list.Evicted
	for _, e := range list.Requests {
		p.Requests = append(p.Requests, row{v.base, e})
		p.Last = max(p.Last, e.N)
	}
	return ""
}

// readFilter reads a selection of requests, and notes what it was made of.
func readFilter(q url.Values, into map[string]string) (journal.Filter, error) {
	for _, name := range []string{"dialect", "status", "operation", "path", "body"} {
		if value := strings.TrimSpace(q.Get(name)); value != "" && len(value) < 1000 {
			into[name] = strings.ToValidUTF8(value, "\uFFFD")
		}
	}
	f := journal.Filter{Dialect: into["dialect"], Status: journal.Status(into["status"]), Operation: into["operation"], Path: into["path"], Body: into["body"]}
	if !f.Status.Valid() {
		return journal.Filter{}, wrong("status", "a status such as 409 or a class such as 4xx", into["status"])
	}
	return f, nil
}

// stream tells of requests as they come, each as a row of the table.
func (v *visit) stream() {
	q := v.r.URL.Query()
	filter, err := readFilter(q, map[string]string{})
	if err == nil && q.Has("since") {
		if filter.Since, err = strconv.ParseInt(q.Get("since"), 10, 64); err != nil {
			err = wrong("since", "a number", q.Get("since"))
		}
	}
	var s admin.Stream
	if err == nil {
		s, err = v.h.o.API.StreamRequests(v.ctx, admin.StreamFilter{Filter: filter})
	}
	if err != nil {
		p := v.h.o.API.Problem(err)
		refuse(v.w, p.Status, p.Failure.Type, p.Title, p.Detail)
		return
	}
	s.Serve(v.w, v.r, func(e journal.Shown) ([]byte, error) { return fragment(homePage, "row", row{v.base, e}) })
}
