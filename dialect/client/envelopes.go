package client

import (
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// envelope is the document of an error answer, read backwards.
type envelope struct{ doc *template.Document }

// variable is what an answer has where an envelope has a variable.
func variable(at *envelope, root jsontext.Value, name string) (jsontext.Value, bool) {
	if at.doc == nil {
		return jsontext.Value{}, false
	}
	path, ok := at.doc.Path(name)
	if !ok {
		return jsontext.Value{}, false
	}
	v, ok := walk(root, path)
	return v, ok && v.Kind != gjson.Null
}

// score tells how well an answer is one of a class: ok is false where it is
// not, and more of the class's own words make it surer.
func (at *envelope) score(class *dialect.Class, root jsontext.Value) (score int, holes map[string]string, ok bool) {
	if at.doc == nil || !at.fits(at.doc, root) {
		return 0, nil, false
	}
	for word, doc := range class.Vars {
		v, has := variable(at, root, word)
		if doc.Lit == nil {
			continue
		}
		if has && !jsontext.Same(v, jsontext.ValueOf(string(doc.Lit))) {
			return 0, nil, false
		}
		if has {
			score += 1000
		}
	}
	if class.Message != nil {
		if v, has := variable(at, root, "message"); has {
			if found, of, matches := class.Message.Match(v.Str()); matches {
				score += 10 + of
				holes = found
			}
		}
		if v, has := variable(at, root, "messages"); has && v.IsArray() {
			v.ForEach(func(_ string, m jsontext.Value) bool {
				if found, of, matches := class.Message.Match(m.Str()); matches {
					score += 10 + of
					holes = found
				}
				return false
			})
		}
	}
	if v, has := variable(at, root, "why"); has {
		if holes == nil {
			holes = map[string]string{}
		}
		holes["why"] = record.Unquote(v.Raw)
	}
	return score, holes, true
}

// fits tells whether an answer has the members that an envelope always has.
func (at *envelope) fits(doc *template.Document, v jsontext.Value) bool {
	if len(doc.Kids) == 0 || doc.List {
		return true
	}
	if !v.IsObject() {
		return false
	}
	for i := range doc.Kids {
		kid := &doc.Kids[i]
		m := jsontext.LastMember(v, doc.Key(i))
		switch {
		case m.Raw == "" && kid.Omit:
		case m.Raw == "":
			return false
		case kid.Name == "messages" && !m.IsArray(), kid.Name == "message" && m.Kind != gjson.String:
			return false
		case len(kid.Kids) > 0 && !at.fits(kid, m):
			return false
		}
	}
	return true
}
