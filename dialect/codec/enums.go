package codec

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// An Enum carries a word of a table; the wire side may be any scalar.
type Enum struct {
	In     map[string]string // wire JSON text -> canonical text
	Out    map[string][]byte // canonical text -> wire JSON text
	Order  []string          // wire JSON texts as the table has them
	Rest   []byte            // wire form of every other canonical word
	Lower  bool              // other canonical words are shown in lower case
	Refuse map[string]bool   // wire texts that are shown and not taken

	ins, outs []enumWord // In and Out again, where they are small enough to be looked through
	kind      *Violation
	values    *Violation
}

// Ready returns the codec, made of the table that was given.
func (c *Enum) Ready() *Enum {
	var words []string
	bools := true
	for _, text := range c.Order {
		bools = bools && (text == "true" || text == "false")
		if !c.Refuse[text] {
			words = append(words, record.Unquote(text))
		}
	}
	c.values = OfValue("one_of", "must be one of "+strings.Join(words, ", "))
	if c.kind = c.values; bools {
		c.kind, c.values = notBool, notBool
	}
	c.small()
	return c
}

// enumWord is what one text stands for.
type enumWord struct{ from, to string }

// maxWords is how many words are looked through; more are looked up.
const maxWords = 12

// canonical returns the canonical text of a wire text.
func (c *Enum) canonical(wire string) (string, bool) {
	if c.ins == nil {
		text, ok := c.In[wire]
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
func (c *Enum) small() {
	if len(c.Out) > maxWords || len(c.In) > maxWords {
		return
	}
	for wire, text := range c.In {
		c.ins = append(c.ins, enumWord{wire, text})
	}
	for text, wire := range c.Out {
		c.outs = append(c.outs, enumWord{text, string(wire)})
	}
}

// Decode implements Codec.
func (c *Enum) Decode(v jsontext.Value, _ time.Time) (string, *Violation) {
	raw := v.Raw
	if v.Kind == gjson.String && strings.IndexByte(raw, '\\') >= 0 {
		raw = record.Quote(v.Str())
	}
	text, ok := c.canonical(raw)
	if !ok || c.Refuse[raw] {
		if v.Kind == gjson.JSON {
			return "", c.kind
		}
		return "", c.values
	}
	return text, nil
}

// Encode implements Codec.
func (c *Enum) Encode(dst []byte, text string, _ *record.Record) []byte {
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
func (c *Enum) wire(text string) []byte {
	if wire, ok := c.Out[text]; ok || c.Lower {
		return wire
	}
	return c.Rest
}

// FromText implements Codec.
func (c *Enum) FromText(s string) jsontext.Value {
	if _, ok := c.In[s]; ok {
		return jsontext.ValueOf(s)
	}
	return jsontext.TextValue(s)
}

// Taken implements Described.
func (c *Enum) Taken(Components) *jsontext.Object {
	var words []*jsontext.Object
	for _, word := range c.Order {
		if !c.Refuse[word] && word != record.Null { // null is the field's to take
			words = append(words, jsonschema.Const([]byte(word)))
		}
	}
	if len(words) == 0 {
		return new(jsontext.Object).Put("not", []byte("{}"))
	}
	return jsonschema.Union(words...)
}

// Shown implements Described.
func (c *Enum) Shown(_ Components, slot *record.SlotInfo) *jsontext.Object {
	var words []*jsontext.Object
	for _, word := range c.Order {
		words = append(words, jsonschema.Const([]byte(word)))
	}
	if c.Lower {
		if slot == nil || slot.Values == nil {
			return jsonschema.Type("string")
		}
		for _, word := range slot.Values {
			if _, known := c.Out[record.Quote(word)]; !known {
				words = append(words, jsonschema.Const(jsontext.Quoted(strings.ToLower(word))))
			}
		}
	}
	return jsonschema.Union(words...)
}

// Alike implements Blurred.
func (c *Enum) Alike(a, b string, _ *record.Record) bool {
	wire := c.wire(a)
	return wire != nil && string(wire) == string(c.wire(b))
}

// Word implements Worded.
func (c *Enum) Word(text string) string { return string(c.Encode(nil, text, nil)) }

// Sample implements Sampler.
func (c *Enum) Sample() string {
	return slices.Sorted(maps.Keys(c.In))[0]
}
