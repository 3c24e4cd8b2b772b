package sections

import (
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Auth reads who may call.
func (c Reader) Auth(n *yml.Node) access.Auth {
	a := access.Auth{}
	a.Scheme, a.Schemes = "none", []string{"none"}
	seen := c.Each(n, grammar.AuthWords, func(key string, k, v *yml.Node) {
		switch key {
		case "scheme":
			a.Schemes = nil
			for _, item := range grammar.Items(v) {
				a.Schemes = append(a.Schemes, c.OneOf(item, grammar.Schemes))
			}
			if a.Scheme = "none"; len(a.Schemes) > 0 {
				a.Scheme = a.Schemes[0]
			}
			if len(a.Schemes) > 1 && slices.Contains(a.Schemes, "none") {
				c.Report(v, "none is the scheme of a dialect without credentials; write it alone, or the others without it")
			}
		case "headers":
			for _, item := range grammar.Items(v) {
				a.Headers = append(a.Headers, c.headerName(item))
			}
		case "strict":
			a.Strict = c.Bool(v)
		case "keys":
			if v.Kind != yml.Sequence {
				c.Report(v, "write a list of key forms such as [{ like: \"sk_*\" }]")
				return
			}
			for _, item := range v.Content {
				a.Keys = append(a.Keys, c.keyForm(item))
			}
		case "tenant":
			a.Tenant = c.tenant(v)
		}
	})
	if slices.Contains(a.Schemes, "headers") && len(a.Headers) == 0 && (!seen["headers"] || yml.Get(n, "headers") != nil) {
		c.Report(n, "scheme headers needs headers: with their names, the key first")
	}
	return a
}

func (c Reader) tenant(n *yml.Node) *access.Tenant {
	t := &access.Tenant{Refusal: record.CodeForbidden}
	seen := c.Each(n, grammar.TenantWords, func(key string, _, v *yml.Node) {
		switch key {
		case "header":
			t.Header = c.headerName(v)
		case "error":
			t.Refusal = c.Code(v)
		}
	})
	c.Needs(n, "a tenant", seen, "{ header: X-Account }", "header")
	return t
}

func (c Reader) keyForm(n *yml.Node) access.KeyForm {
	var f access.KeyForm
	seen := c.Each(n, grammar.KeyWords, func(key string, k, v *yml.Node) {
		switch key {
		case "like":
			f.Like = c.Text(v)
		case "live":
			f.Live = strconv.FormatBool(c.Bool(v))
		case "guard":
			f.Guard = c.Bool(v)
		case "refuse":
			f.Refuse = c.Code(v)
		}
	})
	c.Needs(n, "a key form", seen, `{ like: "sk_*" }`, "like")
	return f
}

// HeaderRules reads what holds for request headers or query parameters.
func (c Reader) HeaderRules(n *yml.Node, what string, code record.Code, s *template.Scope) []*access.HeaderRule {
	var out []*access.HeaderRule
	c.Entries(n, what, func(name string, k, v *yml.Node) {
		h := &access.HeaderRule{Name: name, Line: k.Line, Code: code}
		if what == "request_headers" && !ValidHeader(name) {
			c.Report(k, "%q is no header name", name)
		}
		c.Each(v, grammar.HeaderRuleWords, func(key string, _, v *yml.Node) {
			switch key {
			case "one_of":
				h.OneOf = c.NonEmpty(v)
			case "default":
				h.Default = c.Text(v)
			case "match":
				h.Match = c.Pattern(v)
			case "equals":
				doc := s.Document(v)
				h.Equals = &doc
			case "missing":
				h.Missing = c.Code(v)
			case "error":
				h.Code = c.Code(v)
			}
		})
		out = append(out, h)
	})
	return out
}

// Headers reads names and texts.
func (c Reader) Headers(n *yml.Node, s *template.Scope) access.Headers {
	var out access.Headers
	c.Entries(n, "headers", func(name string, k, v *yml.Node) {
		if !ValidHeader(name) {
			c.Report(k, "%q is no header name", name)
		}
		src := c.Text(v)
		if rest, ok := strings.CutPrefix(src, "$"); ok {
			src = "{" + strings.TrimSuffix(strings.TrimPrefix(rest, "("), ")") + "}"
		}
		out = append(out, access.Header{Name: name, Text: s.Text(v, src)})
	})
	return out
}

// headerName reads the name of a header.
func (c Reader) headerName(n *yml.Node) string {
	name := c.Text(n)
	if !ValidHeader(name) && n.Kind == yml.Scalar {
		c.Report(n, "%q is no header name; write one such as X-Api-Key", name)
	}
	return name
}

// ValidHeader tells whether a text can be the name of a header.
func ValidHeader(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return s != ""
}

// Limits reads rate limits.
func (c Reader) Limits(n *yml.Node) []*access.LimitRule {
	var out []*access.LimitRule
	c.Entries(n, "limits", func(name string, k, v *yml.Node) {
		l := &access.LimitRule{Name: name, Kind: "window", Per: "account", Line: k.Line}
		seen := c.Each(v, grammar.LimitWords, func(key string, k, v *yml.Node) {
			switch key {
			case "kind":
				l.Kind = c.OneOf(v, grammar.LimitKinds)
			case "count":
				l.Count = int64(c.Positive(v))
			case "every":
				l.Every = c.Period(v)
			case "per":
				l.Per = c.OneOf(v, grammar.LimitOwners)
			case "methods":
				l.Methods = c.methods(v)
			case "plans":
				l.Plans = map[string]int64{}
				c.Entries(v, "plans", func(plan string, _, v *yml.Node) { l.Plans[plan] = int64(c.Int(v)) })
			case "on":
				l.On = c.OneOf(v, grammar.LimitOccasions)
			case "only":
				l.Only = append([]string{}, c.List(v)...)
			}
		})
		c.Needs(k, "limit "+name, seen, "{ count: 100, every: 1m }", "count", "every")
		out = append(out, l)
	})
	return out
}

// methods reads a list of HTTP methods.
func (c Reader) methods(n *yml.Node) []string {
	list := c.List(n)
	for _, m := range list {
		if !slices.Contains(grammar.HTTPMethods.Words, m) {
			c.Report(n, "no method %q; write %s", m, grammar.HTTPMethods.One())
		}
	}
	return list
}

// Idempotency reads how requests with a key are answered again; nil is not at
// all.
func (c Reader) Idempotency(n *yml.Node) *access.Idempotency {
	if n == nil {
		return nil
	}
	i := &access.Idempotency{Line: n.Line, Longest: 255, Keeps: map[int]bool{}}
	seen := c.Each(n, grammar.IdempotencyWords, func(key string, k, v *yml.Node) {
		switch key {
		case "header":
			i.Header = c.headerName(v)
		case "field":
			i.Field = c.Text(v)
		case "methods":
			i.Methods = c.methods(v)
		case "required":
			i.Required = c.Bool(v)
		case "longest":
			i.Longest = c.Int(v)
		case "keep":
			i.Keep = c.Period(v)
		case "wait":
			i.Wait = c.Duration(v)
		case "scope":
			words := c.Set(v, grammar.KeyScopes)
			i.Account, i.Mode = words["account"], words["mode"]
		case "same":
			words := c.Set(v, grammar.SameParts)
			i.SameM, i.SameP, i.SameB = words["method"], words["path"], words["body"]
		case "keeps":
			for w := range c.Set(v, grammar.KeptAnswers) {
				i.Keeps[int(w[0]-'0')] = true
			}
		case "first":
			i.First = c.Headers(v, c.Texts())
		case "replay":
			i.Replay = c.Headers(v, c.Texts())
		case "busy":
			i.Busy = c.Headers(v, c.Texts())
		}
	})
	c.Needs(n, "idempotency", seen, "{ header: Idempotency-Key, methods: [POST], keep: 24h }", "methods", "keep")
	if seen != nil && !seen["header"] && !seen["field"] {
		c.Report(n, "idempotency needs header: with a header, or field: with a member of the body, that holds the key")
	}
	return i
}
