package client

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/record"
)

// Kind is how something was lost between two dialects.
type Kind string

// The kinds, in the order in which they are told.
const (
	Dropped      Kind = "dropped"      // the other dialect has no place for it
	Defaulted    Kind = "defaulted"    // the other dialect demands it, and nobody said it
	Approximated Kind = "approximated" // it arrives as something near it
)

// Kinds lists them.
var Kinds = []Kind{Dropped, Defaulted, Approximated}

// Loss is one thing that does not arrive as it was said.
type Loss struct {
	Kind  Kind   `json:"kind"`
	Path  string `json:"path"`            // canonical
	Field string `json:"field,omitempty"` // as the client calls it, "" for what it never said
	Why   string `json:"why,omitempty"`
}

// Header is a list of losses as a structured field (RFC 9651): a dictionary of
// inner lists of canonical paths.
func Header(losses []Loss) string {
	var b strings.Builder
	for _, kind := range Kinds {
		var paths []string
		for _, l := range losses {
			if l.Kind == kind && !slices.Contains(paths, l.Path) {
				paths = append(paths, l.Path)
			}
		}
		if len(paths) == 0 {
			continue
		}
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(string(kind) + `=("` + strings.Join(paths, `" "`) + `")`)
	}
	return b.String()
}

// Place is the canonical path of a field: its slot, or what its dialect keeps
// beyond the model.
func Place(res *dialect.Resource, f *dialect.Field) string {
	switch f.Target {
	case dialect.ToSlot:
		return res.Schema.Slots[f.Slot].Name
	case dialect.ToExt:
		return "extensions." + f.Ext
	}
	return ""
}

// Homeless are the losses of what was said and the other dialect's operation has
// no place for, be it in requests or in answers. It can be told before the record
// is known.
func Homeless(from *dialect.Op, in *dialect.Input, to *dialect.Op) (losses []Loss) {
	for _, f := range in.Said() {
		place := Place(from.Resource, f)
		if place == "" || !in.Sent(f) || f.Target == dialect.ToSlot && implicit[f.Slot] {
			continue
		}
		if !slices.ContainsFunc(to.Resource.Fields, func(theirs *dialect.Field) bool {
			return Place(to.Resource, theirs) == place || theirs.Assume != nil && theirs.Assume.Doc != nil && Reads(theirs.Assume.Doc, from.Owner.Name, place)
		}) {
			losses = append(losses, Loss{Kind: Dropped, Path: place, Field: in.PathOf(f), Why: to.Owner.Name + " has no such field"})
		}
	}
	return losses
}

// implicit are the slots that belong to whoever keeps a record: nobody says
// them by making one.
var implicit = map[record.Slot]bool{
	record.SlotID: true, record.SlotStatus: true, record.SlotAccount: true, record.SlotLive: true, record.SlotCreated: true,
	record.SlotUpdated: true, record.SlotParent: true, record.SlotVersion: true,
}
