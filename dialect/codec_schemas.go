package dialect

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"
	"unicode"

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

func (c *stringCodec) taken(*exporter) *object {
	o := c.plain()
	if c.len.Min > 0 {
		o.num("minLength", c.len.Min)
	}
	if c.len.Max >= 0 && !c.squeeze {
		o.num("maxLength", c.len.Max)
	}
	switch {
	case c.squeeze: // what is left of it is checked
		if c.len.Min > 0 {
			o.text("pattern", `\S`)
		}
	case c.as == "uuid" && c.match == nil:
		o.text("pattern", uuidForm)
	case c.match != nil:
		o.text("pattern", c.match.String())
	case c.url != nil:
		o.text("pattern", c.url.pattern())
	}
	return o
}

func (c *stringCodec) shown(*exporter, *record.SlotInfo) *object { return c.plain() }

func (c *stringCodec) plain() *object {
	o := typed("string")
	switch c.as {
	case "url":
		o.text("format", "uri")
	case "uuid", "email":
		o.text("format", c.as)
	}
	if !c.squeeze {
		o.texts("enum", c.oneOf)
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
	if near != nil && !has(u.schemes, "http") {
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

func (c *boolCodec) taken(*exporter) *object                   { return typed("boolean") }
func (c *boolCodec) shown(*exporter, *record.SlotInfo) *object { return typed("boolean") }

func (b *bounds) on(o *object) *object {
	for _, k := range []struct{ key, n string }{{"minimum", b.min}, {"exclusiveMinimum", b.above}, {"maximum", b.max}} {
		if k.n != "" {
			o.put(k.key, []byte(k.n))
		}
	}
	return o
}

func (c *intCodec) taken(*exporter) *object                   { return c.on(typed("integer")) }
func (c *intCodec) shown(*exporter, *record.SlotInfo) *object { return typed("integer") }

func (c *numberCodec) taken(*exporter) *object                   { return c.on(typed("number")) }
func (c *numberCodec) shown(*exporter, *record.SlotInfo) *object { return typed("number") }

func (c *moneyCodec) taken(x *exporter) *object {
	if c.quoted {
		return c.shown(x, nil)
	}
	return c.on(c.shown(x, nil))
}

func (c *moneyCodec) shown(*exporter, *record.SlotInfo) *object {
	switch {
	case c.quoted:
		return typed("string").text("pattern", decimal)
	case c.major:
		return typed("number")
	}
	return typed("integer")
}

func (c *currencyCodec) taken(x *exporter) *object {
	if c.match == nil {
		return x.currency("any")
	}
	return new(object).put("allOf", slices.Concat([]byte("["), x.currency("any").bytes(), []byte(","), new(object).text("pattern", c.match.String()).bytes(), []byte("]")))
}

func (c *currencyCodec) shown(x *exporter, _ *record.SlotInfo) *object {
	if c.lower {
		return x.currency("lower")
	}
	return x.currency("upper")
}

// currency is the component that lists the codes that are known.
func (x *exporter) currency(letters string) *object {
	return x.schema("currency."+letters, func() *object {
		var words [][]byte
		for code := range currencyText {
			if upper := code == strings.ToUpper(code); letters == "any" || upper == (letters == "upper") {
				words = append(words, quoted(code))
			}
		}
		sort.Slice(words, func(i, j int) bool { return string(words[i]) < string(words[j]) })
		return oneOf(words...)
	})
}

func (c *enumCodec) taken(*exporter) *object {
	var words []*object
	for _, word := range c.order {
		if !c.refuse[word] && word != record.Null { // null is the field's to take
			words = append(words, constant([]byte(word)))
		}
	}
	if len(words) == 0 {
		return new(object).put("not", []byte("{}"))
	}
	return union(words...)
}

func (c *enumCodec) shown(_ *exporter, slot *record.SlotInfo) *object {
	var words []*object
	for _, word := range c.order {
		words = append(words, constant([]byte(word)))
	}
	if c.lower {
		if slot == nil || slot.Values == nil {
			return typed("string")
		}
		for _, word := range slot.Values {
			if _, known := c.out[record.Quote(word)]; !known {
				words = append(words, constant(quoted(strings.ToLower(word))))
			}
		}
	}
	return union(words...)
}

func (c *timeCodec) taken(*exporter) *object {
	switch c.form {
	case "rfc3339":
		return union(typed("string").text("format", "date-time"), typed("string").text("format", "date"))
	case "unix":
		return c.on(typed("integer").text("description", "seconds since 1970"))
	case "unix_ms":
		return c.on(typed("integer").text("description", "milliseconds since 1970"))
	}
	return c.on(typed("integer").text("description", "from now on, in units of "+unitName(c.unit)))
}

func (c *timeCodec) shown(*exporter, *record.SlotInfo) *object {
	switch c.form {
	case "unix":
		return typed("integer").text("description", "seconds since 1970")
	case "unix_ms":
		return typed("integer").text("description", "milliseconds since 1970")
	}
	return typed("string").text("format", "date-time")
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

func (c *jsonCodec) taken(*exporter) *object {
	if c.only == "" {
		return new(object)
	}
	return typed(c.only)
}

func (c *jsonCodec) shown(x *exporter, _ *record.SlotInfo) *object { return c.taken(x) }

func (c *mapCodec) taken(*exporter) *object {
	o := typed("object")
	if c.items.Max >= 0 && len(c.remove) == 0 {
		o.num("maxProperties", c.items.Max) // removed keys do not count
	}
	if c.keys.Min > 0 || c.keys.Max >= 0 {
		o.obj("propertyNames", c.keys.on(new(object)))
	}
	if c.text {
		value := c.values.on(typed("string"))
		for _, raw := range c.remove {
			value = union(value, constant([]byte(raw)))
		}
		o.obj("additionalProperties", value)
	}
	return o
}

// on adds a range of characters.
func (s span) on(o *object) *object {
	if s.Min > 0 {
		o.num("minLength", s.Min)
	}
	if s.Max >= 0 {
		o.num("maxLength", s.Max)
	}
	return o
}

func (c *mapCodec) shown(*exporter, *record.SlotInfo) *object {
	o := typed("object")
	if c.text {
		o.obj("additionalProperties", typed("string"))
	}
	return o
}

func (c *listCodec) taken(x *exporter) *object {
	o := typed("array")
	if c.items.Min > 0 {
		o.num("minItems", c.items.Min)
	}
	if c.items.Max >= 0 {
		o.num("maxItems", c.items.Max)
	}
	if c.of != nil {
		return o.obj("items", x.taken(c.of))
	}
	return o.obj("items", c.takenItem(x))
}

// takenItem is the schema of one object.
func (c *listCodec) takenItem(x *exporter) *object {
	item, props := typed("object"), new(object)
	var required []string
	var either [][]byte
	for _, f := range c.each {
		if !f.In {
			continue
		}
		props.obj(f.Path, x.taken(f))
		switch {
		case f.need == needNever:
		case f.unless != nil:
			either = append(either, new(object).put("anyOf", array(needs(f), needs(f.unless))).bytes())
		default:
			required = append(required, f.Path)
		}
	}
	item.obj("properties", props).texts("required", required)
	if len(either) > 0 {
		item.put("allOf", array(either...))
	}
	if c.unknown == "refuse" {
		item.flag("additionalProperties", false)
	}
	return item
}

func needs(f *Field) []byte { return new(object).texts("required", []string{f.Path}).bytes() }

func (c *listCodec) shown(x *exporter, _ *record.SlotInfo) *object {
	o := typed("array")
	if c.of != nil {
		return o.obj("items", c.of.codec.shown(x, nil))
	}
	return o.obj("items", c.shownItem(x))
}

func (c *listCodec) shownItem(x *exporter) *object {
	item := x.object()
	for _, f := range c.each {
		if f.Out {
			schema, always := x.shown(f, nil)
			item.member(f.Path, schema, always)
		}
	}
	return item.done()
}
