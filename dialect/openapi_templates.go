package dialect

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/ast"
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// view is where a template stands: what its variables mean there.
type view struct {
	op      *Op // of an envelope
	res     *Resource
	classes []*Class // of an error body: those that it is for
}

// document is the schema of what a template writes; optional tells that it may
// be left out of the object around it, as it always is when there is no schema.
func (x *exporter) document(d *document, v *view) (schema *object, optional bool) {
	switch {
	case d.lit != nil:
		return literal(d.lit), false
	case d.text != nil:
		return typed("string"), false
	case d.expr != nil:
		return d.expr.schema(), d.omit
	case d.get != nil:
		schema, absent := x.variable(d.name, v)
		switch {
		case absent && d.omit:
			return schema, true
		case schema == nil:
			return nothing(), false
		case absent:
			schema = nullable(schema)
		}
		return schema, false
	case d.list:
		return x.listed(d, v), false
	}
	r := x.object()
	for i := range d.kids {
		kid, left := x.document(&d.kids[i], v)
		if kid == nil {
			continue // it is never there
		}
		r.member(gjson.ParseBytes(d.keys[i][:len(d.keys[i])-1]).Str, kid, !left)
	}
	return r.done(), false
}

func (x *exporter) listed(d *document, v *view) *object {
	var kids []*object
	for i := range d.kids {
		kid, _ := x.document(&d.kids[i], v)
		if kid == nil {
			kid = nothing()
		}
		kids = append(kids, kid)
	}
	o := typed("array")
	if len(kids) > 0 {
		o.obj("items", union(kids...))
	}
	return o.num("minItems", len(kids)).num("maxItems", len(kids))
}

// literal is the schema of a constant.
func literal(raw []byte) *object {
	switch string(raw) {
	case "[]":
		return typed("array").num("maxItems", 0)
	case "{}":
		return typed("object").num("maxProperties", 0)
	}
	return constant(raw)
}

// variable is the schema of a variable's value; absent tells that there may be
// none.
func (x *exporter) variable(name string, v *view) (schema *object, absent bool) {
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
		return typed("array").obj("items", x.answer(v.op)), false
	case name == "next", name == "next_url":
		return typed("string"), true
	case root == "header":
		return ruled(x.d.RequestHeaders, rest)
	case root == "query" && v.op != nil:
		return ruled(v.op.Query, rest)
	case variables[name] != nil:
		return slotSchema(&record.SlotInfo{Type: variableType(name)}), false
	}
	schemaOf := x.d.scope(v.resource()).roots[root]
	if schemaOf == nil {
		return new(object), true
	}
	slot, ok := schemaOf.Slot(rest)
	if !ok {
		return new(object), true
	}
	schema = slotSchema(&schemaOf.Slots[slot])
	switch slot {
	case record.SlotID, record.SlotCreated, record.SlotLive, record.SlotStatus:
		return schema, false
	}
	return nullable(schema), true
}

func (v *view) resource() *Resource {
	if v.op != nil {
		return v.op.Resource
	}
	return v.res
}

// ruled is the schema of a request header or query parameter as templates see
// it: its default stands in for what breaks the rules.
func ruled(rules []*HeaderRule, name string) (schema *object, absent bool) {
	for _, h := range rules {
		if strings.EqualFold(h.Name, name) {
			schema = typed("string").texts("enum", h.OneOf)
			if h.Default != "" && len(h.OneOf) > 0 && !has(h.OneOf, h.Default) {
				schema = union(schema, constant(quoted(h.Default)))
			}
			return schema, h.Default == ""
		}
	}
	return typed("string"), true
}

// slotSchema is the schema of a slot's canonical text.
func slotSchema(slot *record.SlotInfo) *object {
	switch slot.Type {
	case record.Text:
		return typed("string")
	case record.Bool:
		return typed("boolean")
	case record.Int, record.Money:
		return typed("integer")
	case record.Time:
		return typed("string").text("format", "date-time")
	case record.Enum:
		return typed("string").texts("enum", slot.Values)
	case record.Map:
		return typed("object")
	case record.List:
		return typed("array")
	}
	return new(object)
}

// schema is what an expression evaluates to, as far as its types tell.
func (x *expression) schema() *object {
	if words := constants(x.program.Node()); words != nil {
		return oneOf(words...)
	}
	t := x.program.Node().Type()
	switch t {
	case reflect.TypeFor[json.Number]():
		return typed("number")
	case reflect.TypeFor[time.Time]():
		return typed("string").text("format", "date-time")
	}
	switch t.Kind() {
	case reflect.String:
		return typed("string")
	case reflect.Bool:
		return typed("boolean")
	case reflect.Int, reflect.Int64, reflect.Int32:
		return typed("integer")
	case reflect.Float64, reflect.Float32:
		return typed("number")
	}
	return new(object)
}

// constants lists the values of an expression that chooses between some.
func constants(n ast.Node) [][]byte {
	switch n := n.(type) {
	case *ast.StringNode:
		return [][]byte{quoted(n.Value)}
	case *ast.IntegerNode:
		return [][]byte{strconv.AppendInt(nil, int64(n.Value), 10)}
	case *ast.BoolNode:
		return [][]byte{strconv.AppendBool(nil, n.Value)}
	case *ast.ConditionalNode:
		yes, no := constants(n.Exp1), constants(n.Exp2)
		if yes != nil && no != nil && string(yes[0]) != string(no[0]) {
			return append(yes, no...)
		}
	}
	return nil
}

// ofFailure is the schema of a variable of the error catalogue, over the
// classes that a body is for.
func (x *exporter) ofFailure(name string, v *view) (schema *object, absent, ok bool) {
	var list []*object
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
	return union(list...), absent, true
}

// ofClass is that of one class, in the order in which classVariable looks: nil
// when there is no value.
func (x *exporter) ofClass(name string, c *Class) (schema *object, absent, known bool) {
	one := &view{classes: []*Class{c}}
	builtin, sometimes := failureSchema(name, c)
	switch {
	case c.hide[name]:
		return nil, true, true
	case c.vars[name] != nil:
		schema, absent = x.document(c.vars[name], one)
		return schema, absent, true
	case builtin != nil && !sometimes:
		return builtin, false, true
	case x.d.errors.defaults[name] != nil:
		schema, absent = x.document(x.d.errors.defaults[name], one)
		if builtin != nil {
			schema = covered(builtin, schema)
		}
		return schema, absent, true
	case builtin != nil:
		return builtin, true, true
	}
	return nil, true, variables[name] == nil && !strings.Contains(name, ".")
}

// failureSchema is the schema of a variable that every failure has, nil when
// it is none; sometimes tells that it may be absent.
func failureSchema(name string, c *Class) (schema *object, sometimes bool) {
	switch name {
	case "status":
		return constant(strconv.AppendInt(nil, int64(c.Status), 10)), false
	case "reason":
		return constant(quoted(http.StatusText(c.Status))), false
	case "message", "why", "noun", "Noun", "state", "policy", "Policy":
		return typed("string"), false
	case "messages":
		return typed("array").obj("items", typed("string")), false
	case "details":
		return typed("object").obj("additionalProperties", typed("string")), false
	case "n", "limit":
		return typed("integer"), false
	case "field":
		return typed("string"), true
	case "value":
		return new(object), true
	}
	return nil, false
}
