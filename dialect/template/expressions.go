package template

import (
	"encoding/json"
	"fmt"
	"slices"
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
//
// It is bounded in what it makes and looks at; see Overrun.
type Expression struct {
	program *vm.Program
	vars    []exprVar
	spends  bool // it has functions that take a budget
	place   place
	quick   func(e *Env) (bool, bool) // for plain conditions: no machine, no allocation
}

type exprVar struct {
	name string
	path string // as it is written
	get  Getter
	kind record.Type
	has  bool
}

// allowed are the builtin functions; those of growing are done by ours.
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
	node  *yml.Node
	vars  []exprVar
	env   types.Map
	at    file.Location
	err   string
	loose []string // places of the dialect's own that are put in an order
}

func (c *collector) Visit(n *ast.Node) {
	switch x := (*n).(type) {
	case *ast.MemberNode:
		if path, ok := chain(x); ok {
			c.variable(n, path)
		}
	case *ast.IdentifierNode:
		if x.Value == "$env" {
			c.fail(x, "variables are named one by one here, as in it.title")
		}
		_, ok := variables[x.Value]
		if g, _ := c.scope.ofPage(x.Value); (ok || g != nil) && !strings.HasPrefix(x.Value, "v_") {
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
			ast.Patch(n, &ast.CallNode{Callee: &ast.IdentifierNode{Value: exactSum}, Arguments: []ast.Node{list}})
		}
	case *ast.BinaryNode:
		c.absent(x)
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
	if _, method := x.Callee.(*ast.MemberNode); method && len(x.Arguments) > 0 {
		c.fail(x, "%s", noMethods)
	}
	callee, ok := x.Callee.(*ast.IdentifierNode)
	if ok && callee.Value == "seconds" && len(x.Arguments) == 1 {
		if d, is := x.Arguments[0].(*ast.BinaryNode); is && d.Operator == "-" {
			ast.Patch(n, &ast.CallNode{Callee: &ast.IdentifierNode{Value: exactSeconds}, Arguments: []ast.Node{d.Left, d.Right}})
		}
		return
	}
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

// absent refuses comparisons that an absent value makes senseless: with nil, which
// a value with a type never is, and of a place of the dialect's own that may be
// unset, which has no order.
func (c *collector) absent(x *ast.BinaryNode) {
	for _, pair := range [][2]ast.Node{{x.Left, x.Right}, {x.Right, x.Left}} {
		v := c.named(pair[0])
		if v == nil {
			continue
		}
		_, isNil := pair[1].(*ast.NilNode)
		switch {
		case (x.Operator == "==" || x.Operator == "!=") && isNil && exprType(v.kind) != types.Any:
			c.fail(x, "%s is never nil; write has(%s)", v.path, v.path)
		case v.kind == record.Any && strings.Contains(v.path, ".ext.") && ordered[x.Operator]:
			c.loose = append(c.loose, v.path)
		}
	}
}

// ordered are the operators that a value without an order has no answer to.
var ordered = map[string]bool{"<": true, "<=": true, ">": true, ">=": true}

// named is the variable that a node is, nil where it is something else.
func (c *collector) named(n ast.Node) *exprVar {
	id, ok := n.(*ast.IdentifierNode)
	if !ok {
		return nil
	}
	for i := range c.vars {
		if c.vars[i].name == id.Value && !c.vars[i].has {
			return &c.vars[i]
		}
	}
	return nil
}

// unguarded refuses an order of places that may be unset, where neither the
// expression nor a condition before it asks whether they are there.
func (c *collector) unguarded() {
	for _, path := range c.loose {
		asked := slices.Contains(c.scope.Guarded, path) || slices.ContainsFunc(c.vars, func(v exprVar) bool { return v.has && v.path == path })
		if !asked && c.err == "" {
			c.err = fmt.Sprintf("%s may be unset, and has no order then; write has(%s) && …, or (%s ?? 0)", path, path, path)
		}
	}
}

// Asks lists what an expression asks the presence of.
func (x *Expression) Asks() (paths []string) {
	for _, v := range x.vars {
		if v.has {
			paths = append(paths, v.path)
		}
	}
	return paths
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

// exprName is what an expression calls a variable inside.
func exprName(path string) string {
	return "v_" + strings.NewReplacer(".", "_", "-", "_").Replace(path)
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
	name := exprName(path)
	if _, seen := c.env[name]; !seen {
		c.vars = append(c.vars, exprVar{name: name, path: path, get: get, kind: kind})
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
	c := &collector{scope: s, node: n, env: types.Map{}}
	// A first walk finds the variables, so that the second knows their types.
	if tree, err := parser.Parse(src); err == nil {
		ast.Walk(&tree.Node, c)
	}
	opts := append(slices.Clip(exactOptions), expr.Env(c.env), expr.Patch(c), expr.MaxNodes(200))
	if want == boolType {
		opts = append(opts, expr.AsBool())
	}
	program, err := expr.Compile(src, opts...)
	c.unguarded()
	x := &Expression{program: program, vars: c.vars, place: s.at(n, src)}
	if c.err != "" || err != nil {
		c.diagnose(n, src, err)
		return x
	}
	s.feeds(n, program.Node(), c.vars)
	x.bound(c, src, opts)
	x.quick = quick(x.program.Node(), c.vars)
	return x
}

// bound compiles an expression that is in order once more, inside the fence.
func (x *Expression) bound(c *collector, src string, opts []expr.Option) {
	f := &fence{}
	c.env[budgetName] = types.TypeOf(&budget{})
	program, err := expr.Compile(src, slices.Concat(opts, boundedOptions, []expr.Option{expr.Patch(f)})...)
	if err != nil {
		c.diagnose(c.node, src, err)
		return
	}
	x.program, x.spends = program, f.spent
}

// exactOptions are the functions that have no bounds of their own to keep.
var exactOptions = []expr.Option{
	expr.Function("money", moneyText, new(func(int, string) string)),
	expr.Function("major", majorNumber, new(func(int, string) json.Number)),
	expr.Function("tail", tail, new(func(string, int) string)),
	expr.Function("seconds", seconds, new(func(time.Duration) int)),
	expr.Function(exactSeconds, secondsBetween, new(func(time.Time, time.Time) int)),
	expr.Function("duration", duration, new(func(string) time.Duration)),
	expr.Function("unix", unix, new(func(time.Time) int)),
	expr.Function(exactSum, sumOf, new(func([]any) int)),
	expr.Function("exact_product", exactProduct, new(func(int, int) int), new(func(any, any) any)),
}

// exactSeconds is what seconds(a - b) is done by: a distance of more than 292 years
// is no duration.
const exactSeconds = "exact_seconds"

// exactSum is what sum() is done by.
const exactSum = "exact_sum"
