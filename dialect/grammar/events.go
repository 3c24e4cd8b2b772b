package grammar

import (
	"github.com/polylink-dev/polylink/signing"
)

// AuditWords are the words of audit:.
var AuditWords = &Table{"audit", []Word{
	{"resource", "resource", "whose changes are noted"},
	{"significant", "slots and percents", "slots whose change counts as significant: any, or by more than a percentage as in 5%"},
}}

// EventWords are the words of an event.
var EventWords = &Table{"an event", []Word{
	{"on", "list of changes", "the changes that it tells of, such as link.created"},
	{"when", "condition", "only if this holds"},
	{"record", Subjects.One(), "the record that it is about: the one that changed unless given, or the one above it"},
	{"body", "document", "what receivers are sent; that of webhooks: unless given"},
}}

// WebhookWords are the words of webhooks:.
var WebhookWords = &Table{"webhooks", []Word{
	{"body", "document", "what receivers are sent of every event"},
	{"id", "id shape", "shape of the events' ids"},
	{"delivery_id", "id shape", "shape of the deliveries' ids"},
	{"content_type", "media type", "Content-Type of the request; application/json unless given"},
	{"user_agent", "text", "User-Agent of the request"},
	{"headers", "names and delivery texts", "further headers; their {names} are " + braced(signing.HeaderNames, "signatures")},
	{"signature", "the words of signature", "how the request is signed; it is not unless given"},
	{"schedule", "list of durations", "what passes before each attempt, the first one included; one attempt unless given"},
	{"jitter", "share", "how much longer or shorter a delay may be"},
	{"timeout", "duration", "of an attempt; 10s unless given"},
	{"answers", "statuses and verdicts", "what a status means; 2xx has arrived and anything else is tried again unless given"},
	{"retry_after", "true or false", "a Retry-After header puts the next attempt off"},
}}

// SignatureWords are the words of signature:, in webhooks:.
var SignatureWords = &Table{"signature", []Word{
	{"algorithm", Algorithms.One(), "how it is made"},
	{"secret", SecretForms.One(), "how the text of a secret becomes a key; raw unless given"},
	{"text", "delivery text", "what is signed; its {names} are " + braced(signing.SignedNames) + ", and {body.PATH} for a member of the body"},
	{"encoding", Encodings.One(), "how the signature is written; hex unless given"},
	{"each", "delivery text", "how one secret's signature is written; its {names} are " + braced(signing.EachNames)},
	{"join", "text", "what stands between the signatures of several secrets; without it the first secret alone signs"},
	{"headers", "names and delivery texts", "where {signatures} and what belongs to them go"},
	{"member", "member", "the member at the top of the body that holds the signature"},
}}
