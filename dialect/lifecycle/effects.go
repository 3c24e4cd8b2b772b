package lifecycle

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Target is the id of the one record that an effect changes, "" for none. e.Cause
// is the record of the request.
func Target(x *dialect.Effect, e *dialect.Env) string {
	text, ok := x.ID.Append(nil, &e.Env)
	if !ok || string(text) == record.Null {
		return ""
	}
	return record.Unquote(string(text))
}

// Happens tells whether the effect takes place at all.
func Happens(x *dialect.Effect, e *dialect.Env) bool { return x.When == nil || x.When.True(&e.Env) }

// Affect returns the record as it is afterwards, and whether that makes a
// difference. The record that is handed in is not changed.
func Affect(x *dialect.Effect, e *dialect.Env, rec *record.Record) (after *record.Record, changed bool) {
	e2 := *e
	e2.Old, e2.It = rec, rec
	if x.ID == nil && !x.Where.True(&e2.Env) {
		return rec, false
	}
	e2.It = rec.Clone()
	for i := range x.Set {
		x.Set[i].Apply(&e2)
	}
	if !dialect.Changed(rec, e2.It) {
		return rec, false
	}
	dialect.Stamp(false, &e2)
	return e2.It, true
}

// Names tells whether a record names another by a field, in it or inside of it.
func Names(f *dialect.Field, rec *record.Record, resource, id string) bool {
	text := f.Get(rec)
	if text == "" || text == record.Null {
		return false
	}
	return names(f, jsontext.ValueOf(text), resource, id)
}

func names(f *dialect.Field, v jsontext.Value, resource, id string) bool {
	if f.Exists == resource {
		return v.Kind == gjson.String && v.Str() == id
	}
	c, found := dialect.Inside(f.Codec), false
	if c == nil || !c.Refers() {
		return false
	}
	item := func(v jsontext.Value) bool {
		list := jsontext.Members(v)
		for _, m := range c.Each {
			if i := jsontext.FindMember(list, nil, m.Item); i >= 0 && names(m, list[i].Val, resource, id) {
				return true
			}
		}
		return false
	}
	if !v.IsArray() {
		return item(v)
	}
	v.ForEach(func(_ string, v jsontext.Value) bool {
		if found = c.Of != nil && names(c.Of, v, resource, id) || c.Of == nil && item(v); found {
			return false
		}
		return true
	})
	return found
}
