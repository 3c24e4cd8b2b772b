package compile

import (
	"maps"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// listing reads a list.
func (l *line) listing() codec.Codec {
	c := &dialect.ListCodec{Items: codec.Any, Unknown: l.d.Unknown}
	if w := l.has("items"); w != nil {
		c.Items = l.length(w)
	}
	c.Ready()
	of, each, by := l.has("of"), l.has("each"), l.has("by")
	if l.nest >= 4 {
		l.Report(l.at, "lists nest deeper than 4")
		return c
	}
	switch {
	case of != nil && each == nil:
		c.Of = l.member(of, of, "")
	case each != nil && of == nil:
		c.ByName = map[string]*dialect.Field{}
		l.Entries(each, "each", func(name string, k, v *yml.Node) {
			f := l.member(v, k, name)
			c.Each = append(c.Each, f)
			c.ByName[name] = f
		})
		l.copies(c)
		if by != nil {
			if c.By = c.ByName[by.Value]; c.By == nil {
				l.noMember(c, by)
			}
		}
	default:
		if of != nil || !l.seen["of"] && !l.seen["each"] {
			l.Report(l.at, "a list needs either of: for scalars or each: for objects")
		}
	}
	return c
}

// member compiles a line inside a list.
func (l *line) member(n, at *yml.Node, name string) *dialect.Field {
	m := &line{compiler: l.compiler, res: l.res, at: at, words: map[string]*yml.Node{}, inner: true, nest: l.nest + 1}
	m.read(n, 0)
	m.f = &dialect.Field{Path: name, Line: at.Line, Index: l.f.Index}
	if name == "" && n != at {
		l.Report(at, "write a name here")
	}
	if n == at {
		m.words["to"] = &yml.Node{Kind: yml.Scalar, Tag: "!!str", Value: "item", Line: at.Line, Column: at.Column}
	}
	m.compile()
	if m.f.Source == nil && m.f.Codec == nil {
		m.f.Codec = (&codec.JSON{}).Ready() // a mistake was noted; the rest of the line is read all the same
	}
	m.f.Key = append(record.AppendQuote(nil, m.f.Path), ':')
	m.f.ItemKey = append(record.AppendQuote(nil, m.f.Item), ':')
	return m.f
}

// copies resolves `copy:` and `unless:` lines once all members are known.
func (l *line) copies(c *dialect.ListCodec) {
	for _, f := range c.Each {
		open := l.open(f)
		for _, src := range open.copies {
			if one, ok := l.copySource(c, src); ok {
				f.Copies = append(f.Copies, one)
			}
		}
		if open.unless != nil {
			if f.Unless = c.ByName[open.unless.Value]; f.Unless == nil {
				l.noMember(c, open.unless)
			}
		}
		if open.without != nil {
			if f.Without = c.ByName[open.without.Value]; f.Without == nil {
				l.noMember(c, open.without)
			}
		}
		c.Enriched = c.Enriched || f.Copies != nil || f.Generated != nil
	}
}

func (l *line) noMember(c *dialect.ListCodec, n *yml.Node) {
	l.Report(n, "no member %q%s", n.Value, yml.Instead(n.Value, slices.Collect(maps.Keys(c.ByName))))
}

func (l *line) copySource(c *dialect.ListCodec, n *yml.Node) (dialect.Copy, bool) {
	name, slot, ok := strings.Cut(n.Value, ".")
	from := c.ByName[name]
	if ok && from == nil {
		at := *n
		at.Value = name
		l.noMember(c, &at)
		return dialect.Copy{}, false
	}
	if !ok {
		l.Report(n, "copy names a member and what to take of it, as in price.currency")
		return dialect.Copy{}, false
	}
	if from.Exists == "" {
		if !codec.IsOpen(from.Codec) && !from.NamesRecord {
			l.Report(n, "member %s names no record; give it exists:", name)
		}
		return dialect.Copy{From: from, Path: slot}, true
	}
	schema := l.d.Resources[from.Exists].Schema
	s, known := schema.Slot(slot)
	if !known {
		l.Report(n, "%s has no slot %q%s", yml.Article(schema.Kind), slot, yml.Instead(slot, schema.Names()))
	}
	return dialect.Copy{From: from, Slot: s}, known
}

// record reads make:.
func (l *line) record(n *yml.Node) {
	c := &dialect.MadeCodec{Op: &dialect.Op{Name: l.f.Path, Does: dialect.Create, Within: -1, Owner: l.d}}
	l.f.Codec = c
	var set *yml.Node
	seen := l.Each(n, grammar.MakeWords, func(key string, _, v *yml.Node) {
		if key == "is" {
			c.Op.Resource = l.resource(v)
		} else {
			set = v
		}
	})
	switch {
	case c.Op.Resource == nil:
		if seen != nil && !seen["is"] {
			l.Report(n, "make needs is: with the resource that is made")
		}
		c.Op.Resource = &dialect.Resource{Schema: record.Links, Tree: &dialect.FieldTree{Kids: map[string]*dialect.FieldTree{}}}
	case clientID(c.Op.Resource) != nil:
		l.Report(n, "records of %s are named by the client and cannot be made inside another", c.Op.Resource.Name)
	case c.Op.Resource.IDs == nil:
		l.Report(n, "give resource %s an id:, because records of it are made", c.Op.Resource.Name)
	}
	c.Op.Assignments = l.assignments(c.Op.Resource, set)
	l.f.Out = false
	l.as = "make"
}

// object reads an object with each:.
func (l *line) object() codec.Codec {
	c := &dialect.ListCodec{Items: codec.Any, Unknown: l.d.Unknown, ByName: map[string]*dialect.Field{}}
	each := l.has("each")
	if each == nil && l.seen["each"] {
		return &dialect.ObjectCodec{List: c}
	}
	if each == nil || l.nest >= 4 {
		l.Report(l.at, "an object needs each: with its members, and nests at most 4 deep")
		return &dialect.ObjectCodec{List: c}
	}
	l.Entries(each, "each", func(name string, k, v *yml.Node) {
		f := l.member(v, k, name)
		c.Each = append(c.Each, f)
		c.ByName[name] = f
	})
	return &dialect.ObjectCodec{List: c}
}
