// Package jsonerrors says in words why JSON could not be read into a Go value.
//
// It stands beside whoever decodes what people send with encoding/json, whose
// errors speak of Go. It promises to name the member at fault and what belongs
// there, never a Go type, and to repeat little of what was sent. What to send
// instead is left to the caller. Start with Explain.
package jsonerrors

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/yml"
)

// most is how many bytes of what was sent a message repeats.
const most = 80

// Explain puts the error of a decoder into words. into is the value that was
// decoded into.
func Explain(err error, into any) string {
	if te, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		path := memberPath(reflect.TypeOf(into), te.Field)
		if path == "" {
			path = "it"
		}
		return fmt.Sprintf("%s must be %s and is %s", path, kindOf(te.Type), sentKind(te.Value))
	}
	text := strings.TrimPrefix(err.Error(), "json: ")
	if quoted, ok := strings.CutPrefix(text, "unknown field "); ok {
		name, err := strconv.Unquote(quoted)
		if err != nil {
			name = strings.Trim(quoted, `"`)
		}
		return fmt.Sprintf("there is no member %q%s", jsontext.Shorten(name, most), yml.DidYouMean(name, memberNames(reflect.TypeOf(into))))
	}
	return jsontext.Shorten(text, most)
}

// sentKind says what was sent, which encoding/json names by its type in JSON.
func sentKind(name string) string {
	switch name {
	case "array":
		return "a list"
	case "object":
		return "an object"
	}
	return "a " + jsontext.Shorten(name, most)
}

// memberPath is the path to a member without the structs that it is embedded
// in, which encoding/json names, too, and no sender knows.
func memberPath(t reflect.Type, path string) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	head, rest, more := strings.Cut(path, ".")
	if !more || t.Kind() != reflect.Struct {
		return path
	}
	if f, ok := t.FieldByName(head); ok && f.Anonymous && f.Tag.Get("json") == "" {
		return memberPath(f.Type, rest)
	}
	return path
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

// memberNames lists the members that a type is read from, those of embedded
// structs among them.
func memberNames(t reflect.Type) (names []string) {
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			names = append(names, memberNames(f.Type)...)
		case name != "" && name != "-":
			names = append(names, name)
		}
	}
	return names
}
