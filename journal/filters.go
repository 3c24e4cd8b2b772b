package journal

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
)

// Filter selects entries; empty fields select all.
type Filter struct {
	Dialect   string            `json:"dialect,omitempty" doc:"name of a dialect"`
	Operation string            `json:"operation,omitempty" doc:"such as link.update"`
	Method    string            `json:"method,omitempty" doc:"of HTTP"`
	Path      string            `json:"path,omitempty" doc:"as the client wrote it, or without the prefix of its sandbox or all prefixes of polylink, with * for any characters"`
	Status    Status            `json:"status,omitempty" doc:"status of the answer, such as 409, or a class of them, such as 4xx"`
	Body      string            `json:"body,omitempty" doc:"text that the request's body contains"`
	BodyAt    map[string]string `json:"-" prefix:"body." doc:"value in the request's body, JSON or a form, such as body.line_items.0.price"`
	Headers   map[string]string `json:"-" prefix:"header." doc:"value of a header of the request, such as header.idempotency-key"`
	Unmatched bool              `json:"unmatched,omitempty" doc:"only what no operation matched"`
	Since     int64             `json:"since,omitempty" doc:"only entries with a larger number"`
}

// Status is a status of HTTP or a class of them: 409 or 4xx. In JSON the former
// may be a number.
type Status string

// UnmarshalJSON reads a number or a text.
func (s *Status) UnmarshalJSON(data []byte) error {
	*s = Status(strings.Trim(string(data), `"`))
	if *s == "null" || *s == "0" {
		*s = ""
	}
	return nil
}

// Valid tells whether there is such a status or class.
func (s Status) Valid() bool {
	if s == "" {
		return true
	}
	if len(s) != 3 || s[0] < '1' || s[0] > '5' {
		return false
	}
	n, err := strconv.Atoi(string(s))
	return err == nil && n > 0 || strings.EqualFold(string(s[1:]), "xx")
}

// match tells whether a status is the one, or of the class.
func (s Status) match(status int) bool {
	text := strconv.Itoa(status)
	return text == string(s) || len(s) == 3 && strings.EqualFold(string(s[1:]), "xx") && text[0] == s[0]
}

// Match tells whether an entry is selected; if not, what speaks against it.
func (f *Filter) Match(e *Entry, s *Secrets) (ok bool, misses []string) {
	v := viewer{e, s}
	check := func(name, want, have string) {
		if want != "" && !strings.EqualFold(want, have) {
			misses = append(misses, is(name, have))
		}
	}
	check("dialect", f.Dialect, e.Dialect)
	check("operation", f.Operation, e.Operation)
	check("method", f.Method, e.Method)
	if f.Path != "" && !slices.ContainsFunc(e.paths(), func(path string) bool { return glob(f.Path, path) }) {
		misses = append(misses, is("path", v.text(e.Path)))
	}
	if f.Status != "" && !f.Status.match(e.Status) {
		misses = append(misses, fmt.Sprintf("status is %d", e.Status))
	}
	if f.Body != "" && !strings.Contains(string(e.Body), f.Body) {
		misses = append(misses, "body does not contain the text")
	}
	if len(f.BodyAt) > 0 {
		misses = append(misses, f.bodyMisses(v)...)
	}
	for _, name := range slices.Sorted(maps.Keys(f.Headers)) {
		values := valuesOf(e.Header, name)
		if !slices.Contains(values, f.Headers[name]) {
			have := ""
			if len(values) > 0 {
				have = v.header(name, values[0])
			}
			misses = append(misses, is("header."+Clean(name), have))
		}
	}
	if f.Unmatched && e.Operation != "" {
		misses = append(misses, is("operation", e.Operation))
	}
	if e.N <= f.Since {
		misses = append(misses, fmt.Sprintf("n is %d", e.N))
	}
	return len(misses) == 0, misses
}

// paths are the ways to name what was called: as the client wrote it, without
// the sandbox in front, and as the provider has it.
func (e *Entry) paths() []string {
	out := []string{e.Path}
	if rest, ok := strings.CutPrefix(e.Path, "/~"); ok {
		if _, path, ok := strings.Cut(rest, "/"); ok {
			out = append(out, "/"+path)
		}
	}
	if e.OwnPath != "" {
		out = append(out, e.OwnPath)
	}
	return out
}

// valuesOf returns the values of a header, whose name may be written with any
// letters.
func valuesOf(h http.Header, name string) []string {
	var out []string
	for have, values := range h {
		if strings.EqualFold(have, name) {
			out = append(out, values...)
		}
	}
	return out
}

// bodyMisses tells which values the request's body does not have. They are
// shown as the journal shows the body: without secrets.
func (f *Filter) bodyMisses(v viewer) (misses []string) {
	have := jsontext.OfBody(v.e.Body)
	var shown jsontext.Value
	for _, path := range slices.Sorted(maps.Keys(f.BodyAt)) {
		if jsontext.Says(jsontext.At(have, path), f.BodyAt[path]) {
			continue
		}
		if shown.Raw == "" {
			shown = jsontext.OfBody([]byte(v.body(v.e.Body, v.e.BodySize, v.e.Header)))
		}
		value := jsontext.At(shown, path)
		text := value.Raw
		if value.Kind == gjson.String {
			text = value.Str()
		}
		misses = append(misses, is("body."+Clean(path), jsontext.Shorten(text, 80)))
	}
	return misses
}

func is(name, have string) string {
	if have == "" {
		return name + " is not known"
	}
	return fmt.Sprintf("%s is %q", name, have)
}

// Select returns the entries that match, and of the others the one that came
// closest, the newest of equals, with what spoke against it.
func (f *Filter) Select(all []*Entry, s *Secrets) (hits []*Entry, closest *Entry, misses []string) {
	for _, e := range all {
		ok, why := f.Match(e, s)
		switch {
		case ok:
			hits = append(hits, e)
		case closest == nil || len(why) <= len(misses):
			closest, misses = e, why
		}
	}
	return hits, closest, misses
}

// glob matches a text against a pattern in which * stands for any characters.
func glob(pattern, s string) bool {
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(s, parts[0]) {
		return false
	}
	s = s[len(parts[0]):]
	for i, p := range parts[1:] {
		if i == len(parts)-2 {
			return strings.HasSuffix(s, p)
		}
		at := strings.Index(s, p)
		if at < 0 {
			return false
		}
		s = s[at+len(p):]
	}
	return s == ""
}
