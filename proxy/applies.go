package proxy

import (
	"context"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Apply has the upstream do what was asked for.
func (o *operation) Apply(ctx context.Context) (backend.Result, error) {
	switch {
	case o.local():
		return o.own.Apply(ctx)
	case o.failed != nil:
		return backend.Result{}, o.failed
	case o.Op.Does == dialect.Get:
		return backend.Result{}, nil
	case o.Op.Does == dialect.Delete:
		return o.remove(ctx)
	}
	return o.write(ctx)
}

// write makes or changes a record.
func (o *operation) write(ctx context.Context) (backend.Result, error) {
	o.merge()
	op, said, problems := o.say(o.b.theirs(o.Op))
	switch {
	case len(problems) > 0:
		return backend.Result{Problems: problems}, nil
	case o.Op.Does == dialect.Update && said.Empty() && !action(op):
		if action(o.Op) {
			return backend.Result{Problems: []dialect.Problem{o.nothingLike()}}, nil
		}
		return o.done(ctx, o.Env.Old)
	}
	r := client.New(op, o.vars(op))
	r.Say(op, said.JSON)
	if o.Op.Does == dialect.Create {
		if res, found, err := o.unknown(ctx, op); found || err != nil {
			return res, err
		}
	}
	keyed := o.key(op, r)
	got, err := o.b.Upstream.call(ctx, o.b.To, r, keyed)
	if err != nil {
		return backend.Result{}, o.outcome(ctx, op, err)
	}
	if !got.ok() {
		problems, err := o.refusals(op, got)
		if err != nil {
			err = o.outcome(ctx, op, err)
		}
		return backend.Result{Problems: problems}, err
	}
	rec, ok := client.Item(op, got.body)
	if !ok {
		return backend.Result{}, o.outcome(ctx, op, o.b.Upstream.strange(got))
	}
	if rec == nil { // an answer without the record
		if o.Op.Does == dialect.Create {
			return backend.Result{}, o.outcome(ctx, op, o.b.Upstream.strange(got))
		}
		return o.done(ctx, o.Env.It)
	}
	return o.done(ctx, o.ours(o.Op.Resource, rec))
}

// say puts what the client asks for into the upstream's words, and finds the
// operation that takes it: a change of state may have one of its own. What is
// lost is told, or refused where the operator wants that.
func (o *operation) say(op *dialect.Op) (*dialect.Op, client.Body, []dialect.Problem) {
	words, act := &client.Saying{From: o.Op, Input: o.Input, Env: o.Env, IDs: o.theirRef}, o.moves(op)
	if act != nil {
		words.Apart = record.Links.Slots[record.SlotStatus].Name
	}
	said := words.In(op)
	if action(op) {
		said = client.Body{JSON: []byte("{}")}
	}
	o.losses = append(o.losses, said.Losses...)
	problems := said.Problems
	if len(problems) == 0 {
		problems = o.refusedLosses()
	}
	switch {
	case act == nil || len(problems) > 0:
		return op, said, problems
	case !said.Empty():
		p := dialect.Problem{Code: record.CodeInvalid, Why: "cannot be changed together with other fields: " + o.b.To.Title + " has an operation of its own for it"}
		if p.Field = client.FieldOf(o.Op, words.Apart); p.Field != nil {
			p.Path = o.path(p.Field)
		}
		return op, said, []dialect.Problem{p}
	}
	return act, said, nil
}

// nothingLike is the problem of an operation that the upstream has not.
func (o *operation) nothingLike() dialect.Problem {
	return dialect.Problem{Code: record.CodeInvalid}.Saying(o.b.To.Title + ", which answers here, has nothing like " + o.Op.Name)
}

// remove deletes a record.
func (o *operation) remove(ctx context.Context) (backend.Result, error) {
	op := o.b.theirs(o.Op)
	r := client.New(op, o.vars(op))
	keyed := o.key(op, r)
	got, err := o.b.Upstream.call(ctx, o.b.To, r, keyed)
	if err != nil {
		return backend.Result{}, err
	}
	if !got.ok() {
		problems, err := o.refusals(op, got)
		return backend.Result{Problems: problems}, err
	}
	o.Env.It = o.Env.Old
	if err := o.commit(ctx); err != nil {
		return backend.Result{}, err
	}
	return backend.Result{Changes: []backend.Change{{Table: o.Op.Resource.Schema.Kind, ID: o.Env.Old.ID(), Before: o.Env.Old}}}, nil
}

// done answers with what the upstream has now, and keeps what is to be kept.
func (o *operation) done(ctx context.Context, rec *record.Record) (backend.Result, error) {
	changed := rec != o.Env.Old
	o.Env.It = rec
	if err := o.commit(ctx, o.remembered(rec)...); err != nil {
		return backend.Result{}, err
	}
	if !changed {
		return backend.Result{}, nil
	}
	return backend.Result{Changes: []backend.Change{{Table: o.Op.Resource.Schema.Kind, ID: rec.ID(), Before: o.Env.Old, After: rec}}}, nil
}

// commit tells of losses, has the answer encoded, and keeps it and the ids. The
// upstream has done its part, so a client that has left meanwhile changes
// nothing about it.
func (o *operation) commit(ctx context.Context, rows ...*store.Row) error {
	if len(o.losses) > 0 {
		o.Edge.Lost(client.Header(o.losses))
	}
	answer := o.Edge.Encode()
	var b store.Batch
	if ctx = context.WithoutCancel(ctx); answer != nil {
		b = o.b.Ledger.Batch(ledger.ViewOf(ctx, o.DB, o.Rows), answer)
	}
	b.Put = append(b.Put, rows...)
	if key := o.Edge.Key(); key != "" && o.Op.Does == dialect.Create {
		if row := o.Rows.Get(record.Aliases.Kind, o.pendingKey(key)); row != nil {
			b.Del = append(b.Del, store.Expect{Table: row.Table, Key: row.Key})
		}
	}
	if len(b.Put) == 0 && len(b.Del) == 0 {
		return nil
	}
	return o.DB.Commit(ctx, b)
}

// refusedLosses are the problems of what would be lost, where that is refused.
// What nobody said is not lost by being defaulted.
func (o *operation) refusedLosses() (problems []dialect.Problem) {
	if !o.b.Upstream.Refuse {
		return nil
	}
	for _, l := range o.losses {
		if l.Kind != client.Defaulted {
			problems = append(problems, o.refusedLoss(l))
		}
	}
	return problems
}

func (o *operation) refusedLoss(l client.Loss) dialect.Problem {
	p := dialect.Problem{Code: record.CodeRule, Check: "rule", Field: client.FieldOf(o.Op, l.Path), Path: l.Field, Why: "would be " + string(l.Kind) + ": " + l.Why}
	if p.Path == "" {
		p.Path = l.Path
	}
	return p
}

// homeless is the problem of what the upstream has no place for, whatever there
// is now: where losses are refused, it is not even asked for the record.
func (o *operation) homeless() *dialect.Problem {
	op := o.b.theirs(o.Op)
	if !o.b.Upstream.Refuse || !o.Op.Writes() || op == nil || action(op) {
		return nil
	}
	for _, l := range client.Homeless(o.Op, o.Input, op) {
		p := o.refusedLoss(l)
		return &p
	}
	return nil
}

// foreseen is the problem of what a create would lose, where that is refused: it
// is found out without asking the upstream for the neighbours that are named.
func (o *operation) foreseen() *dialect.Problem {
	op := o.b.theirs(o.Op)
	if !o.b.Upstream.Refuse || o.merged || o.Op.Does != dialect.Create || op == nil || len(o.Input.Problems) > 0 {
		return nil
	}
	made, it := len(o.Env.Made), o.Env.It
	o.blind = true
	o.Op.Merge(o.Input, o.Env)
	o.losses = (&client.Saying{From: o.Op, Input: o.Input, Env: o.Env, IDs: o.theirRef}).In(op).Losses
	problems := o.refusedLosses()
	o.blind, o.losses, o.Input.Problems, o.Env.Made, o.Env.It = false, nil, problems, o.Env.Made[:made], it
	return first(problems)
}

// vars are the path variables of the upstream's operation.
func (o *operation) vars(op *dialect.Op) map[string]string {
	vars := map[string]string{}
	if op.Resource.Parent != nil && o.Env.Parent != nil && len(op.Vars) > 0 {
		vars[op.Vars[0]] = o.theirID(o.Op.Resource.Parent, o.Env.Parent.ID())
	}
	if o.Op.Does == dialect.Get || o.Op.Does == dialect.Update || o.Op.Does == dialect.Delete {
		if name := lastVar(op); name != "" {
			vars[name] = o.theirID(o.Op.Resource, o.ID())
		}
	}
	return vars
}

// fetch reads the record that the call is about.
func (o *operation) fetch(ctx context.Context) (*record.Record, []dialect.Problem, error) {
	op := o.b.get(o.Op)
	if op == nil {
		return o.fetchFromList(ctx)
	}
	if err := o.recoverID(ctx, o.Op.Resource, o.ID()); err != nil {
		return nil, nil, err
	}
	return o.fetchID(ctx, op, o.ID())
}

func (o *operation) fetchID(ctx context.Context, op *dialect.Op, id string) (*record.Record, []dialect.Problem, error) {
	vars := o.vars(op)
	vars[lastVar(op)] = o.theirID(o.Op.Resource, id)
	got, err := o.b.Upstream.call(ctx, o.b.To, client.New(op, vars), true)
	if err != nil {
		return nil, nil, err
	}
	if !got.ok() {
		problems, err := o.refusals(op, got)
		return nil, problems, err
	}
	rec, ok := client.Item(op, got.body)
	if !ok || rec == nil {
		return nil, nil, o.b.Upstream.strange(got)
	}
	return o.ours(o.Op.Resource, rec), nil, nil
}

// fetchParent reads the record above the one that the call is about.
func (o *operation) fetchParent(ctx context.Context) (*record.Record, []dialect.Problem, error) {
	above := o.above()
	op := o.b.get(above)
	if err := o.recoverID(ctx, above.Resource, o.Vars.Get(o.ParentVar())); err != nil {
		return nil, nil, err
	}
	got, err := o.b.Upstream.call(ctx, o.b.To, client.New(op, map[string]string{lastVar(op): o.theirID(above.Resource, o.Vars.Get(o.ParentVar()))}), true)
	if err != nil {
		return nil, nil, err
	}
	if !got.ok() {
		problems, err := o.refusals(op, got)
		for i := range problems {
			if problems[i].Code == record.CodeNotFound {
				problems[i] = dialect.Problem{Code: record.CodeParentNotFound, Path: o.ParentVar(), Value: record.Quote(o.Vars.Get(o.ParentVar()))}
			}
		}
		return nil, problems, err
	}
	rec, ok := client.Item(op, got.body)
	if !ok || rec == nil {
		return nil, nil, o.b.Upstream.strange(got)
	}
	return o.ours(above.Resource, rec), nil, nil
}

// fetchFromList looks for the record in the list, where the upstream has no
// other way to it.
func (o *operation) fetchFromList(ctx context.Context) (*record.Record, []dialect.Problem, error) {
	missing := []dialect.Problem{{Code: record.CodeNotFound, Path: o.IDVar(), Value: record.Quote(o.ID())}}
	op := o.b.list(o.Op)
	if op == nil {
		return nil, missing, nil
	}
	want := o.theirID(o.Op.Resource, o.ID())
	for p := o.pages(op, 100, nil); ; {
		recs, problems, err := p.read(ctx)
		if err != nil || len(problems) > 0 {
			return nil, problems, err
		}
		for _, rec := range recs {
			if rec.ID() == want {
				return o.ours(o.Op.Resource, rec), nil, nil
			}
		}
		if p.done {
			return nil, missing, nil
		}
	}
}
