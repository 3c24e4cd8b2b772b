package compile

import (
	"fmt"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/refusals"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// unanswered reports errors that requests can get and that no class answers: such
// a request would look as if polylink had failed.
func (c *compiler) unanswered() {
	if c.blind || c.classesAt == nil || c.d.Errors.Classes[record.CodeInternal] == nil {
		return
	}
	lacking := map[record.Code][]string{} // by the widest code that would do
	why := map[record.Code]string{}
	need := func(by string, codes ...record.Code) {
		for _, code := range codes {
			if root, ok := c.answers(code); !ok && !slices.Contains(lacking[root], string(code)) {
				lacking[root] = append(lacking[root], string(code))
				if why[root] == "" {
					why[root] = by
				}
			}
		}
	}
	for _, op := range c.d.Operations {
		if op.Resource == nil && op.Does != dialect.Answer && op.Does != dialect.Refuse {
			continue // which is a diagnostic of its own
		}
		need(op.Name, slices.DeleteFunc(refusals.Codes(op), func(code record.Code) bool { return code == record.CodeRateLimited })...)
	}
	if len(c.d.Limits) > 0 {
		need("limits:", record.CodeRateLimited)
	}
	need("a path that is not there", record.CodeRoute, record.CodeMethod)
	for _, code := range record.Codes() { // their order is that of the documentation
		list := lacking[code]
		if list == nil || c.misspelt(code) {
			continue
		}
		more := ""
		if n := len(list) - 3; n > 0 {
			list, more = list[:3], fmt.Sprintf(" and %d more", n)
		}
		c.Report(c.classesAt, "no class answers %s%s, needed by %s; write %s: { status: %d, … }", strings.Join(list, ", "), more, why[code], code, usual[code])
	}
}

// usual is the status that most providers give a wide error.
var usual = map[record.Code]int{record.CodeInvalid: 400, record.CodeUnauthorized: 401, record.CodeRateLimited: 429, record.CodeInternal: 500}

// answers tells whether a class answers an error, its own or a wider one's, and
// names the widest that would. A class of one's own that is named is there.
func (c *compiler) answers(code record.Code) (widest record.Code, ok bool) {
	for at := code; at != ""; at = at.Parent() {
		if c.d.Errors.Classes[at] != nil {
			return at, true
		}
		widest = at
	}
	return widest, usual[widest] == 0 // an unknown name is a diagnostic of its own
}

// slotTakes are the kinds that a slot of a type can hold.
var slotTakes = map[record.Type][]string{
	record.Text: {template.KindText, template.KindTime}, record.Enum: {template.KindText}, record.Time: {template.KindTime, template.KindText}, record.Bool: {template.KindBool},
	record.Int: {template.KindNumber}, record.Money: {template.KindNumber}, record.List: {template.KindList}, record.Map: {template.KindObject},
}

// checkKind compares what a slot is given with its type, as far as that is known
// before it is filled in.
func (c *compiler) checkKind(slot record.SlotInfo, kind string, n *yml.Node) {
	takes, ok := slotTakes[slot.Type]
	if kind == "" || !ok || slices.Contains(takes, kind) {
		return
	}
	c.Report(n, "%s is a slot of type %s and cannot hold %s; write %s", slot.Name, slot.Type, kind, takes[0])
}
