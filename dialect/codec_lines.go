package dialect

import (
	"slices"
	"strconv"
	"strings"

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
		f.codec = &boolCodec{typeTrouble("must be true or false")}
	case l.as == "int":
		f.codec = &intCodec{l.bounds(), typeTrouble("must be a whole number")}
	case l.as == "number":
		f.codec = &numberCodec{l.bounds(), typeTrouble("must be a number")}
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
		f.codec = l.text_()
	}
}

// fits tells whether a codec's text may be kept in a slot of a type.
func fits(codec, slot record.Type) bool {
	return codec == slot || slot == record.Any || codec == record.Any && (slot == record.List || slot == record.Map) ||
		codec == record.Text && slot == record.Enum || codec == record.Enum && (slot == record.Text || slot == record.Bool)
}

func (l *line) text_() codec {
	c := &stringCodec{as: l.as, len: span{0, -1}, kind: typeTrouble("must be a string")}
	if w := l.has("len"); w != nil {
		c.len = l.span(w)
	}
	switch {
	case c.len.Min == 1:
		c.short = valueTrouble("short", "must not be empty")
	default:
		c.short = valueTrouble("short", "must be at least "+strconv.Itoa(c.len.Min)+" characters long")
	}
	c.long = valueTrouble("long", "must be at most "+strconv.Itoa(c.len.Max)+" characters long")
	c.format = valueTrouble("format", "has the wrong format")
	if w := l.has("squeeze"); w != nil {
		c.squeeze = l.boolean(w)
	}
	if w := l.has("match"); w != nil {
		c.match = l.pattern(w)
	}
	if w := l.has("one_of"); w != nil {
		c.oneOf = l.some(w)
		c.values = valueTrouble("one_of", "must be one of "+strings.Join(c.oneOf, ", "))
	}
	switch l.as {
	case "url":
		c.kind = typeTrouble("must be a URL")
		c.url = l.url()
		c.check = c.url.check
	case "uuid":
		c.kind = typeTrouble("must be a uuid")
		c.lower = true
		c.check = uuidCheck(valueTrouble("format", "must be a uuid"))
	case "email":
		c.format = valueTrouble("format", "must be an email address")
		if c.match == nil {
			c.match = emailForm
		}
	}
	return c
}

func (l *line) url() *urlRule {
	u := &urlRule{schemes: []string{"https", "http"}, fragment: true, userinfo: true}
	if w := l.has("schemes"); w != nil {
		u.schemes = l.list(w)
	}
	if w := l.has("insecure"); w != nil {
		for _, h := range l.list(w) {
			u.insecure = append(u.insecure, strings.ToLower(h))
		}
	}
	if w := l.has("fragment"); w != nil {
		u.fragment = l.oneOf(w, "way with fragments", "refuse") != "refuse"
	}
	if w := l.has("userinfo"); w != nil {
		u.userinfo = l.oneOf(w, "way with users", "refuse") != "refuse"
	}
	u.absolute = valueTrouble("format", "must be an absolute URL")
	u.scheme = valueTrouble("format", "must use "+strings.Join(u.schemes, " or "))
	u.noHash = valueTrouble("format", "must not have a fragment")
	u.noUser = valueTrouble("format", "must not hold a user or password")
	return u
}

func (l *line) json() codec {
	c := &jsonCodec{kind: typeTrouble("must be an object")}
	if w := l.has("type"); w != nil {
		c.only = l.oneOf(w, "type", "object", "array")
		if c.only == "array" {
			c.kind = typeTrouble("must be an array")
		}
	}
	if w := l.has("bytes"); w != nil {
		c.bytes = l.span(w).Max
	}
	c.large = valueTrouble("large", "must be at most "+strconv.Itoa(c.bytes)+" bytes of JSON")
	return c
}

