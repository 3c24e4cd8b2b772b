package routes

import (
	"net/http"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
)

// CORS is whose web pages may call a dialect from a browser.
type CORS struct {
	Origins  []string            // of all dialects; * is every page
	Dialects map[string][]string // of one, instead
}

// of lists the origins that may call a dialect.
func (c CORS) of(dialect string) []string {
	if own, ok := c.Dialects[dialect]; ok {
		return own
	}
	return c.Origins
}

// preflight is the method that a browser asks about before it calls, "" when a
// request is no such question.
func preflight(r *http.Request) string {
	if r.Method != http.MethodOptions || r.Header.Get("Origin") == "" {
		return ""
	}
	return r.Header.Get("Access-Control-Request-Method")
}

// cors lets a page of an allowed origin read the answer, and answers the
// question whether it may ask; then it returns true. That happens before
// anything else is looked at, since a browser asks without a credential, and
// leaves no entry in the journal, since the client asked nothing.
func (s *Server) cors(w http.ResponseWriter, r *http.Request, at destination) bool {
	origin := r.Header.Get("Origin")
	allowed := s.opts.CORS.of(at.router.dialect.Name)
	if len(allowed) == 0 {
		return false
	}
	h := w.Header()
	all := slices.Contains(allowed, "*")
	if !all {
		h.Add("Vary", "Origin") // also where there is none, for caches
	}
	if origin == "" || !all && !slices.ContainsFunc(allowed, func(o string) bool { return strings.EqualFold(o, origin) }) {
		return false
	}
	if h.Set("Access-Control-Allow-Origin", origin); all {
		h.Set("Access-Control-Allow-Origin", "*")
	}
	if preflight(r) == "" {
		h.Set("Access-Control-Expose-Headers", "*")
		return false
	}
	methods := at.router.paths.Methods(at.path)
	if methods == "" { // so that the page sees the 404
		methods = "GET, HEAD, POST, PUT, PATCH, DELETE"
	}
	h.Set("Access-Control-Allow-Methods", methods)
	h.Set("Access-Control-Allow-Headers", at.router.allowed)
	h.Set("Access-Control-Max-Age", "600")
	if r.Header.Get("Access-Control-Request-Private-Network") == "true" { // from a public page to this machine
		h.Set("Access-Control-Allow-Private-Network", "true")
	}
	w.WriteHeader(http.StatusNoContent)
	return true
}

// allowedHeaders lists the request headers that a page may send to a dialect:
// those that it reads, and those that we do.
func allowedHeaders(d *dialect.Dialect) string {
	list := []string{"Accept", "Content-Type", "Prefer", "Traceparent", sandboxHeader, "X-Polylink-Scenario"}
	if slices.Contains(d.Auth.Schemes, "bearer") || slices.Contains(d.Auth.Schemes, "basic") {
		list = append(list, "Authorization")
	}
	list = append(list, d.Auth.Headers...)
	if d.Idempotency != nil && d.Idempotency.Header != "" {
		list = append(list, d.Idempotency.Header)
	}
	if t := d.Auth.Tenant; t != nil {
		list = append(list, t.Header)
	}
	rules := slices.Clone(d.RequestHeaders)
	for _, op := range d.Operations {
		rules = append(rules, op.RequestHeaders...)
	}
	for _, rule := range rules {
		list = append(list, rule.Name)
	}
	slices.SortFunc(list, func(a, b string) int { return strings.Compare(strings.ToLower(a), strings.ToLower(b)) })
	return strings.Join(slices.CompactFunc(list, strings.EqualFold), ", ")
}
