// Package sandbox holds the sandboxes: each has rows, time, limits, requests
// under way, a journal, faults and scenarios of its own.
//
// It stands between routes and admin, which learn from a request which sandbox
// is meant, and the engines, which keep rows. A sandbox is made on first use
// as a fork of the fixtures, so a thousand of them cost little more than one,
// and nothing that happens in one shows in another. The least recently used
// make room for new ones; "default" never does. It promises that one name is
// one sandbox at a time. It knows no dialect, no engine and no HTTP beyond the
// name of a sandbox in a context; which fixtures there are is the caller's to
// say. Start with Sandbox, then Sandboxes.Get, then parts.go for what a sandbox
// is made of.
package sandbox

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Default is the sandbox of requests that name none. It is always there.
const Default = "default"

// Sandbox is one of them. Its fields do not change; a reset makes another
// Sandbox of the same name, so do not keep one for longer than a request.
type Sandbox struct {
	Name    string
	DB      store.Engine
	Start   time.Time // what its fixture times are relative to
	Created time.Time // when it was made, at most a second after Start unless it is a fork
	Parts
	Post Post // nil where nothing is delivered

	keep  *keeping     // nil where nothing outlives the process
	used  atomic.Int64 // unix nanoseconds of real time
	seen  int64        // used when it was last put in order; see queue
	place int          // in the queue
}

// Info is a line of List.
type Info struct {
	Name     string
	Created  time.Time
	LastUsed time.Time
	Links    int // 0 where the store cannot tell
}

// Info tells of one sandbox.
func (sb *Sandbox) Info(ctx context.Context) Info {
	links, _ := sb.DB.Count(ctx, record.Links.Kind)
	return Info{Name: sb.Name, Created: sb.Created, LastUsed: time.Unix(0, sb.used.Load()).UTC(), Links: links}
}

// ValidName tells whether a sandbox may be called so: [a-z0-9-]{1,40}.
func ValidName(name string) bool {
	if len(name) < 1 || len(name) > 40 {
		return false
	}
	for i := range len(name) {
		c := name[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}

func checkName(name string) error {
	if ValidName(name) {
		return nil
	}
	return &record.Error{Code: record.CodeInvalid, Msg: "a sandbox name is 1 to 40 of a-z, 0-9 and -"}
}

type nameKey struct{}

// WithName puts the name of the sandbox that a request is about into its context.
func WithName(ctx context.Context, name string) context.Context {
	return context.WithValue(ctx, nameKey{}, name)
}

// Name returns it, and the default sandbox's when there is none.
func Name(ctx context.Context) string {
	if name, ok := ctx.Value(nameKey{}).(string); ok {
		return name
	}
	return Default
}
