package client

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Refusal is one violation out of an error answer.
type Refusal struct {
	Code  record.Code // canonical: one of record.Codes
	Field *dialect.Field
	Path  string   // of the field or parameter, as the dialect writes it
	Rest  []string // of the path, within the field: the number of an item and a member of it
	Why   string   // in the dialect's own words, for people
}

// Refusals reads an error answer by the dialect's catalogue. known is false
// where the body is not in the documented envelope; the code comes from the
// status then.
func Refusals(op *dialect.Op, status int, body []byte) (list []Refusal, known bool) {
	d := op.Owner
	root, err := jsontext.Parse(body)
	if err != nil || !root.IsObject() && !root.IsArray() {
		return []Refusal{{Code: byStatus(status), Why: http.StatusText(status)}}, d.Errors.Empty && len(body) == 0
	}
	code, holes, known := classOf(d, status, root)
	first := Refusal{Code: code, Path: holes["field"], Why: holes["why"]}
	var texts []string
	for _, at := range envelopes(d, code) {
		if v, ok := variable(at, root, "message"); ok {
			texts = append(texts, v.Str())
		}
		if v, ok := variable(at, root, "messages"); ok {
			v.ForEach(func(_ string, m jsontext.Value) bool { texts = append(texts, m.Str()); return len(texts) < 20 })
		}
		if v, ok := variable(at, root, "details"); ok && v.IsObject() {
			v.ForEach(func(key string, m jsontext.Value) bool {
				list = append(list, Refusal{Code: code, Path: key, Why: m.Str()})
				return len(list) < 20
			})
		}
		if v, ok := variable(at, root, "field"); ok && first.Path == "" {
			first.Path = v.Str()
		}
	}
	if len(list) == 0 {
		for _, text := range texts {
			list = append(list, first.read(op, text))
		}
	}
	if len(list) == 0 {
		list = append(list, first)
	}
	for i := range list {
		list[i].settle(op)
	}
	return list, known
}

// envelopes are the documents that an error of a class may be in.
func envelopes(d *dialect.Dialect, code record.Code) []*envelope {
	if c := d.Errors.Class(code); c != nil && c.Body != nil {
		return []*envelope{{c.Body}, {d.Errors.Body}}
	}
	return []*envelope{{d.Errors.Body}}
}

// read tells what one message says: which field, by its own words or by those
// of its class, and why.
func (r Refusal) read(op *dialect.Op, text string) Refusal {
	if r.Why == "" {
		r.Why = text
	}
	if op.Resource == nil {
		return r
	}
	best := 0
	for _, f := range op.Resource.Fields {
		for _, say := range f.Say {
			if _, of, ok := say.Match(text); ok && of > best {
				best, r.Field, r.Path, r.Why = of, f, f.Path, text
			}
		}
	}
	if r.Field != nil {
		return r
	}
	for _, class := range op.Owner.Errors.Classes {
		if class.Message == nil {
			continue
		}
		if holes, of, ok := class.Message.Match(text); ok && of > best && r.names(op, holes["field"]) {
			best, r.Path = of, holes["field"]
			if r.Why = holes["why"]; r.Why == "" {
				r.Why = text
			}
		}
	}
	return r
}

// names tells whether a word of a message is the path that the answer names
// elsewhere, or without one that of a field.
func (r *Refusal) names(op *dialect.Op, word string) bool {
	if r.Path != "" {
		return word == r.Path
	}
	f, _ := locate(op, word)
	return f != nil
}

// locate finds the field of a path, and what the path has behind it.
func locate(op *dialect.Op, path string) (*dialect.Field, []string) {
	if path == "" || op.Resource == nil {
		return nil, nil
	}
	parts := slices.DeleteFunc(places.Split(path, -1), func(s string) bool { return s == "" })
	for n := len(parts); n > 0; n-- {
		if f := op.Resource.Field(strings.Join(parts[:n], ".")); f != nil {
			return f, parts[n:]
		}
	}
	return nil, nil
}

// places are what paths hold beside names: brackets, and numbers of list items.
var places = regexp.MustCompile(`\]?[\[\]./]\]?`)

// settle finds the field of a path, and the narrower code that our own words
// tell.
func (r *Refusal) settle(op *dialect.Op) {
	if r.Field == nil {
		r.Field, r.Rest = locate(op, r.Path)
	}
	if r.Path == "" {
		if at := strings.IndexByte(r.Why, ' '); at > 0 {
			if f := fieldNamed(op, r.Why[:at]); f != nil {
				r.Field, r.Path, r.Why = f, f.Path, r.Why[at+1:]
			}
		}
	}
	for code, words := range failures.Words() {
		if (r.Why == words || strings.HasSuffix(r.Why, " "+words)) && below(code, r.Code) {
			r.Code = code
		}
	}
}

func fieldNamed(op *dialect.Op, name string) *dialect.Field {
	if op.Resource == nil {
		return nil
	}
	return op.Resource.Field(name)
}

// below tells whether a code is another or a narrower one.
func below(code, wider record.Code) bool {
	for ; code != ""; code = code.Parent() {
		if code == wider {
			return true
		}
	}
	return false
}

// classOf finds the class whose status, words and message an answer has.
func classOf(d *dialect.Dialect, status int, root jsontext.Value) (code record.Code, holes map[string]string, known bool) {
	best := -1
	for _, name := range d.Errors.Order {
		class := d.Errors.Classes[name]
		if class.Status != status {
			continue
		}
		for _, at := range envelopes(d, name) {
			score, found, ok := at.score(class, root)
			if ok && score > best {
				best, code, holes, known = score, name, found, true
			}
		}
	}
	if !known || !slices.Contains(record.Codes(), code) {
		code = nearest(code, status)
	}
	return code, holes, known
}

// nearest is the canonical code of a class of the dialect's own.
func nearest(code record.Code, status int) record.Code {
	for at := code.Parent(); at != ""; at = at.Parent() {
		if slices.Contains(record.Codes(), at) && at != record.CodeInvalid {
			return at
		}
	}
	return byStatus(status)
}

// byStatus is the code that a status says by itself.
func byStatus(status int) record.Code {
	switch status {
	case http.StatusUnauthorized:
		return record.CodeUnauthorized
	case http.StatusPaymentRequired, http.StatusForbidden:
		return record.CodeForbidden
	case http.StatusNotFound, http.StatusGone:
		return record.CodeNotFound
	case http.StatusMethodNotAllowed:
		return record.CodeMethod
	case http.StatusConflict, http.StatusLocked, http.StatusPreconditionFailed:
		return record.CodeConflict
	case http.StatusRequestEntityTooLarge:
		return record.CodeTooLarge
	case http.StatusUnsupportedMediaType:
		return record.CodeMediaType
	case http.StatusTooManyRequests:
		return record.CodeRateLimited
	}
	if status >= 400 && status < 500 {
		return record.CodeInvalid
	}
	return record.CodeInternal
}
