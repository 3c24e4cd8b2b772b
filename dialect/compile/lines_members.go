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
	of, each, by, distinct := l.has("of"), l.has("each"), l.has("by"), l.has("distinct")
	if l.nest >= deepest {
		l.Report(l.at, "lists nest deeper than %d", deepest)
		return c
	}
	switch {
	case of != nil && each == nil:
		c.Of = l.member(of, of, "")
		c.Enriched = dialect.Enriched(c.Of.Codec)
	case each != nil && of == nil:
		l.members(c, each)
		if by != nil {
			if c.By = c.ByName[by.Value]; c.By == nil {
				l.noMember(c, by)
			}
			l.combined(c, by)
		}
	default:
		if of != nil || !l.seen["of"] && !l.seen["each"] {
			l.Report(l.at, "a list needs either of: for scalars or each: for objects")
		}
	}
	if distinct != nil {
		l.distinct(c, distinct)
	}
	return c
}

// deepest is how deep lists and objects nest.
const deepest = 8

// members compiles the members of objects.
func (l *line) members(c *dialect.ListCodec, each *yml.Node) {
	c.ByName = map[string]*dialect.Field{}
	l.Entries(each, "each", func(name string, k, v *yml.Node) {
		if strings.Contains(name, ".") {
			l.Report(k, "a member has no dots; write %s: { to: …, as: object, each: { … } }", name[:strings.IndexByte(name, '.')])
		}
		f := l.member(v, k, name)
		c.Each = append(c.Each, f)
		c.ByName[name] = f
	})
	l.copies(c)
}

// combined refuses what an update of single objects of a list cannot do.
func (l *line) combined(c *dialect.ListCodec, by *yml.Node) {
	if l.inner {
		l.Report(by, "by: works on a list at the top of a field table, and in groups")
	}
	for _, f := range c.Each {
		if f.Currency != nil {
			l.Report(by, "by: does not go with amounts in major units, because an update may leave out their currency; write as: money.minor for %s", f.Path)
		}
	}
}

// distinct reads what may be in a list only once: the scalars, or one member of
// its objects.
func (l *line) distinct(c *dialect.ListCodec, n *yml.Node) {
	switch {
	case c.Of != nil && n.Value == "true":
		c.Distinct = true
	case c.Of != nil:
		l.Report(n, "write distinct: true on a list of scalars")
	case n.Value == "true":
		l.Report(n, "name the member that differs between the objects, as in distinct: id")
	default:
		if c.DistinctBy = c.ByName[n.Value]; c.DistinctBy == nil {
			l.noMember(c, n)
		}
	}
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
	m.innerOnly()
	if m.f.Source == nil && m.f.Codec == nil {
		m.f.Codec = (&codec.JSON{}).Ready() // a mistake was noted; the rest of the line is read all the same
	}
	m.f.Key = append(record.AppendQuote(nil, m.f.Path), ':')
	m.f.ItemKey = append(record.AppendQuote(nil, m.f.Item), ':')
	return m.f
}

// innerOnly reports words that do nothing in a list's objects.
func (l *line) innerOnly() {
	if w := l.words["only"]; w != nil {
		l.Report(w, "only: works at the top of a field table, and in groups; not in lists")
	}
	if w := l.words["frozen"]; w != nil {
		l.Report(w, "in a list's objects a member that cannot be written is unknown; remove frozen:")
	}
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
		l.variant(c, f)
		l.priced(c, f)
		c.Enriched = c.Enriched || f.Copies != nil || f.Generated != nil || f.Currency != nil || dialect.Enriched(f.Codec)
	}
}

// variant reads if:, now that all members are known.
func (l *line) variant(c *dialect.ListCodec, f *dialect.Field) {
	n := l.open(f).variant
	if n == nil {
		return
	}
	if n.Kind != yml.Mapping || len(n.Content) != 2 {
		l.Report(n, "if: names a member and what it is sent as, as in { type: dropdown }")
		return
	}
	of := c.ByName[n.Content[0].Value]
	if of == nil {
		l.noMember(c, n.Content[0])
		return
	}
	if f.Need == dialect.NeedNever {
		l.Report(n, "if: says when need: holds; write need: always beside it")
	}
	f.Variant = &dialect.Variant{Of: of, Texts: l.literals(n.Content[1])}
}

