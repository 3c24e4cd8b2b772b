package compile

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// expandRule reads the section of that name.
func (c *compiler) expandRule(n *yml.Node) {
	if n == nil {
		return
	}
	r := &dialect.ExpandRule{Depth: 4, Code: record.CodeParameter}
	seen := c.Each(n, grammar.ExpandWords, func(key string, _, v *yml.Node) {
		switch key {
		case "by":
			r.Param = c.Text(v)
		case "depth":
			r.Depth = c.Positive(v)
		case "error":
			r.Code = c.code(v)
		}
	})
	c.Needs(n, "expand", seen, "{ by: expand }", "by")
	c.d.Expand = r
}

// growth reads expand:, embed: and list:.
func (l *line) growth() {
	for _, key := range []string{"expand", "embed", "list"} {
		w := l.has(key)
		if w == nil {
			continue
		}
		if g := l.wanted(key, w); g != nil {
			l.f.Embed = g
			continue
		}
		if l.inner {
			l.Report(w, "%s: works at the top of a field table, and in groups; not in lists", key)
			continue
		}
		if key == "list" {
			l.f.Embed = &dialect.Embedding{Path: strings.Split(l.f.Path, ".")}
			l.open(l.f).list = w
		} else if res := l.resource(w); res != nil {
			l.f.Embed = &dialect.Embedding{Resource: res, Always: key == "embed", Path: strings.Split(l.f.Path, ".")}
		}
	}
}

// wanted reads the words of expand: that are no resource, nil where it is one.
func (l *line) wanted(key string, n *yml.Node) *dialect.Embedding {
	if key != "expand" || !isWanted(n) || l.inner {
		return nil
	}
	word := n.Value
	if l.d.Resources[word] != nil {
		l.Report(n, "a resource and a word of expand: are both called %s; rename the resource", word)
	}
	return &dialect.Embedding{AsIs: word == "as_is", Hidden: word == "hidden", Path: strings.Split(l.f.Path, ".")}
}

// isWanted tells whether a word of expand: is no resource.
func isWanted(n *yml.Node) bool {
	return n != nil && n.Kind == yml.Scalar && (n.Value == "as_is" || n.Value == "hidden")
}

// grown finds the operations of list: lines and the query parameters of all.
func (c *compiler) grown() {
	for _, res := range c.d.Resources {
		for _, f := range res.Fields {
			g, name := f.Embed, c.open(f).list
			if g == nil || name == nil {
				continue
			}
			if g.List = c.d.Op(name.Value); g.List == nil {
				if c.missing(name.Value) {
					c.Report(name, "no operation %q%s", name.Value, yml.Instead(name.Value, c.d.OperationNames()))
				}
			} else if c.vague[g.List] || c.loose[g.List.Resource] {
				g.List = nil
			} else if g.List.Does != dialect.List || g.List.Within < 0 || g.List.Resource.Parent != res {
				c.Report(name, "list: names a list with within: whose parent: is %s", res.Name)
				g.List = nil
			}
		}
	}
	for _, op := range c.d.Operations {
		op.Params = map[string]bool{op.ByQuery: true}
		for _, h := range op.Query {
			op.Params[h.Name] = true
		}
		for _, f := range op.Filters {
			op.Params[f.Param] = true
		}
		if s := op.Sort; s != nil {
			op.Params[s.By], op.Params[s.Direction] = true, true
		}
		if p := op.Page; p != nil {
			for _, name := range []string{p.SizeParam, p.After, p.Before, p.Skip, p.Number} {
				op.Params[name] = true
			}
		}
		if c.d.Expand != nil && op.Resource != nil {
			op.Params[c.d.Expand.Param] = true
		}
		delete(op.Params, "")
	}
}
