package dialect

import (
	"sort"
	"strconv"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// numbered makes the object of a list: in a form the client's own keys may be
// 0, 1, 2…
func numbered(v value) value {
	dst, n := []byte{'{'}, int64(0)
	v.forEach(func(_ string, item value) bool {
		dst = append(appendKey(dst, []byte(record.Quote(itoa(n))+":")), item.raw...)
		n++
		return true
	})
	return valueOf(string(append(dst, '}')))
}

// listed makes the list of an object whose keys are all whole numbers: a form
// may count its items with gaps, and in any order.
func listed(v value) value {
	list := members(v)
	at := make(map[string]int, len(list))
	for _, p := range list {
		i, err := strconv.Atoi(p.key)
		if err != nil || i < 0 || strconv.Itoa(i) != p.key {
			return v
		}
		at[p.key] = i
	}
	sort.Slice(list, func(i, j int) bool { return at[list[i].key] < at[list[j].key] })
	dst := []byte{'['}
	for i, p := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, p.val.raw...)
	}
	return valueOf(string(append(dst, ']')))
}

// typed gives a form's text the type that its field takes.
func (in *Input) typed(f *Field, v value) value {
	switch f.codec.(type) {
	case *mapCodec:
		if in.form && v.isArray() {
			return numbered(v)
		}
	case *listCodec:
		if in.form && v.isObject() {
			return listed(v)
		}
	}
	if !in.form || v.kind != gjson.String || f.codec == nil || f.clears(v) {
		return v
	}
	return f.codec.fromText(v.str())
}
