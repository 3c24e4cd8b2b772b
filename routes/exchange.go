package routes

import (
	"errors"
	"github.com/polylink-dev/polylink/dialect/routing"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
)

// exchange is one request on its way to its answer.
type exchange struct {
	backend.Call // what is asked for, and by whom

	srv    *Server
	st     *state
	router *router
	sb     *sandbox.Sandbox
	w      http.ResponseWriter
	r      *http.Request
	at     destination
	query  url.Values
	body   body
	cred   credential
	idem   idempotencyKey
	fault  injected
	work   backend.Operation // what the backend does with the call
	rec    recording
	status int // of a refusal, in place of its class's own; 0 leaves that

	out    []byte         // memory for the body of the answer
	item   []byte         // and for the record in it
	shown  []byte         // the body in place of out: others show it, too
	env    dialect.Env    // memory of Call.Env
	bounds dialect.Bounds // of Call.Env.Bounds
	in     dialect.Input  // and of Call.Input
	reads  reads          // what Env asks of the exchange
	values []string       // memory for the values of headers
}

// reads are methods of an exchange, which stay the same from request to request.
type reads struct {
	header, param func(name string) string
	find          func(res *dialect.Resource, id string) *record.Record
	payload       func() string
	set           func(name, value string)
}

// newExchange makes an exchange for the pool.
func newExchange() any {
	x := &exchange{}
	x.reads = reads{x.header, x.param, x.find, x.body.payload, x.setExactly}
	return x
}

// find is a record that whoever asks may name, or nil.
func (x *exchange) find(res *dialect.Resource, id string) *record.Record { return x.work.Find(res, id) }

// exchange runs a request that has found its dialect.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request, st *state, at destination) {
	x := s.pool.Get().(*exchange)
	x.reset(s, st, at, w, r)
	defer x.finish()
	x.cred = readCredential(&x.Dialect.Auth, r.Header)
	sb, err := s.worlds.Get(r.Context(), named(r, at, x.cred.sandbox))
	if err != nil && record.CodeOf(err) != record.CodeInvalid {
		s.noSandbox(w, r, at, err)
		return
	}
	if err != nil {
		s.unmatched(w, r, at, problemReply(http.StatusBadRequest, "sandbox_name", "No such sandbox name",
			"A sandbox is called by 1 to 40 of a-z, 0-9 and -; what "+sandboxHeader+" or the ~suffix of the credential holds is something else"), "sandbox_name")
		return
	}
	x.enter(sb)
	x.body.read()
	if !x.settled() {
		return
	}
	passage := x.router.passage
	if passage != nil && x.passThrough(passage) {
		return
	}
	if x.route(at.path) && (passage != nil || !x.faulty()) { // which has happened on the passage
		x.run()
	}
}

// enter begins the exchange in a sandbox.
func (x *exchange) enter(sb *sandbox.Sandbox) {
	x.Context = x.r.Context()
	x.sb, x.DB, x.Rows, x.rec.n = sb, sb.DB, sb.DB.Read(x.r.Context()), sb.Journal.Number()
	x.set(requestHeader, strconv.FormatInt(x.rec.n, 10))
	x.Edge = edge{x}
	x.work = x.router.backend.Begin(&x.Call)
	e := x.Env
	e.Base, e.Path = base(x.r, x.at, sb.Name), x.at.path
	e.Now = sb.Clock.Now().Truncate(time.Millisecond)
	e.Header, e.Query, e.Find, e.Payload = x.reads.header, x.reads.param, x.reads.find, x.reads.payload
	e.OpenAPI = x.router.openapi
	e.RequestID = x.Dialect.NewRequestID(e)
}

// look reads the newest state of the sandbox, as settled has it.
func (x *exchange) look() bool {
	x.Rows = x.DB.Read(x.r.Context())
	return x.settled()
}

// settled has all written that has fallen due in the state that is read. Where
// that cannot be had it answers, and returns false.
func (x *exchange) settled() bool {
	l := x.st.ledger
	if len(x.Rows.Due(x.Env.Now.UnixMilli(), 1)) > 0 { // what falls due may be told of, with addresses in it
		own := *l
		own.Base = base(x.r, destination{}, x.sb.Name)
		l = &own
	}
	rows, err := l.Settled(x.r.Context(), x.DB, x.Rows, x.Env.Now)
	if err != nil {
		x.fail(err)
		return false
	}
	x.Rows = rows
	return true
}

