package dialect

import (
	"slices"

	"github.com/tidwall/gjson"

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
func (x *exporter) answer(op *Op) *jsontext.Object {
	res := op.Resource
	if res == nil || res.tree == nil {
		return new(jsontext.Object)
	}
	for _, f := range res.Fields {
		if slices.Contains(f.only, op.Name) {
			return x.Component(op.Name+".answer", func() *jsontext.Object { return x.nodes(res, op.encode).done() })
		}
	}
	return x.Component(res.Name, func() *jsontext.Object { return x.nodes(res, res.encode).done() })
}

// nodes is the schema of what a part of an encode plan writes.
func (x *exporter) nodes(res *Resource, list []encNode) *memberList {
	r := x.object()
	for _, n := range list {
		name := gjson.ParseBytes(n.key[:len(n.key)-1]).Str
		if n.field != nil {
			schema, always := x.shown(n.field, res)
			r.member(name, schema, always)
			continue
		}
		kids := x.nodes(res, n.kids)
		schema, always := kids.done(), len(kids.required) > 0
		if !always && n.group.absent != nil {
			other, _ := x.document(n.group.absent, &view{res: res})
			schema, always = covered(schema, other), true
		}
		r.member(name, schema, always)
	}
	return r
}

// shown is the schema of a field in an answer, and whether it is always there.
// res is nil for a member of a list's objects.
func (x *exporter) shown(f *Field, res *Resource) (schema *jsontext.Object, always bool) {
	if g := f.grow; g != nil && g.list != nil {
		schema = x.Component(g.list.Name+".page", func() *jsontext.Object {
			page, _ := x.document(g.list.answer, &view{op: g.list})
			return page
		})
		return schema, false // it is there where the request wants it
	}
	if f.source != nil {
		schema, optional := x.document(f.source, &view{res: res})
		return describe(f, schema, res), !optional
	}
	slot := slotOf(f, res)
	schema, always = x.shownBy(f.codec, slot), true
	if slot != nil && f.slot == record.SlotID && res.id != nil && res.id.UUID {
		schema.PutText("format", "uuid")
	}
	switch {
	case certain(f, res):
	case f.absent == nil:
		always = false
	default:
		other, _ := x.document(f.absent, &view{res: res})
		schema = covered(schema, other)
	}
	if g := f.grow; g != nil {
		schema = jsonschema.Union(schema, x.Component(g.res.Name, func() *jsontext.Object { return x.nodes(g.res, g.res.encode).done() }))
	}
	return describe(f, schema, res), always
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
func slotOf(f *Field, res *Resource) *record.SlotInfo {
	if res == nil || f.target != toSlot {
		return nil
	}
	return &res.Schema.Slots[f.slot]
}

// describe adds what people are told about a field.
func describe(f *Field, o *jsontext.Object, res *Resource) *jsontext.Object {
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
func slotDoc(f *Field, res *Resource) string {
	info := slotOf(f, res)
	if info == nil || f.slot == record.SlotID || info.Type == record.Money || info.Type == record.List {
		return ""
	}
	if codec.IsRecast(f.codec) {
		return ""
	}
	return info.Doc
}

// certain tells whether every record has a value for the field.
func certain(f *Field, res *Resource) bool {
	switch {
	case f.empty || len(f.clear) > 0:
		return false
	case f.dflt != nil && f.dflt.shown != nil, f.need != needNever && f.group == nil && f.unless == nil:
		return true
	case res == nil || f.target != toSlot:
		return false
	}
	switch f.slot {
	case record.SlotID, record.SlotCreated, record.SlotLive, record.SlotStatus, record.SlotUpdated:
		return true
	}
	for _, a := range res.start {
		if a.slot == f.slot && a.ext == "" {
			return a.make != nil || a.doc.Lit != nil || a.doc.Expr != nil
		}
	}
	return false
}

// body is the schema of what an operation reads, nil when it reads nothing,
// and whether there must be a body.
func (x *exporter) body(op *Op) (schema *jsontext.Object, required bool) {
	if !op.Writes() || op.Resource.tree == nil || op.Method == "DELETE" {
		return nil, false
	}
	schema, some, must := x.writable(op, op.Resource.tree)
	if !some {
		return nil, false
	}
	for i := len(op.unwrap) - 1; i >= 0; i-- {
		schema = jsonschema.Type("object").PutObject("properties", new(jsontext.Object).PutObject(op.unwrap[i], schema)).PutTexts("required", op.unwrap[i:i+1])
		must = true
	}
	if i := x.d.Idempotency; i != nil && i.Field != "" && op.keyed() {
		key := jsonschema.Type("string").PutText("description", againDoc).PutInt("maxLength", i.Longest)
		schema.PutObject("properties", jsontext.ObjectOf(gjson.ParseBytes(schema.Get("properties"))).PutObject(i.Field, key))
	}
	return x.Component(op.Name+".body", func() *jsontext.Object { return schema }), must
}

// writable is the schema of one object of a body. some tells whether the
// operation writes anything in it, must whether a create needs it.
func (x *exporter) writable(op *Op, t *tree) (o *jsontext.Object, some, must bool) {
	create, props := op.Does == Create, new(jsontext.Object)
	var required []string
	for _, name := range t.order {
		kid := t.kids[name]
		switch f := kid.field; {
		case f != nil && f.In && f.writable(create):
			some = true
			schema := describe(f, x.taken(f), op.Resource)
			if !create && f.group == nil {
				schema = schema.Without("default")
			}
			props.PutObject(name, schema)
			if f.unless != nil {
				continue
			}
			if create && f.need == needCreate || f.need == needAlways && (create || f.group != nil) {
				required = append(required, name)
			}
			must = must || create && (f.need == needCreate || f.need == needAlways && f.group == nil)
		case f != nil:
			x.unwritten(props, name, f.frozen)
		case !kid.group.write.writable(create):
			x.unwritten(props, name, kid.group.write.frozen)
		default:
			inner, any, need := x.writable(op, kid)
			if !any && x.d.unknown != "refuse" {
				continue
			}
			for _, raw := range kid.group.clear {
				inner = jsonschema.Union(inner, jsonschema.Const([]byte(raw)))
			}
			props.PutObject(name, inner)
			if some = some || any; need {
				required, must = append(required, name), true
			}
		}
	}
	if r := x.d.expand; r != nil && t.path == "" && op.Path != "" {
		props.PutObject(r.param, jsonschema.Type("array").PutText("description", "places to show in full").PutObject("items", jsonschema.Type("string")))
	}
	o = jsonschema.Type("object").PutObject("properties", props).PutTexts("required", required)
	if x.d.unknown == "refuse" {
		o.PutBool("additionalProperties", false)
	}
	return o, some, must
}

// unwritten lists a field that may be sent and is not written, where fields
// that are not listed are refused.
func (x *exporter) unwritten(props *jsontext.Object, name, frozen string) {
	switch {
	case x.d.unknown != "refuse" || frozen == "refuse":
	case frozen == "same":
		props.PutObject(name, new(jsontext.Object).PutText("description", "not written here: takes the value that is there"))
	default:
		props.PutObject(name, new(jsontext.Object).PutText("description", "not written here: ignored"))
	}
}

// taken is the schema of a field in a request.
func (x *exporter) taken(f *Field) *jsontext.Object {
	o := x.takenBy(f.codec)
	if o.Len() == 0 && !slices.Contains(f.clear, record.Null) {
		o.PutObject("not", jsonschema.Null()) // anything, and null is not a thing
	}
	for _, raw := range f.clear {
		if _, t := f.decode(jsontext.ValueOf(raw), &Env{}); raw == record.Null || t != nil {
			o = jsonschema.Union(o, jsonschema.Const([]byte(raw)))
		}
	}
	if f.dflt != nil && f.dflt.doc == nil {
		o = o.Clone().Put("default", []byte(f.dflt.wire.Raw))
	}
	return o
}
