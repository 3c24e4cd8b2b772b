package dialect

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Parse checks a body's syntax. An empty body is an empty object where the
// operation needs none.
func (op *Op) Parse(in *Input, body []byte, form bool) error {
	*in = Input{op: op, tokens: in.tokens[:0], vals: in.vals, set: in.set[:0], groups: in.groups[:0], reset: in.reset[:0], Problems: in.Problems[:0],
		paths: op.Owner.Paths, all: op.Owner.ReportAll, form: form}
	if len(body) == 0 {
		if op.needsBody() {
			return jsontext.Malformed("it is empty")
		}
		in.root, in.empty = jsontext.Value{Raw: "{}", Kind: gjson.JSON}, true
		return nil
	}
	root, tokens, err := jsontext.Scan(body, op.outermost(), in.tokens)
	in.tokens = tokens
	switch {
	case err != nil:
		return err
	case !root.IsObject():
		return &record.Error{Code: record.CodeNotObject, Msg: "it must be an object"}
	}
	in.root = root
	return nil
}

// needsBody tells whether an empty body is no body at all: an action that
// reads no fields has none.
func (op *Op) needsBody() bool {
	return !op.Bodiless && op.Writes() && op.Method != "DELETE" && (op.Only == nil || len(op.Only) > 0)
}

// outermost are the names of the body's own members, nil if they are no fields.
func (op *Op) outermost() *jsontext.Names {
	if op.Resource == nil || !op.Writes() || len(op.Unwrap) > 0 {
		return nil
	}
	return &op.Resource.Tree.names
}

// Decode reads the fields that Parse found, in one walk.
func (op *Op) Decode(in *Input, e *Env) {
	if op.Resource == nil || !op.Writes() {
		return
	}
	n := len(op.Resource.Fields)
	if cap(in.vals) < n {
		in.vals = make([]sent, n)
	}
	in.vals = in.vals[:n]
	clear(in.vals)
	in.nested, e.Made = nil, nil
	in.prefix, in.set, in.groups, in.reset = "", in.set[:0], in.groups[:0], in.reset[:0] // it may be another time
	root := in.root
	for _, name := range op.Unwrap {
		in.beside(root, name)
		root = jsontext.LastMember(root, name)
		if root.Raw == "" && in.empty && op.Bodiless {
			root = jsontext.ValueOf("{}") // as without a body
		}
		if in.prefix = in.placeOf(name); !root.IsObject() {
			in.fail(nil, in.prefix, notObject, root)
			return
		}
	}
	if len(op.Unwrap) == 0 {
		in.members(op.Resource.Tree, e)
	} else {
		in.walk(op.Resource.Tree, root, e)
	}
	in.together()
	in.required(op, e)
	in.sortProblems()
}

// beside refuses what stands beside an object that is unwrapped.
func (in *Input) beside(around jsontext.Value, name string) {
	if in.op.Owner.Unknown != "refuse" {
		return
	}
	around.ForEach(func(key string, v jsontext.Value) bool {
		if key != name && !(in.prefix == "" && in.op.Owner.isKey(key)) {
			in.unlisted(in.placeOf(key), v)
		}
		return len(in.Problems) < maxProblems
	})
}

// members visits the members of the body, which are known already.
func (in *Input) members(t *FieldTree, e *Env) {
	for i := range in.tokens {
		tok := &in.tokens[i]
		in.member(t, t.node(tok.At), tok.Key, tok.Val, e)
		if len(in.Problems) >= maxProblems {
			return
		}
	}
}

// walk visits the members of an object inside the body.
func (in *Input) walk(t *FieldTree, v jsontext.Value, e *Env) {
	next := 0
	jsontext.EachMember(v.Raw, func(key string, val jsontext.Value) bool {
		var kid *FieldTree
		kid, next = t.named(key, next)
		in.member(t, kid, key, val, e)
		return len(in.Problems) < maxProblems
	})
}

func (in *Input) member(t, kid *FieldTree, key string, v jsontext.Value, e *Env) {
	switch {
	case kid == nil && t.Path == "" && in.expands(key, v, e):
	case kid == nil:
		in.unknown(t, key, v)
	case kid.Field != nil:
		in.field(kid.Field, v, e)
	default:
		in.group(kid, v, e)
	}
}

func (in *Input) unknown(t *FieldTree, key string, v jsontext.Value) {
	if in.op.Owner.Unknown != "refuse" || t.Path == "" && in.prefix == "" && in.op.Owner.isKey(key) {
		return
	}
	path := in.placeOf(key)
	if t.Path != "" {
		path = in.paths.member(in.path(t.Path), key)
	}
	in.unlisted(path, v)
}

// unlisted notes a member that the operation does not have; a repeated one
// counts by its last value.
func (in *Input) unlisted(path string, v jsontext.Value) {
	for i := range in.Problems {
		if p := &in.Problems[i]; p.Field == nil && p.Path == path {
			p.Value = jsontext.Clip(v.Raw)
			return
		}
	}
	in.fail(nil, path, unknownField, v)
}

// field decodes one value. A key that is repeated counts by its last value.
func (in *Input) field(f *Field, v jsontext.Value, e *Env) {
	if !in.op.reads(f) {
		in.unwritable(f, v)
		return
	}
	slot := &in.vals[f.Index]
	if slot.state == broken {
		in.forget(f)
	}
	if slot.state == unsent {
		in.set = append(in.set, f)
	}
	if in.form {
		v = in.typed(f, v)
	}
	if len(f.Clear) > 0 && f.clears(v) {
		*slot = sent{state: cleared}
		return
	}
	*slot = sent{state: broken}
	if v.Kind == gjson.Null {
		in.fail(f, in.path(f.Path), f.nullViolation(), v)
		return
	}
	if f.Placed != nil {
		text, ok := f.Placed.read(in, f, v, e)
		if slot.text = text; ok {
			slot.state = given
		}
		return
	}
	text, t := f.Codec.Decode(v, e.Now)
	if t != nil {
		in.fail(f, in.path(f.Path), t, v)
		return
	}
	*slot = sent{text, given}
}

// unwritable deals with a field that this operation does not write. Whether
// the value is the one that is there can only be told once the record is
// read, so `same` is looked at in Merge.
func (in *Input) unwritable(f *Field, v jsontext.Value) {
	switch f.Frozen {
	case "refuse":
		in.forget(f)
		if in.op.Does == Create {
			in.unlisted(in.path(f.Path), v) // there is nothing yet that could not be changed
			return
		}
		in.fail(f, in.path(f.Path), frozenField, v)
	case "same":
		if in.op.Does == Create {
			return
		}
		if in.vals[f.Index].state == unsent {
			in.set = append(in.set, f)
		}
		in.vals[f.Index] = sent{in.typed(f, v).Raw, echoed}
	}
}

// together looks for fields that do not go together.
func (in *Input) together() {
	for _, f := range in.op.Resource.Exclusive {
		if in.says(f) && in.says(f.Without) {
			in.fail(f, in.path(f.Path), f.excluded(), jsontext.Value{})
		}
	}
}

// says tells whether the request gives a field a value; one that is cleared has none.
func (in *Input) says(f *Field) bool {
	s := in.vals[f.Index].state
	return s != unsent && s != cleared
}

// required looks for fields that a create must have.
func (in *Input) required(op *Op, e *Env) {
	if op.Does != Create {
		return
	}
	for _, f := range op.Resource.Required {
		if in.vals[f.Index].state == unsent && op.reads(f) && (f.Unless == nil || !in.says(f.Unless)) {
			in.fail(f, in.path(f.Path), missingField, jsontext.Value{})
		}
	}
}
