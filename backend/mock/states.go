package mock

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// stateCheck checks that the record's state allows the operation, and that the
// request was made with that state in mind.
type stateCheck struct{}

func (stateCheck) check(o *operation) *dialect.Problem {
	if o.Env.Old != nil && o.Op.From != nil && !slices.Contains(o.Op.From, o.Env.Old.Text(record.SlotStatus)) {
		return &dialect.Problem{Code: o.Op.StateCode, Path: o.IDVar(), Value: record.Quote(o.ID())}
	}
	return o.Edge.CheckHeaders(o.Op.RequestHeaders)
}
