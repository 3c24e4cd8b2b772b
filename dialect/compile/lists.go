package compile

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// filters reads the query parameters that select.
func (c *compiler) filters(op *dialect.Op, n *yml.Node) {
	c.Entries(n, "filters", func(param string, k, v *yml.Node) {
		f := &dialect.Filter{Param: param, Test: "equal", Code: record.CodeParameter}
		if v.Kind != yml.Mapping {
			if f.Field = c.fieldName(op.Resource, v); f.Field != nil {
				op.Filters = append(op.Filters, f)
			}
			return
		}
		if c.filter(op, f, k, v) {
			op.Filters = append(op.Filters, f)
		}
	})
}

// filter reads a filter with words of its own; it is not ok where nobody could
// tell what it selects by.
func (c *compiler) filter(op *dialect.Op, f *dialect.Filter, k, n *yml.Node) (ok bool) {
	words := map[string]*yml.Node{}
	seen := c.Each(n, grammar.FilterWords, func(key string, _, v *yml.Node) { words[key] = v })
	if w := words["field"]; w != nil {
		f.Field = c.fieldName(op.Resource, w)
	}
	if w := words["over"]; w != nil {
		f.Test = "part"
		for _, item := range grammar.Items(w) {
			if field := c.fieldName(op.Resource, item); field != nil {
				f.Over = append(f.Over, field)
			}
		}
	}
	if seen["field"] == seen["over"] {
		c.Report(k, "a filter needs either field:, or over: with the fields that it searches")
		return false
	}
	if w := words["test"]; w != nil {
		if f.Test = c.OneOf(w, grammar.FilterTests); f.Field == nil && f.Test != "part" && f.Test != "start" && f.Test != "same" {
			c.Report(w, "a search over several fields looks for a text; write test: part, start or same")
		}
	}
	if w := words["many"]; w != nil {
		if f.Many = c.OneOf(w, grammar.SeveralValues); f.Test == "range" || f.Test == "key" {
			c.Report(w, "test: %s takes one value a parameter; remove many:", f.Test)
		}
	}
	if w := words["blank"]; w != nil {
		f.Blank = c.OneOf(w, grammar.Blanks) == "ignore"
	}
	if w := words["error"]; w != nil {
		f.Code = c.code(w)
	}
	if f.Field == nil && len(f.Over) == 0 {
		return false
	}
	c.tested(f, words)
	return true
}

// tested checks the test of a filter, and its default, against its field.
func (c *compiler) tested(f *dialect.Filter, words map[string]*yml.Node) {
	if f.Field == nil {
		return
	}
	at := words["test"]
	switch list, isList := f.Field.Codec.(*dialect.ListCodec); {
	case f.Test == "has" && (!isList || list.Of == nil):
		c.Report(at, "%s is no list of scalars, and only such a list has a value; write another test:", f.Field.Path)
	case f.Test == "key" && !keyed(f.Field.Codec):
		c.Report(at, "%s has no keys; write another test:", f.Field.Path)
	}
	w := words["default"]
	if w == nil {
		return
	}
	if f.Test == "range" || f.Test == "key" {
		c.Report(w, "test: %s has no default:; remove it", f.Test)
		return
	}
	for _, item := range grammar.Items(w) {
		value := c.Text(item)
		f.Default = append(f.Default, value)
		if f.Test != "equal" {
			continue
		}
		if _, t := f.Field.Decode(f.Field.Codec.FromText(value), &dialect.Env{}); t != nil {
			c.Report(item, "the default of %s %s", f.Param, t.Why)
		}
	}
}

// keyed tells whether values of a codec have keys.
func keyed(c codec.Codec) bool {
	_, isMap := c.(*codec.Map)
	return isMap || codec.IsOpen(c)
}

