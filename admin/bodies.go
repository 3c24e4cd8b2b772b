package admin

import (
	"bytes"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/internal/jsonerrors"
	"github.com/polylink-dev/polylink/record"
)

// maxBody is the most bytes of a body that is no snapshot.
const maxBody = 1 << 20

// decode reads a JSON object of these members into a struct. example is what
// could be sent.
func decode(data []byte, into any, members []member, example string) error {
	object, err := objectOf(data, example)
	if err != nil {
		return err
	}
	v := reflect.ValueOf(into).Elem()
	some := len(object)
	for _, name := range slices.Sorted(maps.Keys(object)) {
		at := slices.IndexFunc(members, func(m member) bool { return m.takes(name) || !m.many && strings.EqualFold(m.name, name) })
		if at < 0 {
			return bad("%s; send %s", noMember(name, members), example)
		}
		if members[at].many {
			if err := members[at].put(v, name, textOf(object[name])); err != nil {
				return err
			}
			delete(object, name)
		}
	}
	if len(object) < some {
		if data, err = json.Marshal(object); err != nil {
			return err
		}
	}
	if err := decodeAll(data, into, example); err != nil {
		return err
	}
	for _, m := range members {
		words := wordsOf(m.field.Type)
		if words == nil {
			continue
		}
		if text := v.FieldByIndex(m.field.Index).String(); text != "" && !slices.Contains(words, text) {
			return unknown(m.name, text, words)
		}
	}
	return nil
}

// textOf is what a value says: of a text what is inside, and of all else what
// is written.
func textOf(raw json.RawMessage) string {
	var text string
	if json.Unmarshal(raw, &text) == nil && string(raw) != record.Null {
		return text
	}
	return string(raw)
}

// objectOf reads the members of a JSON object.
func objectOf(data []byte, example string) (map[string]json.RawMessage, error) {
	data = bytes.TrimSpace(data)
	if example == "" {
		example = "{}"
	}
	switch {
	case len(data) == 0:
		return nil, bad("the body is empty; send %s", example)
	case !utf8.Valid(data):
		return nil, bad("the body is not UTF-8; send %s", example)
	case !json.Valid(data):
		return nil, bad("the body is not one JSON value; send %s", example)
	case data[0] != '{':
		return nil, bad("the body is no JSON object; send %s", example)
	}
	var object map[string]json.RawMessage
	if err := json.Unmarshal(data, &object); err != nil {
		return nil, bad("%s; send %s", jsonerrors.Explain(err, &object), example)
	}
	return object, nil
}

// decodeAll reads a JSON object of known members into a struct.
func decodeAll(data []byte, into any, example string) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(into); err != nil {
		return bad("%s; send %s", jsonerrors.Explain(err, into), example)
	}
	return nil
}
