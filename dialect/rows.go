package dialect

import (
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// Row makes the row of a record of the resource.
func (res *Resource) Row(rec *record.Record) *store.Row { return NewRow(res, rec) }

// NewRow makes the row of a record. res may be nil for records that no
// dialect shows.
func NewRow(res *Resource, rec *record.Record) *store.Row {
	row := &store.Row{Table: rec.Schema.Kind, Key: store.RowKey(rec.Dialect, rec.ID()), Record: rec}
	if at, ok := rec.Time(record.SlotCreated); ok {
		row.Created = at.UnixNano()
	}
	account, mode, parent := rec.Text(record.SlotAccount), rec.Get(record.SlotLive), rec.Text(record.SlotParent)
	if res != nil && res.Both {
		mode = ""
	}
	row.Scope = store.ScopeKey(rec.Dialect, account, mode, parent)
	if res != nil {
		for _, key := range res.Claims(rec.Dialect, rec) {
			if key != "" {
				row.Keys = append(row.Keys, key)
			}
		}
		if at, due := res.Due(rec); due {
			row.Due = DueAt(at)
		}
	}
	return row
}
