package openapi

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/refusals"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// refusals lists the error classes that an operation can answer with, in the
// catalogue's order. Which the checks raise is told by what there is to check;
// a class that no check and no line of the file names is one that credentials
// lead to.
func (x *exporter) refusals(op *dialect.Op) []*dialect.Class {
	raised := map[*dialect.Class]bool{}
	for _, code := range refusals.Codes(op) {
		raised[x.d.Errors.Class(code)] = true
	}
	var out []*dialect.Class
	for _, name := range x.d.Errors.Order {
		class := x.d.Errors.Classes[name]
		if raised[class] || !op.Public && !x.named[name] {
			out = append(out, class)
		}
	}
	return out
}

// name notes the classes that the engine or a line of the file raises.
func (x *exporter) name() {
	x.named = map[record.Code]bool{}
	for _, code := range record.Codes() {
		x.named[code] = true
	}
	for _, op := range x.d.Operations {
		for _, code := range refusals.Codes(op) {
			x.named[code] = true
		}
	}
}

// failures adds the error responses of an operation, one for each status.
func (x *exporter) failures(op *dialect.Op, responses *jsontext.Object) {
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
	var classes []*dialect.Class
	var names []string
	for _, name := range x.d.Errors.Order {
		if c := x.d.Errors.Classes[name]; c.Status == status {
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
		o.PutObject("content", new(jsontext.Object).PutObject(x.d.Errors.Mime, new(jsontext.Object).PutObject("schema", ref)))
	}
	return o
}

// errorBody is the schema of the bodies of some classes, nil when they have
// none. Classes that share a template share a schema.
func (x *exporter) errorBody(classes []*dialect.Class) *jsontext.Object {
	var templates []*template.Document
	users := map[*template.Document][]*dialect.Class{}
	for _, c := range classes {
		d := c.Body
		if d == nil && !x.d.Errors.Empty {
			d = x.d.Errors.Body
		}
		if c.Empty || d == nil {
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
