package dialect

import (
	"time"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// A TypedMap carries an object of the client's own keys whose values are all
// of one field line.
type TypedMap struct {
	Keys *codec.Map // what holds of keys, and how one is merged into another
	Of   *Field     // the line of each value
}

func (c *TypedMap) read(in *Input, f *Field, v jsontext.Value, e *Env) (string, bool) {
	return c.at(place{in: in, line: f}, f, v, e)
}

// at decodes the map at a place.
func (c *TypedMap) at(p place, f *Field, v jsontext.Value, e *Env) (string, bool) {
	if _, _, broken := c.Keys.DecodeKeys(v); broken != nil {
		p.fail(f, p.path(), broken, v)
		return "", false
	}
	dst, ok := []byte{'{'}, true
	for _, m := range jsontext.Members(v) {
		text := m.Val.Raw
		if !c.Keys.Removes(text) {
			var good bool
			text, good = p.value(c.Of, jsontext.Shorten(m.Key, 100), m.Val, e)
			ok = ok && good
		}
		if text == "" {
			text = record.Null
		}
		dst = append(jsontext.AppendKey(dst, append(record.AppendQuote(nil, m.Key), ':')), text...)
		if !ok && !p.in.all {
			break
		}
	}
	return string(append(dst, '}')), ok
}

// Decode implements codec.Codec.
func (c *TypedMap) Decode(v jsontext.Value, now time.Time) (string, *codec.Violation) {
	return c.decodeWith(v, at(now))
}

func (c *TypedMap) decodeWith(v jsontext.Value, e *Env) (string, *codec.Violation) {
	if text, ok := c.at(place{in: &Input{paths: DottedPaths}, line: &Field{}}, &Field{}, v, e); ok {
		return text, nil
	}
	return "", notObject
}

// Encode implements codec.Codec.
func (c *TypedMap) Encode(dst []byte, text string, rec *record.Record) []byte {
	dst = append(dst, '{')
	jsontext.ValueOf(text).ForEach(func(key string, v jsontext.Value) bool {
		dst = jsontext.AppendKey(dst, append(record.AppendQuote(nil, key), ':'))
		if v.Kind == gjson.Null {
			dst = append(dst, record.Null...)
			return true
		}
		dst = c.Of.Codec.Encode(dst, v.Raw, rec)
		return true
	})
	return append(dst, '}')
}

// FromText implements codec.Codec.
func (c *TypedMap) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// Merge implements codec.Merger.
func (c *TypedMap) Merge(text, old string) (string, *codec.Violation) { return c.Keys.Merge(text, old) }

// FromForm implements codec.Former.
func (c *TypedMap) FromForm(v jsontext.Value) jsontext.Value { return c.Keys.FromForm(v) }

// Nests tells that a form writes it with brackets.
func (c *TypedMap) Nests() bool { return true }

// Open tells that members can be read out of it.
func (c *TypedMap) Open() {}
