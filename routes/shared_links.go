package routes

import (
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/store"
)

// Rows makes the rows of fresh sandboxes; shared is where every dialect shows
// all links of its kind.
func Rows(set *dialect.Set, fixtures *seed.Fixtures, shared bool) func(start time.Time) []*store.Row {
	if !shared {
		return fixtures.Rows
	}
	return func(start time.Time) []*store.Row { return sharing.Rows(set, fixtures.Rows(start)) }
}
