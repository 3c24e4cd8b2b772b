package dialect

import (
	"net/url"
	"sort"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// ExpandRule says how a client asks for records where answers show their ids.
type ExpandRule struct {
	Param string
	Depth int
	Code  record.Code
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

// Embedding is what a field shows instead of an id: the record that the id names,
// or the first page of a list below the record.
type Embedding struct {
	Resource *Resource // of expand: and embed:
	Always   bool      // embed:
	List     *Op       // of list:
	AsIs     bool      // it may be wanted, and is what it is
	Hidden   bool      // likewise, and is not shown unless it is wanted
	Path     []string  // of the field
}

// CheckQuery reads which places the query wants in full, and refuses
// parameters that the operation does not have where the dialect does so.
func (op *Op) CheckQuery(query url.Values, e *Env) *Problem {
	d := op.Owner
	if len(query) == 0 || !d.UnknownQuery && d.Expand == nil {
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
		case d.UnknownQuery && !op.Params[base]:
			return &Problem{Code: record.CodeUnknownField, Path: base, Check: "unknown", Why: unknownField.Why, Value: record.Quote(query.Get(name))}
		case d.Expand == nil || base != d.Expand.Param || op.Resource == nil:
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
	r := in.op.Owner.Expand
	if r == nil || key != r.Param || in.prefix != "" {
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
	r := op.Owner.Expand
	path := strings.Split(place, ".")
	bad := func(why string) *Problem {
		return &Problem{Code: r.Code, Path: r.Param, Check: "expand", Why: why, Value: record.Quote(jsontext.Shorten(place, 60))}
	}
	if len(path) > r.Depth {
		return bad("has more than " + strconv.Itoa(r.Depth) + " steps")
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
	around, _ := op.Answer.Path(name)
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
	at := res.Tree
	for i, name := range path {
		kid := at.Kids[name]
		switch {
		case kid == nil:
			return false
		case kid.Field == nil:
			at = kid
			continue
		}
		g, rest := kid.shown().Embed, path[i+1:]
		switch {
		case g == nil:
			return false
		case len(rest) == 0:
			return true
		case g.List != nil:
			below, ok := g.List.below(rest)
			return ok && g.List.Resource.grows(below)
		}
		return g.Resource != nil && g.Resource.grows(rest)
	}
	return false
}

// appendGrown writes a field that can be shown in full.
func (n *Output) appendGrown(dst []byte, e *Env) []byte {
	f, g := n.Field, n.Field.Embed
	wanted := e.Expand.at(g.Path)
	switch {
	case g.List != nil:
		if wanted == nil {
			return dst
		}
		return g.List.appendPage(jsontext.AppendKey(dst, n.Key), wanted, e)
	case g.Hidden && wanted == nil:
		return dst
	case g.AsIs || g.Hidden:
		return n.appendPlain(dst, e)
	case g.Resource == nil:
		return dst
	}
	text := f.Get(e.It)
	if g.Always || wanted != nil {
		if rec := e.named(g.Resource, text); rec != nil {
			it, all := e.It, e.Expand
			e.It, e.Expand = g.Resource.Expire(rec, e.Now), wanted
			dst = g.Resource.Encode(jsontext.AppendKey(dst, n.Key), e)
			e.It, e.Expand = it, all
			return dst
		}
	}
	return f.appendValue(dst, n.Key, text, &e.Env)
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
	e.Previous, e.PrevURL, e.Page, e.URL = "", "", 1, nil
	if p := op.Page; p != nil && len(all) > p.Size {
		all, e.More, e.Size = all[:p.Size], true, p.Size
	}
	e.Path = strings.Replace(op.Path, "{"+op.Vars[0]+"}", url.PathEscape(e.It.ID()), 1)
	e.Expand = nil
	if around, ok := op.Answer.Path("items"); ok {
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
