package dialect

import (
	"strconv"
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

	Distinct   bool   // no two scalars are equal
	DistinctBy *Field // no two objects have this member equal
}

// Ready returns the codec, made of the words that were given.
func (c *ListCodec) Ready() *ListCodec {
	c.few = codec.OfValue("few", c.Items.Say("entry", "entries")).At(strconv.Itoa(c.Items.Min))
	c.many = codec.OfValue("many", c.Items.Say("entry", "entries")).At(strconv.Itoa(c.Items.Max))
	return c
}

// Refers tells whether items name records, at any depth.
func (c *ListCodec) Refers() bool {
	for _, m := range c.Each {
		if m.Exists != "" || Refers(m.Codec) {
			return true
		}
	}
	return c.Of != nil && (c.Of.Exists != "" || Refers(c.Of.Codec))
}

// Refers tells whether values of a codec have records named in them.
func Refers(c codec.Codec) bool {
	inner := Inside(c)
	return inner != nil && inner.Refers()
}

// Enriched tells whether values of a codec are completed when they are written.
func Enriched(c codec.Codec) bool {
	inner := Inside(c)
	return inner != nil && inner.Enriched
}

// Inside is the list of members that a list or an object is made of, or nil.
func Inside(c codec.Codec) *ListCodec {
	switch c := c.(type) {
	case *ListCodec:
		return c
	case *ObjectCodec:
		return c.List
	}
	return nil
}

// FromText implements codec.Codec.
func (c *ListCodec) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// read takes an array and reports every violation in it with its path.
func (c *ListCodec) read(in *Input, f *Field, v jsontext.Value, e *Env) (string, bool) {
	return c.at(place{in: in, line: f}, f, v, e)
}

// at takes the array at a place; f has the words for what is wrong with it.
func (c *ListCodec) at(p place, f *Field, v jsontext.Value, e *Env) (string, bool) {
	if !v.IsArray() {
		p.fail(f, p.path(), notArray, v)
		return "", false
	}
	dst := append(make([]byte, 0, len(v.Raw)), '[')
	n, ok := 0, true
	v.ForEach(func(_ string, item jsontext.Value) bool {
		if n++; c.Items.Max >= 0 && n > c.Items.Max {
			p.fail(f, p.path(), c.many, v)
			ok = false
			return false
		}
		if n > 1 {
			dst = append(dst, ',')
		}
		var good bool
		if c.Of != nil {
			dst, good = c.scalar(dst, p.item(n), item, e)
		} else {
			dst, good = c.object(dst, p.item(n), item, e)
		}
		ok = ok && good
		return ok || p.in.all
	})
	if ok && n < c.Items.Min {
		p.fail(f, p.path(), c.few, v)
		return "", false
	}
	return string(append(dst, ']')), ok && c.distinct(p, dst)
}

func (c *ListCodec) scalar(dst []byte, p place, item jsontext.Value, e *Env) ([]byte, bool) {
	text, ok := p.value(c.Of, "", item, e)
	if text == "" {
		text = record.Null
	}
	return append(dst, text...), ok
}

func (c *ListCodec) object(dst []byte, p place, item jsontext.Value, e *Env) ([]byte, bool) {
	if !item.IsObject() {
		p.fail(nil, p.path(), notObject, item)
		return append(dst, record.Null...), false
	}
	list := jsontext.Members(item)
	ok := true
	if c.Unknown == "refuse" {
		for _, m := range list {
			if f := c.ByName[m.Key]; f == nil || !f.In || !f.Writable(p.creates()) {
				p.fail(nil, p.member(m.Key).path(), unknownField, m.Val)
				ok = false
			}
		}
	}
	dst = append(dst, '{')
	for _, f := range c.Each {
		if !f.In || !f.Writable(p.creates()) {
			continue
		}
		text, good := p.read(c, f, list, e)
		ok = ok && good
		if text == "" {
			continue
		}
		dst = append(jsontext.AppendKey(dst, f.ItemKey), text...)
	}
	return append(dst, '}'), ok
}

// distinct looks for items that are equal, or that have an equal member, where
// the list takes none. list is the canonical text up to the bracket that closes it.
func (c *ListCodec) distinct(p place, list []byte) bool {
	if !c.Distinct && c.DistinctBy == nil {
		return true
	}
	seen, n, ok := map[string]bool{}, 0, true
	jsontext.ValueOf(string(list) + "]").ForEach(func(_ string, item jsontext.Value) bool {
		n++
		at, f := p.item(n), c.Of
		if c.DistinctBy != nil {
			f = c.DistinctBy
			i := jsontext.FindMember(jsontext.Members(item), nil, f.Item)
			if i < 0 {
				return true
			}
			item, at = jsontext.Members(item)[i].Val, at.member(f.Path)
		}
		if seen[item.Raw] {
			at.fail(f, at.path(), repeated, item)
			ok = false
		}
		seen[item.Raw] = true
		return ok || p.in.all
	})
	return ok
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
			if f.Currency != nil && text != "" && text != record.Null {
				dst = f.appendPriced(dst, text, list, e)
				continue
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
		at := place{in: in, line: f, n: n}
		at.fail(c.By, at.member(c.By.Path).path(), danglingReference, id)
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
