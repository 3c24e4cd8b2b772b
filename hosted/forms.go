package hosted

import (
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Field is something that a person types.
type Field struct {
	Name         string   // of the input, and of the value in Action.Input
	TestID       string   // behind field-; "" is the name
	Label        string   // "" is the name in words
	Group        string   // fields of a group stand together under this heading
	Kind         string   // text, email, tel, number or choice; "" is text
	Required     bool     // it must be filled in to pay
	Options      []Option // of a choice
	Value        string   // what stands there at first
	Autocomplete string   // "" is off
	Min, Max     int      // of a number, or characters of a text; 0 is no bound of its own
}

// Option is what can be chosen.
type Option struct{ Value, Label string }

// The kinds of fields.
const (
	KindText   = "text"
	KindEmail  = "email"
	KindTel    = "tel"
	KindNumber = "number"
	KindChoice = "choice"
)

// Bounds of forms.
const (
	maxForm  = 64 << 10 // bytes
	maxParts = 300      // values in one form
	maxValue = 1000     // characters of one
	maxCard  = 64
)

// readForm reads a form. Its error is for the person.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, int, error) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, http.StatusUnsupportedMediaType, errors.New("this page takes its own form alone: application/x-www-form-urlencoded")
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		var big *http.MaxBytesError
		if errors.As(err, &big) {
			return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("the form is larger than %d bytes", maxForm)
		}
		return nil, http.StatusBadRequest, errors.New("the form cannot be read")
	}
	n := 0
	for name, list := range r.PostForm {
		if n += len(list); n > maxParts || !utf8.ValidString(name) {
			return nil, http.StatusBadRequest, errors.New("the form cannot be read")
		}
	}
	return r.PostForm, 0, nil
}

// wrong is what is wrong with a form, by the name of the field.
type wrong map[string]string

// read makes an action of a form, or says what is wrong. The page's fields take
// over what was typed, so that nobody types it twice; a card is not shown again.
func (p *Page) read(form url.Values) (Action, wrong) {
	a := Action{Input: map[string]string{}}
	bad := wrong{}
	switch form.Get("action") {
	case "pay":
	case "cancel":
		return Action{Cancel: true, Input: a.Input}, bad
	default:
		bad["action"] = "press one of the buttons"
		return a, bad
	}
	if a.Outcome = form.Get("outcome"); a.Outcome == "" {
		a.Outcome = Success
	}
	if !slices.ContainsFunc(p.outcomes(), func(o Outcome) bool { return o.Code == a.Outcome }) {
		bad["outcome"] = "choose one of the outcomes in the list"
	}
	if p.Card {
		a.Card = strings.NewReplacer(" ", "", "-", "", "\t", "").Replace(form.Get("card"))
		if len(a.Card) > maxCard || !plainText(a.Card) {
			bad["card"] = "write a test card number, or leave it empty"
		}
	}
	p.Fields = slices.Clone(p.Fields)
	for i := range p.Fields {
		f := &p.Fields[i]
		if list, sent := form[f.Name]; sent {
			f.Value = strings.TrimSpace(list[0])
		}
		if why := f.check(); why != "" {
			bad[f.Name] = why
		} else if f.Value != "" {
			a.Input[f.Name] = f.Value
		}
	}
	return a, bad
}

// keep puts what was typed back into the fields that have nothing else, for
// another try.
func (p *Page) keep(a Action) {
	p.Fields = slices.Clone(p.Fields)
	for i := range p.Fields {
		if f := &p.Fields[i]; f.Value == "" {
			f.Value = a.Input[f.Name]
		}
	}
}

// check says what is wrong with a field's value.
func (f *Field) check() string {
	if f.Value == "" {
		if f.Required {
			return "fill this in"
		}
		return ""
	}
	if !plainText(f.Value) || utf8.RuneCountInString(f.Value) > maxValue {
		f.Value = ""
		return fmt.Sprintf("write plain text of at most %d characters", maxValue)
	}
	switch f.Kind {
	case KindNumber:
		n, err := strconv.Atoi(f.Value)
		switch {
		case err != nil:
			return "write a whole number"
		case n < f.Min:
			return fmt.Sprintf("write a number of at least %d", f.Min)
		case f.Max > 0 && n > f.Max:
			return fmt.Sprintf("write a number of at most %d", f.Max)
		}
		return ""
	case KindChoice:
		if !slices.ContainsFunc(f.Options, func(o Option) bool { return o.Value == f.Value }) {
			return "choose one of the list"
		}
		return ""
	case KindEmail:
		name, host, ok := strings.Cut(f.Value, "@")
		if !ok || name == "" || host == "" || strings.ContainsAny(f.Value, " ,;<>") || strings.Contains(host, "@") {
			return "write an email address"
		}
	}
	switch n := utf8.RuneCountInString(f.Value); {
	case n < f.Min:
		return fmt.Sprintf("write at least %d characters", f.Min)
	case f.Max > 0 && n > f.Max:
		return fmt.Sprintf("write at most %d characters", f.Max)
	}
	return ""
}

// plainText tells whether a value is text without control characters, other
// than line breaks.
func plainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(c rune) bool { return (c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f })
}
