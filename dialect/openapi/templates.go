package openapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// view is where a template stands: what its variables mean there.
type view struct {
	op      *dialect.Op // of an envelope
	res     *dialect.Resource
	classes []*dialect.Class // of an error body: those that it is for
}

// document is the schema of what a template writes; optional tells that it may
// be left out of the object around it, as it always is when there is no schema.
func (x *exporter) document(d *template.Document, v *view) (schema *jsontext.Object, optional bool) {
	switch {
	case d.Lit != nil:
		return literal(d.Lit), false
	case d.Text != nil:
		return jsonschema.Type("string"), false
	case d.Expr != nil:
		return d.Expr.Schema(), d.Omit
	case d.Value != nil:
		schema, absent := x.variable(d.Name, v)
		switch {
		case absent && d.Omit:
			return schema, true
		case schema == nil:
			return jsonschema.Null(), false
		case absent:
			schema = jsonschema.Nullable(schema)
		}
		return schema, false
	case d.List:
		return x.listed(d, v), false
	}
	r := x.object()
	for i := range d.Kids {
		kid, left := x.document(&d.Kids[i], v)
		if kid == nil {
			continue // it is never there
		}
		r.member(d.Key(i), kid, !left)
	}
	return r.done(), false
}

func (x *exporter) listed(d *template.Document, v *view) *jsontext.Object {
	var kids []*jsontext.Object
	for i := range d.Kids {
		kid, _ := x.document(&d.Kids[i], v)
		if kid == nil {
			kid = jsonschema.Null()
		}
		kids = append(kids, kid)
	}
	o := jsonschema.Type("array")
	if len(kids) > 0 {
		o.PutObject("items", jsonschema.Union(kids...))
	}
	return o.PutInt("minItems", len(kids)).PutInt("maxItems", len(kids))
}

// literal is the schema of a constant.
func literal(raw []byte) *jsontext.Object {
	switch string(raw) {
	case "[]":
		return jsonschema.Type("array").PutObject("items", new(jsontext.Object)).PutInt("maxItems", 0)
	case "{}":
		return jsonschema.Type("object").PutInt("maxProperties", 0)
	}
	return jsonschema.Const(raw)
}

// variable is the schema of a variable's value; absent tells that there may be
// none.
func (x *exporter) variable(name string, v *view) (schema *jsontext.Object, absent bool) {
	if v.classes != nil {
		if schema, absent, ok := x.ofFailure(name, v); ok {
			return schema, absent
		}
	}
	root, rest, _ := strings.Cut(name, ".")
	switch {
	case name == "item" && v.op != nil:
		return x.answer(v.op), v.op.Resource == nil
	case name == "items" && v.op != nil:
		return jsonschema.Type("array").PutObject("items", x.answer(v.op)), false
	case name == "next", name == "next_url", name == "previous", name == "prev_url":
		return jsonschema.Type("string"), true
	case root == "header":
		return ruled(x.d.RequestHeaders, rest)
	case root == "query" && v.op != nil:
		return ruled(v.op.Query, rest)
	}
	if kind, ok := template.VariableType(name); ok {
		return slotSchema(&record.SlotInfo{Type: kind}), false
	}
	schemaOf := dialect.Roots(v.resource())[root]
	if schemaOf == nil {
		return new(jsontext.Object), true
	}
	slot, ok := schemaOf.Slot(rest)
	if !ok {
		return new(jsontext.Object), true
	}
	schema = slotSchema(&schemaOf.Slots[slot])
	switch slot {
	case record.SlotID, record.SlotCreated, record.SlotLive, record.SlotStatus:
		return schema, false
	}
	return jsonschema.Nullable(schema), true
}

func (v *view) resource() *dialect.Resource {
	if v.op != nil {
		return v.op.Resource
	}
	return v.res
}

// ruled is the schema of a request header or query parameter as templates see
// it: its default stands in for what breaks the rules.
func ruled(rules []*access.HeaderRule, name string) (schema *jsontext.Object, absent bool) {
	for _, h := range rules {
		if strings.EqualFold(h.Name, name) {
			schema = jsonschema.Type("string").PutTexts("enum", h.OneOf)
			if h.Default != "" && len(h.OneOf) > 0 && !slices.Contains(h.OneOf, h.Default) {
				schema = jsonschema.Union(schema, jsonschema.Const(jsontext.Quoted(h.Default)))
			}
			return schema, h.Default == ""
		}
	}
	return jsonschema.Type("string"), true
}

// slotSchema is the schema of a slot's canonical text.
func slotSchema(slot *record.SlotInfo) *jsontext.Object {
	switch slot.Type {
	case record.Text:
		return jsonschema.Type("string")
	case record.Bool:
		return jsonschema.Type("boolean")
	case record.Int, record.Money:
		return jsonschema.Type("integer")
	case record.Time:
		return jsonschema.Type("string").PutText("format", "date-time")
	case record.Enum:
		return jsonschema.Type("string").PutTexts("enum", slot.Values)
	case record.Map:
		return jsonschema.Type("object").PutBool("additionalProperties", true)
	case record.List:
		return jsonschema.Type("array").PutObject("items", new(jsontext.Object))
	}
	return new(jsontext.Object)
}

// ofFailure is the schema of a variable of the error catalogue, over the
// classes that a body is for.
func (x *exporter) ofFailure(name string, v *view) (schema *jsontext.Object, absent, ok bool) {
	var list []*jsontext.Object
	for _, c := range v.classes {
		o, none, known := x.ofClass(name, c)
		if o != nil {
			list = append(list, o)
		}
		absent, ok = absent || none, ok || known
	}
	if !ok || list == nil {
		return nil, absent, ok
	}
	return jsonschema.Union(list...), absent, true
}

// ofClass is that of one class, in the order in which classVariable looks: nil
// when there is no value.
func (x *exporter) ofClass(name string, c *dialect.Class) (schema *jsontext.Object, absent, known bool) {
	one := &view{classes: []*dialect.Class{c}}
	builtin, sometimes := failureSchema(name, c)
	switch {
	case c.Hide[name]:
		return nil, true, true
	case c.Vars[name] != nil:
		schema, absent = x.document(c.Vars[name], one)
		return schema, absent, true
	case builtin != nil && !sometimes:
		return builtin, false, true
	case x.d.Errors.Defaults[name] != nil:
		schema, absent = x.document(x.d.Errors.Defaults[name], one)
		if builtin != nil {
			schema = covered(builtin, schema)
		}
		return schema, absent, true
	case builtin != nil:
		return builtin, true, true
	}
	_, other := template.VariableType(name)
	return nil, true, !other && !strings.Contains(name, ".")
}

// failureSchema is the schema of a variable that every failure has, nil when
// it is none; sometimes tells that it may be absent.
func failureSchema(name string, c *dialect.Class) (schema *jsontext.Object, sometimes bool) {
	switch name {
	case "status":
		return jsonschema.Const(strconv.AppendInt(nil, int64(c.Status), 10)), false
	case "reason":
		return jsonschema.Const(jsontext.Quoted(http.StatusText(c.Status))), false
	case "message", "why", "noun", "Noun", "state", "policy", "Policy":
		return jsonschema.Type("string"), false
	case "messages":
		return jsonschema.Type("array").PutObject("items", jsonschema.Type("string")), false
	case "details":
		return jsonschema.Type("object").PutObject("additionalProperties", jsonschema.Type("string")), false
	case "n", "limit":
		return jsonschema.Type("integer"), false
	case "field":
		return jsonschema.Type("string"), true
	case "value":
		return new(jsontext.Object), true
	}
	return nil, false
}
