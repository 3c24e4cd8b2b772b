package dialect

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A boolCodec carries true and false.
type boolCodec struct{ kind *trouble }

func (c *boolCodec) decode(v jsontext.Value, _ *Env) (string, *trouble) {
	switch v.Kind {
	case gjson.True:
		return "true", nil
	case gjson.False:
		return "false", nil
	}
	return "", c.kind
}

func (c *boolCodec) encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

func (c *boolCodec) fromText(s string) jsontext.Value { return jsontext.BoolValue(s) }

// bounds are exact limits of a number, "" for none.
type bounds struct {
	min, max, above string
	low, high       *trouble
}

func (b *bounds) check(number string) *trouble {
	if b.min != "" {
		if o, ok := record.CompareNumbers(number, b.min); !ok || o < 0 {
			return b.low
		}
	}
	if b.above != "" {
		if o, ok := record.CompareNumbers(number, b.above); !ok || o <= 0 {
			return b.low
		}
	}
	if b.max != "" {
		if o, ok := record.CompareNumbers(number, b.max); !ok || o > 0 {
			return b.high
		}
	}
	return nil
}

// An intCodec carries whole numbers.
type intCodec struct {
	bounds
	kind *trouble
}

func (c *intCodec) decode(v jsontext.Value, _ *Env) (string, *trouble) {
	if v.Kind != gjson.Number {
		return "", c.kind
	}
	text, ok := record.Integer(v.Raw)
	if !ok {
		return "", c.kind
	}
	return text, c.check(text)
}

func (c *intCodec) encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

func (c *intCodec) fromText(s string) jsontext.Value { return jsontext.NumberValue(s) }

// A numberCodec carries exact decimal numbers as they are written.
type numberCodec struct {
	bounds
	kind *trouble
}

func (c *numberCodec) decode(v jsontext.Value, _ *Env) (string, *trouble) {
	if v.Kind != gjson.Number {
		return "", c.kind
	}
	return v.Raw, c.check(v.Raw)
}

func (c *numberCodec) encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

func (c *numberCodec) fromText(s string) jsontext.Value { return jsontext.NumberValue(s) }

// An enumCodec carries a word of a table; the wire side may be any scalar.
type enumCodec struct {
	in     map[string]string // wire JSON text -> canonical text
	out    map[string][]byte // canonical text -> wire JSON text
	order  []string          // wire JSON texts as the table has them
	ins    []enumWord        // in and out again, where they are small enough to be looked through
	outs   []enumWord
	rest   []byte          // wire form of every other canonical word
	lower  bool            // other canonical words are shown in lower case
	refuse map[string]bool // wire texts that are shown and not taken
	kind   *trouble
	values *trouble
}

// enumWord is what one text stands for.
type enumWord struct{ from, to string }

// maxWords is how many words are looked through; more are looked up.
const maxWords = 12

// canonical returns the canonical text of a wire text.
func (c *enumCodec) canonical(wire string) (string, bool) {
	if c.ins == nil {
		text, ok := c.in[wire]
		return text, ok
	}
	for i := range c.ins {
		if c.ins[i].from == wire {
			return c.ins[i].to, true
		}
	}
	return "", false
}

// small makes lists of tables that are quicker looked through than looked up.
func (c *enumCodec) small() {
	if len(c.out) > maxWords || len(c.in) > maxWords {
		return
	}
	for wire, text := range c.in {
		c.ins = append(c.ins, enumWord{wire, text})
	}
	for text, wire := range c.out {
		c.outs = append(c.outs, enumWord{text, string(wire)})
	}
}

func (c *enumCodec) decode(v jsontext.Value, _ *Env) (string, *trouble) {
	raw := v.Raw
	if v.Kind == gjson.String && strings.IndexByte(raw, '\\') >= 0 {
		raw = record.Quote(v.Str())
	}
	text, ok := c.canonical(raw)
	if !ok || c.refuse[raw] {
		if v.Kind == gjson.JSON {
			return "", c.kind
		}
		return "", c.values
	}
	return text, nil
}

func (c *enumCodec) encode(dst []byte, text string, _ *record.Record) []byte {
	for i := range c.outs {
		if c.outs[i].from == text {
			return append(dst, c.outs[i].to...)
		}
	}
	if wire := c.wire(text); wire != nil {
		return append(dst, wire...)
	}
	return appendLower(dst, text)
}

// wire is the constant that a canonical word shows as, nil for itself in lower
// case.
func (c *enumCodec) wire(text string) []byte {
	if wire, ok := c.out[text]; ok || c.lower {
		return wire
	}
	return c.rest
}

func (c *enumCodec) fromText(s string) jsontext.Value {
	if _, ok := c.in[s]; ok {
		return jsontext.ValueOf(s)
	}
	return jsontext.TextValue(s)
}

// A jsonCodec carries any value, or any of one type, byte for byte.
type jsonCodec struct {
	only  string // object, array or "" for any
	bytes int    // most bytes without blanks
	kind  *trouble
	large *trouble
}

func (c *jsonCodec) decode(v jsontext.Value, _ *Env) (string, *trouble) {
	if c.only == "object" && !v.IsObject() || c.only == "array" && !v.IsArray() {
		return "", c.kind
	}
	text := v.Raw
	if !jsontext.IsCompact(v) {
		text = string(jsontext.AppendCompact(make([]byte, 0, len(v.Raw)), v))
	}
	if c.bytes > 0 && len(text) > c.bytes {
		return "", c.large
	}
	return text, nil
}

func (c *jsonCodec) encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

func (c *jsonCodec) fromText(s string) jsontext.Value { return jsontext.TextValue(s) }
