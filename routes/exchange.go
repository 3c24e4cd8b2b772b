package routes

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/mux"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// exchange is one request on its way through the checks.
type exchange struct {
	srv    *Server
	st     *state
	router *router
	d      *dialect.Dialect
	op     *dialect.Op
	w      http.ResponseWriter
	r      *http.Request
	sb     *sandbox.Sandbox
	reader store.Reader
	cred   credential
	vars   map[string]string
	env    dialect.Env
	in     dialect.Input
	query  url.Values
	list   listing

	body    []byte
	sent    []byte // the body as it came
	json    []byte // the body as JSON; the scalars of a form are typed by their fields later
	bodyErr error  // why the body could not be read
	compact string // the body as answers repeat it
	cap     int64

	old    *store.Row // the row that is read or changed
	merged bool
	held   sandbox.Claim // claim on an idempotency key
	idem   keyed
	out    []byte

	n        int64 // of the journal's entry
	start    time.Time
	way      way
	fault    faults.Fault
	injected bool           // the answer is the fault's own
	asked    bool           // the client asked for this very answer
	entry    *journal.Entry // once there is an answer
	aborted  string         // how the answer is broken off
	verdict  journal.Rule
	changes  []journal.Change
}

// exchange runs a request that has found its dialect.
func (s *Server) exchange(w http.ResponseWriter, r *http.Request, st *state, at way) {
	x := s.pool.Get().(*exchange)
	x.reset(s, st, at, w, r)
	defer x.finish()
	x.cred = readCredential(&x.d.Auth, r.Header)
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
	x.sb, x.reader, x.n = sb, sb.DB.Read(r.Context()), sb.Journal.Number()
	w.Header().Set(requestHeader, strconv.FormatInt(x.n, 10))
	x.env.Base, x.env.Path = base(r, at, sb.Name), at.path
	x.env.Now = sb.Clock.Now().Truncate(time.Millisecond)
	x.env.Header, x.env.Query, x.env.Find, x.env.Payload = x.header, x.param, x.named, x.payload
	x.env.OpenAPI = x.router.openapi
	x.env.RequestID = x.d.NewRequestID(&x.env)
	x.readBody()
	if x.settled() && x.route(at.path) && !x.faulty() {
		x.run()
	}
}

// look reads the newest state of the sandbox, as settled has it.
func (x *exchange) look() bool {
	x.reader = x.sb.DB.Read(x.r.Context())
	return x.settled()
}

// settled has all written that has fallen due in the state that is read. Where
// that cannot be had it answers, and returns false.
func (x *exchange) settled() bool {
	reader, err := x.st.ledger.Settled(x.r.Context(), x.sb.DB, x.reader, x.now())
	if err != nil {
		x.fail(err)
		return false
	}
	x.reader = reader
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
	if x.entry == nil {
		x.unanswered(abortedClient)
	}
	x.release()
	x.srv.pool.Put(x)
	if aborted {
		panic(v)
	}
}

// reset makes a pooled exchange this request's.
func (x *exchange) reset(s *Server, st *state, at way, w http.ResponseWriter, r *http.Request) {
	in, out := x.in, x.out[:0]
	*x = exchange{srv: s, st: st, router: at.router, d: at.router.dialect, w: w, r: r, in: in, out: out, cap: s.opts.Body, way: at, start: clock.Real()}
	x.env.Method, x.env.Random = r.Method, s.opts.Random
}

// release lets go of everything that the request held.
func (x *exchange) release() {
	if x.held != nil {
		x.held.End()
	}
	in, out := x.in, x.out
	in.Forget()
	if cap(out) > 1<<20 {
		out = nil
	}
	*x = exchange{srv: x.srv, in: in, out: out}
}

