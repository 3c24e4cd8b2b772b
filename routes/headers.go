package routes

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/record"
)

// headersStage checks the headers that the dialect has rules for. They are about
// who asks, which a public operation does not.
type headersStage struct{}

func (headersStage) check(x *exchange) (*dialect.Problem, bool) {
	if x.public() {
		return nil, false
	}
	return edge{x}.CheckHeaders(x.Dialect.RequestHeaders), false
}

// CheckHeaders checks request headers; those of an operation are about its
// record, and checked with its state.
func (x edge) CheckHeaders(rules []*access.HeaderRule) *dialect.Problem {
	for _, h := range rules {
		if p := checkRule(h, x.r.Header.Get(h.Name), x.Env); p != nil {
			return p
		}
	}
	return nil
}

// checkRule checks a header or a query parameter that was sent.
func checkRule(h *access.HeaderRule, v string, e *dialect.Env) *dialect.Problem {
	switch {
	case v == "" && h.Missing != "":
		return &dialect.Problem{Code: h.Missing, Path: h.Name, Why: "is required"}
	case v == "":
		return nil
	}
	why := ""
	if !allowedHeader(h, v) {
		if why = "has the wrong format"; len(h.OneOf) > 0 {
			why = "must be one of " + strings.Join(h.OneOf, ", ")
		}
	} else if want := h.Value(&e.Env); want != "" && want != v {
		why = "must be " + want
	}
	if why == "" {
		return nil
	}
	return &dialect.Problem{Code: h.Code, Path: h.Name, Why: why, Value: record.Quote(v)}
}

// header returns a request header as templates see it: one with rules counts
// only when it keeps them.
func (x *exchange) header(name string) string {
	v := x.r.Header.Get(name)
	for _, h := range x.Dialect.RequestHeaders {
		if strings.EqualFold(h.Name, name) && !allowedHeader(h, v) {
			return h.Default
		}
	}
	return v
}

func allowedHeader(h *access.HeaderRule, v string) bool {
	if h.Match != nil && !h.Match.MatchString(v) {
		return false
	}
	if len(h.OneOf) == 0 {
		return v != ""
	}
	for _, ok := range h.OneOf {
		if v == ok {
			return true
		}
	}
	return false
}
