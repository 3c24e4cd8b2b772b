package template

import (
	"strconv"
	"time"

	"github.com/expr-lang/expr/types"
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// exprType is the type that a slot has in an expression.
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

// goValue turns canonical text into the value an expression works with. A list
// or map that is too large for it is an error.
func goValue(t string, kind record.Type) (any, error) {
	switch kind {
	case record.Text, record.Enum:
		return record.Unquote(t), nil
	case record.Bool:
		return t == "true", nil
	case record.Int, record.Money:
		i, _ := strconv.Atoi(t)
		return i, nil
	case record.Time:
		at, _ := record.ParseTime(t)
		return at, nil
	}
	if t == "" {
		if kind == record.List {
			return []any{}, nil
		}
		return nil, nil
	}
	if t[0] == '"' {
		return record.Unquote(t), nil
	}
	if len(t) > maxRead {
		return nil, errLongValue
	}
	if !gjson.Valid(t) {
		return nil, nil
	}
	return valueOf(jsontext.ValueOf(t)), nil
}

// valueOf turns JSON into Go values. Whole numbers are ints, so that sums over
// lines are exact.
func valueOf(v jsontext.Value) any {
	switch v.Kind {
	case gjson.String:
		return v.Str()
	case gjson.True:
		return true
	case gjson.False:
		return false
	case gjson.Number:
		if i, err := strconv.Atoi(v.Raw); err == nil {
			return i
		}
		f, _ := strconv.ParseFloat(v.Raw, 64)
		return f
	case gjson.Null:
		return nil
	}
	if v.IsObject() {
		members := map[string]any{}
		jsontext.EachMember(v.Raw, func(name string, m jsontext.Value) bool {
			members[name] = valueOf(m)
			return true
		})
		return members
	}
	items := []any{}
	v.ForEach(func(_ string, item jsontext.Value) bool {
		items = append(items, valueOf(item))
		return true
	})
	return items
}
