// Package snapshot is a sandbox as one JSON document: rows, clock, limits,
// faults and scenarios, from which the same sandbox is made again.
//
// The control API writes and reads it; it stands on the sandboxes and the
// ledger, and knows no HTTP. It promises that a restored sandbox gives the
// very answers of the one that was kept, that a document is never whole in
// memory, that what cannot be restored is refused with the row and the member
// at fault, and that then nothing has changed. Its mistakes are record.Errors
// with the code invalid; store.ErrFull says that memory does not hold a
// document. The journal is not in it, and which text could be sent instead is
// the caller's to say. Start with Document, then Format.Take in taking.go and
// Format.Read in reading.go, which Format.Restore follows.
package snapshot

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Version is raised when a document of before can no longer be read.
const Version = 1

// Document is a sandbox as one document: what is in it can be committed to a
// repository and restores the same answers.
type Document struct {
	Polylink int               `json:"polylink" need:"true" doc:"version of the format"`
	Clock    Clock             `json:"clock"`
	Rows     []Row             `json:"rows" doc:"oldest first"`
	Limits   []ratelimit.Entry `json:"limits" schema:"objects" doc:"what was counted against limits"`
	Faults   []faults.Shown    `json:"faults"`

	Scenarios []faults.Play `json:"scenarios,omitempty" doc:"those that were started, in that order"`

	name    string               // of the sandbox, in a dump
	stored  []*store.Row         // rows of an output, which are shown as they are written
	show    func(*store.Row) Row // shows one
	release func()               // gives back the memory that an input was counted with
}

// Clock is the clock of a sandbox.
type Clock struct {
	Now    *time.Time `json:"now" doc:"null is real time"`
	Frozen bool       `json:"frozen"`
	Rate   float64    `json:"rate,omitempty" doc:"how fast it runs, where that is not as fast as real time"`
	Told   *time.Time `json:"told,omitempty" doc:"of older documents: what fell due after it is written when the sandbox is looked at"`
}

// Row is a row of the store: its record, and what does not follow from the
// record.
type Row struct {
	Version uint64          `json:"version"`
	Key     string          `json:"key,omitempty"`
	Scope   string          `json:"scope,omitempty"`
	Created int64           `json:"created,omitempty"`
	Keys    *[]string       `json:"keys,omitempty" doc:"its unique claims, where they are not those of the record"`
	Record  json.RawMessage `json:"record" schema:"any" need:"true" doc:"the canonical record, secrets included"`

	record *record.Record // what Record says, where it was read already
}

// Format reads and writes documents by the rules of the dialects that are
// served.
type Format struct {
	Set *dialect.Set

	Scenarios *faults.Scenarios // that there are

	Memory  *memory.Budget // counts what is read until it is restored; nil is none
	Example string         // what could be sent instead of what cannot be restored
}

// refuse says what is wrong with a document.
func refuse(format string, args ...any) error {
	return &record.Error{Code: record.CodeInvalid, Msg: fmt.Sprintf(format, args...)}
}

// invalid says what is wrong with a document, and what to send instead.
func (f Format) invalid(format string, args ...any) error {
	return refuse("%s; send %s", fmt.Sprintf(format, args...), f.Example)
}

// cut shortens what was sent, to be repeated in a message.
func cut(s string) string { return jsontext.Shorten(s, 80) }

// plain is the row that a record gets by itself.
func (f Format) plain(rec *record.Record) *store.Row {
	var res *dialect.Resource
	if d := f.Set.Dialect(rec.Dialect); d != nil {
		res = d.ResourceFor(rec.Schema.Kind)
	}
	return dialect.NewRow(res, rec)
}
