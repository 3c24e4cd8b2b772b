package mock

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// referencesCheck looks for the records that the request names.
type referencesCheck struct{}

func (referencesCheck) check(o *operation) *dialect.Problem {
	if !o.Op.Writes() {
		return o.restricted()
	}
	o.merge()
	o.Op.References(o.Input, func(res *dialect.Resource, id string) (string, bool) {
		rec := o.Find(res, id)
		if rec == nil {
			return "", false
		}
		return res.Expire(rec, o.Env.Now).Text(record.SlotStatus), true
	})
	return nil
}
