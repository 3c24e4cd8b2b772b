package backend

import (
	"context"
	"net/http"
	"time"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Hook is a webhook that an upstream has sent.
type Hook struct {
	URL    string // as the upstream calls it
	Header http.Header
	Body   []byte
	DB     store.Engine
	Now    time.Time      // of the sandbox
	Base   string         // where our dialect is reached, for addresses in what is told
	Main   *record.Record // the credential of those clients that nothing else is known of, nil for none
}

// Receiver is a backend whose upstream tells of changes by itself.
type Receiver interface {
	// Receive checks a webhook's signature and writes what it tells of as events
	// of our own dialect, which are sent on as any other; it returns how many. A
	// webhook that came before makes none. It returns record.CodeUnauthorized for
	// a signature that is not right, record.CodeNotFound where none is expected,
	// record.CodeInvalid for what is no event of the upstream's dialect, and the
	// errors of store.Engine.Commit.
	Receive(ctx context.Context, h Hook) (events int, err error)
}
