package answers

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/template"
)

// Shape is what one or several operations show of a record, where that follows
// from the record and the base URL alone. Shapes are told apart by their address.
type Shape struct {
	op   *dialect.Op
	salt uint64 // spreads shapes of the same records
}

// Showing is how an operation shows a record.
type Showing struct {
	Shape *Shape // nil where it shows anything else
	Bare  bool   // the body of its answer is the record and nothing around it
}

// Shapes finds out how a dialect's operations show records.
func Shapes(d *dialect.Dialect) map[*dialect.Op]Showing {
	out := map[*dialect.Op]Showing{}
	var all []*Shape
	for _, op := range d.Operations {
		if op.Resource == nil || op.Within >= 0 || !follow(op.Outputs) { // records of lines are made for each answer
			continue
		}
		i := slices.IndexFunc(all, func(s *Shape) bool { return s.op.Resource == op.Resource && alike(s.op.Outputs, op.Outputs) })
		if i < 0 {
			i = len(all)
			all = append(all, &Shape{op, uint64(i) * 0x9e3779b97f4a7c15})
		}
		out[op] = Showing{all[i], op.Answer == nil || op.Answer.Name == "item" && !op.Answer.Omit}
	}
	return out
}

// follow tells whether members follow from the record and the base alone. A field
// that can be shown in full does unless it is.
func follow(nodes []dialect.Output) bool {
	for i := range nodes {
		n := &nodes[i]
		if f := n.Field; f != nil && (f.Embed != nil && f.Embed.Always || !plain(f.Source) || !plain(f.Absent)) {
			return false
		}
		if n.Group != nil && !plain(n.Group.Absent) || !follow(n.Kids) {
			return false
		}
	}
	return true
}

// plain tells whether a document names nothing but the record and the base.
func plain(d *template.Document) bool {
	ok := true
	d.Each(func(variable string) {
		ok = ok && (variable == "base" || strings.HasPrefix(variable, "it."))
	})
	return ok
}

// alike tells whether two operations show the same members.
func alike(a, b []dialect.Output) bool {
	return slices.EqualFunc(a, b, func(x, y dialect.Output) bool {
		return x.Field == y.Field && x.Group == y.Group && alike(x.Kids, y.Kids)
	})
}
