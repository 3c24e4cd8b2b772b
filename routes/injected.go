package routes

import (
	"net/http"
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/dialect/refusals"
	"github.com/polylink-dev/polylink/record"
)

// What is asked for, by a fault or a request itself, looks like the dialect's
// own refusal.

// codeFor finds the class whose envelope a status comes in: one that the
// operation itself has, if there is one.
func (x *exchange) codeFor(status int) record.Code {
	if status == http.StatusTooManyRequests && statusOf(x, record.CodeRateLimited) == status {
		return record.CodeRateLimited
	}
	if code := refusals.WithStatus(x.Op, status); code != "" {
		return code
	}
	if status >= http.StatusInternalServerError {
		return record.CodeInternal
	}
	return record.CodeInvalid
}

// statusOf is the status that the dialect answers a code with.
func statusOf(x *exchange, code record.Code) int {
	f := failures.Of(x.Dialect, x.Env, dialect.Problem{Code: code})
	x.Env.Err = nil
	return f.Status
}

// sample is a problem of a class that nothing is the matter with: it names
// what a real one would, and its answer will have the headers of one.
func (x *exchange) sample(code record.Code, why string) dialect.Problem {
	p := dialect.Problem{Code: code, Why: why}
	x.idem.busy = code == record.CodeIdempotencyBusy
	x.idem.asked = pastKeys(x, code)
	switch statusOf(x, code) {
	case http.StatusTooManyRequests:
		if is(code, record.CodeRateLimited) {
			x.Env.Limit.Retry = 1
			if x.Env.Limit.Policy == "" {
				peekLimit(x)
			}
		}
	case http.StatusMethodNotAllowed:
		x.w.Header().Set("Allow", x.router.paths.Methods(x.at.path))
	case http.StatusBadRequest, http.StatusUnprocessableEntity:
		blame(x, &p)
	case http.StatusNotFound:
		if len(x.Op.Vars) > 0 || x.Op.ByQuery != "" {
			p.Path, p.Value = x.IDVar(), record.Quote(x.ID())
		}
	}
	return p
}

// blame names what a problem of a class is about: a field, a header, or a
// parameter of the query, as the class and the operation have one.
func blame(x *exchange, p *dialect.Problem) {
	if slices.Contains([]record.Code{record.CodeMalformed, record.CodeNotObject, record.CodeMediaType, record.CodeTooLarge}, p.Code) {
		return // the whole body
	}
	for _, h := range slices.Concat(x.Dialect.RequestHeaders, x.Op.RequestHeaders) {
		if p.Code == h.Code || p.Code == h.Missing {
			p.Path, p.Value = h.Name, record.Quote(x.r.Header.Get(h.Name))
			return
		}
	}
	if rule := x.Dialect.Idempotency; rule != nil && slices.Contains([]record.Code{record.CodeIdempotencyNone, record.CodeIdempotencyKey, record.CodeIdempotencyOther}, p.Code) {
		if p.Path = rule.Header; p.Path == "" {
			p.Path = rule.Field
		}
		return
	}
	if f := x.Op.FirstField(); f != nil {
		p.Field, p.Path = f, f.Path
		return
	}
	if name := parameter(x, p.Code); name != "" {
		p.Path, p.Value = name, record.Quote(x.parameters().Get(name))
	}
}

// parameter is a parameter of the query that a problem may be about, "" where
// the operation has none.
func parameter(x *exchange, code record.Code) string {
	var of []string // the likeliest first
	if page := x.Op.Page; page != nil {
		if code == page.SizeError {
			of = append(of, page.SizeParam)
		}
		if code == page.CursorError {
			of = append(of, page.After, page.Skip, page.Number)
		}
		of = append(of, page.SizeParam)
	}
	for _, q := range x.Op.Query {
		of = append(of, q.Name)
	}
	for _, f := range x.Op.Filters {
		of = append(of, f.Param)
	}
	of = append(of, x.Op.ByQuery)
	of = slices.DeleteFunc(of, func(name string) bool { return name == "" })
	for _, name := range of {
		if x.parameters().Has(name) {
			return name
		}
	}
	return slices.Concat(of, []string{""})[0]
}

// pastKeys tells whether the dialect would refuse with a code only after it has
// taken the request's idempotency key, if there is one.
func pastKeys(x *exchange, code record.Code) bool {
	rule := x.Dialect.Idempotency
	if rule == nil || x.Op.Public || !slices.Contains(rule.Methods, x.r.Method) {
		return false
	}
	if key, _, why := readKey(x, rule); key == "" || why != "" {
		return false
	}
	keys := slices.Index(x.Dialect.Checks, dialect.StageIdempotency)
	switch {
	case is(code, record.CodeUnauthorized), is(code, record.CodeRateLimited), is(code, record.CodeRoute), is(code, record.CodeHeader),
		code == record.CodeIdempotencyOther, code == record.CodeIdempotencyBusy:
		return false
	case slices.Contains([]record.Code{record.CodeMalformed, record.CodeNotObject, record.CodeMediaType, record.CodeTooLarge}, code):
		return slices.Index(x.Dialect.Checks, dialect.StageBody) > keys
	}
	return true
}

// is tells whether a code is another one, or narrower.
func is(code, wide record.Code) bool {
	for ; code != ""; code = code.Parent() {
		if code == wide {
			return true
		}
	}
	return false
}
