package admin

import (
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/sandbox"
)

const about = `Everything acts on one sandbox: the one that the header X-Polylink-Sandbox names or the prefix /~name in front of the path, else ` +
	sandbox.Default + `. A sandbox is made on first use. Whatever is refused is a problem document (RFC 9457) whose detail says what to send.`

// OwnOpenAPI describes the API itself, made of its table of operations.
func (a *API) OwnOpenAPI(context.Context, None) (json.RawMessage, error) { return a.document(false) }

// document writes the API as OpenAPI 3.1. A strict one, which tests hold
// answers to, allows no members beyond those it names.
func (a *API) document(strict bool) ([]byte, error) {
	s := &schemas{named: map[string]schema{}, strict: strict}
	paths := map[string]schema{}
	for _, o := range a.operations {
		path := prefix + o.Path
		if paths[path] == nil {
			paths[path] = schema{}
		}
		paths[path][strings.ToLower(o.Method)] = s.operation(o)
	}
	problemOf := s.of(reflect.TypeFor[Problem](), false)
	return json.Marshal(schema{
		"openapi":  "3.1.0",
		"info":     schema{"title": "polylink control API", "version": a.o.Version, "description": about},
		"servers":  []schema{{"url": "/"}},
		"security": []schema{{}, {"token": []string{}}},
		"paths":    paths,
		"components": schema{
			"schemas":         s.named,
			"securitySchemes": schema{"token": schema{"type": "http", "scheme": "bearer", "description": "admin.token; not asked for on loopback unless it is set"}},
			"responses":       schema{"Problem": schema{"description": "a refusal; its detail says what to send", "content": schema{"application/problem+json": schema{"schema": problemOf}}}},
			"parameters": schema{"Sandbox": schema{"name": "X-Polylink-Sandbox", "in": "header", "description": "the sandbox that is meant",
				"schema": schema{"type": "string", "pattern": "^[a-z0-9-]{1,40}$"}}},
		},
	})
}

// operation describes one line of the table.
func (s *schemas) operation(o Operation) schema {
	op := schema{"summary": o.Does, "operationId": o.Name}
	parameters := []schema{}
	if !o.Global {
		parameters = append(parameters, schema{"$ref": "#/components/parameters/Sandbox"})
	}
	members := membersOf(o.in)
	for _, m := range slices.Concat(from("path", members), from("query", members)) {
		p := schema{"name": m.name, "in": m.from, "description": m.field.Tag.Get("doc"), "schema": s.bare(m)}
		if m.many { // any number of parameters whose names begin so
			p["name"], p["style"], p["explode"] = strings.TrimSuffix(m.name, ".")+"Members", "form", true
			p["schema"] = schema{"type": "object", "patternProperties": schema{"^" + regexp.QuoteMeta(m.name) + ".": schema{"type": "string"}}}
		}
		if m.from == "path" {
			p["required"] = true
		}
		parameters = append(parameters, p)
	}
	if len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if o.Example != "" {
		op["requestBody"] = schema{"required": !o.Optional, "content": schema{"application/json": schema{"schema": s.of(o.in, true)}}}
	}
	ok := schema{"description": http.StatusText(o.success())}
	if o.out != reflect.TypeFor[None]() {
		mime := o.Mime
		if mime == "" {
			mime = "application/json"
		}
		ok["content"] = schema{mime: schema{"schema": s.of(o.out, false)}}
	}
	responses := schema{strconv.Itoa(o.success()): ok}
	for _, status := range o.refusals() {
		responses[strconv.Itoa(status)] = schema{"$ref": "#/components/responses/Problem"}
	}
	responses["default"] = schema{"$ref": "#/components/responses/Problem"}
	op["responses"] = responses
	if o.Open {
		op["security"] = []schema{{}}
	}
	return op
}

// refusals lists the statuses of problems that an operation may answer with.
func (o Operation) refusals() []int {
	out := append([]int{http.StatusBadRequest, http.StatusForbidden, http.StatusMisdirectedRequest}, o.Refusals...)
	if !o.Open {
		out = append(out, http.StatusUnauthorized)
	}
	if o.Example != "" {
		out = append(out, http.StatusRequestEntityTooLarge)
	}
	if !o.Global || o.Example != "" { // it may make a sandbox, or keep something
		out = append(out, http.StatusInsufficientStorage)
	}
	slices.Sort(out)
	return out
}
