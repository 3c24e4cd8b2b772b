package jsonschema_test

import (
	"testing"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/internal/jsonschema"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

func TestUnionsSayNothingTwice(t *testing.T) {
	t.Parallel()
	for want, parts := range map[string][]string{
		`{"type":["string","null"]}`:                                 {`{"type":"string"}`, `{"type":"null"}`},
		`{"type":"string"}`:                                          {`{"type":"string","const":"a"}`, `{"type":"string"}`},
		`{"type":"number"}`:                                          {`{"type":"number"}`, `{"type":"integer","const":1}`},
		`{"type":"string","enum":["a","b"]}`:                         {`{"type":"string","const":"a"}`, `{"type":"string","enum":["b","a"]}`},
		`{"type":["string","null"],"enum":["a",null]}`:               {`{"type":"null"}`, `{"type":"string","const":"a"}`},
		`{"anyOf":[{"type":"object"},{"type":"array"}]}`:             {`{"type":"object"}`, `{"type":"array"}`, `{"type":"object"}`},
		`{"anyOf":[{"type":"array"},{"type":"string","const":"a"}]}`: {`{"anyOf":[{"type":"string","const":"a"},{"type":"array"}]}`, `{"type":"array"}`},
		`{"type":"null"}`:                                            {`{"type":"null"}`},
		`{}`:                                                         {`{"type":"string"}`, `{}`},
	} {
		var list []*jsontext.Object
		for _, p := range parts {
			list = append(list, jsontext.ObjectOf(gjson.Parse(p)))
		}
		if got := string(jsonschema.Union(list...).Bytes()); got != want {
			t.Errorf("%v is %s, want %s", parts, got, want)
		}
	}
}

func TestConstantsHaveTheTypeTheyShare(t *testing.T) {
	t.Parallel()
	for want, raws := range map[string][]string{
		`{"type":"boolean"}`:                {"true", "false"},
		`{"type":"boolean","const":true}`:   {"true"},
		`{"type":"integer","enum":[1,2]}`:   {"1", "2"},
		`{"type":"number","const":1.5}`:     {"1.5"},
		`{"enum":["1",1]}`:                  {`"1"`, "1"},
		`{"type":"null"}`:                   {"null"},
		`{"type":"object","const":{"a":1}}`: {`{"a":1}`},
	} {
		var list [][]byte
		for _, raw := range raws {
			list = append(list, []byte(raw))
		}
		if got := string(jsonschema.OneOf(list...).Bytes()); got != want {
			t.Errorf("%v is %s, want %s", raws, got, want)
		}
	}
}
