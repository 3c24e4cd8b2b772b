package routes

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/problem"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
)

// reply is an answer before it is written.
type reply struct {
	status int
	mime   string
	body   []byte
}

// refuse answers with a failure in the dialect's envelope.
func (x *exchange) refuse(problems ...dialect.Problem) {
	f := x.d.Failure(&x.env, problems...)
	if x.injected && x.fault.Status != 0 {
		f.Status = x.fault.Status
	}
	f.Cap = x.cap
	if x.op != nil && x.op.Resource != nil {
		f.Noun = x.noun(f.Code)
	}
	if x.env.Old != nil {
		f.State = x.op.Resource.StateWord(x.env.Old)
	}
	if f.State == "" {
		f.State = "in another state" // of an answer that was only asked for
	}
	x.out = x.d.AppendFailure(x.out[:0], &x.env)
	if f.Code == record.CodeTooLarge {
		x.w.Header().Set("Connection", "close")
	}
	rep := reply{f.Status, x.d.ErrorType(), x.out}
	if !x.injected || x.fault.Stored {
		x.keep(rep, f)
	}
	x.decided(f)
	x.write(rep, f)
}

// payload is the body as JSON, "" when it is no object.
func (x *exchange) payload() string {
	if x.compact == "" && len(x.body) > 0 && x.bodyErr == nil {
		if text, err := jsontext.Compact(x.asJSON()); err == nil && text[0] == '{' {
			x.compact = text
		}
	}
	return x.compact
}

// noun is what people call the record that a failure is about.
func (x *exchange) noun(code record.Code) string {
	switch res := x.op.Resource; {
	case code == record.CodeParentNotFound && res.Parent != nil && x.env.Parent == nil:
		return res.Parent.Noun
	case code == record.CodeParentNotFound && res.AboutR != nil:
		return res.AboutR.Noun
	default:
		return res.Noun
	}
}

// succeed answers with what the operation made.
func (x *exchange) succeed() {
	x.write(reply{x.op.Status, "application/json", x.out}, nil)
}

// write sends an answer with every header the dialect documents.
func (x *exchange) write(rep reply, f *dialect.Failure) {
	h := x.w.Header()
	x.headers(f)
	if bodyless(rep.status) { // which only a fault can ask for
		rep.body = nil
	} else {
		h.Set("Content-Length", strconv.Itoa(len(rep.body)))
	}
	if len(rep.body) > 0 && (f != nil || h.Get("Content-Type") == "") {
		h.Set("Content-Type", rep.mime)
	}
	if x.fault.Abort == faults.AbortBody {
		x.breakOff(rep)
	}
	x.answered(rep, h)
	x.w.WriteHeader(rep.status)
	if x.r.Method != http.MethodHead {
		_, _ = x.w.Write(rep.body)
	}
	x.delivered()
}

// delivered makes sure that an answer that was held back is written, and notes
// when it cannot be: who waits for long may have left.
func (x *exchange) delivered() {
	if x.fault.Delay == 0 || x.entry == nil {
		return
	}
	if err := http.NewResponseController(x.w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		x.entry.Undelivered()
	}
}

// bodyless tells whether HTTP knows no body for a status.
func bodyless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

// headers sets what every answer carries, and what a failure adds.
func (x *exchange) headers(f *dialect.Failure) {
	h := x.w.Header()
	set := func(name, value string) { setHeader(h, name, value) }
	x.limitHeaders(f != nil && f.Code == record.CodeRateLimited, set)
	x.d.Headers.Each(&x.env, set)
	switch {
	case f != nil:
		f.Class.Headers.Each(&x.env, set)
	case x.op != nil:
		x.op.Headers.Each(&x.env, set)
	}
	x.idempotencyHeaders(f, set)
}

// setHeader writes a name with the very letters that the dialect has.
func setHeader(h http.Header, name, value string) {
	if name == "WWW-Authenticate" || http.CanonicalHeaderKey(name) == name {
		h.Set(name, value)
		return
	}
	h.Del(name)
	h[name] = []string{value}
}

// problemReply is an answer where no dialect has one; code is one word for
// programs.
func problemReply(status int, code, title, detail string) reply {
	return reply{status, problem.Mime, problem.Encode(problem.New(status, code, title, journal.Clean(detail)))}
}

// write writes a problem that is in the journal.
func (rep reply) write(w http.ResponseWriter) {
	w.WriteHeader(rep.status)
	_, _ = w.Write(rep.body)
}
