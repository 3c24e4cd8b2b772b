package jsontext

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"
)

// bodies are what the fuzzers begin with.
var bodies = []string{
	``, `{}`, `[]`, `null`, `{"title":"x","title":1}`, `{"metadata":{"a.b":"1","\"a":"","*":null,"3000000":"x"}}`, `{"amount":1e400}`,
	`{"amount":34.999,"currency":"usdc","none":null,"yes":true,"no":false}`, `{"a":{"type":"redirect","redirect":{"url":"https://a.example"}},"a":null}`,
	`{"sessions":{"limit":0}}`, `{"types":["card",1]}`, `{ "items" : [ { "id" : "p" , "quantity" : 1 } , {} ] }`, `{"a":[[[[[[]]]]]]}`, "{\"a\":\"\xff\"}", `{"\ud83d":"\ude00"}`,
}

// FuzzCanonicalJSON holds the guard and the canonical form against
// encoding/json: the same documents are taken, they mean the same afterwards,
// and the canonical form is its own.
func FuzzCanonicalJSON(f *testing.F) {
	for _, s := range append(bodies, `{"b":1,"a":{"d":1.0,"c":"\u0041"}}`, `[1e2, "\/" , {}]`, strings.Repeat("[", 65)+strings.Repeat("]", 65), `"\ud83d\ude00"`, `{"a":1,"a":2}`) {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		canon, err := Canonical(body)
		valid := json.Valid(body) && utf8.Valid(body) && depthOf(body) <= MaxDepth
		if (err == nil) != valid {
			t.Fatalf("Canonical(%q): %v, and encoding/json says %v", body, err, valid)
		}
		if err != nil {
			return
		}
		again, err := Canonical([]byte(canon))
		if err != nil || again != canon {
			t.Fatalf("%q is %q, and that is %q, %v", body, canon, again, err)
		}
		compact := AppendCompact(nil, ValueOf(string(body)))
		if c, err := Canonical(compact); err != nil || c != canon {
			t.Fatalf("%q is %q, and without blanks %q, %v", body, canon, c, err)
		}
		var a, b any
		if json.Unmarshal(body, &a) == nil && json.Unmarshal([]byte(canon), &b) == nil {
			if !reflect.DeepEqual(a, b) { // cmp.Diff takes twice as long for each level of nesting
				t.Fatalf("%q means another thing as %q", body, canon)
			}
		}
	})
}

func FuzzFormToJSON(f *testing.F) {
	for _, s := range []string{"", "a=1", "a[b]=1&a[c][]=2&a[c][]=3", "a[3000000]=1", "a=1&a[b]=2", "a[b=1", "%zz=1", "a[b][c][d][e][f][g][h][i][j]=1", "0=a&1=b", "[]=1", "a[]=1&a[x]=2"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, form string) {
		out, err := FormToJSON(form)
		if err != nil {
			return
		}
		if !json.Valid(out) || out[0] != '{' || len(out) > 16+14*len(form) {
			t.Fatalf("%q becomes %q", form, out)
		}
	})
}

// depthOf counts how deep the brackets outside of strings nest.
func depthOf(body []byte) int {
	depth, most, in := 0, 0, false
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '"':
			in = !in
		case c == '\\' && in:
			i++
		case (c == '{' || c == '[') && !in:
			depth++
			most = max(most, depth)
		case (c == '}' || c == ']') && !in:
			depth--
		}
	}
	return most
}