// route finds the operation; a path or method that is not there is answered
// in the dialect's envelope.
func (x *exchange) route(path string) bool {
	var m mux.RouteMatch
	if x.router.match(x.r.Method, path, &m) {
		x.op = m.Handler.(target).op
		x.vars = m.Vars
		for k, v := range x.vars {
			if plain, err := url.PathUnescape(v); err == nil && plain != v {
				x.vars[k] = strings.ToValidUTF8(plain, "\uFFFD") // it comes back in messages
			}
		}
		return true
	}
	if x.r.Method != http.MethodOptions && !x.checks(x.d.Unmatched) {
		return false
	}
	if m.MatchErr != mux.ErrMethodMismatch {
		x.refuse(dialect.Problem{Code: record.CodeRoute})
		return false
	}
	allow := x.router.methods(path)
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

// run passes the checks in the dialect's order and then applies the operation.
func (x *exchange) run() {
	if x.forced() {
		return
	}
	if !x.checks(x.d.Checks) {
		return
	}
	x.apply()
}

// checks runs stages; it answers the request and returns false when one fails.
// A dialect that reports faults together gathers those of fields, references
// and rules; a fault of another stage ends the gathering.
func (x *exchange) checks(stages []dialect.Stage) bool {
	for _, stage := range stages {
		p, answered := x.stage(stage)
		if answered {
			return false
		}
		faults := x.in.Problems
		switch {
		case len(faults) > 0 && (p != nil || !x.d.ReportAll):
			x.refuse(faults...)
			return false
		case p != nil:
			x.refuse(*p)
			return false
		}
	}
	if len(x.in.Problems) > 0 {
		x.refuse(x.in.Problems...)
		return false
	}
	return true
}

// stage runs one check. It returns the problem it found, or that it has
// already answered.
func (x *exchange) stage(stage dialect.Stage) (p *dialect.Problem, answered bool) {
	switch stage {
	case dialect.StageAuth:
		return x.auth(), false
	case dialect.StageLimit:
		return x.limit(), false
	case dialect.StageScope:
		return x.scope(), false
	case dialect.StageGate:
		return x.gate(), false
	case dialect.StageHeaders:
		return x.requestHeaders(), false
	case dialect.StageIdempotency:
		return x.idempotency()
	case dialect.StageBody:
		return x.parse(), false
	case dialect.StageFields:
		x.op.Decode(&x.in, &x.env)
	case dialect.StageQuery:
		return x.parseQuery()
	case dialect.StageParent:
		return x.parent(), false
	case dialect.StageExists:
		return x.exists(), false
	case dialect.StageOwner:
		return x.owner(), false
	case dialect.StageState:
		return x.state(), false
	case dialect.StageReferences:
		x.references()
	case dialect.StageRules:
		x.rules()
	case dialect.StageUnique:
		return x.unique(), false
	}
	return nil, false
}

// storeStages are the checks that depend on what is stored: they run again
// when a row changed while the request was looking.
var storeStages = map[dialect.Stage]bool{
	dialect.StageFields: true, dialect.StageParent: true, dialect.StageExists: true, dialect.StageOwner: true, dialect.StageState: true,
	dialect.StageReferences: true, dialect.StageRules: true, dialect.StageUnique: true,
}

// again repeats what depends on the store, on its newest state.
func (x *exchange) again() bool {
	if !x.look() {
		return false
	}
	x.merged, x.old = false, nil
	x.env.It, x.env.Old, x.env.Parent, x.env.About = nil, nil, nil, nil
	var stages []dialect.Stage
	for _, s := range x.d.Checks {
		if storeStages[s] {
			stages = append(stages, s)
		}
	}
	return x.checks(stages)
}

// header returns a request header as templates see it: one with rules counts
// only when it keeps them.
func (x *exchange) header(name string) string {
	v := x.r.Header.Get(name)
	for _, h := range x.d.RequestHeaders {
		if strings.EqualFold(h.Name, name) && !allowedHeader(h, v) {
			return h.Default
		}
	}
	return v
}

func allowedHeader(h *dialect.HeaderRule, v string) bool {
	if h.Match != nil && !h.Match.MatchString(v) {
		return false
	}
	if len(h.OneOf) == 0 {
		return v != ""
	}
	for _, ok := range h.OneOf {
		if v == ok {
			return true
		}
	}
	return false
}

// panicked turns a fault of ours into an answer.
func (x *exchange) panicked(v any) {
	x.srv.log.Error("panic while answering", "panic", fmt.Sprint(v), "dialect", x.d.Name, "method", x.r.Method, "trace_id", traceID(x.r.Header), "stack", string(debug.Stack()))
	if x.entry != nil {
		return // there is an answer already
	}
	x.in.Problems = nil
	x.refuse(dialect.Problem{Code: record.CodeInternal})
}

// fail answers an error of ours, which is logged whole and shown as a fixed
// line. One that comes of the client's going is none.
func (x *exchange) fail(err error) {
	if x.r.Context().Err() != nil {
		x.hungUp()
	}
	operation := none
	if x.op != nil {
		operation = x.op.Name
	}
	if errors.Is(err, store.ErrFull) {
		x.srv.worlds.Refuse(x.d.Name + "." + operation)
		x.w.Header().Set(refusedHeader, "memory")
		x.idem.accepted = false // there is no room for the answer, and a retry may find some
		x.refuse(dialect.Problem{Code: record.CodeInternal})
		return
	}
	x.srv.log.LogAttrs(x.r.Context(), slog.LevelError, "request failed", slog.String("dialect", x.d.Name),
		slog.String("operation", operation), slog.String("sandbox", x.sb.Name), slog.String("trace_id", traceID(x.r.Header)), slog.Any("error", err))
	x.refuse(dialect.Problem{Code: record.CodeInternal})
}

// refusedHeader tells why an answer in the dialect's words, which has none for
// it, is a refusal: memory says that limits.memory is used up.
const refusedHeader = "X-Polylink-Refused"

// noSandbox answers a request whose sandbox cannot be made.
func (s *Server) noSandbox(w http.ResponseWriter, r *http.Request, at way, err error) {
	rep := problemReply(http.StatusInternalServerError, "internal", "Internal error", "The sandbox could not be made; the log says more")
	if errors.Is(err, store.ErrFull) {
		s.worlds.Refuse("sandbox")
		w.Header().Set(refusedHeader, "memory")
		rep = problemReply(http.StatusInsufficientStorage, "memory", "Memory used up",
			"The memory budget of the process has no room for another sandbox; drop some, or raise limits.memory")
	} else {
		s.log.Error("a sandbox could not be made", "error", err)
	}
	s.unmatched(w, r, at, rep, string(record.CodeInternal))
}

// now is the sandbox's time at which the request came.
func (x *exchange) now() time.Time { return x.env.Now }
