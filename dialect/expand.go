package dialect

import (
	"net/url"
	"sort"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// expandRule says how a client asks for records where answers show their ids.
type expandRule struct {
	param string
	depth int
	code  record.Code
}

// Expansion is the places that a client wants in full, as they nest.
type Expansion struct {
	kids map[string]*Expansion
}

// at follows a path; nil where nothing is wanted.
func (x *Expansion) at(path []string) *Expansion {
	for _, name := range path {
		if x == nil {
			return nil
		}
		x = x.kids[name]
	}
	return x
}

func (x *Expansion) put(path []string) {
	for _, name := range path {
		if x.kids == nil {
			x.kids = map[string]*Expansion{}
		}
		kid := x.kids[name]
		if kid == nil {
			kid = &Expansion{}
			x.kids[name] = kid
		}
		x = kid
	}
}

// growth is what a field shows instead of an id: the record that the id names,
// or the first page of a list below the record.
type growth struct {
	res    *Resource // of expand: and embed:
	always bool      // embed:
	list   *Op       // of list:
	path   []string  // of the field
}

// expandRule reads the section of that name.
func (c *compiler) expandRule(n *yml.Node) {
	if n == nil {
		return
	}
	r := &expandRule{depth: 4, code: record.CodeParameter}
	seen := c.each(n, expandWords, func(key string, _, v *yml.Node) {
		switch key {
		case "by":
			r.param = c.str(v)
		case "depth":
			r.depth = c.positive(v)
		case "error":
			r.code = c.code(v)
		}
	})
	c.needs(n, "expand", seen, "{ by: expand }", "by")
	c.d.expand = r
}

// growth reads expand:, embed: and list:.
func (l *line) growth() {
	for _, key := range []string{"expand", "embed", "list"} {
		w := l.has(key)
		if w == nil {
			continue
		}
		if l.inner {
			l.Report(w, "%s: works at the top of a field table, and in groups; not in lists", key)
			continue
		}
		if key == "list" {
			l.f.grow = &growth{path: strings.Split(l.f.Path, ".")}
			l.open(l.f).list = w
		} else if res := l.resource(w); res != nil {
			l.f.grow = &growth{res: res, always: key == "embed", path: strings.Split(l.f.Path, ".")}
		}
	}
}

// grown finds the operations of list: lines and the query parameters of all.
func (c *compiler) grown() {
	for _, res := range c.d.Resources {
		for _, f := range res.Fields {
			g, name := f.grow, c.open(f).list
			if g == nil || name == nil {
				continue
			}
			if g.list = c.d.Op(name.Value); g.list == nil {
				var names []string
				for _, op := range c.d.Operations {
					names = append(names, op.Name)
				}
				if c.missing(name.Value) {
					c.Report(name, "no operation %q%s", name.Value, yml.Instead(name.Value, names))
				}
			} else if c.vague[g.list] || c.loose[g.list.Resource] {
				g.list = nil
			} else if g.list.Does != List || g.list.Within < 0 || g.list.Resource.Parent != res {
				c.Report(name, "list: names a list with within: whose parent: is %s", res.Name)
				g.list = nil
			}
		}
	}
	for _, op := range c.d.Operations {
		op.params = map[string]bool{op.ByQuery: true}
		for _, h := range op.Query {
			op.params[h.Name] = true
		}
		for _, f := range op.Filters {
			op.params[f.Param] = true
		}
		if p := op.Page; p != nil {
			for _, name := range []string{p.SizeParam, p.After, p.Before, p.Skip, p.Number} {
				op.params[name] = true
			}
		}
		if c.d.expand != nil && op.Resource != nil {
			op.params[c.d.expand.param] = true
		}
		delete(op.params, "")
	}
}

// CheckQuery reads which places the query wants in full, and refuses
// parameters that the operation does not have where the dialect does so.
func (op *Op) CheckQuery(query url.Values, e *Env) *Problem {
	d := op.dialect
	if len(query) == 0 || !d.UnknownQuery && d.expand == nil {
		return nil
	}
	names := make([]string, 0, len(query))
	for name := range query {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		base, _, _ := strings.Cut(name, "[")
		switch {
		case d.UnknownQuery && !op.params[base]:
			return &Problem{Code: record.CodeUnknownField, Path: base, Check: "unknown", Why: unknownField.Why, Value: record.Quote(query.Get(name))}
		case d.expand == nil || base != d.expand.param || op.Resource == nil:
			continue
		}
		for _, place := range query[name] {
			if p := op.want(place, e); p != nil {
				return p
			}
		}
	}
	return nil
}

// expands reads the places that a body wants in full.
func (in *Input) expands(key string, v jsontext.Value, e *Env) bool {
	r := in.op.dialect.expand
	if r == nil || key != r.param || in.prefix != "" {
		return false
	}
	n := 0
	read := func(_ string, item jsontext.Value) bool {
		place := item.Raw
		if item.Kind == gjson.String {
			place = item.Str()
		}
		if p := in.op.want(place, e); p != nil && len(in.Problems) < maxProblems {
			p.Path = in.paths.index(in.paths.root(key), n)
			in.Problems = append(in.Problems, *p)
		}
		n++
		return true
	}
	if v.IsArray() {
		v.ForEach(read)
	} else {
		read("", v)
	}
	return true
}

// want notes a place to be shown in full, or says why it cannot be.
func (op *Op) want(place string, e *Env) *Problem {
	r := op.dialect.expand
	path := strings.Split(place, ".")
	bad := func(why string) *Problem {
		return &Problem{Code: r.code, Path: r.param, Check: "expand", Why: why, Value: record.Quote(jsontext.Shorten(place, 60))}
	}
	if len(path) > r.depth {
		return bad("has more than " + strconv.Itoa(r.depth) + " steps")
	}
	rest, ok := op.below(path)
	if !ok || !op.Resource.grows(rest) {
		return bad("cannot be expanded")
	}
	if e.Expand == nil {
		e.Expand = &Expansion{}
	}
	e.Expand.put(rest)
	return nil
}

// below takes off a path what stands around the records in the answer.
func (op *Op) below(path []string) (rest []string, ok bool) {
	name := "item"
	if op.Does == List {
		name = "items"
	}
	around, _ := op.answer.Path(name)
	if len(path) <= len(around) {
		return nil, false
	}
	for i, part := range around {
		if path[i] != part {
			return nil, false
		}
	}
	return path[len(around):], true
}

// grows tells whether a path leads through fields that can be shown in full.
func (res *Resource) grows(path []string) bool {
	at := res.tree
	for i, name := range path {
		kid := at.kids[name]
		switch {
		case kid == nil:
			return false
		case kid.field == nil:
			at = kid
			continue
		}
		g, rest := kid.field.grow, path[i+1:]
		switch {
		case g == nil:
			return false
		case len(rest) == 0:
			return true
		case g.list != nil:
			below, ok := g.list.below(rest)
			return ok && g.list.Resource.grows(below)
		}
		return g.res.grows(rest)
	}
	return false
}

// appendGrown writes a field that can be shown in full.
func (n *encNode) appendGrown(dst []byte, e *Env) []byte {
	f, g := n.field, n.field.grow
	wanted := e.Expand.at(g.path)
	switch {
	case g.list != nil:
		if wanted == nil {
			return dst
		}
		return g.list.appendPage(jsontext.AppendKey(dst, n.key), wanted, e)
	case g.res == nil:
		return dst
	}
	text := f.get(e.It)
	if g.always || wanted != nil {
		if rec := e.named(g.res, text); rec != nil {
			it, all := e.It, e.Expand
			e.It, e.Expand = g.res.Expire(rec, e.Now), wanted
			dst = g.res.Encode(jsontext.AppendKey(dst, n.key), e)
			e.It, e.Expand = it, all
			return dst
		}
	}
	return f.appendValue(dst, n.key, text, &e.Env)
}

// named is the record that an id names, or nil.
func (e *Env) named(res *Resource, text string) *record.Record {
	if text == "" || text == record.Null || e.Find == nil {
		return nil
	}
	return e.Find(res, record.Unquote(text))
}

// appendPage writes the first page of a list below the record e.It, as the
// operation itself would answer.
func (op *Op) appendPage(dst []byte, wanted *Expansion, e *Env) []byte {
	saved := *e
	all := Lines(op.Resource, e.It, op.Within)
	e.Total, e.More, e.Items = len(all), false, []byte{'['}
	e.Parent, e.Next, e.NextURL, e.Skip, e.Size = e.It, "", "", 0, len(all)
	if p := op.Page; p != nil && len(all) > p.Size {
		all, e.More, e.Size = all[:p.Size], true, p.Size
	}
	e.Path = strings.Replace(op.Path, "{"+op.Vars[0]+"}", url.PathEscape(e.It.ID()), 1)
	e.Expand = nil
	if around, ok := op.answer.Path("items"); ok {
		e.Expand = wanted.at(around)
	}
	for i, rec := range all {
		if i > 0 {
			e.Items = append(e.Items, ',')
		}
		e.It = rec
		e.Items = op.Encode(e.Items, e)
	}
	e.Items, e.It = append(e.Items, ']'), nil
	dst = op.AppendAnswer(dst, e)
	*e = saved
	return dst
}
