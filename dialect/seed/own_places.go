package seed

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// own reads the value of a place of the dialect's own. What it can hold is what
// the field that shows it can write.
func (r *fixtureReader) own(s *planted, path string, n *yml.Node) {
	text := r.JSON(n)
	name := r.d.Name + "." + path
	if f := r.shows(s.rec.Schema, name); f != nil && !yml.IsNull(n) {
		if _, is := f.Codec.(*codec.Text); is && n.Kind == yml.Scalar {
			text = record.Quote(n.Value)
		}
		if what := lacks(f.Codec, gjson.Parse(text)); what != "" {
			r.Report(n, "ext.%s is shown by %s and cannot hold this; write %s", path, f.Path, what)
			return
		}
	}
	s.rec.SetExt(name, text)
}

// shows finds the field of a kind of record that keeps its value at a place.
func (r *fixtureReader) shows(schema *record.Schema, name string) *dialect.Field {
	for _, res := range r.d.Resources {
		for _, f := range res.Fields {
			if res.Schema == schema && f.Target == dialect.ToExt && f.Ext == name {
				return f
			}
		}
	}
	return nil
}

// lacks says what a codec can write instead of a value, "" where it can write
// that.
func lacks(c codec.Codec, v gjson.Result) string {
	ok, what := true, ""
	switch c := c.(type) {
	case *codec.Text:
		ok, what = v.Type == gjson.String, "a text"
	case *codec.Bool:
		ok, what = v.IsBool(), "true or false"
	case codec.Amount:
		_, ok = record.Integer(v.Raw)
		ok, what = ok && v.Type == gjson.Number, "a whole number of minor units"
	case *codec.Int:
		_, ok = record.Integer(v.Raw)
		ok, what = ok && v.Type == gjson.Number, "a whole number"
	case *codec.Map, *dialect.ObjectCodec:
		ok, what = v.IsObject(), "a mapping"
	case *dialect.ListCodec:
		ok, what = v.IsArray(), "a list"
		v.ForEach(func(_, item gjson.Result) bool {
			if c.Each != nil && !item.IsObject() {
				ok, what = false, "a list of mappings"
			} else if c.Of != nil && lacks(c.Of.Codec, item) != "" {
				ok, what = false, "a list, and for each item "+lacks(c.Of.Codec, item)
			}
			return ok
		})
	case *codec.JSON:
		if c.Only == "object" {
			ok, what = v.IsObject(), "a mapping"
		} else if c.Only == "array" {
			ok, what = v.IsArray(), "a list"
		}
	}
	if ok {
		return ""
	}
	return what
}
