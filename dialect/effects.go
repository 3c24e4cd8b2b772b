package dialect

import (
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

// Effect is what an operation does to records other than its own.
type Effect struct {
	Of    *Resource
	ID    *template.Document   // of the one record; nil where Where chooses
	Where *template.Expression // of every record that it holds for
	When  *template.Expression // nil is always
	Set   []Assignment
}

// Restriction says which records keep another from being deleted: those that name
// it by one of some fields.
type Restriction struct {
	By   []Reference
	Code record.Code
}

// Reference is a field of a resource that names records.
type Reference struct {
	Resource *Resource
	Field    *Field
}
