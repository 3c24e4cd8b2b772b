package dialect

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
)

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

	IDs        *ids.Spec
	Tree       *FieldTree
	Outputs    []Output
	Required   []*Field
	Given      *Field   // in which a create may name its record
	Exclusive  []*Field // that have others they do not go together with
	Money      []*Field
	References []*Field
	Enriched   []*Field // lists with generated or copied members
	Rules      []Rule
	Unique     []Claim
	Start      []Assignment
	Completes  []Assignment
	ParentDone []Assignment
	Expires    *Expiry
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
func (res *Resource) within(g *Group, f func(*Field)) {
	for _, field := range res.Fields {
		if field.Group.inside(g) {
			f(field)
		}
	}
}

// ID returns the shape of the resource's ids.
func (res *Resource) ID() *ids.Spec { return res.IDs }

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
		if c, ok := f.Codec.(codec.Worded); ok && f.Target == ToSlot && f.Slot == record.SlotStatus {
			if wire := c.Word(rec.Get(record.SlotStatus)); strings.HasPrefix(wire, `"`) {
				return record.Unquote(wire)
			}
		}
	}
	return rec.Text(record.SlotStatus)
}
