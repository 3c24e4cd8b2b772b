package grammar

import (
	"maps"
	"slices"
	"strings"
)

// constructs is every construct of the language, by the word that other tables
// take it by.
var constructs = map[string]*Table{
	"the words of auth":        AuthWords,
	"key form":                 KeyWords,
	"the words of tenant":      TenantWords,
	"limit":                    LimitWords,
	"rule of a parameter":      HeaderRuleWords,
	"the words of idempotency": IdempotencyWords,
	"the words of errors":      ErrorsWords,
	"class":                    ClassWords,
	"resource lines":           ResourceWords,
	"the words of about":       AboutWords,
	"the words of expires":     ExpiryWords,
	"id shape":                 IDWords,
	"field line":               FieldWords,
	"rule":                     RuleWords,
	"claim":                    UniqueWords,
	"operation":                OperationWords,
	"the words of page":        PageWords,
	"the words of restrict":    RestrictWords,
	"effect":                   EffectWords,
	"filter words":             FilterWords,
	"the words of sort":        SortWords,
	"the words of audit":       AuditWords,
	"the words of expand":      ExpandWords,
	"the words of make":        MakeWords,

	"the words of a hosted page": HostedWords,
	"input":                      InputWords,
	"redirect":                   RedirectWords,
	"record of a result":         ResultWords,

	"event":                  EventWords,
	"the words of webhooks":  WebhookWords,
	"the words of signature": SignatureWords,
}

// Tables lists every table of words: the file's, those of the constructs in it
// and that of the checks.
func Tables() []*Table {
	list := append(slices.Collect(maps.Values(constructs)), DialectWords, CheckWords)
	slices.SortFunc(list, func(a, b *Table) int { return strings.Compare(a.What, b.What) })
	return list
}

// needed is the words that a construct cannot do without.
var needed = map[*Table][]string{
	DialectWords: {"dialect", "errors", "operations"}, KeyWords: {"like"}, TenantWords: {"header"}, LimitWords: {"count", "every"},
	IdempotencyWords: {"methods", "keep"}, ErrorsWords: {"body", "classes"}, ClassWords: {"status"},
	ResourceWords: {"fields"}, AboutWords: {"field", "is"}, ExpiryWords: {"at", "from", "to"}, UniqueWords: {"over"},
	OperationWords: {"at"}, PageWords: {"size"}, ExpandWords: {"by"}, MakeWords: {"is"}, RestrictWords: {"by"}, EffectWords: {"of", "set"},
	ResultWords: {"on", "is"}, RedirectWords: {"to"}, EventWords: {"on"}, WebhookWords: {"body"}, SignatureWords: {"algorithm"},
}

// Word is one key of the language, for the compiler, the editor's schema and
// the reference alike.
type Word struct {
	Name  string
	Takes string // shape of its value, in words
	Doc   string
}

// Table is the words that one construct of the language has.
type Table struct {
	What  string // "a field line", as error messages say it
	Words []Word
}

// Names lists the words.
func (t *Table) Names() []string {
	names := make([]string, len(t.Words))
	for i, w := range t.Words {
		names[i] = w.Name
	}
	return names
}

// Has tells whether a word is one of them.
func (t *Table) Has(name string) bool {
	return slices.ContainsFunc(t.Words, func(w Word) bool { return w.Name == name })
}
