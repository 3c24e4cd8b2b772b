package compile

import (
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// violations reads the provider's words and classes of violations.
func (l *line) violations() {
	f := l.f
	f.Say, f.Classes = map[string]*template.Text{}, map[string]record.Code{}
	if w := l.words["say"]; w != nil {
		if w.Kind == yml.Scalar {
			f.Say["any"] = l.failureScope().Text(w, l.Text(w))
		} else {
			l.Each(w, grammar.CheckWords, func(key string, _, v *yml.Node) { f.Say[key] = l.failureScope().Text(v, l.Text(v)) })
		}
	}
	if w := l.words["error"]; w != nil {
		if w.Kind == yml.Scalar {
			f.Classes["any"] = l.code(w)
		} else {
			l.Each(w, grammar.CheckWords, func(key string, _, v *yml.Node) { f.Classes[key] = l.code(v) })
		}
	}
}
