package journal

import (
	"strings"
	"time"

	"github.com/polylink-dev/polylink/record"
)

// Shown is an entry as the control API gives it out: cut, redacted, JSON.
type Shown struct {
	N          int64         `json:"n" doc:"its number, which X-Polylink-Request has"`
	At         time.Time     `json:"at" doc:"by the sandbox's clock"`
	Sandbox    string        `json:"sandbox"`
	Dialect    string        `json:"dialect,omitempty" doc:"left out when none was found"`
	Operation  string        `json:"operation,omitempty" doc:"left out when none matched"`
	Nearest    *Nearest      `json:"nearest,omitempty" doc:"when no operation matched: the route that was probably meant"`
	Request    ShownRequest  `json:"request"`
	Response   ShownResponse `json:"response"`
	Upstream   *Upstream     `json:"upstream,omitempty" doc:"who answered in the mock store's place"`
	Rule       Rule          `json:"rule" doc:"the line of the mapping file that decided"`
	Fault      string        `json:"fault,omitempty" doc:"id of the fault that was injected"`
	Aborted    string        `json:"aborted,omitempty" doc:"how the answer was broken off: body or reset by a fault, client by whoever asked; write when it could not be written"`
	Forced     bool          `json:"forced,omitempty" doc:"the request asked for this very answer, with Prefer or __code"`
	Replayed   bool          `json:"replayed,omitempty" doc:"the answer was kept under an idempotency key; its body is not kept again"`
	ReplayOf   int64         `json:"replayOf,omitempty" doc:"number of the entry whose answer it was first, where that is known"`
	Losses     string        `json:"losses,omitempty" doc:"what an upstream was not told as it was said, as Polylink-Loss has it"`
	DurationMS float64       `json:"durationMs"`
	TraceID    string        `json:"traceId,omitempty" doc:"of the request's traceparent"`
	Changes    []ShownChange `json:"changes"`
}

// ShownRequest is what was asked.
type ShownRequest struct {
	Method   string              `json:"method"`
	Scheme   string              `json:"scheme" enum:"http,https"`
	Host     string              `json:"host" doc:"that the client asked for"`
	Path     string              `json:"path" doc:"as the client wrote it, prefixes included"`
	Query    string              `json:"query,omitempty"`
	Headers  map[string][]string `json:"headers"`
	Body     string              `json:"body" doc:"cut, with … at the end, where it is long"`
	BodySize int64               `json:"bodySize"`
	Address  string              `json:"address,omitempty"`
}

// ShownResponse is what was answered.
type ShownResponse struct {
	Status   int                 `json:"status" doc:"0 when there was no answer"`
	Headers  map[string][]string `json:"headers"`
	Body     string              `json:"body" doc:"cut, with … at the end, where it is long"`
	BodySize int64               `json:"bodySize"`
}

// ShownChange names the slots of a record that changed.
type ShownChange struct {
	Kind   string   `json:"kind"`
	ID     string   `json:"id"`
	Did    string   `json:"did" enum:"created,updated,deleted"`
	Fields []string `json:"fields,omitempty" doc:"of the canonical record, when it was updated"`
}

// Render makes an entry fit to be seen; nobody sees what s knows.
func (e *Entry) Render(s *Secrets) Shown {
	v := viewer{e, s}
	out := Shown{
		N: e.N, At: e.At, Sandbox: e.Sandbox, Dialect: e.Dialect, Operation: e.Operation, Nearest: e.Nearest, Upstream: v.upstream(e.Upstream), Rule: e.Rule, Fault: e.Fault,
		Aborted: e.Aborted, Forced: e.Forced, Replayed: e.Replayed, ReplayOf: e.First, DurationMS: float64(e.Took.Microseconds()) / 1000, TraceID: e.TraceID,
		Changes: []ShownChange{}, Losses: e.Losses,
		Request: ShownRequest{Method: v.text(e.Method), Scheme: "http", Host: v.text(e.Host), Path: v.text(e.Path), Query: v.query(e.Query), Headers: v.headers(e.Header),
			Body: v.body(e.Body, cutFrom(e.BodySize, e.whole), e.Header), BodySize: e.BodySize, Address: e.Address},
		Response: ShownResponse{Status: e.Status, Headers: v.headers(e.AnswerHeader),
			Body: v.body(e.Answer, cutFrom(e.AnswerSize, e.wholeAnswer), e.AnswerHeader), BodySize: e.AnswerSize},
	}
	if e.Aborted == "" && e.undelivered.Load() {
		out.Aborted = "write"
	}
	if e.TLS {
		out.Request.Scheme = "https"
	}
	for _, c := range e.Changes {
		out.Changes = append(out.Changes, c.render())
	}
	return out
}

// OwnHidden is a text without what the exchange itself knows to be secret.
func (e *Entry) OwnHidden(text string) string { return viewer{e: e}.own(text) }

// cutFrom is the size of what a body was cut from.
func cutFrom(size int64, whole bool) int64 {
	if whole {
		return 0
	}
	return size
}

// viewer shows one entry without secrets.
type viewer struct {
	e *Entry
	s *Secrets
}

func (v viewer) text(t string) string {
	if v.s.off {
		return t
	}
	return v.own(v.s.text(t))
}

// upstream is who answered, without what is secret in what it said.
func (v viewer) upstream(u *Upstream) *Upstream {
	if u == nil || u.Seen == "" {
		return u
	}
	one := *u
	one.Seen = v.text(u.Seen)
	return &one
}

func (v viewer) query(q string) string {
	if v.s.off {
		return q
	}
	return v.own(v.s.query(q, v.s.inQuery))
}

// own hides what the exchange itself knows to be secret.
func (v viewer) own(t string) string {
	for _, secret := range v.e.Secrets {
		for _, s := range spellings(secret) {
			t = strings.ReplaceAll(t, s, Hidden)
		}
	}
	return t
}

func (c Change) render() ShownChange {
	if c.shown != nil {
		return *c.shown
	}
	s := ShownChange{Kind: c.Table, ID: c.ID}
	switch {
	case c.Before == nil:
		s.Did = "created"
	case c.After == nil:
		s.Did = "deleted"
	default:
		s.Did = "updated"
		s.Fields = c.Moved()
	}
	return s
}

// Moved names the slots that an update changed.
func (c Change) Moved() []string { return moved(c.Before, c.After) }

// moved names the slots in which two records differ.
func moved(a, b *record.Record) []string {
	var out []string
	for i, slot := range a.Schema.Slots {
		if a.Get(record.Slot(i)) != b.Get(record.Slot(i)) {
			out = append(out, slot.Name)
		}
	}
	b.EachExt(func(key, text string) {
		if a.Ext(key) != text {
			out = append(out, "extensions."+key)
		}
	})
	a.EachExt(func(key, _ string) {
		if b.Ext(key) == "" {
			out = append(out, "extensions."+key)
		}
	})
	return out
}
