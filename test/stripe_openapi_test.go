package test

import (
	"encoding/json"
	"maps"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/openapi"
	"github.com/polylink-dev/polylink/internal/exchanges"
	"github.com/polylink-dev/polylink/mappings"
)

// published returns Stripe's own OpenAPI document, which a module beside this
// package fetches. Objects that it lists the members of have no others here, so
// that a member which Stripe does not have is found.
func published(t *testing.T) *openapi3.T {
	t.Helper()
	dir := copied(t, "stripe-openapi")
	if out, err := run(t, dir, nil, "go", "mod", "download"); err != nil {
		missing(t, "go mod download failed", out)
	}
	out, err := run(t, dir, nil, "go", "run", ".")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	var tree any
	if err := json.Unmarshal([]byte(out), &tree); err != nil {
		t.Fatal(err)
	}
	closed(tree)
	for name, member := range unlisted {
		shape := tree.(map[string]any)["components"].(map[string]any)["schemas"].(map[string]any)[name].(map[string]any)
		shape["properties"].(map[string]any)[member] = map[string]any{}
	}
	data, err := json.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// unlisted are members that Stripe's answers have by its other documents, and
// that the schemas of this one leave out.
var unlisted = map[string]string{"product": "type"}

// closed says of every object with members that it has no others.
func closed(tree any) {
	switch v := tree.(type) {
	case map[string]any:
		if props, ok := v["properties"].(map[string]any); ok && v["type"] == "object" && len(props) > 0 && v["additionalProperties"] == nil {
			v["additionalProperties"] = false
		}
		for _, one := range v {
			closed(one)
		}
	case []any:
		for _, one := range v {
			closed(one)
		}
	}
}

// operationAt is the operation of a document at a method and path, nil if it has none.
func operationAt(doc *openapi3.T, method, path string) *openapi3.Operation {
	path, _, _ = strings.Cut(path, "?")
	var found *openapi3.Operation
	exact := false
	for template, item := range doc.Paths.Map() {
		re := regexp.MustCompile("^" + variable.ReplaceAllString(template, "[^/]+") + "$")
		if op := item.GetOperation(method); op != nil && !exact && re.MatchString(path) {
			found, exact = op, template == path
		}
	}
	return found
}

var variable = regexp.MustCompile(`\{[^}]*\}`)

// TestStripeExchangesFitStripesDocument holds every answer of the golden
// exchanges to the schema that Stripe publishes for it.
func TestStripeExchangesFitStripesDocument(t *testing.T) {
	t.Parallel()
	doc := published(t)
	list, err := exchanges.Load(os.DirFS("../fixtures/stripe"), ".")
	if err != nil {
		t.Fatal(err)
	}
	held := 0
	for _, x := range list {
		asked := ""
		for i := range x.Steps {
			switch s := &x.Steps[i]; s.Verb {
			case exchanges.Request, exchanges.Meanwhile:
				head, _ := s.Parts()
				asked = head[0]
			case exchanges.Response:
				head, body := s.Parts()
				if fits(t, doc, x.File, asked, head[0], body) {
					held++
				}
			}
		}
	}
	if held < 100 {
		t.Errorf("only %d answers were held to the document", held)
	}
}

// fits holds an answer to the document. It says false where the document has
// nothing about the request.
func fits(t *testing.T, doc *openapi3.T, file, asked, status string, body []byte) bool {
	t.Helper()
	method, path, _ := strings.Cut(asked, " ")
	path = strings.TrimPrefix(path, "/stripe")
	op := operationAt(doc, method, path)
	code, err := strconv.Atoi(status)
	if err != nil || op == nil {
		if code == http.StatusOK && strings.HasPrefix(path, "/v1/") {
			t.Errorf("%s: Stripe has no %s", file, asked)
		}
		return false
	}
	response := op.Responses.Value(status)
	if response == nil {
		response = op.Responses.Default()
	}
	var value any
	if err := json.Unmarshal(body, &value); err != nil {
		t.Errorf("%s: %v", file, err)
		return false
	}
	schema := response.Value.Content.Get("application/json").Schema.Value
	if err := schema.VisitJSON(value, openapi3.MultiErrors()); err != nil {
		t.Errorf("%s: %s\n%s", file, asked, reasons(err))
	}
	return true
}

// reasons are the causes of a violation of a schema, one a line.
func reasons(err error) string {
	var lines []string
	var add func(error)
	add = func(err error) {
		switch e := err.(type) {
		case openapi3.MultiError:
			for _, one := range e {
				add(one)
			}
		case *openapi3.SchemaError:
			if e.Origin != nil {
				if _, deeper := e.Origin.(openapi3.MultiError); deeper {
					add(e.Origin)
					return
				}
			}
			lines = append(lines, strings.Join(e.JSONPointer(), ".")+": "+e.Reason)
		default:
			lines = append(lines, err.Error())
		}
	}
	add(err)
	return strings.Join(lines, "\n")
}

// TestStripeTakesWhatStripeDocuments counts, of the leaf parameters that Stripe
// documents for an operation, those that the dialect takes. What it does not
// take is named on the dialect's page.
func TestStripeTakesWhatStripeDocuments(t *testing.T) {
	t.Parallel()
	doc := published(t)
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	ours, err := openapi3.NewLoader().LoadFromData(openapi.Document(set.Dialect("stripe"), openapi.Options{}))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile("../docs/dialects/stripe.md")
	if err != nil {
		t.Fatal(err)
	}
	named := strings.ReplaceAll(string(page), `\`, "")
	for at, least := range map[string]int{
		"POST /v1/payment_links":                95,
		"POST /v1/payment_links/{payment_link}": 80,
		"POST /v1/products":                     34,
		"POST /v1/prices":                       42,
		"POST /v1/customers":                    36,
	} {
		t.Run(at, func(t *testing.T) {
			t.Parallel()
			method, path, _ := strings.Cut(at, " ")
			all := leaves(form(operationAt(doc, method, path)), nil)
			taken := form(operationAt(ours, method, path))
			n := 0
			for _, leaf := range all {
				if takes(taken, leaf) {
					n++
				} else if name := bracketed(leaf); !strings.Contains(named, "`"+name+"`") {
					t.Errorf("%s is neither taken nor named in docs/dialects/stripe.md", name)
				}
			}
			if t.Logf("%d of %d", n, len(all)); n < least {
				t.Errorf("it takes %d of %d leaf parameters, and is to take %d", n, len(all), least)
			}
		})
	}
}

// form is the schema of an operation's form, without the parameter that every
// operation has.
func form(op *openapi3.Operation) *openapi3.Schema {
	media := op.RequestBody.Value.Content.Get("application/x-www-form-urlencoded")
	return media.Schema.Value
}

// leaves are the paths of a schema's parameters that hold values: # is an entry of a
// list, * a key of the client's own.
func leaves(s *openapi3.Schema, at []string) (list [][]string) {
	add := func(more [][]string) {
		for _, leaf := range more {
			if !slices.ContainsFunc(list, func(have []string) bool { return slices.Equal(have, leaf) }) {
				list = append(list, leaf)
			}
		}
	}
	below := func(name string, ref *openapi3.SchemaRef) { add(leaves(ref.Value, append(slices.Clip(at), name))) }
	switch {
	case len(s.AnyOf) > 0:
		for _, one := range s.AnyOf {
			if !slices.Equal(one.Value.Enum, []any{""}) {
				add(leaves(one.Value, at))
			}
		}
	case s.Type.Is("array"):
		below("#", s.Items)
	case len(s.Properties) > 0:
		for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
			if len(at) > 0 || name != "expand" {
				below(name, s.Properties[name])
			}
		}
	case s.AdditionalProperties.Schema != nil && s.AdditionalProperties.Schema.Value.Type.Is("object"):
		below("*", s.AdditionalProperties.Schema)
	default:
		return [][]string{at}
	}
	return list
}

// takes tells whether a schema has a place for a leaf, and takes something there.
func takes(s *openapi3.Schema, leaf []string) bool {
	for _, list := range []openapi3.SchemaRefs{s.AnyOf, s.OneOf, s.AllOf} {
		for _, one := range list {
			if takes(one.Value, leaf) {
				return true
			}
		}
	}
	if len(leaf) == 0 {
		return s.Type != nil || len(s.Enum) > 0
	}
	var next *openapi3.SchemaRef
	switch leaf[0] {
	case "#":
		next = s.Items
	case "*":
		next = s.AdditionalProperties.Schema
	default:
		next = s.Properties[leaf[0]]
	}
	return next != nil && takes(next.Value, leaf[1:])
}

// bracketed writes a leaf as a form does.
func bracketed(leaf []string) string {
	name := leaf[0]
	for _, part := range leaf[1:] {
		switch part {
		case "#":
			part = ""
		case "*":
			part = "KEY"
		}
		name += "[" + part + "]"
	}
	return name
}
