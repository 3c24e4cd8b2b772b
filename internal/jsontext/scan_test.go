package jsontext

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
)

// FuzzEach holds our walk against gjson's.
func FuzzEach(f *testing.F) {
	for _, s := range bodies {
		f.Add([]byte(s))
	}
	f.Add([]byte("{ \"a\\\\\" : [ 1e2,\"]\\\"\", {} ] , \"b\":-0\n,\"\\u0041\\\"\":\"x\\\\\"}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		root, err := Parse(body)
		if err != nil || !root.IsObject() {
			return
		}
		type member struct {
			Key, Raw, Str string
			Type          gjson.Type
		}
		var want, got []member
		gjson.Parse(root.Raw).ForEach(func(k, v gjson.Result) bool {
			want = append(want, member{k.Str, v.Raw, map[bool]string{true: v.Str}[v.Type == gjson.String], v.Type})
			return true
		})
		EachMember(root.Raw, func(k string, v Value) bool {
			got = append(got, member{k, v.Raw, v.Str(), v.Kind})
			return true
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-gjson +ours)\n%s", body, diff)
		}
		if v := root; IsCompact(v) && string(AppendCompact(nil, v)) != root.Raw {
			t.Fatalf("%q is taken for compact, which is %q", body, AppendCompact(nil, v))
		}
	})
}

// FuzzScan holds the members that are noted in one pass against a walk, and
// the names that they are taken for against a lookup.
func FuzzScan(f *testing.F) {
	for _, s := range bodies {
		f.Add([]byte(s))
	}
	for _, s := range []string{`{"title":1}`, `{"titles":1,"title":2,"title":3}`, `{ "title" :1,"\u0074itle":2}`, `{"t":1,"ti":2,"":3}`, `{"title"`, `{"title":`, `{"a.b":1,"metadata":{"title":1}}`,
		`{"collect_tax":1,"collect_phone":2,"collect_address":3,"id":4}`, "\ufeff{\"title\":1}", `{"title":"é","x":"\ud800"}`, "{\"title\":1}\x00"} {
		f.Add([]byte(s))
	}
	known := &Names{}
	list := []string{"id", "title", "titles", "t", "collect_tax", "collect_phone", "collect_address", "g", `"`}
	places := map[string]int{}
	for i, name := range list {
		known.Add(name)
		places[name] = i
	}
	var room []Token // as requests use it, one after the other
	f.Fuzz(func(t *testing.T, body []byte) {
		root, got, err := Scan(body, known, room[:0])
		room = got
		plain, wrong := Parse(body)
		if (err == nil) != (wrong == nil) || root.Raw != plain.Raw {
			t.Fatalf("%q is %q, %v; without names it is %q, %v", body, root.Raw, err, plain.Raw, wrong)
		}
		if err != nil || !root.IsObject() {
			return
		}
		i := 0
		EachMember(root.Raw, func(k string, v Value) bool {
			if i >= len(got) {
				t.Fatalf("%q has more than %d members", body, i)
			}
			want, ok := places[k]
			if !ok {
				want = -1
			}
			tok := got[i]
			if i++; tok.Key != k || tok.Val.Raw != v.Raw || tok.Val.Str() != v.Str() || tok.At != want {
				t.Fatalf("%q: member %d is %q: %q at %d, want %q: %q at %d", body, i, tok.Key, tok.Val.Raw, tok.At, k, v.Raw, want)
			}
			return true
		})
		if i != len(got) {
			t.Fatalf("%q has %d members, and not %d", body, i, len(got))
		}
	})
}
