package template

import (
	"encoding/json"
	"reflect"
	"strconv"
	"time"

	"github.com/expr-lang/expr/ast"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Schema is what an expression evaluates to, as far as its types tell.
func (x *Expression) Schema() *jsontext.Object {
	if words := constants(x.program.Node()); words != nil {
		return jsonschema.OneOf(words...)
	}
	schema := typed(x.program.Node())
	if choosesNothing(x.program.Node()) && schema.Len() > 0 {
		return jsonschema.Nullable(schema)
	}
	return schema
}

// choosesNothing tells whether an expression has nil for one of its results.
func choosesNothing(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.NilNode:
		return true
	case *ast.ConditionalNode:
		return choosesNothing(n.Exp1) || choosesNothing(n.Exp2)
	}
	return false
}

// typed is the schema of a result of an expression's type.
func typed(n ast.Node) *jsontext.Object {
	t := n.Type()
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

// The kinds of JSON that a document can be known to give.
const (
	KindText   = "a text"
	KindTime   = "a time"
	KindNumber = "a number"
	KindBool   = "true or false"
	KindList   = "a list"
	KindObject = "a mapping"
)

// Kind tells what a document gives where it gives anything, "" where that is only
// known when it is filled in.
func (d *Document) Kind() string {
	switch {
	case d.Lit != nil:
		return kindOfText(d.Lit)
	case d.Text != nil:
		return KindText
	case d.Expr != nil:
		return d.Expr.kind()
	case d.Value != nil:
		return kindOfSlot[d.of]
	case d.List:
		return KindList
	}
	return KindObject
}

// kindOfSlot is what slots and variables of a type give.
var kindOfSlot = map[record.Type]string{record.Text: KindText, record.Enum: KindText, record.Bool: KindBool, record.Int: KindNumber, record.Money: KindNumber,
	record.Time: KindTime, record.Map: KindObject, record.List: KindList}

// kindOfText is the kind of a constant.
func kindOfText(lit []byte) string {
	switch lit[0] {
	case '"':
		return KindText
	case '[':
		return KindList
	case '{':
		return KindObject
	case 't', 'f':
		return KindBool
	case 'n':
		return ""
	}
	return KindNumber
}

func (x *Expression) kind() string {
	if x.program == nil {
		return ""
	}
	switch t := x.program.Node().Type(); t.Kind() {
	case reflect.String:
		if t == reflect.TypeFor[json.Number]() {
			return KindNumber
		}
		return KindText
	case reflect.Bool:
		return KindBool
	case reflect.Int, reflect.Int64, reflect.Int32, reflect.Float32, reflect.Float64:
		if t == reflect.TypeFor[time.Duration]() {
			return ""
		}
		return KindNumber
	case reflect.Slice, reflect.Array:
		return KindList
	case reflect.Map:
		return KindObject
	case reflect.Struct:
		if t == reflect.TypeFor[time.Time]() {
			return KindTime
		}
	}
	return ""
}
