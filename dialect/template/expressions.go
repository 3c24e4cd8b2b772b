package template

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/types"
	"github.com/expr-lang/expr/vm"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// The results an expression may be asked for.
const (
	anyType = iota
	boolType
)

// Expression is a small rule compiled against typed variables. It sees a
// record's slots as values: an absent text is "", an absent number 0; has(x)
// tells whether there is one.
type Expression struct {
	program *vm.Program
	vars    []exprVar
	quick   func(e *Env) (bool, bool) // for plain conditions: no machine, no allocation
}

type exprVar struct {
	name string
	get  Getter
	kind record.Type
	has  bool
}

// builtins that cannot grow without bound.
var allowed = map[string]bool{
	"len": true, "sum": true, "all": true, "any": true, "none": true, "count": true, "map": true, "filter": true,
	"lower": true, "upper": true, "trim": true, "int": true, "float": true, "string": true, "abs": true, "min": true,
	"max": true, "first": true, "last": true, "split": true, "join": true, "hasPrefix": true, "hasSuffix": true,
	"round": true, "ceil": true, "floor": true,
}

// collector rewrites slots to plain variables and keeps to the fence: no
// ranges, no predicate inside another, no builtin that is not on the list.
type collector struct {
	scope *Scope
	vars  []exprVar
	env   types.Map
	at    file.Location
	err   string
}

func (c *collector) Visit(n *ast.Node) {
	switch x := (*n).(type) {
	case *ast.MemberNode:
		if path, ok := chain(x); ok {
			c.variable(n, path)
		}
	case *ast.IdentifierNode:
		if _, ok := variables[x.Value]; ok && !strings.HasPrefix(x.Value, "v_") {
			c.variable(n, x.Value)
		}
	case *ast.CallNode:
		c.call(n, x)
	case *ast.BuiltinNode:
		if !allowed[x.Name] {
			c.fail(x, "%s", unknownFunction(x.Name))
		}
		c.nested(x)
		if x.Name == "sum" && len(x.Arguments) > 0 {
			list := x.Arguments[0]
			if len(x.Arguments) > 1 {
				list = &ast.BuiltinNode{Name: "map", Arguments: x.Arguments}
			}
			ast.Patch(n, &ast.CallNode{Callee: &ast.IdentifierNode{Value: "exact_sum"}, Arguments: []ast.Node{list}})
		}
	case *ast.BinaryNode:
		if x.Operator == ".." {
			c.fail(x, "ranges are not available in mappings")
		}
		if x.Operator == "*" {
			ast.Patch(n, &ast.CallNode{Callee: &ast.IdentifierNode{Value: "exact_product"}, Arguments: []ast.Node{x.Left, x.Right}})
		}
	}
}

// call turns has(slot) into a question about presence.
func (c *collector) call(n *ast.Node, x *ast.CallNode) {
	callee, ok := x.Callee.(*ast.IdentifierNode)
	if !ok || callee.Value != "has" || len(x.Arguments) != 1 {
		return
	}
	arg, ok := x.Arguments[0].(*ast.IdentifierNode)
	if !ok || !strings.HasPrefix(arg.Value, "v_") {
		c.fail(x, "has() asks about a slot, as in has(it.title)")
		return
	}
	for _, v := range c.vars {
		if v.name == arg.Value {
			v.name, v.has = "h"+v.name, true
			if _, seen := c.env[v.name]; !seen {
				c.vars = append(c.vars, v)
				c.env[v.name] = types.Bool
			}
			ast.Patch(n, &ast.IdentifierNode{Value: v.name})
			return
		}
	}
}

// nested refuses a predicate inside a predicate, whose cost multiplies.
func (c *collector) nested(x *ast.BuiltinNode) {
	for _, a := range x.Arguments {
		p, ok := a.(*ast.PredicateNode)
		if !ok {
			continue
		}
		if f := (&predicates{}); f.in(p.Node) {
			c.fail(x, "a list function inside another is not available in mappings")
		}
	}
}

type predicates struct{ found bool }

func (p *predicates) Visit(n *ast.Node) {
	if _, ok := (*n).(*ast.PredicateNode); ok {
		p.found = true
	}
}

func (p *predicates) in(n ast.Node) bool {
	ast.Walk(&n, p)
	return p.found
}

func (c *collector) variable(n *ast.Node, path string) {
	get, kind, err := c.scope.resolve(path)
	if err != nil {
		root, _, _ := strings.Cut(path, ".")
		if schema := c.scope.Roots[root]; schema != nil && !inside(schema, path[len(root)+1:]) || c.scope.Roots[root] == nil {
			c.fail(*n, "%v", err)
		}
		return
	}
	name := "v_" + strings.NewReplacer(".", "_", "-", "_").Replace(path)
	if _, seen := c.env[name]; !seen {
		c.vars = append(c.vars, exprVar{name: name, get: get, kind: kind})
		c.env[name] = exprType(kind)
	}
	ast.Patch(n, &ast.IdentifierNode{Value: name})
}

