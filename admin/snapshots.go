package admin

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net/http"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/snapshot"
)

const snapshotExample = "a document that GET /__admin/snapshot gave"

// Snapshot is a sandbox as one document. The journal is not in it.
type Snapshot struct{ snapshot.Document }

// serve writes the document row by row, so that it is never whole in memory.
func (s Snapshot) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	out := bufio.NewWriterSize(w, 64<<10)
	if s.Write(out) == nil { // else whoever asked has gone
		_ = out.WriteByte('\n')
		_ = out.Flush()
	}
}

// snapshots reads and writes by the rules of the dialects that are served now.
func (a *API) snapshots() snapshot.Format {
	return snapshot.Format{Set: a.o.Set(), Scenarios: a.scenarios(), Memory: a.o.Sandboxes.Memory(), Example: snapshotExample}
}

// Snapshot returns the sandbox as one document.
func (a *API) Snapshot(ctx context.Context, _ None) (Snapshot, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	doc, err := a.snapshots().Take(ctx, sb)
	return Snapshot{doc}, err
}

// readSnapshot reads a document from a body.
func (a *API) readSnapshot(body io.Reader) (any, error) {
	doc, err := a.snapshots().Read(body)
	if err != nil {
		return nil, refusedSnapshot(err)
	}
	return &Snapshot{*doc}, nil
}

// RestoreSnapshot replaces the sandbox by a snapshot.
func (a *API) RestoreSnapshot(ctx context.Context, in Snapshot) (SandboxInfo, error) {
	sb, err := a.snapshots().Restore(ctx, &in.Document, a.o.Sandboxes, sandbox.Name(ctx))
	if err != nil {
		return SandboxInfo{}, refusedSnapshot(err)
	}
	return showSandbox(ctx, sb), nil
}

// refusedSnapshot makes a problem of what is wrong with a document.
func refusedSnapshot(err error) error {
	if e, ok := errors.AsType[*record.Error](err); ok && e.Code == record.CodeInvalid {
		return bad("%s", e.Msg)
	}
	return err
}
