package handbook

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/openapi"
	"github.com/polylink-dev/polylink/dialect/seed"
)

// Examples returns the requests that an OpenAPI document shows: those that Sample
// makes out of the fixtures.
func Examples(d *dialect.Dialect, f *seed.Fixtures) func(*dialect.Op) openapi.Example {
	w := newSampler(d, f)
	return func(op *dialect.Op) (x openapi.Example) {
		rec, parent, whole := w.subject(op)
		if !whole {
			return x
		}
		if parent != nil {
			x.Vars = append(x.Vars, parent.ID())
		}
		if rec != nil {
			x.ID = rec.ID()
			x.Vars = append(x.Vars, x.ID)
		}
		if op.Writes() && op.Method != "DELETE" {
			x.Body = w.body(op, rec)
		}
		return x
	}
}