// inside tells whether path is the beginning of a slot's name.
func inside(s *record.Schema, path string) bool {
	for _, name := range s.Names() {
		if strings.HasPrefix(name, path+".") {
			return true
		}
	}
	return path == "ext"
}

func (c *collector) fail(n ast.Node, format string, args ...any) {
	if c.err == "" {
		c.err, c.at = fmt.Sprintf(format, args...), n.Location()
	}
}

// chain returns it.tax.collect as a dotted name.
func chain(n ast.Node) (string, bool) {
	switch x := n.(type) {
	case *ast.IdentifierNode:
		return x.Value, !strings.HasPrefix(x.Value, "v_")
	case *ast.MemberNode:
		prop, ok := x.Property.(*ast.StringNode)
		if !ok {
			return "", false
		}
		left, ok := chain(x.Node)
		return left + "." + prop.Value, ok
	}
	return "", false
}

func exprType(t record.Type) types.Type {
	switch t {
	case record.Text, record.Enum:
		return types.String
	case record.Bool:
		return types.Bool
	case record.Int, record.Money:
		return types.Int
	case record.Time:
		return types.TypeOf(time.Time{})
	case record.List:
		return types.Array(types.Any)
	}
	return types.Any
}

// Condition compiles an expression that is true or false.
func (s *Scope) Condition(n *yml.Node, src string) *Expression {
	return s.expression(n, src, boolType)
}

// expression compiles src; a diagnostic says where in the file it is wrong.
func (s *Scope) expression(n *yml.Node, src string, want int) *Expression {
	if strings.HasPrefix(strings.TrimSpace(src), "$(") {
		s.Report(n, "write the expression without $( )")
		return &Expression{}
	}
	c := &collector{scope: s, env: types.Map{}}
	// A first walk finds the variables, so that the second knows their types.
	if tree, err := parser.Parse(src); err == nil {
		ast.Walk(&tree.Node, c)
	}
	opts := []expr.Option{
		expr.Env(c.env), expr.Patch(c), expr.MaxNodes(200),
		expr.Function("money", moneyText, new(func(int, string) string)),
		expr.Function("major", majorNumber, new(func(int, string) json.Number)),
		expr.Function("tail", tail, new(func(string, int) string)),
		expr.Function("seconds", seconds, new(func(time.Duration) int)),
		expr.Function("unix", unix, new(func(time.Time) int)),
		expr.Function("exact_sum", exactSum, new(func([]any) int)),
		expr.Function("exact_product", exactProduct, new(func(int, int) int), new(func(any, any) any)),
	}
	if want == boolType {
		opts = append(opts, expr.AsBool())
	}
	program, err := expr.Compile(src, opts...)
	x := &Expression{program: program, vars: c.vars}
	switch {
	case c.err != "" || err != nil:
		c.diagnose(n, src, err)
	default:
		x.quick = quick(program.Node(), c.vars)
	}
	return x
}

// run evaluates; the error is for the log.
func (x *Expression) run(e *Env) (any, error) {
	env := make(map[string]any, len(x.vars))
	for _, v := range x.vars {
		t := v.get(e)
		if v.has {
			env[v.name] = t != "" && t != record.Null
		} else {
			env[v.name] = goValue(t, v.kind)
		}
	}
	return expr.Run(x.program, env)
}

// True evaluates a condition. One that cannot be evaluated is false.
func (x *Expression) True(e *Env) bool {
	if x.quick != nil {
		if b, ok := x.quick(e); ok {
			return b
		}
	}
	v, err := x.run(e)
	b, ok := v.(bool)
	return err == nil && ok && b
}

// get evaluates to canonical JSON text, "" for nothing.
func (x *Expression) get(e *Env) string {
	v, err := x.run(e)
	if err != nil || v == nil {
		return ""
	}
	switch v := v.(type) {
	case string:
		return record.Quote(v)
	case bool:
		return strconv.FormatBool(v)
	case int:
		return strconv.Itoa(v)
	case time.Time:
		if v.IsZero() {
			return ""
		}
		return record.FormatTime(v)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// goValue turns canonical text into the value an expression works with.
func goValue(t string, kind record.Type) any {
	switch kind {
	case record.Text, record.Enum:
		return record.Unquote(t)
	case record.Bool:
		return t == "true"
	case record.Int, record.Money:
		i, _ := strconv.Atoi(t)
		return i
	case record.Time:
		at, _ := record.ParseTime(t)
		return at
	}
	if t == "" {
		if kind == record.List {
			return []any{}
		}
		return nil
	}
	dec := json.NewDecoder(strings.NewReader(t))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil
	}
	return whole(v)
}

// whole makes whole numbers ints, so that sums over lines are exact.
func whole(v any) any {
	switch v := v.(type) {
	case json.Number:
		if i, err := strconv.Atoi(v.String()); err == nil {
			return i
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = whole(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = whole(v[k])
		}
	}
	return v
}

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
