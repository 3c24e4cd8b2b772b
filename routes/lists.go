package routes

import (
	"net/url"
	"strconv"

	"polylink/dialect"
	"polylink/link"
)

// listing is what a list request asks for.
type listing struct {
	size, skip, number int
	after, before      *link.Row
	filters            []selected
}

type selected struct {
	filter *dialect.Filter
	text   string
}

// parseQuery reads paging and filters.
func (x *exchange) parseQuery() *dialect.Problem {
	if x.op.Does != dialect.List {
		return nil
	}
	query, err := url.ParseQuery(x.r.URL.RawQuery)
	if err != nil {
		return &dialect.Problem{Code: link.CodeParameter, Path: "query", Why: "is not well-formed"}
	}
	x.query = query
	for _, f := range x.op.Filters {
		if value := query.Get(f.Param); query.Has(f.Param) {
			text, p := f.Select(value, &x.env)
			if p != nil {
				return p
			}
			x.list.filters = append(x.list.filters, selected{f, text})
		}
	}
	return x.parsePage()
}

// maxSkip bounds how far into a list an offset may point.
const maxSkip = 1 << 31

func (x *exchange) parsePage() *dialect.Problem {
	p := x.op.Page
	if p == nil {
		return nil
	}
	x.list.size, x.list.number = p.Size, 1
	var problem *dialect.Problem
	read := func(param string, least, most int, into *int) {
		if param == "" || !x.query.Has(param) || problem != nil {
			return
		}
		value := x.query.Get(param)
		n, err := strconv.Atoi(value)
		why := ""
		switch {
		case err != nil:
			why = "must be a whole number"
		case n < least && most == maxSkip:
			why = "must be at least " + strconv.Itoa(least)
		case n < least || n > most:
			why = "must be from " + strconv.Itoa(least) + " to " + strconv.Itoa(most)
		}
		if why != "" {
			problem = &dialect.Problem{Code: p.SizeError, Path: param, Why: why, Value: link.Quote(value)}
			return
		}
		*into = n
	}
	most := p.Max
	if most == 0 {
		most = maxSkip
	}
	read(p.SizeParam, p.Min, most, &x.list.size)
	read(p.Skip, 0, maxSkip, &x.list.skip)
	read(p.Number, 1, maxSkip/(1<<10), &x.list.number)
	if problem != nil {
		return problem
	}
	return x.parseCursors(p)
}

func (x *exchange) parseCursors(p *dialect.Page) *dialect.Problem {
	if p.After != "" && p.Before != "" && x.query.Has(p.After) && x.query.Has(p.Before) {
		return &dialect.Problem{Code: p.CursorError, Path: p.Before, Why: "cannot be sent together with " + p.After}
	}
	for param, into := range map[string]**link.Row{p.After: &x.list.after, p.Before: &x.list.before} {
		if param == "" || !x.query.Has(param) {
			continue
		}
		id := x.query.Get(param)
		row := x.find(x.op.Resource, id)
		if row == nil || !x.mine(row) {
			return &dialect.Problem{Code: p.CursorError, Path: param, Why: "names nothing in this list", Value: link.Quote(id)}
		}
		*into = row
	}
	return nil
}

// answerList scans the list of the account or of the parent, newest first
// unless the operation says otherwise, and fills one page.
func (x *exchange) answerList() {
	rows, more := x.scan()
	x.env.More = more
	x.env.Items = append(x.env.Items[:0], '[')
	for i, row := range rows {
		if i > 0 {
			x.env.Items = append(x.env.Items, ',')
		}
		x.env.It = x.op.Resource.Expire(row.Record, x.now())
		x.env.Items = x.op.Resource.Encode(x.env.Items, &x.env)
	}
	x.env.Items = append(x.env.Items, ']')
	x.env.It = nil
	x.env.Next = x.next(rows, more)
	x.out = x.op.AppendAnswer(x.out[:0], &x.env)
	x.succeed()
}

func (x *exchange) scan() (rows []*link.Row, more bool) {
	res, p := x.op.Resource, x.op.Page
	parent, mode := "", x.mode()
	if x.env.Parent != nil {
		parent = x.env.Parent.ID()
	}
	if res.Both {
		mode = ""
	}
	page := link.Page{Keep: x.keeps(res)}
	if p != nil {
		page.Limit = x.list.size + 1
		page.Skip = x.list.skip + (x.list.number-1)*x.list.size
		page.Ascending = p.Ascending
		page.After = x.list.after
		if x.list.before != nil {
			page.After, page.Ascending = x.list.before, !p.Ascending
		}
	}
	rows = x.reader.Scan(res.Schema.Kind, link.ScopeKey(x.d.Name, x.account(), mode, parent), page)
	if p != nil && len(rows) > x.list.size {
		rows, more = rows[:x.list.size], true
	}
	if x.list.before != nil {
		for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
			rows[i], rows[j] = rows[j], rows[i]
		}
		// Behind this page there is at least the row it was asked to stand before.
	}
	return rows, more
}

// keeps makes the filter of a scan; nil keeps all.
func (x *exchange) keeps(res *dialect.Resource) func(*link.Row) bool {
	if len(x.list.filters) == 0 {
		return nil
	}
	return func(row *link.Row) bool {
		rec := res.Expire(row.Record, x.now())
		for _, s := range x.list.filters {
			if !s.filter.Matches(rec, s.text) {
				return false
			}
		}
		return true
	}
}

// next is the cursor of what follows.
func (x *exchange) next(rows []*link.Row, more bool) string {
	if !more || len(rows) == 0 || x.op.Page == nil {
		return ""
	}
	switch x.op.Page.Style {
	case "number":
		return strconv.Itoa(x.list.number + 1)
	case "offset":
		return strconv.Itoa(x.list.skip + len(rows))
	}
	return rows[len(rows)-1].Record.ID()
}
