package admin

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
	"github.com/polylink-dev/polylink/webhook"
)

// mostMoments bounds a timeline; the oldest go first.
const mostMoments = 500

// Timeline is what became of a link: created by, seen as, changed by, paid on
// its page, delivered to.
type Timeline struct {
	Link    Canonical `json:"link"`
	As      []SeenAs  `json:"as" doc:"the dialects that show it, its own first"`
	Moments []Moment  `json:"moments" doc:"oldest first; what the journal, the events and the deliveries still know"`
	Cut     bool      `json:"cut,omitempty" doc:"there were more moments than are shown"`
	Now     time.Time `json:"now"`
}

// SeenAs is how a dialect calls a link.
type SeenAs struct {
	Dialect string `json:"dialect"`
	ID      string `json:"id"`
}

// Moment is one thing that happened about a link.
type Moment struct {
	At        time.Time `json:"at" doc:"by the sandbox's clock"`
	Did       string    `json:"did" enum:"created,changed,deleted,seen,refused,visited,acted,paid,failed,expired,told,delivered"`
	Dialect   string    `json:"dialect" doc:"in whose words"`
	Operation string    `json:"operation,omitempty" doc:"of a request"`
	Status    int       `json:"status,omitempty" doc:"of an answer, the provider's or a receiver's"`
	N         int64     `json:"n,omitempty" doc:"number of the request in the journal"`
	Rule      string    `json:"rule,omitempty" doc:"file:line that decided"`
	Fields    []string  `json:"fields,omitempty" doc:"of the canonical link, when it was changed"`
	Event     string    `json:"event,omitempty" doc:"what the dialect calls it"`
	Session   string    `json:"session,omitempty" doc:"id of the visit"`
	Outcome   string    `json:"outcome,omitempty" doc:"how a payment ended"`
	Delivery  string    `json:"delivery,omitempty" doc:"id of the delivery"`
	URL       string    `json:"url,omitempty" doc:"where it was delivered, without secrets"`
	Error     string    `json:"error,omitempty" doc:"why it did not arrive"`

	after int64 // number of the request that it followed, of several of one instant
}

// order is the sequence of moments of one instant and one request: what causes
// comes before what it brings.
var order = []string{"created", "visited", "acted", "paid", "failed", "expired", "changed", "deleted", "told", "delivered", "seen", "refused"}

// LinkTimeline tells what became of a link.
func (a *API) LinkTimeline(ctx context.Context, in LinkID) (Timeline, error) {
	none := Timeline{}
	sb, err := a.sandbox(ctx)
	if err != nil {
		return none, err
	}
	reader := sb.DB.Read(ctx)
	row, err := a.find(sb, reader, in)
	if err != nil {
		return none, err
	}
	w := &weaver{api: a, sb: sb, link: row.Record, names: map[string]bool{row.Record.ID(): true}, early: map[string]bool{}, looks: a.looks()}
	w.out = Timeline{Link: canonical(ctx, row.Record, w.looks), As: []SeenAs{{row.Record.Dialect, row.Record.ID()}}, Moments: []Moment{}, Now: now(sb)}
	if a.o.Shared {
		for _, alias := range sharing.Aliases(a.o.Set(), row.Record) {
			w.names[alias.Record.ID()] = true
			w.out.As = append(w.out.As, SeenAs{alias.Record.Dialect, alias.Record.ID()})
		}
	}
	w.sessions(reader)
	w.requests()
	w.birth()
	w.events(reader)
	w.deliveries()
	if err := reader.Err(); err != nil {
		return none, err
	}
	w.sort()
	if n := len(w.out.Moments); n > mostMoments {
		w.out.Moments, w.out.Cut = w.out.Moments[n-mostMoments:], true
	}
	return w.out, nil
}

// sort puts the moments in order. Where a clock stands still many are of one
// instant: a request comes by its number, and what is told of a link's making
// behind the request that made it, all else behind the last one.
func (w *weaver) sort() {
	last := map[int64]int64{}
	for _, m := range w.out.Moments {
		last[m.At.UnixMilli()] = max(last[m.At.UnixMilli()], m.N)
	}
	for i := range w.out.Moments {
		if m := &w.out.Moments[i]; m.N > 0 {
			m.after = m.N
		} else if m.after == 0 {
			m.after = last[m.At.UnixMilli()]
		}
	}
	slices.SortStableFunc(w.out.Moments, func(a, b Moment) int {
		return cmp.Or(cmp.Compare(a.At.UnixMilli(), b.At.UnixMilli()), cmp.Compare(a.after, b.after), cmp.Compare(slices.Index(order, a.Did), slices.Index(order, b.Did)))
	})
}

// weaver puts a timeline together.
type weaver struct {
	api   *API
	sb    *sandbox.Sandbox
	link  *record.Record
	names map[string]bool // ids of the link and of its sessions
	looks *journal.Secrets
	made  int64           // number of the request that made it
	early map[string]bool // ids of the events that told so
	out   Timeline
}

