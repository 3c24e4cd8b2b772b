package mock

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// byAlias finds another dialect's link by the id that it has in this one.
func (o *operation) byAlias(id string) *store.Row {
	alias := o.Rows.Get(record.Aliases.Kind, store.RowKey(o.Dialect.Name, id))
	if alias == nil {
		return nil
	}
	row := o.Rows.Get(record.Links.Kind, sharing.AliasOf(alias))
	if row == nil || !sharing.Shows(o.Dialect, row.Record) {
		return nil
	}
	return o.seen(row)
}

// seen is a row as the dialect sees it: another's link has the id that it has
// here.
func (o *operation) seen(row *store.Row) *store.Row {
	if row.Record.Dialect == o.Dialect.Name {
		return row
	}
	next := *row
	next.Record = sharing.View(o.Dialect, row.Record)
	return &next
}

// shown is a record as the dialect shows it at the moment. What its own dialect
// lets expire is written; of another's it may have a rule of its own, what that
// left open has a default, and what others wrote may be beyond its words.
func (o *operation) shown(res *dialect.Resource, rec *record.Record) *record.Record {
	if rec.Schema != record.Links || !o.b.Shared {
		return rec
	}
	if rec.Dialect != o.Dialect.Name {
		rec = res.Expire(rec, o.Env.Now)
	}
	return sharing.Shown(o.Dialect, rec, o.Mode())
}

// foreign tells whether the record that is changed is another dialect's.
func (o *operation) foreign() bool { return o.old != nil && o.old.Record.Dialect != o.Dialect.Name }

// scope is the list that a scan goes over, and what it keeps of it: where links
// are shared other dialects' links, and of its own those that are the account's.
func (o *operation) scope(own string, keep func(*store.Row) bool) (string, func(*store.Row) bool) {
	res, all := o.Op.Resource, ""
	if o.b.Shared {
		all = sharing.Scope(o.Dialect, res)
	}
	if all == "" {
		return own, keep
	}
	return all, func(row *store.Row) bool {
		live := row.Record.Get(record.SlotLive)
		return o.mine(row) && (res.Both || live == "" || o.Mode() == "" || live == o.Mode()) && (keep == nil || keep(row))
	}
}
