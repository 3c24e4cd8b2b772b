package template

import (
	"encoding/json"
	"reflect"
	"strconv"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

// Schema is what an expression evaluates to, as far as its types tell.
func (x *Expression) Schema() *jsontext.Object {
	if words := constants(x.program.Node()); words != nil {
		return jsonschema.OneOf(words...)
	}
	t := x.program.Node().Type()
	switch t {
	case reflect.TypeFor[json.Number]():
		return jsonschema.Type("number")
	case reflect.TypeFor[time.Time]():
		return jsonschema.Type("string").PutText("format", "date-time")
	}
	switch t.Kind() {
	case reflect.String:
		return jsonschema.Type("string")
	case reflect.Bool:
		return jsonschema.Type("boolean")
	case reflect.Int, reflect.Int64, reflect.Int32:
		return jsonschema.Type("integer")
	case reflect.Float64, reflect.Float32:
		return jsonschema.Type("number")
	}
	return new(jsontext.Object)
}

// constants lists the values of an expression that chooses between some.
func constants(n ast.Node) [][]byte {
	switch n := n.(type) {
	case *ast.StringNode:
		return [][]byte{jsontext.Quoted(n.Value)}
	case *ast.IntegerNode:
		return [][]byte{strconv.AppendInt(nil, int64(n.Value), 10)}
	case *ast.BoolNode:
		return [][]byte{strconv.AppendBool(nil, n.Value)}
	case *ast.ConditionalNode:
		yes, no := constants(n.Exp1), constants(n.Exp2)
		if yes != nil && no != nil && string(yes[0]) != string(no[0]) {
			return append(yes, no...)
		}
	}
	return nil
}
