package dialect

import (
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// AuditRule says which changes of a resource leave an audit entry, and which
// of those count as significant.
type AuditRule struct {
	Resource *Resource
	moves    []auditMove
}

// auditMove is a slot whose change is significant: any change, or one by more
// than so many percent of the old value.
type auditMove struct {
	slot    record.Slot
	percent int64
}

var auditWords = &table{"audit", []word{
	{"resource", "resource", "whose changes are noted"},
	{"significant", "slots and percents", "slots whose change counts as significant: any, or by more than a percentage as in 5%"},
}}

// audit reads the dialect's rules on audit entries.
func (c *compiler) audit(n *yml.Node) {
	if n == nil {
		return
	}
	rule := &AuditRule{}
	var significant *yml.Node
	seen := c.each(n, auditWords, func(key string, k, v *yml.Node) {
		switch key {
		case "resource":
			rule.Resource = c.resource(v)
		case "significant":
			significant = v
		}
	})
	c.needs(n, "audit", seen, "{ resource: link }", "resource")
	if rule.Resource != nil {
		c.entries(significant, "significant", func(_ string, k, v *yml.Node) { c.move(rule, k, v) })
		c.d.Audits = append(c.d.Audits, rule)
	}
}

func (c *compiler) move(rule *AuditRule, k, v *yml.Node) {
	m := auditMove{slot: c.slot(rule.Resource, k)}
	if v.Value != "any" {
		p, ok := percent(v.Value)
		if !ok {
			c.Report(v, "write any, or a percentage such as 5%%")
		}
		m.percent = p
	}
	rule.moves = append(rule.moves, m)
}

func percent(s string) (int64, bool) {
	if len(s) < 2 || s[len(s)-1] != '%' {
		return 0, false
	}
	text, ok := record.Integer(s[:len(s)-1])
	if !ok || len(text) > 4 || text[0] == '-' {
		return 0, false
	}
	var n int64
	for _, r := range text {
		n = 10*n + int64(r-'0')
	}
	return n, n > 0
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
	for _, m := range a.moves {
		before, after := old.Get(m.slot), it.Get(m.slot)
		if before == after {
			continue
		}
		if m.percent == 0 || !old.Has(m.slot) || !it.Has(m.slot) || record.MovedBy(before, after, m.percent) {
			return true
		}
	}
	return false
}
