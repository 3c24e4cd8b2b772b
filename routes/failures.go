package routes

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"

	"github.com/polylink-dev/polylink/dialect"
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
	operation := none
	if x.Op != nil {
		operation = x.Op.Name
	}
	if errors.Is(err, store.ErrFull) {
		x.srv.worlds.Refuse(x.Dialect.Name + "." + operation)
		x.w.Header().Set(refusedHeader, "memory")
		x.idem.accepted = false // there is no room for the answer, and a retry may find some
		x.refuse(dialect.Problem{Code: record.CodeInternal})
		return
	}
	x.srv.log.LogAttrs(x.r.Context(), slog.LevelError, "request failed", slog.String("dialect", x.Dialect.Name),
		slog.String("operation", operation), slog.String("sandbox", x.sb.Name), slog.String("trace_id", traceID(x.r.Header)), slog.Any("error", err))
	x.refuse(dialect.Problem{Code: record.CodeInternal})
}

// refusedHeader tells why an answer in the dialect's words, which has none for
// it, is a refusal: memory says that limits.memory is used up.
const refusedHeader = "X-Polylink-Refused"

// noSandbox answers a request whose sandbox cannot be made.
func (s *Server) noSandbox(w http.ResponseWriter, r *http.Request, at destination, err error) {
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
