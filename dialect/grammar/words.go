package grammar

import (
	"slices"
	"strings"
)

// The words of the language, construct by construct. The compiler accepts
// these and no others; the reference and the editors' schema are made of them.

// DialectWords are the words of a file.
var DialectWords = &Table{"a dialect file", []Word{
	{"dialect", "name", "name of the dialect: the file's name without .yaml"},
	{"title", "text", "what it is, for people"},
	{"hosts", "list of host names", "the provider's real hosts"},
	{"body", "json, form, multipart or a list of them", "media types of request bodies"},
	{"empty_body", EmptyBodies.One(), "whether a request that writes may come without a body; it may unless given"},
	{"report", Reports.One(), "whether violations are reported one at a time or together"},
	{"absent", "null, omit or a value", "what an empty field shows, unless its line says otherwise"},
	{"unknown", UnknownFields.One(), "what happens to body fields that the table does not have"},
	{"unknown_query", UnknownParameters.One(), "what happens to query parameters that the operation does not have"},
	{"frozen", FrozenFields.One(), "what happens to body fields that cannot be written; same takes the value that is there"},
	{"paths", PathForms.One(), "how the place of a violation is written"},
	{"auth", "the words of auth", "who may call"},
	{"checks", "list of stages", "the order of checks"},
	{"unmatched", UnmatchedStages.List(), "checks that a request passes before it hears that there is no such path or method; none unless given"},
	{"request_id", "id shape", "shape of generated request ids"},
	{"headers", "names and texts", "headers of every response"},
	{"request_headers", "names and rules", "rules on request headers"},
	{"limits", "names and limits", "rate limits"},
	{"limit_headers", "names and texts", "headers of every response that show the limit"},
	{"limit_refused", "names and texts", "headers of a response that the limit refused"},
	{"idempotency", "the words of idempotency", "keys with which requests are sent again"},
	{"answer", "document", "envelope of successes"},
	{"expand", "the words of expand", "how a client asks for records in full"},
	{"errors", "the words of errors", "the error catalogue"},
	{"lists", "names and lists", "lists of texts, to be used by name with among:"},
	{"types", "names and field words", "field lines to be used by name with is:"},
	{"resources", "names and resources", "objects and their fields"},
	{"operations", "names and operations", "methods and paths"},
	{"not_served", "list of METHOD /path", "what the provider has and the operations have not; said so, even where a variable of an operation would take the path"},
	{"audit", "the words of audit", "which changes leave an audit entry"},
	{"events", "names and events", "what the provider tells of, by its own names"},
	{"webhooks", "the words of webhooks", "how events are delivered"},
	{"hosted", "the words of a hosted page", "the page that a link's url opens"},
}}

// AuthWords are the words of auth:.
var AuthWords = &Table{"auth", []Word{
	{"scheme", "scheme or a list", "where the credential is sent; of several any is taken"},
	{"headers", "list of header names", "of scheme headers: the key first"},
	{"strict", "true or false", "only listed credentials are taken"},
	{"keys", "list of key forms", "what the shape of a credential says; the first that fits counts"},
	{"tenant", "the words of tenant", "how a request names the connected account that it acts for"},
}}

// TenantWords are the words of tenant:, in auth:.
var TenantWords = &Table{"tenant", []Word{
	{"header", "header name", "the request header that has the account's id"},
	{"error", "error", "what a request gets for an account that is not connected; forbidden unless given"},
}}

// KeyWords are the words of a key form, in auth:.
var KeyWords = &Table{"a key form", []Word{
	{"like", "pattern with *", "shape of the credential"},
	{"live", "true or false", "the mode it acts in"},
	{"guard", "true or false", "unlisted ones are refused, because they may be real"},
	{"refuse", "error", "every request with it gets this error"},
}}

// LimitWords are the words of a limit.
var LimitWords = &Table{"a limit", []Word{
	{"kind", LimitKinds.One(), "fixed from the first hit, fixed on the clock, or refilling steadily"},
	{"count", "whole number", "requests"},
	{"every", "duration", "per this long"},
	{"per", LimitOwners.One(), "whose requests are counted together"},
	{"methods", "list of methods", "only these"},
	{"plans", "plans and numbers", "other counts for accounts of a plan"},
	{"on", LimitOccasions.One(), "counts the requests whose credential was refused"},
	{"only", "list of operations", "only these; they count here instead of elsewhere"},
}}

