package dialect

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// Input is a decoded request body: the canonical text of every field that was
// sent, and the faults found on the way. It is reused between requests.
type Input struct {
	Problems []Problem

	op     *Op
	root   value   // the body
	tokens []token // its members
	vals   []sent
	set    []*Field // fields that were sent, in wire order
	groups []*group // groups that were sent
	reset  []*group // groups that were replaced or cleared
	paths  *pathStyle
	all    bool
	form   bool
	prefix string   // place of the object that is read, "" for the body
	nested []nested // records that objects in it are made into
}

type sent struct {
	text  string // canonical, pending for money and maps; of a faulty list what is good in it
	state sentState
}

type sentState uint8

const (
	unsent sentState = iota
	given
	cleared
	faulty
	echoed // of a protected field: must be what is there
)

// Parse checks a body's syntax. An empty body is an empty object where the
// operation needs none.
func (op *Op) Parse(in *Input, body []byte, form bool) error {
	*in = Input{op: op, tokens: in.tokens[:0], vals: in.vals, set: in.set[:0], groups: in.groups[:0], reset: in.reset[:0], Problems: in.Problems[:0],
		paths: op.dialect.paths, all: op.dialect.reportAll, form: form}
	if len(body) == 0 {
		if op.needsBody() {
			return malformed("it is empty")
		}
		in.root = value{raw: "{}", kind: gjson.JSON}
		return nil
	}
	p := scanner{b: body, s: shared(body), fields: op.outermost(), tokens: in.tokens}
	object, ok := p.scan()
	in.tokens = p.tokens
	switch {
	case !ok:
		return p.fault()
	case !object:
		return &record.Error{Code: record.CodeNotObject, Msg: "it must be an object"}
	}
	in.root = valueOf(p.s)
	return nil
}

// needsBody tells whether an empty body is no body at all: an action that
// reads no fields has none.
func (op *Op) needsBody() bool {
	return !op.bodiless && op.writes() && op.Method != "DELETE" && (op.only == nil || len(op.only) > 0)
}

// outermost is the tree of the body's own members, nil if they are no fields.
func (op *Op) outermost() *tree {
	if op.Resource == nil || !op.writes() || len(op.unwrap) > 0 {
		return nil
	}
	return op.Resource.tree
}

// Decode reads the fields that Parse found, in one walk.
func (op *Op) Decode(in *Input, e *Env) {
	if op.Resource == nil || !op.writes() {
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
	for _, name := range op.unwrap {
		in.beside(root, name)
		root = lastMember(root, name)
		if in.prefix = in.root_(name); !root.isObject() {
			in.fail(nil, in.prefix, typeTrouble("must be an object"), root)
			return
		}
	}
	if len(op.unwrap) == 0 {
		in.members(op.Resource.tree, e)
	} else {
		in.walk(op.Resource.tree, root, e)
	}
	in.together()
	in.required(op, e)
	in.sortProblems()
}

// beside refuses what stands beside an object that is unwrapped.
func (in *Input) beside(around value, name string) {
	if in.op.dialect.unknown != "refuse" {
		return
	}
	around.forEach(func(key string, v value) bool {
		if key != name && !(in.prefix == "" && in.op.dialect.isKey(key)) {
			in.unlisted(in.root_(key), v)
		}
		return len(in.Problems) < maxProblems
	})
}

// members visits the members of the body, which are known already.
func (in *Input) members(t *tree, e *Env) {
	for i := range in.tokens {
		tok := &in.tokens[i]
		in.member(t, tok.kid, tok.key, tok.val, e)
		if len(in.Problems) >= maxProblems {
			return
		}
	}
}

// walk visits the members of an object inside the body.
func (in *Input) walk(t *tree, v value, e *Env) {
	next := 0
	each(v.raw, func(key string, val value) bool {
		var kid *tree
		kid, next = t.named(key, next)
		in.member(t, kid, key, val, e)
		return len(in.Problems) < maxProblems
	})
}

func (in *Input) member(t, kid *tree, key string, v value, e *Env) {
	switch {
	case kid == nil && t.path == "" && in.expands(key, v, e):
	case kid == nil:
		in.unknown(t, key, v)
	case kid.field != nil:
		in.field(kid.field, v, e)
	default:
		in.group(kid, v, e)
	}
}

func (in *Input) unknown(t *tree, key string, v value) {
	if in.op.dialect.unknown != "refuse" || t.path == "" && in.prefix == "" && in.op.dialect.isKey(key) {
		return
	}
	path := in.root_(key)
	if t.path != "" {
		path = in.paths.member(in.path(t.path), key)
	}
	in.unlisted(path, v)
}

// unlisted notes a member that the operation does not have; a repeated one
// counts by its last value.
func (in *Input) unlisted(path string, v value) {
	for i := range in.Problems {
		if p := &in.Problems[i]; p.Field == nil && p.Path == path {
			p.Value = clip(v.raw)
			return
		}
	}
	in.fail(nil, path, unknownTrouble, v)
}

// field decodes one value. A key that is repeated counts by its last value.
func (in *Input) field(f *Field, v value, e *Env) {
	if !in.op.reads(f) {
		in.unwritable(f, v)
		return
	}
	slot := &in.vals[f.index]
	if slot.state == faulty {
		in.forget(f)
	}
	if slot.state == unsent {
		in.set = append(in.set, f)
	}
	if in.form {
		v = in.typed(f, v)
	}
	if len(f.clear) > 0 && f.clears(v) {
		*slot = sent{state: cleared}
		return
	}
	*slot = sent{state: faulty}
	if v.kind == gjson.Null {
		in.fail(f, in.path(f.Path), f.nullTrouble(), v)
		return
	}
	if f.parts != nil {
		text, ok := f.parts.read(in, f, v, e)
		if slot.text = text; ok {
			slot.state = given
		}
		return
	}
	text, t := f.codec.decode(v, e)
	if t != nil {
		in.fail(f, in.path(f.Path), t, v)
		return
	}
	*slot = sent{text, given}
}

// unwritable deals with a field that this operation does not write. Whether
// the value is the one that is there can only be told once the record is
// read, so `same` is looked at in Merge.
func (in *Input) unwritable(f *Field, v value) {
	switch f.frozen {
	case "refuse":
		in.forget(f)
		if in.op.Does == Create {
			in.unlisted(in.path(f.Path), v) // there is nothing yet that could not be changed
			return
		}
		in.fail(f, in.path(f.Path), frozenTrouble, v)
	case "same":
		if in.op.Does == Create {
			return
		}
		if in.vals[f.index].state == unsent {
			in.set = append(in.set, f)
		}
		in.vals[f.index] = sent{in.typed(f, v).raw, echoed}
	}
}

// together looks for fields that do not go together.
func (in *Input) together() {
	for _, f := range in.op.Resource.exclusive {
		if in.vals[f.index].state != unsent && in.vals[f.without.index].state != unsent {
			in.fail(f, in.path(f.Path), f.withoutTrouble(), value{})
		}
	}
}

// required looks for fields that a create must have.
func (in *Input) required(op *Op, e *Env) {
	if op.Does != Create {
		return
	}
	for _, f := range op.Resource.required {
		if in.vals[f.index].state == unsent && op.reads(f) && (f.unless == nil || in.vals[f.unless.index].state == unsent) {
			in.fail(f, in.path(f.Path), missingTrouble, value{})
		}
	}
}

// Sent tells whether the request named a field of that wire path.
func (in *Input) Sent(f *Field) bool { return in.vals[f.index].state != unsent }
