package drift

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// value compares a value with a schema.
func (t *tale) value(schema, v any, where string) {
	s := t.c.follow(schema)
	for _, part := range list(s["allOf"]) {
		t.value(part, v, where)
	}
	for _, word := range []string{"anyOf", "oneOf"} {
		if options := list(s[word]); len(options) > 0 {
			t.any(options, v, where)
		}
	}
	if !t.typed(s, v, where) {
		return
	}
	if want, ok := s["const"]; ok && !same(want, v) {
		t.tell(Value, where, text(want), text(v))
	}
	if words := list(s["enum"]); len(words) > 0 && !slices.ContainsFunc(words, func(w any) bool { return same(w, v) }) {
		t.tell(Value, where, texts(words), text(v))
	}
	switch v := v.(type) {
	case map[string]any:
		t.members(s, v, where)
	case []any:
		if items, ok := s["items"]; ok {
			for _, item := range v {
				t.value(items, item, where+"[]")
			}
		}
	}
}

// any compares a value with the alternative that it differs least from.
func (t *tale) any(options []any, v any, where string) {
	var best []Difference
	for i, option := range options {
		other := &tale{c: t.c, op: t.op, a: t.a, seen: map[Difference]bool{}}
		other.value(option, v, where)
		if len(other.found) == 0 {
			return
		}
		if i == 0 || less(other.found, best, where) {
			best = other.found
		}
	}
	for _, d := range best {
		t.add(d)
	}
}

// less tells whether differences are smaller than others: a value of the right
// type is nearer than one of another, however much it lacks.
func less(a, b []Difference, where string) bool {
	wrong := func(list []Difference) bool {
		return slices.ContainsFunc(list, func(d Difference) bool { return d.Kind == Type && d.Where == where })
	}
	if wrong(a) != wrong(b) {
		return wrong(b)
	}
	return len(a) < len(b)
}

// typed compares the type, and tells whether it is worth to look further.
func (t *tale) typed(s map[string]any, v any, where string) bool {
	var want []string
	switch w := s["type"].(type) {
	case string:
		want = []string{w}
	case []any:
		for _, one := range w {
			want = append(want, fmt.Sprint(one))
		}
	default:
		return true
	}
	got := typeOf(v)
	if slices.Contains(want, got) || got == "integer" && slices.Contains(want, "number") {
		return true
	}
	t.tell(Type, where, strings.Join(want, " or "), got)
	return false
}

func typeOf(v any) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case bool:
		return "boolean"
	case string:
		return "string"
	case json.Number:
		if strings.ContainsAny(v.String(), ".eE") {
			return "number"
		}
		return "integer"
	case []any:
		return "array"
	}
	return "object"
}

// members compares those of an object.
func (t *tale) members(s, v map[string]any, where string) {
	for _, name := range list(s["required"]) {
		if _, has := v[fmt.Sprint(name)]; !has {
			t.tell(Missing, member(where, fmt.Sprint(name)), t.kind(object(s["properties"])[fmt.Sprint(name)]), "nothing")
		}
	}
	properties := object(s["properties"])
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if schema, known := properties[name]; known {
			t.value(schema, v[name], member(where, name))
			continue
		}
		switch more := s["additionalProperties"].(type) {
		case bool:
			if !more {
				t.tell(Undocumented, member(where, name), "nothing", typeOf(v[name]))
			}
		case map[string]any:
			t.value(more, v[name], member(where, "*"))
		}
	}
}

// kind is a schema's type, for people.
func (t *tale) kind(schema any) string {
	switch w := t.c.follow(schema)["type"].(type) {
	case string:
		return w
	case []any:
		var out []string
		for _, one := range w {
			out = append(out, fmt.Sprint(one))
		}
		return strings.Join(out, " or ")
	}
	return "a value"
}

func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// same compares a value of a schema with one of an answer, whose numbers are
// texts.
func same(want, got any) bool {
	a, errA := json.Marshal(want)
	b, errB := json.Marshal(got)
	return errA == nil && errB == nil && string(a) == string(b)
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		return fmt.Sprint(v)
	}
	return clip(string(b))
}

func texts(list []any) string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = text(v)
	}
	return "one of " + clip(strings.Join(out, ", "))
}
