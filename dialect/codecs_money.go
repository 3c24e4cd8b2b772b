package dialect

import (
	"regexp"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A moneyCodec carries an amount: minor units, or a decimal number or text in
// major units. The major forms need the currency, which may come later in the
// same body, so decode keeps the number and settle converts it.
type moneyCodec struct {
	bounds
	major, quoted bool
	all           bool                            // decimals that are 0 are shown
	code          func(rec *record.Record) string // the currency's
	kind          *trouble
	digits        *trouble
	large         *trouble
}

func (c *moneyCodec) decode(v jsontext.Value, _ *Env) (string, *trouble) {
	raw := v.Raw
	if c.quoted {
		if v.Kind != gjson.String || !jsontext.IsNumber(v.Str()) {
			return "", c.kind
		}
		raw = v.Str()
	} else if v.Kind != gjson.Number {
		return "", c.kind
	}
	if c.major {
		if _, ok := record.CompareNumbers(raw, "0"); !ok {
			return "", c.large
		}
		return raw, c.check(raw)
	}
	text, ok := record.Integer(raw)
	if !ok {
		return "", c.outOf(raw, 0, c.kind)
	}
	return text, c.check(text)
}

// settle converts what decode kept to minor units of the record's currency.
func (c *moneyCodec) settle(text string, rec *record.Record) (string, *trouble) {
	if !c.major {
		return text, nil
	}
	digits := record.CurrencyDigits(c.code(rec))
	minor, ok := record.Minor(text, digits)
	if !ok {
		return "", c.outOf(text, digits, c.digits)
	}
	return minor, nil
}

// outOf says why a number is no amount: its size, or else what it has behind
// the point.
func (c *moneyCodec) outOf(number string, digits int, behind *trouble) *trouble {
	if record.WholeDigits(number)+digits > record.MaxDigits {
		return c.large
	}
	return behind
}

func (c *moneyCodec) encode(dst []byte, text string, rec *record.Record) []byte {
	if c.quoted {
		dst = append(dst, '"')
	}
	if c.major {
		if digits := record.CurrencyDigits(c.code(rec)); c.all {
			dst = record.MajorFixed(dst, text, digits)
		} else {
			dst = record.Major(dst, text, digits)
		}
	} else {
		dst = append(dst, text...)
	}
	if c.quoted {
		dst = append(dst, '"')
	}
	return dst
}

func (c *moneyCodec) fromText(s string) jsontext.Value {
	if c.quoted {
		return jsontext.TextValue(s)
	}
	return jsontext.NumberValue(s)
}

// A currencyCodec carries a currency code that the table knows.
type currencyCodec struct {
	lower bool
	match *regexp.Regexp // of the code as it is written, nil for any
	kind  *trouble
	known *trouble
}

func (c *currencyCodec) decode(v jsontext.Value, _ *Env) (string, *trouble) {
	if v.Kind != gjson.String {
		return "", c.kind
	}
	code, ok := record.Currency(v.Str())
	if !ok || c.match != nil && !c.match.MatchString(v.Str()) {
		return "", c.known
	}
	return code, nil
}

func (c *currencyCodec) encode(dst []byte, text string, _ *record.Record) []byte {
	if c.lower {
		return appendLower(dst, text)
	}
	return append(dst, text...)
}

func (c *currencyCodec) fromText(s string) jsontext.Value { return jsontext.TextValue(s) }

func appendLower(dst []byte, text string) []byte {
	for i := 0; i < len(text); i++ {
		b := text[i]
		if b >= 'A' && b <= 'Z' {
			b += 'a' - 'A'
		}
		dst = append(dst, b)
	}
	return dst
}
