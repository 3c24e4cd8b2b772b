package mock

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/store"
)

// uniqueCheck checks that what the record claims is not another's.
type uniqueCheck struct{}

func (uniqueCheck) check(o *operation) *dialect.Problem {
	if !o.Op.Writes() || o.foreign() {
		return nil
	}
	o.merge()
	res, own := o.Op.Resource, store.RowKey(o.Dialect.Name, o.Env.It.ID())
	if p := o.Op.TakenID(o.Input); p != nil && o.Rows.Get(res.Schema.Kind, own) != nil {
		return p
	}
	for i, key := range res.Claims(o.Dialect.Name, o.Env.It) {
		if key == "" {
			continue
		}
		for _, row := range o.Rows.Find(res.Schema.Kind, key) {
			if row.Key != own && !res.ClaimEnds(i, row.Record, o.Env.Now) {
				p := res.Taken(i, o.Input)
				return &p
			}
		}
	}
	return nil
}