// HeaderRuleWords are the words of a rule on a request header or a query parameter.
var HeaderRuleWords = &Table{"a request header", []Word{
	{"one_of", "list", "values that are taken"},
	{"match", "regular expression", "the whole value must match"},
	{"default", "text", "value when it is not sent"},
	{"equals", "document", "what it must equal when it is sent"},
	{"missing", "error", "what a request without it gets; it may be left out unless given"},
	{"error", "error", "what a bad one gets; invalid_header unless given"},
}}

// IdempotencyWords are the words of idempotency:.
var IdempotencyWords = &Table{"idempotency", []Word{
	{"header", "header name", "where the key is sent"},
	{"field", "member", "where it is sent in the body, in place of the header or besides it"},
	{"methods", "list of methods", "methods on which it counts; it is ignored on others"},
	{"required", "true or false", "a request without one is refused"},
	{"longest", "whole number", "most characters of a key"},
	{"keep", "duration", "how long an answer is kept"},
	{"wait", "duration", "how long a second request waits for the first one to end"},
	{"scope", KeyScopes.List(), "what tells equal keys apart"},
	{"same", SameParts.List(), "what makes two requests the same"},
	{"keeps", KeptAnswers.List(), "answers that are stored"},
	{"first", "names and texts", "headers of the first answer"},
	{"replay", "names and texts", "headers of an answer that is given again"},
	{"busy", "names and texts", "headers of the refusal while the first request is running"},
}}

// ErrorsWords are the words of errors:.
var ErrorsWords = &Table{"errors", []Word{
	{"body", "document or none", "the error envelope"},
	{"item", "document", "one violation, in the list $errors of all"},
	{"classes", "names and classes", "the catalogue; every code without an entry falls back to a wider one"},
	{"defaults", "names and values", "words for classes that do not give them"},
	{"type", "media type", "Content-Type of errors"},
	{"words", "checks and texts", "what $why says by the check, in the provider's words; {bound} is the limit"},
	{"checks", "checks and errors", "classes of violations by their check, where the field has none of its own"},
}}

// ClassWords is the words that a class gives a meaning. Every other word of a
// class is a variable of the envelope.
var ClassWords = &Table{"a class", []Word{
	{"status", "error status", "HTTP status, 300 to 599"},
	{"message", "text with {holes}", "$message, unless the field has words of its own"},
	{"detail", "text with {holes}", "value of each field in $details"},
	{"body", "document or none", "an envelope of its own"},
	{"hide", "list of variables", "variables that are absent in this class"},
	{"headers", "names and texts", "headers of the refusal"},
}}

// ResourceWords are the words of a resource.
var ResourceWords = &Table{"a resource", []Word{
	{"noun", "text", "what people call it"},
	{"kind", "kind of record", "table it lives in; the resource's name unless given"},
	{"id", "id shape", "shape of generated ids"},
	{"parent", "resource", "what it belongs to"},
	{"about", "the words of about", "the record that a create is about, and the field that names it"},
	{"modes", Modes.One(), "visible in live and test mode alike"},
	{"expires", "the words of expires", "the transition that time makes by itself"},
	{"complete", "slots and values", "what changes when a person completes it"},
	{"complete_parent", "slots and values", "what changes in its parent then"},
	{"start", "slots and values", "what a new record holds where the request says nothing"},
	{"fields", "field lines", "the fields, in wire order"},
	{"rules", "list of rules", "what must hold between fields"},
	{"unique", "list of claims", "what only one record may hold"},
}}

// AboutWords are the words of about:, in a resource.
var AboutWords = &Table{"about", []Word{
	{"field", "field", "the field that names the record"},
	{"is", "resource", "what it names"},
}}

// ExpiryWords are the words of expires:, in a resource.
var ExpiryWords = &Table{"expires", []Word{
	{"at", "slot", "the time at which it happens"},
	{"from", "list of states", "canonical states it happens in"},
	{"to", "state", "canonical state afterwards"},
}}

// IDWords are the words of an id shape.
var IDWords = &Table{"an id shape", []Word{
	{"prefix", "text", "what it starts with"},
	{"alphabet", "name of an alphabet", "characters of the rest"},
	{"length", "whole number", "length of the rest"},
	{"uuid", UUIDVersions.One(), "a UUID instead of the two"},
	{"ulid", "true or false", "a ULID: it begins with the time and sorts by it; alphabet CROCKFORD unless given"},
}}

