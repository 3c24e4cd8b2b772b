package grammar

import (
	"strings"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/signing"
)

// Enum is a closed list of words: what a word of the language takes when it
// takes one of some. The tables, the compiler and the editors' schema have it
// from here.
type Enum struct {
	What  string   // what it is, as messages say it
	Words []string // the first stands in for one that is none of them
}

// One is the list as a table of words has it, as in "in, out or none".
func (e Enum) One() string {
	last := len(e.Words) - 1
	if last == 0 {
		return e.Words[0]
	}
	return strings.Join(e.Words[:last], ", ") + " or " + e.Words[last]
}

// List is several of it, as in "list of auth, limit".
func (e Enum) List() string { return "list of " + strings.Join(e.Words, ", ") }

func enumOf(what string, list ...string) Enum { return Enum{what, list} }

// The enumerations of a dialect file's head.
var (
	BodyTypes         = enumOf("body", "json", "form", "multipart")
	EmptyBodies       = enumOf("way with empty bodies", "take", "refuse")
	Reports           = enumOf("way to report", "first", "all")
	UnknownFields     = enumOf("way with unknown fields", "ignore", "refuse")
	UnknownParameters = enumOf("way with unknown parameters", "ignore", "refuse")
	FrozenFields      = enumOf("way with frozen fields", "ignore", "same", "refuse")
	PathForms         = enumOf("style of paths", "dotted", "brackets", "indexed", "pointer", "parts")
	UnmatchedStages   = enumOf("check", string(StageAuth), string(StageLimit))
	Schemes           = enumOf("scheme", "bearer", "basic", "headers", "none")
	LimitKinds        = enumOf("kind of limit", "window", "wall_window", "bucket")
	LimitOwners       = enumOf("owner", "account", "mode", "credential", "address")
	LimitOccasions    = enumOf("occasion", "unauthorized")
	KeyNeeds          = enumOf("need", "optional")
	KeyScopes         = enumOf("scope of keys", "account", "mode")
	SameParts         = enumOf("part of a request", "method", "path", "body")
	KeptAnswers       = enumOf("class of answers", "2xx", "4xx", "5xx")
	UUIDVersions      = enumOf("version of UUID", "4")
)

// Those of resources, fields and operations.
var (
	Modes          = enumOf("mode", "both")
	Occasions      = enumOf("occasion", "create", "update")
	NeededOn       = enumOf("occasion", "create", "always")
	Directions     = enumOf("direction", "in", "out", "none")
	EmptyValues    = enumOf("way with empty values", "omit")
	Mergings       = enumOf("way to merge", "keys", "replace")
	URLFragments   = enumOf("way with fragments", "refuse")
	URLUsers       = enumOf("way with users", "refuse")
	OtherWords     = enumOf("way with other words", "lower")
	CurrencyCases  = enumOf("case", "lower", "upper")
	DecimalNumbers = enumOf("number of decimals", "all", "needed", "exact")
	JSONTypes      = enumOf("type", "object", "array")
	Touches        = enumOf("occasion", "always")
	PageStyles     = enumOf("style of paging", "cursor", "offset", "number")
	ListOrders     = enumOf("order", "newest", "oldest")
	Zones          = enumOf("zone", "z", "offset")
	FilterTests    = enumOf("test", "equal", "same", "part", "start", "has", "key", "range", "gt", "gte", "lt", "lte")
	SeveralValues  = enumOf("way to send several values", "repeat", "commas")
	Blanks         = enumOf("way with empty values", "ignore")
	SortStyles     = enumOf("style of orders", "signed", "colon")
	BeyondMax      = enumOf("way with large sizes", "refuse", "lower")
	MoreSides      = enumOf("side", "behind", "onward")
	VerbNames      = enumOf("verb", string(Create), string(Get), string(List), string(Update), string(Delete), string(Answer), string(Refuse))
	HTTPMethods    = enumOf("method", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
	BoundMethods   = enumOf("method", "GET", "POST", "PUT", "PATCH", "DELETE")
	StageNames     = enumOf("stage", namesOf(Stages)...)
)

// Those of events and webhooks.
var (
	Subjects    = enumOf("record", "it", "parent")
	Algorithms  = enumOf("algorithm", signing.Algorithms...)
	SecretForms = enumOf("form of secrets", signing.SecretForms...)
	Encodings   = enumOf("encoding", signing.Encodings...)
	Verdicts    = enumOf("verdict", string(signing.Arrived), string(signing.Again), string(signing.Stop), string(signing.Disable))
	Changes     = enumOf("change", changes()...)
)

// Past is how each kind of change is told of.
var Past = []string{"created", "updated", "deleted", "completed", "failed", "cancelled", "expired", "revoked"}

// changes lists what can happen to each kind of record, such as link.created.
func changes() []string {
	var out []string
	for _, kind := range record.Kinds() {
		for _, past := range Past {
			out = append(out, kind+"."+past)
		}
	}
	return out
}

// namesOf lists the stages as texts.
func namesOf(list []Stage) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
