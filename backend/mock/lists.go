package mock

import (
	"context"
	"slices"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// List reads one page of the records of the account or of the parent, newest
// first unless the operation says otherwise.
func (o *operation) List(context.Context) (backend.Page, *dialect.Problem, error) {
	var page backend.Page
	if o.Op.Within >= 0 {
		if p := o.strayCursor(); p != nil {
			return page, p, nil
		}
		page = o.lines()
	} else {
		page = o.scan()
	}
	return page, nil, o.Rows.Err()
}

// strayCursor is the problem of a cursor that names no line item of the parent,
// which is known only now.
func (o *operation) strayCursor() *dialect.Problem {
	if o.Paging.After == "" && o.Paging.Before == "" {
		return nil
	}
	all := dialect.Lines(o.Op.Resource, o.Env.Parent, o.Op.Within)
	p := o.Op.Page
	for _, c := range [][2]string{{p.After, o.Paging.After}, {p.Before, o.Paging.Before}} {
		if c[1] != "" && !slices.ContainsFunc(all, func(rec *record.Record) bool { return rec.ID() == c[1] }) {
			return &dialect.Problem{Code: p.CursorError, Path: c[0], Why: "names nothing in this list", Value: record.Quote(c[1])}
		}
	}
	return nil
}

// lines pages through a list that is a slot of the parent.
func (o *operation) lines() backend.Page {
	all := dialect.Lines(o.Op.Resource, o.Env.Parent, o.Op.Within)
	from, to := 0, len(all)
	for i, rec := range all {
		if o.Paging.After != "" && rec.ID() == o.Paging.After {
			from = i + 1
		}
		if o.Paging.Before != "" && rec.ID() == o.Paging.Before {
			to = i
		}
	}
	page := backend.Page{Total: len(all)}
	switch {
	case o.Op.Page == nil:
	case o.Paging.Before != "":
		start := from
		from = max(from, to-o.Paging.Size)
		page.More = from > start
		if !o.Op.Page.Onward {
			page.More = 0 < to && to < len(all)
		}
	default:
		from = min(from+o.Paging.Skip+(o.Paging.Number-1)*o.Paging.Size, to)
		if to-from > o.Paging.Size {
			to, page.More = from+o.Paging.Size, true
		}
	}
	page.Records = all[from:to]
	return page
}

// scan reads a page of rows.
func (o *operation) scan() backend.Page {
	res, p := o.Op.Resource, o.Op.Page
	parent, mode := "", o.Mode()
	if o.Env.Parent != nil {
		parent = o.Env.Parent.ID()
	}
	if res.Both {
		mode = ""
	}
	var page backend.Page
	var want store.Page
	scope := store.ScopeKey(o.Dialect.Name, o.Account(), mode, parent)
	scope, want.Keep = o.scope(scope, o.keeps())
	if p != nil && p.Count {
		page.Total = len(o.Rows.Scan(res.Schema.Kind, scope, want))
	}
	if p != nil {
		want.Limit = o.Paging.Size + 1
		want.Skip = o.Paging.Skip + (o.Paging.Number-1)*o.Paging.Size
		want.Ascending = p.Ascending
		want.After = o.cursor(o.Paging.After)
		if o.Paging.Before != "" {
			want.After, want.Ascending = o.cursor(o.Paging.Before), !p.Ascending
		}
	}
	rows := o.Rows.Scan(res.Schema.Kind, scope, want)
	if p != nil && len(rows) > o.Paging.Size {
		rows, page.More = rows[:o.Paging.Size], true
	}
	if o.Paging.Before != "" {
		slices.Reverse(rows)
		if !p.Onward {
			page.More = len(rows) > 0 // at least the row that the page stands before
		}
	}
	for _, row := range rows {
		page.Records = append(page.Records, o.shown(res, o.seen(row).Record))
	}
	return page
}

// cursor is the row that a cursor names, nil without one.
func (o *operation) cursor(id string) *store.Row {
	if id == "" {
		return nil
	}
	return o.find(o.Op.Resource, id)
}

// keeps makes the filter of a scan; nil keeps all.
func (o *operation) keeps() func(*store.Row) bool {
	if len(o.Paging.Filters) == 0 {
		return nil
	}
	return func(row *store.Row) bool {
		rec := o.shown(o.Op.Resource, row.Record)
		for _, f := range o.Paging.Filters {
			if !f.Matches(rec, f.Text, o.Env.Bounds) {
				return false
			}
		}
		return true
	}
}
