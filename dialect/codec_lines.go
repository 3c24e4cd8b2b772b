package dialect

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// codecNames are the converters that as: can name, and the type of slot that
// each fills.
var codecNames = map[string]record.Type{
	"string": record.Text, "word": record.Text, "url": record.Text, "uuid": record.Text, "email": record.Text, "currency": record.Text,
	"bool": record.Bool, "int": record.Int, "number": record.Any, "enum": record.Enum,
	"money.minor": record.Money, "money.major": record.Money, "money.text": record.Money,
	"time.rfc3339": record.Time, "time.unix": record.Time, "time.unix_ms": record.Time, "time.in": record.Time,
	"map": record.Map, "list": record.List, "object": record.Any, "json": record.Any,
}

func codecWords() []string {
	words := []string{"group"}
	for name := range codecNames {
		words = append(words, name)
	}
	return words
}

// codecOf makes the line's codec and checks that it suits its slot.
func (l *line) codecOf() {
	if w := l.words["make"]; w != nil {
		l.record(w)
		return
	}
	if l.as == "" && l.strange || l.seen["as"] && l.words["as"] == nil {
		l.as, l.strange = "json", true
		l.f.codec = l.json()
		return
	}
	if l.as == "" {
		l.as = "string"
	}
	kind, ok := codecNames[l.as]
	if !ok {
		l.Report(l.words["as"], "no codec %q%s", l.as, yml.Instead(l.as, codecWords()))
		l.strange = true
		l.as = "json"
	}
	f := l.f
	if ok && f.target == toSlot && !fits(kind, l.res.Schema.Slots[f.slot].Type) {
		l.Report(l.at, "%s cannot hold as: %s; it is a slot of type %s", l.res.Schema.Slots[f.slot].Name, l.as, l.res.Schema.Slots[f.slot].Type)
	}
	switch {
	case l.as == "bool":
		f.codec = &codec.Bool{}
	case l.as == "int":
		f.codec = (&codec.Int{Bounds: l.bounds()}).Ready()
	case l.as == "number":
		f.codec = (&codec.Number{Bounds: l.bounds()}).Ready()
	case l.as == "enum":
		f.codec = l.enum()
	case l.as == "currency":
		f.codec = l.currency()
	case strings.HasPrefix(l.as, "money."):
		f.codec = l.money()
	case strings.HasPrefix(l.as, "time."):
		f.codec = l.time()
	case l.as == "map":
		f.codec = l.mapping()
	case l.as == "list":
		f.codec = l.listing()
	case l.as == "object":
		f.codec = l.object()
	case l.as == "json":
		f.codec = l.json()
	default:
		f.codec = l.plainText()
	}
}

// fits tells whether a codec's text may be kept in a slot of a type.
func fits(codec, slot record.Type) bool {
	return codec == slot || slot == record.Any || codec == record.Any && (slot == record.List || slot == record.Map) ||
		codec == record.Text && slot == record.Enum || codec == record.Enum && (slot == record.Text || slot == record.Bool)
}

// length reads a range.
func (l *line) length(n *yml.Node) codec.Span {
	least, most := l.span(n)
	return codec.Span{Min: least, Max: most}
}

// plainText reads a codec of texts.
func (l *line) plainText() codec.Codec {
	c := &codec.Text{As: l.as, Len: codec.Any}
	if w := l.has("len"); w != nil {
		c.Len = l.length(w)
	}
	if w := l.has("squeeze"); w != nil {
		c.Squeeze = l.boolean(w)
	}
	if w := l.has("match"); w != nil {
		c.Match = l.pattern(w)
	}
	if w := l.has("one_of"); w != nil {
		c.OneOf = l.some(w)
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
		u.Schemes = l.list(w)
	}
	if w := l.has("insecure"); w != nil {
		for _, h := range l.list(w) {
			u.Insecure = append(u.Insecure, strings.ToLower(h))
		}
	}
	if w := l.has("fragment"); w != nil {
		u.Fragment = l.oneOf(w, urlFragments) != "refuse"
	}
	if w := l.has("userinfo"); w != nil {
		u.Userinfo = l.oneOf(w, urlUsers) != "refuse"
	}
	return u.Ready()
}

