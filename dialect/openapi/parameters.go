package openapi

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// parameter is one parameter of an operation.
func parameter(in, name, description string, required bool, schema *jsontext.Object) *jsontext.Object {
	o := new(jsontext.Object).PutText("name", name).PutText("in", in)
	if description != "" {
		o.PutText("description", description)
	}
	if required {
		o.PutBool("required", true)
	}
	return o.PutObject("schema", schema)
}

// parameters lists those of an operation: path, query, headers.
func (x *exporter) parameters(op *dialect.Op, vars []string) (list []*jsontext.Object) {
	for i, name := range vars {
		p := parameter("path", name, variableDoc(op, i), true, jsonschema.Type("string"))
		if i < len(x.example.Vars) {
			p.PutText("example", x.example.Vars[i])
		}
		list = append(list, p)
	}
	if op.ByQuery != "" {
		p := parameter("query", op.ByQuery, "id of the "+op.Resource.Noun, true, jsonschema.Type("string"))
		if x.example.ID != "" {
			p.PutText("example", x.example.ID)
		}
		list = append(list, p)
	}
	list = append(list, ruledParameters("query", op.Query)...)
	if op.Does == dialect.List {
		for _, f := range op.Filters {
			list = append(list, x.filterParameters(f)...)
		}
		list = append(list, sortParameters(op.Sort)...)
		list = append(list, pageParameters(op.Page)...)
	}
	if r := x.d.Expand; r != nil && op.Resource != nil && !op.Writes() {
		list = append(list, parameter("query", r.Param+"[]", "places to show in full", false, jsonschema.Type("array").PutObject("items", jsonschema.Type("string"))))
	}
	list = append(list, ruledParameters("header", x.d.RequestHeaders)...)
	list = append(list, ruledParameters("header", op.RequestHeaders)...)
	if t := x.d.Auth.Tenant; t != nil && !op.Public {
		list = append(list, parameter("header", t.Header, "id of the connected account that the request acts for", false, jsonschema.Type("string")))
	}
	if i := x.d.Idempotency; i != nil && i.Header != "" && op.Keyed() {
		schema := jsonschema.Type("string")
		if i.Required && !op.Keyless {
			schema.PutInt("minLength", 1)
		}
		list = append(list, parameter("header", i.Header, againDoc, i.Required && !op.Keyless && i.Field == "", schema.PutInt("maxLength", i.Longest)))
	}
	return list
}

const againDoc = "a request that is sent again with the same key is answered as the first one was"

// variableDoc says which record the variable at a place of the path names.
func variableDoc(op *dialect.Op, i int) string {
	res := op.Resource
	switch {
	case res == nil:
		return ""
	case res.Parent != nil && i == 0:
		return "id of the " + res.Parent.Noun
	}
	return "id of the " + res.Noun
}

func ruledParameters(in string, rules []*access.HeaderRule) (list []*jsontext.Object) {
	for _, h := range rules {
		schema := jsonschema.Type("string").PutTexts("enum", h.OneOf)
		if h.Match != nil {
			schema.PutText("pattern", h.Match.String())
		}
		if h.Default != "" {
			schema.PutText("default", h.Default)
		}
		doc := ""
		if h.Equals != nil {
			doc = "must agree with the credential, the request or the record"
		}
		list = append(list, parameter(in, h.Name, doc, h.Missing != "", schema))
	}
	return list
}

// pageParameters ask for a page of a list.
func pageParameters(p *dialect.Page) (list []*jsontext.Object) {
	if p == nil {
		return nil
	}
	add := func(name, doc string, schema *jsontext.Object) {
		if name != "" {
			list = append(list, parameter("query", name, doc, false, schema))
		}
	}
	size := jsonschema.Type("integer").PutInt("minimum", p.Min)
	if p.Max > 0 {
		size.PutInt("maximum", p.Max)
	}
	add(p.SizeParam, "rows of a page", size.PutInt("default", p.Size))
	add(p.After, "rows behind this one", jsonschema.Type("string"))
	add(p.Before, "rows before this one; not together with "+p.After, jsonschema.Type("string"))
	add(p.Skip, "rows to leave out", jsonschema.Type("integer").PutInt("minimum", 0).PutInt("default", 0))
	add(p.Number, "number of the page", jsonschema.Type("integer").PutInt("minimum", 1).PutInt("default", 1))
	return list
}

// headerList is response headers by name; one that several rules send has any
// of their schemas.
type headerList struct {
	names   []string
	schemas map[string]*jsontext.Object
	docs    map[string]string
}

func (x *exporter) add(l *headerList, h access.Headers, doc string) {
	if l.schemas == nil {
		l.schemas, l.docs = map[string]*jsontext.Object{}, map[string]string{}
	}
	for _, one := range h {
		key := strings.ToLower(one.Name)
		schema := x.textSchema(one.Text)
		if old := l.schemas[key]; old != nil {
			schema = jsonschema.Union(old, schema)
		} else {
			l.names = append(l.names, one.Name)
			l.docs[key] = doc
		}
		l.schemas[key] = schema
	}
}

func (l *headerList) object() *jsontext.Object {
	o := new(jsontext.Object)
	for _, name := range l.names {
		key := strings.ToLower(name)
		o.PutObject(name, new(jsontext.Object).PutText("description", l.docs[key]).PutObject("schema", l.schemas[key]))
	}
	return o
}

// textSchema is the schema of a header's text.
func (x *exporter) textSchema(t *template.Text) *jsontext.Object {
	variable, constant, ok := t.Only()
	switch {
	case !ok:
		return jsonschema.Type("string")
	case variable == "":
		return jsonschema.Const(jsontext.Quoted(constant))
	}
	schema, _ := x.variable(variable, &view{})
	if kind := gjson.ParseBytes(schema.Get("type")).Str; kind != "string" && kind != "integer" {
		return jsonschema.Type("string")
	}
	return schema
}

// headers is what a success sends.
func (x *exporter) headers(op *dialect.Op) *jsontext.Object {
	l := new(headerList)
	x.common(l, !op.Public)
	x.add(l, op.Headers, "of this operation")
	if i := x.d.Idempotency; i != nil && !op.Public && slices.Contains(i.Methods, op.Method) {
		x.add(l, i.First, "of a request with an idempotency key")
		x.add(l, i.Replay, "of an answer that is given again")
	}
	return l.object()
}

func (x *exporter) common(l *headerList, limited bool) {
	x.add(l, x.d.Headers, "of every answer")
	if limited && len(x.d.Limits) > 0 {
		x.add(l, x.d.LimitHeaders, "the rate limit")
	}
}

// failureHeaders is what refusals of some classes send.
func (x *exporter) failureHeaders(classes []*dialect.Class) *jsontext.Object {
	l := new(headerList)
	x.common(l, true)
	for _, c := range classes {
		if c == x.d.Errors.Class(record.CodeRateLimited) {
			x.add(l, x.d.LimitRefused, "what to do about the rate limit")
		}
		x.add(l, c.Headers, "of "+c.Name)
	}
	i := x.d.Idempotency
	if i == nil {
		return l.object()
	}
	for _, c := range classes {
		if c == x.d.Errors.Class(record.CodeIdempotencyBusy) {
			x.add(l, i.Busy, "of "+c.Name)
		}
	}
	if i.Keeps[classes[0].Status/100] {
		x.add(l, i.First, "of a request with an idempotency key")
		x.add(l, i.Replay, "of an answer that is given again")
	} else {
		x.add(l, i.First, "of a request with an idempotency key")
	}
	return l.object()
}
