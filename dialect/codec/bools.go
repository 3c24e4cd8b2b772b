package codec

import (
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A Bool carries true and false.
type Bool struct{}

var notBool = OfType("must be true or false")

// Decode implements Codec.
func (c *Bool) Decode(v jsontext.Value, _ time.Time) (string, *Violation) {
	switch v.Kind {
	case gjson.True:
		return "true", nil
	case gjson.False:
		return "false", nil
	}
	return "", notBool
}

// Encode implements Codec.
func (c *Bool) Encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

// FromText implements Codec.
func (c *Bool) FromText(s string) jsontext.Value { return jsontext.BoolValue(s) }

// Taken implements Described.
func (c *Bool) Taken(Components) *jsontext.Object { return jsonschema.Type("boolean") }

// Shown implements Described.
func (c *Bool) Shown(Components, *record.SlotInfo) *jsontext.Object {
	return jsonschema.Type("boolean")
}

// Sample implements Sampler.
func (c *Bool) Sample() string { return "true" }

func (c *Bool) plain() {}
