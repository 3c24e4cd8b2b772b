package dialect

import (
	"regexp"
	"slices"
	"sort"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/ids"
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
	Auth           Auth
	Checks         []Stage
	Limits         []*LimitRule
	Idempotency    *Idempotency
	RequestHeaders []*HeaderRule
	Resources      map[string]*Resource
	Operations     []*Op
	Choices        []Choice

	LimitHeaders, LimitRefused Headers
	Headers                    Headers

	requestID *ids.Spec
	answer    *template.Document
	errors    catalogue
	paths     *pathStyle
	ReportAll bool // violations are collected instead of ending at the first
	unknown   string
	frozen    string
	absent    *template.Document
	Audits    []*AuditRule
	expand    *expandRule

	bodiless     bool    // a request without a body is one with an empty object
	Unmatched    []Stage // before a path or method that is not there
	UnknownQuery bool    // query parameters that no operation has are refused
}

// Auth says how a client shows who it is.
type Auth struct {
	Scheme  string   // bearer, basic, headers or none; the first of several
	Schemes []string // all of them
	Headers []string // of scheme headers: the first is looked up
	Strict  bool     // only listed credentials are taken
	Keys    []KeyForm
}

// KeyForm is what the shape of a credential says about it.
type KeyForm struct {
	Like   string // with * for anything
	Live   string // "true", "false" or "" when the shape does not tell
	Guard  bool   // unlisted ones are refused: they may be real
	Refuse record.Code
}

// Stage is one step of the checks a request passes.
type Stage string

// The stages, in the order used when a dialect gives none.
const (
	StageAuth        Stage = "auth"        // who is it
	StageLimit       Stage = "limit"       // not too often
	StageScope       Stage = "scope"       // may the credential do this
	StageGate        Stage = "gate"        // is the account entitled to it
	StageHeaders     Stage = "headers"     // request headers
	StageIdempotency Stage = "idempotency" // seen before
	StageBody        Stage = "body"        // size, media type, syntax
	StageFields      Stage = "fields"      // each field by itself
	StageQuery       Stage = "query"       // query parameters
	StageParent      Stage = "parent"      // the record above, or the one it is about
	StageExists      Stage = "exists"      // the record itself
	StageOwner       Stage = "owner"       // is it the account's
	StageState       Stage = "state"       // does its state allow this
	StageReferences  Stage = "references"  // records named by fields
	StageRules       Stage = "rules"       // fields together
	StageUnique      Stage = "unique"      // not taken already
)

var stages = []Stage{StageAuth, StageLimit, StageScope, StageGate, StageHeaders, StageIdempotency, StageBody, StageFields,
	StageQuery, StageParent, StageExists, StageOwner, StageState, StageReferences, StageRules, StageUnique}

// LimitRule is one rate limit.
type LimitRule struct {
	Name    string
	Kind    string // window, wall_window or bucket
	Count   int64
	Every   time.Duration
	Per     string // account, mode, credential or address
	Methods []string
	Plans   map[string]int64
	On      string   // "unauthorized": counts requests whose credential was refused
	Only    []string // operations it is for; nil is all
	Line    int
}

// HeaderRule is what holds for a request header.
type HeaderRule struct {
	Name    string
	OneOf   []string
	Default string
	Match   *regexp.Regexp // nil takes any
	Equals  *template.Document
	Missing record.Code // of a request without it, "" where it may be left out
	Code    record.Code
	Line    int
}

// Idempotency says how requests with a key are answered when they come again.
type Idempotency struct {
	Header   string // "" where it is only in the body
	Field    string // member of the body, "" where it is only in the header
	Methods  []string
	Required bool
	Longest  int
	Keep     time.Duration
	Wait     time.Duration // how long a second request waits for the first
	Account  bool          // keys are told apart by account
	Mode     bool          // and by mode
	SameM    bool          // the method takes part in what makes a request the same
	SameP    bool          // and the path
	SameB    bool          // and the body
	Keeps    map[int]bool  // status classes that are stored: 2, 4, 5
	First    Headers
	Replay   Headers
	Busy     Headers
	Line     int
}

// Verb is what an operation does.
type Verb string

