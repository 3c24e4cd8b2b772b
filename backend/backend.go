// Package backend is what answers an operation once the edge has let it in.
//
// It stands between routes, which has found out who asks and has decoded what
// was sent, and whoever answers: package backend/mock out of a sandbox's rows,
// or a real upstream. A Call says what is asked for. A Backend begins an
// Operation on it, which runs the checks that need what is stored, at the
// places that the dialect gives them, and then lists or applies. Both sides
// speak of records and canonical words: what a client sees, the edge encodes.
// Package backend/backendtest is the contract that every backend passes. Start
// with Backend, then Call.
package backend

import (
	"context"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/routing"
	"github.com/polylink-dev/polylink/dialect/selection"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Backend answers operations. It is safe for use from many goroutines.
type Backend interface {
	// Begin opens an operation on a call, which nobody else uses meanwhile. It
	// asks for nothing yet.
	Begin(c *Call) Operation
}

// Operation is one call on its way. It is used by one goroutine.
type Operation interface {
	// Check runs a stage of Checked. It returns the problem that it found, and
	// adds those of fields to the call's input. What it finds out is in the
	// call's Env afterwards: Parent, About, Old, It.
	Check(stage dialect.Stage) *dialect.Problem
	// Find returns a record that whoever asks may name, or nil.
	Find(res *dialect.Resource, id string) *record.Record
	// Listed tells whether an id names a record of the list that is asked for.
	Listed(id string) bool
	// List returns a page of what the call's List asks for, or the problem that
	// only showed now. It returns the errors of Apply.
	List(ctx context.Context) (selection.Found, *dialect.Problem, error)
	// Apply does what the operation does when every check has passed, all of it
	// or nothing, and leaves the record in Env.It. Where what is stored has
	// changed meanwhile it checks anew, and the problems that it then finds are
	// in its result. An error is the context's, store.ErrUnavailable, a
	// dialect.Overrun, or a fault of ours.
	Apply(ctx context.Context) (Result, error)
}

// Call is an operation that is asked for, and by whom.
type Call struct {
	Dialect *dialect.Dialect
	Op      *dialect.Op
	Env     *dialect.Env   // when, with what credential and request; the operation fills in the records
	Input   *dialect.Input // the body, once it is decoded
	Vars    routing.Vars   // path variables
	Paging  selection.Paging

	Context context.Context // of the request; nil is nobody's

	DB   store.Engine // the sandbox's rows
	Rows store.Reader // the state of them that was read last, in which nothing is due

	Edge Edge
}

// Edge is what an operation asks of the edge.
type Edge interface {
	// By is who asks, for the audit trail.
	By() ledger.By
	// CheckHeaders checks the request headers that are about the record.
	CheckHeaders(rules []*access.HeaderRule) *dialect.Problem
	// Own gives a record that is to be kept memory of its own.
	Own(rec *record.Record)
	// Key is the idempotency key as the client sent it, "" where it sent none that
	// counts.
	Key() string
	// Lost tells the client, the journal and the log of what an upstream was not
	// told as it was said: a structured field of canonical paths.
	Lost(losses string)
	// Encode writes the answer out of Env.It, for a change that is about to be
	// made, and returns it where it is kept under an idempotency key. Where the
	// answer is past the bounds of a value, Env.Overrun says so afterwards, and
	// nothing may be changed.
	Encode() *ledger.Answer
}

// Result is what came of an operation.
type Result struct {
	Problems []dialect.Problem // that refused it at last; nothing has changed then
	Changes  []Change
}

// Change is one record that an operation has changed.
type Change struct {
	Table, ID     string
	Before, After *record.Record // nil where there is none
}

// Checked are the stages that need what is stored, and are the backend's. The
// others are the edge's.
var Checked = map[dialect.Stage]bool{
	dialect.StageParent: true, dialect.StageExists: true, dialect.StageOwner: true, dialect.StageState: true,
	dialect.StageReferences: true, dialect.StageRules: true, dialect.StageUnique: true,
}

// ParentVar and IDVar name the path variables: parents come first, the record
// itself last.
func (c *Call) ParentVar() string { return c.Op.Vars[0] }

// IDVar names what holds the record's id: a query parameter or the last path
// variable.
func (c *Call) IDVar() string {
	if c.Op.ByQuery != "" {
		return c.Op.ByQuery
	}
	return c.Op.Vars[len(c.Op.Vars)-1]
}

// ID is the id of the record that the call is about, "" when a query that
// should hold it does not.
func (c *Call) ID() string {
	if c.Op.ByQuery != "" {
		return c.Env.Query(c.Op.ByQuery)
	}
	return c.Vars.Get(c.IDVar())
}

// Account is the id of whoever the call acts for.
func (c *Call) Account() string {
	if c.Env.Credential == nil {
		return ""
	}
	return c.Env.Credential.Text(record.SlotAccount)
}

// Mode is the world that it acts in, as rows and limits tell worlds apart.
func (c *Call) Mode() string {
	if c.Env.Credential == nil {
		return ""
	}
	return c.Env.Credential.Get(record.SlotLive)
}

// Run runs checks in order, until one fails or has answered the request itself.
// A dialect that reports problems together gathers those of fields, references
// and rules; a problem of another stage ends the gathering. A value that went past
// its bounds meanwhile is an error, whatever was found.
func (c *Call) Run(stages []dialect.Stage, check func(dialect.Stage) (p *dialect.Problem, answered bool)) (problems []dialect.Problem, answered bool, err error) {
	for _, stage := range stages {
		p, answered := check(stage)
		switch found := c.Input.Problems; {
		case answered:
			return nil, true, nil
		case c.Env.Overrun() != nil:
			return nil, false, c.Env.Overrun()
		case len(found) > 0 && (p != nil || !c.Dialect.ReportAll):
			return found, false, nil
		case p != nil:
			return []dialect.Problem{*p}, false, nil
		}
	}
	return c.Input.Problems, false, nil
}
