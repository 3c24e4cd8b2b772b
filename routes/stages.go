package routes

import (
	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// stage is one check of the edge, of what can be told before anything is looked
// up but who asks.
type stage interface {
	// check returns the problem that it found, or that it has answered the
	// request itself. Problems of fields are in the input.
	check(x *exchange) (p *dialect.Problem, answered bool)
}

// stages are those of the edge, each in a file of its own; the others are the
// backend's.
var stages = map[dialect.Stage]stage{
	dialect.StageAuth:        authStage{},
	dialect.StageLimit:       limitStage{},
	dialect.StageScope:       scopeStage{},
	dialect.StageGate:        gateStage{},
	dialect.StageHeaders:     headersStage{},
	dialect.StageIdempotency: idempotencyStage{},
	dialect.StageBody:        bodyStage{},
	dialect.StageFields:      fieldsStage{},
	dialect.StageQuery:       queryStage{},
}

// edge is an exchange as the backend sees it.
type edge struct{ *exchange }

var _ backend.Edge = edge{}

// Own gives a record memory of its own where it would keep a large body alive.
func (x edge) Own(rec *record.Record) { x.body.own(rec) }

// Key is the idempotency key as the client sent it.
func (x edge) Key() string { return x.idem.key }

// Lost tells of what an upstream was not told as it was said.
func (x edge) Lost(losses string) {
	x.rec.losses = losses
	x.w.Header().Set(lossHeader, losses)
}

// lossHeader lists what an upstream's dialect could not carry, as a structured
// field of canonical paths.
const lossHeader = "Polylink-Loss"

// passes runs stages, the edge's and the backend's, in the order given. It
// answers the request and returns false when one fails.
func (x *exchange) passes(list []dialect.Stage) bool {
	problems, answered, err := x.Run(list, func(name dialect.Stage) (*dialect.Problem, bool) {
		if backend.Checked[name] {
			return x.work.Check(name), false
		}
		return stages[name].check(x)
	})
	switch {
	case err != nil:
		x.fail(err)
	case len(problems) > 0:
		x.refuse(problems...)
	}
	return err == nil && !answered && len(problems) == 0
}
