package grammar

// Stage is one step of the checks a request passes.
type Stage string

// The stages, in the order used when a dialect gives none.
const (
	StageAuth        Stage = "auth"        // who is it
	StageLimit       Stage = "limit"       // not too often
	StageScope       Stage = "scope"       // may the credential do this
	StageGate        Stage = "gate"        // is the account entitled to it
	StageHeaders     Stage = "headers"     // request headers
	StageIdempotency Stage = "idempotency" // seen before
	StageBody        Stage = "body"        // size, media type, syntax
	StageFields      Stage = "fields"      // each field by itself
	StageQuery       Stage = "query"       // query parameters
	StageParent      Stage = "parent"      // the record above, or the one it is about
	StageExists      Stage = "exists"      // the record itself
	StageOwner       Stage = "owner"       // is it the account's
	StageState       Stage = "state"       // does its state allow this
	StageReferences  Stage = "references"  // records named by fields
	StageRules       Stage = "rules"       // fields together
	StageUnique      Stage = "unique"      // not taken already
)

// Stages lists them in that order.
var Stages = []Stage{StageAuth, StageLimit, StageScope, StageGate, StageHeaders, StageIdempotency, StageBody, StageFields, StageQuery, StageParent, StageExists, StageOwner, StageState, StageReferences, StageRules, StageUnique}

// Verb is what an operation does.
type Verb string

// The verbs.
const (
	Create Verb = "create"
	Get    Verb = "get"
	List   Verb = "list"
	Update Verb = "update"
	Delete Verb = "delete"
	Answer Verb = "answer" // a document made of what is known
	Refuse Verb = "refuse" // always an error
)
