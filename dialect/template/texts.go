package template

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Text is a string with holes, such as "{base}/links/{it.id}".
type Text struct {
	parts []textPart
	place *place // nil for texts of errors, which are as long as what was sent makes them
}

// textPart is a constant, or a hole.
type textPart struct {
	lit   string
	get   Getter
	plain func(e *Env) string // instead of get, without quotes
	name  string              // what get was written as
	made  *Expression         // what makes it; nil of a variable
}

// Text compiles a string with holes. A hole is a variable or an expression.
func (s *Scope) Text(n *yml.Node, src string) *Text {
	t := &Text{}
	if s.Refusals == nil {
		at := s.at(n, src)
		t.place = &at
	}
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
			s.ReportIn(n, src, open, "the hole that starts at %q has no end; write }", src[open:])
			break
		}
		hole := strings.TrimSpace(src[open+1 : open+end])
		part := textPart{name: hole}
		part.get, part.made = s.hole(n, hole)
		if s.Refusals == nil {
			part.plain = plainVariables[hole]
		}
		t.parts = append(t.parts, part)
		src = src[open+end+1:]
	}
	s.joined(n, t)
	return t
}

// hole compiles a variable or, failing that, an expression.
func (s *Scope) hole(n *yml.Node, src string) (get Getter, made *Expression) {
	g, _, err := s.resolve(src)
	if err == nil {
		return g, nil
	}
	if IsName(src) {
		s.ReportIn(n, src, 0, "%v", err)
		return func(*Env) string { return "" }, nil
	}
	x := s.expression(n, src, anyType)
	return x.get, x
}

// IsName tells whether src is a dotted name and nothing more.
func IsName(src string) bool {
	for i := 0; i < len(src); i++ {
		c := src[i]
		if !(c == '_' || c == '.' || c == '-' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z') {
			return false
		}
	}
	return src != ""
}

// Only is the one part of a text that has no other: the variable or expression
// of a hole, or else a constant. ok is false when there are several.
func (t *Text) Only() (variable, constant string, ok bool) {
	if len(t.parts) != 1 {
		return "", "", false
	}
	return t.parts[0].name, t.parts[0].lit, true
}

// Computed tells whether there is an expression or a slot in the text, so that
// it can be of any length.
func (t *Text) Computed() bool {
	return slices.ContainsFunc(t.parts, func(p textPart) bool { return p.made != nil || strings.Contains(p.name, ".") })
}

// Render fills the holes in.
func (t *Text) Render(e *Env) string {
	if len(t.parts) == 1 && t.parts[0].get == nil {
		return t.parts[0].lit
	}
	dst := make([]byte, 0, 96)
	size := 0
	for i := range t.parts {
		v := t.parts[i].value(e)
		if size += len(v); t.long(size, e) {
			return ""
		}
		dst = append(dst, v...)
	}
	return string(dst)
}

// Match reads a text that Render has made: what stands in each hole that is a
// variable. of is how many characters the constants have: the more, the surer.
func (t *Text) Match(s string) (holes map[string]string, of int, ok bool) {
	name := ""
	holes = map[string]string{}
	for i, p := range t.parts {
		if p.get != nil || p.plain != nil {
			name = p.name
			if i == len(t.parts)-1 {
				holes[name], s = s, ""
			}
			continue
		}
		at := strings.Index(s, p.lit)
		if i == len(t.parts)-1 && strings.HasSuffix(s, p.lit) {
			at = len(s) - len(p.lit)
		}
		if at < 0 || name == "" && at > 0 {
			return nil, 0, false
		}
		if name != "" {
			holes[name] = s[:at]
		}
		s, name, of = s[at+len(p.lit):], "", of+len(p.lit)
	}
	return holes, of, s == ""
}

// Literal is a text without holes.
func Literal(s string) *Text { return &Text{parts: []textPart{{lit: s}}} }

// long tells whether a text of so many bytes is past the bounds, and notes it.
func (t *Text) long(size int, e *Env) bool {
	if t.place == nil || size <= MaxText {
		return false
	}
	t.place.overran(e, errLongText)
	return true
}

// appendQuoted appends the text as a JSON string.
func (t *Text) appendQuoted(dst []byte, e *Env) []byte {
	dst = append(dst, '"')
	mark, size := len(dst), 0
	for i := range t.parts {
		v := t.parts[i].value(e)
		if size += len(v); t.long(size, e) {
			dst = dst[:mark]
			break
		}
		dst = record.AppendEscaped(dst, v)
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
