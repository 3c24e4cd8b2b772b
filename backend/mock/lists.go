package mock

import (
	"context"
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/selection"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// List reads one page of the records of the account or of the parent, newest
// first unless the operation says otherwise.
func (o *operation) List(context.Context) (selection.Found, *dialect.Problem, error) {
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
func (o *operation) scan() selection.Found {
	res, p := o.Op.Resource, o.Op.Page
	parent, mode := "", o.Mode()
	if o.Env.Parent != nil {
		parent = o.Env.Parent.ID()
	}
	if res.Both {
		mode = ""
	}
	var page selection.Found
	var want store.Page
	scope := store.ScopeKey(o.Dialect.Name, o.Account(), mode, parent)
	scope, want.Keep = o.scope(scope, o.keeps())
	up, natural := o.Paging.Natural(p != nil && p.Ascending)
	if !natural {
		return o.sorted(scope, want)
	}
	if p != nil && p.Count {
		page.Total = len(o.Rows.Scan(res.Schema.Kind, scope, want))
	}
	want.Ascending = up
	var first *store.Row
	if p != nil {
		want.Limit = o.Paging.Size + 1
		want.Skip = o.Paging.Skip + (o.Paging.Number-1)*o.Paging.Size
		want.After = o.cursor(o.Paging.After)
		if o.Paging.Before != "" {
			want.After, want.Ascending = o.cursor(o.Paging.Before), !up
		} else if p.Inclusive && want.After != nil && want.After.Scope == scope && (want.Keep == nil || want.Keep(want.After)) {
			first = want.After
		}
	}
	rows := o.Rows.Scan(res.Schema.Kind, scope, want)
	if first != nil {
		rows = slices.Insert(slices.Clone(rows), 0, first)
	}
	if p != nil && len(rows) > o.Paging.Size {
		page.Next = o.seen(rows[o.Paging.Size]).Record.ID()
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

// sorted reads a page in an order that rows are not kept in.
func (o *operation) sorted(scope string, want store.Page) selection.Found {
	want.Ascending = o.Op.Page != nil && o.Op.Page.Ascending
	var all []*record.Record
	for _, row := range o.Rows.Scan(o.Op.Resource.Schema.Kind, scope, want) {
		all = append(all, o.shown(o.Op.Resource, o.seen(row).Record))
	}
	o.Paging.Sort(all)
	return o.Paging.Cut(o.Op.Page, all)
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
	return func(row *store.Row) bool { return o.Paging.Keeps(o.shown(o.Op.Resource, row.Record), o.Env.Bounds) }
}
