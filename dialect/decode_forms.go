package dialect

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

// typed gives what a form has the type that its field takes.
func (in *Input) typed(f *Field, v jsontext.Value) jsontext.Value {
	if !in.form || f.Codec == nil {
		return v
	}
	if c, ok := f.Codec.(codec.Former); ok {
		v = c.FromForm(v)
	}
	if v.Kind != gjson.String || f.clears(v) {
		return v
	}
	return f.Codec.FromText(v.Str())
}
