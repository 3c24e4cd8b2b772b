package dialect

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// refusals lists the error classes that an operation can answer with, in the
// catalogue's order. Which the checks raise is told by what there is to check;
// a class that no check and no line of the file names is one that credentials
// lead to.
func (x *exporter) refusals(op *Op) []*Class {
	raised := map[*Class]bool{}
	for _, code := range op.codes() {
		raised[x.d.errors.class(code)] = true
	}
	var out []*Class
	for _, name := range x.d.errors.order {
		class := x.d.errors.classes[name]
		if raised[class] || !op.Public && !x.named[name] {
			out = append(out, class)
		}
	}
	return out
}

// codes lists what the checks of an operation can refuse it with.
func (op *Op) codes() []record.Code {
	d := op.dialect
	list := []record.Code{record.CodeInternal, record.CodeRateLimited}
	for _, h := range slices.Concat(d.RequestHeaders, op.Query) {
		list = append(list, h.Code)
	}
	if !op.Public && d.Auth.Scheme != "none" {
		list = append(list, record.CodeNoCredential, record.CodeBadCredential, record.CodeExpiredKey, record.CodeRevokedKey)
		for _, f := range d.Auth.Keys {
			list = append(list, f.Refuse)
		}
		if op.Scope != "" {
			list = append(list, record.CodeScope)
		}
	}
	if i := d.Idempotency; i != nil && !op.Public && slices.Contains(i.Methods, op.Method) {
		list = append(list, record.CodeIdempotencyKey, record.CodeIdempotencyOther, record.CodeIdempotencyBusy)
		if i.Required {
			list = append(list, record.CodeIdempotencyNone)
		}
	}
	if op.Method != "GET" && op.Method != "DELETE" {
		list = append(list, record.CodeTooLarge)
	}
	list = append(list, op.Refusal)
	list = append(list, op.recordCodes()...)
	if op.Writes() {
		list = append(list, op.writeCodes()...)
	}
	return slices.DeleteFunc(list, func(c record.Code) bool { return c == "" })
}

// recordCodes is what finding records can lead to.
func (op *Op) recordCodes() (list []record.Code) {
	if op.Resource == nil || op.Does == Answer || op.Does == Refuse {
		return nil
	}
	if op.Resource.Parent != nil || op.Resource.About != nil && op.Does == Create {
		list = append(list, record.CodeParentNotFound)
	}
	if op.Does == Get || op.Does == Update || op.Does == Delete {
		list = append(list, record.CodeNotFound, record.CodeNotOwner)
	}
	if op.From != nil {
		list = append(list, record.CodeState)
	}
	if op.ByQuery != "" {
		list = append(list, record.CodeMissing)
	}
	if len(op.Filters) > 0 {
		list = append(list, record.CodeParameter)
	}
	if p := op.Page; p != nil && p.Style != "none" {
		list = append(list, p.SizeError)
		if p.After != "" || p.Before != "" {
			list = append(list, p.CursorError)
		}
	}
	return list
}

// writeCodes is what a body can lead to.
func (op *Op) writeCodes() (list []record.Code) {
	res := op.Resource
	if op.Method != "DELETE" {
		list = append(list, record.CodeMalformed, record.CodeNotObject, record.CodeMediaType, record.CodeMissing, record.CodeType, record.CodeValue)
		if op.dialect.unknown == "refuse" {
			list = append(list, record.CodeUnknownField)
		}
		if len(res.references) > 0 {
			list = append(list, record.CodeReference)
		}
		for _, f := range res.Fields {
			list = append(list, f.codes()...)
			if f.frozen != "ignore" {
				list = append(list, record.CodeFrozen)
			}
		}
	}
	for _, r := range res.rules {
		if r.on == "create" && op.Does != Create || r.on == "update" && op.Does != Update {
			continue
		}
		if r.code == "" {
			r.code = record.CodeRule
		}
		list = append(list, r.code)
	}
	for _, u := range res.uniques {
		list = append(list, u.code)
	}
	return list
}

// codes lists the classes that a field line gives its faults, its members' too.
func (f *Field) codes() (list []record.Code) {
	for _, w := range checkWords.Words {
		if code, ok := f.errs[w.Name]; ok {
			list = append(list, code)
		}
	}
	if c, ok := f.codec.(*listCodec); ok {
		for _, m := range c.each {
			list = append(list, m.codes()...)
		}
		if c.of != nil {
			list = append(list, c.of.codes()...)
		}
	}
	return list
}

// name notes the classes that the engine or a line of the file raises.
func (x *exporter) name() {
	x.named = map[record.Code]bool{}
	for _, code := range record.Codes() {
		x.named[code] = true
	}
	for _, op := range x.d.Operations {
		for _, code := range op.codes() {
			x.named[code] = true
		}
	}
}

// failures adds the error responses of an operation, one for each status.
func (x *exporter) failures(op *Op, responses *jsontext.Object) {
	var statuses []int
	for _, c := range x.refusals(op) {
		if !slices.Contains(statuses, c.Status) {
			statuses = append(statuses, c.Status)
		}
	}
	slices.Sort(statuses)
	for _, status := range statuses {
		responses.PutObject(strconv.Itoa(status), x.refused(status))
	}
}

// refused refers to the response of a status.
func (x *exporter) refused(status int) *jsontext.Object {
	name := "error." + strconv.Itoa(status)
	x.responses.once(name, func() *jsontext.Object { return x.failure(status) })
	return refTo("responses", name)
}

// failure is the response of every class with a status.
func (x *exporter) failure(status int) *jsontext.Object {
	var classes []*Class
	var names []string
	for _, name := range x.d.errors.order {
		if c := x.d.errors.classes[name]; c.Status == status {
			classes = append(classes, c)
			names = append(names, c.Name)
		}
	}
	o := new(jsontext.Object).PutText("description", http.StatusText(status)+": "+strings.Join(names, ", "))
	if h := x.failureHeaders(classes); h.Len() > 0 {
		o.PutObject("headers", h)
	}
	if schema := x.errorBody(classes); schema != nil {
		ref := x.Component("error."+strconv.Itoa(status), func() *jsontext.Object { return schema })
		o.PutObject("content", new(jsontext.Object).PutObject(x.d.errors.mime, new(jsontext.Object).PutObject("schema", ref)))
	}
	return o
}

// errorBody is the schema of the bodies of some classes, nil when they have
// none. Classes that share a template share a schema.
func (x *exporter) errorBody(classes []*Class) *jsontext.Object {
	var templates []*template.Document
	users := map[*template.Document][]*Class{}
	for _, c := range classes {
		d := c.body
		if d == nil && !x.d.errors.empty {
			d = x.d.errors.body
		}
		if c.empty || d == nil {
			continue
		}
		if users[d] == nil {
			templates = append(templates, d)
		}
		users[d] = append(users[d], c)
	}
	var list []*jsontext.Object
	for _, d := range templates {
		o, _ := x.document(d, &view{classes: users[d]})
		list = append(list, o)
	}
	if len(list) == 0 {
		return nil
	}
	return jsonschema.Union(list...)
}
