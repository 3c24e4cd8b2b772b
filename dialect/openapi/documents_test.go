package openapi_test

import (
	"bytes"
	"os"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/dialect/openapi"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

func TestOpenAPIOfEveryShippedDialectIsValid(t *testing.T) {
	t.Parallel()
	for _, d := range dialecttest.Shipped(t).Dialects {
		t.Run(d.Name, func(t *testing.T) {
			t.Parallel()
			doc := load(t, openapi.Document(d, openapi.Options{Version: "test"}))
			for _, op := range d.Operations {
				item := doc.Paths.Find(op.Path)
				if item == nil || item.GetOperation(op.Method) == nil || item.GetOperation(op.Method).OperationID != op.Name {
					t.Errorf("%s is not at %s %s", op.Name, op.Method, op.Path)
				}
			}
			again := openapi.Document(dialecttest.Shipped(t).Dialect(d.Name), openapi.Options{Version: "test"})
			if !bytes.Equal(again, openapi.Document(d, openapi.Options{Version: "test"})) {
				t.Error("two compilations of the same file give two documents")
			}
		})
	}
}

// load reads a document and holds it to the specification.
func load(t testing.TB, data []byte) *openapi3.T {
	t.Helper()
	doc, err := openapi3.NewLoader().LoadFromData(data)
	if err != nil {
		t.Fatal(err)
	}
	if err := doc.Validate(t.Context()); err != nil {
		t.Fatal(err)
	}
	return doc
}

// everyConstruct is a dialect with every construct that a document shows.
func everyConstruct(t testing.TB) *dialect.Dialect {
	t.Helper()
	data, err := os.ReadFile("testdata/whole.yaml")
	if err != nil {
		t.Fatal(err)
	}
	d, err := compile.File("whole.yaml", data)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// constructs is what stands where in the document of the dialect with every
// construct: the beginning of a path, its ends, and the JSON there.
var constructs = map[string]map[string]string{
	"": {
		"openapi": `"3.1.0"`, "info.title": `"A whole dialect"`, "info.version": `"1.2.3"`,
		"servers.#.url":                    `["/whole","/","https://api.example.com"]`,
		"security":                         `[{"X-Key":[],"X-Secret":[]}]`,
		"tags.0":                           `{"name":"link","description":"pay link"}`,
		"components.securitySchemes.X-Key": `{"type":"apiKey","in":"header","name":"X-Key"}`,
		"x-polylink-choices":               `[{"path":"request_headers.X-Version","why":"there is no telling","at":"whole.yaml:19"}]`,
	},
	"paths./c/{customer}/links.post.": {
		"operationId": `"link.create"`, "description": `"Needs the scope write."`, "security.0.X-Key": `["write"]`, "tags": `["link"]`,
		"parameters.#.name":         `["customer","X-Version","Idempotency-Key"]`,
		"parameters.2.required":     `true`,
		"parameters.2.schema":       `{"type":"string","minLength":1,"maxLength":40}`,
		"requestBody.required":      `true`,
		"requestBody.content.@keys": `["application/json","application/x-www-form-urlencoded"]`,
		"requestBody.content.application/x-www-form-urlencoded.encoding": `{"link":{"style":"deepObject","explode":true}}`,
		"responses.@keys":                               `["201","400","401","402","403","409","429","500"]`,
		"responses.201.headers.X-Replayed.schema":       `{"type":"string","enum":["no","yes"]}`,
		"responses.201.headers.X-Left.schema":           `{"type":"integer"}`,
		"responses.201.headers.X-Policy.schema":         `{"type":"string"}`,
		"responses.201.headers.X-Version.schema":        `{"type":"string","enum":["1","2"]}`,
		"responses.201.content.application/json.schema": `{"type":"object","properties":{"ok":{"type":"boolean","const":true},"data":{"$ref":"#/components/schemas/link.create.answer"},"id":{"type":"string"}},"required":["ok","data","id"]}`,
	},
	"paths./c/{customer}/links.get.": {
		"parameters.#.name":   `["customer","state","active","count","limit","after","before","X-Version"]`,
		"parameters.1.schema": `{"type":"string","enum":["on","off"]}`,
		"parameters.2.schema": `{"type":"boolean"}`,
		"parameters.4.schema": `{"type":"integer","minimum":1,"maximum":50,"default":10}`,
		"responses.200.content.application/json.schema.properties.data": `{"type":"array","items":{"$ref":"#/components/schemas/link"}}`,
		"responses.200.content.application/json.schema.properties.next": `{"type":["string","null"]}`,
	},
	"paths./": {
		"c/{customer}/links/{id}.@keys":                                             `["get","patch","delete"]`,
		"c/{customer}/links/{id}.patch.description":                                 `"Only where the pay link is active."`,
		"c/{customer}/links/{id}.delete.responses.204.content":                      ``,
		"c/{customer}/links/{id}/live.delete.requestBody":                           ``,
		"customer.get.parameters.0.in":                                              `"query"`,
		"customers.get.parameters.0.name":                                           `"page"`,
		"prices.get.parameters.0.name":                                              `"skip"`,
		"ping.get.security":                                                         `[]`,
		"ping.get.responses.@keys":                                                  `["200","400","429","500"]`,
		"old.get.responses.200":                                                     ``,
		"old.get.responses.410":                                                     `{"$ref":"#/components/responses/error.410"}`,
		"info.get.parameters.0.schema":                                              `{"type":"string","enum":["eu","us"],"default":"eu"}`,
		"info.get.responses.200.content.application/json.schema.properties.sum":     `{"type":"integer"}`,
		"info.get.responses.200.content.application/json.schema.properties.nothing": `{"type":"object","maxProperties":0}`,
	},
	"components.schemas.link\\.create\\.body.properties.link.": {
		"required": `["title","pays","must"]`, "additionalProperties": `false`,
		"properties.title":                        `{"type":"string","minLength":3,"maxLength":30,"pattern":"^(?:[a-z ]*)$","description":"the headline"}`,
		"properties.state.type":                   ``,
		"properties.active.default":               `true`,
		"properties.word":                         `{"type":["string","null"],"enum":["pay","book","",null],"description":"label of the button"}`,
		"properties.amount":                       `{"type":["number","null"],"minimum":0.01,"maximum":1000}`,
		"properties.pays.format":                  `"uuid"`,
		"properties.currency":                     `{"$ref":"#/components/schemas/currency.any"}`,
		"properties.hours":                        `{"type":"integer","description":"from now on, in units of 1h","minimum":1,"maximum":24,"default":2}`,
		"properties.extra":                        `{"type":"object","maxProperties":2,"additionalProperties":true}`,
		"properties.anything.not":                 `{"type":"null"}`,
		"properties.lines.items.allOf":            `[{"anyOf":[{"required":["price"]},{"required":["inline"]}]}]`,
		"properties.lines.items.properties.@keys": `["price","inline","count","note"]`,
		"properties.box.type":                     `["object","null"]`,
		"properties.box.required":                 `["kind"]`,
		"properties.must.required":                `["have"]`,
		"properties.once.properties.x":            `{"type":"string"}`,
	},
	"components.schemas.link\\.update\\.body.": {
		"required": ``, "properties.state.enum": `["on","off"]`, "properties.active.default": ``,
		"properties.once": `{"description":"not written here: takes the value that is there"}`,
	},
	"components.schemas.link.": {
		"required":                `["id","object","short","url","live","title","state","active","success","mail","amount","count","created","ends","meta","tags","box"]`,
		"properties.object":       `{"type":"string","const":"link"}`,
		"properties.live":         `{"type":"string","enum":["live","test"]}`,
		"properties.mail.type":    `["string","null"]`,
		"properties.state.enum":   `["on","off","over"]`,
		"properties.mixed.anyOf":  `[{"type":"integer","const":1},{"type":"string","enum":["two","order"]},{"type":"boolean","const":true}]`,
		"properties.success.type": `"string"`, "properties.meta.type": `"object"`, "properties.tags.type": `"array"`,
		"properties.secret": ``, "properties.hours": ``,
		"properties.lines.items.required": `["count","note"]`,
	},
	"components.schemas.": {
		"link\\.create\\.answer.properties.secret": `{"type":"string","description":"secret end of its URL, shown once"}`,
		"currency\\.lower.enum.0":                  `"aed"`,
		"error\\.400.properties.type":              `{"type":"string","enum":["yours","syntax"]}`,
		"error\\.400.properties.status":            `{"type":"integer","const":400}`,
		"error\\.400.properties.doc":               `{"type":"string","const":"none"}`,
		"error\\.400.required":                     `["status","type","title","detail","doc","list","by"]`,
		"error\\.409.anyOf.0":                      `{"type":"object","properties":{"error":{"type":"string"},"n":{"type":"integer"}},"required":["error","n"]}`,
		"error\\.409.anyOf.1.properties.type":      `{"type":"string","const":"full"}`,
		"error\\.410.properties.doc":               `{"type":"string"}`,
	},
	"components.responses.": {
		"error\\.500.content":                         ``,
		"error\\.400.content.@keys":                   `["application/problem+json"]`,
		"error\\.401.headers.WWW-Authenticate.schema": `{"type":"string","const":"Key"}`,
		"error\\.429.headers.Retry-After.schema":      `{"type":"integer"}`,
		"error\\.409.headers.Retry-After.schema":      `{"type":"string","const":"1"}`,
	},
}

func TestOpenAPIShowsEveryConstruct(t *testing.T) {
	t.Parallel()
	data := openapi.Document(everyConstruct(t), openapi.Options{Version: "1.2.3"})
	load(t, data)
	for place, parts := range constructs {
		for path, want := range parts {
			if got := compact(gjson.GetBytes(data, place+path).Raw); got != want {
				t.Errorf("%s%s\n got %s\nwant %s", place, path, got, want)
			}
		}
	}
}

// compact takes the blanks out of a JSON text, and out of nothing nothing.
func compact(raw string) string {
	if raw == "" {
		return ""
	}
	return string(jsontext.AppendCompact(nil, jsontext.ValueOf(raw)))
}

// A closed document refuses members that are not listed, an open one does not.
func TestOpenAPIClosesAnswersWhenAsked(t *testing.T) {
	t.Parallel()
	const path = "components.schemas.link.additionalProperties"
	d := everyConstruct(t)
	if got := gjson.GetBytes(openapi.Document(d, openapi.Options{}), path); got.Exists() {
		t.Errorf("an open document has %s", got.Raw)
	}
	closed := openapi.Document(d, openapi.Options{Closed: true})
	load(t, closed)
	if got := gjson.GetBytes(closed, path).Raw; got != "false" {
		t.Errorf("a closed document has %q", got)
	}
}
