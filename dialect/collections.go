package dialect

import (
	"time"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A listCodec carries an array: of scalars, or of objects whose members are
// field lines of their own. Its canonical text is an array with canonical
// names and values inside.
type listCodec struct {
	items    codec.Span
	of       *Field   // of scalars
	each     []*Field // of objects
	byName   map[string]*Field
	unknown  string
	few      *codec.Violation
	many     *codec.Violation
	enriched bool   // members are generated or copied
	by       *Field // an update changes the objects that are there, told apart by this member
}

// Ready returns the codec, made of the words that were given.
func (c *listCodec) Ready() *listCodec {
	c.few = codec.OfValue("few", c.items.Say("entry", "entries"))
	c.many = codec.OfValue("many", c.items.Say("entry", "entries"))
	return c
}

// refers tells whether items name records.
func (c *listCodec) refers() bool {
	for _, m := range c.each {
		if m.exists != "" {
			return true
		}
	}
	return c.of != nil && c.of.exists != ""
}

// FromText implements codec.Codec.
func (c *listCodec) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// read takes an array and reports every fault in it with its path.
func (c *listCodec) read(in *Input, f *Field, v jsontext.Value, e *Env) (string, bool) {
	if !v.IsArray() {
		in.fail(f, in.path(f.Path), notArray, v)
		return "", false
	}
	dst := append(make([]byte, 0, len(v.Raw)), '[')
	n, ok := 0, true
	v.ForEach(func(_ string, item jsontext.Value) bool {
		if n++; c.items.Max >= 0 && n > c.items.Max {
			in.fail(f, in.path(f.Path), c.many, v)
			ok = false
			return false
		}
		if n > 1 {
			dst = append(dst, ',')
		}
		var good bool
		if c.of != nil {
			dst, good = c.scalar(dst, place{in: in, list: f, n: n}, item, e)
		} else {
			dst, good = c.object(dst, place{in: in, list: f, n: n}, item, e)
		}
		ok = ok && good
		return ok || in.all
	})
	if ok && n < c.items.Min {
		in.fail(f, in.path(f.Path), c.few, v)
		return "", false
	}
	return string(append(dst, ']')), ok
}

func (c *listCodec) scalar(dst []byte, p place, item jsontext.Value, e *Env) ([]byte, bool) {
	text, ok := p.value(c.of, p.path, item, e)
	if text == "" {
		text = record.Null
	}
	return append(dst, text...), ok
}

func (c *listCodec) object(dst []byte, p place, item jsontext.Value, e *Env) ([]byte, bool) {
	if !item.IsObject() {
		p.fail(nil, p.path(), notObject, item)
		return append(dst, record.Null...), false
	}
	list := jsontext.Members(item)
	ok := true
	if c.unknown == "refuse" {
		for _, m := range list {
			if f := c.byName[m.Key]; f == nil || !f.In || !f.writable(p.creates()) {
				p.fail(nil, p.in.paths.member(p.path(), m.Key), unknownField, m.Val)
				ok = false
			}
		}
	}
	dst = append(dst, '{')
	for _, f := range c.each {
		if !f.In || !f.writable(p.creates()) {
			continue
		}
		text, good := p.member(c, f, list, e)
		ok = ok && good
		if text == "" {
			continue
		}
		dst = append(jsontext.AppendKey(dst, f.itemKey), text...)
	}
	return append(dst, '}'), ok
}

// FromForm implements codec.Former.
func (c *listCodec) FromForm(v jsontext.Value) jsontext.Value {
	if v.IsObject() {
		return jsontext.Listed(v)
	}
	return v
}

// Nests tells that a form writes a list with brackets.
func (c *listCodec) Nests() bool { return true }

// Decode implements codec.Codec.
func (c *listCodec) Decode(v jsontext.Value, now time.Time) (string, *codec.Violation) {
	return c.decodeWith(v, at(now))
}

// decodeWith is for defaults and lists in lists: requests report with paths,
// through read.
func (c *listCodec) decodeWith(v jsontext.Value, e *Env) (string, *codec.Violation) {
	in := &Input{paths: dottedPaths}
	text, ok := c.read(in, &Field{}, v, e)
	if !ok {
		return "", notArray
	}
	return text, nil
}

// Encode implements codec.Codec.
func (c *listCodec) Encode(dst []byte, text string, rec *record.Record) []byte {
	if c.each == nil {
		return c.encodeScalars(dst, text, rec)
	}
	dst = append(dst, '[')
	n := 0
	e := &template.Env{It: rec}
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = c.encodeItem(dst, jsontext.Members(item), e)
		return true
	})
	return append(dst, ']')
}

func (c *listCodec) encodeItem(dst []byte, list []jsontext.Member, e *template.Env) []byte {
	dst = append(dst, '{')
	for _, f := range c.each {
		switch {
		case !f.Out:
		case f.source != nil:
			dst, _ = f.source.Append(jsontext.AppendKey(dst, f.key), e)
		default:
			text := ""
			if i := jsontext.FindMember(list, nil, f.item); i >= 0 {
				text = list[i].Val.Raw
			}
			dst = f.appendValue(dst, f.key, text, e)
		}
	}
	return append(dst, '}')
}

func (c *listCodec) encodeScalars(dst []byte, text string, rec *record.Record) []byte {
	if c.of == nil || codec.IsPlain(c.of.codec) {
		return append(dst, text...)
	}
	dst = append(dst, '[')
	n := 0
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = c.of.codec.Encode(dst, item.Raw, rec)
		return true
	})
	return append(dst, ']')
}
