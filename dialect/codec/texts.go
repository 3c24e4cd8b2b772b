package codec

import (
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A Text carries text: as it is, within bounds.
type Text struct {
	As      string // string, word, url, uuid or email
	URL     *URL   // of a url
	Len     Span
	Squeeze bool // blanks collapse and line ends vanish
	Match   *regexp.Regexp
	OneOf   []string
	Among   string // the name of a list that they are, "" for none

	set    map[string]bool // of a long list
	lower  bool            // upper case means the same and is kept as lower case
	check  func(s string) *Violation
	kind   *Violation
	short  *Violation
	long   *Violation
	format *Violation
	values *Violation
}

// emailForm is as much of an address as is worth checking.
var emailForm = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)

// Ready returns the codec, made of the words that were given.
func (c *Text) Ready() *Text {
	c.kind = notString
	c.short = OfValue("short", "must be at least "+strconv.Itoa(c.Len.Min)+" characters long").At(strconv.Itoa(c.Len.Min))
	if c.Len.Min == 1 {
		c.short = OfValue("short", "must not be empty").At("1")
	}
	c.long = OfValue("long", "must be at most "+strconv.Itoa(c.Len.Max)+" characters long").At(strconv.Itoa(c.Len.Max))
	c.format = OfValue("format", "has the wrong format")
	if c.OneOf != nil {
		if c.values = OfValue("one_of", "must be one of the "+c.Among); c.Among != "" {
			c.set = make(map[string]bool, len(c.OneOf))
			for _, word := range c.OneOf {
				c.set[word] = true
			}
		} else {
			c.values = OfValue("one_of", "must be one of "+strings.Join(c.OneOf, ", ")).At(strings.Join(c.OneOf, ", "))
		}
	}
	switch c.As {
	case "url":
		c.kind, c.check = OfType("must be a URL"), c.URL.check
	case "uuid":
		c.kind, c.lower, c.check = OfType("must be a uuid"), true, uuidCheck(OfValue("format", "must be a uuid"))
	case "email":
		if c.format = OfValue("format", "must be an email address"); c.Match == nil {
			c.Match = emailForm
		}
	}
	return c
}

// Decode implements Codec.
func (c *Text) Decode(v jsontext.Value, _ time.Time) (string, *Violation) {
	if v.Kind != gjson.String {
		return "", c.kind
	}
	text, s := v.Raw, v.Str()
	if !v.Plain() {
		text = jsontext.CanonicalString(v)
	}
	if c.Squeeze {
		if joined := strings.Join(strings.Fields(s), " "); joined != s {
			s, text = joined, record.Quote(joined)
		}
	}
	if c.Len.Min > 0 || c.Len.Max >= 0 {
		// Bytes bound characters from above, so most texts need no count.
		n := len(s)
		if n < c.Len.Min || c.Len.Max >= 0 && n > c.Len.Max {
			n = utf8.RuneCountInString(s)
		} else if c.Len.Min > 1 && n < 4*c.Len.Min {
			n = utf8.RuneCountInString(s)
		}
		if n < c.Len.Min {
			return "", c.short
		}
		if c.Len.Max >= 0 && n > c.Len.Max {
			return "", c.long
		}
	}
	if c.check != nil {
		if t := c.check(s); t != nil {
			return "", t
		}
	}
	if c.Match != nil && !c.Match.MatchString(s) {
		return "", c.format
	}
	if len(c.OneOf) > 0 && !c.set[s] && (c.set != nil || !slices.Contains(c.OneOf, s)) {
		return "", c.values
	}
	if c.lower {
		text = strings.ToLower(text) // the same memory where there is nothing to change
	}
	return text, nil
}

// Encode implements Codec.
func (c *Text) Encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

// FromText implements Codec.
func (c *Text) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// uuidCheck refuses what is no UUID.
func uuidCheck(t *Violation) func(string) *Violation {
	return func(s string) *Violation {
		if ids.IsUUID(s) {
			return nil
		}
		return t
	}
}

// uuidForm is a UUID of any version, in letters of either case.
const uuidForm = `^[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}$`

// Taken implements Described.
func (c *Text) Taken(Components) *jsontext.Object {
	o := c.schema()
	if c.Len.Min > 0 {
		o.PutInt("minLength", c.Len.Min)
	}
	if c.Len.Max >= 0 && !c.Squeeze {
		o.PutInt("maxLength", c.Len.Max)
	}
	switch {
	case c.Squeeze: // what is left of it is checked
		if c.Len.Min > 0 {
			o.PutText("pattern", `\S`)
		}
	case c.As == "uuid" && c.Match == nil:
		o.PutText("pattern", uuidForm)
	case c.Match != nil:
		o.PutText("pattern", c.Match.String())
	case c.URL != nil:
		o.PutText("pattern", c.URL.pattern())
	}
	return o
}

// Shown implements Described.
func (c *Text) Shown(Components, *record.SlotInfo) *jsontext.Object { return c.schema() }

// schema is what both directions say.
func (c *Text) schema() *jsontext.Object {
	o := jsonschema.Type("string")
	switch c.As {
	case "url":
		o.PutText("format", "uri")
	case "uuid", "email":
		o.PutText("format", c.As)
	}
	if !c.Squeeze {
		o.PutTexts("enum", c.OneOf)
	}
	return o
}

// Sample implements Sampler.
func (c *Text) Sample() string {
	if len(c.OneOf) > 0 {
		return record.Quote(c.OneOf[0])
	}
	for _, s := range []string{"Example", "https://example.com/hook", "ada@example.com", "550e8400-e29b-41d4-a716-446655440099", "example-" + strings.Repeat("x", max(0, c.Len.Min))} {
		if _, broken := c.Decode(jsontext.TextValue(s), time.Time{}); broken == nil {
			return record.Quote(s)
		}
	}
	return ""
}

func (c *Text) plain() {}
