package exchanges

import (
	"fmt"
	"slices"
	"sort"
	"strings"
)

// Headers is what answers ordinarily have: one line for each header, as in
//
//	Content-Type: application/json
//	X-Request-Id: req_*
//
// where * stands for any characters. It is the file headers.txt, and counts for
// all exchanges below its folder.
type Headers []header

type header struct{ name, value string }

// headersFile is the name of the file in which ordinary headers stand.
const headersFile = "headers.txt"

// ParseHeaders reads the lines of a file; those that begin with # are comments.
func ParseHeaders(file string, data []byte) (Headers, error) {
	var list Headers
	n := 0
	for line := range strings.Lines(string(data)) {
		n++
		line = strings.TrimSuffix(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		name, value, ok := strings.Cut(line, ": ")
		if !ok || name == "" {
			return nil, fmt.Errorf("%s:%d: %q is no header line; write Name: value, with * for any characters", file, n, line)
		}
		list = append(list, header{name, value})
	}
	return list, nil
}

// shows tells whether the answers of an exchange are written with a header of
// that value: because the case is about it, or because it is not ordinary.
func (x *Exchange) shows(name string, values []string) bool {
	if name == "Date" || name == "Content-Length" {
		return false
	}
	for _, pattern := range x.About {
		if matches(pattern, name) {
			return true
		}
	}
	ordinary := slices.ContainsFunc(x.Ordinary, func(h header) bool {
		return h.name == name && len(values) == 1 && matches(h.value, values[0])
	})
	return !ordinary
}

// matches compares a text with a pattern in which * stands for any characters.
func matches(pattern, text string) bool {
	first, rest, found := strings.Cut(pattern, "*")
	if !found {
		return pattern == text
	}
	text, ok := strings.CutPrefix(text, first)
	for ok && strings.Contains(rest, "*") {
		var part string
		part, rest, _ = strings.Cut(rest, "*")
		_, text, ok = strings.Cut(text, part)
	}
	return ok && strings.HasSuffix(text, rest)
}

// headerLines are the header lines of an answer. An ordinary header that it
// lacks is a line, too: "no X-Request-Id".
func (x *Exchange) headerLines(r *Reply) []string {
	lines := map[string][]string{}
	for name, values := range r.Header {
		if x.shows(name, values) {
			for _, v := range values {
				lines[name] = append(lines[name], name+": "+v)
			}
		}
	}
	for _, h := range x.Ordinary {
		if r.Header[h.name] == nil {
			lines[h.name] = []string{"no " + h.name}
		}
	}
	names := make([]string, 0, len(lines))
	for name := range lines {
		names = append(names, name)
	}
	sort.Strings(names)
	var out []string
	for _, name := range names {
		out = append(out, lines[name]...)
	}
	return out
}
