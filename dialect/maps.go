package dialect

import (
	"unicode/utf8"

	"github.com/tidwall/gjson"

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

func (c *mapCodec) decode(v value, _ *Env) (string, *trouble) {
	text, _, t := c.entries(v)
	return text, t
}

// read places the faults of values at their keys.
func (c *mapCodec) read(in *Input, f *Field, v value, _ *Env) (string, bool) {
	text, p, t := c.entries(v)
	switch {
	case t == nil:
		return text, true
	case p != nil:
		in.fail(f, in.paths.member(in.path(f.Path), shorten(p.key, 100)), t, p.val)
	default:
		in.fail(f, in.path(f.Path), t, v)
	}
	return "", false
}

// entries reads an object; at is the member that is at fault, nil for the
// object itself.
func (c *mapCodec) entries(v value) (text string, at *pair, t *trouble) {
	if !v.isObject() {
		return "", nil, c.kind
	}
	list := members(v)
	if c.items.Max >= 0 && len(list) > 2*c.items.Max+16 {
		return "", nil, c.many
	}
	dst := append(make([]byte, 0, len(v.raw)), '{')
	for i := range list {
		p := &list[i]
		if n := utf8.RuneCountInString(p.key); n < c.keys.Min || c.keys.Max >= 0 && n > c.keys.Max {
			return "", nil, c.key
		}
		if !has(c.remove, p.val.raw) {
			if c.text && p.val.kind != gjson.String {
				return "", p, c.string_
			}
			if n := utf8.RuneCountInString(p.val.str()); c.text && (n < c.values.Min || c.values.Max >= 0 && n > c.values.Max) {
				return "", p, c.value
			}
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(record.AppendQuote(dst, p.key), ':')
		if p.val.kind == gjson.String {
			dst = append(dst, stringText(p.val)...)
		} else {
			dst = appendCompact(dst, p.val)
		}
	}
	return string(append(dst, '}')), nil, nil
}

// settle merges what was sent into what is there and checks the result.
func (c *mapCodec) settle(text, old string) (string, *trouble) {
	var list []pair
	if c.merge && old != "" && old != record.Null {
		list = members(valueOf(old))
	}
	index := make(map[string]int, len(list))
	for i, p := range list {
		index[p.key] = i
	}
	for _, p := range members(valueOf(text)) {
		i, there := index[p.key]
		switch {
		case has(c.remove, p.val.raw):
			if there {
				list[i].val = value{}
			}
		case there:
			list[i].val = p.val
		default:
			index[p.key] = len(list)
			list = append(list, p)
		}
	}
	dst, n := append(make([]byte, 0, len(old)+len(text)), '{'), 0
	for _, p := range list {
		if p.val.raw == "" {
			continue
		}
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(record.AppendQuote(dst, p.key), ':'), p.val.raw...)
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

func (c *mapCodec) fromText(s string) value { return textResult(s) }
