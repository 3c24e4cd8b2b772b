package dialect

import (
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// parameter is one parameter of an operation.
func parameter(in, name, description string, required bool, schema *object) *object {
	o := new(object).text("name", name).text("in", in)
	if description != "" {
		o.text("description", description)
	}
	if required {
		o.flag("required", true)
	}
	return o.obj("schema", schema)
}

// parameters lists those of an operation: path, query, headers.
func (x *exporter) parameters(op *Op, vars []string) (list []*object) {
	for i, name := range vars {
		list = append(list, parameter("path", name, op.about(i), true, typed("string")))
	}
	if op.ByQuery != "" {
		list = append(list, parameter("query", op.ByQuery, "id of the "+op.Resource.Noun, true, typed("string")))
	}
	list = append(list, ruledParameters("query", op.Query)...)
	if op.Does == List {
		for _, f := range op.Filters {
			list = append(list, parameter("query", f.Param, "only those with this "+f.Field.Path, false, f.Field.codec.taken(x)))
		}
		list = append(list, op.Page.parameters()...)
	}
	if r := x.d.expand; r != nil && op.Resource != nil && !op.writes() {
		list = append(list, parameter("query", r.param+"[]", "places to show in full", false, typed("array").obj("items", typed("string"))))
	}
	list = append(list, ruledParameters("header", x.d.RequestHeaders)...)
	list = append(list, ruledParameters("header", op.RequestHeaders)...)
	if i := x.d.Idempotency; i != nil && i.Header != "" && op.keyed() {
		schema := typed("string")
		if i.Required {
			schema.num("minLength", 1)
		}
		list = append(list, parameter("header", i.Header, againDoc, i.Required && i.Field == "", schema.num("maxLength", i.Longest)))
	}
	return list
}

const againDoc = "a request that is sent again with the same key is answered as the first one was"

// about says which record the variable at a place of the path names.
func (op *Op) about(i int) string {
	res := op.Resource
	switch {
	case res == nil:
		return ""
	case res.Parent != nil && i == 0:
		return "id of the " + res.Parent.Noun
	}
	return "id of the " + res.Noun
}

func ruledParameters(in string, rules []*HeaderRule) (list []*object) {
	for _, h := range rules {
		schema := typed("string").texts("enum", h.OneOf)
		if h.Match != nil {
			schema.text("pattern", h.Match.String())
		}
		if h.Default != "" {
			schema.text("default", h.Default)
		}
		doc := ""
		if h.Equals != nil {
			doc = "must agree with the credential, the request or the record"
		}
		list = append(list, parameter(in, h.Name, doc, h.Missing != "", schema))
	}
	return list
}

func (p *Page) parameters() (list []*object) {
	if p == nil {
		return nil
	}
	add := func(name, doc string, schema *object) {
		if name != "" {
			list = append(list, parameter("query", name, doc, false, schema))
		}
	}
	size := typed("integer").num("minimum", p.Min)
	if p.Max > 0 {
		size.num("maximum", p.Max)
	}
	add(p.SizeParam, "rows of a page", size.num("default", p.Size))
	add(p.After, "rows behind this one", typed("string"))
	add(p.Before, "rows before this one; not together with "+p.After, typed("string"))
	add(p.Skip, "rows to leave out", typed("integer").num("minimum", 0).num("default", 0))
	add(p.Number, "number of the page", typed("integer").num("minimum", 1).num("default", 1))
	return list
}

// headerList is response headers by name; one that several rules send has any
// of their schemas.
type headerList struct {
	names   []string
	schemas map[string]*object
	docs    map[string]string
}

func (x *exporter) add(l *headerList, h Headers, doc string) {
	if l.schemas == nil {
		l.schemas, l.docs = map[string]*object{}, map[string]string{}
	}
	for _, one := range h {
		key := strings.ToLower(one.name)
		schema := x.textSchema(one.text)
		if old := l.schemas[key]; old != nil {
			schema = union(old, schema)
		} else {
			l.names = append(l.names, one.name)
			l.docs[key] = doc
		}
		l.schemas[key] = schema
	}
}

func (l *headerList) object() *object {
	o := new(object)
	for _, name := range l.names {
		key := strings.ToLower(name)
		o.obj(name, new(object).text("description", l.docs[key]).obj("schema", l.schemas[key]))
	}
	return o
}

// textSchema is the schema of a header's text.
func (x *exporter) textSchema(t *text) *object {
	if len(t.parts) != 1 {
		return typed("string")
	}
	p := t.parts[0]
	if p.get == nil {
		return constant(quoted(p.lit))
	}
	schema, _ := x.variable(p.name, &view{})
	if kind := gjson.ParseBytes(schema.get("type")).Str; kind != "string" && kind != "integer" {
		return typed("string")
	}
	return schema
}

// headers is what a success sends.
func (x *exporter) headers(op *Op) *object {
	l := new(headerList)
	x.common(l, !op.Public)
	x.add(l, op.headers, "of this operation")
	if i := x.d.Idempotency; i != nil && !op.Public && has(i.Methods, op.Method) {
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
func (x *exporter) failureHeaders(classes []*Class) *object {
	l := new(headerList)
	x.common(l, true)
	for _, c := range classes {
		if c == x.d.errors.class(record.CodeRateLimited) {
			x.add(l, x.d.LimitRefused, "what to do about the rate limit")
		}
		x.add(l, c.headers, "of "+c.Name)
	}
	i := x.d.Idempotency
	if i == nil {
		return l.object()
	}
	for _, c := range classes {
		if c == x.d.errors.class(record.CodeIdempotencyBusy) {
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
