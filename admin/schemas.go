package admin

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/journal"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/snapshot"
)

// schema is a JSON Schema.
type schema map[string]any

// schemas makes JSON Schemas of the types that are read and answered. Tags say
// what a type cannot: doc, enum, need:"true" for a member that a request must
// have, and schema for one that is raw JSON.
type schemas struct {
	named  map[string]schema // by the name of their type
	at     string            // where those are in the document; "" is as OpenAPI has it
	strict bool              // of answers, too, no member may be more than is said
}

// of returns the schema of a type; of a struct, a reference to it. read tells
// that it is of a request: there all members but those with need may be left
// out, and no others may be sent.
func (s *schemas) of(t reflect.Type, read bool) schema {
	switch t {
	case reflect.TypeFor[time.Time]():
		return schema{"type": "string", "format": "date-time"}
	case reflect.TypeFor[json.RawMessage](), reflect.TypeFor[Document]():
		return schema{"type": "object"}
	case reflect.TypeFor[journal.Status]():
		return schema{"type": []string{"integer", "string"}}
	case reflect.TypeFor[Metrics](), reflect.TypeFor[Curl](), reflect.TypeFor[Stream]():
		return schema{"type": "string"}
	case reflect.TypeFor[Canonical]():
		return s.ref("Link", canonicalLink)
	}
	switch t.Kind() {
	case reflect.Pointer:
		return s.of(t.Elem(), read)
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Bool:
		return schema{"type": "boolean"}
	case reflect.Float64:
		return schema{"type": "number"}
	case reflect.Slice:
		return schema{"type": "array", "items": s.of(t.Elem(), read)}
	case reflect.Map:
		return schema{"type": "object", "additionalProperties": s.of(t.Elem(), read)}
	case reflect.Struct:
		name := typeName(t)
		if read {
			name += "Input"
		}
		return s.ref(name, func() schema { return s.object(read, from("", membersOf(t))) })
	}
	return schema{"type": "integer"}
}

// ref makes a named schema once and refers to it.
func (s *schemas) ref(name string, make func() schema) schema {
	if s.named[name] == nil {
		s.named[name] = schema{} // for a type that holds itself
		s.named[name] = make()
	}
	if s.at != "" {
		return schema{"$ref": s.at + name}
	}
	return schema{"$ref": "#/components/schemas/" + name}
}

// renamed are types of other packages whose names need their package's.
var renamed = map[reflect.Type]string{
	reflect.TypeFor[journal.Shown]():  "JournalEntry",
	reflect.TypeFor[faults.Shown]():   "Fault",
	reflect.TypeFor[snapshot.Clock](): "SnapshotClock",
	reflect.TypeFor[snapshot.Row]():   "SnapshotRow",
}

// typeName is the name of a type without what we call it for ourselves.
func typeName(t reflect.Type) string {
	if name := renamed[t]; name != "" {
		return name
	}
	return strings.TrimSuffix(strings.TrimPrefix(t.Name(), "Shown"), "Info")
}

// object is the schema of some members of a struct.
func (s *schemas) object(read bool, members []member) schema {
	properties, required := map[string]schema{}, []string{}
	many := map[string]schema{}
	for _, m := range members {
		if m.many {
			many["^"+regexp.QuoteMeta(m.name)+"."] = schema{"description": m.field.Tag.Get("doc")}
			continue
		}
		properties[m.name] = s.member(m.field, read)
		if read && m.field.Tag.Get("need") != "" || !read && !m.optional {
			required = append(required, m.name)
		}
	}
	out := schema{"type": "object", "properties": properties}
	if len(many) > 0 {
		out["patternProperties"] = many
	}
	if len(required) > 0 {
		out["required"] = required
	}
	if read || s.strict {
		out["additionalProperties"] = false
	}
	return out
}

// bare is the schema of a member of the path or the query.
func (s *schemas) bare(m member) schema {
	of := s.member(m.field, true)
	delete(of, "description")
	if m.field.Type.Kind() == reflect.Pointer {
		of = s.of(m.field.Type.Elem(), true)
	}
	return of
}

// member is the schema of a field of a struct.
func (s *schemas) member(f reflect.StructField, read bool) schema {
	var of schema
	switch f.Tag.Get("schema") {
	case "any":
		of = schema{}
	case "values":
		of = schema{"type": "object", "additionalProperties": schema{}}
	case "objects":
		of = schema{"type": "array", "items": schema{"type": "object"}}
	case "time":
		of = schema{"type": []string{"string", "null"}}
	case "abort":
		of = schema{"enum": []any{"body", "reset", true, false}}
	default:
		of = s.of(f.Type, read)
	}
	if words := f.Tag.Get("enum"); words != "" {
		of["enum"] = strings.Split(words, ",")
	}
	if words := wordsOf(f.Type); words != nil {
		of["enum"] = words
	}
	if kind, ok := of["type"].(string); ok && f.Type.Kind() == reflect.Pointer {
		of["type"] = []string{kind, "null"}
	}
	if doc := f.Tag.Get("doc"); doc != "" {
		of["description"] = doc
	}
	return of
}

// canonicalLink is the canonical model as its documents show it: slots nested
// by their dotted names.
func canonicalLink() schema {
	root := schema{"type": "object", "required": []string{"object", "dialect", "id", "status"}, "properties": map[string]schema{
		"object":     {"const": record.Links.Kind},
		"dialect":    {"type": "string", "description": "who made it"},
		"url":        {"type": "string", "description": "address of its page, as whoever asks reaches it"},
		"extensions": {"type": "object", "description": "what dialects keep beyond the model, by dialect"},
	}}
	for _, slot := range record.Links.Slots {
		if slot.Name == "token" { // a secret
			continue
		}
		at := root
		parts := strings.Split(slot.Name, ".")
		for _, part := range parts[:len(parts)-1] {
			next := at["properties"].(map[string]schema)[part]
			if next == nil {
				next = schema{"type": "object", "properties": map[string]schema{}, "additionalProperties": false}
				at["properties"].(map[string]schema)[part] = next
			}
			at = next
		}
		at["properties"].(map[string]schema)[parts[len(parts)-1]] = slotSchema(slot)
	}
	root["additionalProperties"] = false
	return root
}

// slotSchema is the schema of a slot. What is there may always be null.
func slotSchema(slot record.SlotInfo) schema {
	of := schema{"description": slot.Doc}
	kind := map[record.Type]string{record.Text: "string", record.Enum: "string", record.Time: "string", record.Bool: "boolean",
		record.Int: "integer", record.Money: "integer", record.Map: "object", record.List: "array"}[slot.Type]
	if kind != "" {
		of["type"] = []string{kind, "null"}
	}
	if slot.Type == record.Time {
		of["format"] = "date-time"
	}
	if slot.Type == record.List {
		of["items"] = schema{}
	}
	if slot.Type == record.Enum {
		words := []any{nil}
		for _, w := range slot.Values {
			words = append(words, w)
		}
		of["enum"] = words
	}
	return of
}
