package openapi

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

// ranges are the bounds that a range is asked by.
var ranges = [][2]string{{"gt", "above"}, {"gte", "from"}, {"lt", "below"}, {"lte", "up to"}}

// tests say what a filter selects, before the field's name.
var tests = map[string]string{
	"equal": "only those with this ", "same": "only those with this, in any case, as ", "part": "only those with this in ", "start": "only those with this at the beginning of ",
	"has": "only those with this among ", "gt": "only those above this ", "gte": "only those from this on by ", "lt": "only those below this ", "lte": "only those up to this ",
}

// filterParameters are the query parameters of a filter.
func (x *exporter) filterParameters(f *dialect.Filter) []*jsontext.Object {
	if f.Field == nil {
		var names []string
		for _, field := range f.Over {
			names = append(names, field.Path)
		}
		return []*jsontext.Object{parameter("query", f.Param, "a text to search for in "+strings.Join(names, ", "), false, jsonschema.Type("string"))}
	}
	schema := x.takenBy(f.Field.Codec)
	switch c, isList := f.Field.Codec.(*dialect.ListCodec); {
	case f.Test == "key":
		keys := jsonschema.Type("object").PutObject("additionalProperties", jsonschema.Type("string"))
		return []*jsontext.Object{deep(f.Param, "only those with these values of "+f.Field.Path, keys)}
	case f.Test == "range":
		bounds := new(jsontext.Object)
		for _, r := range ranges {
			bounds.PutObject(r[0], schema)
		}
		object := jsonschema.Type("object").PutObject("properties", bounds)
		return []*jsontext.Object{deep(f.Param, "only those with this "+f.Field.Path+", or between bounds of it", jsonschema.Union(schema, object))}
	case f.Test == "has" && isList && c.Of != nil:
		schema = x.takenBy(c.Of.Codec)
	case f.Test == "part" || f.Test == "start" || f.Test == "same":
		schema = jsonschema.Type("string")
	}
	if len(f.Default) == 1 && f.Many == "" {
		schema = schema.Clone().PutText("description", f.Default[0]+" unless given")
	}
	p := parameter("query", f.Param, tests[f.Test]+f.Field.Path, false, schema)
	if f.Many != "" {
		p = parameter("query", f.Param, tests[f.Test]+f.Field.Path+", or with one of these", false, jsonschema.Type("array").PutObject("items", schema))
		p.PutText("style", "form").PutBool("explode", f.Many == "repeat")
	}
	return []*jsontext.Object{p}
}

// deep is a parameter that is an object, written with brackets.
func deep(name, doc string, schema *jsontext.Object) *jsontext.Object {
	return parameter("query", name, doc, false, schema).PutText("style", "deepObject").PutBool("explode", true)
}

// sortParameters are the query parameters of an order.
func sortParameters(s *dialect.Sort) (list []*jsontext.Object) {
	if s == nil {
		return nil
	}
	if s.By != "" {
		how := ", largest first with - before it"
		if s.Style == "colon" {
			how = ", with :asc or :desc behind it"
		}
		list = append(list, parameter("query", s.By, "fields to sort by, with commas between them"+how+": "+strings.Join(s.Names, ", "), false, jsonschema.Type("string")))
	}
	if s.Direction != "" {
		list = append(list, parameter("query", s.Direction, "direction of the order", false, jsonschema.Type("string").PutTexts("enum", []string{"asc", "desc"})))
	}
	return list
}
