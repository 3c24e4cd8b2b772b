package dialect

import (
	"strconv"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Field is one line of a field table: where a wire value lives in the
// canonical record, how it is converted, and what holds for it.
//
// What every value that comes in needs stands first, so that it lies together.
type Field struct {
	codec    codec.Codec
	clear    []string // wire texts that empty the field
	index    int      // in the table
	In, Out  bool     // direction
	OnCreate bool     // may be written by a create
	OnUpdate bool     // may be written by an update
	parts    placed   // the codec, if violations inside a value have places of their own

	Path string // dotted wire path
	Doc  string
	Line int

	slot         record.Slot
	ext          string // "<dialect>.<path>" instead of a slot
	target       targetKind
	item         string // name inside a list's items
	itemKey, key []byte // "name": of an item's canonical and wire form

	only    []string  // operations whose answers show it; nil is all
	copies  []copied  // in a list's objects: taken from another record
	unless  *Field    // a member that makes this one unneeded
	without *Field    // a member that it must not be sent together with
	fresh   *ids.Spec // in a list's objects: generated
	need    needKind
	absent  *template.Document // what an empty field shows; nil leaves it out
	empty   bool               // an empty list or map counts as absent
	dflt    *initial           // value when never said
	frozen  string             // ignore, same, refuse
	group   *group             // innermost group with members to be replaced together

	names  bool   // it has exists:, be it a resource that is not known
	exists string // resource that the value must name
	say    map[string]*template.Text
	errs   map[string]record.Code
	null   *codec.Violation
	source *template.Document // const:, text: and value: lines, out only
	grow   *growth            // shown as the record it names, or as a list
}

// initial is the default of a field: a wire value, or a document that gives
// canonical text.
type initial struct {
	wire  jsontext.Value
	doc   *template.Document
	shown []byte // wire form for records that never said the field, if constant
}

type targetKind uint8

const (
	toNothing targetKind = iota
	toSlot
	toExt
)

type needKind uint8

const (
	needNever needKind = iota
	needCreate
	needAlways
)

// group is an object on the wire whose members are fields.
type group struct {
	Path    string
	parent  *group
	replace bool               // sent as a whole: what is not in it is reset
	clear   []string           // wire texts that reset all of it
	absent  *template.Document // shown when no member is; nil leaves it out
	needs   []*Field           // members that must be sent with it
	write   *Field             // bears onCreate and onUpdate of the group
}

var (
	notObject         = codec.OfType("must be an object")
	notArray          = codec.OfType("must be an array")
	missingField      = codec.NewViolation("missing", "is required", record.CodeMissing)
	unknownField      = codec.NewViolation("unknown", "is not a parameter of this operation", record.CodeUnknownField)
	frozenField       = codec.NewViolation("frozen", "cannot be changed", record.CodeFrozen)
	danglingReference = codec.NewViolation("exists", "names nothing that exists", record.CodeReference)
	neededField       = codec.NewViolation("need", "is required here", record.CodeRule)
	brokenRule        = codec.NewViolation("rule", "is not allowed here", record.CodeRule)
)

// inside tells whether a group is another or in it.
func (g *group) inside(other *group) bool {
	for ; g != nil; g = g.parent {
		if g == other {
			return true
		}
	}
	return false
}

// get reads the field's canonical text.
func (f *Field) get(rec *record.Record) string {
	switch f.target {
	case toSlot:
		return rec.Get(f.slot)
	case toExt:
		return rec.Ext(f.ext)
	}
	return ""
}

// set writes it.
func (f *Field) set(rec *record.Record, text string) {
	switch f.target {
	case toSlot:
		rec.Set(f.slot, text)
	case toExt:
		rec.SetExt(f.ext, text)
	}
}

// clears tells whether a wire value empties the field.
func (f *Field) clears(v jsontext.Value) bool {
	for _, c := range f.clear {
		if v.Raw == c {
			return true
		}
	}
	return false
}

func (f *Field) excluded() *codec.Violation {
	return codec.NewViolation("with", "cannot be sent together with "+f.without.Path, record.CodeRule)
}

func (f *Field) nullViolation() *codec.Violation {
	if f.null != nil {
		return f.null
	}
	return codec.OfType("must not be null")
}

// defaultText is what the field holds when a create never says it, as decode
// gives it: money and maps are still to be settled.
func (f *Field) defaultText(e *Env) string {
	switch {
	case f.dflt == nil:
		return ""
	case f.dflt.doc == nil:
		text, _ := f.decode(f.dflt.wire, e)
		return text
	}
	out, present := f.dflt.doc.Append(nil, &e.Env)
	if !present || string(out) == record.Null {
		return ""
	}
	return string(out)
}

// decode reads a wire value with all that is known about the request.
func (f *Field) decode(v jsontext.Value, e *Env) (string, *codec.Violation) {
	if c, ok := f.codec.(composite); ok {
		return c.decodeWith(v, e)
	}
	return f.codec.Decode(v, e.Now)
}

// writable tells whether an operation may write the field.
func (f *Field) writable(create bool) bool {
	if create {
		return f.OnCreate
	}
	return f.OnUpdate
}

// Problem is one fault in a request.
type Problem struct {
	Field *Field // nil when no field line is at fault
	Path  string // as the dialect writes it
	Code  record.Code
	Check string         // which check failed, as `say:` names it
	Why   string         // in words that follow the field's name
	Value string         // what was sent, as JSON text
	N     int            // number of the list item, from 1
	Say   *template.Text // the dialect's own words for it
}

func (p *Problem) order() int {
	if p.Field == nil {
		return 1 << 20
	}
	return p.Field.index
}

func itoa(n int64) string { return strconv.FormatInt(n, 10) }
