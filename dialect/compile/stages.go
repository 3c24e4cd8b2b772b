package compile

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
)

// stageOrder is what no dialect can have the other way round.
var stageOrder = [][2]dialect.Stage{
	{dialect.StageAuth, dialect.StageScope}, {dialect.StageAuth, dialect.StageGate}, {dialect.StageAuth, dialect.StageIdempotency}, {dialect.StageAuth, dialect.StageParent},
	{dialect.StageParent, dialect.StageExists}, {dialect.StageExists, dialect.StageOwner}, {dialect.StageOwner, dialect.StageState}, {dialect.StageOwner, dialect.StageReferences},
	{dialect.StageOwner, dialect.StageRules}, {dialect.StageOwner, dialect.StageUnique}, {dialect.StageBody, dialect.StageFields}, {dialect.StageFields, dialect.StageReferences},
	{dialect.StageFields, dialect.StageRules}, {dialect.StageFields, dialect.StageUnique},
}

func (c *compiler) checks(n *yml.Node) {
	if n == nil {
		return
	}
	all := grammar.StageNames.Words
	seen, meant := map[dialect.Stage]bool{}, map[string]bool{}
	c.d.Checks = nil
	if n.Kind != yml.Sequence {
		c.Report(n, "write the list of stages: [%s]", strings.Join(all, ", "))
		return
	}
	for _, item := range n.Content {
		s := dialect.Stage(c.OneOf(item, grammar.StageNames))
		if !slices.Contains(all, item.Value) {
			meant[yml.Nearest(item.Value, all)] = true
			continue
		}
		if seen[s] {
			c.Report(item, "stage %s is named twice; remove one", s)
		}
		seen[s] = true
		c.d.Checks = append(c.d.Checks, s)
	}
	var missing []string
	for _, s := range all {
		if !seen[dialect.Stage(s)] && !meant[s] {
			missing = append(missing, s)
		}
	}
	switch len(missing) {
	case 0:
	case 1:
		c.Report(n, "stage %s is missing; say where it has its place", missing[0])
	default:
		c.Report(n, "the stages %s are missing; say where they have their place", strings.Join(missing, ", "))
	}
	at := map[dialect.Stage]int{}
	for i, s := range c.d.Checks {
		at[s] = i
	}
	for _, o := range stageOrder {
		first, ok := at[o[0]]
		if then, too := at[o[1]]; ok && too && first > then {
			c.Report(n, "stage %s needs what %s finds out; put it behind", o[1], o[0])
		}
	}
}