func (w *weaver) add(m Moment) { w.out.Moments = append(w.out.Moments, m) }

var (
	sessionLink    = record.Sessions.MustSlot("link")
	sessionOutcome = record.Sessions.MustSlot("outcome")
	linkConsumed   = record.Links.MustSlot("consumed_at")
)

// sessions are the visits of the link's page, in dialects that list them.
func (w *weaver) sessions(reader store.Reader) {
	known := false
	for _, row := range reader.Scan(record.Sessions.Kind, "", store.Page{}) {
		s := row.Record
		if s.Dialect != w.link.Dialect || s.Text(sessionLink) != w.link.ID() {
			continue
		}
		known = true
		w.names[s.ID()] = true
		m := Moment{Dialect: s.Dialect, Session: s.ID(), Did: "visited"}
		m.At, _ = s.Time(record.SlotCreated)
		w.add(m)
		if m.Outcome = s.Text(sessionOutcome); m.Outcome == "" {
			continue
		}
		m.Did = "failed"
		if s.Text(record.SlotStatus) == record.Completed {
			m.Did = "paid"
		}
		if at, ok := s.Time(record.SlotUpdated); ok {
			m.At = at
		}
		w.add(m)
	}
	if at, ok := w.link.Time(linkConsumed); ok && !known {
		w.add(Moment{At: at, Did: "paid", Dialect: w.link.Dialect})
	}
}

// requests are those that changed the link, or named it.
func (w *weaver) requests() {
	for _, e := range w.sb.Journal.Entries() {
		did, fields := w.did(e)
		if did == "" {
			continue
		}
		if did == "created" {
			w.made = e.N
		}
		w.add(Moment{At: e.At, Did: did, Dialect: e.Dialect, Operation: e.Operation, Status: e.Status, N: e.N, Rule: e.Rule.Place(), Fields: fields})
	}
}

// did tells what a request did about the link, "" for nothing.
func (w *weaver) did(e *journal.Entry) (string, []string) {
	for _, c := range e.Changes {
		if c.Table != record.Links.Kind || !w.names[c.ID] {
			continue
		}
		switch {
		case c.Before == nil:
			return "created", nil
		case c.After == nil:
			return "deleted", nil
		}
		return "changed", slices.DeleteFunc(c.Moved(), func(name string) bool { return name == "updated_at" || name == "version" })
	}
	if e.Operation == "" || !w.named(e.OwnPath) {
		return "", nil
	}
	switch {
	case e.Status >= 400:
		return "refused", nil
	case e.Operation == journal.PageOpen:
		return "visited", nil
	case e.Operation == journal.PageAct:
		return "acted", nil
	}
	return "seen", nil
}

// named tells whether a path has one of the link's ids in it.
func (w *weaver) named(path string) bool {
	for part := range strings.SplitSeq(path, "/") {
		if plain, err := url.PathUnescape(part); err == nil && w.names[plain] {
			return true
		}
	}
	return false
}

// birth is the making of a link that no request of the journal made.
func (w *weaver) birth() {
	if slices.ContainsFunc(w.out.Moments, func(m Moment) bool { return m.Did == "created" }) {
		return
	}
	if at, ok := w.link.Time(record.SlotCreated); ok {
		w.add(Moment{At: at, Did: "created", Dialect: w.link.Dialect})
	}
}

// events are what the dialects told of the link and of its visits.
func (w *weaver) events(reader store.Reader) {
	for _, row := range reader.Scan(record.Events.Kind, record.Events.Kind, store.Page{}) {
		e := ledger.ReadEvent(row)
		if !w.names[e.Record] {
			continue
		}
		m := Moment{At: e.At, Did: "told", Dialect: e.Dialect, Event: e.Name}
		if e.Change == "link.created" {
			m.after = w.made
			w.early[e.ID] = true
		}
		w.add(m)
		if e.Change == "link.expired" && e.Dialect == w.link.Dialect {
			w.add(Moment{At: e.At, Did: "expired", Dialect: e.Dialect})
		}
	}
}

// deliveries are the attempts to bring those events to their receivers.
func (w *weaver) deliveries() {
	if w.sb.Post == nil {
		return
	}
	for _, d := range w.sb.Post.Outbox().List(webhook.Filter{}) {
		if !w.names[d.Event.Record] {
			continue
		}
		for _, try := range d.Attempts {
			m := Moment{At: try.At, Did: "delivered", Dialect: d.Event.Dialect, Event: d.Event.Name, Delivery: d.ID, URL: w.looks.Address(d.URL), Error: try.Error}
			if w.early[d.Event.ID] {
				m.after = w.made
			}
			if try.Response != nil {
				m.Status = try.Response.Status
			}
			w.add(m)
		}
	}
}
