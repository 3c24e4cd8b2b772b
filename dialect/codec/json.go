package codec

import (
	"time"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A JSON carries any value, or any of one type, byte for byte.
type JSON struct {
	Only  string // object, array or "" for any
	Bytes int    // most bytes without blanks, 0 for any number
	kind  *Violation
	large *Violation
}

// Ready returns the codec, made of the words that were given.
func (c *JSON) Ready() *JSON {
	c.kind = notObject
	if c.Only == "array" {
		c.kind = OfType("must be an array")
	}
	c.large = tooLarge(c.Bytes)
	return c
}

// Decode implements Codec.
func (c *JSON) Decode(v jsontext.Value, _ time.Time) (string, *Violation) {
	if c.Only == "object" && !v.IsObject() || c.Only == "array" && !v.IsArray() {
		return "", c.kind
	}
	text := v.Raw
	if !jsontext.IsCompact(v) {
		text = string(jsontext.AppendCompact(make([]byte, 0, len(v.Raw)), v))
	}
	if c.Bytes > 0 && len(text) > c.Bytes {
		return "", c.large
	}
	return text, nil
}

// Encode implements Codec.
func (c *JSON) Encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

// FromText implements Codec.
func (c *JSON) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// Taken implements Described.
func (c *JSON) Taken(Components) *jsontext.Object {
	if c.Only == "" {
		return new(jsontext.Object)
	}
	o := jsonschema.Type(c.Only)
	if c.Only == "array" {
		return o.PutObject("items", new(jsontext.Object))
	}
	return o.PutBool("additionalProperties", true)
}

// Shown implements Described.
func (c *JSON) Shown(x Components, _ *record.SlotInfo) *jsontext.Object { return c.Taken(x) }

func (c *JSON) plain() {}

// Open tells that members can be read out of a value.
func (c *JSON) Open() {}

// Nests tells that a form writes a value with brackets.
func (c *JSON) Nests() bool { return true }
