package openapi

import (
	"bytes"
	"encoding/json"
	"net/http"
	"path"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Options is what a document says besides what the dialect does.
type Options struct {
	Version string // of polylink; "" is "0"
	// Example is a request that works on a fresh sandbox; nil, or a zero one, where
	// there is none.
	Example func(*dialect.Op) Example
	// Closed says of every object in an answer that it has no other members.
	// That holds for this server and not for the provider, so it is for tests
	// of the server and not for clients.
	Closed bool
}

// Example is a request to try.
type Example struct {
	Vars []string // of the path, in their order
	ID   string   // of the record, where a query parameter has it
	Body string   // in JSON; "" for none
}

// Document describes a dialect as an OpenAPI 3.1 document, in JSON. It is made
// of the compiled program alone, and the same program gives the same bytes.
func Document(d *dialect.Dialect, opts Options) []byte {
	x := &exporter{d: d, opts: opts, shapes: map[string]*pathItem{}}
	x.name()
	doc := new(jsontext.Object).PutText("openapi", "3.1.0")
	doc.PutObject("info", x.info())
	doc.Put("servers", jsontext.Array(jsontext.Texts(x.servers())...))
	schemes, needed := x.security()
	if needed != nil {
		doc.Put("security", jsontext.Array(needed.Bytes()))
	}
	doc.Put("tags", jsontext.Array(jsontext.Texts(x.tags())...))
	doc.PutObject("paths", x.paths())
	for _, status := range d.Statuses() { // those of paths that are not there, too
		x.refused(status)
	}
	doc.PutObject("components", x.components(schemes))
	doc.Put("x-polylink-choices", jsontext.Array(jsontext.Texts(x.choices())...))
	var out bytes.Buffer
	if json.Indent(&out, doc.Bytes(), "", "  ") != nil {
		return append(doc.Bytes(), '\n')
	}
	return append(out.Bytes(), '\n')
}

// exporter makes one document.
type exporter struct {
	d         *dialect.Dialect
	opts      Options
	schemas   components
	responses components
	named     map[record.Code]bool // classes that a check or a line raises
	items     []*pathItem
	updates   bool // the body at hand is that of an update
	example   Example
	shapes    map[string]*pathItem
}

// components are the parts of a document that others refer to.
type components struct {
	jsontext.Object
	begun map[string]bool
}

// once makes a component on its first use.
func (c *components) once(name string, make func() *jsontext.Object) {
	if c.begun[name] {
		return
	}
	if c.begun == nil {
		c.begun = map[string]bool{}
	}
	c.begun[name] = true
	c.PutObject(name, make())
}

// Component implements codec.Components.
func (x *exporter) Component(name string, make func() *jsontext.Object) *jsontext.Object {
	name = componentName(name)
	x.schemas.once(name, make)
	return refTo("schemas", name)
}

// componentName keeps to the letters that component names may have.
func componentName(s string) string {
	return strings.Map(func(r rune) rune {
		if r == '.' || r == '-' || r == '_' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' {
			return r
		}
		return '_'
	}, s)
}

func (x *exporter) components(schemes *jsontext.Object) *jsontext.Object {
	o := new(jsontext.Object)
	for _, part := range []struct {
		name string
		of   *jsontext.Object
	}{{"schemas", &x.schemas.Object}, {"responses", &x.responses.Object}, {"securitySchemes", schemes}} {
		if part.of.Len() > 0 {
			o.PutObject(part.name, part.of)
		}
	}
	return o
}

func (x *exporter) info() *jsontext.Object {
	title, version := x.d.Title, x.opts.Version
	if title == "" {
		title = x.d.Name
	}
	if version == "" {
		version = "0"
	}
	return new(jsontext.Object).PutText("title", title).PutText("version", version).
		PutObject("license", new(jsontext.Object).PutText("name", "Apache 2.0").PutText("identifier", "Apache-2.0")).
		PutObject("contact", new(jsontext.Object).PutText("name", "polylink")).
		PutText("description", "A mock's view: what polylink answers in this dialect, made from "+path.Base(x.d.File)+
			". It is not the provider's own description. Where the provider's documents leave something open, "+
			"x-polylink-choices lists what was chosen and why.")
}