// enum reads the table of an enum, in which a list on the right makes several
// canonical words one wire word.
func (l *line) enum() codec {
	c := &enumCodec{in: map[string]string{}, out: map[string][]byte{}, refuse: map[string]bool{}, kind: typeTrouble("")}
	var words []string
	var slotWords []string
	isBool := true
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
			c.refuse[r] = true
		}
	}
	l.entries(w, "map", func(wire string, k, v *yml.Node) {
		text := l.jsonOf(k)
		isBool = isBool && (text == "true" || text == "false")
		if !c.refuse[text] {
			words = append(words, wire)
		}
		canon := l.list(v)
		if len(canon) == 0 {
			l.Report(v, "write a canonical word here")
			return
		}
		c.in[text] = quote(canon[0])
		c.order = append(c.order, text)
		for _, word := range canon {
			if slotWords != nil && !slices.Contains(slotWords, word) {
				strange = true // one of those that are missing was meant
				l.Report(v, "no canonical word %q%s; write one of %s", word, yml.DidYouMean(word, slotWords), strings.Join(slotWords, ", "))
			}
			if _, twice := c.out[quote(word)]; twice {
				l.Report(v, "%q has two wire words; leave it to one", word)
			}
			c.out[quote(word)] = []byte(text)
		}
	})
	if w := l.has("also"); w != nil {
		l.entries(w, "also", func(_ string, k, v *yml.Node) {
			text, word := l.jsonOf(k), l.str(v)
			if _, known := c.out[quote(word)]; !known {
				l.Report(v, "%q is no canonical word of map:", word)
			}
			if _, twice := c.in[text]; twice {
				l.Report(k, "%s is in map: already; remove it here", k.Value)
			}
			c.in[text] = quote(word)
		})
	}
	for r := range c.refuse {
		if _, known := c.in[r]; !known {
			l.Report(refused, "refuse: %s is no wire word of the table", r)
		}
	}
	c.values = valueTrouble("one_of", "must be one of "+strings.Join(words, ", "))
	c.kind = c.values
	if isBool {
		c.kind = typeTrouble("must be true or false")
		c.values = c.kind
	}
	l.enumRest(c, slotWords, strange, quote)
	c.small()
	return c
}

// enumRest reads what canonical words outside of the table show.
func (l *line) enumRest(c *enumCodec, slotWords []string, strange bool, quote func(string) string) {
	if w := l.has("others"); w != nil {
		c.lower = l.oneOf(w, "way with other words", "lower") == "lower"
	}
	if w := l.has("else"); w != nil {
		c.rest = []byte(l.jsonOf(w))
		if _, known := c.in[string(c.rest)]; !known {
			l.Report(w, "else: %s is no wire word of the table", w.Value)
		}
	}
	if c.rest == nil && !c.lower && l.f.Out && !l.seen["else"] && !l.seen["others"] {
		var missing []string
		for _, word := range slotWords {
			if _, ok := c.out[quote(word)]; !ok {
				missing = append(missing, word)
			}
		}
		if missing != nil && !strange {
			l.Report(l.at, "%s has no wire word for the canonical %s; add what is missing to map:, or write else: with a wire word", l.f.Path, strings.Join(missing, ", "))
		}
		c.rest = []byte(record.Null)
	}
}

func (l *line) mapping() codec {
	c := &mapCodec{items: span{0, -1}, keys: span{0, -1}, values: span{0, -1}, kind: typeTrouble("must be an object")}
	if w := l.has("merge"); w != nil {
		c.merge = l.oneOf(w, "way to merge", "keys", "replace") == "keys"
	}
	if w := l.has("remove"); w != nil {
		c.remove = l.literals(w)
	}
	if w := l.has("items"); w != nil {
		c.items = l.span(w)
	}
	if w := l.has("keys"); w != nil {
		c.keys = l.span(w)
	}
	if w := l.has("values"); w != nil && w.Value != "any" {
		c.values, c.text = l.span(w), true
	}
	if w := l.has("bytes"); w != nil {
		c.bytes = l.span(w).Max
	}
	c.many = valueTrouble("many", between(c.items, "key", "keys"))
	c.key = valueTrouble("key", "keys "+between(c.keys, "character", "characters"))
	c.value = valueTrouble("value", between(c.values, "character", "characters"))
	c.string_ = valueTrouble("value", "must be a string")
	c.large = valueTrouble("large", "must be at most "+strconv.Itoa(c.bytes)+" bytes of JSON")
	return c
}

func (l *line) listing() codec {
	c := &listCodec{items: span{0, -1}, kind: typeTrouble("must be an array"), itemKind: typeTrouble("must be an object"), unknown: l.d.unknown}
	if w := l.has("items"); w != nil {
		c.items = l.span(w)
	}
	c.few = valueTrouble("few", between(c.items, "entry", "entries"))
	c.many = valueTrouble("many", between(c.items, "entry", "entries"))
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
		m.f.codec = &jsonCodec{} // a fault was noted; the rest of the line is read all the same
	}
	m.f.key = append(record.AppendQuote(nil, m.f.Path), ':')
	m.f.itemKey = append(record.AppendQuote(nil, m.f.item), ':')
	return m.f
}
