package dialect

import (
	"time"

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
	Codec    codec.Codec
	Clear    []string // wire texts that empty the field
	Index    int      // in the table
	In, Out  bool     // direction
	OnCreate bool     // may be written by a create
	OnUpdate bool     // may be written by an update
	Placed   placed   // the codec, if violations inside a value have places of their own

	Path string // dotted wire path
	Doc  string
	Line int

	Slot         record.Slot
	Ext          string // "<dialect>.<path>" instead of a slot
	Target       Target
	Item         string // name inside a list's items
	ItemKey, Key []byte // "name": of an item's canonical and wire form

	Only      []string  // operations whose answers show it; nil is all
	Copies    []Copy    // in a list's objects: taken from another record
	Unless    *Field    // a member that makes this one unneeded
	Without   *Field    // a member that it must not be sent together with
	Generated *ids.Spec // in a list's objects: generated
	Variant   *Variant  // in a list's objects: which need it; nil is all
	Currency  *Field    // in a list's objects, of money: the member that has its currency
	Need      Need
	Absent    *template.Document // what an empty field shows; nil leaves it out
	Empty     bool               // an empty list or map counts as absent
	Default   *Default           // value when never said
	Assume    *Default           // value when a client of another dialect never says it
	Frozen    string             // ignore, same, refuse
	Group     *Group             // innermost group with members to be replaced together

	NamesRecord bool     // it has exists:, be it a resource that is not known
	Exists      string   // resource that the value must name
	States      []string // canonical states that the record must be in; nil is any
	Say         map[string]*template.Text
	Classes     map[string]record.Code
	null        *codec.Violation
	Source      *template.Document   // const:, text: and value: lines, out only
	Embed       *Embedding           // shown as the record it names, or as a list
	When        *template.Expression // shown only where it holds; nil is always
	Page        bool                 // a text: line that is an address of this server
}

// Default is the default of a field: a wire value, or a document that gives
// canonical text.
type Default struct {
	Wire  jsontext.Value
	Doc   *template.Document
	After time.Duration // of a time: so long after now; 0 is another default
	Shown []byte        // wire form for records that never said the field, if constant
}

// Target is where the value of a field lives.
type Target uint8

const (
	ToNothing Target = iota
	ToSlot
	ToExt
)

// Need is when a field must be sent.
type Need uint8

const (
	NeedNever Need = iota
	NeedCreate
	NeedAlways
)

// Group is an object on the wire whose members are fields.
type Group struct {
	Path    string
	Parent  *Group
	Replace bool                 // sent as a whole: what is not in it is reset
	When    *template.Expression // shown only where it holds; nil is always
	Whole   bool                 // shown where a member has a value, and then with all members
	Clear   []string             // wire texts that reset all of it
	Absent  *template.Document   // shown when no member is; nil leaves it out
	Needs   []*Field             // members that must be sent with it
	Write   *Field               // bears onCreate and onUpdate of the group
}

var (
	notObject         = codec.OfType("must be an object")
	notArray          = codec.OfType("must be an array")
	missingField      = codec.NewViolation("missing", "is required", record.CodeMissing)
	unknownField      = codec.NewViolation("unknown", "is not a parameter of this operation", record.CodeUnknownField)
	frozenField       = codec.NewViolation("frozen", "cannot be changed", record.CodeFrozen)
	danglingReference = codec.NewViolation("exists", "names nothing that exists", record.CodeReference)
	repeated          = codec.OfValue("twice", "is there twice")
	wrongReference    = codec.NewViolation("state", "names a record in another state", record.CodeReference)
	neededField       = codec.NewViolation("need", "is required here", record.CodeRule)
	brokenRule        = codec.NewViolation("rule", "is not allowed here", record.CodeRule)
)

// inside tells whether a group is another or in it.
func (g *Group) inside(other *Group) bool {
	for ; g != nil; g = g.Parent {
		if g == other {
			return true
		}
	}
	return false
}

// Get reads the field's canonical text.
func (f *Field) Get(rec *record.Record) string {
	switch f.Target {
	case ToSlot:
		return rec.Get(f.Slot)
	case ToExt:
		return rec.Ext(f.Ext)
	}
	return ""
}

// Set writes it.
func (f *Field) Set(rec *record.Record, text string) {
	switch f.Target {
	case ToSlot:
		rec.Set(f.Slot, text)
	case ToExt:
		rec.SetExt(f.Ext, text)
	}
}

// clears tells whether a wire value empties the field.
func (f *Field) clears(v jsontext.Value) bool {
	for _, c := range f.Clear {
		if v.Raw == c {
			return true
		}
	}
	return false
}

func (f *Field) excluded() *codec.Violation {
	return codec.NewViolation("with", "cannot be sent together with "+f.Without.Path, record.CodeRule)
}

func (f *Field) nullViolation() *codec.Violation {
	if f.null != nil {
		return f.null
	}
	return codec.OfType("must not be null")
}

// defaultText is what the field holds when a create never says it, as decode
// gives it: money and maps are still to be settled.
func (f *Field) defaultText(e *Env) string { return f.valueOf(f.Default, e) }

// Initial is what the field holds when a create never says it, made of what is
// known of a record.
func (f *Field) Initial(e *Env) string { return f.defaultText(e) }

// Assumed is what a client of another dialect is taken to have said by the
// field, as decode gives it, "" where nothing is.
func (f *Field) Assumed(e *Env) string { return f.valueOf(f.Assume, e) }

func (f *Field) valueOf(d *Default, e *Env) string {
	switch {
	case d == nil:
		return ""
	case d.After > 0:
		return record.FormatTime(e.Now.Truncate(time.Millisecond).Add(d.After))
	case d.Doc == nil:
		text, _ := f.Decode(d.Wire, e)
		return text
	}
	out, present := d.Doc.Append(nil, &e.Env)
	if !present || string(out) == record.Null {
		return ""
	}
	return d.Doc.Within(string(out), &e.Env)
}

// Decode reads a wire value with all that is known about the request.
func (f *Field) Decode(v jsontext.Value, e *Env) (string, *codec.Violation) {
	if c, ok := f.Codec.(composite); ok {
		return c.decodeWith(v, e)
	}
	return f.Codec.Decode(v, e.Now)
}

// Writable tells whether an operation may write the field.
func (f *Field) Writable(create bool) bool {
	if create {
		return f.OnCreate
	}
	return f.OnUpdate
}

// Problem is one violation in a request.
type Problem struct {
	Field *Field // nil when no field line is to blame
	Path  string // as the dialect writes it
	Code  record.Code
	Check string         // which check failed, as `say:` names it
	Why   string         // in words that follow the field's name
	Value string         // what was sent, as JSON text
	Other string         // id of the record that is in the way
	Bound string         // the limit that was passed
	N     int            // number of the list item, from 1
	Say   *template.Text // the dialect's own words for it
	Line  int            // of the mapping file that decided, where it is neither the field's nor the class's
}

// Saying is the problem in words of its own, whatever the dialect's class says.
func (p Problem) Saying(text string) Problem {
	p.Say = template.Literal(text)
	return p
}

func (p *Problem) order() int {
	if p.Field == nil {
		return 1 << 20
	}
	return p.Field.Index
}