// priced finds the member that has the currency of an amount.
func (l *line) priced(c *dialect.ListCodec, f *dialect.Field) {
	n := l.open(f).currency
	if n == nil {
		return
	}
	if f.Currency = c.ByName[n.Value]; f.Currency == nil {
		l.noMember(c, n)
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

// making is a make: whose words are about a resource that may come later.
type making struct {
	codec        *dialect.MadeCodec
	at           *yml.Node
	writes, back *yml.Node
}

// record reads make:.
func (l *line) record(n *yml.Node) {
	c := &dialect.MadeCodec{Op: &dialect.Op{Name: l.f.Path, Does: dialect.Create, Within: -1, Owner: l.d}}
	l.f.Codec = c
	m := making{codec: c, at: n}
	var set *yml.Node
	seen := l.Each(n, grammar.MakeWords, func(key string, _, v *yml.Node) {
		switch key {
		case "is":
			c.Op.Resource = l.resource(v)
		case "start":
			set = v
		case "writes":
			m.writes = v
		case "back":
			m.back = v
		}
	})
	if c.Op.Resource == nil {
		if seen != nil && !seen["is"] {
			l.Report(n, "make needs is: with the resource that is made")
		}
		c.Op.Resource = &dialect.Resource{Schema: record.Links, Tree: &dialect.FieldTree{Kids: map[string]*dialect.FieldTree{}}}
	} else {
		l.makes = append(l.makes, m)
	}
	c.Op.Assignments = l.assignments(c.Op.Resource, set)
	l.f.Out = false
	l.as = "make"
}

// circular tells whether what is made would make itself again.
func circular(from, op *dialect.Op, seen map[*dialect.Op]bool) bool {
	if seen[op] {
		return false
	}
	seen[op] = true
	for _, f := range op.Resource.Fields {
		if next, ok := f.Codec.(*dialect.MadeCodec); ok && op.Reads(f) && (next.Op == from || circular(from, next.Op, seen)) {
			return true
		}
	}
	return false
}

// made looks at what make: lines make, once all resources are known.
func (c *compiler) made() {
	defer func() {
		for _, m := range c.makes {
			if circular(m.codec.Op, m.codec.Op, map[*dialect.Op]bool{}) {
				c.Report(m.at, "what is made here can make another one of itself; leave that field out by writes:")
			}
		}
	}()
	for _, m := range c.makes {
		op, res := m.codec.Op, m.codec.Op.Resource
		switch {
		case namesItself(res):
			c.Report(m.at, "records of %s are named by the client and cannot be made inside another", res.Name)
		case res.IDs == nil:
			c.Report(m.at, "give resource %s an id:, because records of it are made", res.Name)
		}
		if m.writes != nil {
			c.writes(op, m.writes)
		}
		id := clientID(res)
		if m.back != nil {
			m.codec.Back = c.fieldName(res, m.back)
		}
		if id == nil && m.codec.Back == nil {
			continue
		}
		if op.Only == nil {
			op.Only = map[*dialect.Field]bool{}
			for _, f := range res.Fields {
				op.Only[f] = true
			}
		}
		delete(op.Only, id)
		if back := m.codec.Back; back != nil {
			for _, f := range res.Fields {
				if f == back || f.Unless == back || f.Without == back {
					delete(op.Only, f)
				}
			}
		}
	}
}

// object reads an object with each:.
func (l *line) object() codec.Codec {
	c := &dialect.ListCodec{Items: codec.Any, Unknown: l.d.Unknown, ByName: map[string]*dialect.Field{}}
	each := l.has("each")
	if each == nil && l.seen["each"] {
		return &dialect.ObjectCodec{List: c}
	}
	if each == nil || l.nest >= deepest {
		l.Report(l.at, "an object needs each: with its members, and nests at most %d deep", deepest)
		return &dialect.ObjectCodec{List: c}
	}
	l.members(c, each)
	return &dialect.ObjectCodec{List: c}
}
