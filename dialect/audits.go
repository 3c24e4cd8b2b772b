package dialect

import "github.com/polylink-dev/polylink/record"

// AuditRule says which changes of a resource leave an audit entry, and which
// of those count as significant.
type AuditRule struct {
	Resource *Resource
	Moves    []AuditMove
}

// AuditMove is a slot whose change is significant: any change, or one by more
// than so many percent of the old value.
type AuditMove struct {
	Slot    record.Slot
	Percent int64
}

// Audit returns the rule for a resource, or nil.
func (d *Dialect) Audit(res *Resource) *AuditRule {
	for _, a := range d.Audits {
		if a.Resource == res {
			return a
		}
	}
	return nil
}

// Significant tells whether a change counts: a slot that may not move at all
// did, or one moved by more than its share of the old value.
func (a *AuditRule) Significant(old, it *record.Record) bool {
	for _, m := range a.Moves {
		before, after := old.Get(m.Slot), it.Get(m.Slot)
		if before == after {
			continue
		}
		if m.Percent == 0 || !old.Has(m.Slot) || !it.Has(m.Slot) || record.MovedBy(before, after, m.Percent) {
			return true
		}
	}
	return false
}
