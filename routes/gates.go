package routes

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

var slotGate = record.Credentials.MustSlot("gate")

// gateStage checks that the account is entitled to the operation.
type gateStage struct{}

func (gateStage) check(x *exchange) (*dialect.Problem, bool) {
	if !x.Op.Gated || x.Env.Credential == nil {
		return nil, false
	}
	if g := x.Env.Credential.Text(slotGate); g != "" {
		return &dialect.Problem{Code: record.Code(g)}, false
	}
	return nil, false
}
