package backend

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/selection"
	"github.com/polylink-dev/polylink/record"
)

// Lines is a page of a list that is a slot of a record above, or the problem of
// a cursor that names nothing in it.
func (c *Call) Lines(parent *record.Record) (selection.Found, *dialect.Problem) {
	all := dialect.Lines(c.Op.Resource, parent, c.Op.Within)
	if p := c.strayCursor(all); p != nil {
		return selection.Found{}, p
	}
	all = slices.DeleteFunc(all, func(rec *record.Record) bool { return !c.Paging.Keeps(rec, c.Env.Bounds) })
	if up, natural := c.Paging.Natural(true); !natural {
		c.Paging.Sort(all)
	} else if !up {
		slices.Reverse(all)
	}
	return c.Paging.Cut(c.Op.Page, all), nil
}

// strayCursor is the problem of a cursor that names no item, which is known only
// once there are some.
func (c *Call) strayCursor(all []*record.Record) *dialect.Problem {
	if c.Paging.After == "" && c.Paging.Before == "" {
		return nil
	}
	p := c.Op.Page
	for _, at := range [][2]string{{p.After, c.Paging.After}, {p.Before, c.Paging.Before}} {
		if at[1] != "" && !slices.ContainsFunc(all, func(rec *record.Record) bool { return rec.ID() == at[1] }) {
			return &dialect.Problem{Code: p.CursorError, Path: at[0], Why: "names nothing in this list", Value: record.Quote(at[1])}
		}
	}
	return nil
}
