package failures

import (
	"maps"
	"net/http"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/record"
)

// Failure is a refusal on its way out: its class, its problems and what its
// texts can name.
type Failure struct {
	Class    *dialect.Class
	Status   int
	Code     record.Code
	Problems []dialect.Problem
	Noun     string
	State    string
	Cap      int64 // the size limit, in bytes

	parts     bool // places are lists
	env       *template.Env
	catalogue *dialect.Catalogue
}

// Of turns problems into the answer of the first one's class.
func Of(d *dialect.Dialect, e *dialect.Env, problems ...dialect.Problem) *Failure {
	code := problems[0].Code
	class := d.Errors.Class(code)
	for i := range problems {
		if p := &problems[i]; p.Why == "" {
			p.Why = why(p.Code)
		}
	}
	f := &Failure{Class: class, Status: class.Status, Code: code, Problems: problems, env: &e.Env, catalogue: &d.Errors, parts: d.Paths == dialect.PathStyles["parts"]}
	e.Err = f
	return f
}

// whys are our words for violations that are told without any.
var whys = map[record.Code]string{
	record.CodeInternal: "something went wrong here", record.CodeInvalid: "is not valid",
	record.CodeUnauthorized: "the credential is missing or not valid", record.CodeNoCredential: "no credential was sent",
	record.CodeExpiredKey: "the credential has expired", record.CodeRevokedKey: "the credential was revoked",
	record.CodeForbidden: "the credential may not do this", record.CodeScope: "the credential lacks the scope for this",
	record.CodeNotFound: "there is no such record", record.CodeParentNotFound: "there is no such record above it",
	record.CodeRoute: "there is no such path", record.CodeMethod: "the path does not take this method",
	record.CodeConflict: "it clashes with what is there", record.CodeState: "its state does not allow this",
	record.CodeUnique: "is taken already", record.CodeMediaType: "the media type is not understood", record.CodeRateLimited: "there were too many requests",
	record.CodeIdempotencyOther: "the key came with another request", record.CodeIdempotencyBusy: "the first request with the key is still running",
	record.CodePayment: "the payment failed",
}

// Words are our words for each code that is told without any, and those of the
// violations that every dialect has.
func Words() map[record.Code]string {
	out := maps.Clone(whys)
	for _, v := range dialect.Violations() {
		out[v.Code] = v.Why
	}
	return out
}

// why gives a code's words, or those of the nearest wider one.
func why(code record.Code) string {
	for at := code; at != ""; at = at.Parent() {
		if w := whys[at]; w != "" {
			return w
		}
	}
	return ""
}

func (f *Failure) at() *dialect.Problem { return &f.Problems[0] }

// Message is the text of the failure: the field's own words if it has some,
// else the class's.
func (f *Failure) Message() string { return f.messageOf(f.at()) }

// messageOf is the text of one violation. Where it has no field, what follows the
// name stands by itself.
func (f *Failure) messageOf(p *dialect.Problem) string {
	t := p.Say
	class := f.Class
	if p.Code != f.Code {
		class = f.catalogue.Class(p.Code) // several violations in one answer
	}
	if t == nil {
		t = class.Message
	}
	switch {
	case t == nil && p.Path != "" && !whole(p.Why):
		return p.Path + " " + f.whyOf(p)
	case t == nil:
		return f.whyOf(p)
	}
	one := *f
	one.Class, one.Problems = class, []dialect.Problem{*p}
	saved := f.env.Err
	f.env.Err = &one
	s := t.Render(f.env)
	f.env.Err = saved
	return strings.TrimLeft(s, " ")
}

// whyOf says what is wrong in words that follow the field's name: the
// catalogue's, where it has some for the check.
func (f *Failure) whyOf(p *dialect.Problem) string {
	t := f.catalogue.Words[p.Check]
	if t == nil {
		return p.Why
	}
	one := *f
	one.Problems = []dialect.Problem{*p}
	saved := f.env.Err
	f.env.Err = &one
	s := t.Render(f.env)
	f.env.Err = saved
	return s
}

// whole tells whether words are a sentence by themselves, which follows no name.
func whole(why string) bool {
	for _, begin := range []string{"there is ", "there were ", "the ", "its ", "it ", "no ", "something "} {
		if strings.HasPrefix(why, begin) {
			return true
		}
	}
	return false
}

// messages is the list of all texts, in field order. What two violations say alike
// is said once.
func (f *Failure) messages() string {
	out, said := []byte{'['}, make(map[string]bool, len(f.Problems))
	for i := range f.Problems {
		text := f.messageOf(&f.Problems[i])
		if said[text] {
			continue
		}
		if said[text] = true; len(out) > 1 {
			out = append(out, ',')
		}
		out = record.AppendQuote(out, text)
	}
	return string(append(out, ']'))
}

