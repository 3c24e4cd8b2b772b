package backend

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// Lines is a page of a list that is a slot of a record above, or the problem of
// a cursor that names nothing in it.
func (c *Call) Lines(parent *record.Record) (Page, *dialect.Problem) {
	all := dialect.Lines(c.Op.Resource, parent, c.Op.Within)
	if p := c.strayCursor(all); p != nil {
		return Page{}, p
	}
	from, to := 0, len(all)
	for i, rec := range all {
		if c.Paging.After != "" && rec.ID() == c.Paging.After {
			from = i + 1
		}
		if c.Paging.Before != "" && rec.ID() == c.Paging.Before {
			to = i
		}
	}
	page := Page{Total: len(all)}
	switch {
	case c.Op.Page == nil:
	case c.Paging.Before != "":
		start := from
		from = max(from, to-c.Paging.Size)
		page.More = from > start
		if !c.Op.Page.Onward {
			page.More = 0 < to && to < len(all)
		}
	default:
		from = min(from+c.Paging.Skip+(c.Paging.Number-1)*c.Paging.Size, to)
		if to-from > c.Paging.Size {
			to, page.More = from+c.Paging.Size, true
		}
	}
	page.Records = all[from:to]
	return page, nil
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
