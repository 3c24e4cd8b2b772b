package mock

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// find reads a record of a resource by its id on the wire: one of the account's
// world, whoever owns it.
func (o *operation) find(res *dialect.Resource, id string) *store.Row {
	if spec := res.ID(); spec != nil && spec.UUID && spec.Match(id) {
		id = spec.Prefix + strings.ToLower(id[len(spec.Prefix):]) // a UUID is the same in any case
	}
	row := o.Rows.Get(res.Schema.Kind, store.RowKey(o.Dialect.Name, id))
	if row == nil && o.b.Shared && res.Schema == record.Links {
		if row = o.byAlias(id); row != nil && o.Mode() == "" {
			return row // a dialect without modes sees all
		}
	}
	if row == nil || !res.Both && row.Record.Get(record.SlotLive) != "" && row.Record.Get(record.SlotLive) != o.Mode() {
		return nil
	}
	return row
}

// mine tells whether a record is the account's; those without an owner are
// everybody's.
func (o *operation) mine(row *store.Row) bool {
	owner := row.Record.Text(record.SlotAccount)
	if owner == "" || o.open(row) {
		return true
	}
	if row.Record.Dialect == o.Dialect.Name {
		return owner == o.Account()
	}
	// Which only a world of shared links shows.
	main := o.b.Main
	return main != nil && owner == main(row.Record.Dialect) && o.Account() == main(o.Dialect.Name)
}

// open tells whether a record is everybody's because accounts are no walls.
func (o *operation) open(row *store.Row) bool {
	return o.b.Shared && o.b.NoWalls && row.Record.Schema == record.Links && sharing.Scope(o.Dialect, o.Dialect.ResourceFor(record.Links.Kind)) != ""
}

// own is find of what the account owns.
func (o *operation) own(res *dialect.Resource, id string) *store.Row {
	row := o.find(res, id)
	if row == nil || !o.mine(row) {
		return nil
	}
	return row
}

// Find returns a record that the account may name, or nil.
func (o *operation) Find(res *dialect.Resource, id string) *record.Record {
	for _, m := range o.Env.Made {
		if m.Resource.Schema == res.Schema && m.Record.ID() == id {
			return m.Record
		}
	}
	if row := o.own(res, id); row != nil {
		return row.Record
	}
	return nil
}

// Listed tells whether an id belongs to a record of the list.
func (o *operation) Listed(id string) bool { return o.own(o.Op.Resource, id) != nil }
