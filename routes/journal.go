package routes

import (
	"log/slog"
	"net/http"
	"path"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/problem"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// requestHeader names the journal's entry of an answer.
const requestHeader = "X-Polylink-Request"

// answered puts the exchange into the journal and counts it. That happens
// before the answer is written, so that whoever reads the number in it finds
// the entry; nothing of h is changed afterwards.
func (x *exchange) answered(rep reply, h http.Header) {
	if x.entry != nil || x.sb == nil {
		return
	}
	took := clock.Real().Sub(x.start)
	e := &journal.Entry{
		N: x.n, At: x.env.Now, Sandbox: x.sb.Name, Dialect: x.d.Name, Method: x.r.Method, Path: x.r.URL.Path, OwnPath: x.way.path,
		Query: x.r.URL.RawQuery, Address: address(x.r), Host: x.r.Host, TLS: x.r.TLS != nil, TraceID: traceID(x.r.Header), Header: x.r.Header, Body: journal.Clip(x.sent),
		BodySize: max(int64(len(x.sent)), x.r.ContentLength), Status: rep.status, AnswerHeader: h, AnswerSize: int64(len(rep.body)),
		Took: took, Rule: journal.Rule{Code: "ok"}, Fault: x.fault.ID, Forced: x.asked, Aborted: x.aborted, Replayed: x.idem.stored, First: x.idem.first, Changes: x.changes,
		SecretHeaders: x.st.secretHeaders, Secrets: x.secrets(),
	}
	if x.verdict.Code != "" {
		e.Rule = x.verdict
	}
	x.locate(e)
	if !e.Replayed {
		e.Answer = append([]byte(nil), rep.body[:min(len(rep.body), journal.MaxBody)]...)
	}
	x.entry = e
	x.sb.Journal.Add(e)
	x.srv.observe(x.r.Context(), e, x.foundIDs()...)
}

// locate gives an entry the place of what decided: where that has no line of
// its own, the operation's, or else the dialect's.
func (x *exchange) locate(e *journal.Entry) {
	e.Rule.File, e.Source = x.srv.fileOf(x.d), x.d.Source
	if x.op != nil {
		e.Operation = x.op.Name
		if e.Rule.Line == 0 {
			e.Rule.Line = x.op.Line
		}
	}
	if e.Rule.Line == 0 {
		e.Rule.Line = x.d.Line
	}
}

// foundIDs are the ids of the records at hand, as the path may name them, where
// the log wants to know.
func (x *exchange) foundIDs() []string {
	if x.srv.opts.Quiet || !x.srv.log.Enabled(x.r.Context(), slog.LevelInfo) {
		return nil
	}
	var out []string
	for _, rec := range []*record.Record{x.env.It, x.env.Old, x.env.Parent, x.env.About} {
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
	x.aborted, x.verdict.Code = how, "aborted"
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
	x.verdict.Code = code
	rep := problemReply(status, code, title, detail)
	h := x.w.Header()
	problem.Mark(h)
	x.answered(rep, h)
	rep.write(x.w)
}

// fileOf is where a dialect is written down, for people.
func (s *Server) fileOf(d *dialect.Dialect) string { return path.Join(s.opts.Mappings, d.File) }

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
	for _, rec := range []*record.Record{x.env.It, x.env.Old} {
		if rec != nil {
			out = append(out, dialect.Secrets(rec)...)
		}
	}
	return out
}

// decided notes which line of the mapping refused the request.
func (x *exchange) decided(f *dialect.Failure) {
	x.verdict = journal.Rule{Code: string(f.Code), Line: f.Line()}
}

// noteChanges keeps what a batch changed, seen from the state it was made on.
func (x *exchange) noteChanges(b store.Batch) {
	for _, row := range b.Put {
		if row.Table == record.Replays.Kind || row.Table == record.Audits.Kind {
			continue
		}
		c := journal.Change{Table: row.Table, ID: row.Record.ID(), After: row.Record}
		if old := x.reader.Get(row.Table, row.Key); old != nil {
			c.Before = old.Record
		}
		if c.Before != c.After { // else only the row lost a claim
			x.changes = append(x.changes, c)
		}
	}
	if x.op.Does == dialect.Delete {
		x.changes = append(x.changes, journal.Change{Table: x.old.Table, ID: x.old.Record.ID(), Before: x.old.Record})
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
