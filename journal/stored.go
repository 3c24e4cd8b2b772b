package journal

import (
	"strings"

	"github.com/polylink-dev/polylink/record"
)

// Stored hides in the document of a record, which is valid JSON, what has no
// business on a screen: passwords in URLs, and in their queries what has a name
// of secrets, and words that have the form of a key. All other texts stay as
// they are.
func (s *Secrets) Stored(doc []byte) []byte {
	t := string(doc)
	var out strings.Builder
	kept := 0
	for at := strings.IndexByte(t, '"'); at >= 0 && at < len(t); {
		end := stringEnd(t, at)
		plain := record.Unquote(closed(t[at:end]))
		if shown := s.StoredText(plain); shown != plain {
			out.WriteString(t[kept:at])
			out.WriteString(record.Quote(shown))
			kept = end
		}
		next := strings.IndexByte(t[end:], '"')
		if next < 0 {
			break
		}
		at = end + next
	}
	if kept == 0 {
		return doc
	}
	return []byte(out.String() + t[kept:])
}

// StoredText is Stored for one text.
func (s *Secrets) StoredText(t string) string {
	if strings.HasPrefix(t, "https://") || strings.HasPrefix(t, "http://") {
		t = s.pairs(t, s.named)
	}
	return s.keys(urls(t))
}

// Address shows a URL that somebody registered: its password, whatever its
// query calls a secret, and long random texts are hidden.
func (s *Secrets) Address(u string) string { return s.tokens(s.StoredText(s.pairs(u, s.inQuery))) }

// Clean hides in a text, such as the words of a refusal, what has the look of
// a secret whoever gave it out.
func Clean(t string) string { return new(Secrets).StoredText(t) }
