// Package mock answers operations out of a sandbox's rows.
//
// It is the backend of a mock server: routes calls it with what the edge has
// let in, and it reads the rows, checks in the dialect's order what needs them,
// and makes changes through package ledger, each in one batch. A batch that
// comes too late is made anew: the checks run again on the newest rows, and the
// body is not decoded a second time. Records go out as they are kept, or as the
// dialect shows those of another one; encoding them is the edge's. Start with
// Backend.Begin, then the table of checks, one in a file of its own each.
package mock

import (
	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Backend is the mock store as a backend.
type Backend struct {
	Ledger *ledger.Ledger
	Shared bool // every dialect shows all links of its kind

	// Where links are shared, accounts are walls: the main accounts of all dialects
	// are one, and others see what is their own. NoWalls takes the walls away.
	NoWalls bool
	Main    func(dialect string) string // the main account's id; nil where there is none
}

var _ backend.Backend = (*Backend)(nil)

// Begin opens an operation.
func (b *Backend) Begin(c *backend.Call) backend.Operation {
	return &operation{Call: c, b: b}
}

// operation is one call on its way through the rows.
type operation struct {
	*backend.Call
	b      *Backend
	old    *store.Row // the row that is read or changed
	merged bool
	yields []yielded // records that give up what they claim
}

// yielded is a record that gives something up for the one that the call is about.
type yielded struct {
	row   *store.Row
	after *record.Record
}

// check is one stage that needs what is stored.
type check interface {
	// check returns the problem it found; those of fields are in the input.
	check(o *operation) *dialect.Problem
}

// checks are the stages, each in a file of its own.
var checks = map[dialect.Stage]check{
	dialect.StageParent:     parentCheck{},
	dialect.StageExists:     existsCheck{},
	dialect.StageOwner:      ownerCheck{},
	dialect.StageState:      stateCheck{},
	dialect.StageReferences: referencesCheck{},
	dialect.StageRules:      rulesCheck{},
	dialect.StageUnique:     uniqueCheck{},
}

// Check runs a stage.
func (o *operation) Check(stage dialect.Stage) *dialect.Problem { return checks[stage].check(o) }

// merge makes the record that the call asks for, once.
func (o *operation) merge() {
	if o.merged || o.Op.Does != dialect.Create && o.Op.Does != dialect.Update {
		return
	}
	o.Op.Merge(o.Input, o.Env)
	o.merged = true
	if o.old == nil {
		return
	}
	it := o.Env.It
	// How a shared link is shown is not what it says.
	if o.Env.Old != o.old.Record {
		sharing.Said(o.old.Record, o.Env.Old, it)
	}
	if home := o.b.Ledger.Home(it); home != nil {
		lifecycle.Revive(home, o.old.Record, it, o.Env.Now)
	}
}

// onRecord tells whether the operation works on one record that exists.
func (o *operation) onRecord() bool {
	return o.Op.Does == dialect.Get || o.Op.Does == dialect.Update || o.Op.Does == dialect.Delete
}
