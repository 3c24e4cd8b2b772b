package compile

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
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
	c.Entries(n, "operations", func(name string, k, v *yml.Node) {
		c.written[name] = true
		op := c.operation(name, k, v)
		if op == nil {
			c.failed = append(c.failed, name)
			return
		}
		at := op.Method + " " + dialect.Shape(op.Path)
		if other := seen[at]; other != "" && op.Path != "" {
			c.Report(k, "%s and %s answer at the same method and path", name, other)
		}
		seen[at] = name
		c.d.Operations = append(c.d.Operations, op)
	})
	c.grown()
}

func (c *compiler) operation(name string, k, n *yml.Node) *dialect.Op {
	noun, verb, dotted := strings.Cut(name, ".")
	if !dotted {
		c.Report(k, "an operation is called noun.verb, as in link.update")
		return nil
	}
	op := &dialect.Op{Name: name, Status: 200, Gated: true, Within: -1, Owner: c.d, Line: k.Line, Resource: c.d.Resources[noun], Answer: c.d.Answer, Bodiless: c.d.Bodiless}
	words := map[string]*yml.Node{}
	has := c.Each(n, grammar.OperationWords, func(key string, _, v *yml.Node) { words[key] = v })
	if has == nil || has["does"] && words["does"] == nil {
		return nil
	}
	c.vague[op] = has["within"] && words["within"] == nil
	if w := words["does"]; w != nil {
		if op.Does = dialect.Verb(c.OneOf(w, grammar.VerbNames)); w.Value != string(op.Does) {
			return nil
		}
	} else if op.Does = dialect.Verb(verb); !slices.Contains(grammar.VerbNames.Words, verb) {
		if !has["does"] {
			c.Report(k, "no verb %q%s; say what %s does with does: and one of %s", verb, yml.DidYouMean(verb, grammar.VerbNames.Words), name, strings.Join(grammar.VerbNames.Words, ", "))
		}
		return nil
	}
	if op.Resource == nil && op.Does != dialect.Answer && op.Does != dialect.Refuse {
		if c.missing(noun) && !c.meant("resources", c.resourcesAt) {
			c.Report(k, "no resource %q for operation %s%s", noun, name, yml.Instead(noun, slices.Collect(maps.Keys(c.d.Resources))))
		}
		return nil
	}
	if op.Resource != nil && op.Resource.Tree == nil {
		return nil // which has a diagnostic of its own
	}
	if w := words["by"]; w != nil {
		op.ByQuery = c.Text(w)
	}
	if words["at"] != nil || !has["at"] {
		c.path(op, words["at"], k)
	}
	c.operationWords(op, words)
	if op.Resource != nil {
		op.Outputs = dialect.NewOutputs(op.Resource.Tree, func(f *dialect.Field) bool { return f.Only == nil || slices.Contains(f.Only, op.Name) })
	}
	if op.StateCode = record.CodeState; op.Does != dialect.Refuse && op.Refusal != "" {
		op.StateCode = op.Refusal
	}
	c.fitting(op, words, has, k)
	if op.Does == dialect.Create && op.Resource.IDs == nil && !namesItself(op.Resource) {
		c.Report(k, "%s makes records; give resource %s an id:, or a field with to: id and need: create", name, noun)
	}
	return op
}

