package dialect

import (
	"strings"

	"github.com/polylink-dev/polylink/record"
)

// Filter is a query parameter of a list that selects by a field, or searches
// several. Package selection reads and applies it.
type Filter struct {
	Param   string
	Field   *Field   // nil where it searches
	Over    []*Field // that it searches
	Test    string   // one of grammar.FilterTests
	Many    string   // repeat or commas: several values are taken, and any of them counts
	Default []string // wire values that count when none is sent
	Blank   bool     // an empty value is none
	Code    record.Code
}

// Sort is the order that a list can be asked for.
type Sort struct {
	By, Direction string // parameters
	Style         string // signed or colon: how a field's direction is written beside it
	Names         []string
	Fields        map[string]*Field // by the names that clients use
	Default       string
	Code          record.Code
}

// Split takes a field of an order apart: its name, and whether the largest come
// first.
func (s *Sort) Split(one string) (name string, down bool) {
	if s.Style == "colon" {
		name, direction, _ := strings.Cut(one, ":")
		return name, strings.EqualFold(direction, "desc")
	}
	name, down = strings.CutPrefix(one, "-")
	return strings.TrimPrefix(name, "+"), down
}

// Absent is a route that the provider has and the dialect has not. Where a
// variable of an operation would take it, it is told as not served instead.
type Absent struct {
	Method, Path string
	Line         int
}
