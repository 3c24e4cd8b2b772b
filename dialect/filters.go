package dialect

import (
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

// Filter is a query parameter of a list that selects by a field.
type Filter struct {
	Param string
	Field *Field
}

// Select decodes a query parameter by the filter's field.
func (f *Filter) Select(value string, e *Env) (text string, p *Problem) {
	text, t := f.Field.Decode(f.Field.Codec.FromText(value), e)
	if t != nil {
		return "", &Problem{Path: f.Param, Code: record.CodeParameter, Check: t.Check, Why: t.Why, Value: record.Quote(value)}
	}
	return text, nil
}

// Matches tells whether a record has what the filter asks for, as the dialect
// would show it. Defaults are made within bounds, which hear of those that are not.
func (f *Filter) Matches(rec *record.Record, text string, bounds *Bounds) bool {
	have := f.Field.Get(rec)
	if have == text {
		return true
	}
	if have == "" && f.Field.Default != nil {
		return f.Field.defaultText(&Env{Env: template.Env{It: rec, Bounds: bounds}}) == text
	}
	if c, ok := f.Field.Codec.(codec.Worded); ok && have != "" && have != record.Null {
		return c.Word(have) == c.Word(text)
	}
	return false
}
