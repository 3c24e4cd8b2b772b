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

// rule is one line of a resource's `rules:`: a field that is needed when a
// condition holds, or a condition that must hold.
type rule struct {
	when  *template.Expression // nil is always
	need  *Field
	check *template.Expression
	at    *Field // the field at fault of a check
	code  record.Code
	why   string
	say   *template.Text
	on    string // create, update or "" for both
}

// Rules checks what holds between fields of the merged record e.It, and adds
// what does not to in.Problems.
func (op *Op) Rules(in *Input, e *Env) {
	for i := range op.Resource.rules {
		r := &op.Resource.rules[i]
		if r.on == "create" && op.Does != Create || r.on == "update" && op.Does != Update {
			continue
		}
		if r.when != nil && !r.when.True(&e.Env) {
			continue
		}
		switch {
		case r.need != nil:
			if in.bad(r.need) {
				continue
			}
			if !r.need.given(e.It) {
				in.broken(r, r.need, neededField)
			} else if id, gone := op.gone(in, r.need, e); gone {
				in.fail(r.need, in.path(r.need.Path), danglingReference, jsontext.ValueOf(id))
			}
		case !r.check.True(&e.Env):
			if r.at != nil && in.bad(r.at) {
				continue
			}
			in.broken(r, r.at, brokenRule)
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
	id = f.get(e.It)
	if f.exists == "" || e.Find == nil || in.vals[f.index].state != unsent {
		return id, false
	}
	return id, e.Find(op.dialect.Resources[f.exists], record.Unquote(id)) == nil
}

// bad tells that a field has a fault, be it that it is missing: rules about it
// would only repeat that.
func (in *Input) bad(f *Field) bool {
	if f.index < len(in.vals) && in.vals[f.index].state == faulty {
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
	text := f.get(rec)
	return text != "" && text != record.Null && text != `""`
}

func (in *Input) broken(r *rule, f *Field, t *codec.Violation) {
	p := Problem{Field: f, Code: t.Code, Check: t.Check, Why: t.Why, Say: r.say}
	if f != nil {
		p.Path = in.path(f.Path)
	}
	if r.code != "" {
		p.Code = r.code
	}
	if r.why != "" {
		p.Why = r.why
	}
	in.Problems = append(in.Problems, p)
}

// References calls lookup for every record that the request names, and adds a
// problem for each that is not there.
func (op *Op) References(in *Input, lookup func(resource *Resource, id string) bool) {
	for _, f := range op.Resource.references {
		s := in.vals[f.index]
		if s.state != given && (s.state != faulty || f.parts == nil || s.text == "") {
			continue
		}
		if f.exists != "" {
			if id := record.Unquote(s.text); !lookup(op.dialect.Resources[f.exists], id) {
				in.fail(f, in.path(f.Path), danglingReference, jsontext.ValueOf(s.text))
			}
			continue
		}
		op.listReferences(in, f, s.text, lookup)
	}
	in.eachNested(func(n nested) { n.in.op.References(n.in, lookup) })
	in.sortProblems()
}

// listReferences looks at the items of a list.
func (op *Op) listReferences(in *Input, f *Field, text string, lookup func(*Resource, string) bool) {
	c := f.codec.(*listCodec)
	n := 0
	jsontext.ValueOf(text).ForEach(func(_ string, item jsontext.Value) bool {
		n++
		at := place{in: in, list: f, n: n}
		if c.of != nil {
			if item.Kind == gjson.String && !lookup(op.dialect.Resources[c.of.exists], item.Str()) {
				at.fail(c.of, at.path(), danglingReference, item)
			}
			return len(in.Problems) < maxProblems
		}
		list := jsontext.Members(item)
		for _, m := range c.each {
			if m.exists == "" {
				continue
			}
			v, names := m.reference(list)
			if v.Kind != gjson.String || lookup(op.dialect.Resources[m.exists], v.Str()) {
				continue
			}
			path := at.path()
			for _, name := range names {
				path = in.paths.member(path, name)
			}
			at.fail(m, path, danglingReference, v)
		}
		return len(in.Problems) < maxProblems
	})
}

// reference is the id that an item of a list has for a member, and where: in
// the member itself, or in a sent object that the member is copied from.
func (f *Field) reference(item []jsontext.Member) (id jsontext.Value, path []string) {
	if i := jsontext.FindMember(item, nil, f.item); i >= 0 {
		return item[i].Val, []string{f.Path}
	}
	for _, c := range f.copies {
		i := jsontext.FindMember(item, nil, c.from.item)
		switch {
		case i < 0:
		case c.path == "":
			return jsontext.Value{}, nil // the record that was named has it
		default:
			return item[i].Val.Get(c.path), []string{c.from.Path, c.path}
		}
	}
	return jsontext.Value{}, nil
}

// unique is a combination of slots that one live record of an account may hold.
type unique struct {
	over  []record.Slot
	until record.Slot // the claim ends at this time; -1 never
	code  record.Code
	field *Field
}

// claimed begins the look-up keys of claims.
const claimed = "unique\x00"

// IsClaim tells whether a look-up key is one that one row alone may hold.
func IsClaim(key string) bool { return strings.HasPrefix(key, claimed) }

// Claims returns the look-up keys that a record holds because of `unique:`
// lines, in the order of the lines; "" where it holds none.
func (res *Resource) Claims(dialect string, rec *record.Record) []string {
	if len(res.uniques) == 0 {
		return nil
	}
	keys := make([]string, len(res.uniques))
	for i, u := range res.uniques {
		var b strings.Builder
		b.WriteString(claimed + dialect + "\x00" + res.Name + "\x00" + rec.Get(record.SlotAccount))
		for _, s := range u.over {
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
	u := res.uniques[i]
	if u.until < 0 {
		return false
	}
	if x := res.expires; x != nil && x.at == u.until && rec.Get(record.SlotStatus) == x.to {
		return true
	}
	at, ok := rec.Time(u.until)
	return ok && !now.Before(at)
}

// TakenID returns the problem of an id that the client gave and another record
// has, nil if the client gave none.
func (op *Op) TakenID(in *Input) *Problem {
	f := op.Resource.given
	if f == nil || op.Does != Create || in.vals[f.index].state != given {
		return nil
	}
	p := op.Resource.taken(in, f, record.CodeUnique)
	if code, ok := f.errs["unique"]; ok {
		p.Code = code
	}
	return &p
}

// Taken returns the problem of a claim that another record holds.
func (res *Resource) Taken(i int, in *Input) Problem {
	return res.taken(in, res.uniques[i].field, res.uniques[i].code)
}

func (res *Resource) taken(in *Input, f *Field, code record.Code) Problem {
	p := Problem{Field: f, Code: code, Check: "unique", Why: "is taken already"}
	if f != nil {
		p.Path = in.path(f.Path)
		p.Say = f.say["unique"]
	}
	return p
}
