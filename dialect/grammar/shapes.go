package grammar

import (
	"maps"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/record"
)

// whatever is what stands for itself: constants, documents, wire values.
func whatever(*editor) jsonSchema { return jsonSchema{} }

func oneOfWords(list []string) func(*editor) jsonSchema {
	return func(*editor) jsonSchema { return jsonSchema{"enum": enumerated(list)} }
}

func like(pattern string) func(*editor) jsonSchema {
	return func(*editor) jsonSchema { return jsonSchema{"type": "string", "pattern": pattern} }
}

func number(s jsonSchema, pattern string) func(*editor) jsonSchema {
	return func(*editor) jsonSchema {
		return jsonSchema{"anyOf": []any{s, jsonSchema{"type": "string", "pattern": pattern}}}
	}
}

// oneOrList is one value or a list of such.
func oneOrList(takes string) func(*editor) jsonSchema {
	return func(e *editor) jsonSchema {
		return jsonSchema{"anyOf": []any{e.value(takes), jsonSchema{"type": "array", "items": e.value(takes)}}}
	}
}

func listOf(takes string) func(*editor) jsonSchema {
	return func(e *editor) jsonSchema { return jsonSchema{"type": "array", "items": e.value(takes)} }
}

// named is a mapping whose keys are the author's.
func named(takes, keys string) func(*editor) jsonSchema {
	return func(e *editor) jsonSchema {
		s := jsonSchema{"type": "object", "properties": jsonSchema{"choice": ref("choice")}, "additionalProperties": e.value(takes)}
		if keys != "" {
			s["propertyNames"] = jsonSchema{"anyOf": []any{jsonSchema{"const": "choice"}, jsonSchema{"pattern": keys}}}
		}
		return s
	}
}

// slotted is a mapping whose keys are slots, and values beyond the model where
// ext is true.
func slotted(takes string, ext bool) func(*editor) jsonSchema {
	return func(e *editor) jsonSchema {
		props := jsonSchema{"choice": ref("choice")}
		for _, name := range slotNames() {
			props[name] = e.value(takes)
		}
		s := jsonSchema{"type": "object", "properties": props, "additionalProperties": false}
		if ext {
			s["patternProperties"] = jsonSchema{extForm: e.value(takes)}
		}
		return s
	}
}

// byCheck is a value, or one for each check of a field.
func byCheck(takes string) func(*editor) jsonSchema {
	return func(e *editor) jsonSchema {
		props := jsonSchema{"choice": ref("choice")}
		for _, w := range CheckWords.Words {
			props[w.Name] = jsonSchema{"description": w.Doc, "allOf": []any{e.value(takes)}}
		}
		return jsonSchema{"anyOf": []any{e.value(takes), jsonSchema{"type": "object", "properties": props, "additionalProperties": false}}}
	}
}

// checked is a value for each of some checks of a field.
func checked(takes string) func(*editor) jsonSchema {
	return func(e *editor) jsonSchema { return byCheck(takes)(e)["anyOf"].([]any)[1].(jsonSchema) }
}

// fieldLine is a line of a field table. to: names a slot of the record at the
// top of a table, and a member of our own inside a list; a line of types: may
// be for either, and may leave its target to whoever takes it over.
func fieldLine(slots, whole bool) func(*editor) jsonSchema {
	return func(e *editor) jsonSchema {
		s := e.construct(FieldWords)
		if slots {
			props := s["properties"].(jsonSchema)
			props["to"] = jsonSchema{"description": props["to"].(jsonSchema)["description"], "allOf": []any{e.value("slot or ext.name")}}
		} else {
			s["properties"].(jsonSchema)["to"] = e.value("text")
			s["properties"].(jsonSchema)["currency"] = e.value("text")
		}
		if whole {
			group := required("as")
			group["properties"] = jsonSchema{"as": jsonSchema{"anyOf": []any{jsonSchema{"const": "group"}, jsonSchema{"type": "object"}}}}
			s["anyOf"] = []any{required("to"), required("const"), required("text"), required("value"), required("is"), group}
		}
		return s
	}
}

