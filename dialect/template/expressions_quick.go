package template

import (
	"reflect"

	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/types"

	"github.com/polylink-dev/polylink/record"
)

// quick compiles the plainest conditions, a slot or a slot compared with a
// text, to a closure.
func quick(n ast.Node, vars []exprVar) func(*Env) (bool, bool) {
	slot := func(n ast.Node) *exprVar {
		if id, ok := n.(*ast.IdentifierNode); ok {
			for i := range vars {
				if vars[i].name == id.Value {
					return &vars[i]
				}
			}
		}
		return nil
	}
	if v := slot(n); v != nil && v.kind == record.Bool && !v.has {
		return func(e *Env) (bool, bool) { return v.get(e) == "true", true }
	}
	b, ok := n.(*ast.BinaryNode)
	if !ok || b.Operator != "==" && b.Operator != "!=" {
		return nil
	}
	left, right := slot(b.Left), slot(b.Right)
	if left == nil || left.has || !exprType(left.kind).Equal(types.String) {
		return nil
	}
	same := b.Operator == "=="
	if s, ok := b.Right.(*ast.StringNode); ok {
		return func(e *Env) (bool, bool) { return (record.Unquote(left.get(e)) == s.Value) == same, true }
	}
	if right != nil && !right.has && reflect.DeepEqual(exprType(right.kind), types.String) {
		return func(e *Env) (bool, bool) {
			return (record.Unquote(left.get(e)) == record.Unquote(right.get(e))) == same, true
		}
	}
	return nil
}
