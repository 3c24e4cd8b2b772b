package compile

import (
	"maps"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// codecOf makes the line's codec and checks that it suits its slot.
func (l *line) codecOf() {
	if w := l.words["make"]; w != nil {
		l.record(w)
		return
	}
	if l.as == "" && l.strange || l.seen["as"] && l.words["as"] == nil {
		l.as, l.strange = "json", true
		l.f.Codec = l.json()
		return
	}
	if l.as == "" {
		l.as = "string"
	}
	kind, ok := grammar.Codecs[l.as]
	if !ok {
		if other := grammar.CodecFor(l.as); other != "" && yml.DidYouMean(l.as, grammar.CodecNames()) == "" {
			l.Report(l.words["as"], "no codec %q; write as: %s", l.as, other)
		} else {
			l.Report(l.words["as"], "no codec %q%s", l.as, yml.Instead(l.as, grammar.CodecNames()))
		}
		l.strange = true
		l.as = "json"
	}
	f := l.f
	if ok && f.Target == dialect.ToSlot && !fits(kind, l.res.Schema.Slots[f.Slot].Type) {
		slot := l.res.Schema.Slots[f.Slot]
		if l.words["as"] == nil && usualCodec[slot.Type] != "" {
			l.Report(l.at, "%s is a slot of type %s, and a line without as: is a text; write as: %s", slot.Name, slot.Type, usualCodec[slot.Type])
		} else {
			l.Report(l.at, "%s cannot hold as: %s; it is a slot of type %s", slot.Name, l.as, slot.Type)
		}
	}
	switch {
	case l.as == "bool":
		f.Codec = &codec.Bool{}
	case l.as == "int":
		f.Codec = (&codec.Int{Bounds: l.bounds()}).Ready()
	case l.as == "number":
		f.Codec = (&codec.Number{Bounds: l.bounds()}).Ready()
	case l.as == "enum":
		f.Codec = l.enum()
	case l.as == "currency":
		f.Codec = l.currency()
	case strings.HasPrefix(l.as, "money."):
		f.Codec = l.money()
	case strings.HasPrefix(l.as, "time."):
		f.Codec = l.time()
	case l.as == "map":
		f.Codec = l.mapping()
	case l.as == "list":
		f.Codec = l.listing()
	case l.as == "object":
		f.Codec = l.object()
	case l.as == "json":
		f.Codec = l.json()
	default:
		f.Codec = l.plainText()
	}
}

// usualCodec is what most lines of a slot of a type have.
var usualCodec = map[record.Type]string{
	record.Bool: "bool", record.Int: "int", record.Money: "money.minor", record.Time: "time.rfc3339", record.List: "list", record.Map: "map",
}

// fits tells whether a codec's text may be kept in a slot of a type.
func fits(codec, slot record.Type) bool {
	return codec == slot || slot == record.Any || codec == record.Any && (slot == record.List || slot == record.Map) ||
		codec == record.Text && slot == record.Enum || codec == record.Enum && (slot == record.Text || slot == record.Bool)
}

// length reads a range.
func (l *line) length(n *yml.Node) codec.Span {
	least, most := l.Range(n)
	return codec.Span{Min: least, Max: most}
}

// plainText reads a codec of texts.
func (l *line) plainText() codec.Codec {
	c := &codec.Text{As: l.as, Len: codec.Any}
	if w := l.has("len"); w != nil {
		c.Len = l.length(w)
	}
	if w := l.has("squeeze"); w != nil {
		c.Squeeze = l.Bool(w)
	}
	if w := l.has("match"); w != nil {
		c.Match = l.Pattern(w)
	}
	if w := l.has("one_of"); w != nil {
		c.OneOf = l.NonEmpty(w)
	}
	if w := l.has("among"); w != nil {
		c.Among = l.Text(w)
		if c.OneOf = l.lists[c.Among]; c.OneOf == nil {
			c.OneOf = grammar.ListOf(c.Among)
		}
		if c.OneOf == nil {
			l.Report(w, "no list %q%s; name it in lists:", c.Among, yml.DidYouMean(c.Among, slices.Concat(grammar.ListNames(), slices.Collect(maps.Keys(l.lists)))))
		}
	}
	if l.as == "url" {
		c.URL = l.url()
	}
	return c.Ready()
}

// url reads which URLs are taken.
func (l *line) url() *codec.URL {
	u := &codec.URL{Schemes: []string{"https", "http"}, Fragment: true, Userinfo: true}
	if w := l.has("schemes"); w != nil {
		u.Schemes = l.List(w)
	}
	if w := l.has("insecure"); w != nil {
		for _, h := range l.List(w) {
			u.Insecure = append(u.Insecure, strings.ToLower(h))
		}
	}
	if w := l.has("fragment"); w != nil {
		u.Fragment = l.OneOf(w, grammar.URLFragments) != "refuse"
	}
	if w := l.has("userinfo"); w != nil {
		u.Userinfo = l.OneOf(w, grammar.URLUsers) != "refuse"
	}
	return u.Ready()
}

// json reads a codec of any JSON.
func (l *line) json() codec.Codec {
	c := &codec.JSON{}
	if w := l.has("type"); w != nil {
		c.Only = l.OneOf(w, grammar.JSONTypes)
	}
	if w := l.has("bytes"); w != nil {
		c.Bytes = l.length(w).Max
	}
	return c.Ready()
}

// enum reads the table of an enum, in which a list on the right makes several
// canonical words one wire word.
func (l *line) enum() codec.Codec {
	c := &codec.Enum{In: map[string]string{}, Out: map[string][]byte{}, Refuse: map[string]bool{}}
	var slotWords []string
	quote := record.Quote
	if l.f.Target == dialect.ToSlot {
		info := l.res.Schema.Slots[l.f.Slot]
		if slotWords = info.Values; info.Type == record.Bool {
			slotWords, quote = []string{"true", "false"}, func(word string) string { return word }
		}
	}
	w := l.has("map")
	if w == nil {
		if !l.seen["map"] {
			l.Report(l.at, "an enum needs map: with its table, as in { WIRE: canonical }")
		}
		l.strange = true
		return c
	}
	strange := w.Kind != yml.Mapping
	refused := l.has("refuse")
	if refused != nil {
		for _, r := range l.literals(refused) {
			c.Refuse[r] = true
		}
	}
	l.Entries(w, "map", func(_ string, k, v *yml.Node) {
		text := l.JSON(k)
		canon := l.List(v)
		if len(canon) == 0 {
			l.Report(v, "write a canonical word here")
			return
		}
		c.In[text] = quote(canon[0])
		c.Order = append(c.Order, text)
		for _, word := range canon {
			if slotWords != nil && !slices.Contains(slotWords, word) {
				strange = true // one of those that are missing was meant
				l.Report(v, "no canonical word %q%s; write one of %s", word, yml.DidYouMean(word, slotWords), strings.Join(slotWords, ", "))
			}
			if _, twice := c.Out[quote(word)]; twice {
				l.Report(v, "%q has two wire words; leave it to one", word)
			}
			c.Out[quote(word)] = []byte(text)
		}
	})
	l.also(c, quote)
	for r := range c.Refuse {
		if _, known := c.In[r]; !known {
			l.Report(refused, "refuse: %s is no wire word of the table", r)
		}
	}
	l.enumRest(c, slotWords, strange, quote)
	return c.Ready()
}

// also reads the wire words that are taken besides those of the table.
func (l *line) also(c *codec.Enum, quote func(string) string) {
	w := l.has("also")
	if w == nil {
		return
	}
	l.Entries(w, "also", func(_ string, k, v *yml.Node) {
		text, word := l.JSON(k), l.Text(v)
		if _, known := c.Out[quote(word)]; !known {
			l.Report(v, "%q is no canonical word of map:", word)
		}
		if _, twice := c.In[text]; twice {
			l.Report(k, "%s is in map: already; remove it here", k.Value)
		}
		c.In[text] = quote(word)
	})
}

// enumRest reads what canonical words outside of the table show.
func (l *line) enumRest(c *codec.Enum, slotWords []string, strange bool, quote func(string) string) {
	if w := l.has("others"); w != nil {
		c.Lower = l.OneOf(w, grammar.OtherWords) == "lower"
	}
	if w := l.has("else"); w != nil {
		c.Rest = []byte(l.JSON(w))
		if _, known := c.In[string(c.Rest)]; !known {
			l.Report(w, "else: %s is no wire word of the table", w.Value)
		}
	}
	if c.Rest == nil && !c.Lower && l.f.Out && !l.seen["else"] && !l.seen["others"] {
		var missing []string
		for _, word := range slotWords {
			if _, ok := c.Out[quote(word)]; !ok {
				missing = append(missing, word)
			}
		}
		if missing != nil && !strange {
			l.Report(l.at, "%s has no wire word for the canonical %s; add what is missing to map:, or write else: with a wire word", l.f.Path, strings.Join(missing, ", "))
		}
		c.Rest = []byte(record.Null)
	}
}

// mapping reads a codec of the client's own keys.
func (l *line) mapping() codec.Codec {
	c := &codec.Map{Items: codec.Any, Keys: codec.Any, Values: codec.Any}
	if w := l.has("merge"); w != nil {
		c.Merging = l.OneOf(w, grammar.Mergings) == "keys"
	}
	if w := l.has("remove"); w != nil {
		c.Remove = l.literals(w)
	}
	if w := l.has("items"); w != nil {
		c.Items = l.length(w)
	}
	if w := l.has("keys"); w != nil {
		c.Keys = l.length(w)
	}
	if w := l.has("values"); w != nil && w.Value != "any" {
		c.Values, c.Text = l.length(w), true
	}
	if w := l.has("bytes"); w != nil {
		c.Bytes = l.length(w).Max
	}
	of := l.has("of")
	if of == nil {
		return c.Ready()
	}
	if l.nest >= 4 {
		l.Report(l.at, "maps nest deeper than 4")
		return c.Ready()
	}
	if c.Text {
		l.Report(of, "the values of a map are texts by values:, or of a line by of:; remove one")
	}
	return &dialect.TypedMap{Keys: c.Ready(), Of: l.member(of, of, "")}
}
