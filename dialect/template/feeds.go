package template

import (
	"reflect"
	"strings"

	"github.com/expr-lang/expr/ast"

	"github.com/polylink-dev/polylink/internal/yml"
)

// Feed is a slot whose value a function or a text takes up: as long as the slot
// has no bound of its own, nor has what is made of it.
type Feed struct {
	Line    int    // of the expression or text
	By      string // what takes it up, as in join()
	Root    string // it, old, parent, about, account or credential
	Slot    string
	Members []string // of the slot's value; those of a list's items are as if of the list
	List    bool     // how many items there are counts
}

// feeds tells the scope what an expression takes up.
func (s *Scope) feeds(n *yml.Node, tree ast.Node, vars []exprVar) {
	if s.Feeds == nil {
		return
	}
	w := &feeder{scope: s, line: n.Line, vars: vars, named: map[string][]source{}}
	if sources := w.from(tree, nil); tree.Type().Kind() != reflect.Bool {
		w.takes("an expression", false, sources)
	}
}

// joined tells the scope what a text with several parts takes up.
func (s *Scope) joined(n *yml.Node, t *Text) {
	if s.Feeds == nil || t.place == nil || len(t.parts) < 2 {
		return
	}
	for _, p := range t.parts {
		if root, slot, ok := strings.Cut(p.name, "."); ok && IsName(p.name) && s.Roots[root] != nil {
			s.Feeds(Feed{Line: n.Line, By: "a text with holes", Root: root, Slot: slot})
		}
	}
}

// source is a variable, or a part of its value.
type source struct {
	path    string
	members []string
}

// feeder follows values from the slots that they come of to what takes them up.
type feeder struct {
	scope *Scope
	line  int
	vars  []exprVar
	named map[string][]source // by let
}

// takes reports sources that something takes up.
func (w *feeder) takes(by string, list bool, sources []source) {
	for _, src := range sources {
		if root, slot, ok := strings.Cut(src.path, "."); ok {
			w.scope.Feeds(Feed{Line: w.line, By: by, Root: root, Slot: slot, Members: src.members, List: list})
		}
	}
}

// listFunctions run over the items of a list.
var listFunctions = map[string]bool{"map": true, "filter": true, "all": true, "any": true, "none": true, "count": true}

// from returns where the value of a node comes from, and reports what is taken
// up in it. item is where the items come from that a list function runs over.
func (w *feeder) from(n ast.Node, item []source) []source {
	switch x := n.(type) {
	case *ast.IdentifierNode:
		return w.variable(x.Value)
	case *ast.PointerNode:
		return item
	case *ast.MemberNode:
		return w.member(x, item)
	case *ast.ChainNode:
		return w.from(x.Node, item)
	case *ast.ConditionalNode:
		w.from(x.Cond, item)
		return append(w.from(x.Exp1, item), w.from(x.Exp2, item)...)
	case *ast.VariableDeclaratorNode:
		w.named[x.Name] = w.from(x.Value, item)
		return w.from(x.Expr, item)
	case *ast.BinaryNode:
		return w.binary(x, item)
	case *ast.UnaryNode:
		w.from(x.Node, item)
	case *ast.SliceNode:
		return w.from(x.Node, item)
	case *ast.PredicateNode:
		return w.from(x.Node, item)
	case *ast.ArrayNode:
		return w.all(x.Nodes, item)
	case *ast.MapNode:
		return w.all(x.Pairs, item)
	case *ast.PairNode:
		return w.from(x.Value, item)
	case *ast.BuiltinNode:
		return w.builtin(x, item)
	case *ast.CallNode:
		if id, ok := x.Callee.(*ast.IdentifierNode); ok && id.Value == exactSum && len(x.Arguments) == 1 {
			list := w.from(x.Arguments[0], item)
			if call, ok := x.Arguments[0].(*ast.BuiltinNode); !ok || !listFunctions[call.Name] {
				w.takes("sum()", true, list)
			}
			return nil
		}
		w.all(x.Arguments, item)
	}
	return nil
}

func (w *feeder) all(nodes []ast.Node, item []source) (out []source) {
	for _, n := range nodes {
		out = append(out, w.from(n, item)...)
	}
	return out
}

// variable is a slot, or what let: gives a name to.
func (w *feeder) variable(name string) []source {
	for i := range w.vars {
		if v := &w.vars[i]; v.name == name && !v.has {
			return []source{{path: v.path}}
		}
	}
	return w.named[name]
}

// member is a part of a value; the items of a list are not told apart.
func (w *feeder) member(x *ast.MemberNode, item []source) []source {
	base := w.from(x.Node, item)
	name, ok := x.Property.(*ast.StringNode)
	if !ok {
		w.from(x.Property, item)
		return base
	}
	out := make([]source, len(base))
	for i, src := range base {
		out[i] = source{src.path, append(src.members[:len(src.members):len(src.members)], name.Value)}
	}
	return out
}

func (w *feeder) binary(x *ast.BinaryNode, item []source) []source {
	left, right := w.from(x.Left, item), w.from(x.Right, item)
	switch {
	case x.Operator == "+" && growable(x):
		w.takes("+", false, append(left, right...))
	case x.Operator != "??" && x.Operator != "?:":
		return nil
	}
	return append(left, right...)
}

func (w *feeder) builtin(x *ast.BuiltinNode, item []source) []source {
	if len(x.Arguments) == 0 {
		return nil
	}
	first := w.from(x.Arguments[0], item)
	if listFunctions[x.Name] {
		w.takes(x.Name+"()", true, first)
		var made []source
		for _, a := range x.Arguments[1:] {
			made = w.from(a, first)
		}
		if x.Name == "map" {
			return made
		}
		if x.Name == "filter" {
			return first
		}
		return nil
	}
	rest := w.all(x.Arguments[1:], item)
	switch {
	case growing[x.Name]:
		w.takes(x.Name+"()", x.Name == "join", append(first, rest...))
		return first
	case x.Name == "first" || x.Name == "last":
		return first
	}
	return nil
}
