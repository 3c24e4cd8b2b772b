package compile

import (
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

func (c *compiler) auth(n *yml.Node) {
	a := &c.d.Auth
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
			if len(a.Schemes) > 1 && (slices.Contains(a.Schemes, "headers") || slices.Contains(a.Schemes, "none")) {
				c.Report(v, "several schemes can be bearer and basic; write one of the others alone")
			}
		case "headers":
			a.Headers = c.List(v)
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
	if a.Scheme == "headers" && len(a.Headers) == 0 && (!seen["headers"] || yml.Get(n, "headers") != nil) {
		c.Report(n, "scheme headers needs headers: with their names, the key first")
	}
}

func (c *compiler) tenant(n *yml.Node) *dialect.Tenant {
	t := &dialect.Tenant{Refusal: record.CodeForbidden}
	seen := c.Each(n, grammar.TenantWords, func(key string, _, v *yml.Node) {
		switch key {
		case "header":
			if t.Header = c.Text(v); !validHeader(t.Header) {
				c.Report(v, "%q is no header name", t.Header)
			}
		case "error":
			t.Refusal = c.code(v)
		}
	})
	c.Needs(n, "a tenant", seen, "{ header: X-Account }", "header")
	return t
}

func (c *compiler) keyForm(n *yml.Node) dialect.KeyForm {
	var f dialect.KeyForm
	seen := c.Each(n, grammar.KeyWords, func(key string, k, v *yml.Node) {
		switch key {
		case "like":
			f.Like = c.Text(v)
		case "live":
			f.Live = strconv.FormatBool(c.Bool(v))
		case "guard":
			f.Guard = c.Bool(v)
		case "refuse":
			f.Refuse = c.code(v)
		}
	})
	c.Needs(n, "a key form", seen, `{ like: "sk_*" }`, "like")
	return f
}

func (c *compiler) headerSections(s map[string]*yml.Node) {
	c.d.Headers = c.headers(s["headers"], c.scope(nil))
	c.d.LimitHeaders = c.headers(s["limit_headers"], c.scope(nil))
	c.d.LimitRefused = c.headers(s["limit_refused"], c.scope(nil))
	c.d.RequestHeaders = c.headerRules(s["request_headers"], "request_headers", record.CodeHeader, c.scope(nil))
}

// headerRules reads what holds for request headers or query parameters.
func (c *compiler) headerRules(n *yml.Node, what string, code record.Code, s *template.Scope) []*dialect.HeaderRule {
	var out []*dialect.HeaderRule
	c.Entries(n, what, func(name string, k, v *yml.Node) {
		h := &dialect.HeaderRule{Name: name, Line: k.Line, Code: code}
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
				h.Missing = c.code(v)
			case "error":
				h.Code = c.code(v)
			}
		})
		out = append(out, h)
	})
	return out
}

// headers reads names and texts.
func (c *compiler) headers(n *yml.Node, s *template.Scope) dialect.Headers {
	var out dialect.Headers
	c.Entries(n, "headers", func(name string, k, v *yml.Node) {
		if !validHeader(name) {
			c.Report(k, "%q is no header name", name)
		}
		src := c.Text(v)
		if rest, ok := strings.CutPrefix(src, "$"); ok {
			src = "{" + strings.TrimSuffix(strings.TrimPrefix(rest, "("), ")") + "}"
		}
		out = append(out, dialect.Header{Name: name, Text: s.Text(v, src)})
	})
	return out
}

func validHeader(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return s != ""
}

func (c *compiler) limits(n *yml.Node) {
	c.Entries(n, "limits", func(name string, k, v *yml.Node) {
		l := &dialect.LimitRule{Name: name, Kind: "window", Per: "account", Line: k.Line}
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
		c.d.Limits = append(c.d.Limits, l)
	})
}