// FieldWords are the words of a field line.
var FieldWords = &Table{"a field line", []Word{
	{"to", "slot or ext.name", "where the value lives"},
	{"const", "value", "always this, on the way out"},
	{"text", "text with {holes}", "made of other values, on the way out"},
	{"value", "document", "a variable or $(expression), on the way out"},
	{"list", "operation name", "shown as the first page of that list, where the client expands it"},
	{"expand", "resource", "the record that the id names, where the client expands it; as_is changes nothing, and hidden shows the field there alone"},
	{"embed", "resource", "the record that the id names, always"},
	{"make", "the words of make", "an object that a record of its own is made of; the id of that is the value"},
	{"as", "codec", "how it is converted; string unless given"},
	{"is", "type", "take over a line of types:"},
	{"out", "field words", "words that are others on the way out"},
	{"dir", Directions.One(), "one direction only; none keeps a member of a list's objects to ourselves"},
	{"unless", "member", "not needed when this field, or member of a list's objects, is sent"},
	{"without", "member", "must not be sent together with this field, or member of a list's objects"},
	{"set", Occasions.One(), "written by this only"},
	{"need", NeededOn.One(), "must be sent by a create, or whenever its object is sent"},
	{"clear", "value or list", "values that empty the field"},
	{"absent", "null, omit or a value", "what an empty field shows"},
	{"empty", EmptyValues.One(), "an empty list or map counts as absent"},
	{"when", "condition", "shown only where this holds"},
	{"whole", "true or false", "a group is shown where a member has a value, and then all members are"},
	{"default", "value", "what a create sets when it is not sent"},
	{"assume", "value", "what a client of another dialect says by this, who has no word for it: a proxied create sends it, and tells so; of a list of objects, $(expression) gives what is sent"},
	{"frozen", FrozenFields.One(), "what happens when it is sent and cannot be written"},
	{"len", "range", "characters of a text"},
	{"min", "number", "smallest number"},
	{"max", "number", "largest number"},
	{"above", "number", "the number must be larger"},
	{"items", "range", "length of a list or map"},
	{"keys", "range", "characters of a map's keys"},
	{"values", "range or any", "characters of a map's values"},
	{"bytes", "range", "size of a map or any value, without blanks"},
	{"match", "regular expression", "the whole text must match"},
	{"one_of", "list", "texts that are taken"},
	{"among", "name of a list", "the name of a list of texts that are taken: countries, currencies, or one of lists:"},
	{"squeeze", "true or false", "blanks collapse and line ends vanish"},
	{"schemes", "list", "of URLs"},
	{"insecure", "list of hosts", "hosts that http is taken for although schemes says no"},
	{"fragment", URLFragments.One(), "URLs with # are refused"},
	{"userinfo", URLUsers.One(), "URLs with a user are refused"},
	{"map", "wire: canonical", "table of an enum; a list on the right is many to one"},
	{"also", "wire and canonical words", "words that are taken besides those of map:, and never shown"},
	{"else", "wire word", "shown for canonical words that the table lacks"},
	{"others", OtherWords.One(), "canonical words that the table lacks are shown in lower case"},
	{"refuse", "list of wire words", "shown and not taken"},
	{"case", CurrencyCases.One(), "of currencies"},
	{"currency", "slot or ext.name", "of money: where the currency is; currency unless given. In a list's objects, the member that has it"},
	{"decimals", DecimalNumbers.One(), "of money in major units: 10.00 or 10; exact also takes no other number of decimals than the currency has"},
	{"digits", "whole number", "of the fraction of a second"},
	{"zone", Zones.One(), "of a time: UTC is written Z, or +00:00"},
	{"within", "range of durations", "of a time: how far ahead of now"},
	{"unit", "duration", "of a duration from now"},
	{"type", JSONTypes.One(), "of any JSON"},
	{"merge", Mergings.One(), "how a map or an object is written"},
	{"remove", "value or list", "values that remove a map's key"},
	{"of", "field words", "the scalars of a list, or the values of a map"},
	{"each", "member lines", "the members of an object, or of a list's objects"},
	{"distinct", "true or a member", "of a list: no two scalars, or no two objects by this member, are equal"},
	{"if", "member and values", "in a list's objects: need: holds only where another member is sent as one of these"},
	{"by", "member", "of a list: an update changes the objects that are there, told apart by this member"},
	{"exists", "resource", "the value must name one"},
	{"state", "list of states", "canonical states in which the record that exists: names must be"},
	{"say", "text, or checks and texts", "the provider's own words for a violation"},
	{"error", "error, or checks and errors", "the class of a violation"},
	{"only", "list of operations", "shown in the answers of these operations alone"},
	{"copy", "member.slot or a list", "in a list's objects: taken from the record that another member names, or from an object that was sent"},
	{"new", "id shape", "in a list's objects: generated when the list is written"},
	{"doc", "text", "a line for the documentation"},
}}

