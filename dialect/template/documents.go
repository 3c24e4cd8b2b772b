package template

import (
	"slices"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Document is a JSON value with variables in it: error bodies, envelopes,
// read models. It is appended in one pass.
//
// It is one of a constant, a text with holes, a variable, an expression, a list
// and an object.
type Document struct {
	Lit   []byte // the constant, as JSON
	Text  *Text
	Value Getter      // of the variable or expression
	Name  string      // of the variable
	of    record.Type // and its type
	Expr  *Expression // the expression
	Omit  bool        // leave the member out when there is no value
	List  bool
	Kids  []Document // items or members
	keys  [][]byte   // of members, "name": each
	place place
}

// Document compiles a YAML value. A text that starts with $ is a variable,
// with $~ one that is left out when absent, $( ) an expression; a text with
// {holes} is filled in; everything else stands for itself.
func (s *Scope) Document(n *yml.Node) Document {
	switch n.Kind {
	case yml.Mapping:
		d := Document{place: s.at(n, "")}
		for i := 0; i+1 < len(n.Content); i += 2 {
			d.keys = append(d.keys, append(record.AppendQuote(nil, n.Content[i].Value), ':'))
			d.Kids = append(d.Kids, s.Document(n.Content[i+1]))
		}
		if len(d.Kids) == 0 {
			d.Lit = []byte("{}")
		}
		return d
	case yml.Sequence:
		d := Document{List: true, place: s.at(n, "")}
		for _, c := range n.Content {
			d.Kids = append(d.Kids, s.Document(c))
		}
		return d
	}
	if !yml.IsString(n) {
		return Document{Lit: yml.JSON(n, s.Report)}
	}
	d, is := s.variable(n)
	switch {
	case is:
		return d
	case strings.Contains(n.Value, "{"):
		return Document{Text: s.Text(n, n.Value)}
	}
	return Document{Lit: record.AppendQuote(nil, n.Value)}
}

// variable compiles $name, $~name and $(expression).
func (s *Scope) variable(n *yml.Node) (d Document, is bool) {
	src, ok := strings.CutPrefix(n.Value, "$")
	if !ok {
		return Document{}, false
	}
	src, omit := strings.CutPrefix(src, "~")
	if inner, ok := strings.CutPrefix(src, "("); ok && strings.HasSuffix(inner, ")") {
		x := s.expression(n, strings.TrimSuffix(inner, ")"), anyType)
		return Document{Value: x.get, Expr: x, Omit: omit}, true
	}
	g, kind, err := s.resolve(src)
	if err != nil {
		s.ReportIn(n, src, 0, "%v", err)
		g, kind = func(*Env) string { return "" }, record.Any
	}
	return Document{Value: g, Name: src, of: kind, Omit: omit}, true
}

// Key is the name of a member.
func (d *Document) Key(i int) string {
	return gjson.ParseBytes(d.keys[i][:len(d.keys[i])-1]).Str
}

// Append writes the document; present is false when it is to be left out.
func (d *Document) Append(dst []byte, e *Env) (out []byte, present bool) {
	switch {
	case d.Lit != nil:
		return append(dst, d.Lit...), true
	case d.Text != nil:
		return d.Text.appendQuoted(dst, e), true
	case d.Value != nil:
		v := d.Value(e)
		if v == "" {
			if d.Omit {
				return dst, false
			}
			v = record.Null
		}
		return append(dst, v...), true
	case d.List:
		dst = append(dst, '[')
		for i := range d.Kids {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst, _ = d.Kids[i].Append(dst, e)
		}
		return append(dst, ']'), true
	}
	dst = append(dst, '{')
	first := true
	for i := range d.Kids {
		mark := len(dst)
		if !first {
			dst = append(dst, ',')
		}
		dst = append(dst, d.keys[i]...)
		var ok bool
		if dst, ok = d.Kids[i].Append(dst, e); !ok {
			dst = dst[:mark]
			continue
		}
		first = false
	}
	return append(dst, '}'), true
}

// Within holds what Append wrote to the bounds of a value that is stored, and
// gives "" for what is past them. Those of a text or an expression are closer,
// and are kept already.
func (d *Document) Within(text string, e *Env) string {
	if len(text) <= MaxTotal || d.Lit != nil || d.Text != nil || d.Value != nil {
		return text
	}
	d.place.overran(e, errTooMuch)
	return ""
}

// Path finds where a document has a variable.
func (d *Document) Path(name string) (path []string, ok bool) {
	if d == nil || d.Name == name {
		return nil, d != nil
	}
	for i := range d.Kids {
		if rest, ok := d.Kids[i].Path(name); ok && !d.List {
			return append([]string{d.Key(i)}, rest...), true
		}
	}
	return nil, false
}

// Has tells whether a document has a variable in it.
func (d *Document) Has(variable string) bool {
	if d.Name == variable {
		return true
	}
	if d.Expr != nil && slices.ContainsFunc(d.Expr.vars, func(v exprVar) bool { return v.name == exprName(variable) }) {
		return true
	}
	if d.Text != nil && slices.ContainsFunc(d.Text.parts, func(p textPart) bool { return p.name == variable }) {
		return true
	}
	return slices.ContainsFunc(d.Kids, func(kid Document) bool { return kid.Has(variable) })
}

// Each calls f for the name of every variable that a document takes up, as the
// file spells it, some of them several times. A nil document has none.
func (d *Document) Each(f func(variable string)) {
	if d == nil {
		return
	}
	if d.Name != "" {
		f(d.Name)
	}
	d.Expr.each(f)
	if d.Text != nil {
		d.Text.Each(f)
	}
	for i := range d.Kids {
		d.Kids[i].Each(f)
	}
}

// Each calls f for the name of every variable in the holes of a text.
func (t *Text) Each(f func(variable string)) {
	for _, p := range t.parts {
		switch {
		case p.made != nil:
			p.made.each(f)
		case p.get != nil:
			f(p.name)
		}
	}
}

func (x *Expression) each(f func(variable string)) {
	if x == nil {
		return
	}
	for _, v := range x.vars {
		f(v.path)
	}
}
