package codec

import (
	"testing"

	"pgregory.net/rapid"
)

// TestPlainURLsAreGoodURLs holds the short cut against the whole check.
func TestPlainURLsAreGoodURLs(t *testing.T) {
	t.Parallel()
	strict := (&URL{Schemes: []string{"http", "https"}}).Ready()
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
