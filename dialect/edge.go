package dialect

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// What the edge needs of a compiled dialect besides decoding and encoding.

// Forget lets go of a request's memory before the Input is used again.
func (in *Input) Forget() {
	clear(in.tokens)
	clear(in.vals)
	clear(in.Problems)
	clear(in.set)
	clear(in.groups)
	clear(in.reset)
	*in = Input{tokens: keepSmall(in.tokens), vals: in.vals[:0], set: in.set[:0], groups: in.groups[:0], reset: in.reset[:0], Problems: in.Problems[:0]}
}

// keepSmall keeps memory for the next request, unless a hostile one has made
// it large.
func keepSmall(tokens []jsontext.Token) []jsontext.Token {
	if cap(tokens) > 1024 {
		return nil
	}
	return tokens[:0]
}

// ErrorType is the Content-Type of the dialect's errors.
func (d *Dialect) ErrorType() string { return d.errors.mime }

// Row makes the row of a record of the resource.
func (res *Resource) Row(rec *record.Record) *store.Row { return NewRow(res, rec) }

// Text returns the canonical text that the request gives a field, "" when it
// gives none.
func (in *Input) Text(f *Field) string {
	if f.index >= len(in.vals) || in.vals[f.index].state != given {
		return ""
	}
	return in.vals[f.index].text
}

// PathOf writes a field's path as the dialect shows it.
func (in *Input) PathOf(f *Field) string { return in.path(f.Path) }

// Value renders a header rule's equal, "" when there is none.
func (h *HeaderRule) Value(e *Env) string {
	if h.Equals == nil {
		return ""
	}
	out, _ := h.Equals.Append(nil, &e.Env)
	return record.Unquote(string(out))
}

// Select decodes a query parameter by the filter's field.
func (f *Filter) Select(value string, e *Env) (text string, p *Problem) {
	text, t := f.Field.decode(f.Field.codec.FromText(value), e)
	if t != nil {
		return "", &Problem{Path: f.Param, Code: record.CodeParameter, Check: t.Check, Why: t.Why, Value: record.Quote(value)}
	}
	return text, nil
}

// Matches tells whether a record has what the filter asks for, as the dialect
// would show it.
func (f *Filter) Matches(rec *record.Record, text string) bool {
	have := f.Field.get(rec)
	if have == text {
		return true
	}
	if have == "" && f.Field.dflt != nil {
		return f.Field.defaultText(&Env{Env: template.Env{It: rec}}) == text
	}
	if c, ok := f.Field.codec.(codec.Worded); ok && have != "" && have != record.Null {
		return c.Word(have) == c.Word(text)
	}
	return false
}

// ClassWithStatus returns the catalogue's first class with a status, "" when
// there is none.
func (d *Dialect) ClassWithStatus(status int) record.Code {
	for _, name := range d.errors.order {
		if d.errors.classes[name].Status == status {
			return name
		}
	}
	return ""
}

// CodeWithStatus returns an error that the operation can answer with a status
// for: one that its own checks raise if there is one, else one of the
// catalogue; "" when there is none.
func (op *Op) CodeWithStatus(status int) record.Code {
	d := op.dialect
	raised := op.codes()
	for _, name := range d.errors.order {
		class := d.errors.classes[name]
		if class.Status != status {
			continue
		}
		for _, code := range raised {
			if d.errors.class(code) == class {
				return code
			}
		}
	}
	return d.ClassWithStatus(status)
}

// Statuses lists the statuses of the catalogue, in its order.
func (d *Dialect) Statuses() []int {
	var out []int
	for _, name := range d.errors.order {
		if s := d.errors.classes[name].Status; !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// FirstField returns the first field that the operation writes, or nil.
func (op *Op) FirstField() *Field {
	if op.Resource == nil || !op.Writes() {
		return nil
	}
	for _, f := range op.Resource.Fields {
		if f.In && f.writable(op.Does == Create) {
			return f
		}
	}
	return nil
}

// Line is the line of the mapping file that decided: of the field at fault, or
// of the error class.
func (f *Failure) Line() int {
	if p := f.at(); p.Field != nil && p.Field.Line > 0 {
		return p.Field.Line
	}
	return f.Class.Line
}

// ResourceFor returns the resource that shows a kind of record, or nil.
func (d *Dialect) ResourceFor(kind string) *Resource {
	var found *Resource
	for _, res := range d.Resources {
		if res.Schema.Kind == kind && (found == nil || res.Name < found.Name) {
			found = res
		}
	}
	return found
}

// StateWord is what the dialect calls the state of a record, as far as it has
// a word for it.
func (res *Resource) StateWord(rec *record.Record) string {
	for _, f := range res.Fields {
		if c, ok := f.codec.(codec.Worded); ok && f.target == toSlot && f.slot == record.SlotStatus {
			if wire := c.Word(rec.Get(record.SlotStatus)); strings.HasPrefix(wire, `"`) {
				return record.Unquote(wire)
			}
		}
	}
	return rec.Text(record.SlotStatus)
}
