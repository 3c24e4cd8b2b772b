package grammar

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/jsontext"
)

// jsonSchema is a JSON Schema, or a part of one.
type jsonSchema = map[string]any

// EditorSchema is the language as a JSON Schema of draft 7, made of the word
// tables, for editors that complete and check mapping files. Nothing that the
// compiler takes is refused by it; what needs a look at two places of a file,
// or at the text inside a value, is left to the compiler.
func EditorSchema() []byte {
	e := &editor{defs: jsonSchema{}}
	root := e.construct(DialectWords)
	root["$schema"] = "http://json-schema.org/draft-07/schema#"
	root["title"] = "polylink dialect file"
	root["definitions"] = e.defs
	e.defs["choice"] = jsonSchema{"type": scalars, "description": "why this is our choice and not the provider's word"}
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic("dialect: the schema is no JSON: " + err.Error()) // it holds texts, lists and maps alone
	}
	return append(out, '\n')
}

// editor collects the definitions of a schema.
type editor struct{ defs jsonSchema }

// construct is the schema of a mapping with the words of a table.
func (e *editor) construct(t *Table) jsonSchema {
	props := jsonSchema{"choice": ref("choice")}
	for _, w := range t.Words {
		props[w.Name] = jsonSchema{"description": w.Doc, "allOf": []any{e.value(w.Takes)}}
	}
	s := jsonSchema{"type": "object", "description": t.What, "properties": props, "additionalProperties": t == ClassWords}
	if need := needed[t]; need != nil {
		s["required"] = need
	}
	switch t {
	case IDWords:
		s["anyOf"] = []any{required("uuid"), required("ulid"), required("alphabet", "length")}
	case IdempotencyWords:
		s["anyOf"] = []any{required("header"), required("field")}
	case RuleWords:
		s["oneOf"] = []any{required("need"), required("check")}
	}
	return s
}

func required(words ...string) jsonSchema { return jsonSchema{"required": words} }

func ref(name string) jsonSchema { return jsonSchema{"$ref": "#/definitions/" + name} }

// value refers to the schema of what a word takes: the value itself, or
// { is: value, choice: reason }.
func (e *editor) value(takes string) jsonSchema {
	name := slug(takes)
	if _, made := e.defs[name]; made {
		return ref(name)
	}
	e.defs[name] = nil // the language is recursive
	plain := e.plain(takes)
	if len(plain) == 0 {
		e.defs[name] = jsonSchema{"description": takes}
		return ref(name)
	}
	marked := jsonSchema{"type": "object", "properties": jsonSchema{"is": ref(name), "choice": ref("choice")},
		"required": []string{"is", "choice"}, "additionalProperties": false}
	if plain["type"] == "object" {
		// With these two words alone the mark is taken off, so nothing is left
		// to be a mapping.
		plain = jsonSchema{"allOf": []any{plain, jsonSchema{"not": jsonSchema{"required": []string{"is", "choice"}, "maxProperties": 2}}}}
	}
	e.defs[name] = jsonSchema{"anyOf": []any{plain, marked}}
	return ref(name)
}

// slug makes a definition's name of what a word takes.
func slug(takes string) string {
	return strings.Trim(strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '_'
	}, takes), "_")
}

// scalars are the types that YAML gives a text which is not quoted.
var scalars = []string{"string", "number", "boolean"}

// texts are values that are one text to a schema; the compiler looks closer.
var texts = []string{"text", "delivery text", "text with {holes}", "pattern with *", "regular expression", "header name", "media type", "path", "condition",
	"type", "member", "field", "resource", "parameter", "error"}

// plain is the schema of a value without a mark; an empty one takes anything.
func (e *editor) plain(takes string) jsonSchema {
	switch {
	case slices.Contains(texts, takes):
		return jsonSchema{"type": scalars}
	case constructs[takes] != nil && takes != "field line":
		return e.construct(constructs[takes])
	}
	if shape := shapes[takes]; shape != nil {
		return shape(e)
	}
	if words, ok := strings.CutPrefix(takes, "list of "); ok && closed(words) != nil {
		return jsonSchema{"type": "array", "items": e.value(strings.ReplaceAll(words, ", ", " or "))}
	}
	return jsonSchema{"enum": enumerated(closed(takes))}
}

// closed takes a closed list of words apart, as in "in, out or none". It is
// nil for what is none.
func closed(takes string) []string {
	words := strings.Split(strings.ReplaceAll(takes, " or ", ", "), ", ")
	for _, w := range words {
		if w == "" || strings.ContainsFunc(w, func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') && r != '_' && r != '-' }) {
			return nil
		}
	}
	return words
}

// enumerated lists words as YAML may have them: 4 is a number there.
func enumerated(words []string) []any {
	var out []any
	for _, w := range words {
		out = append(out, w)
		if jsontext.IsNumber(w) {
			out = append(out, json.Number(w))
		}
	}
	return out
}
