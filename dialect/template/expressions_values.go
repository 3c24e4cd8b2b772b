package template

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr/types"

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
	dec := json.NewDecoder(strings.NewReader(t))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil, nil
	}
	return whole(v), nil
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