// limited checks that limits and fields name operations that there are.
func (c *compiler) limited(n *yml.Node) {
	known := c.d.OperationNames()
	for i := 1; n != nil && n.Kind == yml.Mapping && i < len(n.Content); i += 2 {
		only := yml.Get(n.Content[i], "only")
		if only != nil {
			c.onlys = append(c.onlys, grammar.Items(only)...)
		}
	}
	for _, item := range c.onlys {
		if item.Kind == yml.Scalar && !slices.Contains(known, item.Value) && c.missing(item.Value) && !c.meant("operations", c.operationsAt) {
			c.Report(item, "no operation %q%s", item.Value, yml.Instead(item.Value, known))
		}
	}
}

// methods reads a list of HTTP methods.
func (c *compiler) methods(n *yml.Node) []string {
	list := c.List(n)
	for _, m := range list {
		if !slices.Contains(grammar.HTTPMethods.Words, m) {
			c.Report(n, "no method %q; write %s", m, grammar.HTTPMethods.One())
		}
	}
	return list
}

func (c *compiler) idempotency(n *yml.Node) {
	if n == nil {
		return
	}
	i := &dialect.Idempotency{Line: n.Line, Longest: 255, Keeps: map[int]bool{}}
	seen := c.Each(n, grammar.IdempotencyWords, func(key string, k, v *yml.Node) {
		switch key {
		case "header":
			i.Header = c.Text(v)
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
			i.First = c.headers(v, c.scope(nil))
		case "replay":
			i.Replay = c.headers(v, c.scope(nil))
		case "busy":
			i.Busy = c.headers(v, c.scope(nil))
		}
	})
	c.Needs(n, "idempotency", seen, "{ header: Idempotency-Key, methods: [POST], keep: 24h }", "methods", "keep")
	if seen != nil && !seen["header"] && !seen["field"] {
		c.Report(n, "idempotency needs header: with a header, or field: with a member of the body, that holds the key")
	}
	c.d.Idempotency = i
}

func (c *compiler) idSpec(n *yml.Node) *ids.Spec {
	s := &ids.Spec{}
	seen := c.Each(n, grammar.IDWords, func(key string, k, v *yml.Node) {
		switch key {
		case "prefix":
			s.Prefix = c.Text(v)
		case "alphabet":
			a, ok := ids.Alphabet(v.Value)
			if !ok {
				c.Report(v, "no alphabet %q%s; write one of %s", v.Value, yml.DidYouMean(v.Value, ids.AlphabetNames()),
					strings.Join(ids.AlphabetNames(), ", "))
				a = "0"
			}
			s.Alphabet = a
		case "length":
			s.Length = c.IntWithin(v, 1, 200, "length is a number of characters from 1 to 200")
		case "uuid":
			c.OneOf(v, grammar.UUIDVersions)
			s.UUID = true
		case "ulid":
			s.ULID = c.Bool(v)
		}
	})
	switch {
	case s.UUID && (s.ULID || seen["alphabet"] || seen["length"]):
		c.Report(n, "a UUID has its own alphabet and length; write { uuid: 4 }, with a prefix: if need be")
	case s.UUID:
	case s.ULID:
		if s.Length = ids.ULIDLength; s.Alphabet == "" {
			s.Alphabet, _ = ids.Alphabet("CROCKFORD")
		}
		if upper, _ := ids.Alphabet("CROCKFORD"); seen["length"] || !strings.EqualFold(s.Alphabet, upper) {
			c.Report(n, "a ULID has 26 characters of CROCKFORD or crockford; write { ulid: true }, with a prefix: or one of these alphabets if need be")
		}
	case seen["uuid"] || seen["ulid"] && yml.Get(n, "ulid") == nil:
	case seen != nil && (!seen["alphabet"] || !seen["length"]):
		c.Report(n, "an id shape needs alphabet: and length: (1 to 200), uuid: 4 or ulid: true")
	}
	if s.Alphabet == "" && !s.UUID {
		s.Alphabet, s.Length = "0", 1
	}
	return s
}
