package admin

import (
	"bytes"
	"encoding/json"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// Table is what the API does, for who speaks to one in another process.
func Table() []Operation { return new(API).table() }

// Request makes the request that asks for the operation over HTTP, with its
// whole input as one JSON object. Its URL begins with /__admin. A member that
// there is not goes along, and is refused by who knows why.
func (o Operation) Request(input []byte) (*http.Request, error) {
	object := map[string]json.RawMessage{}
	if len(bytes.TrimSpace(input)) > 0 {
		var err error
		if object, err = objectOf(input, o.Example); err != nil {
			return nil, err
		}
	}
	members := membersOf(o.in)
	path := prefix + o.Path
	for _, m := range from("path", members) {
		raw, ok := object[m.name]
		if !ok || textOf(raw) == "" {
			return nil, bad("%s is needed; it is %s", m.name, m.field.Tag.Get("doc"))
		}
		path = strings.ReplaceAll(path, "{"+m.name+"}", url.PathEscape(textOf(raw)))
		delete(object, m.name)
	}
	query, params := url.Values{}, from("query", members)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		known := slices.ContainsFunc(params, func(m member) bool { return m.takes(name) })
		if known || o.Example == "" {
			query.Set(name, textOf(object[name]))
			delete(object, name)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	var body []byte
	if o.Example != "" && !(o.Optional && len(object) == 0) {
		var err error
		if body, err = json.Marshal(object); err != nil {
			return nil, err
		}
	}
	r, err := http.NewRequest(o.Method, path, bytes.NewReader(body))
	if err == nil && body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	return r, err
}

// InputSchema is the JSON Schema of the operation's whole input, which is one
// object. more are further properties of it.
func (o Operation) InputSchema(more map[string]any) json.RawMessage {
	s := &schemas{named: map[string]schema{}, at: "#/$defs/"}
	out := s.object(true, membersOf(o.in))
	properties, _ := out["properties"].(map[string]schema)
	for name, of := range more {
		properties[name], _ = of.(map[string]any)
	}
	if len(s.named) > 0 {
		out["$defs"] = s.named
	}
	data, err := json.Marshal(out)
	if err != nil { // of texts and numbers, which are always written
		return json.RawMessage(`{"type":"object"}`)
	}
	return data
}
