package routes

import (
	"context"
	"log/slog"

	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
)

// RequestMessage is what the log calls a request; its members are method, path,
// operation, status, why, sandbox and ms, and more behind those.
const RequestMessage = "request"

// logRequest writes one line for an exchange, unless Options.Quiet; one that we failed
// is told all the same. What finds no memory is none of those: there may be
// thousands, and Sandboxes.Refuse tells of them.
func (s *Server) logRequest(ctx context.Context, e *journal.Entry, found []string) {
	level := slog.LevelInfo
	if e.Rule.Code == string(record.CodeInternal) && e.Fault == "" && !e.Forced && e.AnswerHeader.Get(refusedHeader) == "" {
		level = slog.LevelError
	} else if s.opts.Quiet {
		return
	}
	if !s.log.Enabled(ctx, level) {
		return
	}
	operation := e.Operation
	if operation == "" {
		operation = none
	}
	attrs := append(make([]slog.Attr, 0, 14), slog.String("method", journal.Clean(e.Method)), slog.String("path", s.state.Load().paths.show(e, found)),
		slog.String("operation", operation), slog.Int("status", e.Status), slog.String("why", e.Rule.Code), slog.String("sandbox", e.Sandbox),
		slog.Float64("ms", float64(e.Took.Microseconds())/1000), slog.Int64("entry", e.N))
	for _, more := range []struct{ name, value string }{
		{"dialect", e.Dialect}, {"rule", e.Rule.Place()}, {"fault", e.Fault}, {"losses", e.Losses}, {"aborted", e.Aborted}, {"trace_id", e.TraceID},
	} {
		if more.value != "" {
			attrs = append(attrs, slog.String(more.name, more.value))
		}
	}
	s.log.LogAttrs(ctx, level, RequestMessage, attrs...)
}