// sorting reads sort:.
func (c *compiler) sorting(op *dialect.Op, n *yml.Node) *dialect.Sort {
	s := &dialect.Sort{Style: "signed", Fields: map[string]*dialect.Field{}, Code: record.CodeParameter}
	var def *yml.Node
	put := func(name string, v *yml.Node) {
		if f := c.fieldName(op.Resource, v); f != nil {
			s.Names = append(s.Names, name)
			s.Fields[name] = f
		}
	}
	seen := c.Each(n, grammar.SortWords, func(key string, _, v *yml.Node) {
		switch key {
		case "by":
			s.By = c.Text(v)
		case "direction":
			s.Direction = c.Text(v)
		case "style":
			s.Style = c.OneOf(v, grammar.SortStyles)
		case "error":
			s.Code = c.code(v)
		case "default":
			def = v
			s.Default = c.Text(v)
		case "fields":
			if v.Kind == yml.Mapping {
				c.Entries(v, "fields", func(name string, _, v *yml.Node) { put(name, v) })
				return
			}
			for _, item := range grammar.Items(v) {
				put(item.Value, item)
			}
		}
	})
	switch {
	case seen == nil:
	case !seen["by"] && !seen["direction"]:
		c.Report(n, "sort needs by: with the parameter that names fields, or direction: with one that is asc or desc")
	case seen["by"] && !seen["fields"]:
		c.Report(n, "sort needs fields: with what a list can be sorted by, as in { by: sort, fields: [created] }")
	}
	if def == nil {
		return s
	}
	for _, one := range strings.Split(s.Default, ",") {
		if name, _ := s.Split(one); s.Fields[name] == nil && seen["fields"] {
			c.Report(def, "the default order names %q, which is none of %s", name, strings.Join(s.Names, ", "))
		}
	}
	return s
}

// paging checks the words of a page against each other.
func (c *compiler) paging(n *yml.Node, p *dialect.Page, seen grammar.Words) {
	if p.Max > 0 && p.Size > p.Max && seen["size"] {
		c.Report(yml.Get(n, "size"), "size is above max; write a size of %d at most", p.Max)
	}
	if p.Max > 0 && p.Min > p.Max {
		c.Report(yml.Get(n, "min"), "min is above max; write the smaller number as min:")
	}
	if p.Style == "number" && !seen["number"] {
		c.Report(n, "style number needs number: with the parameter of the page, as in { style: number, size: 20, number: page }")
	}
	if p.Lowered && p.Max == 0 {
		c.Report(yml.Get(n, "beyond"), "beyond: is about sizes above max:; write max: too")
	}
	if p.Inclusive && p.Style != "cursor" {
		c.Report(yml.Get(n, "inclusive"), "inclusive: is about cursors; write style: cursor, or remove it")
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

func (c *compiler) page(n *yml.Node) *dialect.Page {
	p := &dialect.Page{Style: "none", Min: 1, SizeError: record.CodeParameter, CursorError: record.CodeParameter}
	seen := c.Each(n, grammar.PageWords, func(key string, k, v *yml.Node) {
		switch key {
		case "style":
			p.Style = c.OneOf(v, grammar.PageStyles)
		case "size":
			p.Size = c.Positive(v)
		case "min":
			p.Min = c.Int(v)
		case "max":
			p.Max = c.Int(v)
		case "by":
			p.SizeParam = c.Text(v)
		case "after":
			p.After = c.Text(v)
		case "before":
			p.Before = c.Text(v)
		case "skip":
			p.Skip = c.Text(v)
		case "number":
			p.Number = c.Text(v)
		case "order":
			p.Ascending = c.OneOf(v, grammar.ListOrders) == "oldest"
		case "inclusive":
			p.Inclusive = c.Bool(v)
		case "beyond":
			p.Lowered = c.OneOf(v, grammar.BeyondMax) == "lower"
		case "opaque":
			p.Opaque = c.Bool(v)
		case "count":
			p.Count = c.Bool(v)
		case "size_error":
			p.SizeError = c.code(v)
		case "cursor_error":
			p.CursorError = c.code(v)
		case "both_error":
			p.BothError = c.code(v)
		case "more":
			p.Onward = c.OneOf(v, grammar.MoreSides) == "onward"
		}
	})
	if p.BothError == "" {
		p.BothError = p.CursorError
	}
	c.Needs(n, "page", seen, "{ style: cursor, size: 20 }", "size")
	count := yml.Get(n, "count")
	p.Unsure = seen["count"] && (count == nil || count.Value != "false")
	if seen != nil {
		c.paging(n, p, seen)
	}
	return p
}