// ExpandWords are the words of expand:.
var ExpandWords = &Table{"expand", []Word{
	{"by", "parameter", "lists the places, in the query or the body"},
	{"depth", "whole number", "most steps of a place"},
	{"error", "error", "of a place that cannot be expanded; invalid_parameter unless given"},
}}

// MakeWords are the words of make:, in a field line.
var MakeWords = &Table{"make", []Word{
	{"is", "resource", "what is made"},
	{"start", "slots and values", "what it holds besides"},
	{"writes", "list of fields", "the only fields that are read"},
	{"back", "field", "the field of what is made that names the record around it"},
}}

// RuleWords are the words of a rule, in a resource.
var RuleWords = &Table{"a rule", []Word{
	{"when", "condition", "only if this holds"},
	{"need", "field", "this field must have a value"},
	{"check", "condition", "this must hold"},
	{"field", "field", "the field to blame"},
	{"error", "error", "class of the violation; rule unless given"},
	{"why", "text", "in words that follow the field's name"},
	{"say", "text", "the provider's own words"},
	{"on", Occasions.One(), "only then"},
}}

// UniqueWords are the words of a claim, in unique:.
var UniqueWords = &Table{"unique", []Word{
	{"over", "list of places", "the combination: slots, and places of the dialect's own as ext.name"},
	{"move", "field", "a request that sends this field as true takes the claim over from the record that has it"},
	{"until", "slot", "time at which the claim ends"},
	{"error", "error", "class of the violation; not_unique unless given"},
	{"field", "field", "the field to blame"},
}}

// OperationWords are the words of an operation.
var OperationWords = &Table{"an operation", []Word{
	{"at", "METHOD /path", "where it is"},
	{"does", "verb", "what it does; the name's second half unless given"},
	{"ok", "status", "of a success"},
	{"scope", "text", "scope a credential needs"},
	{"public", "true or false", "no credential is asked for"},
	{"gated", "true or false", "needs the account's entitlement; true unless given"},
	{"from", "list of states", "canonical states in which it is allowed"},
	{"set", "slots and values", "what it writes by itself"},
	{"touch", Touches.One(), "the update stamp moves even when nothing changes"},
	{"unwrap", "path", "the object in the body that holds the fields"},
	{"answer", "document", "envelope of the success; the dialect's unless given"},
	{"headers", "names and texts", "headers of the success"},
	{"request_headers", "names and rules", "rules on request headers that may be about the record, such as its version"},
	{"within", "slot", "the list is a slot of the parent: its line items"},
	{"by", "parameter", "the record's id is this query parameter instead of a path variable"},
	{"query", "names and rules", "query parameters, checked like request headers"},
	{"page", "the words of page", "how a list is cut into pages"},
	{"filters", "parameters and filters", "query parameters that select"},
	{"sort", "the words of sort", "the order that a list can be asked for"},
	{"key", KeyNeeds.One(), "an idempotency key may be left out, although idempotency: has required:"},
	{"body", "json, form, multipart or a list of them", "media types of its bodies; those of the dialect unless given"},
	{"empty_body", EmptyBodies.One(), "for this operation; what the dialect says unless given"},
	{"writes", "list of fields", "the only fields that it reads; none of them with []"},
	{"restrict", "the words of restrict", "a record that others name is not deleted"},
	{"effects", "list of effects", "other records that it changes, in the same step"},
	{"error", "error", "of does: refuse; or of a record in another state than from: says"},
}}

