package backend

import (
	"time"

	"github.com/polylink-dev/polylink/record"
)

// UpstreamError is why an upstream has no answer to what was asked: it cannot
// be reached, it is late, it is not understood, it refuses our own credential,
// or its limit is used up. It is no outcome of the client's request.
type UpstreamError struct {
	Status  int         // that the client gets, in its dialect's envelope
	Code    record.Code // the class of that envelope
	Msg     string      // safe to show; it names the upstream
	Seen    string      // the beginning of what the upstream said, for the journal
	Retry   time.Duration
	Unknown bool  // it may have done what was asked
	Err     error // cause, for the log alone
}

// Error is the message and its cause, for the log.
func (e *UpstreamError) Error() string {
	if e.Err == nil {
		return e.Msg
	}
	return e.Msg + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *UpstreamError) Unwrap() error { return e.Err }
