// Package ledger is the one place in which a change is made: whoever asks for
// it, it comes out as one batch.
//
// It stands between whoever wants something changed (a request, the control
// API, time itself, and later a page or an upstream's webhook) and the engine
// that keeps the rows. A Change says what happens to one record; Ledger.Batch
// turns changes into the rows, the ids that a shared link has elsewhere, the
// unique keys, the audit entries, the events and the idempotent answer that
// belong to them, and an engine takes all of it or nothing. It promises that
// the same rows and the same change give the same batch, so a batch that came
// too late is made anew on the newest rows. Which changes a request may ask
// for is decided before, and what a provider calls them after. Start with
// Change, then Ledger.Batch, then Ledger.Settle for what time does by itself.
package ledger

import (
	"context"
	"io"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Ledger makes batches. It holds nothing that changes.
type Ledger struct {
	Set    *dialect.Set
	Shared bool      // every dialect shows all links of its kind
	Random io.Reader // for ids
	Told   io.Reader // for those of events, so that what is told of changes no other id; nil is the system's
	Base   string    // where the dialects are reached, in the bodies of events that no request has caused
}

// View is what a batch is made from: rows, and how many there are of those
// whose number is bounded.
type View struct {
	store.Reader
	Count func(table string) int
}

// Open reads the newest state of a sandbox.
func Open(ctx context.Context, db store.Engine) View { return ViewOf(ctx, db, db.Read(ctx)) }

// ViewOf is Open of a state that was read.
func ViewOf(ctx context.Context, db store.Engine, r store.Reader) View {
	return View{r, func(table string) int {
		n, _ := db.Count(ctx, table) // a store that is away takes no batch either
		return n
	}}
}

// Home is the resource by which a record's own dialect shows it, nil where the
// dialect is not served any more.
func (l *Ledger) Home(rec *record.Record) *dialect.Resource {
	d := l.Set.Dialect(rec.Dialect)
	if d == nil {
		return nil
	}
	return d.ResourceFor(rec.Schema.Kind)
}
