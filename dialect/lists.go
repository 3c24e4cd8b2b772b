package dialect

import (
	"time"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A ListCodec carries an array: of scalars, or of objects whose members are
// field lines of their own. Its canonical text is an array with canonical
// names and values inside.
type ListCodec struct {
	Items    codec.Span
	Of       *Field   // of scalars
	Each     []*Field // of objects
	ByName   map[string]*Field
	Unknown  string
	few      *codec.Violation
	many     *codec.Violation
	Enriched bool   // members are generated or copied
	By       *Field // an update changes the objects that are there, told apart by this member
}

// Ready returns the codec, made of the words that were given.
func (c *ListCodec) Ready() *ListCodec {
	c.few = codec.OfValue("few", c.Items.Say("entry", "entries"))
	c.many = codec.OfValue("many", c.Items.Say("entry", "entries"))
	return c
}

// Refers tells whether items name records.
func (c *ListCodec) Refers() bool {
	for _, m := range c.Each {
		if m.Exists != "" {
			return true
		}
	}
	return c.Of != nil && c.Of.Exists != ""
}

// FromText implements codec.Codec.
func (c *ListCodec) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// read takes an array and reports every violation in it with its path.
func (c *ListCodec) read(in *Input, f *Field, v jsontext.Value, e *Env) (string, bool) {
	if !v.IsArray() {
		in.fail(f, in.path(f.Path), notArray, v)
		return "", false
	}
	dst := append(make([]byte, 0, len(v.Raw)), '[')
	n, ok := 0, true
	v.ForEach(func(_ string, item jsontext.Value) bool {
		if n++; c.Items.Max >= 0 && n > c.Items.Max {
			in.fail(f, in.path(f.Path), c.many, v)
			ok = false
			return false
		}
		if n > 1 {
			dst = append(dst, ',')
		}
		var good bool
		if c.Of != nil {
			dst, good = c.scalar(dst, itemPlace{in: in, list: f, n: n}, item, e)
		} else {
			dst, good = c.object(dst, itemPlace{in: in, list: f, n: n}, item, e)
		}
		ok = ok && good
		return ok || in.all
	})
	if ok && n < c.Items.Min {
		in.fail(f, in.path(f.Path), c.few, v)
		return "", false
	}
	return string(append(dst, ']')), ok
}

func (c *ListCodec) scalar(dst []byte, p itemPlace, item jsontext.Value, e *Env) ([]byte, bool) {
	text, ok := p.value(c.Of, p.path, item, e)
	if text == "" {
		text = record.Null
	}
	return append(dst, text...), ok
}

func (c *ListCodec) object(dst []byte, p itemPlace, item jsontext.Value, e *Env) ([]byte, bool) {
	if !item.IsObject() {
		p.fail(nil, p.path(), notObject, item)
		return append(dst, record.Null...), false
	}
	list := jsontext.Members(item)
	ok := true
	if c.Unknown == "refuse" {
		for _, m := range list {
			if f := c.ByName[m.Key]; f == nil || !f.In || !f.Writable(p.creates()) {
				p.fail(nil, p.in.paths.member(p.path(), m.Key), unknownField, m.Val)
				ok = false
			}
		}
	}
	dst = append(dst, '{')
	for _, f := range c.Each {
		if !f.In || !f.Writable(p.creates()) {
			continue
		}
		text, good := p.member(c, f, list, e)
		ok = ok && good
		if text == "" {
			continue
		}
		dst = append(jsontext.AppendKey(dst, f.ItemKey), text...)
	}
	return append(dst, '}'), ok
}

// FromForm implements codec.Former.
func (c *ListCodec) FromForm(v jsontext.Value) jsontext.Value {
	if v.IsObject() {
		return jsontext.Listed(v)
	}
	return v
}

// Nests tells that a form writes a list with brackets.
func (c *ListCodec) Nests() bool { return true }

// Decode implements codec.Codec.
func (c *ListCodec) Decode(v jsontext.Value, now time.Time) (string, *codec.Violation) {
	return c.decodeWith(v, at(now))
}

// decodeWith is for defaults and lists in lists: requests report with paths,
// through read.
func (c *ListCodec) decodeWith(v jsontext.Value, e *Env) (string, *codec.Violation) {
	in := &Input{paths: DottedPaths}
	text, ok := c.read(in, &Field{}, v, e)
	if !ok {
		return "", notArray
	}
	return text, nil
}

// Encode implements codec.Codec.
func (c *ListCodec) Encode(dst []byte, text string, rec *record.Record) []byte {
	return c.encodeWithin(dst, text, rec, nil)
}

func (c *ListCodec) encodeWithin(dst []byte, text string, rec *record.Record, bounds *Bounds) []byte {
	if c.Each == nil {
		return c.encodeScalars(dst, text, rec)
	}
	dst = append(dst, '[')
	n := 0
	e := &template.Env{It: rec, Bounds: bounds}
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = c.encodeItem(dst, jsontext.Members(item), e)
		return true
	})
	return append(dst, ']')
}

func (c *ListCodec) encodeItem(dst []byte, list []jsontext.Member, e *template.Env) []byte {
	dst = append(dst, '{')
	for _, f := range c.Each {
		switch {
		case !f.Out:
		case f.Source != nil:
			dst, _ = f.Source.Append(jsontext.AppendKey(dst, f.Key), e)
		default:
			text := ""
			if i := jsontext.FindMember(list, nil, f.Item); i >= 0 {
				text = list[i].Val.Raw
			}
			if text == "" && f.Certain(nil) && f.Default == nil { // another dialect's list
				dst = append(jsontext.AppendKey(dst, f.Key), f.Plainest()...)
				continue
			}
			dst = f.appendValue(dst, f.Key, text, e)
		}
	}
	return append(dst, '}')
}

func (c *ListCodec) encodeScalars(dst []byte, text string, rec *record.Record) []byte {
	if c.Of == nil || codec.IsPlain(c.Of.Codec) {
		return append(dst, text...)
	}
	dst = append(dst, '[')
	n := 0
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = c.Of.Codec.Encode(dst, item.Raw, rec)
		return true
	})
	return append(dst, ']')
}

// combine changes the objects that are there by those that were sent, which
// name them by one member; what was not sent stays.
func (c *ListCodec) combine(in *Input, f *Field, text, old string) (string, bool) {
	var list []map[string]string
	jsontext.ValueOf(old).ForEach(func(_ string, item jsontext.Value) bool {
		values := map[string]string{}
		for _, m := range jsontext.Members(item) {
			values[m.Key] = m.Val.Raw
		}
		list = append(list, values)
		return true
	})
	n, ok := 0, true
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		n++
		id := jsontext.Value{}
		sent := jsontext.Members(item)
		if i := jsontext.FindMember(sent, nil, c.By.Item); i >= 0 {
			id = sent[i].Val
		}
		for _, values := range list {
			if id.Raw != "" && values[c.By.Item] == id.Raw {
				for _, m := range sent {
					values[m.Key] = m.Val.Raw
				}
				return true
			}
		}
		at := itemPlace{in: in, list: f, n: n}
		at.fail(c.By, in.paths.member(at.path(), c.By.Path), danglingReference, id)
		ok = false
		return in.all
	})
	dst := []byte{'['}
	for i, values := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, '{')
		for _, m := range c.Each {
			if v := values[m.Item]; v != "" && m.Source == nil {
				dst = append(jsontext.AppendKey(dst, m.ItemKey), v...)
				delete(values, m.Item) // two members can share a place
			}
		}
		dst = append(dst, '}')
	}
	return string(append(dst, ']')), ok
}
