package routes

import (
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// listing is what a list request asks for.
type listing struct {
	size, skip, number int
	after, before      string // ids
	filters            []selected
}

type selected struct {
	filter *dialect.Filter
	text   string
}

// parseQuery reads paging and filters. It returns the problem that it found,
// or answers with several where the dialect tells all.
func (x *exchange) parseQuery() (p *dialect.Problem, answered bool) {
	if p := x.op.CheckQuery(x.values(), &x.env); p != nil {
		return p, false
	}
	var faults []dialect.Problem
	note := func(p *dialect.Problem) {
		if p != nil {
			faults = append(faults, *p)
		}
	}
	for _, rule := range x.op.Query {
		note(checkRule(rule, x.values().Get(rule.Name), &x.env))
	}
	if x.op.Does == dialect.List {
		x.parseFilters(note)
		x.parsePage(note)
	}
	switch {
	case len(faults) == 0:
		return nil, false
	case len(faults) == 1 || !x.d.ReportAll:
		return &faults[0], false
	}
	x.refuse(faults...)
	return nil, true
}

func (x *exchange) parseFilters(note func(*dialect.Problem)) {
	query := x.values()
	for _, f := range x.op.Filters {
		if value := query.Get(f.Param); query.Has(f.Param) {
			text, p := f.Select(value, &x.env)
			note(p)
			x.list.filters = append(x.list.filters, selected{f, text})
		}
	}
}

// values are the query parameters; those that are not well-formed are left out.
func (x *exchange) values() url.Values {
	if x.query == nil {
		x.query, _ = url.ParseQuery(x.r.URL.RawQuery)
		for _, list := range x.query {
			for i, v := range list {
				list[i] = strings.ToValidUTF8(v, "\uFFFD") // it comes back in messages
			}
		}
	}
	return x.query
}

// param returns a query parameter as templates see it: one with rules counts
// only when it keeps them.
func (x *exchange) param(name string) string {
	v := x.values().Get(name)
	if x.op == nil {
		return v // no operation has rules on it
	}
	for _, rule := range x.op.Query {
		if rule.Name == name && !allowedHeader(rule, v) {
			return rule.Default
		}
	}
	return v
}

// maxSkip bounds how far into a list an offset may point.
const maxSkip = 1 << 31

func (x *exchange) parsePage(note func(*dialect.Problem)) {
	p := x.op.Page
	if p == nil {
		return
	}
	x.list.size, x.list.number = p.Size, 1
	read := func(param string, least, most int, into *int) {
		if param == "" || !x.query.Has(param) {
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
			note(&dialect.Problem{Code: p.SizeError, Path: param, Why: why, Value: record.Quote(value)})
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
	note(x.parseCursors(p))
}

func (x *exchange) parseCursors(p *dialect.Page) *dialect.Problem {
	if p.After != "" && p.Before != "" && x.query.Has(p.After) && x.query.Has(p.Before) {
		return &dialect.Problem{Code: p.CursorError, Path: p.Before, Why: "cannot be sent together with " + p.After}
	}
	for _, c := range []struct {
		param string
		into  *string
	}{{p.After, &x.list.after}, {p.Before, &x.list.before}} {
		if c.param == "" || !x.query.Has(c.param) {
			continue
		}
		id, ok := x.query.Get(c.param), true
		if p.Opaque {
			id, ok = x.openCursor(id)
		}
		if !ok || x.op.Within < 0 && !x.listed(id) {
			return &dialect.Problem{Code: p.CursorError, Path: c.param, Why: "names nothing in this list", Value: record.Quote(x.query.Get(c.param))}
		}
		*c.into = id
	}
	return nil
}

// listed tells whether an id belongs to a record of the list.
func (x *exchange) listed(id string) bool {
	row := x.find(x.op.Resource, id)
	return row != nil && x.mine(row)
}

// An opaque cursor is an id with a check on the filters it was made with.
func (x *exchange) sealCursor(id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(x.filterDigest()[:12] + id))
}

func (x *exchange) openCursor(cursor string) (id string, ok bool) {
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(plain) < 13 || string(plain[:12]) != x.filterDigest()[:12] {
		return "", false
	}
	return string(plain[12:]), true
}

func (x *exchange) filterDigest() string {
	parts := []string{x.op.Name}
	for _, s := range x.list.filters {
		parts = append(parts, s.filter.Param, s.text)
	}
	return digest(parts...)
}

// answerList fills one page with the records of the account or of the parent,
// newest first unless the operation says otherwise.
func (x *exchange) answerList() {
	if p := x.strayCursor(); p != nil {
		x.refuse(*p)
		return
	}
	recs, more := x.page()
	x.env.More, x.env.Skip, x.env.Size = more, x.list.skip, x.list.size
	x.env.Items = append(x.env.Items[:0], '[')
	for i, rec := range recs {
		if i > 0 {
			x.env.Items = append(x.env.Items, ',')
		}
		x.env.It = rec
		x.env.Items = x.op.Encode(x.env.Items, &x.env)
	}
	x.env.Items = append(x.env.Items, ']')
	x.env.It = nil
	x.next(recs, more)
	x.out = x.op.AppendAnswer(x.out[:0], &x.env)
	x.succeed()
}

// page reads the records of one page, and whether there are more behind it.
func (x *exchange) page() (recs []*record.Record, more bool) {
	if x.op.Within >= 0 {
		return x.lines()
	}
	rows, more := x.scan()
	for _, row := range rows {
		recs = append(recs, x.shown(x.op.Resource, x.seen(row).Record))
	}
	return recs, more
}

// strayCursor is the problem of a cursor that names no line item of the parent,
// which is known only now.
func (x *exchange) strayCursor() *dialect.Problem {
	if x.op.Within < 0 || x.list.after == "" && x.list.before == "" {
		return nil
	}
	all := dialect.Lines(x.op.Resource, x.env.Parent, x.op.Within)
	p := x.op.Page
	for param, id := range map[string]string{p.After: x.list.after, p.Before: x.list.before} {
		if id != "" && !slices.ContainsFunc(all, func(rec *record.Record) bool { return rec.ID() == id }) {
			return &dialect.Problem{Code: p.CursorError, Path: param, Why: "names nothing in this list", Value: record.Quote(id)}
		}
	}
	return nil
}

// lines pages through a list that is a slot of the parent.
func (x *exchange) lines() (recs []*record.Record, more bool) {
	all := dialect.Lines(x.op.Resource, x.env.Parent, x.op.Within)
	x.env.Total = len(all)
	from, to := 0, len(all)
	for i, rec := range all {
		if x.list.after != "" && rec.ID() == x.list.after {
			from = i + 1
		}
		if x.list.before != "" && rec.ID() == x.list.before {
			to = i
		}
	}
	if x.op.Page == nil {
		return all[from:to], false
	}
	if x.list.before != "" {
		start := from
		if from = max(from, to-x.list.size); x.op.Page.Onward {
			return all[from:to], from > start
		}
		return all[from:to], 0 < to && to < len(all)
	}
	from = min(from+x.list.skip+(x.list.number-1)*x.list.size, to)
	if to-from > x.list.size {
		return all[from : from+x.list.size], true
	}
	return all[from:to], false
}

func (x *exchange) scan() (rows []*store.Row, more bool) {
	res, p := x.op.Resource, x.op.Page
	parent, mode := "", x.mode()
	if x.env.Parent != nil {
		parent = x.env.Parent.ID()
	}
	if res.Both {
		mode = ""
	}
	scope := store.ScopeKey(x.d.Name, x.account(), mode, parent)
	page := store.Page{}
	scope, page.Keep = x.shared(res, scope, x.keeps(res))
	if p != nil && p.Count {
		x.env.Total = len(x.reader.Scan(res.Schema.Kind, scope, page))
	}
	if p != nil {
		page.Limit = x.list.size + 1
		page.Skip = x.list.skip + (x.list.number-1)*x.list.size
		page.Ascending = p.Ascending
		page.After = x.cursorRow(x.list.after)
		if x.list.before != "" {
			page.After, page.Ascending = x.cursorRow(x.list.before), !p.Ascending
		}
	}
	rows = x.reader.Scan(res.Schema.Kind, scope, page)
	if p != nil && len(rows) > x.list.size {
		rows, more = rows[:x.list.size], true
	}
	if x.list.before != "" {
		slices.Reverse(rows)
		if !p.Onward {
			more = len(rows) > 0 // at least the row that the page stands before
		}
	}
	return rows, more
}

func (x *exchange) cursorRow(id string) *store.Row {
	if id == "" {
		return nil
	}
	return x.find(x.op.Resource, id)
}

// keeps makes the filter of a scan; nil keeps all.
func (x *exchange) keeps(res *dialect.Resource) func(*store.Row) bool {
	if len(x.list.filters) == 0 {
		return nil
	}
	return func(row *store.Row) bool {
		rec := x.shown(res, row.Record)
		for _, s := range x.list.filters {
			if !s.filter.Matches(rec, s.text) {
				return false
			}
		}
		return true
	}
}

// next notes where the page behind this one is.
func (x *exchange) next(recs []*record.Record, more bool) {
	if !more || len(recs) == 0 || x.op.Page == nil {
		return
	}
	p := x.op.Page
	var next, param string
	switch p.Style {
	case "number":
		next, param = strconv.Itoa(x.list.number+1), p.Number
		x.env.Next = next
	case "offset":
		next, param = strconv.Itoa(x.list.skip+len(recs)), p.Skip
		x.env.Next = next
	case "cursor":
		next, param = recs[len(recs)-1].ID(), p.After
		if p.Opaque {
			next = x.sealCursor(next)
		}
		x.env.Next = record.Quote(next)
	default:
		return
	}
	query := maps.Clone(x.values())
	query.Set(param, next)
	x.env.NextURL = x.env.Base + x.env.Path + "?" + query.Encode()
}
