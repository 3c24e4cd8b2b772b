package journal

import (
	"fmt"
	"strings"
)

// Filter selects entries; empty fields select all.
type Filter struct {
	Dialect   string `json:"dialect,omitempty" doc:"name of a dialect"`
	Operation string `json:"operation,omitempty" doc:"such as link.update"`
	Method    string `json:"method,omitempty" doc:"of HTTP"`
	Path      string `json:"path,omitempty" doc:"as the client wrote it or without polylink's prefixes, with * for any characters"`
	Status    int    `json:"status,omitempty" doc:"status of the answer"`
	Body      string `json:"body,omitempty" doc:"text that the request's body contains"`
	Unmatched bool   `json:"unmatched,omitempty" doc:"only what no operation matched"`
	Since     int64  `json:"since,omitempty" doc:"only entries with a larger number"`
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
	if f.Path != "" && !glob(f.Path, e.Path) && (e.OwnPath == "" || !glob(f.Path, e.OwnPath)) {
		misses = append(misses, is("path", v.text(e.Path)))
	}
	if f.Status != 0 && f.Status != e.Status {
		misses = append(misses, fmt.Sprintf("status is %d", e.Status))
	}
	if f.Body != "" && !strings.Contains(string(e.Body), f.Body) {
		misses = append(misses, "body does not contain the text")
	}
	if f.Unmatched && e.Operation != "" {
		misses = append(misses, is("operation", e.Operation))
	}
	if e.N <= f.Since {
		misses = append(misses, fmt.Sprintf("n is %d", e.N))
	}
	return len(misses) == 0, misses
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
