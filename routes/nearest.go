package routes

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/routing"
	"github.com/polylink-dev/polylink/journal"
)

// nearestHeader names the nearest route in an answer that a dialect's envelope
// has no room for it.
const nearestHeader = "X-Polylink-Nearest"

// nearest is the route of some dialects that a request was probably meant for,
// with or without the name of the dialect in front where it is looked for; or nil.
func nearest(method, path string, named bool, among ...*dialect.Dialect) *journal.Nearest {
	op := routing.Nearest(method, path, named, among...)
	if op == nil {
		return nil
	}
	return &journal.Nearest{Dialect: op.Owner.Name, Method: op.Method, Path: op.Path}
}
