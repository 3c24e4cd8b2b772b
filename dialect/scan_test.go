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
