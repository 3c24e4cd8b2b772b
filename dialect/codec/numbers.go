package codec

import (
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Bounds are exact limits of a number, "" for none.
type Bounds struct {
	Min, Max, Above string
	low, high       *Violation
}

// ready makes the words of the violations.
func (b *Bounds) ready() {
	why := "must be at least " + b.Min
	if b.Above != "" {
		why = "must be greater than " + b.Above
	}
	b.low, b.high = OfValue("low", why).At(b.Min+b.Above), OfValue("high", "must be at most "+b.Max).At(b.Max)
}

// check compares a number with the limits, exactly.
func (b *Bounds) check(number string) *Violation {
	if b.Min != "" {
		if o, ok := record.CompareNumbers(number, b.Min); !ok || o < 0 {
			return b.low
		}
	}
	if b.Above != "" {
		if o, ok := record.CompareNumbers(number, b.Above); !ok || o <= 0 {
			return b.low
		}
	}
	if b.Max != "" {
		if o, ok := record.CompareNumbers(number, b.Max); !ok || o > 0 {
			return b.high
		}
	}
	return nil
}

// An Int carries whole numbers.
type Int struct{ Bounds }

var notInt = OfType("must be a whole number")

// Ready returns the codec, made of the words that were given.
func (c *Int) Ready() *Int {
	c.ready()
	return c
}

// Decode implements Codec.
func (c *Int) Decode(v jsontext.Value, _ time.Time) (string, *Violation) {
	if v.Kind != gjson.Number {
		return "", notInt
	}
	text, ok := record.Integer(v.Raw)
	if !ok {
		return "", notInt
	}
	return text, c.check(text)
}

// Encode implements Codec.
func (c *Int) Encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

// FromText implements Codec.
func (c *Int) FromText(s string) jsontext.Value { return jsontext.NumberValue(s) }

// A Number carries exact decimal numbers as they are written.
type Number struct{ Bounds }

var notNumber = OfType("must be a number")

// Ready returns the codec, made of the words that were given.
func (c *Number) Ready() *Number {
	c.ready()
	return c
}

// Decode implements Codec.
func (c *Number) Decode(v jsontext.Value, _ time.Time) (string, *Violation) {
	if v.Kind != gjson.Number {
		return "", notNumber
	}
	return v.Raw, c.check(v.Raw)
}

// Encode implements Codec.
func (c *Number) Encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

// FromText implements Codec.
func (c *Number) FromText(s string) jsontext.Value { return jsontext.NumberValue(s) }

// on adds the limits to a schema.
func (b *Bounds) on(o *jsontext.Object) *jsontext.Object {
	for _, k := range []struct{ key, n string }{{"minimum", b.Min}, {"exclusiveMinimum", b.Above}, {"maximum", b.Max}} {
		if k.n != "" {
			o.Put(k.key, []byte(k.n))
		}
	}
	return o
}

// Taken implements Described.
func (c *Int) Taken(Components) *jsontext.Object { return c.on(jsonschema.Type("integer")) }

// Shown implements Described.
func (c *Int) Shown(Components, *record.SlotInfo) *jsontext.Object {
	return jsonschema.Type("integer")
}

// Taken implements Described.
func (c *Number) Taken(Components) *jsontext.Object { return c.on(jsonschema.Type("number")) }

// Shown implements Described.
func (c *Number) Shown(Components, *record.SlotInfo) *jsontext.Object {
	return jsonschema.Type("number")
}

// Sample implements Sampler.
func (c *Int) Sample() string { return "10" }

// Sample implements Sampler.
func (c *Number) Sample() string { return "10" }

func (c *Int) plain() {}

func (c *Number) plain() {}
