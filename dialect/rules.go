package dialect

import (
	"strings"
	"time"

	"github.com/tidwall/gjson"

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
	p := Problem{Field: f, Code: t.Code, Check: t.Check, Why: t.Why, Say: r.Say}
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

// References calls lookup for every record that the request names, and adds a
// problem for each that is not there.
func (op *Op) References(in *Input, lookup func(resource *Resource, id string) bool) {
	for _, f := range op.Resource.References {
		s := in.vals[f.Index]
		if s.state != given && (s.state != broken || f.Placed == nil || s.text == "") {
			continue
		}
		if f.Exists != "" {
			if id := record.Unquote(s.text); !lookup(op.Owner.Resources[f.Exists], id) {
				in.fail(f, in.path(f.Path), danglingReference, jsontext.ValueOf(s.text))
			}
			continue
		}
		op.referencesIn(place{in: in, line: f}, f.Codec, jsontext.ValueOf(s.text), lookup)
	}
	in.eachNested(func(n nested) { n.in.op.References(n.in, lookup) })
	in.sortProblems()
}

// referencesIn looks for records that a list or an object at a place names.
func (op *Op) referencesIn(p place, c codec.Codec, v jsontext.Value, lookup func(*Resource, string) bool) {
	switch c := c.(type) {
	case *ObjectCodec:
		op.referencesOf(p, c.List, v, lookup)
	case *ListCodec:
		n := 0
		v.ForEach(func(_ string, item jsontext.Value) bool {
			n++
			at := p.item(n)
			switch {
			case c.Of == nil:
				op.referencesOf(at, c, item, lookup)
			case c.Of.Exists == "":
				op.referencesIn(at, c.Of.Codec, item, lookup)
			case item.Kind == gjson.String && !lookup(op.Owner.Resources[c.Of.Exists], item.Str()):
				at.fail(c.Of, at.path(), danglingReference, item)
			}
			return len(p.in.Problems) < maxProblems
		})
	}
}

// referencesOf looks at the members of an object.
func (op *Op) referencesOf(p place, c *ListCodec, item jsontext.Value, lookup func(*Resource, string) bool) {
	list := jsontext.Members(item)
	for _, m := range c.Each {
		if m.Exists == "" {
			if i := jsontext.FindMember(list, nil, m.Item); i >= 0 && Refers(m.Codec) {
				op.referencesIn(p.member(m.Path), m.Codec, list[i].Val, lookup)
			}
			continue
		}
		v, names := m.reference(list)
		if v.Kind != gjson.String || lookup(op.Owner.Resources[m.Exists], v.Str()) {
			continue
		}
		path := p.path()
		for _, name := range names {
			path = p.in.paths.member(path, name)
		}
		p.fail(m, path, danglingReference, v)
	}
}

// reference is the id that an item of a list has for a member, and where: in
// the member itself, or in a sent object that the member is copied from.
func (f *Field) reference(item []jsontext.Member) (id jsontext.Value, path []string) {
	if i := jsontext.FindMember(item, nil, f.Item); i >= 0 {
		return item[i].Val, []string{f.Path}
	}
	for _, c := range f.Copies {
		i := jsontext.FindMember(item, nil, c.From.Item)
		switch {
		case i < 0:
		case c.Path == "":
			return jsontext.Value{}, nil // the record that was named has it
		default:
			return item[i].Val.Get(c.Path), []string{c.From.Path, c.Path}
		}
	}
	return jsontext.Value{}, nil
}

// Claim is a combination of slots that one live record of an account may hold.
type Claim struct {
	Over  []record.Slot
	Until record.Slot // the claim ends at this time; -1 never
	Code  record.Code
	Field *Field
}

// claimed begins the look-up keys of claims.
const claimed = "unique\x00"

// IsClaim tells whether a look-up key is one that one row alone may hold.
func IsClaim(key string) bool { return strings.HasPrefix(key, claimed) }

// Claims returns the look-up keys that a record holds because of `unique:`
// lines, in the order of the lines; "" where it holds none.
func (res *Resource) Claims(dialect string, rec *record.Record) []string {
	if len(res.Unique) == 0 {
		return nil
	}
	keys := make([]string, len(res.Unique))
	for i, u := range res.Unique {
		var b strings.Builder
		b.WriteString(claimed + dialect + "\x00" + res.Name + "\x00" + rec.Get(record.SlotAccount))
		for _, s := range u.Over {
			if !rec.Has(s) {
				b.Reset()
				break
			}
			b.WriteString("\x00" + rec.Get(s))
		}
		keys[i] = b.String()
	}
	return keys
}

// ClaimEnds tells whether a record's claim by line i has ended at a moment: its
// time has come, be it by its date or before.
func (res *Resource) ClaimEnds(i int, rec *record.Record, now time.Time) bool {
	u := res.Unique[i]
	if u.Until < 0 {
		return false
	}
	if x := res.Expires; x != nil && x.At == u.Until && rec.Get(record.SlotStatus) == x.To {
		return true
	}
	at, ok := rec.Time(u.Until)
	return ok && !now.Before(at)
}

// TakenID returns the problem of an id that the client gave and another record
// has, nil if the client gave none.
func (op *Op) TakenID(in *Input) *Problem {
	f := op.Resource.Given
	if f == nil || op.Does != Create || in.vals[f.Index].state != given {
		return nil
	}
	p := op.Resource.taken(in, f, record.CodeUnique)
	if code, ok := f.Classes["unique"]; ok {
		p.Code = code
	}
	return &p
}

// Taken returns the problem of a claim that another record holds.
func (res *Resource) Taken(i int, in *Input) Problem {
	return res.taken(in, res.Unique[i].Field, res.Unique[i].Code)
}

func (res *Resource) taken(in *Input, f *Field, code record.Code) Problem {
	p := Problem{Field: f, Code: code, Check: "unique", Why: "is taken already"}
	if f != nil {
		p.Path, p.Value = in.path(f.Path), in.Text(f)
		p.Say = f.Say["unique"]
	}
	return p
}
