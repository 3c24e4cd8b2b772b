package grammar

// synonyms are words of other languages, and what they are called here: those of
// OpenAPI, JSON Schema and the like, which an author is likely to write first.
var synonyms = map[*Table]map[string]string{
	FieldWords: {
		"required": "need: create", "optional": "nothing; a field is optional unless need: says otherwise", "nullable": "clear: null", "readonly": "dir: out", "readOnly": "dir: out",
		"writeonly": "dir: in", "writeOnly": "dir: in", "max_length": "len: ..500", "maxLength": "len: ..500", "min_length": "len: 1..", "minLength": "len: 1..", "length": "len: 1..500",
		"maximum": "max: 100", "minimum": "min: 1", "exclusiveMinimum": "above: 0", "pattern": "match: \"[a-z]+\"", "regex": "match: \"[a-z]+\"", "enum": "one_of: [a, b], or as: enum with map:",
		"values_of": "one_of: [a, b]", "properties": "as: object, each: { … }, or one line for each with a dot", "fields": "as: object, each: { … }", "max_items": "items: ..10", "maxItems": "items: ..10",
		"min_items": "items: 1..", "minItems": "items: 1..", "unique_items": "distinct: true", "uniqueItems": "distinct: true", "format": "as: with a codec such as url, email or time.rfc3339",
		"description": "doc: with a line of text", "example": "nothing; examples come from the fixtures", "from": "to: with a slot", "slot": "to: with a slot", "source": "value: $it.title",
		"immutable": "set: create", "create_only": "set: create", "references": "exists: with a resource", "ref": "exists: with a resource", "foreign_key": "exists: with a resource", "codec": "as: with a codec",
		"hidden": "dir: none, or dir: in", "message": "say: with a text", "fallback": "default: with a value",
	},
	OperationWords: {
		"method": "at: POST /links", "path": "at: POST /links", "url": "at: POST /links", "status": "ok: 201", "code": "ok: 201", "response": "answer: { data: $item }", "body": "answer: { data: $item }, or unwrap: for what is sent",
		"auth": "public: true where no credential is asked for", "params": "query: { name: { one_of: [a, b] } }", "parameters": "query: { name: { one_of: [a, b] } }", "paging": "page: { style: cursor, size: 20 }",
		"pagination": "page: { style: cursor, size: 20 }", "filter": "filters: { state: state }", "order": "sort: { by: sort, fields: [created] }", "order_by": "sort: { by: sort, fields: [created] }", "state": "from: with states", "states": "from: with states",
	},
	PageWords:     {"limit": "by: limit, and size: 20", "type": "style: cursor", "cursor": "after: with the parameter", "default": "size: 20", "maximum": "max: 100", "page": "number: with the parameter", "offset": "skip: with the parameter"},
	ResourceWords: {"table": "kind: with a kind of record", "type": "kind: with a kind of record", "name": "noun: with a text", "defaults": "start: { status: active }", "prefix": "id: { prefix: pl_, alphabet: base36, length: 12 }", "validations": "rules: [{ check: …, field: … }]"},
	ClassWords:    {},
	RuleWords:     {"if": "when: with a condition", "assert": "check: with a condition", "required": "need: with a field", "message": "say: with a text", "code": "error: with an error"},
	AuthWords:     {"type": "scheme: bearer", "header": "scheme: headers, headers: [X-Api-Key]", "name": "headers: [X-Api-Key]"},
	LimitWords:    {"requests": "count: 100", "max": "count: 100", "window": "every: 1m", "per_minute": "count: 60, every: 1m", "period": "every: 1m", "key": "per: account"},
}

// codecSynonyms are names of types that people write for codecs.
var codecSynonyms = map[string]string{
	"integer": "int", "boolean": "bool", "text": "string", "str": "string", "float": "number", "decimal": "number", "double": "number", "array": "list", "dict": "map", "hash": "map", "any": "json", "uri": "url",
	"timestamp": "time.unix", "unix": "time.unix", "datetime": "time.rfc3339", "date-time": "time.rfc3339", "date": "time.rfc3339", "time": "time.rfc3339", "iso8601": "time.rfc3339", "duration": "time.in",
	"money": "money.minor", "cents": "money.minor", "amount": "money.minor", "struct": "object",
}

// Synonym is what to write in place of a word of another language, "" where none
// is known.
func (t *Table) Synonym(word string) string { return synonyms[t][word] }

// CodecFor is the codec that people mean by a name of another language, "" where
// none is known.
func CodecFor(name string) string { return codecSynonyms[name] }
