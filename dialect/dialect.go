package dialect

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Set is every dialect that was compiled together. It never changes.
type Set struct {
	Dialects []*Dialect // by name
	Files    []string   // dialects that have a file, in order or not
	byName   map[string]*Dialect
	byHost   map[string]*Dialect
}

// NewSet puts dialects together. No two have the same name or host.
func NewSet(dialects []*Dialect, files []string) *Set {
	s := &Set{Dialects: dialects, Files: files, byName: map[string]*Dialect{}, byHost: map[string]*Dialect{}}
	for _, d := range dialects {
		s.byName[d.Name] = d
		for _, host := range d.Hosts {
			s.byHost[strings.ToLower(host)] = d
		}
	}
	return s
}

// Dialect returns a dialect by name, or nil.
func (s *Set) Dialect(name string) *Dialect { return s.byName[name] }

// Names lists the names of the dialects, in the order of Dialects.
func (s *Set) Names() []string {
	names := make([]string, len(s.Dialects))
	for i, d := range s.Dialects {
		names[i] = d.Name
	}
	return names
}

// ForHost returns the dialect whose real host that is, or nil. The host is in
// lower case and without a port.
func (s *Set) ForHost(host string) *Dialect { return s.byHost[host] }

// Dialect is one provider's wire language, compiled. It never changes and is
// shared by all requests.
type Dialect struct {
	Name, Title    string
	File           string
	Source         []byte // the text of the file
	Line           int    // of it that names the dialect
	Hosts          []string
	Bodies         []string // json, form
	Auth           access.Auth
	Checks         []Stage
	Limits         []*access.LimitRule
	Idempotency    *access.Idempotency
	RequestHeaders []*access.HeaderRule
	Resources      map[string]*Resource
	Operations     []*Op
	Choices        []Choice
	Events         []*Event        // in the file's order
	Webhooks       *Webhooks       // nil where nothing is told of
	Warnings       yml.Diagnostics // what works for most requests

	LimitHeaders, LimitRefused access.Headers
	Headers                    access.Headers

	RequestID *ids.Spec
	Answer    *template.Document
	Errors    Catalogue
	Paths     *PathStyle
	ReportAll bool // violations are collected instead of ending at the first
	Unknown   string
	Frozen    string
	Absent    *template.Document
	Audits    []*AuditRule
	Expand    *ExpandRule
	Hosted    *Hosted // the page of a link

	NotServed    []Absent // what the provider has beside the operations
	Bodiless     bool     // a request without a body is one with an empty object
	Unmatched    []Stage  // before a path or method that is not there
	UnknownQuery bool     // query parameters that no operation has are refused
}

// OperationNames lists what the dialect does, such as link.create.
func (d *Dialect) OperationNames() []string {
	names := make([]string, len(d.Operations))
	for i, op := range d.Operations {
		names[i] = op.Name
	}
	return names
}

// Stage is one step of the checks a request passes.
type Stage = grammar.Stage

// The stages, in the order used when a dialect gives none.
const (
	StageAuth        = grammar.StageAuth
	StageLimit       = grammar.StageLimit
	StageScope       = grammar.StageScope
	StageGate        = grammar.StageGate
	StageHeaders     = grammar.StageHeaders
	StageIdempotency = grammar.StageIdempotency
	StageBody        = grammar.StageBody
	StageFields      = grammar.StageFields
	StageQuery       = grammar.StageQuery
	StageParent      = grammar.StageParent
	StageExists      = grammar.StageExists
	StageOwner       = grammar.StageOwner
	StageState       = grammar.StageState
	StageReferences  = grammar.StageReferences
	StageRules       = grammar.StageRules
	StageUnique      = grammar.StageUnique
)

// Verb is what an operation does.
type Verb = grammar.Verb

// The verbs.
const (
	Create = grammar.Create
	Get    = grammar.Get
	List   = grammar.List
	Update = grammar.Update
	Delete = grammar.Delete
	Answer = grammar.Answer
	Refuse = grammar.Refuse
)

