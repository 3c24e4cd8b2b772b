package grammar

// HostedWords are the words of hosted:.
var HostedWords = &Table{"a hosted page", []Word{
	{"at", "list of paths", "where else a link's page is, with one of its slots in braces"},
	{"ends", "paths and texts", "pages at which a person ends, and what they say"},
	{"outcomes", "names and labels", "the failures that a person can choose, and what people call them; declined unless given"},
	{"cards", "cards and outcomes", "test cards, and what comes of paying with them"},
	{"ask", "inputs", "what a person is asked for"},
	{"texts", "states and texts", "what a page says about a state of its link, or about a result"},
	{"redirects", "results and redirects", "where a person goes with a result, or who comes to a link in a state; a page says what has happened unless given"},
	{"query", "parameters and slots", "what the address of a page may say in place of the link, and where the link says it"},
	{"limits", "names and limits", "how often the page of one link may be opened"},
	{"records", "list of records of a result", "records that are made or changed with a result"},
}}

// InputWords are the words of an input, in ask:.
var InputWords = &Table{"an input", []Word{
	{"when", "condition", "it is asked for only if this holds"},
	{"need", "condition", "the page takes no payment without it, if this holds"},
	{"label", "text", "what the page calls it"},
	{"min", "value", "of a quantity: the smallest"},
	{"max", "value", "of a quantity: the largest"},
	{"countries", "value", "of an address: the list of countries to choose from; any unless given"},
	{"fields", "value", "of custom: the list of fields, or an object with a member for each"},
}}

// RedirectWords are the words of a redirect, in redirects:.
var RedirectWords = &Table{"a redirect", []Word{
	{"to", "value", "the address; a page says what has happened where there is none"},
	{"when", "condition", "only if this holds"},
	{"add", "parameters and texts", "parameters behind the query that the address has; those without a value are left out"},
	{"fill", "placeholders and texts", "what stands for a placeholder in the address"},
}}

// ResultWords are the words of a record of a result, in records:.
var ResultWords = &Table{"a record of a result", []Word{
	{"on", "list of results", "the results with which it is made or changed"},
	{"is", "resource", "what it is"},
	{"when", "condition", "only if this holds"},
	{"id", "value", "the record that is changed; one is made where there is none"},
	{"set", "slots and values", "what it holds from now on"},
	{"into", "slot", "where the session keeps its id"},
}}

// Those of hosted pages.
var (
	Results = enumOf("result", "success", "failure", "cancel")
	Inputs  = enumOf("input", "email", "name", "phone", "quantity", "tax_id", "billing_address", "shipping_address", "custom")
)
