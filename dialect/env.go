package dialect

import (
	"io"

	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

// Env is what is known about one request: what its texts can name, and what
// decoding and encoding need besides.
type Env struct {
	template.Env

	Find   func(res *Resource, id string) *record.Record // a record the account may name, or nil
	Random io.Reader
	Expand *Expansion // places that the client wants in full
	Made   []Made     // records that are made along with this one
}

// Limit is what limit headers show.
type Limit = template.Limit
