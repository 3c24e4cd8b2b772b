package codec

import (
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A Money carries an amount: minor units, or a decimal number or text in
// major units. The major forms need the currency, which may come later in the
// same body, so Decode keeps the number and Settle converts it.
type Money struct {
	Bounds
	Major  bool                            // in major units
	Quoted bool                            // in a text
	All    bool                            // decimals that are 0 are shown
	Exact  bool                            // as many decimals as the currency has are taken, and no others
	Code   func(rec *record.Record) string // the currency's
	kind   *Violation
}

var (
	tooPrecise = OfValue("digits", "has more decimals than its currency")
	inexact    = OfValue("digits", "must have as many decimals as its currency")
	tooMuch    = OfValue("high", "is too large")
)

// Ready returns the codec, made of the words that were given.
func (c *Money) Ready() *Money {
	c.ready()
	switch {
	case c.Quoted:
		c.kind = OfType("must be a decimal number in a string")
	case c.Major:
		c.kind = OfType("must be a number")
	default:
		c.kind = OfType("must be a whole number of the smallest currency unit")
	}
	return c
}

// Decode implements Codec.
func (c *Money) Decode(v jsontext.Value, _ time.Time) (string, *Violation) {
	raw := v.Raw
	if c.Quoted {
		if v.Kind != gjson.String || !jsontext.IsNumber(v.Str()) {
			return "", c.kind
		}
		raw = v.Str()
	} else if v.Kind != gjson.Number {
		return "", c.kind
	}
	if c.Major {
		if _, ok := record.CompareNumbers(raw, "0"); !ok {
			return "", tooMuch
		}
		return raw, c.check(raw)
	}
	text, ok := record.Integer(raw)
	if !ok {
		return "", c.outOf(raw, 0, c.kind)
	}
	return text, c.check(text)
}

// Settle implements Amount.
func (c *Money) Settle(text string, rec *record.Record) (string, *Violation) {
	if !c.Major {
		return text, nil
	}
	return c.SettleIn(text, c.Code(rec))
}

// SettleIn implements Priced.
func (c *Money) SettleIn(text, currency string) (string, *Violation) {
	digits := record.CurrencyDigits(currency)
	minor, ok := record.Minor(text, digits)
	if ok && c.Exact && string(record.MajorFixed(nil, minor, digits)) != text {
		return "", inexact
	}
	if !ok {
		return "", c.outOf(text, digits, tooPrecise)
	}
	return minor, nil
}

// Unsettle implements Amount.
func (c *Money) Unsettle(text string, from, to *record.Record) (wire string, ok bool) {
	if !c.Major {
		return "", false
	}
	digits := record.CurrencyDigits(c.Code(from))
	if digits == record.CurrencyDigits(c.Code(to)) {
		return "", false
	}
	return string(record.Major(nil, text, digits)), true
}

// outOf says why a number is no amount: its size, or else what it has behind
// the point.
func (c *Money) outOf(number string, digits int, behind *Violation) *Violation {
	if record.WholeDigits(number)+digits > record.MaxDigits {
		return tooMuch
	}
	return behind
}

// Encode implements Codec.
func (c *Money) Encode(dst []byte, text string, rec *record.Record) []byte {
	if !c.Major {
		return c.EncodeIn(dst, text, "")
	}
	return c.EncodeIn(dst, text, c.Code(rec))
}

// EncodeIn implements Priced.
func (c *Money) EncodeIn(dst []byte, text, currency string) []byte {
	if c.Quoted {
		dst = append(dst, '"')
	}
	switch {
	case !c.Major:
		dst = append(dst, text...)
	case c.All:
		dst = record.MajorFixed(dst, text, record.CurrencyDigits(currency))
	default:
		dst = record.Major(dst, text, record.CurrencyDigits(currency))
	}
	if c.Quoted {
		dst = append(dst, '"')
	}
	return dst
}

// FromText implements Codec.
func (c *Money) FromText(s string) jsontext.Value {
	if c.Quoted {
		return jsontext.TextValue(s)
	}
	return jsontext.NumberValue(s)
}

// decimal is a number in a text.
const decimal = `^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`

// Taken implements Described.
func (c *Money) Taken(x Components) *jsontext.Object {
	if c.Quoted {
		return c.Shown(x, nil)
	}
	return c.on(c.Shown(x, nil))
}

// Shown implements Described.
func (c *Money) Shown(Components, *record.SlotInfo) *jsontext.Object {
	switch {
	case c.Quoted:
		return jsonschema.Type("string").PutText("pattern", decimal)
	case c.Major:
		return jsonschema.Type("number")
	}
	return jsonschema.Type("integer")
}

// Sample implements Sampler.
func (c *Money) Sample() string {
	if c.Quoted {
		return `"10"`
	}
	return "10"
}

func (c *Money) relative() bool { return c.Major }
