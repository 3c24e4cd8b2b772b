package dialect

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// The JSON Schemas of the codecs, both directions side by side as in
// codecs.go. What is taken is described as tightly as the codec checks it; of
// what is shown only type, format and words are told, because a record may
// come from a fixture or from another dialect, whose bounds are others.

// decimal is a number in a text.
const decimal = `^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`

// uuidForm is a UUID of any version, in letters of either case.
const uuidForm = `^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`

func (c *stringCodec) taken(*exporter) *jsontext.Object {
	o := c.plain()
	if c.len.Min > 0 {
		o.PutInt("minLength", c.len.Min)
	}
	if c.len.Max >= 0 && !c.squeeze {
		o.PutInt("maxLength", c.len.Max)
	}
	switch {
	case c.squeeze: // what is left of it is checked
		if c.len.Min > 0 {
			o.PutText("pattern", `\S`)
		}
	case c.as == "uuid" && c.match == nil:
		o.PutText("pattern", uuidForm)
	case c.match != nil:
		o.PutText("pattern", c.match.String())
	case c.url != nil:
		o.PutText("pattern", c.url.pattern())
	}
	return o
}

func (c *stringCodec) shown(*exporter, *record.SlotInfo) *jsontext.Object { return c.plain() }

func (c *stringCodec) plain() *jsontext.Object {
	o := jsonschema.Type("string")
	switch c.as {
	case "url":
		o.PutText("format", "uri")
	case "uuid", "email":
		o.PutText("format", c.as)
	}
	if !c.squeeze {
		o.PutTexts("enum", c.oneOf)
	}
	return o
}

// pattern says what a URL must look like: its scheme, the hosts that need no
// TLS, and whether it may have a user and a fragment.
func (u *urlRule) pattern() string {
	const blanks = ` \t\r\n`
	user, rest := `([^/?#`+blanks+`]*@)?`, `([/?#][^`+blanks+`]*)?$`
	if !u.userinfo {
		user = ""
	}
	if !u.fragment {
		rest = `([/?][^#` + blanks + `]*)?$`
	}
	var schemes, near []string
	for _, s := range u.schemes {
		schemes = append(schemes, anyCase(s))
	}
	where := "(" + strings.Join(schemes, "|") + ")://" + user + `[^/?#@` + blanks + `]+`
	for _, host := range u.insecure {
		if suffix, ok := strings.CutPrefix(host, "*"); ok {
			near = append(near, `[^/?#@:`+blanks+`]+`+anyCase(suffix))
		} else {
			near = append(near, anyCase(host), `\[[0-9A-Fa-f:.]+\]`)
		}
	}
	if near != nil && !slices.Contains(u.schemes, "http") {
		slices.Sort(near)
		where = "(" + where + "|" + anyCase("http") + "://" + user + "(" + strings.Join(slices.Compact(near), "|") + ")(:[0-9]*)?)"
	}
	return "^" + where + rest
}

