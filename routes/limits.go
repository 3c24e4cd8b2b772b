package routes

import (
	"net/http"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
)

// limit counts the request against every limit it falls under.
func (x *exchange) limit() *dialect.Problem {
	if x.public() || x.srv.opts.NoLimits {
		return nil
	}
	for _, rule := range x.d.Limits {
		if rule.On != "" || !x.falls(rule) {
			continue
		}
		if p := x.take(rule); p != nil {
			return p
		}
	}
	return nil
}

// limitUnauthorized counts a request whose credential was refused.
func (x *exchange) limitUnauthorized() *dialect.Problem {
	if x.srv.opts.NoLimits {
		return nil
	}
	for _, rule := range x.d.Limits {
		if rule.On == "unauthorized" {
			if p := x.take(rule); p != nil {
				return p
			}
		}
	}
	return nil
}

// falls tells whether a rule counts this request. An operation that a rule
// names counts there and nowhere else.
func (x *exchange) falls(rule *dialect.LimitRule) bool {
	method := x.r.Method
	if len(rule.Methods) > 0 && !slices.Contains(rule.Methods, method) {
		return false
	}
	if rule.Only != nil {
		return x.op != nil && slices.Contains(rule.Only, x.op.Name)
	}
	for _, other := range x.d.Limits {
		if other.Only != nil && x.op != nil && slices.Contains(other.Only, x.op.Name) {
			return false
		}
	}
	return true
}

// take counts the request and notes what the headers show.
func (x *exchange) take(rule *dialect.LimitRule) *dialect.Problem {
	v := x.sb.Limits.Take(x.r.Context(), x.router.policies[rule], x.count(rule), x.owner_(rule))
	x.note(rule, v)
	if v.Allowed {
		return nil
	}
	return &dialect.Problem{Code: record.CodeRateLimited}
}

// count is how many requests the account's plan allows; 0 is the rule's own.
func (x *exchange) count(rule *dialect.LimitRule) int64 {
	if x.env.Account == nil || len(rule.Plans) == 0 {
		return 0
	}
	return rule.Plans[x.env.Account.Text(slotPlan)]
}

// owner_ is whose requests the rule counts together. Credentials are hashed.
func (x *exchange) owner_(rule *dialect.LimitRule) string {
	switch rule.Per {
	case "address":
		return address(x.r)
	case "credential":
		return digest(x.cred.key)
	case "mode":
		return x.account() + "\x00" + x.mode()
	}
	return x.account()
}

func (x *exchange) note(rule *dialect.LimitRule, v ratelimit.Verdict) {
	if x.env.Limit.Policy != "" && v.Allowed && v.Remaining > x.env.Limit.Remaining {
		return // the tighter limit is the one to show
	}
	x.env.Limit = dialect.Limit{Policy: rule.Name, Limit: v.Limit, Remaining: v.Remaining, Reset: v.ResetUnix()}
	if !v.Allowed {
		x.env.Limit.Retry = v.RetrySeconds()
	}
}

// limitHeaders shows the limit. A request that was refused before it was
// counted shows the limit it would fall under.
func (x *exchange) limitHeaders(refused bool, set func(name, value string)) {
	asked := x.env.Limit.Retry > 0 // where there are none in force, too
	if x.srv.opts.NoLimits && !asked || len(x.d.Limits) == 0 || x.sb == nil {
		return
	}
	if x.env.Limit.Policy == "" {
		x.peek()
	}
	if x.env.Limit.Policy == "" {
		return
	}
	x.d.LimitHeaders.Each(&x.env, set)
	if refused {
		x.d.LimitRefused.Each(&x.env, set)
	}
}

func (x *exchange) peek() {
	asked := x.env.Limit.Retry > 0 // for the answer of an empty limit
	if x.env.Credential == nil && x.d.Auth.Scheme != "none" {
		x.identify() // whose limit it is
	}
	for _, rule := range x.d.Limits {
		if rule.On == "" && x.falls(rule) {
			v := x.sb.Limits.Peek(x.r.Context(), x.router.policies[rule], x.count(rule), x.owner_(rule))
			if asked {
				v = v.Emptied(x.router.policies[rule], x.now())
			}
			x.note(rule, v)
			return
		}
	}
}

// writesBody tells whether a method can carry a body that counts.
func writesBody(method string) bool {
	return method == http.MethodPost || method == http.MethodPut || method == http.MethodPatch
}

// mediaType is the type of a body without parameters, in lower case.
func mediaType(h http.Header) string {
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}