// slotNames lists the slots of every kind.
func slotNames() []string {
	seen := map[string]bool{}
	for _, s := range record.Schemas() {
		for _, name := range s.Names() {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// stateNames lists the states of every kind.
func stateNames() []string {
	seen := map[string]bool{}
	for _, s := range record.Schemas() {
		for _, name := range s.Slots[record.SlotStatus].Values {
			seen[name] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

const (
	durationForm  = `^\+?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h))+)$`
	numberForm    = `^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$`
	extForm       = `^ext\..+$`
	durationsForm = `^([\dnuµμmsh.]+\.\.[\dnuµμmsh.]*|\.\.[\dnuµμmsh.]+)$`
	rangeForm     = `^(\d+|\d+\.\.\d*|\.\.\d+)$`
)

// shapes says what the words of Takes mean that are neither a construct, nor a
// text, nor a closed list of words.
var shapes = map[string]func(*editor) jsonSchema{
	"name":                  func(*editor) jsonSchema { return jsonSchema{"type": scalars, "pattern": `^[a-z0-9-]{1,40}$`} },
	"true or false":         func(*editor) jsonSchema { return jsonSchema{"enum": []any{true, false, "true", "false"}} },
	"whole number":          number(jsonSchema{"type": "integer"}, `^[+-]?\d+$`),
	"number":                number(jsonSchema{"type": "number"}, numberForm),
	"status":                number(jsonSchema{"type": "integer", "minimum": 200, "maximum": 299}, `^\+?2\d\d$`),
	"error status":          number(jsonSchema{"type": "integer", "minimum": 300, "maximum": 599}, `^\+?[345]\d\d$`),
	"duration":              number(jsonSchema{"const": 0}, durationForm),
	"range":                 number(jsonSchema{"type": "integer", "minimum": 0}, rangeForm),
	"range or any":          number(jsonSchema{"type": "integer", "minimum": 0}, `^(any|`+rangeForm[2:]),
	"range of durations":    like(durationsForm),
	"percentage":            like(`^(any|[1-9]\d{0,3}%)$`),
	"value":                 whatever,
	"value or list":         whatever,
	"document":              whatever,
	"document or none":      whatever,
	"wire word":             whatever,
	"list of wire words":    whatever,
	"null, omit or a value": whatever,
	"kind of record":        oneOfWords(record.Kinds()),
	"name of an alphabet":   oneOfWords(ids.AlphabetNames()),
	"codec":                 oneOfWords(CodecNames()),
	"operation name":        like(`\.`),
	"share":                 like(`^\d{1,3}%$`),
	"change":                oneOfWords(Changes.Words),
	"verdict":               oneOfWords(Verdicts.Words),
	"verb":                  oneOfWords(VerbNames.Words),
	"scheme":                oneOfWords(Schemes.Words),
	"stage":                 oneOfWords(StageNames.Words),
	"slot":                  func(*editor) jsonSchema { return jsonSchema{"enum": enumerated(slotNames())} },
	"state":                 func(*editor) jsonSchema { return jsonSchema{"enum": enumerated(stateNames())} },
	"method":                oneOfWords(HTTPMethods.Words),
	"slot or ext.name": func(*editor) jsonSchema {
		return jsonSchema{"anyOf": []any{jsonSchema{"enum": enumerated(slotNames())}, jsonSchema{"type": "string", "pattern": extForm}}}
	},
	"name of a list":    func(*editor) jsonSchema { return jsonSchema{"type": scalars} },
	"true or a member":  func(*editor) jsonSchema { return jsonSchema{"type": scalars} },
	"member and values": func(*editor) jsonSchema { return jsonSchema{"type": "object", "minProperties": 1, "maxProperties": 1} },
	"path of a page":    like(`^(/[^{}?# /]+)+/\{[a-z_.]+\}(/[^{}?# /]+)*$`),
	"result":            oneOfWords(Results.Words),
	"METHOD /path":      like(`^(` + strings.Join(BoundMethods.Words, "|") + `) /[^ ?#]*$`),
}

// Forms of the keys of a hosted page.
var (
	textsForm  = `^(` + strings.Join(append(record.Links.Slots[record.SlotStatus].Values, Results.Words...), "|") + `)$`
	inputsForm = `^(` + strings.Join(Inputs.Words, "|") + `)$`
)

// The shapes that hold others come later, because the language is recursive.
func init() {
	maps.Copy(shapes, map[string]func(*editor) jsonSchema{
		"list of METHOD /path":                    listOf("METHOD /path"),
		"list of changes":                         oneOrList("change"),
		"list of durations":                       oneOrList("duration"),
		"list of stages":                          listOf("stage"),
		"list of key forms":                       listOf("key form"),
		"list of rules":                           listOf("rule"),
		"list of claims":                          listOf("claim"),
		"list of places":                          listOf("slot or ext.name"),
		"list of fields of resources":             oneOrList("text"),
		"list of effects":                         listOf("effect"),
		"list of methods":                         oneOrList("method"),
		"list of states":                          oneOrList("state"),
		"list of operations":                      oneOrList("text"),
		"list of fields":                          oneOrList("field"),
		"list of host names":                      oneOrList("text"),
		"list of paths":                           oneOrList("path of a page"),
		"list of results":                         oneOrList("result"),
		"list of records of a result":             listOf("record of a result"),
		"list of hosts":                           oneOrList("text"),
		"list of header names":                    oneOrList("text"),
		"list of variables":                       oneOrList("text"),
		"list":                                    oneOrList("text"),
		"member.slot or a list":                   oneOrList("text"),
		"scheme or a list":                        oneOrList("scheme"),
		"checks and errors":                       checked("error"),
		"checks and texts":                        checked("text"),
		"json, form, multipart or a list of them": oneOrList("json, form or multipart"),

		"names and texts":          named("text", `^[A-Za-z0-9_-]+$`),
		"names and values":         named("value", ""),
		"names and lists":          named("list", ""),
		"names and events":         named("event", ""),
		"names and delivery texts": named("delivery text", `^[A-Za-z0-9_-]+$`),
		"statuses and verdicts":    named("verdict", `^([1-5]\d\d|[1-5]xx|none)$`),
		"names and rules":          named("rule of a parameter", ""),
		"names and limits":         named("limit", ""),
		"names and classes":        named("class", ""),
		"names and resources":      named("resource lines", ""),
		"names and operations":     named("operation", `\.`),
		"names and field words":    named("type line", ""),
		"names and labels":         named("text", `^[a-z][a-z0-9_]*$`),
		"cards and outcomes":       named("text", `^[A-Za-z0-9_]{4,64}$`),
		"paths and texts":          named("text", `^(/[^{}?# /]+)+$`),
		"parameters and texts":     named("text", ""),
		"placeholders and texts":   named("text", ""),
		"states and texts":         named("value", textsForm),
		"results and redirects":    named("redirect", textsForm),
		"parameters and slots":     named("slot", ""),
		"inputs":                   named("input", inputsForm),
		"plans and numbers":        named("whole number", ""),
		"parameters and filters": func(e *editor) jsonSchema {
			s := named("field", "")(e)
			s["additionalProperties"] = jsonSchema{"anyOf": []any{e.value("field"), e.value("filter words")}}
			return s
		},
		"fields, or names and fields": func(e *editor) jsonSchema {
			return jsonSchema{"anyOf": []any{e.value("list of fields"), named("field", "")(e)}}
		},
		"wire: canonical":          named("list", ""),
		"wire and canonical words": named("text", ""),
		"slots and values":         slotted("value or a new id", true),
		"slots and percents":       slotted("percentage", false),
		"field lines":              named("field line", ""),
		"member lines":             named("member line", ""),
		"value or a new id":        newID,

		"field line":  fieldLine(true, true),
		"member line": fieldLine(false, true),
		"type line":   fieldLine(false, false),
		"field words": fieldLine(false, false),

		"text, or checks and texts":   byCheck("text"),
		"error, or checks and errors": byCheck("error"),
	})
}

// newID is any value; one with new: holds an id shape, and one with in: how long
// from now.
func newID(e *editor) jsonSchema {
	return jsonSchema{"anyOf": []any{
		jsonSchema{"not": jsonSchema{"type": "object", "anyOf": []any{required("new"), required("in")}}},
		jsonSchema{"type": "object", "properties": jsonSchema{"in": e.value("duration")}, "required": []string{"in"}},
		jsonSchema{"type": "object", "properties": jsonSchema{"new": e.value("id shape")}, "required": []string{"new"}},
	}}
}
