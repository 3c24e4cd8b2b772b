package dialect

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

func (c *compiler) operations(n *yml.Node) {
	if n == nil {
		if !c.seen["operations"] {
			c.Report(c.root, "no operations: section; bind at least one method and path")
		}
		return
	}
	seen := map[string]string{}
	c.entries(n, "operations", func(name string, k, v *yml.Node) {
		c.written[name] = true
		op := c.operation(name, k, v)
		if op == nil {
			c.failed = append(c.failed, name)
			return
		}
		at := op.Method + " " + shape(op.Path)
		if other := seen[at]; other != "" && op.Path != "" {
			c.Report(k, "%s and %s answer at the same method and path", name, other)
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

func (c *compiler) operation(name string, k, n *yml.Node) *Op {
	noun, verb, dotted := strings.Cut(name, ".")
	if !dotted {
		c.Report(k, "an operation is called noun.verb, as in link.update")
		return nil
	}
	op := &Op{Name: name, Status: 200, Gated: true, Within: -1, dialect: c.d, Line: k.Line, Resource: c.d.Resources[noun], answer: c.d.answer, bodiless: c.d.bodiless}
	words := map[string]*yml.Node{}
	has := c.each(n, operationWords, func(key string, _, v *yml.Node) { words[key] = v })
	if has == nil || has["does"] && words["does"] == nil {
		return nil
	}
	c.vague[op] = has["within"] && words["within"] == nil
	if w := words["does"]; w != nil {
		if op.Does = Verb(c.oneOf(w, verbNames)); w.Value != string(op.Does) {
			return nil
		}
	} else if op.Does = Verb(verb); !slices.Contains(verbNames.Words, verb) {
		if !has["does"] {
			c.Report(k, "no verb %q%s; say what %s does with does: and one of %s", verb, yml.DidYouMean(verb, verbNames.Words), name, strings.Join(verbNames.Words, ", "))
		}
		return nil
	}
	if op.Resource == nil && op.Does != Answer && op.Does != Refuse {
		if c.missing(noun) && !c.meant("resources", c.resourcesAt) {
			c.Report(k, "no resource %q for operation %s%s", noun, name, yml.Instead(noun, slices.Collect(maps.Keys(c.d.Resources))))
		}
		return nil
	}
	if op.Resource != nil && op.Resource.tree == nil {
		return nil // which has a fault of its own
	}
	if w := words["by"]; w != nil {
		op.ByQuery = c.str(w)
	}
	if words["at"] != nil || !has["at"] {
		c.path(op, words["at"], k)
	}
	c.operationWords(op, words)
	if op.Resource != nil {
		op.encode = encodePlan(op.Resource.tree, func(f *Field) bool { return f.only == nil || slices.Contains(f.only, op.Name) })
	}
	if op.StateCode = record.CodeState; op.Does != Refuse && op.Refusal != "" {
		op.StateCode = op.Refusal
	}
	c.fitting(op, words, has, k)
	if op.Does == Create && op.Resource.id == nil && !namesItself(op.Resource) {
		c.Report(k, "%s makes records; give resource %s an id:, or a field with to: id and need: create", name, noun)
	}
	return op
}

// path reads METHOD /path and the variables in it.
func (c *compiler) path(op *Op, n, k *yml.Node) {
	if n == nil {
		c.Report(k, "%s needs at: with a method and a path, as in at: GET /v1/links/{id}", op.Name)
		return
	}
	text, isText := c.name(n)
	if !isText {
		return
	}
	method, path, ok := strings.Cut(text, " ")
	switch {
	case !ok || !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#"):
		c.Report(n, "write a method and a path, as in GET /v1/links/{id}")
		return
	case strings.Contains(path, "//"):
		c.Report(n, "the path has nothing between two slashes; write one slash, or a {name} between them")
		return
	case strings.Contains(path, "/:"):
		c.Report(n, "a variable in a path is written {name}, as in GET /v1/links/{id}, not :name")
		return
	case !slices.Contains(boundMethods.Words, method):
		c.Report(n, "no method %q; write %s", method, boundMethods.one())
	}
	op.Method, op.Path = method, path
	for rest := path; ; {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			break
		}
		end := strings.IndexByte(rest[open:], '}')
		if end < 2 || !template.IsName(rest[open+1:open+end]) {
			c.Report(n, "the variable in %q is not {name}", rest[open:])
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
		if len(op.Vars) != want && !c.loose[op.Resource] {
			c.Report(n, "%s needs %s in its path (parents first, then the record) and has %d", op.Name, plural(want, "variable"), len(op.Vars))
		}
	}
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// verbWords are the words that only some verbs take.
var verbWords = []struct {
	word  string
	verbs []Verb
}{
	{"page", []Verb{List}}, {"filters", []Verb{List}}, {"touch", []Verb{Update}},
	{"set", []Verb{Create, Update}}, {"unwrap", []Verb{Create, Update}}, {"by", []Verb{Get, Update, Delete}},
}

// fitting checks the words of an operation against its verb.
func (c *compiler) fitting(op *Op, words map[string]*yml.Node, has present, k *yml.Node) {
	for _, w := range verbWords {
		// Without a resource, the word has a fault already.
		if n := words[w.word]; n != nil && !slices.Contains(w.verbs, op.Does) && (op.Resource != nil || w.word == "page") {
			c.Report(n, "%s does %s, which takes no %s:; remove it", op.Name, op.Does, w.word)
		}
	}
	switch {
	case op.Does == Refuse && !has["error"]:
		c.Report(k, "%s needs error: with what it fails with, as in error: method_not_allowed", op.Name)
	case op.Does != Refuse && words["error"] != nil && words["from"] == nil:
		c.Report(words["error"], "%s does %s, which takes no error:; write does: refuse with it, or remove it", op.Name, op.Does)
	}
	if op.Does == Answer && !has["answer"] {
		c.Report(k, "%s answers with a document; write it as answer:", op.Name)
	}
	answer := words["answer"]
	switch {
	case has["answer"] && answer == nil:
	case op.Does == List && (op.answer == nil || !op.answer.Has("items")):
		if answer == nil {
			answer = k
		}
		c.Report(answer, "%s needs an answer: with $items in it, as in answer: { data: $items }", op.Name)
	case op.Does != List && answer != nil && op.answer.Has("items"):
		c.Report(answer, "%s does %s, and only a list has $items; write $item", op.Name, op.Does)
	case answer == nil || !op.answer.Has("total"):
	case op.Page == nil && !has["page"] || op.Page != nil && !op.Page.Count && !op.Page.unsure:
		c.Report(answer, "$total needs count: true in page:")
	}
}

// paging checks the words of a page against each other.
func (c *compiler) paging(n *yml.Node, p *Page, seen present) {
	if p.Max > 0 && p.Size > p.Max && seen["size"] {
		c.Report(yml.Get(n, "size"), "size is above max; write a size of %d at most", p.Max)
	}
	if p.Max > 0 && p.Min > p.Max {
		c.Report(yml.Get(n, "min"), "min is above max; write the smaller number as min:")
	}
	if p.Style == "number" && !seen["number"] {
		c.Report(n, "style number needs number: with the parameter of the page, as in { style: number, size: 20, number: page }")
	}
	params := map[string]string{}
	for _, word := range []string{"by", "after", "before", "skip", "number"} {
		v := yml.Get(n, word)
		if v == nil || v.Value == "" {
			continue
		}
		if other := params[v.Value]; other != "" {
			c.Report(v, "%s: and %s: are the same parameter; give one another name", other, word)
		}
		params[v.Value] = word
	}
}

func (c *compiler) operationWords(op *Op, words map[string]*yml.Node) {
	for key, v := range words {
		switch key {
		case "ok":
			op.Status = c.within(v, 200, 299, "ok is a status from 200 to 299")
		case "scope":
			op.Scope = c.str(v)
		case "public":
			op.Public = c.boolean(v)
		case "gated":
			op.Gated = c.boolean(v)
		case "from", "set", "filters", "within":
			if op.Resource == nil {
				c.Report(v, "%s has no resource, so it takes no %s:; remove it", op.Name, key)
				continue
			}
			c.onResource(op, key, v)
		case "touch":
			op.Touch = c.oneOf(v, touches) == "always"
		case "unwrap":
			op.unwrap = strings.Split(c.str(v), ".")
		case "answer":
			doc := c.scope(op.Resource).Document(v)
			op.answer = &doc
		case "headers":
			op.Headers = c.headers(v, c.scope(op.Resource))
		case "request_headers":
			op.RequestHeaders = c.headerRules(v, key, record.CodeHeader, c.scope(op.Resource))
		case "query":
			op.Query = c.headerRules(v, "query", record.CodeParameter, c.scope(nil))
		case "page":
			op.Page = c.page(v)
		case "writes":
			c.writes(op, v)
		case "empty_body":
			op.bodiless = c.oneOf(v, emptyBodies) == "take"
		case "error":
			op.Refusal = c.code(v)
		}
	}
}

// writes reads which fields alone the operation takes.
func (c *compiler) writes(op *Op, n *yml.Node) {
	if op.Resource == nil || !op.Writes() {
		c.Report(n, "%s writes no fields; remove writes:", op.Name)
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
		if c.loose[op.Resource] {
			c.vague[op] = true
			return
		}
		if op.Resource.Parent == nil {
			c.Report(n, "within names a slot of the parent; give resource %s a parent:", op.Resource.Name)
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
	p := &Page{Style: "none", Min: 1, SizeError: record.CodeParameter, CursorError: record.CodeParameter}
	seen := c.each(n, pageWords, func(key string, k, v *yml.Node) {
		switch key {
		case "style":
			p.Style = c.oneOf(v, pageStyles)
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
			p.Ascending = c.oneOf(v, listOrders) == "oldest"
		case "opaque":
			p.Opaque = c.boolean(v)
		case "count":
			p.Count = c.boolean(v)
		case "size_error":
			p.SizeError = c.code(v)
		case "cursor_error":
			p.CursorError = c.code(v)
		case "more":
			p.Onward = c.oneOf(v, moreSides) == "onward"
		}
	})
	c.needs(n, "page", seen, "{ style: cursor, size: 20 }", "size")
	count := yml.Get(n, "count")
	p.unsure = seen["count"] && (count == nil || count.Value != "false")
	if seen != nil {
		c.paging(n, p, seen)
	}
	return p
}
