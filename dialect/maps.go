package dialect

import (
	"slices"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A mapCodec carries an object of the client's own keys. Its canonical text is
// the object itself; merging is done when the record is changed, so that the
// limits hold for the result.
type mapCodec struct {
	merge   bool     // keys are merged into what is there
	remove  []string // wire texts of a value that remove the key
	items   span
	keys    span
	values  span // length of text values; Max -1 takes any JSON value
	text    bool // values must be texts
	bytes   int
	kind    *trouble
	many    *trouble
	key     *trouble
	value   *trouble
	string_ *trouble
	large   *trouble
}

func (c *mapCodec) decode(v jsontext.Value, _ *Env) (string, *trouble) {
	text, _, t := c.entries(v)
	return text, t
}

// read places the faults of values at their keys.
func (c *mapCodec) read(in *Input, f *Field, v jsontext.Value, _ *Env) (string, bool) {
	text, p, t := c.entries(v)
	switch {
	case t == nil:
		return text, true
	case p != nil:
		in.fail(f, in.paths.member(in.path(f.Path), jsontext.Shorten(p.Key, 100)), t, p.Val)
	default:
		in.fail(f, in.path(f.Path), t, v)
	}
	return "", false
}

// entries reads an object; at is the member that is at fault, nil for the
// object itself.
func (c *mapCodec) entries(v jsontext.Value) (text string, at *jsontext.Member, t *trouble) {
	if !v.IsObject() {
		return "", nil, c.kind
	}
	list := jsontext.Members(v)
	if c.items.Max >= 0 && len(list) > 2*c.items.Max+16 {
		return "", nil, c.many
	}
	dst := append(make([]byte, 0, len(v.Raw)), '{')
	for i := range list {
		p := &list[i]
		if n := utf8.RuneCountInString(p.Key); n < c.keys.Min || c.keys.Max >= 0 && n > c.keys.Max {
			return "", nil, c.key
		}
		if !slices.Contains(c.remove, p.Val.Raw) {
			if c.text && p.Val.Kind != gjson.String {
				return "", p, c.string_
			}
			if n := utf8.RuneCountInString(p.Val.Str()); c.text && (n < c.values.Min || c.values.Max >= 0 && n > c.values.Max) {
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

// settle merges what was sent into what is there and checks the result.
func (c *mapCodec) settle(text, old string) (string, *trouble) {
	var list []jsontext.Member
	if c.merge && old != "" && old != record.Null {
		list = jsontext.Members(jsontext.ValueOf(old))
	}
	index := make(map[string]int, len(list))
	for i, p := range list {
		index[p.Key] = i
	}
	for _, p := range jsontext.Members(jsontext.ValueOf(text)) {
		i, there := index[p.Key]
		switch {
		case slices.Contains(c.remove, p.Val.Raw):
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
	if c.items.Max >= 0 && n > c.items.Max {
		return "", c.many
	}
	if dst = append(dst, '}'); c.bytes > 0 && len(dst) > c.bytes {
		return "", c.large
	}
	return string(dst), nil
}

func (c *mapCodec) encode(dst []byte, text string, _ *record.Record) []byte {
	return append(dst, text...)
}

func (c *mapCodec) fromText(s string) jsontext.Value { return jsontext.TextValue(s) }
