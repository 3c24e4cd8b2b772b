package codec

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A Currency carries a currency code that the table knows.
type Currency struct {
	Lower bool           // it is shown in lower case
	Match *regexp.Regexp // of the code as it is written, nil for any
}

var (
	notString   = OfType("must be a string")
	notCurrency = OfValue("one_of", "must be a currency code")
)

// Decode implements Codec.
func (c *Currency) Decode(v jsontext.Value, _ time.Time) (string, *Violation) {
	if v.Kind != gjson.String {
		return "", notString
	}
	code, ok := record.Currency(v.Str())
	if !ok || c.Match != nil && !c.Match.MatchString(v.Str()) {
		return "", notCurrency
	}
	return code, nil
}

// Encode implements Codec.
func (c *Currency) Encode(dst []byte, text string, _ *record.Record) []byte {
	if c.Lower {
		return appendLower(dst, text)
	}
	return append(dst, text...)
}

// FromText implements Codec.
func (c *Currency) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// appendLower writes a text in lower case.
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

// Taken implements Described.
func (c *Currency) Taken(x Components) *jsontext.Object {
	if c.Match == nil {
		return currencySchema(x, "any")
	}
	return new(jsontext.Object).Put("allOf", slices.Concat([]byte("["), currencySchema(x, "any").Bytes(), []byte(","), new(jsontext.Object).PutText("pattern", c.Match.String()).Bytes(), []byte("]")))
}

// Shown implements Described.
func (c *Currency) Shown(x Components, _ *record.SlotInfo) *jsontext.Object {
	if c.Lower {
		return currencySchema(x, "lower")
	}
	return currencySchema(x, "upper")
}

// currencySchema refers to the component that lists the codes that are known.
func currencySchema(x Components, letters string) *jsontext.Object {
	return x.Component("currency."+letters, func() *jsontext.Object {
		var words [][]byte
		for _, code := range record.Currencies() {
			if letters != "lower" {
				words = append(words, jsontext.Quoted(code))
			}
			if letters != "upper" {
				words = append(words, jsontext.Quoted(strings.ToLower(code)))
			}
		}
		sort.Slice(words, func(i, j int) bool { return string(words[i]) < string(words[j]) })
		return jsonschema.OneOf(words...)
	})
}

// Sample implements Sampler.
func (c *Currency) Sample() string { return `"USD"` }

func (c *Currency) recast() {}
