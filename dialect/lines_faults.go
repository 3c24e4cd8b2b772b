package dialect

import (
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// violations reads the provider's words and classes of violations.
func (l *line) violations() {
	f := l.f
	f.say, f.errs = map[string]*template.Text{}, map[string]record.Code{}
	if w := l.words["say"]; w != nil {
		if w.Kind == yml.Scalar {
			f.say["any"] = l.failureScope().Text(w, l.str(w))
		} else {
			l.each(w, checkWords, func(key string, _, v *yml.Node) { f.say[key] = l.failureScope().Text(v, l.str(v)) })
		}
	}
	if w := l.words["error"]; w != nil {
		if w.Kind == yml.Scalar {
			f.errs["any"] = l.code(w)
		} else {
			l.each(w, checkWords, func(key string, _, v *yml.Node) { f.errs[key] = l.code(v) })
		}
	}
}

// checkWords are the checks that say: and error: can name.
var checkWords = &table{"checks of a field", []word{
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
	{"exists", "", "names nothing that exists"},
	{"unique", "", "is taken"},
	{"with", "", "cannot be sent together with what without: names"},
	{"frozen", "", "cannot be changed"},
	{"any", "", "every fault without words of its own"},
}}
