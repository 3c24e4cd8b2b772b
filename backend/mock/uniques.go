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
	o.yields = nil
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
				if res.Unique[i].Moves(o.Input) && o.mine(row) {
					o.yield(row, &res.Unique[i])
					continue
				}
				p := res.Taken(i, o.Input, row.Record)
				return &p
			}
		}
	}
	return nil
}

// yield notes that another record gives up what it claims by a line of unique:.
func (o *operation) yield(row *store.Row, u *dialect.Claim) {
	for _, w := range o.yields {
		if w.row.Key == row.Key {
			for _, place := range u.Over {
				place.Clear(w.after)
			}
			return
		}
	}
	after := row.Record.Clone()
	for _, place := range u.Over {
		place.Clear(after)
	}
	o.yields = append(o.yields, yielded{row, after})
}
