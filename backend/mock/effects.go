package mock

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/lifecycle"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// maxEffects bounds how many records an effect changes at once.
const maxEffects = 1000

// restricted is the problem of a record that is to be deleted and that others still
// name, or nil.
func (o *operation) restricted() *dialect.Problem {
	r := o.Op.Restrict
	if r == nil || o.old == nil {
		return nil
	}
	id := o.old.Record.ID()
	for _, by := range r.By {
		for _, row := range o.rows(by.Resource) {
			if lifecycle.Names(by.Field, row.Record, o.Op.Resource.Name, id) {
				return &dialect.Problem{Code: r.Code, Path: o.IDVar(), Value: record.Quote(o.ID()), Other: row.Record.ID(), Why: "is still named by the " + by.Resource.Noun + " " + row.Record.ID()}
			}
		}
	}
	return nil
}

// rows are the account's records of a resource, in this mode.
func (o *operation) rows(res *dialect.Resource) []*store.Row {
	return o.Rows.Scan(res.Schema.Kind, "", store.Page{Keep: func(row *store.Row) bool {
		live := row.Record.Get(record.SlotLive)
		return row.Record.Dialect == o.Dialect.Name && o.mine(row) && (res.Both || live == "" || live == o.Mode())
	}})
}

// effects adds what the operation does to other records to the changes of its own.
// No record is changed twice: the first that wants to, does.
func (o *operation) effects(list []*ledger.Change) []*ledger.Change {
	taken := map[string]bool{}
	for _, c := range list {
		if c.Row != nil {
			taken[c.Row.Table+c.Row.Key] = true
		}
	}
	put := func(res *dialect.Resource, row *store.Row, after *record.Record) {
		if taken[row.Table+row.Key] {
			return
		}
		taken[row.Table+row.Key] = true
		c := &ledger.Change{Kind: ledger.Update, Operation: o.Op.Name, At: o.Env.Now, Base: o.Env.Base, By: o.Edge.By, Dialect: o.Dialect, Resource: res, Row: row, Before: row.Record, After: after, Bounds: o.Env.Bounds}
		if row.Record.Get(record.SlotStatus) != after.Get(record.SlotStatus) && after.Text(record.SlotStatus) == record.Revoked {
			c.Kind = ledger.Revoke
		}
		o.Edge.Own(after)
		o.b.Ledger.Lapse(c)
		list = append(list, c)
	}
	for _, y := range o.yields {
		put(o.Op.Resource, y.row, y.after)
	}
	if len(o.Op.Effects) == 0 {
		return list
	}
	e := *o.Env
	if e.Cause = list[0].Final(); e.Cause == nil {
		e.Cause = list[0].Before
	}
	e.It, e.Old = nil, nil
	for _, x := range o.Op.Effects {
		if !lifecycle.Happens(x, &e) {
			continue
		}
		for _, row := range o.targets(x, &e) {
			if after, changed := lifecycle.Affect(x, &e, row.Record); changed && len(list) < maxEffects {
				put(x.Of, row, after)
			}
		}
	}
	return list
}

// targets are the rows that an effect may change.
func (o *operation) targets(x *dialect.Effect, e *dialect.Env) []*store.Row {
	if x.ID == nil {
		return o.rows(x.Of)
	}
	id := lifecycle.Target(x, e)
	if id == "" {
		return nil
	}
	if row := o.own(x.Of, id); row != nil && row.Record.Dialect == o.Dialect.Name {
		return []*store.Row{row}
	}
	return nil
}