// anyCase is a pattern for a text in letters of either case.
func anyCase(s string) string {
	var b strings.Builder
	for _, r := range s {
		if up := unicode.ToUpper(r); up != r {
			b.WriteString("[" + string(up) + string(r) + "]")
		} else {
			b.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	return b.String()
}

func (c *boolCodec) taken(*exporter) *jsontext.Object { return jsonschema.Type("boolean") }

func (c *boolCodec) shown(*exporter, *record.SlotInfo) *jsontext.Object {
	return jsonschema.Type("boolean")
}

func (b *bounds) on(o *jsontext.Object) *jsontext.Object {
	for _, k := range []struct{ key, n string }{{"minimum", b.min}, {"exclusiveMinimum", b.above}, {"maximum", b.max}} {
		if k.n != "" {
			o.Put(k.key, []byte(k.n))
		}
	}
	return o
}

func (c *intCodec) taken(*exporter) *jsontext.Object { return c.on(jsonschema.Type("integer")) }

func (c *intCodec) shown(*exporter, *record.SlotInfo) *jsontext.Object {
	return jsonschema.Type("integer")
}

func (c *numberCodec) taken(*exporter) *jsontext.Object { return c.on(jsonschema.Type("number")) }

func (c *numberCodec) shown(*exporter, *record.SlotInfo) *jsontext.Object {
	return jsonschema.Type("number")
}

func (c *moneyCodec) taken(x *exporter) *jsontext.Object {
	if c.quoted {
		return c.shown(x, nil)
	}
	return c.on(c.shown(x, nil))
}

func (c *moneyCodec) shown(*exporter, *record.SlotInfo) *jsontext.Object {
	switch {
	case c.quoted:
		return jsonschema.Type("string").PutText("pattern", decimal)
	case c.major:
		return jsonschema.Type("number")
	}
	return jsonschema.Type("integer")
}

func (c *currencyCodec) taken(x *exporter) *jsontext.Object {
	if c.match == nil {
		return x.currency("any")
	}
	return new(jsontext.Object).Put("allOf", slices.Concat([]byte("["), x.currency("any").Bytes(), []byte(","), new(jsontext.Object).PutText("pattern", c.match.String()).Bytes(), []byte("]")))
}

func (c *currencyCodec) shown(x *exporter, _ *record.SlotInfo) *jsontext.Object {
	if c.lower {
		return x.currency("lower")
	}
	return x.currency("upper")
}

// currency is the component that lists the codes that are known.
func (x *exporter) currency(letters string) *jsontext.Object {
	return x.schema("currency."+letters, func() *jsontext.Object {
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

func (c *enumCodec) taken(*exporter) *jsontext.Object {
	var words []*jsontext.Object
	for _, word := range c.order {
		if !c.refuse[word] && word != record.Null { // null is the field's to take
			words = append(words, jsonschema.Const([]byte(word)))
		}
	}
	if len(words) == 0 {
		return new(jsontext.Object).Put("not", []byte("{}"))
	}
	return jsonschema.Union(words...)
}

func (c *enumCodec) shown(_ *exporter, slot *record.SlotInfo) *jsontext.Object {
	var words []*jsontext.Object
	for _, word := range c.order {
		words = append(words, jsonschema.Const([]byte(word)))
	}
	if c.lower {
		if slot == nil || slot.Values == nil {
			return jsonschema.Type("string")
		}
		for _, word := range slot.Values {
			if _, known := c.out[record.Quote(word)]; !known {
				words = append(words, jsonschema.Const(jsontext.Quoted(strings.ToLower(word))))
			}
		}
	}
	return jsonschema.Union(words...)
}

func (c *timeCodec) taken(*exporter) *jsontext.Object {
	switch c.form {
	case "rfc3339":
		return jsonschema.Union(jsonschema.Type("string").PutText("format", "date-time"), jsonschema.Type("string").PutText("format", "date"))
	case "unix":
		return c.on(jsonschema.Type("integer").PutText("description", "seconds since 1970"))
	case "unix_ms":
		return c.on(jsonschema.Type("integer").PutText("description", "milliseconds since 1970"))
	}
	return c.on(jsonschema.Type("integer").PutText("description", "from now on, in units of "+unitName(c.unit)))
}

func (c *timeCodec) shown(*exporter, *record.SlotInfo) *jsontext.Object {
	switch c.form {
	case "unix":
		return jsonschema.Type("integer").PutText("description", "seconds since 1970")
	case "unix_ms":
		return jsonschema.Type("integer").PutText("description", "milliseconds since 1970")
	}
	return jsonschema.Type("string").PutText("format", "date-time")
}

// unitName writes a duration without the zeros behind it, as in 1h.
func unitName(d time.Duration) string {
	s := d.String()
	s = strings.TrimSuffix(s, "0s")
	if rest, ok := strings.CutSuffix(s, "h0m"); ok {
		return rest + "h"
	}
	return s
}

func (c *jsonCodec) taken(*exporter) *jsontext.Object {
	if c.only == "" {
		return new(jsontext.Object)
	}
	return jsonschema.Type(c.only)
}

func (c *jsonCodec) shown(x *exporter, _ *record.SlotInfo) *jsontext.Object { return c.taken(x) }

func (c *mapCodec) taken(*exporter) *jsontext.Object {
	o := jsonschema.Type("object")
	if c.items.Max >= 0 && len(c.remove) == 0 {
		o.PutInt("maxProperties", c.items.Max) // removed keys do not count
	}
	if c.keys.Min > 0 || c.keys.Max >= 0 {
		o.PutObject("propertyNames", c.keys.on(new(jsontext.Object)))
	}
	if c.text {
		value := c.values.on(jsonschema.Type("string"))
		for _, raw := range c.remove {
			value = jsonschema.Union(value, jsonschema.Const([]byte(raw)))
		}
		o.PutObject("additionalProperties", value)
	}
	return o
}

// on adds a range of characters.
func (s span) on(o *jsontext.Object) *jsontext.Object {
	if s.Min > 0 {
		o.PutInt("minLength", s.Min)
	}
	if s.Max >= 0 {
		o.PutInt("maxLength", s.Max)
	}
	return o
}

func (c *mapCodec) shown(*exporter, *record.SlotInfo) *jsontext.Object {
	o := jsonschema.Type("object")
	if c.text {
		o.PutObject("additionalProperties", jsonschema.Type("string"))
	}
	return o
}

func (c *listCodec) taken(x *exporter) *jsontext.Object {
	o := jsonschema.Type("array")
	if c.items.Min > 0 {
		o.PutInt("minItems", c.items.Min)
	}
	if c.items.Max >= 0 {
		o.PutInt("maxItems", c.items.Max)
	}
	if c.of != nil {
		return o.PutObject("items", x.taken(c.of))
	}
	return o.PutObject("items", c.takenItem(x))
}

// takenItem is the schema of one object.
func (c *listCodec) takenItem(x *exporter) *jsontext.Object {
	item, props := jsonschema.Type("object"), new(jsontext.Object)
	var required []string
	var either [][]byte
	for _, f := range c.each {
		if !f.In {
			continue
		}
		props.PutObject(f.Path, x.taken(f))
		switch {
		case f.need == needNever:
		case f.unless != nil:
			either = append(either, new(jsontext.Object).Put("anyOf", jsontext.Array(needs(f), needs(f.unless))).Bytes())
		default:
			required = append(required, f.Path)
		}
	}
	item.PutObject("properties", props).PutTexts("required", required)
	if len(either) > 0 {
		item.Put("allOf", jsontext.Array(either...))
	}
	if c.unknown == "refuse" {
		item.PutBool("additionalProperties", false)
	}
	return item
}

func needs(f *Field) []byte {
	return new(jsontext.Object).PutTexts("required", []string{f.Path}).Bytes()
}

func (c *listCodec) shown(x *exporter, _ *record.SlotInfo) *jsontext.Object {
	o := jsonschema.Type("array")
	if c.of != nil {
		return o.PutObject("items", c.of.codec.shown(x, nil))
	}
	return o.PutObject("items", c.shownItem(x))
}

func (c *listCodec) shownItem(x *exporter) *jsontext.Object {
	item := x.object()
	for _, f := range c.each {
		if f.Out {
			schema, always := x.shown(f, nil)
			item.member(f.Path, schema, always)
		}
	}
	return item.done()
}
