package dialect

import (
	"polylink/internal/yml"
	"polylink/link"
	"strings"
)

func (c *compiler) operations(n *yml.Node) {
	if n == nil {
		c.fault(c.root, "no operations: section; bind at least one method and path")
		return
	}
	seen := map[string]string{}
	c.entries(n, "operations", func(name string, k, v *yml.Node) {
		op := c.operation(name, k, v)
		if op == nil {
			return
		}
		at := op.Method + " " + shape(op.Path)
		if other := seen[at]; other != "" && op.Path != "" {
			c.fault(k, "%s and %s answer at the same method and path", name, other)
		}
		seen[at] = name
		c.d.Operations = append(c.d.Operations, op)
	})
	c.grown()
}

// shape is a path with its variables made equal.
func shape(path string) string {
	var b strings.Builder
	depth := 0
	for _, r := range path {
		switch r {
		case '{':
			depth++
			b.WriteString("{}")
		case '}':
			depth--
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}

var verbs = []string{"create", "get", "list", "update", "delete", "answer", "refuse"}

func (c *compiler) operation(name string, k, n *yml.Node) *Op {
	noun, verb, dotted := strings.Cut(name, ".")
	if !dotted {
		c.fault(k, "an operation is called noun.verb, as in link.update")
		return nil
	}
	op := &Op{Name: name, Status: 200, Gated: true, Within: -1, dialect: c.d, Line: k.Line, Resource: c.d.Resources[noun], answer: c.d.answer}
	words := map[string]*yml.Node{}
	c.each(n, operationWords, func(key string, _, v *yml.Node) { words[key] = v })
	if w := words["does"]; w != nil {
		op.Does = Verb(c.oneOf(w, "verb", verbs...))
	} else if op.Does = Verb(verb); !has(verbs, verb) {
		c.fault(k, "no verb %q; say what %s does with does: %s", verb, name, strings.Join(verbs, ", "))
		return nil
	}
	if op.Resource == nil && op.Does != Answer && op.Does != Refuse {
		c.fault(k, "no resource %q for operation %s", noun, name)
		return nil
	}
	if w := words["by"]; w != nil {
		op.ByQuery = c.str(w)
	}
	c.path(op, words["at"], k)
	c.operationWords(op, words)
	if op.Resource != nil && op.Resource.tree != nil {
		op.encode = encodePlan(op.Resource.tree, func(f *Field) bool { return f.only == nil || has(f.only, op.Name) })
	}
	if op.StateCode = link.CodeState; op.Does != Refuse && op.Refusal != "" {
		op.StateCode = op.Refusal
	}
	if op.Does == Answer && words["answer"] == nil {
		c.fault(k, "%s answers with a document; write it as answer:", name)
	}
	if op.Does == Create && op.Resource.id == nil && !op.Resource.named() {
		c.fault(k, "%s makes records; give resource %s an id:, or a field with to: id and need: create", name, noun)
	}
	return op
}

// path reads METHOD /path and the variables in it.
func (c *compiler) path(op *Op, n, k *yml.Node) {
	if n == nil {
		c.fault(k, "%s needs at: with a method and a path, as in at: GET /v1/links/{id}", op.Name)
		return
	}
	method, path, ok := strings.Cut(c.str(n), " ")
	switch {
	case !ok || !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#"):
		c.fault(n, "write a method and a path, as in GET /v1/links/{id}")
		return
	case !has([]string{"GET", "POST", "PUT", "PATCH", "DELETE"}, method):
		c.fault(n, "no method %q; write GET, POST, PUT, PATCH or DELETE", method)
	}
	op.Method, op.Path = method, path
	for rest := path; ; {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(rest[open:], '}')
		if end < 2 || !isName(rest[open+1:open+end]) {
			c.fault(n, "the variable in %q is not {name}", rest[open:])
			return
		}
		op.Vars = append(op.Vars, rest[open+1:open+end])
		rest = rest[open+end+1:]
	}
	want := 0
	if op.Resource != nil && op.Does != Answer && op.Does != Refuse {
		if op.Does != Create && op.Does != List && op.ByQuery == "" {
			want++
		}
		if op.Resource.Parent != nil {
			want++
		}
		if len(op.Vars) != want {
			c.fault(n, "%s needs %d variables in its path (parents first, then the record) and has %d", op.Name, want, len(op.Vars))
		}
	}
}

func (c *compiler) operationWords(op *Op, words map[string]*yml.Node) {
	for key, v := range words {
		switch key {
		case "ok":
			if op.Status = c.integer(v); op.Status < 200 || op.Status > 299 {
				c.fault(v, "ok is a status from 200 to 299")
			}
		case "scope":
			op.Scope = c.str(v)
		case "public":
			op.Public = c.boolean(v)
		case "gated":
			op.Gated = c.boolean(v)
		case "from", "set", "filters", "within":
			if op.Resource == nil {
				c.fault(v, "%s has no resource, so it takes no %s:; remove it", op.Name, key)
				continue
			}
			c.onResource(op, key, v)
		case "touch":
			op.Touch = c.oneOf(v, "occasion", "always") == "always"
		case "unwrap":
			op.unwrap = strings.Split(c.str(v), ".")
		case "answer":
			doc := c.document(v, c.scope(op.Resource))
			op.answer = &doc
		case "headers":
			op.headers = c.headers(v, c.scope(op.Resource))
		case "request_headers":
			op.RequestHeaders = c.headerRules(v, key, link.CodeHeader, c.scope(op.Resource))
		case "query":
			op.Query = c.headerRules(v, "query", link.CodeParameter, c.scope(nil))
		case "page":
			op.Page = c.page(v)
		case "writes":
			c.writes(op, v)
		case "error":
			op.Refusal = c.code(v)
		}
	}
}

// writes reads which fields alone the operation takes.
func (c *compiler) writes(op *Op, n *yml.Node) {
	if op.Resource == nil || !op.writes() {
		c.fault(n, "%s writes no fields; remove writes:", op.Name)
		return
	}
	op.only = map[*Field]bool{}
	for _, item := range items(n) {
		if f := c.fieldName(op.Resource, item); f != nil {
			op.only[f] = true
		}
	}
}

// onResource reads the words that are about the operation's resource.
func (c *compiler) onResource(op *Op, key string, n *yml.Node) {
	switch key {
	case "from":
		op.From = c.states(op.Resource, n)
	case "set":
		op.assignments = c.assignments(op.Resource, n)
	case "within":
		if op.Resource.Parent == nil {
			c.fault(n, "within names a slot of the parent; give resource %s a parent:", op.Resource.Name)
			return
		}
		op.Within = c.slot(op.Resource.Parent, n)
	default:
		c.filters(op, n)
	}
}

func (c *compiler) filters(op *Op, n *yml.Node) {
	c.entries(n, "filters", func(param string, _, v *yml.Node) {
		if f := c.fieldName(op.Resource, v); f != nil {
			op.Filters = append(op.Filters, &Filter{param, f})
		}
	})
}

func (c *compiler) page(n *yml.Node) *Page {
	p := &Page{Style: "none", Min: 1, SizeError: link.CodeParameter, CursorError: link.CodeParameter}
	seen := c.each(n, pageWords, func(key string, k, v *yml.Node) {
		switch key {
		case "style":
			p.Style = c.oneOf(v, "style of paging", "cursor", "offset", "number")
		case "size":
			p.Size = c.positive(v)
		case "min":
			p.Min = c.integer(v)
		case "max":
			p.Max = c.integer(v)
		case "by":
			p.SizeParam = c.str(v)
		case "after":
			p.After = c.str(v)
		case "before":
			p.Before = c.str(v)
		case "skip":
			p.Skip = c.str(v)
		case "number":
			p.Number = c.str(v)
		case "order":
			p.Ascending = c.oneOf(v, "order", "newest", "oldest") == "oldest"
		case "opaque":
			p.Opaque = c.boolean(v)
		case "count":
			p.Count = c.boolean(v)
		case "size_error":
			p.SizeError = c.code(v)
		case "cursor_error":
			p.CursorError = c.code(v)
		case "more":
			p.Onward = c.oneOf(v, "side", "behind", "onward") == "onward"
		}
	})
	c.needs(n, "page", seen, "{ style: cursor, size: 20 }", "size")
	return p
}
