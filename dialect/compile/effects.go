package compile

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// restriction reads restrict:.
func (c *compiler) restriction(op *dialect.Op, n *yml.Node) *dialect.Restriction {
	r := &dialect.Restriction{Code: record.CodeConflict}
	seen := c.Each(n, grammar.RestrictWords, func(key string, _, v *yml.Node) {
		if key == "error" {
			r.Code = c.code(v)
			return
		}
		for _, item := range grammar.Items(v) {
			name, path, _ := strings.Cut(item.Value, ".")
			at := *item
			at.Value = name
			res := c.resource(&at)
			if res == nil || res.Tree == nil {
				continue
			}
			at.Value = path
			if f := c.fieldName(res, &at); f != nil {
				if f.Exists == "" && !dialect.Refers(f.Codec) {
					c.Report(item, "%s names no record; give it exists:", item.Value)
				}
				r.By = append(r.By, dialect.Reference{Resource: res, Field: f})
			}
		}
	})
	c.Needs(n, "restrict", seen, "{ by: [price.product] }", "by")
	if op.Resource == nil {
		return nil
	}
	return r
}

// effects reads what an operation does to other records.
func (c *compiler) effects(op *dialect.Op, n *yml.Node) (out []*dialect.Effect) {
	if n.Kind != yml.Sequence {
		c.Report(n, "effects is a list; write - { of: link, where: …, set: { … } }")
		return nil
	}
	for _, item := range n.Content {
		x := &dialect.Effect{}
		words := map[string]*yml.Node{}
		seen := c.Each(item, grammar.EffectWords, func(key string, _, v *yml.Node) { words[key] = v })
		c.Needs(item, "an effect", seen, "{ of: link, where: it.customer == cause.customer, set: { status: revoked } }", "of", "set")
		if words["of"] == nil {
			continue
		}
		if x.Of = c.resource(words["of"]); x.Of == nil {
			continue
		}
		cause := c.scope(nil)
		cause.Roots["cause"] = op.Resource.Schema
		both := c.scope(x.Of)
		both.Roots["cause"] = op.Resource.Schema
		if seen["id"] == seen["where"] {
			c.Report(item, "an effect needs either id: with the one record, or where: with a condition")
			continue
		}
		if w := words["id"]; w != nil {
			if w.Kind != yml.Scalar {
				c.Report(w, "write one value here, such as $cause.customer")
			}
			doc := cause.Document(w)
			x.ID = &doc
		}
		if w := words["where"]; w != nil {
			x.Where = both.Condition(w, c.Text(w))
		}
		if w := words["when"]; w != nil {
			x.When = cause.Condition(w, c.Text(w))
		}
		if w := words["set"]; w != nil {
			x.Set = c.assigned(both, x.Of, w)
		}
		out = append(out, x)
	}
	return out
}