// servers are the ways to this dialect, and for the record its real hosts.
func (x *exporter) servers() []*jsontext.Object {
	at := func(url, doc string) *jsontext.Object {
		return new(jsontext.Object).PutText("url", url).PutText("description", doc)
	}
	list := []*jsontext.Object{
		at("/"+x.d.Name, "polylink, always"),
		at("/", "polylink, where the host, the listener or the path alone tells the dialect"),
	}
	for _, h := range x.d.Hosts {
		list = append(list, at("https://"+h, "the provider itself, which this document does not describe"))
	}
	return list
}

// security returns the schemes and what every operation needs of them, nil
// when nothing is asked for.
func (x *exporter) security() (schemes, needed *jsontext.Object) {
	schemes = new(jsontext.Object)
	a := x.d.Auth
	for _, s := range a.Schemes {
		switch s {
		case "bearer", "basic":
			schemes.PutObject(s, new(jsontext.Object).PutText("type", "http").PutText("scheme", s))
		case "headers":
			for _, h := range a.Headers {
				schemes.PutObject(componentName(h), new(jsontext.Object).PutText("type", "apiKey").PutText("in", "header").PutText("name", h))
			}
		default:
			return schemes, nil
		}
	}
	return schemes, x.requirement("")
}

// requirement asks for every scheme, and for a scope where there is one.
func (x *exporter) requirement(scope string) *jsontext.Object {
	names := []string{x.d.Auth.Scheme}
	if x.d.Auth.Scheme == "headers" {
		names = x.d.Auth.Headers
	}
	o := new(jsontext.Object)
	for _, name := range names {
		if scope == "" {
			o.Put(componentName(name), jsontext.Array())
			continue
		}
		o.PutTexts(componentName(name), []string{scope})
	}
	return o
}

func (x *exporter) tags() (list []*jsontext.Object) {
	seen := map[string]bool{}
	for _, op := range x.d.Operations {
		tag, _, _ := strings.Cut(op.Name, ".")
		if seen[tag] {
			continue
		}
		seen[tag] = true
		noun := tag
		if op.Resource != nil {
			noun = op.Resource.Noun
		}
		list = append(list, new(jsontext.Object).PutText("name", tag).PutText("description", noun))
	}
	return list
}

func (x *exporter) choices() (list []*jsontext.Object) {
	for _, c := range x.d.Choices {
		o := new(jsontext.Object).PutText("path", c.Path)
		if c.Is != "" {
			o.Put("is", []byte(c.Is))
		}
		list = append(list, o.PutText("why", c.Why).PutText("at", path.Base(c.File)+":"+strconv.Itoa(c.Line)))
	}
	return list
}

// pathItem is the operations at one path.
type pathItem struct {
	path string
	vars []string
	ops  jsontext.Object
}

// paths lists the operations by path. Paths that differ in the names of their
// variables alone are one to OpenAPI; the first one's names are kept.
func (x *exporter) paths() *jsontext.Object {
	for _, op := range x.d.Operations {
		key := dialect.Shape(op.Path)
		item := x.shapes[key]
		if item == nil {
			item = &pathItem{path: op.Path, vars: op.Vars}
			x.shapes[key] = item
			x.items = append(x.items, item)
		}
		item.ops.PutObject(strings.ToLower(op.Method), x.operation(op, item.vars))
	}
	o := new(jsontext.Object)
	for _, item := range x.items {
		o.PutObject(item.path, &item.ops)
	}
	return o
}

