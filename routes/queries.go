package routes

import (
	"encoding/base64"
	"net/url"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/backend"
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// queryStage reads query parameters, paging and filters. It answers with several
// problems where the dialect tells all.
type queryStage struct{}

func (queryStage) check(x *exchange) (p *dialect.Problem, answered bool) {
	if p := x.Op.CheckQuery(x.parameters(), x.Env); p != nil {
		return p, false
	}
	var problems []dialect.Problem
	note := func(p *dialect.Problem) {
		if p != nil {
			problems = append(problems, *p)
		}
	}
	for _, rule := range x.Op.Query {
		note(checkRule(rule, x.parameters().Get(rule.Name), x.Env))
	}
	if x.Op.Does == dialect.List {
		parseFilters(x, note)
		parsePage(x, note)
	}
	switch {
	case len(problems) == 0:
		return nil, false
	case len(problems) == 1 || !x.Dialect.ReportAll:
		return &problems[0], false
	}
	x.refuse(problems...)
	return nil, true
}

// parseFilters reads what a list is to select.
func parseFilters(x *exchange, note func(*dialect.Problem)) {
	query := x.parameters()
	for _, f := range x.Op.Filters {
		if value := query.Get(f.Param); query.Has(f.Param) {
			text, p := f.Select(value, x.Env)
			note(p)
			x.Paging.Filters = append(x.Paging.Filters, backend.Filter{Filter: f, Text: text})
		}
	}
}

// noQuery is the query of nearly every request; nobody changes it.
var noQuery = url.Values{}

// parameters are those of the query; those that are not well-formed are left out.
func (x *exchange) parameters() url.Values {
	if x.query == nil && x.r.URL.RawQuery == "" {
		x.query = noQuery
	}
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
	v := x.parameters().Get(name)
	if x.Op == nil {
		return v // no operation has rules on it
	}
	for _, rule := range x.Op.Query {
		if rule.Name == name && !allowedHeader(rule, v) {
			return rule.Default
		}
	}
	return v
}

// maxSkip bounds how far into a list an offset may point.
const maxSkip = 1 << 31

// parsePage reads which page of a list is asked for.
func parsePage(x *exchange, note func(*dialect.Problem)) {
	p := x.Op.Page
	if p == nil {
		return
	}
	x.Paging.Size, x.Paging.Number = p.Size, 1
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
	read(p.SizeParam, p.Min, most, &x.Paging.Size)
	read(p.Skip, 0, maxSkip, &x.Paging.Skip)
	read(p.Number, 1, maxSkip/(1<<10), &x.Paging.Number)
	note(parseCursors(x, p))
}

// parseCursors reads the ids that a page stands behind or before.
func parseCursors(x *exchange, p *dialect.Page) *dialect.Problem {
	if p.After != "" && p.Before != "" && x.query.Has(p.After) && x.query.Has(p.Before) {
		return &dialect.Problem{Code: p.CursorError, Path: p.Before, Why: "cannot be sent together with " + p.After}
	}
	for _, c := range []struct {
		param string
		into  *string
	}{{p.After, &x.Paging.After}, {p.Before, &x.Paging.Before}} {
		if c.param == "" || !x.query.Has(c.param) {
			continue
		}
		id, ok := x.query.Get(c.param), true
		if p.Opaque {
			id, ok = openCursor(x, id)
		}
		if !ok || x.Op.Within < 0 && !x.work.Listed(id) {
			return &dialect.Problem{Code: p.CursorError, Path: c.param, Why: "names nothing in this list", Value: record.Quote(x.query.Get(c.param))}
		}
		*c.into = id
	}
	return nil
}

// An opaque cursor is an id with a check on the filters it was made with.
func sealCursor(x *exchange, id string) string {
	return base64.RawURLEncoding.EncodeToString([]byte(filterDigest(x)[:12] + id))
}

func openCursor(x *exchange, cursor string) (id string, ok bool) {
	plain, err := base64.RawURLEncoding.DecodeString(cursor)
	if err != nil || len(plain) < 13 || string(plain[:12]) != filterDigest(x)[:12] {
		return "", false
	}
	return string(plain[12:]), true
}

// filterDigest tells apart lists of other filters.
func filterDigest(x *exchange) string {
	parts := []string{x.Op.Name}
	for _, s := range x.Paging.Filters {
		parts = append(parts, s.Param, s.Text)
	}
	return digest(parts...)
}
