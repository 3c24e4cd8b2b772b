package dialect

import (
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Rule is one line of a resource's `rules:`: a field that is needed when a
// condition holds, or a condition that must hold.
type Rule struct {
	When  *template.Expression // nil is always
	Need  *Field
	Check *template.Expression
	At    *Field // the field to blame of a check
	Code  record.Code
	Why   string
	Say   *template.Text
	On    string // create, update or "" for both
	Line  int    // of the mapping file
}

// Rules checks what holds between fields of the merged record e.It, and adds
// what does not to in.Problems.
func (op *Op) Rules(in *Input, e *Env) {
	for i := range op.Resource.Rules {
		r := &op.Resource.Rules[i]
		if r.On == "create" && op.Does != Create || r.On == "update" && op.Does != Update {
			continue
		}
		if r.When != nil && !r.When.True(&e.Env) {
			continue
		}
		switch {
		case r.Need != nil:
			if in.bad(r.Need) {
				continue
			}
			if !r.Need.given(e.It) {
				in.breaks(r, r.Need, neededField)
			} else if id, gone := op.gone(in, r.Need, e); gone {
				in.fail(r.Need, in.path(r.Need.Path), danglingReference, jsontext.ValueOf(id))
			}
		case !r.Check.True(&e.Env):
			if r.At != nil && in.bad(r.At) {
				continue
			}
			in.breaks(r, r.At, brokenRule)
		}
	}
	in.eachNested(func(n nested) {
		e2 := *e
		e2.It, e2.Old = n.rec, nil
		n.in.op.Rules(n.in, &e2)
	})
	in.sortProblems()
}

// gone tells whether a needed field, which the request does not name, still
// names a record that has been deleted since. What the request names is looked
// at by References.
func (op *Op) gone(in *Input, f *Field, e *Env) (id string, gone bool) {
	id = f.Get(e.It)
	if f.Exists == "" || e.Find == nil || in.vals[f.Index].state != unsent {
		return id, false
	}
	return id, e.Find(op.Owner.Resources[f.Exists], record.Unquote(id)) == nil
}

// bad tells that a field has a violation, be it that it is missing: rules about it
// would only repeat that.
func (in *Input) bad(f *Field) bool {
	if f.Index < len(in.vals) && in.vals[f.Index].state == broken {
		return true
	}
	for i := range in.Problems {
		if in.Problems[i].Field == f {
			return true
		}
	}
	return false
}

// given tells whether a record has a value for the field that counts.
func (f *Field) given(rec *record.Record) bool {
	text := f.Get(rec)
	return text != "" && text != record.Null && text != `""`
}

func (in *Input) breaks(r *Rule, f *Field, t *codec.Violation) {
	p := Problem{Field: f, Code: t.Code, Check: t.Check, Why: t.Why, Say: r.Say, Line: r.Line}
	if f != nil {
		p.Path = in.path(f.Path)
	}
	if r.Code != "" {
		p.Code = r.Code
	}
	if r.Why != "" {
		p.Why = r.Why
	}
	in.Problems = append(in.Problems, p)
}