// path reads METHOD /path and the variables in it.
func (c *compiler) path(op *dialect.Op, n, k *yml.Node) {
	if n == nil {
		c.Report(k, "%s needs at: with a method and a path, as in at: GET /v1/links/{id}", op.Name)
		return
	}
	var ok bool
	if op.Method, op.Path, op.Vars, ok = c.route(n); !ok {
		return
	}
	want := 0
	if op.Resource != nil && op.Does != dialect.Answer && op.Does != dialect.Refuse {
		if op.Does != dialect.Create && op.Does != dialect.List && op.ByQuery == "" {
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

// route reads METHOD /path and the variables in it. It is not ok when there is
// no path to speak of.
func (c *compiler) route(n *yml.Node) (method, path string, vars []string, ok bool) {
	text, isText := c.Name(n)
	if !isText {
		return "", "", nil, false
	}
	method, path, ok = strings.Cut(text, " ")
	switch {
	case !ok || !strings.HasPrefix(path, "/") || strings.ContainsAny(path, " ?#"):
		c.Report(n, "write a method and a path, as in GET /v1/links/{id}")
		return "", "", nil, false
	case strings.Contains(path, "//"):
		c.Report(n, "the path has nothing between two slashes; write one slash, or a {name} between them")
		return "", "", nil, false
	case strings.Contains(path, "/:"):
		c.Report(n, "a variable in a path is written {name}, as in GET /v1/links/{id}, not :name")
		return "", "", nil, false
	case !slices.Contains(grammar.BoundMethods.Words, method):
		c.Report(n, "no method %q; write %s", method, grammar.BoundMethods.One())
	}
	for rest := path; ; {
		open := strings.IndexByte(rest, '{')
		if open < 0 {
			return method, path, vars, true
		}
		end := strings.IndexByte(rest[open:], '}')
		if end < 2 || !template.IsName(rest[open+1:open+end]) {
			c.Report(n, "the variable in %q is not {name}", rest[open:])
			return method, path, vars, false
		}
		vars = append(vars, rest[open+1:open+end])
		rest = rest[open+end+1:]
	}
}

// notServed reads the routes that the provider has beside the operations.
func (c *compiler) notServed(n *yml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yml.Sequence || len(n.Content) == 0 {
		c.Report(n, "write a list of methods and paths here, as in [GET /v1/links/search]")
		return
	}
	served := map[string]string{}
	for _, op := range c.d.Operations {
		served[op.Method+" "+dialect.Shape(op.Path)] = op.Name
	}
	for _, item := range n.Content {
		method, path, _, ok := c.route(item)
		if !ok {
			continue
		}
		at := method + " " + dialect.Shape(path)
		switch other := served[at]; other {
		case "":
		case "not_served":
			c.Report(item, "%s %s is there twice; remove one", method, path)
		default:
			c.Report(item, "%s answers at %s %s; remove it from not_served", other, method, path)
		}
		served[at] = "not_served"
		c.d.NotServed = append(c.d.NotServed, dialect.Absent{Method: method, Path: path, Line: item.Line})
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
	verbs []dialect.Verb
}{
	{"page", []dialect.Verb{dialect.List}}, {"filters", []dialect.Verb{dialect.List}}, {"sort", []dialect.Verb{dialect.List}}, {"restrict", []dialect.Verb{dialect.Delete}}, {"effects", []dialect.Verb{dialect.Create, dialect.Update, dialect.Delete}}, {"touch", []dialect.Verb{dialect.Update}},
	{"set", []dialect.Verb{dialect.Create, dialect.Update}}, {"unwrap", []dialect.Verb{dialect.Create, dialect.Update}}, {"by", []dialect.Verb{dialect.Get, dialect.Update, dialect.Delete}},
}

// fitting checks the words of an operation against its verb.
func (c *compiler) fitting(op *dialect.Op, words map[string]*yml.Node, has grammar.Words, k *yml.Node) {
	for _, w := range verbWords {
		// Without a resource, the word has a diagnostic already.
		if n := words[w.word]; n != nil && !slices.Contains(w.verbs, op.Does) && (op.Resource != nil || w.word == "page") {
			c.Report(n, "%s does %s, which takes no %s:; remove it", op.Name, op.Does, w.word)
		}
	}
	switch {
	case op.Does == dialect.Refuse && !has["error"]:
		c.Report(k, "%s needs error: with what it fails with, as in error: method_not_allowed", op.Name)
	case op.Does != dialect.Refuse && words["error"] != nil && words["from"] == nil:
		c.Report(words["error"], "%s does %s, which takes no error:; write does: refuse with it, or remove it", op.Name, op.Does)
	}
	if op.Does == dialect.Answer && !has["answer"] {
		c.Report(k, "%s answers with a document; write it as answer:", op.Name)
	}
	answer := words["answer"]
	switch {
	case has["answer"] && answer == nil:
	case op.Does == dialect.List && (op.Answer == nil || !op.Answer.Has("items")):
		if answer == nil {
			answer = k
		}
		c.Report(answer, "%s needs an answer: with $items in it, as in answer: { data: $items }", op.Name)
	case op.Does != dialect.List && answer != nil && op.Answer.Has("items"):
		c.Report(answer, "%s does %s, and only a list has $items; write $item", op.Name, op.Does)
	case answer == nil || !op.Answer.Has("total"):
	case op.Page == nil && !has["page"] || op.Page != nil && !op.Page.Count && !op.Page.Unsure:
		c.Report(answer, "$total needs count: true in page:")
	}
}

func (c *compiler) operationWords(op *dialect.Op, words map[string]*yml.Node) {
	for key, v := range words {
		switch key {
		case "ok":
			op.Status = c.IntWithin(v, 200, 299, "ok is a status from 200 to 299")
		case "scope":
			op.Scope = c.Text(v)
		case "public":
			op.Public = c.Bool(v)
		case "gated":
			op.Gated = c.Bool(v)
		case "from", "set", "filters", "within", "sort", "restrict", "effects":
			if op.Resource == nil {
				c.Report(v, "%s has no resource, so it takes no %s:; remove it", op.Name, key)
				continue
			}
			c.onResource(op, key, v)
		case "touch":
			op.Touch = c.OneOf(v, grammar.Touches) == "always"
		case "unwrap":
			op.Unwrap = strings.Split(c.Text(v), ".")
		case "answer":
			doc := c.scope(op.Resource).Document(v)
			op.Answer = &doc
		case "headers":
			op.Headers = c.sections().Headers(v, c.scope(op.Resource))
		case "request_headers":
			op.RequestHeaders = c.sections().HeaderRules(v, key, record.CodeHeader, c.scope(op.Resource))
		case "query":
			op.Query = c.sections().HeaderRules(v, "query", record.CodeParameter, c.scope(nil))
		case "page":
			op.Page = c.page(v)
		case "writes":
			c.writes(op, v)
		case "key":
			op.Keyless = c.OneOf(v, grammar.KeyNeeds) == "optional"
		case "body":
			op.Bodies = c.bodies(v)
		case "empty_body":
			op.Bodiless = c.OneOf(v, grammar.EmptyBodies) == "take"
		case "error":
			op.Refusal = c.code(v)
		}
	}
}

// writes reads which fields alone the operation takes.
func (c *compiler) writes(op *dialect.Op, n *yml.Node) {
	if op.Resource == nil || !op.Writes() {
		c.Report(n, "%s writes no fields; remove writes:", op.Name)
		return
	}
	op.Only = map[*dialect.Field]bool{}
	for _, item := range grammar.Items(n) {
		if f := c.fieldName(op.Resource, item); f != nil {
			op.Only[f] = true
		}
	}
}

// onResource reads the words that are about the operation's resource.
func (c *compiler) onResource(op *dialect.Op, key string, n *yml.Node) {
	switch key {
	case "from":
		op.From = c.states(op.Resource, n)
	case "set":
		op.Assignments = c.assignments(op.Resource, n)
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
	case "restrict":
		op.Restrict = c.restriction(op, n)
	case "effects":
		op.Effects = c.effects(op, n)
	case "sort":
		op.Sort = c.sorting(op, n)
	default:
		c.filters(op, n)
	}
}
