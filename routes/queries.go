package routes

import (
	"net/url"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/selection"
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
		x.Paging = selection.Read(x.Op, x.parameters(), x.Env, x.work.Listed, note)
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
