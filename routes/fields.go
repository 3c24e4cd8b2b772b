package routes

import "github.com/polylink-dev/polylink/dialect"

// fieldsStage reads each field by itself.
type fieldsStage struct{}

func (fieldsStage) check(x *exchange) (*dialect.Problem, bool) {
	x.Op.Decode(x.Input, x.Env)
	return nil, false
}