// errors is the list of all violations, each as the catalogue's item: shows it.
func (f *Failure) errors() string {
	out := []byte{'['}
	for i := range f.Problems {
		if i > 0 {
			out = append(out, ',')
		}
		one := *f
		one.Problems = f.Problems[i : i+1]
		if p := &f.Problems[i]; p.Code != f.Code {
			one.Class, one.Code = f.catalogue.Class(p.Code), p.Code
		}
		saved := f.env.Err
		f.env.Err = &one
		if f.catalogue.Item != nil {
			out, _ = f.catalogue.Item.Append(out, f.env)
		} else {
			out = record.AppendQuote(out, one.Message())
		}
		f.env.Err = saved
	}
	return string(append(out, ']'))
}

// details is an object of texts by field; of several violations of one field it
// has the first.
func (f *Failure) details() string {
	out, said := []byte{'{'}, make(map[string]bool, len(f.Problems))
	for i := range f.Problems {
		p := &f.Problems[i]
		if p.Path == "" || f.Class.Detail == nil || said[p.Path] {
			continue
		}
		if said[p.Path] = true; len(out) > 1 {
			out = append(out, ',')
		}
		out = append(record.AppendQuote(out, p.Path), ':')
		one := *f
		one.Problems = f.Problems[i : i+1]
		saved := f.env.Err
		f.env.Err = &one
		out = record.AppendQuote(out, f.Class.Detail.Render(f.env))
		f.env.Err = saved
	}
	return string(append(out, '}'))
}

// Append writes the body of the failure that e.Err is. It is empty for dialects
// that say so.
func Append(dst []byte, d *dialect.Dialect, e *dialect.Env) []byte {
	c := e.Err.(*Failure).Class
	body := c.Body
	if body == nil {
		body = d.Errors.Body
	}
	if c.Empty || body == nil {
		return dst
	}
	dst, _ = body.Append(dst, &e.Env)
	return dst
}

// ClassVariable reads a word that classes define for themselves, with the
// catalogue's default behind it.
func ClassVariable(c *dialect.Catalogue, name string) template.Getter {
	builtin := refusalWords[name]
	return func(e *template.Env) string {
		f, ok := e.Err.(*Failure)
		if !ok {
			return ""
		}
		if f.Class.Hide[name] {
			return ""
		}
		if d := f.Class.Vars[name]; d != nil {
			out, _ := d.Append(nil, e)
			return string(out)
		}
		if builtin != nil {
			if v := builtin(f); v != "" {
				return v
			}
		}
		if d := c.Defaults[name]; d != nil {
			out, _ := d.Append(nil, e)
			return string(out)
		}
		return ""
	}
}

// refusalWords are the words that every refusal has.
var refusalWords = map[string]func(f *Failure) string{
	"status":   func(f *Failure) string { return strconv.Itoa(f.Status) },
	"reason":   func(f *Failure) string { return record.Quote(http.StatusText(f.Status)) },
	"message":  func(f *Failure) string { return record.Quote(f.Message()) },
	"messages": func(f *Failure) string { return f.messages() },
	"details":  func(f *Failure) string { return f.details() },
	"errors":   func(f *Failure) string { return f.errors() },
	"field":    func(f *Failure) string { return f.field() },
	"why":      func(f *Failure) string { return record.Quote(f.whyOf(f.at())) },
	"bound":    func(f *Failure) string { return bound(f.at().Bound) },
	"other":    func(f *Failure) string { return bound(f.at().Other) },
	"value":    func(f *Failure) string { return f.at().Value },
	"n":        func(f *Failure) string { return strconv.Itoa(f.at().N) },
	"noun":     func(f *Failure) string { return record.Quote(f.Noun) },
	"Noun":     func(f *Failure) string { return record.Quote(dialect.Capital(f.Noun)) },
	"state":    func(f *Failure) string { return record.Quote(f.State) },
	"limit":    func(f *Failure) string { return strconv.FormatInt(f.Cap, 10) },
	"Policy":   func(f *Failure) string { return record.Quote(dialect.Capital(f.env.Limit.Policy)) },
	"policy":   func(f *Failure) string { return record.Quote(f.env.Limit.Policy) },
}

// RefusalWords are the words that every refusal has.
func RefusalWords() map[string]bool {
	names := map[string]bool{}
	for word := range refusalWords {
		names[word] = true
	}
	return names
}

// bound is a text, or nothing where it is empty.
func bound(s string) string {
	if s == "" {
		return ""
	}
	return record.Quote(s)
}

// field is the place of the first problem, "" when it has none.
func (f *Failure) field() string {
	path := f.at().Path
	switch {
	case path == "":
		return ""
	case f.parts:
		return dialect.PathParts(path)
	}
	return record.Quote(path)
}

// Word is a word that every refusal has, as JSON text.
func (f *Failure) Word(name string) string {
	if get := refusalWords[name]; get != nil {
		return get(f)
	}
	return ""
}

// Line is the line of the mapping file that decided: of the rule or the limit
// that says so, of the field to blame, or of the error class.
func (f *Failure) Line() int {
	p := f.at()
	if p.Line > 0 {
		return p.Line
	}
	if p.Field != nil && p.Field.Line > 0 {
		return p.Field.Line
	}
	return f.Class.Line
}
