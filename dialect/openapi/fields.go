package openapi

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// memberList is the schema of an object that answers show, member by member.
type memberList struct {
	props    jsontext.Object
	required []string
	closed   bool
}

func (x *exporter) object() *memberList { return &memberList{closed: x.opts.Closed} }

func (r *memberList) member(name string, schema *jsontext.Object, always bool) {
	r.props.PutObject(name, schema)
	if always {
		r.required = append(r.required, name)
	}
}

func (r *memberList) done() *jsontext.Object {
	o := jsonschema.Type("object").PutObject("properties", &r.props).PutTexts("required", r.required)
	if r.closed {
		o.PutBool("additionalProperties", false)
	}
	return o
}

// answer is the component that an operation's answers show a record as. An
// operation that shows fields which others do not has one of its own.
func (x *exporter) answer(op *dialect.Op) *jsontext.Object {
	res := op.Resource
	if res == nil || res.Tree == nil {
		return new(jsontext.Object)
	}
	for _, f := range res.Fields {
		if slices.Contains(f.Only, op.Name) {
			return x.Component(op.Name+".answer", func() *jsontext.Object { return x.nodes(res, op.Outputs).done() })
		}
	}
	return x.Component(res.Name, func() *jsontext.Object { return x.nodes(res, res.Outputs).done() })
}

// nodes is the schema of what a part of an encode plan writes.
func (x *exporter) nodes(res *dialect.Resource, list []dialect.Output) *memberList {
	r := x.object()
	for _, n := range list {
		name := gjson.ParseBytes(n.Key[:len(n.Key)-1]).Str
		if n.Field != nil {
			schema, always := x.shown(n.Field, res)
			r.member(name, schema, always)
			continue
		}
		kids := x.nodes(res, n.Kids)
		schema, always := kids.done(), len(kids.required) > 0 && !n.Group.Whole
		if !always && n.Group.Absent != nil {
			other, optional := x.document(n.Group.Absent, &view{res: res})
			if other != nil {
				schema = covered(schema, other)
			}
			always = !optional
		}
		r.member(name, schema, always && n.Group.When == nil)
	}
	return r
}

// shown is the schema of a field in an answer, and whether it is always there.
// res is nil for a member of a list's objects.
func (x *exporter) shown(f *dialect.Field, res *dialect.Resource) (schema *jsontext.Object, always bool) {
	if g := f.Embed; g != nil && g.List != nil {
		schema = x.Component(g.List.Name+".page", func() *jsontext.Object {
			page, _ := x.document(g.List.Answer, &view{op: g.List})
			return page
		})
		return schema, false // it is there where the request wants it
	}
	hidden := f.Embed != nil && f.Embed.Hidden || f.When != nil
	if f.Source != nil {
		schema, optional := x.document(f.Source, &view{res: res})
		return describe(f, schema, res), !optional && !hidden
	}
	slot := slotOf(f, res)
	schema, always = x.shownBy(f.Codec, slot), true
	if slot != nil && f.Slot == record.SlotID && res.IDs != nil && res.IDs.UUID && res.IDs.Prefix == "" {
		schema.PutText("format", "uuid")
	}
	switch {
	case f.Certain(res):
	case f.Absent == nil:
		always = false
	default:
		other, optional := x.document(f.Absent, &view{res: res})
		if other != nil {
			schema = covered(schema, other)
		}
		always = !optional
	}
	if g := f.Embed; g != nil && g.Resource != nil {
		schema = jsonschema.Union(schema, x.Component(g.Resource.Name, func() *jsontext.Object { return x.nodes(g.Resource, g.Resource.Outputs).done() }))
	}
	return describe(f, schema, res), always && !hidden
}

// covered joins what a field shows with what it shows when it is empty; a
// value of the same type adds nothing.
func covered(o, other *jsontext.Object) *jsontext.Object {
	if kind := o.Get("type"); kind != nil && string(kind) == string(other.Get("type")) && jsonschema.Values(o) == nil && len(o.Get("properties")) == 0 {
		return o
	}
	return jsonschema.Union(o, other)
}

// slotOf is the slot that a field is kept in, nil when it is beyond the model.
func slotOf(f *dialect.Field, res *dialect.Resource) *record.SlotInfo {
	if res == nil || f.Target != dialect.ToSlot {
		return nil
	}
	return &res.Schema.Slots[f.Slot]
}

// describe adds what people are told about a field.
func describe(f *dialect.Field, o *jsontext.Object, res *dialect.Resource) *jsontext.Object {
	doc := f.Doc
	if doc == "" {
		doc = slotDoc(f, res)
	}
	if doc == "" {
		return o
	}
	o = o.Clone()
	if old := gjson.ParseBytes(o.Get("description")).Str; old != "" {
		doc += ", " + old
	}
	return o.PutText("description", doc)
}

// slotDoc is what the model says of the field's slot, where that holds for its
// wire form too: amounts, currencies and lists look otherwise there.
func slotDoc(f *dialect.Field, res *dialect.Resource) string {
	info := slotOf(f, res)
	if info == nil || f.Slot == record.SlotID || info.Type == record.Money || info.Type == record.List {
		return ""
	}
	if codec.IsRecast(f.Codec) {
		return ""
	}
	return info.Doc
}

