package console

import (
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/admin"
	"github.com/polylink-dev/polylink/sandbox"
)

// kind is what a field of a form becomes in the input of an operation.
type kind int

const (
	text kind = iota
	number
	decimal
	yes   // true when it says so, false else
	lines // a list of texts, apart by blanks or commas
)

// action is an operation of the control API that a form can ask for.
type action struct {
	fields  map[string]kind // the members that the form has
	section string          // of the first page that shows what came of it
	done    func(in url.Values, out any) string
}

// told is the note of an action without anything to tell.
func told(text string) func(url.Values, any) string {
	return func(url.Values, any) string { return text }
}

// about is the note of an action on something that a field names.
func about(field, did string) func(url.Values, any) string {
	return func(in url.Values, _ any) string { return in.Get(field) + " " + did + "." }
}

var passage = map[string]kind{"dialect": text, "id": text, "outcome": text}

// actions are what forms can ask for, by the name of the operation.
var actions = map[string]action{
	"link.complete": {passage, "links", about("id", "was paid, with the outcome that was chosen")},
	"link.fail":     {passage, "links", about("id", "had a payment that failed")},
	"link.cancel":   {passage, "links", about("id", "was turned away from")},
	"link.expire":   {passage, "links", about("id", "has expired")},

	"clock.advance": {map[string]kind{"by": text, "to": text}, "clock", advanced},
	"clock.set":     {map[string]kind{"now": text, "frozen": yes, "rate": decimal}, "clock", told("The clock was set.")},
	"clock.free":    {nil, "clock", told("The clock shows real time again.")},

	"fault.create": {map[string]kind{"dialect": text, "operation": text, "times": number, "status": number, "code": text, "delay": text, "abort": text, "lost": yes, "event": text, "delivery": text},
		"faults", told("The fault was injected.")},
	"fault.delete":   {map[string]kind{"id": text}, "faults", told("The fault was deleted.")},
	"fault.clear":    {nil, "faults", told("All faults were deleted.")},
	"scenario.start": {map[string]kind{"name": text}, "faults", about("name", "was started")},
	"scenario.stop":  {map[string]kind{"name": text}, "faults", about("name", "was stopped")},

	"event.create":    {map[string]kind{"dialect": text, "event": text, "id": text}, "deliveries", about("event", "was fired")},
	"delivery.resend": {map[string]kind{"id": text}, "deliveries", about("id", "was sent again")},
	"webhook.create":  {map[string]kind{"dialect": text, "url": text, "secret": text, "events": lines}, "deliveries", told("The endpoint was registered.")},
	"webhook.update":  {map[string]kind{"id": text, "active": yes}, "deliveries", about("id", "was changed")},
	"webhook.delete":  {map[string]kind{"id": text}, "deliveries", about("id", "was deleted")},

	"request.clear": {nil, "journal", told("The journal was cleared.")},

	"sandbox.reset":  {nil, "sandboxes", told("The sandbox is as its fixtures have it.")},
	"sandbox.create": {map[string]kind{"name": text, "from": text}, "sandboxes", about("name", "was made")},
	"sandbox.delete": {map[string]kind{"name": text}, "sandboxes", about("name", "was deleted")},
}

// mostTold is how many effects a note tells one by one.
const mostTold = 10

// advanced tells what fell due.
func advanced(_ url.Values, out any) string {
	got, ok := out.(admin.Advanced)
	if !ok {
		return ""
	}
	text := "It is " + got.Now.Format("2006-01-02 15:04:05 MST") + " now"
	if len(got.Effects) == 0 {
		return text + ", and nothing fell due."
	}
	text += ". What fell due:"
	for i, e := range got.Effects {
		if i == mostTold {
			return fmt.Sprintf("%s and %d more.", text, len(got.Effects)-i)
		}
		text += " " + e.Kind + " " + e.ID + ","
	}
	return strings.TrimSuffix(text, ",") + "."
}

// Bounds of a form.
const (
	mostForm   = 64 << 10 // bytes
	mostFields = 100
)

