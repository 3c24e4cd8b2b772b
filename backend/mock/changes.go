package mock

import (
	"context"
	"errors"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Apply makes the change that the operation is, in one batch. When a row has
// changed since it was read, everything that depends on rows is done again.
func (o *operation) Apply(ctx context.Context) (backend.Result, error) {
	if o.Op.Does != dialect.Create && o.Op.Does != dialect.Update && o.Op.Does != dialect.Delete {
		return backend.Result{}, o.Rows.Err()
	}
	for {
		b := o.batch(ctx)
		if err := o.Env.Overrun(); err != nil {
			return backend.Result{}, err
		}
		err := o.DB.Commit(ctx, b)
		if err == nil {
			return backend.Result{Changes: o.changes(b)}, nil
		}
		if !errors.Is(err, store.ErrConflict) && !errors.Is(err, store.ErrTaken) || ctx.Err() != nil {
			return backend.Result{}, err
		}
		problems, err := o.again(ctx)
		if err != nil || len(problems) > 0 {
			return backend.Result{Problems: problems}, err
		}
	}
}

// again runs the checks that need what is stored, on its newest state.
func (o *operation) again(ctx context.Context) ([]dialect.Problem, error) {
	rows, err := o.b.Ledger.Settled(ctx, o.DB, o.DB.Read(ctx), o.Env.Now)
	if err != nil {
		return nil, err
	}
	o.Rows, o.merged, o.old = rows, false, nil
	o.Env.It, o.Env.Old, o.Env.Parent, o.Env.About = nil, nil, nil, nil
	problems, _, err := o.Run(o.Dialect.Checks, func(stage dialect.Stage) (*dialect.Problem, bool) {
		if !backend.Checked[stage] {
			return nil, false
		}
		return o.Check(stage), false
	})
	return problems, err
}

// batch is the change as one conditional step, the answer that is kept included.
func (o *operation) batch(ctx context.Context) store.Batch {
	changes := o.changed()
	if it := changes[0].Final(); it != nil {
		o.Env.It = o.shown(o.Op.Resource, it)
	} else {
		o.Env.It = o.Env.Old // a deletion answers what there was
	}
	return o.b.Ledger.Batch(ledger.ViewOf(ctx, o.DB, o.Rows), o.Edge.Encode(), changes...)
}

// changed is what the request changes: its record first, and then those that
// are made along.
func (o *operation) changed() []*ledger.Change {
	o.merge()
	c := &ledger.Change{Operation: o.Op.Name, At: o.Env.Now, Base: o.Env.Base, By: o.Edge.By, Dialect: o.Dialect, Resource: o.Op.Resource, Row: o.old, Before: o.before(), Bounds: o.Env.Bounds}
	switch {
	case o.Op.Does == dialect.Delete:
		c.Kind = ledger.Delete
		return o.effects([]*ledger.Change{c})
	case o.Op.Does == dialect.Create:
		c.Kind, c.After = ledger.Create, o.Env.It
	case !o.Op.Touch && !dialect.Changed(o.old.Record, o.Env.It):
		c.Kind, c.After = ledger.Update, c.Before
		return o.effects([]*ledger.Change{c})
	default:
		c.Kind, c.After = ledger.Update, o.Env.It
		if was := c.Before.Get(record.SlotStatus); was != c.After.Get(record.SlotStatus) && c.After.Text(record.SlotStatus) == record.Revoked {
			c.Kind = ledger.Revoke
		}
	}
	o.Edge.Own(c.After)
	o.b.Ledger.Lapse(c)
	list := []*ledger.Change{c}
	for _, m := range o.Env.Made {
		o.Edge.Own(m.Record)
		list = append(list, &ledger.Change{Kind: ledger.Create, At: o.Env.Now, Base: o.Env.Base, By: o.Edge.By, Dialect: o.Dialect, Resource: m.Resource, After: m.Record, Bounds: o.Env.Bounds})
	}
	return o.effects(list)
}

// before is the record that is changed as it was, and not as it is shown.
func (o *operation) before() *record.Record {
	if o.old == nil || o.Env.Old == o.old.Record {
		return o.Env.Old
	}
	if o.foreign() {
		return o.Op.Resource.Expire(o.old.Record, o.Env.Now)
	}
	return o.old.Record
}

// changes are the records that a batch changes, seen from the state it was made
// on.
func (o *operation) changes(b store.Batch) (out []backend.Change) {
	for _, row := range b.Put {
		if row.Table == record.Replays.Kind || row.Table == record.Audits.Kind || row.Table == record.Events.Kind {
			continue
		}
		c := backend.Change{Table: row.Table, ID: row.Record.ID(), After: row.Record}
		if old := o.Rows.Get(row.Table, row.Key); old != nil {
			c.Before = old.Record
		}
		if c.Before != c.After { // else only the row lost a claim
			out = append(out, c)
		}
	}
	if o.Op.Does == dialect.Delete {
		out = append(out, backend.Change{Table: o.old.Table, ID: o.old.Record.ID(), Before: o.old.Record})
	}
	return out
}
