package routes

import (
	"errors"
	"net/http"
	"strconv"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/problem"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
)

// reply is an answer before it is written.
type reply struct {
	status int
	mime   string
	body   []byte
	frozen bool // nobody ever changes the body
}

// refuse answers with a failure in the dialect's envelope.
func (x *exchange) refuse(problems ...dialect.Problem) {
	f := failures.Of(x.Dialect, x.Env, problems...)
	if x.fault.answered && x.fault.Status != 0 {
		f.Status = x.fault.Status
	}
	if x.status != 0 {
		f.Status = x.status
	}
	f.Cap = x.body.cap
	if x.Op != nil && x.Op.Resource != nil {
		f.Noun = x.noun(f.Code)
	}
	if x.Env.Old != nil {
		f.State = x.Op.Resource.StateWord(x.Env.Old)
	}
	if f.State == "" {
		f.State = "in another state" // of an answer that was only asked for
	}
	x.out = failures.Append(x.out[:0], x.Dialect, x.Env)
	x.tryHeaders(x.Dialect.Headers, f.Class.Headers)
	if err := x.Env.Overrun(); err != nil && f.Code != record.CodeInternal {
		x.fail(err)
		return
	} else if err != nil {
		x.failed(err) // and what was refused is not in the answer
		x.bounds.Clear()
	}
	if f.Code == record.CodeTooLarge {
		x.w.Header().Set("Connection", "close")
	}
	rep := reply{status: f.Status, mime: x.Dialect.ErrorType(), body: x.out}
	if !x.fault.answered || x.fault.Stored {
		x.keep(rep, f)
	}
	x.decided(f)
	x.write(rep, f)
}

// noun is what people call the record that a failure is about.
func (x *exchange) noun(code record.Code) string {
	switch res := x.Op.Resource; {
	case code == record.CodeParentNotFound && res.Parent != nil && x.Env.Parent == nil:
		return res.Parent.Noun
	case code == record.CodeParentNotFound && res.AboutR != nil:
		return res.AboutR.Noun
	default:
		return res.Noun
	}
}

// encode writes the record at hand in the operation's envelope.
func (x *exchange) encode() {
	x.shown = nil
	shows := x.router.shapes[x.Op]
	switch {
	case x.Op.Resource == nil || x.Env.It == nil:
	case shows.Shape == nil:
		x.item = x.Op.Encode(x.item[:0], x.Env)
		x.Env.Item = x.item
	default:
		x.Env.Item = x.srv.answers.Encode(shows.Shape, x.Env)
		if shows.Bare {
			x.shown = x.Env.Item
		}
	}
	if x.shown == nil {
		x.out = x.Op.AppendAnswer(x.out[:0], x.Env)
	}
	x.tryHeaders(x.Dialect.Headers, x.Op.Headers)
}

// tryHeaders fills in headers that are computed, so that a value past its bounds
// shows before anything is stored or sent.
func (x *exchange) tryHeaders(lists ...access.Headers) {
	for _, headers := range lists {
		if headers.Computed() {
			headers.Each(&x.Env.Env, func(string, string) {})
		}
	}
}

// Encode encodes what an operation is about to do, and returns the answer as it
// is kept with it.
func (x edge) Encode() *ledger.Answer {
	x.encode()
	return x.kept(x.success())
}

// success is the answer that was encoded.
func (x *exchange) success() reply {
	rep := reply{status: x.Op.Status, mime: "application/json", body: x.out}
	if x.shown != nil {
		rep.body, rep.frozen = x.shown, true
	}
	return rep
}

// succeed answers with what the operation made.
func (x *exchange) succeed() {
	if err := x.Env.Overrun(); err != nil {
		x.fail(err)
		return
	}
	x.write(x.success(), nil)
}

// write sends an answer with every header the dialect documents.
func (x *exchange) write(rep reply, f *failures.Failure) {
	h := x.w.Header()
	x.headers(f)
	if n := x.rec.nearest; n != nil {
		h.Set(nearestHeader, n.Method+" /"+n.Dialect+n.Path)
	}
	if bodyless(rep.status) { // which only a fault can ask for
		rep.body = nil
	} else {
		x.set("Content-Length", strconv.Itoa(len(rep.body)))
	}
	if len(rep.body) > 0 && (f != nil || h.Get("Content-Type") == "") {
		x.set("Content-Type", rep.mime)
	}
	switch {
	case x.fault.Lost:
		x.lose(rep)
	case x.fault.Abort == faults.AbortBody:
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
	if x.fault.Delay == 0 || x.rec.entry == nil {
		return
	}
	if err := http.NewResponseController(x.w).Flush(); err != nil && !errors.Is(err, http.ErrNotSupported) {
		x.rec.entry.Undelivered()
	}
}

// bodyless tells whether HTTP knows no body for a status.
func bodyless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}

// headers sets what every answer carries, and what a failure adds.
func (x *exchange) headers(f *failures.Failure) {
	set := x.reads.set
	limitHeaders(x, f != nil && f.Code == record.CodeRateLimited, set)
	x.Dialect.Headers.Each(&x.Env.Env, set)
	switch {
	case f != nil:
		f.Class.Headers.Each(&x.Env.Env, set)
	case x.Op != nil:
		x.Op.Headers.Each(&x.Env.Env, set)
	}
	idempotencyHeaders(x, f, set)
}

// setExactly writes a name with the very letters that the dialect has.
func (x *exchange) setExactly(name, value string) {
	if name == "WWW-Authenticate" {
		name = "Www-Authenticate" // which net/http writes as everybody does
	} else if http.CanonicalHeaderKey(name) != name {
		x.w.Header().Del(name)
	}
	x.set(name, value)
}

// set writes a header of the answer; the values of several share memory.
func (x *exchange) set(name, value string) {
	if len(x.values) == cap(x.values) {
		x.values = make([]string, 0, 8)
	}
	n := len(x.values)
	x.values = append(x.values, value)
	x.w.Header()[name] = x.values[n : n+1 : n+1]
}

// problemReply is an answer where no dialect has one; code is one word for
// programs.
func problemReply(status int, code, title, detail string) reply {
	return reply{status: status, mime: problem.Mime, body: problem.Encode(problem.New(status, code, title, journal.Clean(detail)))}
}

// lostReply is a problem that names the nearest route, if there is one.
func lostReply(nearest *journal.Nearest, code, title, detail string) reply {
	if nearest != nil {
		detail = "Did you mean " + nearest.Method + " /" + nearest.Dialect + nearest.Path + "? " + detail
	}
	return reply{status: http.StatusNotFound, mime: problem.Mime, body: problem.Encode(struct {
		problem.Problem
		Nearest *journal.Nearest `json:"nearest,omitempty"`
	}{problem.New(http.StatusNotFound, code, title, journal.Clean(detail)), nearest})}
}

// write writes a problem that is in the journal.
func (rep reply) write(w http.ResponseWriter) {
	w.WriteHeader(rep.status)
	_, _ = w.Write(rep.body)
}