// act does what a form asks for, and sends the browser to a page that shows
// what came of it. A refusal is shown at once, with the form as it was sent.
func (v *visit) act(name string) {
	act, known := actions[name]
	if !known {
		v.note(http.StatusNotFound, "There is nothing here", "The console has no such action.")
		return
	}
	form, status, why := readForm(v.w, v.r)
	if why != "" {
		v.note(status, "Refused", why)
		return
	}
	operation, input, err := act.input(name, form)
	var out any
	if err == nil {
		out, err = v.h.o.API.Call(v.ctx, operation, input)
	}
	if err != nil {
		v.refused(act, name, form, err)
		return
	}
	base := v.base
	if name == "sandbox.delete" && form.Get("name") == sandbox.Name(v.ctx) {
		base = "" // it would be made again
	}
	to := base + "/?note=" + v.h.notes.keep(act.done(form, out)) + "#" + act.section
	if back := form.Get("back"); ours.MatchString(back) {
		to = base + Prefix + back + "?note=" + v.h.notes.keep(act.done(form, out))
	}
	v.w.Header().Set("Location", to)
	v.w.WriteHeader(http.StatusSeeOther)
}

// ours are the pages that a form may lead back to, as they stand behind Prefix.
var ours = regexp.MustCompile(`^(links|requests|dialects)/[A-Za-z0-9._~%-]+(/[A-Za-z0-9._~%-]+)?$`)

// refused shows the page of a form with what was wrong about it.
func (v *visit) refused(act action, name string, form url.Values, err error) {
	p := v.h.o.API.Problem(err)
	if back := form.Get("back"); ours.MatchString(back) {
		noun, key, _ := strings.Cut(back, "/")
		if v.detail(noun, key, p.Status, p.Detail) {
			return
		}
	}
	v.home(p.Status, p.Detail, &sent{name, form})
}

// sent is a form that was refused, which is shown again as it was.
type sent struct {
	name string
	form url.Values
}

// readForm reads a form. why is for the person.
func readForm(w http.ResponseWriter, r *http.Request) (form url.Values, status int, why string) {
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/x-www-form-urlencoded" {
		return nil, http.StatusUnsupportedMediaType, "The console takes its own forms alone: application/x-www-form-urlencoded."
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostForm)
	if err := r.ParseForm(); err != nil {
		if large, ok := errors.AsType[*http.MaxBytesError](err); ok {
			return nil, http.StatusRequestEntityTooLarge, fmt.Sprintf("The form is larger than %d bytes.", large.Limit)
		}
		return nil, http.StatusBadRequest, "The form cannot be read."
	}
	n := 0
	for name, list := range r.PostForm {
		n += len(list)
		if n > mostFields || !utf8.ValidString(name) || slices.ContainsFunc(list, func(s string) bool { return !utf8.ValidString(s) }) {
			return nil, http.StatusBadRequest, "The form cannot be read."
		}
	}
	return r.PostForm, 0, ""
}

// input makes the input of an operation of a form. Fields that are empty are
// left out.
func (act action) input(name string, form url.Values) (operation string, input []byte, err error) {
	if name == "clock.free" {
		return "clock.set", []byte(`{"now":null}`), nil
	}
	members := map[string]any{}
	for field, kind := range act.fields {
		value := strings.TrimSpace(form.Get(field))
		if value == "" {
			continue
		}
		switch kind {
		case number:
			n, err := strconv.Atoi(value)
			if err != nil {
				return "", nil, wrong(field, "a whole number", value)
			}
			members[field] = n
		case decimal:
			n, err := strconv.ParseFloat(value, 64)
			if err != nil || n != n || n > 1e12 || n < -1e12 {
				return "", nil, wrong(field, "a number", value)
			}
			members[field] = n
		case yes:
			members[field] = value == "true"
		case lines:
			members[field] = strings.FieldsFunc(value, func(c rune) bool { return c == ' ' || c == ',' || c == '\n' || c == '\r' || c == '\t' })
		default:
			members[field] = value
		}
	}
	input, err = json.Marshal(members)
	return name, input, err
}

// wrong refuses a field.
func wrong(field, want, value string) error {
	return admin.Refusal(http.StatusBadRequest, "Bad request", fmt.Sprintf("%s must be %s and is %q", field, want, value))
}
