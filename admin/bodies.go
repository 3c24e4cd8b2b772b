package admin

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/internal/yml"
)

// maxBody is the most bytes of a body that is no snapshot.
const maxBody = 1 << 20

// read decodes the body, a JSON object of known members, into a struct.
// example is what could be sent.
func (c *call) read(into any, example string) error {
	data, err := c.body(maxBody, example)
	if err != nil {
		return err
	}
	return decode(data, into, example)
}

// body reads the body up to a number of bytes.
func (c *call) body(most int64, example string) ([]byte, error) {
	data, err := io.ReadAll(http.MaxBytesReader(c.w, c.r.Body, most))
	if _, ok := errors.AsType[*http.MaxBytesError](err); ok {
		return nil, problem{Status: http.StatusRequestEntityTooLarge, Title: "Body too large", Detail: fmt.Sprintf("Send at most %d bytes, as in %s", most, example)}
	}
	if err != nil {
		return nil, bad("the body ended too early; send %s", example)
	}
	return data, nil
}

func decode(data []byte, into any, example string) error {
	data = bytes.TrimSpace(data)
	switch {
	case len(data) == 0:
		return bad("the body is empty; send %s", example)
	case !utf8.Valid(data):
		return bad("the body is not UTF-8; send %s", example)
	case !json.Valid(data):
		return bad("the body is not one JSON value; send %s", example)
	case data[0] != '{':
		return bad("the body is no JSON object; send %s", example)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return bad("%s; send %s", explain(err, into), example)
	}
	return nil
}

// explain puts a decoding error into words.
func explain(err error, into any) string {
	if te, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("%s must be %s and is a %s", te.Field, kindOf(te.Type), cut(te.Value))
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	if quoted, ok := strings.CutPrefix(text, "unknown field "); ok {
		name, err := strconv.Unquote(quoted)
		if err != nil {
			name = strings.Trim(quoted, `"`)
		}
		return fmt.Sprintf("there is no member %q%s", cut(name), yml.DidYouMean(name, memberNames(reflect.TypeOf(into))))
	}
	return cut(text)
}

// kindOf says what JSON a Go type is read from.
func kindOf(t reflect.Type) string {
	switch t.Kind() {
	case reflect.String:
		return "a string"
	case reflect.Bool:
		return "true or false"
	case reflect.Slice, reflect.Array:
		return "a list"
	case reflect.Map, reflect.Struct:
		return "an object"
	case reflect.Pointer:
		return kindOf(t.Elem())
	}
	return "a whole number"
}

// memberNames lists the members that a struct is read from, nested ones too.
func memberNames(t reflect.Type) []string {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	var names []string
	for _, f := range reflect.VisibleFields(t) {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name != "" {
			names = append(names, name)
		}
	}
	return names
}

// checkParam refuses a query parameter that the route does not have, or that
// has a value it cannot have.
func (c *call) checkParam(name string, values []string) error {
	names := make([]string, len(c.query))
	for i, p := range c.query {
		names[i] = p.name
		if p.name != name {
			continue
		}
		switch {
		case len(values) > 1:
			return bad("%s is there %d times; write it once", name, len(values))
		case values[0] == "":
			return bad("%s is empty; give it a value or leave it out", name)
		}
		return p.check(values[0])
	}
	if len(names) == 0 {
		return bad("there is no parameter %q; %s %s has none", cut(clean(name)), c.route.method, prefix+c.path)
	}
	return bad("there is no parameter %q%s; there are %s", cut(clean(name)), yml.DidYouMean(name, names), strings.Join(names, ", "))
}

// check holds a value to the type of a parameter.
func (p param) check(v string) error {
	for _, word := range p.oneOf {
		if v == word {
			return nil
		}
	}
	if p.oneOf != nil {
		return unknown(p.name, clean(v), p.oneOf)
	}
	switch p.of.(type) {
	case int:
		if n, err := strconv.ParseInt(v, 10, 64); err != nil || n < 0 {
			return bad("%s must be a whole number and is %q", p.name, cut(clean(v)))
		}
	case bool:
		if v != "true" && v != "false" {
			return bad("%s must be true or false and is %q", p.name, cut(clean(v)))
		}
	}
	return nil
}
