package mock

import "github.com/polylink-dev/polylink/dialect"

// rulesCheck holds the record that the request makes to the rules between its
// fields.
type rulesCheck struct{}

func (rulesCheck) check(o *operation) *dialect.Problem {
	if o.Op.Writes() {
		o.merge()
		o.Op.Rules(o.Input, o.Env)
	}
	return nil
}