func (x *exporter) operation(op *dialect.Op, vars []string) *jsontext.Object {
	tag, verb, _ := strings.Cut(op.Name, ".")
	noun := tag
	if op.Resource != nil {
		noun = op.Resource.Noun
	}
	o := new(jsontext.Object).PutText("operationId", op.Name).PutText("summary", dialect.Capital(strings.ReplaceAll(verb, "_", " "))+": "+noun)
	if doc := operationDoc(op); doc != "" {
		o.PutText("description", doc)
	}
	o.PutTexts("tags", []string{tag})
	x.example = Example{}
	if x.opts.Example != nil {
		x.example = x.opts.Example(op)
	}
	switch {
	case op.Public:
		o.Put("security", jsontext.Array())
	case op.Scope != "" && x.d.Auth.Scheme != "none":
		o.Put("security", jsontext.Array(x.requirement(op.Scope).Bytes()))
	}
	if list := x.parameters(op, vars); len(list) > 0 {
		o.Put("parameters", jsontext.Array(jsontext.Texts(list)...))
	}
	if body := x.requestBody(op); body != nil {
		o.PutObject("requestBody", body)
	}
	responses := new(jsontext.Object)
	if op.Does != dialect.Refuse {
		responses.PutObject(strconv.Itoa(op.Status), x.success(op))
	}
	x.failures(op, responses)
	return o.PutObject("responses", responses)
}

// operationDoc says what no schema can.
func operationDoc(op *dialect.Op) string {
	var parts []string
	if op.Does == dialect.Refuse {
		parts = append(parts, "Always refused.")
	}
	if op.From != nil {
		parts = append(parts, "Only where the "+op.Resource.Noun+" is "+strings.Join(op.From, " or ")+".")
	}
	if op.Scope != "" {
		parts = append(parts, "Needs the scope "+op.Scope+".")
	}
	return strings.Join(parts, " ")
}

func (x *exporter) requestBody(op *dialect.Op) *jsontext.Object {
	schema, required := x.body(op)
	if schema == nil {
		return nil
	}
	content := new(jsontext.Object)
	for _, b := range op.BodyTypes() {
		switch b {
		case "json":
			content.PutObject("application/json", x.media(schema))
			continue
		case "multipart":
			content.PutObject("multipart/form-data", x.media(schema))
			continue
		}
		media := x.media(schema)
		if enc := x.encoding(op); enc.Len() > 0 {
			media.PutObject("encoding", enc)
		}
		content.PutObject("application/x-www-form-urlencoded", media)
	}
	o := new(jsontext.Object)
	if required {
		o.PutBool("required", true)
	}
	return o.PutObject("content", content)
}

// media is a body with its example.
func (x *exporter) media(schema *jsontext.Object) *jsontext.Object {
	o := new(jsontext.Object).PutObject("schema", schema)
	if x.example.Body != "" {
		o.Put("example", []byte(x.example.Body))
	}
	return o
}

// encoding says that objects and lists are written with brackets in a form.
func (x *exporter) encoding(op *dialect.Op) *jsontext.Object {
	o := new(jsontext.Object)
	deep := func(name string) {
		o.PutObject(name, new(jsontext.Object).PutText("style", "deepObject").PutBool("explode", true))
	}
	if len(op.Unwrap) > 0 {
		deep(op.Unwrap[0])
		return o
	}
	for _, name := range op.Resource.Tree.Order {
		kid := op.Resource.Tree.Kids[name]
		if kid.Field == nil {
			deep(name)
			continue
		}
		if f := kid.Field; codec.Nests(f.Codec) && op.Reads(f) {
			deep(name)
		}
	}
	return o
}

// success is the response of an operation that was done.
func (x *exporter) success(op *dialect.Op) *jsontext.Object {
	o := new(jsontext.Object).PutText("description", http.StatusText(op.Status))
	if h := x.headers(op); h.Len() > 0 {
		o.PutObject("headers", h)
	}
	if op.Status == http.StatusNoContent || op.Status == http.StatusResetContent {
		return o
	}
	schema := x.answer(op)
	if op.Answer != nil {
		schema, _ = x.document(op.Answer, &view{op: op})
	}
	return o.PutObject("content", new(jsontext.Object).PutObject("application/json", new(jsontext.Object).PutObject("schema", schema)))
}

func refTo(section, name string) *jsontext.Object {
	return new(jsontext.Object).PutText("$ref", "#/components/"+section+"/"+name)
}
