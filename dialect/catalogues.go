package dialect

import (
	"slices"
	"sort"

	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

// Class is one entry of a dialect's error catalogue.
type Class struct {
	Name   string
	Status int
	Line   int

	Vars    map[string]*template.Document // its own words: type, code, message, …
	Message *template.Text
	Detail  *template.Text
	Body    *template.Document // nil is the dialect's
	Empty   bool               // no body at all
	Hide    map[string]bool
	Headers access.Headers // of its answers
}

// Catalogue is a dialect's errors.
type Catalogue struct {
	Classes  map[record.Code]*Class
	Order    []record.Code // as the file has them
	Body     *template.Document
	Item     *template.Document // one violation in $errors
	Empty    bool
	Defaults map[string]*template.Document
	Words    map[string]*template.Text // what $why says, by the check
	Checks   map[string]record.Code    // classes of violations by their check
	Mime     string
}

// Class finds the entry of a code or of the nearest wider one.
func (c *Catalogue) Class(code record.Code) *Class {
	for at := code; at != ""; at = at.Parent() {
		if class := c.Classes[at]; class != nil {
			return class
		}
	}
	return c.Classes[record.CodeInternal]
}

// Capital is a text with a capital letter.
func Capital(s string) string {
	if s == "" || s[0] < 'a' || s[0] > 'z' {
		return s
	}
	return string(s[0]-'a'+'A') + s[1:]
}

// ErrorCodes lists the catalogue's entries by name.
func (d *Dialect) ErrorCodes() []string {
	names := make([]string, 0, len(d.Errors.Classes))
	for code := range d.Errors.Classes {
		names = append(names, string(code))
	}
	sort.Strings(names)
	return names
}

// HasClass tells whether the catalogue has an entry of its own for a code.
func (d *Dialect) HasClass(code record.Code) bool { return d.Errors.Classes[code] != nil }

// ErrorType is the Content-Type of the dialect's errors.
func (d *Dialect) ErrorType() string { return d.Errors.Mime }

// ClassWithStatus returns the catalogue's first class with a status, "" when
// there is none.
func (d *Dialect) ClassWithStatus(status int) record.Code {
	for _, name := range d.Errors.Order {
		if d.Errors.Classes[name].Status == status {
			return name
		}
	}
	return ""
}

// Statuses lists the statuses of the catalogue, in its order.
func (d *Dialect) Statuses() []int {
	var out []int
	for _, name := range d.Errors.Order {
		if s := d.Errors.Classes[name].Status; !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// Violations are those that every dialect has.
func Violations() []*codec.Violation {
	return []*codec.Violation{missingField, unknownField, frozenField, danglingReference, brokenRule}
}
