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

// Bounds hears of values that were refused for their size.
type Bounds = template.Bounds

// Elsewhere begins the name of a file that is not in the folder of the mapping
// files: that of an override.
const Elsewhere = "\x00"

// Overrun is one of them, an error.
type Overrun = template.Overrun
