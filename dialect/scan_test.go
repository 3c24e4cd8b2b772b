package dialect

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/tidwall/gjson"
	"pgregory.net/rapid"
)

// FuzzEach holds our walk against gjson's.
func FuzzEach(f *testing.F) {
	for _, s := range bodySeeds {
		f.Add([]byte(s))
	}
	f.Add([]byte("{ \"a\\\\\" : [ 1e2,\"]\\\"\", {} ] , \"b\":-0\n,\"\\u0041\\\"\":\"x\\\\\"}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		root, err := parseJSON(body)
		if err != nil || !root.isObject() {
			return
		}
		type member struct {
			Key, Raw, Str string
			Type          gjson.Type
		}
		var want, got []member
		gjson.Parse(root.raw).ForEach(func(k, v gjson.Result) bool {
			want = append(want, member{k.Str, v.Raw, map[bool]string{true: v.Str}[v.Type == gjson.String], v.Type})
			return true
		})
		each(root.raw, func(k string, v value) bool {
			got = append(got, member{k, v.raw, v.str(), v.kind})
			return true
		})
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%q (-gjson +ours)\n%s", body, diff)
		}
		if v := root; isCompact(v) && string(appendCompact(nil, v)) != root.raw {
			t.Fatalf("%q is taken for compact, which is %q", body, appendCompact(nil, v))
		}
	})
}

// TestPlainURLsAreGoodURLs holds the short cut against the whole check.
func TestPlainURLsAreGoodURLs(t *testing.T) {
	t.Parallel()
	bad := &trouble{}
	strict := &urlRule{schemes: []string{"http", "https"}, absolute: bad, scheme: bad, noHash: bad, noUser: bad}
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`https?://[a-z0-9.:@-]{0,6}[/?#]?[ -~é]{0,8}`).Draw(t, "url")
		if _, plain := plainURL(s); plain {
			n++
			if whole := strict.whole(s); whole != nil {
				t.Fatalf("%q is plain, and the whole check refuses it", s)
			}
		}
	})
	if n == 0 {
		t.Fatal("no URL was plain")
	}
}

// FuzzTokens holds the members that are noted in one pass against a walk, and
// the fields that they are taken for against a lookup.
func FuzzTokens(f *testing.F) {
	for _, s := range bodySeeds {
		f.Add([]byte(s))
	}
	for _, s := range []string{`{"title":1}`, `{"titles":1,"title":2,"title":3}`, `{ "title" :1,"\u0074itle":2}`, `{"t":1,"ti":2,"":3}`, `{"title"`, `{"title":`, `{"a.b":1,"metadata":{"title":1}}`,
		`{"collect_tax":1,"collect_phone":2,"collect_address":3,"id":4}`, "\ufeff{\"title\":1}", `{"title":"é","x":"\ud800"}`, "{\"title\":1}\x00"} {
		f.Add([]byte(s))
	}
	d, err := CompileFile("tokens.yaml", []byte(`
dialect: tokens
auth: { scheme: none }
errors: { body: none, classes: { internal: { status: 500 }, invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 } } }
resources:
  link:
    id: { uuid: 4 }
    fields: { id: { to: id, dir: out }, title: { to: title }, titles: { to: slug }, t: { to: reference }, collect_tax: { to: tax.collect, as: bool }, collect_phone: { to: collect.phone, as: bool }, collect_address: { to: collect.address, as: bool }, g.title: { to: description }, '"': { to: ext.quote } }
operations: { link.create: { at: POST /links } }
`))
	if err != nil {
		f.Fatal(err)
	}
	op := d.Op("link.create")
	var in Input // as requests use it, one after the other
	f.Fuzz(func(t *testing.T, body []byte) {
		err := op.Parse(&in, body, false)
		root, wrong := parseJSON(body)
		if len(body) == 0 || wrong != nil || !root.isObject() {
			if len(body) > 0 && err == nil {
				t.Fatalf("%q is taken", body)
			}
			return
		}
		if err != nil {
			t.Fatalf("%q is refused: %v", body, err)
		}
		i := 0
		each(root.raw, func(k string, v value) bool {
			if i >= len(in.tokens) {
				t.Fatalf("%q has more than %d members", body, i)
			}
			tok := in.tokens[i]
			if i++; tok.key != k || tok.val.raw != v.raw || tok.val.str() != v.str() || tok.kid != op.Resource.tree.kids[k] {
				t.Fatalf("%q: member %d is %q: %q, want %q: %q", body, i, tok.key, tok.val.raw, k, v.raw)
			}
			return true
		})
		if i != len(in.tokens) {
			t.Fatalf("%q has %d members, and not %d", body, i, len(in.tokens))
		}
	})
}
