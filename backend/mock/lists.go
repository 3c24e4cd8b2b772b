package mock

import (
	"context"
	"slices"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/store"
)

// List reads one page of the records of the account or of the parent, newest
// first unless the operation says otherwise.
func (o *operation) List(context.Context) (backend.Page, *dialect.Problem, error) {
	if o.Op.Within >= 0 {
		page, stray := o.Lines(o.Env.Parent)
		if stray != nil {
			return page, stray, nil
		}
		return page, nil, o.Rows.Err()
	}
	return o.scan(), nil, o.Rows.Err()
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
