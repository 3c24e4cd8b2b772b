package routes

import (
	"net"
	"net/http"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
)

// injected is the fault that happens to an exchange; without an id there is none.
type injected struct {
	faults.Fault
	answered bool // the answer is the fault's own
}

// scenarioHeader names a scenario that a request starts.
const scenarioHeader = "X-Polylink-Scenario"

// faulty lets the sandbox's scenarios and faults happen: a scenario that has
// something to say of the request comes first. It returns true when the request
// is answered.
func (x *exchange) faulty() bool {
	start, ok := x.scenario()
	if !ok {
		return true
	}
	f, ok := x.sb.Plays.Take(x.Dialect.Name, x.Op.Name, start)
	if !ok {
		f, ok = x.sb.Faults.Take(faults.Call{Dialect: x.Dialect.Name, Operation: x.Op.Name, Header: x.r.Header, Body: x.body.sent})
	}
	if !ok {
		return false
	}
	x.fault.Fault = f
	if (f.Stored || !f.Answers() && f.Abort != faults.AbortReset) && x.claimed() {
		return true
	}
	if f.Delay > 0 && !x.pause(f.Delay) {
		x.hungUp()
	}
	if f.Abort == faults.AbortReset {
		x.cutOff(faults.AbortReset)
	}
	if !f.Answers() {
		return false
	}
	code := record.Code(f.Code)
	if code == "" {
		code = x.codeFor(f.Status)
	}
	x.fault.answered = true
	x.refuse(x.sample(code, "failed because a fault was injected"))
	return true
}

// scenario is the one that the request asks for, nil where it asks for none. It
// answers a request that asks for one which is not there, and returns false.
func (x *exchange) scenario() (*faults.Scenario, bool) {
	name := x.r.Header.Get(scenarioHeader)
	if name == "" {
		return nil, true
	}
	there := x.srv.scenarios()
	s := there.Find(name)
	if s == nil {
		x.problem(http.StatusBadRequest, "no_such_scenario", "No such scenario", there.Missing(name)+"; GET /__admin/scenarios lists them")
	}
	return s, s != nil
}

// hold waits with the answer to a change that has been made and told of, where
// a scenario says so.
func (x *exchange) hold(changes []backend.Change) {
	if len(changes) == 0 || x.fault.ID != "" {
		return
	}
	c := changes[0]
	kind := ledger.Update
	switch {
	case c.Before == nil:
		kind = ledger.Create
	case c.After == nil:
		kind = ledger.Delete
	case c.After.Text(record.SlotStatus) == record.Revoked && c.Before.Text(record.SlotStatus) != record.Revoked:
		kind = ledger.Revoke
	}
	f, ok := x.sb.Plays.TakeAnswer(x.Dialect.Name, kind.Event(c.Table))
	if !ok {
		return
	}
	x.fault.Fault = f
	if !x.pause(f.Delay) {
		x.hungUp()
	}
}

// claimed claims the request's idempotency key before a fault happens whose
// answer is kept under it: that of the operation itself, or one that is to be
// stored. A second request meanwhile finds the key in use. What is injected
// otherwise leaves the key as it is, so that a retry is served. claimed returns
// true when the key has answered the request. A request that could not have
// come so far is left to the fault.
func (x *exchange) claimed() bool {
	if x.router.passage != nil || x.Dialect.Idempotency == nil || x.Op.Public || identify(x) != "" {
		return false
	}
	p, answered := claimKey(x)
	if p != nil && (p.Code == record.CodeIdempotencyOther || p.Code == record.CodeIdempotencyBusy) {
		x.refuse(*p)
		return true
	}
	return answered
}

// pause waits in real time, which no clock of a sandbox moves. It returns
// false when whoever asked has gone. The listener's timeouts begin anew behind
// it: a delay may be longer than they are.
func (x *exchange) pause(d time.Duration) bool {
	rc := http.NewResponseController(x.w) // what cannot set deadlines has none
	_, _ = rc.SetReadDeadline(time.Time{}), rc.SetWriteDeadline(time.Time{})
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		if most := x.srv.opts.Write; most > 0 {
			_ = rc.SetWriteDeadline(clock.Real().Add(most))
		}
		return true
	case <-x.r.Context().Done():
		return false
	}
}

// breakOff sends the headers and half of the body, and then no more. An answer
// without a body cannot end in the middle of it: there the connection ends.
func (x *exchange) breakOff(rep reply) {
	if len(rep.body) == 0 || x.r.Method == http.MethodHead {
		x.cutOff(faults.AbortBody)
	}
	x.rec.aborted = faults.AbortBody
	x.answered(rep, x.w.Header())
	x.w.WriteHeader(rep.status)
	_, _ = x.w.Write(rep.body[:len(rep.body)/2])
	_ = http.NewResponseController(x.w).Flush()
	panic(http.ErrAbortHandler)
}

// abortedLost is how the journal calls an answer that was lost.
const abortedLost = "lost"

// lose closes the connection in the place of an answer, which the journal keeps.
func (x *exchange) lose(rep reply) {
	x.rec.aborted = abortedLost
	x.answered(rep, x.w.Header())
	if conn, _, err := http.NewResponseController(x.w).Hijack(); err == nil {
		_ = conn.Close()
	}
	panic(http.ErrAbortHandler)
}

// cutOff resets the connection without an answer.
func (x *exchange) cutOff(how string) {
	x.unanswered(how)
	if conn, _, err := http.NewResponseController(x.w).Hijack(); err == nil {
		inner := conn
		if tls, ok := conn.(interface{ NetConn() net.Conn }); ok {
			inner = tls.NetConn()
		}
		if tcp, ok := inner.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // so that closing it is a reset and not an end
		}
		_ = inner.Close()
	}
	panic(http.ErrAbortHandler)
}
