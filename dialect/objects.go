package dialect

import (
	"time"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// An ObjectCodec carries an object whose members are field lines of their own,
// where a group cannot stand: in a list's objects.
type ObjectCodec struct{ List *ListCodec }

func (c *ObjectCodec) read(in *Input, f *Field, v jsontext.Value, e *Env) (string, bool) {
	return c.at(place{in: in, line: f}, f, v, e)
}

// at decodes the object at a place.
func (c *ObjectCodec) at(p place, _ *Field, v jsontext.Value, e *Env) (string, bool) {
	text, ok := c.List.object(nil, p, v, e)
	return string(text), ok
}

// Decode implements codec.Codec.
func (c *ObjectCodec) Decode(v jsontext.Value, now time.Time) (string, *codec.Violation) {
	return c.decodeWith(v, at(now))
}

func (c *ObjectCodec) decodeWith(v jsontext.Value, e *Env) (string, *codec.Violation) {
	f := &Field{}
	if text, ok := c.at(place{in: &Input{paths: DottedPaths}, line: f}, f, v, e); ok {
		return text, nil
	}
	return "", notObject
}

// Encode implements codec.Codec.
func (c *ObjectCodec) Encode(dst []byte, text string, rec *record.Record) []byte {
	return c.encodeWithin(dst, text, rec, nil)
}

func (c *ObjectCodec) encodeWithin(dst []byte, text string, rec *record.Record, bounds *Bounds) []byte {
	return c.List.encodeItem(dst, jsontext.Members(jsontext.ValueOf(text)), &template.Env{It: rec, Bounds: bounds})
}

// FromText implements codec.Codec.
func (c *ObjectCodec) FromText(s string) jsontext.Value { return jsontext.TextValue(s) }

// Open tells that members can be read out of an object.
func (c *ObjectCodec) Open() {}
