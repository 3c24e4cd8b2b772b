package admin

import (
	"encoding/json"
	"net/http"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/world"
)

const about = `Everything acts on one sandbox: the one that the header X-Polylink-Sandbox names or the prefix /~name in front of the path, else ` +
	world.Default + `. A sandbox is made on first use. Whatever is refused is a problem document (RFC 9457) whose detail says what to send.`

// ownDocument describes the API itself, made of its table of routes.
func ownDocument(c *call) (any, error) {
	doc, err := c.document(false)
	return json.RawMessage(doc), err
}

// document writes the API as OpenAPI 3.1. A strict one, which tests hold
// answers to, allows no members beyond those it names.
func (a *API) document(strict bool) ([]byte, error) {
	s := &schemas{named: map[string]schema{}, strict: strict}
	paths := map[string]schema{}
	for _, r := range a.routes() {
		path := prefix + r.path
		if paths[path] == nil {
			paths[path] = schema{}
			if names := pathVars(r.path); names != nil {
				paths[path]["parameters"] = names
			}
		}
		paths[path][strings.ToLower(r.method)] = s.operation(r)
	}
	problemOf := s.of(reflect.TypeFor[problem](), false)
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

var pathVar = regexp.MustCompile(`\{(\w+)\}`)

// pathVars describes the variables of a path.
func pathVars(path string) []schema {
	var out []schema
	for _, m := range pathVar.FindAllStringSubmatch(path, -1) {
		kind := "string"
		if m[1] == "n" {
			kind = "integer"
		}
		out = append(out, schema{"name": m[1], "in": "path", "required": true, "schema": schema{"type": kind}})
	}
	return out
}

// operation describes one line of the table.
func (s *schemas) operation(r route) schema {
	op := schema{"summary": r.does, "operationId": operationID(r)}
	parameters := []schema{}
	if !r.global {
		parameters = append(parameters, schema{"$ref": "#/components/parameters/Sandbox"})
	}
	for _, p := range r.query {
		of := s.of(reflect.TypeOf(p.of), true)
		if p.oneOf != nil {
			of["enum"] = p.oneOf
		}
		parameters = append(parameters, schema{"name": p.name, "in": "query", "description": p.does, "schema": of})
	}
	if len(parameters) > 0 {
		op["parameters"] = parameters
	}
	if r.in != nil {
		op["requestBody"] = schema{"required": true, "content": schema{"application/json": schema{"schema": s.of(reflect.TypeOf(r.in), true)}}}
	}
	ok := schema{"description": http.StatusText(r.success())}
	if r.answer != nil {
		mime := r.mime
		if mime == "" {
			mime = "application/json"
		}
		ok["content"] = schema{mime: schema{"schema": s.of(reflect.TypeOf(r.answer), false)}}
	}
	responses := schema{strconv.Itoa(r.success()): ok}
	for _, status := range r.refusals() {
		responses[strconv.Itoa(status)] = schema{"$ref": "#/components/responses/Problem"}
	}
	responses["default"] = schema{"$ref": "#/components/responses/Problem"}
	op["responses"] = responses
	if r.path == "/health" || r.path == "/ready" {
		op["security"] = []schema{{}}
	}
	return op
}

// refusals lists the statuses of problems that a route may answer with.
func (r route) refusals() []int {
	out := append([]int{http.StatusBadRequest, http.StatusForbidden}, r.no...)
	if r.path != "/health" && r.path != "/ready" {
		out = append(out, http.StatusUnauthorized)
	}
	if r.in != nil {
		out = append(out, http.StatusRequestEntityTooLarge)
	}
	slices.Sort(out)
	return out
}

// operationID names a line of the table: its method and the words of its path.
func operationID(r route) string {
	words := strings.FieldsFunc(r.path, func(c rune) bool { return strings.ContainsRune("/{}.", c) })
	return strings.ToLower(r.method) + "." + strings.Join(words, ".")
}
