package routes

import (
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Rows makes the rows of fresh sandboxes; shared is where every dialect shows
// all links of its kind.
func Rows(set *dialect.Set, fixtures *seed.Fixtures, shared bool) func(start time.Time) []*store.Row {
	if !shared {
		return fixtures.Rows
	}
	return func(start time.Time) []*store.Row { return set.Share(fixtures.Rows(start)) }
}

// alias finds another dialect's link by the id that it has in this one.
func (x *exchange) alias(id string) *store.Row {
	alias := x.reader.Get(record.Aliases.Kind, store.RowKey(x.d.Name, id))
	if alias == nil {
		return nil
	}
	row := x.reader.Get(record.Links.Kind, dialect.AliasOf(alias))
	if row == nil || !x.d.Shows(row.Record) {
		return nil
	}
	return x.seen(row)
}

// seen is a row as the dialect sees it.
func (x *exchange) seen(row *store.Row) *store.Row {
	if row.Record.Dialect == x.d.Name {
		return row
	}
	next := *row
	next.Record = x.d.View(row.Record)
	return &next
}

// shown is a record as the dialect shows it at the moment. What its own dialect
// lets expire is written; of another's it may have a rule of its own.
func (x *exchange) shown(res *dialect.Resource, rec *record.Record) *record.Record {
	if rec == nil || rec.Dialect == x.d.Name {
		return rec
	}
	return res.Expire(rec, x.now())
}

// foreign tells whether the record that is changed is another dialect's.
func (x *exchange) foreign() bool { return x.old != nil && x.old.Record.Dialect != x.d.Name }

// shared is the list that a scan goes over where links are shared, and what it
// keeps of it: other dialects' links, and of its own those that are the
// account's.
func (x *exchange) shared(res *dialect.Resource, scope string, keep func(*store.Row) bool) (string, func(*store.Row) bool) {
	all := ""
	if x.srv.opts.Shared {
		all = x.d.SharedScope(res)
	}
	if all == "" {
		return scope, keep
	}
	return all, func(row *store.Row) bool {
		live := row.Record.Get(record.SlotLive)
		return x.mine(row) && (res.Both || live == "" || x.mode() == "" || live == x.mode()) && (keep == nil || keep(row))
	}
}
