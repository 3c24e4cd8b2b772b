package dialect

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
)

// typed gives a form's text the type that its field takes.
func (in *Input) typed(f *Field, v jsontext.Value) jsontext.Value {
	switch f.codec.(type) {
	case *mapCodec:
		if in.form && v.IsArray() {
			return jsontext.Numbered(v)
		}
	case *listCodec:
		if in.form && v.IsObject() {
			return jsontext.Listed(v)
		}
	}
	if !in.form || v.Kind != gjson.String || f.codec == nil || f.clears(v) {
		return v
	}
	return f.codec.fromText(v.Str())
}