// finish ends an exchange, however it went. It is deferred, so that a panic of
// ours is an answer and a connection that was cut off on purpose stays so.
func (x *exchange) finish() {
	v := recover()
	err, _ := v.(error)
	aborted := errors.Is(err, http.ErrAbortHandler)
	if v != nil && !aborted {
		x.panicked(v)
	}
	if x.rec.entry == nil {
		x.unanswered(abortedClient)
	}
	x.release()
	x.srv.pool.Put(x)
	if aborted {
		panic(v)
	}
}

// reset makes a pooled exchange this request's.
func (x *exchange) reset(s *Server, st *state, at destination, w http.ResponseWriter, r *http.Request) {
	*x = exchange{srv: s, st: st, router: at.router, w: w, r: r, in: x.in, out: x.out, item: x.item, reads: x.reads, at: at}
	x.body.r, x.body.cap, x.rec.start = r, s.opts.Body, clock.Real()
	x.Dialect, x.Env, x.Input = at.router.dialect, &x.env, &x.in
	x.Env.Method, x.Env.Random, x.Env.Bounds = r.Method, s.opts.Random, &x.bounds
}

// release lets go of everything that the request held.
func (x *exchange) release() {
	if x.idem.held != nil {
		x.idem.held.End()
	}
	x.in.Forget()
	*x = exchange{srv: x.srv, in: x.in, out: keepSmall(x.out), item: keepSmall(x.item), reads: x.reads}
}

// keepSmall keeps memory for the next request, unless this one made it large.
func keepSmall(b []byte) []byte {
	if cap(b) > 1<<20 {
		return nil
	}
	return b[:0]
}

// route finds the operation; a path or method that is not there is answered
// in the dialect's envelope.
func (x *exchange) route(path string) bool {
	if a := routing.AbsentAt(x.Dialect, x.r.Method, path); a != nil {
		x.notServed(a)
		return false
	}
	m := x.router.paths.Match(x.r.Method, path)
	if m.Op != nil {
		x.Op, x.Vars = m.Op, m.Vars
		for i := range x.Vars {
			v := &x.Vars[i].Value
			if plain, err := url.PathUnescape(*v); err == nil && plain != *v {
				*v = strings.ToValidUTF8(plain, "\uFFFD") // it comes back in messages
			}
		}
		return true
	}
	if x.r.Method != http.MethodOptions {
		x.rec.nearest = nearest(x.r.Method, path, false, x.Dialect)
	}
	if x.r.Method != http.MethodOptions && !x.passes(x.Dialect.Unmatched) {
		return false
	}
	if !m.Known {
		x.refuse(dialect.Problem{Code: record.CodeRoute})
		return false
	}
	allow := x.router.paths.Methods(path)
	x.w.Header().Set("Allow", allow)
	if x.r.Method == http.MethodOptions {
		x.headers(nil)
		x.answered(reply{status: http.StatusNoContent}, x.w.Header())
		x.w.WriteHeader(http.StatusNoContent)
		return false
	}
	x.refuse(dialect.Problem{Code: record.CodeMethod})
	return false
}

// run passes the stages in the dialect's order, and then has the operation done.
func (x *exchange) run() {
	if x.forced() || !x.passes(x.Dialect.Checks) {
		return
	}
	switch x.Op.Does {
	case dialect.Refuse:
		x.refuse(dialect.Problem{Code: x.Op.Refusal})
	case dialect.Answer:
		x.encode()
		x.succeed()
	case dialect.List:
		page, p, err := x.work.List(x.r.Context())
		switch {
		case err != nil:
			x.fail(err)
		case p != nil:
			x.refuse(*p)
		default:
			x.answerList(page)
		}
	default:
		x.apply()
	}
}

// apply has the backend do the operation, and answers. A change is encoded when
// the backend asks for the answer that is kept with it.
func (x *exchange) apply() {
	result, err := x.work.Apply(x.r.Context())
	switch {
	case err != nil:
		x.fail(err)
	case len(result.Problems) > 0:
		x.refuse(result.Problems...)
	default:
		x.changed(result.Changes)
		x.hold(result.Changes)
		if x.Op.Does == dialect.Get {
			x.encode()
		}
		x.succeed()
	}
}
