package mock

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// parentCheck finds the record above, and the one that a create is about.
type parentCheck struct{}

func (parentCheck) check(o *operation) *dialect.Problem {
	res := o.Op.Resource
	if res == nil || o.Op.Does == dialect.Answer || o.Op.Does == dialect.Refuse {
		return nil
	}
	if res.Parent != nil {
		name := o.ParentVar()
		row := o.own(res.Parent, o.Vars.Get(name))
		if row == nil {
			return &dialect.Problem{Code: record.CodeParentNotFound, Path: name, Value: record.Quote(o.Vars.Get(name))}
		}
		o.Env.Parent = row.Record
	}
	if res.About == nil || o.Op.Does != dialect.Create {
		return nil
	}
	text := o.Input.Text(res.About)
	if text == "" {
		return nil
	}
	row := o.own(res.AboutR, record.Unquote(text))
	if row == nil {
		return &dialect.Problem{Code: record.CodeParentNotFound, Path: o.Input.PathOf(res.About), Value: text}
	}
	o.Env.About = o.shown(res.AboutR, row.Record)
	return nil
}
