package access

import (
	"regexp"

	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

// HeaderRule is what holds for a request header.
type HeaderRule struct {
	Name    string
	OneOf   []string
	Default string
	Match   *regexp.Regexp // nil takes any
	Equals  *template.Document
	Missing record.Code // of a request without it, "" where it may be left out
	Code    record.Code
	Line    int
}

// Value renders a header rule's equal, "" when there is none.
func (h *HeaderRule) Value(e *template.Env) string {
	if h.Equals == nil {
		return ""
	}
	out, _ := h.Equals.Append(nil, e)
	return record.Unquote(string(out))
}

// Headers are response headers with texts in them.
type Headers []Header

// Header is one of them.
type Header struct {
	Name string
	Text *template.Text
}

// Computed tells whether one of them can be of any length.
func (h Headers) Computed() bool {
	for i := range h {
		if h[i].Text.Computed() {
			return true
		}
	}
	return false
}

// Each renders the headers; those that come out empty are left out.
func (h Headers) Each(e *template.Env, set func(name, value string)) {
	for i := range h {
		if v := h[i].Text.Render(e); v != "" {
			set(h[i].Name, v)
		}
	}
}
