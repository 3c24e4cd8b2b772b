package mock

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// existsCheck finds the record itself.
type existsCheck struct{}

func (existsCheck) check(o *operation) *dialect.Problem {
	if !o.onRecord() {
		return nil
	}
	id := o.ID()
	if id == "" {
		return &dialect.Problem{Code: record.CodeMissing, Path: o.IDVar(), Why: "is required"}
	}
	row := o.find(o.Op.Resource, id)
	if row == nil || o.Env.Parent != nil && row.Record.Get(record.SlotParent) != o.Env.Parent.Get(record.SlotID) {
		return &dialect.Problem{Code: record.CodeNotFound, Path: o.IDVar(), Value: record.Quote(id)}
	}
	o.old = row
	return nil
}
