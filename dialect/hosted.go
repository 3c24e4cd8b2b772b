package dialect

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect/access"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

// Hosted says what the page of a link is like, and what becomes of what a person
// does there.
type Hosted struct {
	Paths     []HostedPath
	Ends      []End
	Outcomes  []Outcome         // failures
	Cards     map[string]string // outcomes by the number of a test card
	Inputs    []*HostedInput
	Texts     map[string]*template.Document // by a state of the link, or a result
	Redirects map[string]*Redirect          // by a result, or a state that the link is in before
	Query     []QuerySlot
	Limits    []*access.LimitRule // how often a page may be opened
	Records   []*ResultRecord
	Line      int
}

// The results of a visit.
const (
	Succeeded = "success"
	Failed    = "failure"
	Cancelled = "cancel"
)

// Declined is the failure of dialects that name none.
const Declined = "declined"

// HostedPath is where a page is besides: two parts, and a slot between them.
type HostedPath struct {
	Before, After string
	Slot          record.Slot
}

// Match takes the value of the slot out of a path.
func (p HostedPath) Match(path string) (value string, ok bool) {
	rest, ok := strings.CutPrefix(path, p.Before)
	if !ok {
		return "", false
	}
	value, ok = strings.CutSuffix(strings.TrimSuffix(rest, "/"), p.After)
	return value, ok && value != "" && !strings.Contains(value, "/")
}

// QuerySlot is a parameter of a page's address that says something in place of
// the link.
type QuerySlot struct {
	Name string
	Slot record.Slot
}

// End is a page at which a person ends.
type End struct{ Path, Text string }

// Outcome is how paying can end.
type Outcome struct{ Code, Label string }

// HostedInput is something that a person is asked for.
type HostedInput struct {
	Name                         string
	When, Need                   *template.Expression // nil is always, and never
	Label                        string
	Min, Max, Countries, Members *template.Document
}

// Redirect says where a person goes.
type Redirect struct {
	To        *template.Document
	When      *template.Expression // nil is always
	Add, Fill []Param
}

// Param is a parameter or a placeholder, and what it is given.
type Param struct {
	Name string
	Text *template.Text
}

// ResultRecord is a record that is made or changed with a result.
type ResultRecord struct {
	On       map[string]bool
	Resource *Resource
	When     *template.Expression // nil is always
	ID       *template.Document   // nil makes a new one
	Set      []Assignment
	Into     record.Slot // of the session; -1 is nowhere
}

// Failures are the outcomes that a payment can have in a dialect, success left
// out. There is at least one.
func (d *Dialect) Failures() []Outcome {
	if d.Hosted == nil || len(d.Hosted.Outcomes) == 0 {
		return []Outcome{{Code: Declined, Label: "Declined"}}
	}
	return d.Hosted.Outcomes
}

// PageSlots are the slots of a link that stand in the addresses of its page.
func (d *Dialect) PageSlots() []record.Slot {
	if d.Hosted == nil {
		return nil
	}
	slots := make([]record.Slot, len(d.Hosted.Paths))
	for i, p := range d.Hosted.Paths {
		slots[i] = p.Slot
	}
	return slots
}

// Value is a document's text, "" where it has none.
func Value(doc *template.Document, e *Env) string {
	if doc == nil {
		return ""
	}
	out, ok := doc.Append(nil, &e.Env)
	if !ok || string(out) == record.Null {
		return ""
	}
	return string(out)
}