// body is the schema of what an operation reads, nil when it reads nothing,
// and whether there must be a body.
func (x *exporter) body(op *dialect.Op) (schema *jsontext.Object, required bool) {
	if !op.Writes() || op.Resource.Tree == nil || op.Method == "DELETE" {
		return nil, false
	}
	x.updates = op.Does != dialect.Create
	schema, some, must := x.writable(op, op.Resource.Tree)
	x.updates = false
	if !some {
		return nil, false
	}
	for i := len(op.Unwrap) - 1; i >= 0; i-- {
		schema = jsonschema.Type("object").PutObject("properties", new(jsontext.Object).PutObject(op.Unwrap[i], schema)).PutTexts("required", op.Unwrap[i:i+1])
		must = true
	}
	if i := x.d.Idempotency; i != nil && i.Field != "" && op.Keyed() {
		key := jsonschema.Type("string").PutText("description", againDoc).PutInt("maxLength", i.Longest)
		schema.PutObject("properties", jsontext.ObjectOf(gjson.ParseBytes(schema.Get("properties"))).PutObject(i.Field, key))
	}
	return x.Component(op.Name+".body", func() *jsontext.Object { return schema }), must
}

// writable is the schema of one object of a body. some tells whether the
// operation writes anything in it, must whether a create needs it.
func (x *exporter) writable(op *dialect.Op, t *dialect.FieldTree) (o *jsontext.Object, some, must bool) {
	create, props := op.Does == dialect.Create, new(jsontext.Object)
	var required []string
	var rules [][]byte
	for _, name := range t.Order {
		kid := t.Kids[name]
		switch f := kid.Field; {
		case f != nil && op.Reads(f):
			some = true
			schema := describe(f, x.taken(f), op.Resource)
			if !create && f.Group == nil {
				schema = schema.Without("default")
			}
			props.PutObject(name, schema)
			if other := f.Without; other != nil && other.Group == f.Group && op.Reads(other) {
				rules = append(rules, notBoth(&dialect.Field{Path: name}, &dialect.Field{Path: last(other.Path)}))
			}
			if f.Unless != nil {
				continue
			}
			if create && f.Need == dialect.NeedCreate || f.Need == dialect.NeedAlways && (create || f.Group != nil) {
				required = append(required, name)
			}
			must = must || create && (f.Need == dialect.NeedCreate || f.Need == dialect.NeedAlways && f.Group == nil)
		case f != nil && f.Frozen == "same" && !create:
			props.PutObject(name, describe(f, new(jsontext.Object).PutText("description", "takes the value that is there"), op.Resource))
		case f != nil:
			x.unwritten(props, name, f.Frozen)
		case !kid.Group.Write.Writable(create):
			x.unwritten(props, name, kid.Group.Write.Frozen)
		default:
			inner, any, need := x.writable(op, kid)
			if !any && x.d.Unknown != "refuse" {
				continue
			}
			for _, raw := range kid.Group.Clear {
				inner = jsonschema.Union(inner, jsonschema.Const([]byte(raw)))
			}
			props.PutObject(name, inner)
			if some = some || any; need {
				required, must = append(required, name), true
			}
		}
	}
	if r := x.d.Expand; r != nil && t.Path == "" && op.Path != "" {
		props.PutObject(r.Param, jsonschema.Type("array").PutText("description", "places to show in full").PutObject("items", jsonschema.Type("string")))
	}
	o = jsonschema.Type("object").PutObject("properties", props).PutTexts("required", required)
	if len(rules) > 0 {
		o.Put("allOf", jsontext.Array(rules...))
	}
	if x.d.Unknown == "refuse" {
		o.PutBool("additionalProperties", false)
	}
	return o, some, must
}

// last is the name at the end of a dotted path.
func last(path string) string { return path[strings.LastIndexByte(path, '.')+1:] }

// unwritten lists a field that may be sent and is not written, where fields
// that are not listed are refused.
func (x *exporter) unwritten(props *jsontext.Object, name, frozen string) {
	switch {
	case x.d.Unknown != "refuse" || frozen == "refuse":
	case frozen == "same":
		props.PutObject(name, new(jsontext.Object).PutText("description", "not written here: takes the value that is there"))
	default:
		props.PutObject(name, new(jsontext.Object).PutText("description", "not written here: ignored"))
	}
}

// taken is the schema of a field in a request.
func (x *exporter) taken(f *dialect.Field) *jsontext.Object {
	o := x.takenBy(f.Codec)
	if o.Len() == 0 && !slices.Contains(f.Clear, record.Null) {
		o.PutObject("not", jsonschema.Null()) // anything, and null is not a thing
	}
	for _, raw := range f.Clear {
		if _, t := f.Decode(jsontext.ValueOf(raw), &dialect.Env{}); raw == record.Null || t != nil {
			o = jsonschema.Union(o, jsonschema.Const([]byte(raw)))
		}
	}
	if f.Default != nil && f.Default.Doc == nil {
		o = o.Clone().Put("default", []byte(f.Default.Wire.Raw))
	}
	return o
}
