package mock

import "github.com/polylink-dev/polylink/dialect"

// referencesCheck looks for the records that the request names.
type referencesCheck struct{}

func (referencesCheck) check(o *operation) *dialect.Problem {
	if !o.Op.Writes() {
		return nil
	}
	o.merge()
	o.Op.References(o.Input, func(res *dialect.Resource, id string) bool { return o.Find(res, id) != nil })
	return nil
}
