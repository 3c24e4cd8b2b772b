package dialect

import "strings"

// enum is a closed list of words: what a word of the language takes when it
// takes one of some. The tables, the compiler and the editors' schema have it
// from here.
type enum struct {
	What  string   // what it is, as messages say it
	Words []string // the first stands in for one that is none of them
}

// one is the list as a table of words has it, as in "in, out or none".
func (e enum) one() string {
	last := len(e.Words) - 1
	if last == 0 {
		return e.Words[0]
	}
	return strings.Join(e.Words[:last], ", ") + " or " + e.Words[last]
}

// list is several of it, as in "list of auth, limit".
func (e enum) list() string { return "list of " + strings.Join(e.Words, ", ") }

func words(what string, list ...string) enum { return enum{what, list} }

// The enumerations of a dialect file's head.
var (
	bodyTypes         = words("body", "json", "form")
	emptyBodies       = words("way with empty bodies", "take", "refuse")
	reports           = words("way to report", "first", "all")
	unknownFields     = words("way with unknown fields", "ignore", "refuse")
	unknownParameters = words("way with unknown parameters", "ignore", "refuse")
	frozenFields      = words("way with frozen fields", "ignore", "same", "refuse")
	pathForms         = words("style of paths", "dotted", "brackets", "indexed", "pointer")
	unmatchedStages   = words("check", string(StageAuth), string(StageLimit))
	schemes           = words("scheme", "bearer", "basic", "headers", "none")
	limitKinds        = words("kind of limit", "window", "wall_window", "bucket")
	limitOwners       = words("owner", "account", "mode", "credential", "address")
	limitOccasions    = words("occasion", "unauthorized")
	keyScopes         = words("scope of keys", "account", "mode")
	sameParts         = words("part of a request", "method", "path", "body")
	keptAnswers       = words("class of answers", "2xx", "4xx", "5xx")
	uuidVersions      = words("version of UUID", "4")
)

// Those of resources, fields and operations.
var (
	modes          = words("mode", "both")
	occasions      = words("occasion", "create", "update")
	neededOn       = words("occasion", "create", "always")
	directions     = words("direction", "in", "out", "none")
	emptyValues    = words("way with empty values", "omit")
	mergings       = words("way to merge", "keys", "replace")
	urlFragments   = words("way with fragments", "refuse")
	urlUsers       = words("way with users", "refuse")
	otherWords     = words("way with other words", "lower")
	currencyCases  = words("case", "lower", "upper")
	decimalNumbers = words("number of decimals", "all", "needed")
	jsonTypes      = words("type", "object", "array")
	touches        = words("occasion", "always")
	pageStyles     = words("style of paging", "cursor", "offset", "number")
	listOrders     = words("order", "newest", "oldest")
	moreSides      = words("side", "behind", "onward")
	verbNames      = words("verb", string(Create), string(Get), string(List), string(Update), string(Delete), string(Answer), string(Refuse))
	httpMethods    = words("method", "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
	boundMethods   = words("method", "GET", "POST", "PUT", "PATCH", "DELETE")
	stageNames     = words("stage", namesOf(stages)...)
)

// namesOf lists the stages as texts.
func namesOf(list []Stage) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = string(s)
	}
	return out
}
