package routes

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// panicked turns a fault of ours into an answer.
func (x *exchange) panicked(v any) {
	x.srv.log.Error("panic while answering", "panic", fmt.Sprint(v), "dialect", x.Dialect.Name, "method", x.r.Method, "trace_id", traceID(x.r.Header), "stack", string(debug.Stack()))
	if x.rec.entry != nil {
		return // there is an answer already
	}
	x.Input.Problems = nil
	x.refuse(dialect.Problem{Code: record.CodeInternal})
}

// fail answers an error of ours, which is logged whole and shown as a fixed
// line. One that comes of the client's going is none.
func (x *exchange) fail(err error) {
	if x.r.Context().Err() != nil {
		x.hungUp()
	}
	if errors.Is(err, store.ErrFull) {
		x.srv.worlds.Refuse(x.Dialect.Name + "." + x.operation())
		x.w.Header().Set(refusedHeader, "memory")
		x.idem.accepted = false // there is no room for the answer, and a retry may find some
		x.refuse(dialect.Problem{Code: record.CodeInternal})
		return
	}
	if up, is := errors.AsType[*backend.UpstreamError](err); is {
		x.failUpstream(up)
		return
	}
	if errors.Is(err, store.ErrUnavailable) {
		x.away(err)
		return
	}
	x.failed(err)
	if _, over := errors.AsType[*dialect.Overrun](err); over {
		x.bounds.Clear()
		x.idem.accepted = false // nothing is stored, the answer neither
	}
	x.refuse(dialect.Problem{Code: record.CodeInternal})
}

// away answers while the store is. It is no outcome of the request, so it is not
// kept, and a retry may find the store again.
func (x *exchange) away(err error) {
	x.srv.log.LogAttrs(x.r.Context(), slog.LevelWarn, "the store is away", slog.String("dialect", x.Dialect.Name), slog.String("operation", x.operation()),
		slog.String("sandbox", x.sb.Name), slog.Any("error", err))
	x.status, x.idem.accepted, x.Env.Limit.Retry = http.StatusServiceUnavailable, false, 1
	x.w.Header().Set("Retry-After", "1")
	x.w.Header().Set(refusedHeader, "store")
	x.refuse(dialect.Problem{Code: record.CodeInternal})
}

// failed logs an error of ours. That of an expression has its place in the
// mapping file.
func (x *exchange) failed(err error) {
	if over, ok := errors.AsType[*dialect.Overrun](err); ok {
		at := *over
		at.File = x.srv.opts.named(over.File)
		err = &at
	}
	x.srv.log.LogAttrs(x.r.Context(), slog.LevelError, "request failed", slog.String("dialect", x.Dialect.Name),
		slog.String("operation", x.operation()), slog.String("sandbox", x.sb.Name), slog.String("trace_id", traceID(x.r.Header)), slog.Any("error", err))
}

// operation is the name of the operation, if one was found.
func (x *exchange) operation() string {
	if x.Op == nil {
		return none
	}
	return x.Op.Name
}

// failUpstream answers for an upstream. That is no outcome of the request, so
// none is kept under its idempotency key.
func (x *exchange) failUpstream(up *backend.UpstreamError) {
	x.status, x.idem.accepted = up.Status, false
	x.rec.upstream = &journal.Upstream{By: codeTranslated, Error: up.Msg, Seen: up.Seen}
	if up.Retry > 0 {
		x.Env.Limit.Retry = int64((up.Retry + time.Second - 1) / time.Second)
		x.w.Header().Set("Retry-After", strconv.FormatInt(x.Env.Limit.Retry, 10))
	}
	x.srv.log.LogAttrs(x.r.Context(), slog.LevelWarn, "upstream", slog.String("dialect", x.Dialect.Name), slog.String("operation", x.operation()),
		slog.String("sandbox", x.sb.Name), slog.Int("status", up.Status), slog.Any("error", up))
	x.refuse(dialect.Problem{Code: up.Code}.Saying(up.Msg))
}

// refusedHeader tells why an answer in the dialect's words, which has none for
// it, is a refusal: memory says that limits.memory is used up, store that the
// store is away.
const refusedHeader = "X-Polylink-Refused"

// noSandbox answers a request whose sandbox cannot be made.
func (s *Server) noSandbox(w http.ResponseWriter, r *http.Request, at destination, err error) {
	rep := problemReply(http.StatusInternalServerError, "internal", "Internal error", "The sandbox could not be made; the log says more")
	switch {
	case errors.Is(err, store.ErrFull):
		s.worlds.Refuse("sandbox")
		w.Header().Set(refusedHeader, "memory")
		rep = problemReply(http.StatusInsufficientStorage, "memory", "Memory used up",
			"The memory budget of the process has no room for another sandbox; drop some, or raise limits.memory")
	case errors.Is(err, store.ErrUnavailable):
		w.Header().Set(refusedHeader, "store")
		w.Header().Set("Retry-After", "1")
		rep = problemReply(http.StatusServiceUnavailable, "store", "The store is away", "It cannot be written at the moment; try again")
		fallthrough
	default:
		s.log.Error("a sandbox could not be made", "error", err)
	}
	s.unmatched(w, r, at, rep, string(record.CodeInternal))
}