// The verbs.
const (
	Create Verb = "create"
	Get    Verb = "get"
	List   Verb = "list"
	Update Verb = "update"
	Delete Verb = "delete"
	Answer Verb = "answer" // a document made of what is known
	Refuse Verb = "refuse" // always an error
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
	Gated    bool     // needs the entitlement
	From     []string // canonical states in which it is allowed; nil is all
	Resource *Resource
	Page     *Page
	Filters  []*Filter
	Touch    bool // the update stamp moves even when nothing changes
	Refusal  record.Code
	Within   record.Slot // the list is this slot of the parent; -1 when it is a table's
	ByQuery  string      // query parameter that holds the record's id
	Query    []*HeaderRule

	RequestHeaders []*HeaderRule   // about the record
	bodiless       bool            // a request without a body is one with an empty object
	StateCode      record.Code     // of a record in another state
	only           map[*Field]bool // the fields it reads, nil for all that it may
	Line           int

	dialect     *Dialect
	assignments []assignment
	answer      *template.Document
	unwrap      []string
	Headers     Headers // of its successes
	encode      []encNode
	params      map[string]bool // query parameters it has
}

// Writes tells whether the operation reads fields from a body.
func (op *Op) Writes() bool { return op.Does == Create || op.Does == Update }

// reads tells whether the operation takes a field out of the body.
func (op *Op) reads(f *Field) bool {
	return f.In && f.writable(op.Does == Create) && (op.only == nil || op.only[f])
}

// Dialect returns the dialect the operation belongs to.
func (op *Op) Dialect() *Dialect { return op.dialect }

// keyed tells whether an idempotency key counts on the operation.
func (op *Op) keyed() bool {
	i := op.dialect.Idempotency
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
	Opaque                 bool // cursors are bound to the filters
	Count                  bool // $total is wanted
	Ascending              bool
	Onward                 bool // with a cursor before, more is about the rows in front
	unsure                 bool // count: is written, but not read
}

// Filter is a query parameter of a list that selects by a field.
type Filter struct {
	Param string
	Field *Field
}

// Resource is one kind of object as a dialect shows it.
type Resource struct {
	Name   string // as operations name it
	Noun   string // as people do
	Schema *record.Schema
	Parent *Resource
	About  *Field    // names the record that a create is about
	AboutR *Resource // and what that is
	Both   bool      // visible in live and test mode alike
	Fields []*Field
	Line   int

	id         *ids.Spec
	tree       *tree
	encode     []encNode
	required   []*Field
	given      *Field   // in which a create may name its record
	exclusive  []*Field // that have others they do not go together with
	money      []*Field
	references []*Field
	enriched   []*Field // lists with generated or copied members
	rules      []rule
	uniques    []unique
	start      []assignment
	completes  []assignment
	parentDone []assignment
	expires    *expiry
}

// Field returns a field by its dotted wire path, or nil.
func (res *Resource) Field(path string) *Field {
	for _, f := range res.Fields {
		if f.Path == path {
			return f
		}
	}
	return nil
}

// within calls f for every field inside a group, at any depth.
func (res *Resource) within(g *group, f func(*Field)) {
	for _, field := range res.Fields {
		if field.group.inside(g) {
			f(field)
		}
	}
}

// ID returns the shape of the resource's ids.
func (res *Resource) ID() *ids.Spec { return res.id }

// Headers are response headers with texts in them.
type Headers []header

type header struct {
	name string
	text *template.Text
}

// Each renders the headers; those that come out empty are left out.
func (h Headers) Each(e *Env, set func(name, value string)) {
	for i := range h {
		if v := h[i].text.Render(&e.Env); v != "" {
			set(h[i].name, v)
		}
	}
}

// NewRequestID draws an id for a request, "" when the dialect has none.
func (d *Dialect) NewRequestID(e *Env) string {
	if d.requestID == nil {
		return ""
	}
	return d.requestID.New(e.Now, e.Random)
}

// AppendAnswer writes the body of a success: what e.Item or e.Items holds, in
// the operation's envelope.
func (op *Op) AppendAnswer(dst []byte, e *Env) []byte {
	if op.answer == nil {
		return append(dst, e.Item...)
	}
	dst, _ = op.answer.Append(dst, &e.Env)
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

// ErrorCodes lists the catalogue's entries by name.
func (d *Dialect) ErrorCodes() []string {
	names := make([]string, 0, len(d.errors.classes))
	for code := range d.errors.classes {
		names = append(names, string(code))
	}
	sort.Strings(names)
	return names
}

// HasClass tells whether the catalogue has an entry of its own for a code.
func (d *Dialect) HasClass(code record.Code) bool { return d.errors.classes[code] != nil }
