package mock

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// ownerCheck checks that the record is the account's; only then does the
// operation look into it.
type ownerCheck struct{}

func (ownerCheck) check(o *operation) *dialect.Problem {
	if o.old == nil {
		return nil
	}
	if !o.mine(o.old) {
		return &dialect.Problem{Code: record.CodeNotOwner, Path: o.IDVar(), Value: record.Quote(o.ID())}
	}
	o.Env.Old = o.shown(o.Op.Resource, o.old.Record)
	o.Env.It = o.Env.Old
	return nil
}
