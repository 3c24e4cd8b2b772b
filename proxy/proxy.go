package proxy

import (
	"context"
	"slices"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
)

// Backend answers one dialect out of another one's upstream.
type Backend struct {
	From, To *dialect.Dialect
	Upstream *Upstream
	Ledger   *ledger.Ledger
	Own      backend.Backend // answers what is polylink's own: webhook endpoints
}

var _ backend.Backend = (*Backend)(nil)

// Begin opens an operation.
func (b *Backend) Begin(c *backend.Call) backend.Operation {
	o := &operation{Call: c, b: b, found: map[string]*record.Record{}}
	if b.Own != nil {
		o.own = b.Own.Begin(c)
	}
	return o
}

// operation is one call on its way to the upstream.
type operation struct {
	*backend.Call
	b      *Backend
	own    backend.Operation
	losses []client.Loss
	merged bool
	found  map[string]*record.Record // neighbours that were looked up
	blind  bool                      // the upstream is not to be asked
	failed error                     // of a check; Apply and List return it

	recovered map[string]string // the upstream's ids of ours that were found out or made
	named     []reference       // those of neighbours that are to be remembered
}

// local tells whether the operation is polylink's own.
func (o *operation) local() bool {
	return o.own != nil && o.Op != nil && o.Op.Resource != nil && o.Op.Resource.Schema == record.Hooks
}

// ctx is the request's.
func (o *operation) ctx() context.Context {
	if o.Context == nil {
		return context.Background()
	}
	return o.Context
}

// Check runs a stage.
func (o *operation) Check(stage dialect.Stage) *dialect.Problem {
	if o.local() {
		return o.own.Check(stage)
	}
	if o.Op.Resource == nil || o.Op.Does == dialect.Answer || o.Op.Does == dialect.Refuse || o.failed != nil {
		return nil
	}
	switch stage {
	case dialect.StageParent:
		return o.checkParent()
	case dialect.StageExists:
		return o.checkExists()
	case dialect.StageState:
		if o.Env.Old != nil && o.Op.From != nil && !slices.Contains(o.Op.From, o.Env.Old.Text(record.SlotStatus)) {
			return &dialect.Problem{Code: o.Op.StateCode, Path: o.IDVar(), Value: record.Quote(o.ID())}
		}
		return o.Edge.CheckHeaders(o.Op.RequestHeaders)
	case dialect.StageReferences:
		if p := o.foreseen(); p != nil {
			return p
		}
		if o.merge(); o.Op.Writes() && len(o.Input.Problems) > 0 { // it is refused anyway; else the upstream tells
			o.Op.References(o.Input, func(res *dialect.Resource, id string) (string, bool) {
				return "", o.finder(res) == nil || o.Find(res, id) != nil
			})
		}
	case dialect.StageRules:
		if o.merge(); o.Op.Writes() && (o.Op.Resource.About == nil || o.Env.About != nil) {
			o.rules()
		}
	}
	return nil
}

// rules holds what is known to our dialect's rules. One about a field that the
// client did not send is about a neighbour of the upstream's, as the currency
// of a price is, and the upstream's to judge.
func (o *operation) rules() {
	known := len(o.Input.Problems)
	o.Op.Rules(o.Input, o.Env)
	kept := o.Input.Problems[:known]
	for _, p := range o.Input.Problems[known:] {
		if p.Check != "rule" || p.Field == nil || o.Input.Sent(p.Field) {
			kept = append(kept, p)
		}
	}
	o.Input.Problems = kept
}

// checkParent finds the upstream's operation, and names the record above.
func (o *operation) checkParent() *dialect.Problem {
	if o.b.theirs(o.Op) == nil && !o.linesOfLink() {
		p := o.nothingLike()
		return &p
	}
	if res := o.Op.Resource.Parent; res != nil {
		id := o.Vars.Get(o.ParentVar())
		if !o.linesOfLink() {
			if o.failed = o.recoverID(o.ctx(), res, id); o.failed != nil {
				return nil
			}
		}
		rec := record.New(res.Schema, o.b.From.Name)
		rec.Set(record.SlotID, record.Quote(id))
		rec.Set(record.SlotStatus, record.Quote(record.Active))
		o.Env.Parent = rec
	}
	return nil
}

// checkExists reads the record that the operation is about.
func (o *operation) checkExists() *dialect.Problem {
	if o.Op.Does != dialect.Get && o.Op.Does != dialect.Update && o.Op.Does != dialect.Delete {
		return nil
	}
	if o.ID() == "" {
		return &dialect.Problem{Code: record.CodeMissing, Path: o.IDVar(), Why: "is required"}
	}
	if p := o.homeless(); p != nil {
		return p
	}
	rec, problems, err := o.fetch(o.ctx())
	switch {
	case err != nil:
		o.failed = err
	case len(problems) > 0:
		return &problems[0]
	default:
		o.Env.Old, o.Env.It = rec, rec
		o.failed = o.keepIDs(o.ctx(), []*record.Record{rec})
	}
	return nil
}

// merge makes the record that the call asks for, once.
func (o *operation) merge() {
	if o.merged || o.Op.Does != dialect.Create && o.Op.Does != dialect.Update || o.Op.Does == dialect.Update && o.Env.Old == nil {
		return
	}
	o.Op.Merge(o.Input, o.Env)
	o.merged = true
}

// Find asks the upstream for a record, once.
func (o *operation) Find(res *dialect.Resource, id string) *record.Record {
	if o.local() {
		return o.own.Find(res, id)
	}
	for _, m := range o.Env.Made {
		if m.Resource.Schema == res.Schema && m.Record.ID() == id {
			return m.Record
		}
	}
	key := res.Name + "/" + id
	if rec, known := o.found[key]; known {
		return rec
	}
	op := o.finder(res)
	if op == nil || len(o.found) >= maxNeighbours || o.failed != nil || o.blind {
		return nil
	}
	r := client.New(op, map[string]string{lastVar(op): o.theirID(res, id)})
	got, err := o.b.Upstream.call(o.ctx(), o.b.To, r, true)
	var rec *record.Record
	if err == nil && got.ok() {
		if found, ok := client.Item(op, got.body); ok && found != nil {
			rec = o.ours(res, found)
		}
	}
	o.found[key] = rec
	return rec
}

// maxNeighbours bounds how many records one request has looked up.
const maxNeighbours = 40

// Listed tells whether an id may name a record of the list; the upstream knows.
func (o *operation) Listed(id string) bool {
	if o.local() {
		return o.own.Listed(id)
	}
	op := o.b.get(o.Op)
	if op == nil {
		return true
	}
	rec, problems, err := o.fetchID(o.ctx(), op, id)
	return err == nil && len(problems) == 0 && rec != nil
}
