package routes

import (
	"log/slog"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/problem"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
)

// requestHeader names the journal's entry of an answer.
const requestHeader = "X-Polylink-Request"

// recording is what becomes the exchange's entry in the journal.
type recording struct {
	n       int64 // of the entry
	start   time.Time
	entry   *journal.Entry   // once there is an answer
	aborted string           // how the answer is broken off
	asked   bool             // the client asked for this very answer
	nearest *journal.Nearest // of a path that no operation has
	verdict journal.Rule

	upstream *journal.Upstream // who answered in the mock store's place
	size     int64             // of an answer that is not all at hand

	changes []journal.Change
	losses  string // of an upstream that was not told all
}

// answered puts the exchange into the journal and counts it. That happens
// before the answer is written, so that whoever reads the number in it finds
// the entry; nothing of h is changed afterwards.
func (x *exchange) answered(rep reply, h http.Header) {
	if x.rec.entry != nil || x.sb == nil {
		return
	}
	e := x.entry(rep, h)
	x.rec.entry = e
	x.sb.Journal.Add(e)
	x.srv.observe(x.r.Context(), e, x.foundIDs()...)
}

// entry is what the journal keeps of the exchange.
func (x *exchange) entry(rep reply, h http.Header) *journal.Entry {
	took := clock.Real().Sub(x.rec.start)
	e := &journal.Entry{
		N: x.rec.n, At: x.Env.Now, Sandbox: x.sb.Name, Dialect: x.Dialect.Name, Method: x.r.Method, Path: x.r.URL.Path, OwnPath: x.at.path,
		Query: x.r.URL.RawQuery, Address: address(x.r), Host: x.r.Host, TLS: x.r.TLS != nil, TraceID: traceID(x.r.Header), Header: x.r.Header, Body: journal.Clip(x.body.sent),
		BodySize: max(int64(len(x.body.sent)), x.r.ContentLength), Status: rep.status, AnswerHeader: h, AnswerSize: max(int64(len(rep.body)), x.rec.size),
		Took: took, Rule: journal.Rule{Code: "ok"}, Fault: x.fault.ID, Forced: x.rec.asked, Aborted: x.rec.aborted, Replayed: x.idem.stored, First: x.idem.first, Changes: x.rec.changes,
		SecretHeaders: x.st.secretHeaders, Secrets: x.secrets(),
	}
	e.Nearest, e.Upstream, e.Losses = x.rec.nearest, x.rec.upstream, x.rec.losses
	if x.rec.verdict.Code != "" {
		e.Rule = x.rec.verdict
	}
	x.locate(e)
	switch {
	case e.Replayed:
	case rep.frozen:
		e.Answer = rep.body[:min(len(rep.body), journal.MaxBody)]
	default:
		e.Answer = append([]byte(nil), rep.body[:min(len(rep.body), journal.MaxBody)]...)
	}
	return e
}

// locate gives an entry the place of what decided: where that has no line of
// its own, the operation's, or else the dialect's.
func (x *exchange) locate(e *journal.Entry) {
	e.Rule.File, e.Source = x.router.file, x.Dialect.Source
	if x.Op != nil {
		e.Operation = x.Op.Name
		if e.Rule.Line == 0 {
			e.Rule.Line = x.Op.Line
		}
	}
	if e.Rule.Line == 0 {
		e.Rule.Line = x.Dialect.Line
	}
}

// foundIDs are the ids of the records at hand, as the path may name them, where
// the log wants to know.
func (x *exchange) foundIDs() []string {
	if x.srv.opts.Quiet || !x.srv.log.Enabled(x.r.Context(), slog.LevelInfo) {
		return nil
	}
	var out []string
	for _, rec := range []*record.Record{x.Env.It, x.Env.Old, x.Env.Parent, x.Env.About} {
		if rec != nil {
			out = append(out, rec.ID())
		}
	}
	return out
}

// How an answer was broken off, beside what faults call it.
const abortedClient = "client" // whoever asked has gone

// unanswered notes an exchange that ends without an answer.
func (x *exchange) unanswered(how string) {
	x.rec.aborted, x.rec.verdict.Code = how, "aborted"
	x.answered(reply{}, http.Header{})
}

// hungUp ends an exchange whose client has gone: there is nobody to answer, and
// no fault of ours.
func (x *exchange) hungUp() {
	x.unanswered(abortedClient)
	panic(http.ErrAbortHandler)
}

// problem answers where the dialect has no words for it: RFC 9457.
func (x *exchange) problem(status int, code, title, detail string) {
	x.rec.verdict.Code = code
	rep := problemReply(status, code, title, detail)
	h := x.w.Header()
	problem.Mark(h)
	x.answered(rep, h)
	rep.write(x.w)
}

// notServed tells of a route that the provider has and the dialect has not.
func (x *exchange) notServed(a *dialect.Absent) {
	x.rec.verdict.Line = a.Line
	x.problem(http.StatusNotFound, "not_served", "Not served", x.Dialect.Title+" has "+a.Method+" "+a.Path+
		", and this mock of it has not (not_served in "+x.router.file+"); GET /__admin/dialects/"+x.Dialect.Name+" lists the operations there are")
}

// named is a mapping file as people call it. One that an override of the
// configuration stands in is no file of the folder.
func (o *Options) named(file string) string {
	if other, ok := strings.CutPrefix(file, dialect.Elsewhere); ok {
		return other
	}
	return path.Join(o.Mappings, file)
}

var secretHeaders = []string{"Authorization", "Proxy-Authorization", "Cookie", "Set-Cookie"}

// secrets are the texts of this exchange that are never shown: credentials,
// and what the records at hand keep secret.
func (x *exchange) secrets() []string {
	out := make([]string, 0, 4)
	for _, s := range []string{x.cred.key, x.cred.secret} {
		if s != "" {
			out = append(out, s)
		}
	}
	if p := x.router.passage; p != nil {
		out = append(out, p.Secrets...)
	}
	for _, rec := range []*record.Record{x.Env.It, x.Env.Old} {
		if rec != nil {
			out = append(out, document.Secrets(rec)...)
		}
	}
	return out
}

// decided notes which line of the mapping refused the request.
func (x *exchange) decided(f *failures.Failure) {
	x.rec.verdict = journal.Rule{Code: string(f.Code), Line: f.Line()}
	if x.status != 0 {
		x.rec.verdict = journal.Rule{Code: codeUpstream}
	}
}

// changed notes what an operation has changed.
func (x *exchange) changed(list []backend.Change) {
	for _, c := range list {
		x.rec.changes = append(x.rec.changes, journal.Change{Table: c.Table, ID: c.ID, Before: c.Before, After: c.After})
	}
}

// traceID returns the trace id of a W3C traceparent header, or "".
func traceID(h http.Header) string {
	text := h.Get("Traceparent")
	if text == "" {
		return ""
	}
	parts := strings.Split(strings.TrimSpace(text), "-")
	if len(parts) < 4 || parts[0] == "00" && len(parts) != 4 || parts[0] == "ff" ||
		!isHex(parts[0], 2) || !isHex(parts[1], 32) || !isHex(parts[2], 16) || !isHex(parts[3], 2) ||
		strings.Trim(parts[1], "0") == "" || strings.Trim(parts[2], "0") == "" {
		return ""
	}
	return parts[1]
}

func isHex(s string, length int) bool {
	return len(s) == length && strings.Trim(s, "0123456789abcdef") == ""
}
