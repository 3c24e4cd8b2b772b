// Package sections reads the sections of a mapping file that stand by themselves:
// who may call, headers, limits, idempotency keys, deliveries, and the shapes of
// ids.
//
// Package dialect/compile reads the rest of a file, in which everything names
// everything else, and calls a Reader for these. What is wrong in them goes to
// the same list of diagnostics, and the reader goes on, so that all of it is told
// at once. Nothing here looks at resources or operations. Start with Reader.
package sections

import (
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Reader reads sections of one file.
type Reader struct {
	*grammar.Reader
	Code  func(n *yml.Node) record.Code // reads the name of an error of the catalogue
	Texts func() *template.Scope        // what texts can name where no resource is at hand
}
