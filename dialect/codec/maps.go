package codec

import (
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A Map carries an object of the client's own keys. Its canonical text is
// the object itself; merging is done when the record is changed, so that the
// limits hold for the result.
type Map struct {
	Merging bool     // keys are merged into what is there
	Remove  []string // wire texts of a value that remove the key
	Items   Span
	Keys    Span
	Values  Span // length of text values
	Text    bool // values must be texts
	Bytes   int  // most bytes without blanks, 0 for any number
	many    *Violation
	key     *Violation
	value   *Violation
	large   *Violation
}

var (
	notObject    = OfType("must be an object")
	notTextValue = OfValue("value", "must be a string")
)

// tooLarge is the violation of more bytes than there may be.
func tooLarge(most int) *Violation {
	return OfValue("large", "must be at most "+strconv.Itoa(most)+" bytes of JSON")
}

// Ready returns the codec, made of the words that were given.
func (c *Map) Ready() *Map {
	c.many = OfValue("many", c.Items.Say("key", "keys"))
	c.key = OfValue("key", "keys "+c.Keys.Say("character", "characters"))
	c.value = OfValue("value", c.Values.Say("character", "characters"))
	c.large = tooLarge(c.Bytes)
	return c
}

// Decode implements Codec.
func (c *Map) Decode(v jsontext.Value, _ time.Time) (string, *Violation) {
	text, _, t := c.DecodeKeys(v)
	return text, t
}

// DecodeKeys implements Keyed.
func (c *Map) DecodeKeys(v jsontext.Value) (text string, at *jsontext.Member, broken *Violation) {
	if !v.IsObject() {
		return "", nil, notObject
	}
	list := jsontext.Members(v)
	if c.Items.Max >= 0 && len(list) > 2*c.Items.Max+16 {
		return "", nil, c.many
	}
	dst := append(make([]byte, 0, len(v.Raw)), '{')
	for i := range list {
		p := &list[i]
		if n := utf8.RuneCountInString(p.Key); n < c.Keys.Min || c.Keys.Max >= 0 && n > c.Keys.Max {
			return "", nil, c.key
		}
		if !slices.Contains(c.Remove, p.Val.Raw) {
			if c.Text && p.Val.Kind != gjson.String {
				return "", p, notTextValue
			}
			if n := utf8.RuneCountInString(p.Val.Str()); c.Text && (n < c.Values.Min || c.Values.Max >= 0 && n > c.Values.Max) {
				return "", p, c.value
			}
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(record.AppendQuote(dst, p.Key), ':')
		if p.Val.Kind == gjson.String {
			dst = append(dst, jsontext.CanonicalString(p.Val)...)
		} else {
			dst = jsontext.AppendCompact(dst, p.Val)
		}
	}
	return string(append(dst, '}')), nil, nil
}

// Merge implements Merger.
func (c *Map) Merge(text, old string) (string, *Violation) {
	var list []jsontext.Member
	if c.Merging && old != "" && old != record.Null {
		list = jsontext.Members(jsontext.ValueOf(old))
	}
	index := make(map[string]int, len(list))
	for i, p := range list {
		index[p.Key] = i
	}
	for _, p := range jsontext.Members(jsontext.ValueOf(text)) {
		i, there := index[p.Key]
		switch {
		case slices.Contains(c.Remove, p.Val.Raw):
			if there {
				list[i].Val = jsontext.Value{}
			}
		case there:
			list[i].Val = p.Val
		default:
			index[p.Key] = len(list)
			list = append(list, p)
		}
	}
	dst, n := append(make([]byte, 0, len(old)+len(text)), '{'), 0
	for _, p := range list {
		if p.Val.Raw == "" {
			continue
		}
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(record.AppendQuote(dst, p.Key), ':'), p.Val.Raw...)
	}
	if c.Items.Max >= 0 && n > c.Items.Max {
		return "", c.many
	}
	if dst = append(dst, '}'); c.Bytes > 0 && len(dst) > c.Bytes {
		return "", c.large
	}
	return string(dst), nil
}

// Removes tells whether a wire value removes its key.
func (c *Map) Removes(raw string) bool { return slices.Contains(c.Remove, raw) }

// Encode implements Codec.
func (c *Map) Encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

// FromText implements Codec.
func (c *Map) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// Taken implements Described.
func (c *Map) Taken(Components) *jsontext.Object {
	o := jsonschema.Type("object")
	if c.Items.Max >= 0 && len(c.Remove) == 0 {
		o.PutInt("maxProperties", c.Items.Max) // removed keys do not count
	}
	if c.Keys.Min > 0 || c.Keys.Max >= 0 {
		o.PutObject("propertyNames", c.Keys.on(new(jsontext.Object)))
	}
	if c.Text {
		value := c.Values.on(jsonschema.Type("string"))
		for _, raw := range c.Remove {
			value = jsonschema.Union(value, jsonschema.Const([]byte(raw)))
		}
		return o.PutObject("additionalProperties", value)
	}
	return o.PutBool("additionalProperties", true)
}

// Shown implements Described.
func (c *Map) Shown(Components, *record.SlotInfo) *jsontext.Object {
	o := jsonschema.Type("object")
	if c.Text {
		return o.PutObject("additionalProperties", jsonschema.Type("string"))
	}
	return o.PutBool("additionalProperties", true)
}

// FromForm implements Former.
func (c *Map) FromForm(v jsontext.Value) jsontext.Value {
	if v.IsArray() {
		return jsontext.Numbered(v)
	}
	return v
}

func (c *Map) plain() {}

// Nests tells that a form writes a value with brackets.
func (c *Map) Nests() bool { return true }