// Op is one operation of a dialect: a method and a path bound to a verb.
type Op struct {
	Name     string // noun.verb
	Does     Verb
	Method   string
	Path     string // with {variables}
	Vars     []string
	Status   int
	Scope    string
	Public   bool     // no credential is asked for
	Keyless  bool     // an idempotency key may be left out, whatever the dialect says
	Gated    bool     // needs the entitlement
	From     []string // canonical states in which it is allowed; nil is all
	Resource *Resource
	Page     *Page
	Filters  []*Filter
	Restrict *Restriction // of a delete; nil deletes whatever names the record
	Effects  []*Effect
	Sort     *Sort // nil where a list has one order
	Touch    bool  // the update stamp moves even when nothing changes
	Refusal  record.Code
	Within   record.Slot // the list is this slot of the parent; -1 when it is a table's
	ByQuery  string      // query parameter that holds the record's id
	Query    []*access.HeaderRule

	RequestHeaders []*access.HeaderRule // about the record
	Bodies         []string             // media types of its bodies by their words; nil is the dialect's
	Bodiless       bool                 // a request without a body is one with an empty object
	StateCode      record.Code          // of a record in another state
	Only           map[*Field]bool      // the fields it reads, nil for all that it may
	Line           int

	Owner       *Dialect
	Assignments []Assignment
	Answer      *template.Document
	Unwrap      []string
	Headers     access.Headers // of its successes
	Outputs     []Output
	Params      map[string]bool // query parameters it has
}

// Writes tells whether the operation reads fields from a body.
func (op *Op) Writes() bool { return op.Does == Create || op.Does == Update }

// reads tells whether the operation takes a field out of the body.
func (op *Op) reads(f *Field) bool {
	return f.In && f.Writable(op.Does == Create) && (op.Only == nil || op.Only[f])
}

// BodyTypes are the media types that a body of the operation may have, by their
// words: json, form, multipart.
func (op *Op) BodyTypes() []string {
	if op.Bodies != nil {
		return op.Bodies
	}
	return op.Owner.Bodies
}

// Reads tells whether the operation takes a field out of the body.
func (op *Op) Reads(f *Field) bool { return op.reads(f) }

// Dialect returns the dialect the operation belongs to.
func (op *Op) Dialect() *Dialect { return op.Owner }

// Keyed tells whether an idempotency key counts on the operation.
func (op *Op) Keyed() bool {
	i := op.Owner.Idempotency
	return i != nil && !op.Public && slices.Contains(i.Methods, op.Method)
}

// isKey tells whether a member of the body holds the idempotency key.
func (d *Dialect) isKey(member string) bool {
	return d.Idempotency != nil && d.Idempotency.Field == member
}

// Page says how a list is cut into pages.
type Page struct {
	Style                  string // none, cursor, offset or number
	Size                   int    // default and, without SizeParam, only page size
	Min, Max               int
	SizeParam              string
	After, Before          string // cursor parameters
	Skip                   string // offset parameter
	Number                 string // page number parameter
	SizeError, CursorError record.Code
	BothError              record.Code // of a cursor in each direction
	Opaque                 bool        // cursors are bound to the filters
	Count                  bool        // $total is wanted
	Ascending              bool
	Onward                 bool // with a cursor before, more is about the rows in front
	Inclusive              bool // a cursor names the first row of its page
	Lowered                bool // a size above the largest is taken for that
	Unsure                 bool // count: is written, but not read
}

// NewRequestID draws an id for a request, "" when the dialect has none.
func (d *Dialect) NewRequestID(e *Env) string {
	if d.RequestID == nil {
		return ""
	}
	return d.RequestID.New(e.Now, e.Random)
}

// AppendAnswer writes the body of a success: what e.Item or e.Items holds, in
// the operation's envelope.
func (op *Op) AppendAnswer(dst []byte, e *Env) []byte {
	if op.Answer == nil {
		return append(dst, e.Item...)
	}
	dst, _ = op.Answer.Append(dst, &e.Env)
	return dst
}

// Op returns an operation by name, or nil.
func (d *Dialect) Op(name string) *Op {
	for _, op := range d.Operations {
		if op.Name == name {
			return op
		}
	}
	return nil
}

// FirstField returns the first field that the operation writes, or nil.
func (op *Op) FirstField() *Field {
	if op.Resource == nil || !op.Writes() {
		return nil
	}
	for _, f := range op.Resource.Fields {
		if f.In && f.Writable(op.Does == Create) {
			return f
		}
	}
	return nil
}

// Shape is a path with its variables made equal.
func Shape(path string) string {
	var b strings.Builder
	depth := 0
	for _, r := range path {
		switch r {
		case '{':
			depth++
			b.WriteString("{}")
		case '}':
			depth--
		default:
			if depth == 0 {
				b.WriteRune(r)
			}
		}
	}
	return b.String()
}
