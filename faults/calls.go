package faults

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/jsontext"
)

// Bounds of what a fault asks of a request.
const (
	MaxMembers = 32   // values of the body, and of headers
	MaxWanted  = 8192 // bytes of all their names and values
)

// token is the name of a header.
var token = regexp.MustCompile("^[0-9A-Za-z!#$%&'*+.^_`|~-]+$")

// Call is an exchange that has found its operation.
type Call struct {
	Dialect   string
	Operation string
	Header    http.Header
	Body      []byte // as it came
}

// fits tells whether a fault is about the call.
func (c *Call) fits(f *Fault) bool {
	if f.Delivery != "" || f.Dialect != "" && f.Dialect != c.Dialect || f.Operation != "" && f.Operation != c.Operation {
		return false
	}
	for name, value := range f.Header {
		if !slices.Contains(c.Header.Values(name), value) {
			return false
		}
	}
	if len(f.Body) == 0 {
		return true
	}
	body := jsontext.OfBody(c.Body)
	for path, value := range f.Body {
		if !jsontext.Says(jsontext.At(body, path), textOf(value)) {
			return false
		}
	}
	return true
}

// textOf is what a value says: of a text what is inside, and of all else what
// is written.
func textOf(raw json.RawMessage) string {
	if v, err := jsontext.Parse(raw); err == nil && raw[0] == '"' {
		return v.Str()
	}
	return string(raw)
}

// checkMatch says what to write instead where no request can be as the fault
// wants it.
func (f *Fault) checkMatch() error {
	size := 0
	for _, path := range slices.Sorted(maps.Keys(f.Body)) {
		if path == "" || strings.HasPrefix(path, ".") || strings.HasSuffix(path, ".") {
			return fmt.Errorf("body has paths such as line_items.0.price, and %q is none", path)
		}
		if _, err := jsontext.Parse(f.Body[path]); err != nil {
			return fmt.Errorf("the value of %q in body is no JSON", jsontext.Shorten(path, 80))
		}
		size += len(path) + len(f.Body[path])
	}
	for _, name := range slices.Sorted(maps.Keys(f.Header)) {
		if !token.MatchString(name) || strings.ContainsFunc(f.Header[name], func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }) {
			return fmt.Errorf("header has names of headers and their values, and no request can have %q", jsontext.Shorten(name, 80))
		}
		size += len(name) + len(f.Header[name])
	}
	if len(f.Body)+len(f.Header) > MaxMembers || size > MaxWanted {
		return fmt.Errorf("body and header are too much; %d values and %d bytes are the most", MaxMembers, MaxWanted)
	}
	return nil
}
