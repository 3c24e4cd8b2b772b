package routes

import (
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
)

var slotPlan = record.Accounts.MustSlot("plan")

// limitStage counts the request against every limit it falls under.
type limitStage struct{}

func (limitStage) check(x *exchange) (*dialect.Problem, bool) {
	if x.public() || x.srv.opts.NoLimits {
		return nil, false
	}
	for _, rule := range x.Dialect.Limits {
		if rule.On != "" || !fallsUnder(x, rule) {
			continue
		}
		if p := take(x, rule); p != nil {
			return p, false
		}
	}
	return nil, false
}

// countUnauthorized counts a request whose credential was refused.
func countUnauthorized(x *exchange) *dialect.Problem {
	if x.srv.opts.NoLimits {
		return nil
	}
	for _, rule := range x.Dialect.Limits {
		if rule.On == "unauthorized" {
			if p := take(x, rule); p != nil {
				return p
			}
		}
	}
	return nil
}

// fallsUnder tells whether a rule counts this request. An operation that a rule
// names counts there and nowhere else.
func fallsUnder(x *exchange, rule *access.LimitRule) bool {
	method := x.r.Method
	if len(rule.Methods) > 0 && !slices.Contains(rule.Methods, method) {
		return false
	}
	if rule.Only != nil {
		return x.Op != nil && slices.Contains(rule.Only, x.Op.Name)
	}
	for _, other := range x.Dialect.Limits {
		if other.Only != nil && x.Op != nil && slices.Contains(other.Only, x.Op.Name) {
			return false
		}
	}
	return true
}

// take counts the request and notes what the headers show.
func take(x *exchange, rule *access.LimitRule) *dialect.Problem {
	v := x.sb.Limits.Take(x.r.Context(), x.router.policies[rule], planned(x, rule), counted(x, rule))
	noteLimit(x, rule, v)
	if v.Allowed {
		return nil
	}
	return &dialect.Problem{Code: record.CodeRateLimited, Line: rule.Line}
}

// planned is how many requests the account's plan allows; 0 is the rule's own.
func planned(x *exchange, rule *access.LimitRule) int64 {
	if x.Env.Account == nil || len(rule.Plans) == 0 {
		return 0
	}
	return rule.Plans[x.Env.Account.Text(slotPlan)]
}

// counted is whose requests the rule counts together. Credentials are hashed.
func counted(x *exchange, rule *access.LimitRule) string {
	switch rule.Per {
	case "address":
		return address(x.r)
	case "credential":
		return digest(x.cred.key)
	case "mode":
		return x.Account() + "\x00" + x.Mode()
	}
	return x.Account()
}

// noteLimit keeps what the headers show: the tightest limit.
func noteLimit(x *exchange, rule *access.LimitRule, v ratelimit.Verdict) {
	if x.Env.Limit.Policy != "" && v.Allowed && v.Remaining > x.Env.Limit.Remaining {
		return // the tighter limit is the one to show
	}
	x.Env.Limit = dialect.Limit{Policy: rule.Name, Limit: v.Limit, Remaining: v.Remaining, Reset: v.ResetUnix()}
	if !v.Allowed {
		x.Env.Limit.Retry = v.RetrySeconds()
	}
}

// limitHeaders shows the limit. A request that was refused before it was
// counted shows the limit it would fall under.
func limitHeaders(x *exchange, refused bool, set func(name, value string)) {
	asked := x.Env.Limit.Retry > 0 // where there are none in force, too
	if x.srv.opts.NoLimits && !asked || len(x.Dialect.Limits) == 0 || x.sb == nil {
		return
	}
	if x.Env.Limit.Policy == "" {
		peekLimit(x)
	}
	if x.Env.Limit.Policy == "" {
		return
	}
	x.Dialect.LimitHeaders.Each(&x.Env.Env, set)
	if refused {
		x.Dialect.LimitRefused.Each(&x.Env.Env, set)
	}
}

// peekLimit notes the limit that the request would fall under.
func peekLimit(x *exchange) {
	asked := x.Env.Limit.Retry > 0 // for the answer of an empty limit
	if x.Env.Credential == nil && x.Dialect.Auth.Scheme != "none" {
		identify(x) // whose limit it is
	}
	for _, rule := range x.Dialect.Limits {
		if rule.On == "" && fallsUnder(x, rule) {
			v := x.sb.Limits.Peek(x.r.Context(), x.router.policies[rule], planned(x, rule), counted(x, rule))
			if asked {
				v = v.Emptied(x.router.policies[rule], x.Env.Now)
			}
			noteLimit(x, rule, v)
			return
		}
	}
}
