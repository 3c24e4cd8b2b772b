package dialect

import (
	"fmt"
	"sort"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// resolve finds a variable by its dotted name.
func (s *scope) resolve(name string) (getter, record.Type, error) {
	if s.failure {
		if s.own[name] || name == "field" {
			if s.used != nil {
				s.used[name] = true
			}
			return classVariable(s.catalogue, name), record.Any, nil
		}
		if f, ok := failureVariables[name]; ok {
			return func(e *Env) string {
				if e.Err == nil {
					return ""
				}
				return f(e.Err)
			}, record.Any, nil
		}
	}
	if g, ok := variables[name]; ok {
		return g, variableType(name), nil
	}
	root, rest, dotted := strings.Cut(name, ".")
	if root == "header" && dotted {
		return func(e *Env) string {
			if e.Header == nil {
				return ""
			}
			return quoteOrNone(e.Header(rest))
		}, record.Text, nil
	}
	if root == "query" && dotted {
		return func(e *Env) string {
			if e.Query == nil {
				return ""
			}
			return quoteOrNone(e.Query(rest))
		}, record.Text, nil
	}
	if s.vague[root] || s.vague[""] && !dotted {
		return func(*Env) string { return "" }, record.Any, nil
	}
	schema := s.roots[root]
	if schema == nil || !dotted {
		return nil, 0, fmt.Errorf("no variable %q here%s", name, s.instead(name))
	}
	if path, ok := strings.CutPrefix(rest, "ext."); ok {
		return extGetter(root, s.dialect+"."+path), record.Any, nil
	}
	slot, ok := schema.Slot(rest)
	if !ok {
		return nil, 0, fmt.Errorf("%s has no slot %q%s", article(schema.Kind), rest, yml.Instead(rest, schema.Names()))
	}
	return slotGetter(root, slot), schema.Slots[slot].Type, nil
}

func variableType(name string) record.Type {
	switch {
	case name == "now":
		return record.Time
	case name == "more":
		return record.Bool
	case strings.HasPrefix(name, "limit."), name == "total", name == "skip", name == "size":
		return record.Int
	case name == "item" || name == "items" || name == "payload" || name == "openapi":
		return record.Any
	}
	return record.Text
}

// instead says what to write for a variable that there is not.
func (s *scope) instead(name string) string {
	if has(s.names(), "it."+name) {
		return fmt.Sprintf(", did you mean %q", "it."+name)
	}
	if hint := yml.DidYouMean(name, s.names()); hint != "" {
		return hint
	}
	short := s.plain()
	for root := range s.roots {
		short = append(short, root+".SLOT")
	}
	return yml.Instead("", append(short, "header.NAME", "query.NAME"))
}

// plain lists the variables that are no slots.
func (s *scope) plain() []string {
	var names []string
	for n := range variables {
		names = append(names, n)
	}
	if s.failure {
		for n := range failureVariables {
			names = append(names, n)
		}
		for n := range s.own {
			names = append(names, n)
		}
	}
	return names
}

func (s *scope) names() []string {
	names := s.plain()
	for root, schema := range s.roots {
		for _, slot := range schema.Names() {
			names = append(names, root+"."+slot)
		}
	}
	sort.Strings(names)
	return names
}

// text is a string with holes, such as "{base}/links/{it.id}".
type text struct {
	parts []textPart
}

type textPart struct {
	lit   string
	get   getter
	plain func(e *Env) string // instead of get, without quotes
	name  string              // what get was written as
}

// text compiles a string with holes. A hole is a variable or an expression.
func (r *reader) text(n *yml.Node, src string, s *scope) *text {
	t := &text{}
	for src != "" {
		open := strings.IndexByte(src, '{')
		if open < 0 {
			t.parts = append(t.parts, textPart{lit: src})
			break
		}
		if open > 0 {
			t.parts = append(t.parts, textPart{lit: src[:open]})
		}
		end := strings.IndexByte(src[open:], '}')
		if end < 0 {
			r.faultIn(n, src, open, "the hole that starts at %q has no end; write }", src[open:])
			break
		}
		hole := strings.TrimSpace(src[open+1 : open+end])
		part := textPart{get: r.hole(n, hole, s), name: hole}
		if !s.failure {
			part.plain = plainVariables[hole]
		}
		t.parts = append(t.parts, part)
		src = src[open+end+1:]
	}
	return t
}

// hole compiles a variable or, failing that, an expression.
func (r *reader) hole(n *yml.Node, src string, s *scope) getter {
	g, _, err := s.resolve(src)
	if err == nil {
		return g
	}
	if isName(src) {
		r.faultIn(n, src, 0, "%v", err)
		return func(*Env) string { return "" }
	}
	x := r.expression(n, src, s, anyType)
	return x.get
}

// isName tells whether src is a dotted name and nothing more.
func isName(src string) bool {
	for i := 0; i < len(src); i++ {
		c := src[i]
		if !(c == '_' || c == '.' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return src != ""
}

// render fills the holes in.
func (t *text) render(e *Env) string {
	if len(t.parts) == 1 && t.parts[0].get == nil {
		return t.parts[0].lit
	}
	return string(t.append(make([]byte, 0, 96), e))
}

func (t *text) append(dst []byte, e *Env) []byte {
	for i := range t.parts {
		dst = append(dst, t.parts[i].value(e)...)
	}
	return dst
}

// appendQuoted appends the text as a JSON string.
func (t *text) appendQuoted(dst []byte, e *Env) []byte {
	dst = append(dst, '"')
	for i := range t.parts {
		dst = record.AppendEscaped(dst, t.parts[i].value(e))
	}
	return append(dst, '"')
}

func (p *textPart) value(e *Env) string {
	switch {
	case p.get == nil:
		return p.lit
	case p.plain != nil:
		return p.plain(e)
	}
	return record.Unquote(p.get(e))
}

// document is a JSON value with variables in it: error bodies, envelopes,
// read models. It is appended in one pass.
type document struct {
	lit  []byte // a constant, already JSON
	get  getter
	name string      // the variable that get reads
	expr *expression // or the expression
	text *text
	omit bool // leave the member out when the variable is absent
	keys [][]byte
	kids []document
	list bool
}

// document compiles a YAML value. A text that starts with $ is a variable,
// with $~ one that is left out when absent, $( ) an expression; a text with
// {holes} is filled in; everything else stands for itself.
func (r *reader) document(n *yml.Node, s *scope) document {
	switch n.Kind {
	case yml.Mapping:
		d := document{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			d.keys = append(d.keys, append(record.AppendQuote(nil, n.Content[i].Value), ':'))
			d.kids = append(d.kids, r.document(n.Content[i+1], s))
		}
		if len(d.kids) == 0 {
			d.lit = []byte("{}")
		}
		return d
	case yml.Sequence:
		d := document{list: true}
		for _, c := range n.Content {
			d.kids = append(d.kids, r.document(c, s))
		}
		return d
	}
	if !yml.IsString(n) {
		return document{lit: []byte(r.jsonOf(n))}
	}
	d, is := r.variable(n, s)
	switch {
	case is:
		return d
	case strings.Contains(n.Value, "{"):
		return document{text: r.text(n, n.Value, s)}
	}
	return document{lit: record.AppendQuote(nil, n.Value)}
}

// variable compiles $name, $~name and $(expression).
func (r *reader) variable(n *yml.Node, s *scope) (d document, is bool) {
	src, ok := strings.CutPrefix(n.Value, "$")
	if !ok {
		return document{}, false
	}
	src, omit := strings.CutPrefix(src, "~")
	if inner, ok := strings.CutPrefix(src, "("); ok && strings.HasSuffix(inner, ")") {
		x := r.expression(n, strings.TrimSuffix(inner, ")"), s, anyType)
		return document{get: x.get, expr: x, omit: omit}, true
	}
	g, _, err := s.resolve(src)
	if err != nil {
		r.faultIn(n, src, 0, "%v", err)
		g = func(*Env) string { return "" }
	}
	return document{get: g, name: src, omit: omit}, true
}

// append writes the document; present is false when it is to be left out.
func (d *document) append(dst []byte, e *Env) (out []byte, present bool) {
	switch {
	case d.lit != nil:
		return append(dst, d.lit...), true
	case d.text != nil:
		return d.text.appendQuoted(dst, e), true
	case d.get != nil:
		v := d.get(e)
		if v == "" {
			if d.omit {
				return dst, false
			}
			v = record.Null
		}
		return append(dst, v...), true
	case d.list:
		dst = append(dst, '[')
		for i := range d.kids {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst, _ = d.kids[i].append(dst, e)
		}
		return append(dst, ']'), true
	}
	dst = append(dst, '{')
	first := true
	for i := range d.kids {
		mark := len(dst)
		if !first {
			dst = append(dst, ',')
		}
		dst = append(dst, d.keys[i]...)
		var ok bool
		if dst, ok = d.kids[i].append(dst, e); !ok {
			dst = dst[:mark]
			continue
		}
		first = false
	}
	return append(dst, '}'), true
}

// appendJSON writes a YAML value as JSON; numbers keep their text.
func (r *reader) appendJSON(dst []byte, n *yml.Node) []byte {
	switch n.Kind {
	case yml.Mapping:
		dst = append(dst, '{')
		for i := 0; i+1 < len(n.Content); i += 2 {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(record.AppendQuote(dst, n.Content[i].Value), ':')
			dst = r.appendJSON(dst, n.Content[i+1])
		}
		return append(dst, '}')
	case yml.Sequence:
		dst = append(dst, '[')
		for i, c := range n.Content {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = r.appendJSON(dst, c)
		}
		return append(dst, ']')
	}
	switch n.Tag {
	case "!!null":
		return append(dst, "null"...)
	case "!!bool":
		b, _ := strconv.ParseBool(strings.ToLower(n.Value))
		return strconv.AppendBool(dst, b)
	case "!!int", "!!float":
		if jsontext.IsNumber(n.Value) {
			return append(dst, n.Value...)
		}
		r.fault(n, "write the number as JSON has it, or quote it to make it a text")
		return append(dst, "null"...)
	}
	return record.AppendQuote(dst, n.Value)
}
