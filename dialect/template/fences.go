package template

import (
	"reflect"
	"regexp/syntax"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// A fence rewrites an expression whose types are known so that it is bounded:
// what can grow is done by a function that takes the budget, and values whose
// size is not known are weighed before they are compared. List functions go
// through at most MaxItems, and none stands inside another, so that what is left
// is a bounded number of steps of the same cost.
type fence struct{ spent bool } // whether there is anything that needs a budget

// growing are the builtin functions that are replaced.
var growing = map[string]bool{"upper": true, "lower": true, "trim": true, "split": true, "join": true, "string": true}

// Visit implements ast.Visitor; it sees what is inside a node before the node.
func (f *fence) Visit(n *ast.Node) {
	switch x := (*n).(type) {
	case *ast.BuiltinNode:
		switch {
		case growing[x.Name]:
			f.call(n, x.Name, x.Arguments...)
		case listFunctions[x.Name] && len(x.Arguments) > 0:
			f.through(&x.Arguments[0])
		case x.Name == "min" || x.Name == "max":
			f.weighAll(x.Arguments, open)
		}
	case *ast.CallNode:
		if id, ok := x.Callee.(*ast.IdentifierNode); ok && (id.Value == "tail" || id.Value == "money") {
			f.call(n, id.Value, x.Arguments...)
		}
	case *ast.BinaryNode:
		f.operator(n, x)
	case *ast.PredicateNode:
		ast.Walk(&x.Node, &repeated{f})
	}
}

// operator bounds an operator.
func (f *fence) operator(n *ast.Node, x *ast.BinaryNode) {
	switch x.Operator {
	case "+":
		switch {
		case x.Type().Kind() == reflect.String:
			f.call(n, "concat", x.Left, x.Right)
		case x.Type().Kind() == reflect.Interface && growable(x.Left) && growable(x.Right):
			f.call(n, "add", x.Left, x.Right)
		}
	case "==", "!=":
		if open(x.Left) && open(x.Right) {
			f.weigh(&x.Left)
			f.weigh(&x.Right)
		}
	case "in", "not in":
		if open(x.Left) {
			f.weigh(&x.Left)
		}
		if open(x.Right) {
			f.weigh(&x.Right)
		}
	case "matches":
		pattern, ok := x.Right.(*ast.StringNode)
		if !ok {
			f.call(n, "match", x.Left, x.Right)
			return
		}
		f.call(&x.Left, "weigh match", x.Left, &ast.IntegerNode{Value: steps(pattern.Value)})
	}
}

// through has the items of a list counted that a list function goes through.
func (f *fence) through(n *ast.Node) {
	switch t := (*n).Type(); {
	case fixed(*n):
	case t == reflect.TypeFor[[]string]():
		f.call(n, "through texts", *n)
	case t == reflect.TypeFor[[]any]():
		f.call(n, "through list", *n)
	case t.Kind() == reflect.Interface:
		f.call(n, "through", *n)
	}
}

// call replaces a node by a bounded function. Its type stays what it was.
func (f *fence) call(n *ast.Node, name string, args ...ast.Node) {
	was := (*n).Nature()
	call := &ast.CallNode{Callee: &ast.IdentifierNode{Value: prefixBounded + name}, Arguments: append([]ast.Node{&ast.IdentifierNode{Value: budgetName}}, args...)}
	call.SetNature(*was)
	ast.Patch(n, call)
	f.spent = true
}

// weigh has a value counted as looked at.
func (f *fence) weigh(n *ast.Node) {
	name := "weigh"
	switch t := (*n).Type(); {
	case t.Kind() == reflect.String:
		name = "weigh text"
	case t == reflect.TypeFor[[]string]():
		name = "weigh texts"
	case t == reflect.TypeFor[[]any]():
		name = "weigh list"
	case t.Kind() != reflect.Interface:
		return
	}
	f.call(n, name, *n)
}

func (f *fence) weighAll(list []ast.Node, which func(ast.Node) bool) {
	for i := range list {
		if which(list[i]) {
			f.once(&list[i])
		}
	}
}

// open tells whether a value can be a list or a map, or hold one.
func open(n ast.Node) bool {
	if fixed(n) {
		return false
	}
	switch n.Type().Kind() {
	case reflect.Interface, reflect.Slice, reflect.Map, reflect.Array:
		return true
	}
	return false
}

// long tells whether a value can also be a text that is not in the file.
func long(n ast.Node) bool {
	return open(n) || !fixed(n) && n.Type().Kind() == reflect.String
}

// growable tells whether a value can be a text.
func growable(n ast.Node) bool {
	switch n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NilNode:
		return false
	}
	kind := n.Type().Kind()
	return kind == reflect.Interface || kind == reflect.String
}

// fixed tells whether a value is written in the file.
func fixed(n ast.Node) bool {
	switch x := n.(type) {
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NilNode, *ast.StringNode, *ast.ConstantNode:
		return true
	case *ast.ArrayNode:
		for _, item := range x.Nodes {
			if _, list := item.(*ast.ArrayNode); list || !fixed(item) {
				return false
			}
		}
		return true
	}
	return false
}

// repeated rewrites what is done for every item of a list: there, looking at a
// text counts as well.
type repeated struct{ *fence }

// Visit implements ast.Visitor.
func (r *repeated) Visit(n *ast.Node) {
	switch x := (*n).(type) {
	case *ast.BuiltinNode:
		r.weighAll(x.Arguments, long)
	case *ast.CallNode:
		if id, ok := x.Callee.(*ast.IdentifierNode); ok && id.Value == exactSum {
			r.weighAll(x.Arguments, long)
		}
	case *ast.BinaryNode:
		switch x.Operator {
		case "==", "!=", "<", "<=", ">", ">=":
			if !fixed(x.Left) && !fixed(x.Right) && long(x.Left) && long(x.Right) {
				r.once(&x.Left)
				r.once(&x.Right)
			}
		case "contains", "startsWith", "endsWith":
			if long(x.Left) {
				r.once(&x.Left)
			}
			if long(x.Right) {
				r.once(&x.Right)
			}
		}
	}
}

// once weighs a value that no bounded function made.
func (f *fence) once(n *ast.Node) {
	if call, ok := (*n).(*ast.CallNode); ok {
		if id, ok := call.Callee.(*ast.IdentifierNode); ok && strings.HasPrefix(id.Value, prefixBounded) {
			return
		}
	}
	f.weigh(n)
}

// steps is about how many things a regular expression has to try at each
// character.
func steps(pattern string) int {
	tree, err := syntax.Parse(pattern, syntax.Perl)
	if err != nil {
		return 1
	}
	program, err := syntax.Compile(tree.Simplify())
	if err != nil {
		return 1
	}
	return len(program.Inst)
}
