package compile

import (
	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// audit reads the dialect's rules on audit entries.
func (c *compiler) audit(n *yml.Node) {
	if n == nil {
		return
	}
	rule := &dialect.AuditRule{}
	var significant *yml.Node
	seen := c.Each(n, grammar.AuditWords, func(key string, k, v *yml.Node) {
		switch key {
		case "resource":
			rule.Resource = c.resource(v)
		case "significant":
			significant = v
		}
	})
	c.Needs(n, "audit", seen, "{ resource: link }", "resource")
	if rule.Resource != nil {
		c.Entries(significant, "significant", func(_ string, k, v *yml.Node) { c.move(rule, k, v) })
		c.d.Audits = append(c.d.Audits, rule)
	}
}

func (c *compiler) move(rule *dialect.AuditRule, k, v *yml.Node) {
	m := dialect.AuditMove{Slot: c.slot(rule.Resource, k)}
	if v.Value != "any" {
		p, ok := percent(v.Value)
		if !ok {
			c.Report(v, "write any, or a percentage such as 5%%")
		}
		m.Percent = p
	}
	rule.Moves = append(rule.Moves, m)
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
