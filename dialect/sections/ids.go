package sections

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/yml"
)

// IDSpec reads an id shape.
func (c Reader) IDSpec(n *yml.Node) *ids.Spec {
	s := &ids.Spec{}
	seen := c.Each(n, grammar.IDWords, func(key string, k, v *yml.Node) {
		switch key {
		case "prefix":
			s.Prefix = c.Text(v)
		case "alphabet":
			a, ok := ids.Alphabet(v.Value)
			if !ok {
				c.Report(v, "no alphabet %q%s; write one of %s", v.Value, yml.DidYouMean(v.Value, ids.AlphabetNames()),
					strings.Join(ids.AlphabetNames(), ", "))
				a = "0"
			}
			s.Alphabet = a
		case "length":
			s.Length = c.IntWithin(v, 1, 200, "length is a number of characters from 1 to 200")
		case "uuid":
			c.OneOf(v, grammar.UUIDVersions)
			s.UUID = true
		case "ulid":
			s.ULID = c.Bool(v)
		}
	})
	switch {
	case s.UUID && (s.ULID || seen["alphabet"] || seen["length"]):
		c.Report(n, "a UUID has its own alphabet and length; write { uuid: 4 }, with a prefix: if need be")
	case s.UUID:
	case s.ULID:
		if s.Length = ids.ULIDLength; s.Alphabet == "" {
			s.Alphabet, _ = ids.Alphabet("CROCKFORD")
		}
		if upper, _ := ids.Alphabet("CROCKFORD"); seen["length"] || !strings.EqualFold(s.Alphabet, upper) {
			c.Report(n, "a ULID has 26 characters of CROCKFORD or crockford; write { ulid: true }, with a prefix: or one of these alphabets if need be")
		}
	case seen["uuid"] || seen["ulid"] && yml.Get(n, "ulid") == nil:
	case seen != nil && (!seen["alphabet"] || !seen["length"]):
		c.Report(n, "an id shape needs alphabet: and length: (1 to 200), uuid: 4 or ulid: true")
	}
	if s.Alphabet == "" && !s.UUID {
		s.Alphabet, s.Length = "0", 1
	}
	return s
}
