package openapi

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// takenBy is the schema of what a codec decodes.
func (x *exporter) takenBy(c codec.Codec) *jsontext.Object {
	switch c := c.(type) {
	case *dialect.ListCodec:
		return x.takenList(c)
	case *dialect.ObjectCodec:
		return x.takenItem(c.List)
	case *dialect.TypedMap:
		o := c.Keys.Taken(x)
		return o.PutObject("additionalProperties", x.taken(c.Of))
	case *dialect.MadeCodec:
		updates := x.updates
		x.updates = false
		schema, _, _ := x.writable(c.Op, c.Op.Resource.Tree)
		x.updates = updates
		return schema
	case codec.Described:
		return c.Taken(x)
	}
	return new(jsontext.Object)
}

// shownBy is the schema of what a codec encodes.
func (x *exporter) shownBy(c codec.Codec, slot *record.SlotInfo) *jsontext.Object {
	switch c := c.(type) {
	case *dialect.ListCodec:
		return x.shownList(c)
	case *dialect.ObjectCodec:
		return x.shownItem(c.List)
	case *dialect.TypedMap:
		return jsonschema.Type("object").PutObject("additionalProperties", x.shownBy(c.Of.Codec, nil))
	case *dialect.MadeCodec:
		return jsonschema.Type("string")
	case codec.Described:
		return c.Shown(x, slot)
	}
	return new(jsontext.Object)
}

// takenList is the schema of a list in a request.
func (x *exporter) takenList(c *dialect.ListCodec) *jsontext.Object {
	o := jsonschema.Type("array")
	if c.Items.Min > 0 {
		o.PutInt("minItems", c.Items.Min)
	}
	if c.Items.Max >= 0 {
		o.PutInt("maxItems", c.Items.Max)
	}
	if c.Of != nil {
		return o.PutObject("items", x.taken(c.Of))
	}
	return o.PutObject("items", x.takenItem(c))
}

// takenItem is the schema of one object of a list.
func (x *exporter) takenItem(c *dialect.ListCodec) *jsontext.Object {
	item, props := jsonschema.Type("object"), new(jsontext.Object)
	var required []string
	var either [][]byte
	for _, f := range c.Each {
		if !f.In || !f.Writable(!x.updates) {
			continue
		}
		props.PutObject(f.Path, x.taken(f))
		if f.Without != nil && f.Without.Writable(!x.updates) {
			either = append(either, notBoth(f, f.Without))
		}
		switch {
		case f.Need == dialect.NeedNever, f.Need == dialect.NeedCreate && x.updates, f.Variant != nil:
		case f.Unless != nil:
			either = append(either, new(jsontext.Object).Put("anyOf", jsontext.Array(needs(f), needs(f.Unless))).Bytes())
		default:
			required = append(required, f.Path)
		}
	}
	item.PutObject("properties", props).PutTexts("required", required)
	if len(either) > 0 {
		item.Put("allOf", jsontext.Array(either...))
	}
	if c.Unknown == "refuse" {
		item.PutBool("additionalProperties", false)
	}
	return item
}

// notBoth is the schema of objects that lack one of two members.
func notBoth(a, b *dialect.Field) []byte {
	both := new(jsontext.Object).PutTexts("required", []string{a.Path, b.Path})
	return new(jsontext.Object).PutObject("not", both).Bytes()
}

// needs is the schema of objects that have a member.
func needs(f *dialect.Field) []byte {
	return new(jsontext.Object).PutTexts("required", []string{f.Path}).Bytes()
}

// shownList is the schema of a list in an answer.
func (x *exporter) shownList(c *dialect.ListCodec) *jsontext.Object {
	o := jsonschema.Type("array")
	if c.Of != nil {
		return o.PutObject("items", x.shownBy(c.Of.Codec, nil))
	}
	return o.PutObject("items", x.shownItem(c))
}

// shownItem is that of one of its objects.
func (x *exporter) shownItem(c *dialect.ListCodec) *jsontext.Object {
	item := x.object()
	for _, f := range c.Each {
		if f.Out {
			schema, always := x.shown(f, nil)
			item.member(f.Path, schema, always)
		}
	}
	return item.done()
}