// json reads a codec of any JSON.
func (l *line) json() codec.Codec {
	c := &codec.JSON{}
	if w := l.has("type"); w != nil {
		c.Only = l.oneOf(w, jsonTypes)
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
	if l.f.target == toSlot {
		info := l.res.Schema.Slots[l.f.slot]
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
	l.entries(w, "map", func(_ string, k, v *yml.Node) {
		text := l.jsonOf(k)
		canon := l.list(v)
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
	if w := l.has("also"); w != nil {
		l.entries(w, "also", func(_ string, k, v *yml.Node) {
			text, word := l.jsonOf(k), l.str(v)
			if _, known := c.Out[quote(word)]; !known {
				l.Report(v, "%q is no canonical word of map:", word)
			}
			if _, twice := c.In[text]; twice {
				l.Report(k, "%s is in map: already; remove it here", k.Value)
			}
			c.In[text] = quote(word)
		})
	}
	for r := range c.Refuse {
		if _, known := c.In[r]; !known {
			l.Report(refused, "refuse: %s is no wire word of the table", r)
		}
	}
	l.enumRest(c, slotWords, strange, quote)
	return c.Ready()
}

// enumRest reads what canonical words outside of the table show.
func (l *line) enumRest(c *codec.Enum, slotWords []string, strange bool, quote func(string) string) {
	if w := l.has("others"); w != nil {
		c.Lower = l.oneOf(w, otherWords) == "lower"
	}
	if w := l.has("else"); w != nil {
		c.Rest = []byte(l.jsonOf(w))
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
		c.Merging = l.oneOf(w, mergings) == "keys"
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
	return c.Ready()
}

// listing reads a list.
func (l *line) listing() codec.Codec {
	c := &listCodec{items: codec.Any, unknown: l.d.unknown}
	if w := l.has("items"); w != nil {
		c.items = l.length(w)
	}
	c.Ready()
	of, each, by := l.has("of"), l.has("each"), l.has("by")
	if l.nest >= 4 {
		l.Report(l.at, "lists nest deeper than 4")
		return c
	}
	switch {
	case of != nil && each == nil:
		c.of = l.member(of, of, "")
	case each != nil && of == nil:
		c.byName = map[string]*Field{}
		l.entries(each, "each", func(name string, k, v *yml.Node) {
			f := l.member(v, k, name)
			c.each = append(c.each, f)
			c.byName[name] = f
		})
		l.copies(c)
		if by != nil {
			if c.by = c.byName[by.Value]; c.by == nil {
				l.noMember(c, by)
			}
		}
	default:
		if of != nil || !l.seen["of"] && !l.seen["each"] {
			l.Report(l.at, "a list needs either of: for scalars or each: for objects")
		}
	}
	return c
}

// member compiles a line inside a list.
func (l *line) member(n, at *yml.Node, name string) *Field {
	m := &line{compiler: l.compiler, res: l.res, at: at, words: map[string]*yml.Node{}, inner: true, nest: l.nest + 1}
	m.read(n, 0)
	m.f = &Field{Path: name, Line: at.Line, index: l.f.index}
	if name == "" && n != at {
		l.Report(at, "write a name here")
	}
	if n == at {
		m.words["to"] = &yml.Node{Kind: yml.Scalar, Tag: "!!str", Value: "item", Line: at.Line, Column: at.Column}
	}
	m.compile()
	if m.f.source == nil && m.f.codec == nil {
		m.f.codec = (&codec.JSON{}).Ready() // a mistake was noted; the rest of the line is read all the same
	}
	m.f.key = append(record.AppendQuote(nil, m.f.Path), ':')
	m.f.itemKey = append(record.AppendQuote(nil, m.f.item), ':')
	return m.f
}
