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
func (b *budget) goValue(t string, kind record.Type) (any, error) {
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
	if err := b.reads(t); err != nil {
		return nil, err
	}
	dec := json.NewDecoder(strings.NewReader(t))
	dec.UseNumber()
	var v any
	if dec.Decode(&v) != nil {
		return nil, nil
	}
	return whole(v)
}

// whole makes whole numbers ints, so that sums over lines are exact. Lists have
// no more than MaxItems.
func whole(v any) (_ any, err error) {
	switch v := v.(type) {
	case json.Number:
		if i, err := strconv.Atoi(v.String()); err == nil {
			return i, nil
		}
		f, _ := v.Float64()
		return f, nil
	case []any:
		if len(v) > MaxItems {
			return nil, errManyItems
		}
		for i := range v {
			if v[i], err = whole(v[i]); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for k := range v {
			if v[k], err = whole(v[k]); err != nil {
				return nil, err
			}
		}
	}
	return v, nil
}
