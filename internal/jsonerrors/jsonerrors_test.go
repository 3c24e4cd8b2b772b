package jsonerrors

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
)

type inner struct {
	Count *int     `json:"count"`
	Names []string `json:"names"`
}

type outer struct {
	inner
	Title string           `json:"title"`
	On    bool             `json:"on,omitempty"`
	More  map[string]inner `json:"more"`
	Own   string           `json:"-"`
}

func TestMistakesAreTheSendersWords(t *testing.T) {
	t.Parallel()
	for doc, want := range map[string]string{
		`{"title":1}`:              "title must be a string and is a number",
		`{"on":"yes"}`:             "on must be true or false and is a string",
		`{"count":"x"}`:            "count must be a whole number and is a string",
		`{"names":{}}`:             "names must be a list and is an object",
		`{"more":[]}`:              "more must be an object and is a list",
		`[1]`:                      "it must be an object and is a list",
		`{"titel":""}`:             `there is no member "titel", did you mean "title"`,
		`{"coutn":1}`:              `there is no member "coutn", did you mean "count"`,
		`{"quite else":1}`:         `there is no member "quite else"`,
		`{"a\"b":1}`:               `there is no member "a\"b"`,
		`{"title":`:                "unexpected EOF",
		`{"` + long + `":1}`:       `there is no member "` + long[:80] + `…"`,
		`{"more":{"a":{"on":1}}}`:  `there is no member "on", did you mean "on"`,
		`{"more":{"a":{"zzz":1}}}`: `there is no member "zzz"`,
	} {
		var into outer
		dec := json.NewDecoder(bytes.NewReader([]byte(doc)))
		dec.DisallowUnknownFields()
		err := dec.Decode(&into)
		if err == nil {
			t.Errorf("%s was read", doc)
			continue
		}
		if got := Explain(err, &into); got != want {
			t.Errorf("%s: %s, want %s", doc, got, want)
		}
	}
}

var long = strings.Repeat("x", 200)