// PageWords are the words of page:, in an operation.
var PageWords = &Table{"page", []Word{
	{"style", PageStyles.One(), "how the next page is asked for"},
	{"size", "whole number", "rows of a page unless asked otherwise"},
	{"min", "whole number", "smallest size that can be asked for"},
	{"max", "whole number", "largest"},
	{"by", "parameter", "asks for a size"},
	{"after", "parameter", "cursor: rows behind this id"},
	{"before", "parameter", "cursor: rows before this id"},
	{"skip", "parameter", "offset: rows to leave out"},
	{"number", "parameter", "number of the page, from 1"},
	{"order", ListOrders.One(), "oldest first; newest unless given"},
	{"inclusive", "true or false", "a cursor names the first row of the page, and not the last one of that before"},
	{"beyond", BeyondMax.One(), "what becomes of a size above max:"},
	{"opaque", "true or false", "cursors are opaque and bound to the filters they were made with"},
	{"count", "true or false", "$total is the number of all rows"},
	{"size_error", "error", "of a bad size"},
	{"cursor_error", "error", "of a bad cursor"},
	{"both_error", "error", "of a cursor in each direction; that of a bad one unless given"},
	{"more", MoreSides.One(), "with before, whether $more is about the rows behind the page or those in front"},
}}

// RestrictWords are the words of restrict:, in an operation that deletes.
var RestrictWords = &Table{"restrict", []Word{
	{"by", "list of fields of resources", "the fields that may name the record, such as price.product"},
	{"error", "error", "what a record that is still named gets; conflict unless given"},
}}

// EffectWords are the words of an effect, in effects:.
var EffectWords = &Table{"an effect", []Word{
	{"of", "resource", "the records that change"},
	{"id", "value", "the id of the one record; cause is the record of the request"},
	{"where", "condition", "in place of id: every record of the account for which this holds; it is that record"},
	{"when", "condition", "only if this holds; cause is the record of the request"},
	{"set", "slots and values", "what they hold from now on"},
}}

// FilterWords are the words of a filter that is more than a field.
var FilterWords = &Table{"a filter", []Word{
	{"field", "field", "the field that it selects by"},
	{"over", "list of fields", "in place of field: a search over several; a text in part, without case"},
	{"test", FilterTests.One(), "what a value must be to what was sent; equal unless given"},
	{"many", SeveralValues.One(), "several values are taken, and any of them counts: the parameter repeated, or with commas"},
	{"default", "value or list", "what counts when none is sent"},
	{"blank", Blanks.One(), "an empty value counts as none"},
	{"error", "error", "of a value that the field does not take; invalid_parameter unless given"},
}}

// SortWords are the words of sort:, in an operation.
var SortWords = &Table{"sort", []Word{
	{"by", "parameter", "names the fields"},
	{"fields", "fields, or names and fields", "what a list can be sorted by"},
	{"style", SortStyles.One(), "how a direction is written beside a field: -created, or created:desc"},
	{"direction", "parameter", "asc or desc, for all fields together"},
	{"default", "text", "the order when none is sent, written as a client would"},
	{"error", "error", "of an order that there is not; invalid_parameter unless given"},
}}

// braced lists the names that a text may have in braces, but for some.
func braced(names []string, but ...string) string {
	var out []string
	for _, n := range names {
		if !slices.Contains(but, n) {
			out = append(out, "{"+n+"}")
		}
	}
	return strings.Join(out, ", ")
}

// CheckWords are the checks that say: and error: can name.
var CheckWords = &Table{"checks of a field", []Word{
	{"type", "", "a value of another type, null among them"},
	{"missing", "", "a required field is not there"},
	{"short", "", "fewer characters than len:"},
	{"long", "", "more characters than len:"},
	{"low", "", "less than min: or not above:"},
	{"high", "", "more than max:"},
	{"one_of", "", "not a word of map: or one_of:"},
	{"format", "", "does not match"},
	{"early", "", "a time before within:"},
	{"late", "", "a time after within:"},
	{"few", "", "fewer than items:"},
	{"many", "", "more than items:"},
	{"digits", "", "more decimals than the currency has"},
	{"key", "", "a map's key out of keys:"},
	{"value", "", "a map's value out of values:"},
	{"large", "", "more than bytes:"},
	{"twice", "", "is in a list twice, against distinct:"},
	{"exists", "", "names nothing that exists"},
	{"state", "", "names a record in another state than state: says"},
	{"unique", "", "is taken"},
	{"with", "", "cannot be sent together with what without: names"},
	{"frozen", "", "cannot be changed"},
	{"any", "", "every violation without words of its own"},
}}
