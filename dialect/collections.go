package dialect

import (
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"polylink/link"
)

// A mapCodec carries an object of the client's own keys. Its canonical text is
// the object itself; merging is done when the record is changed, so that the
// limits hold for the result.
type mapCodec struct {
	merge   bool     // keys are merged into what is there
	remove  []string // wire texts of a value that remove the key
	items   span
	keys    span
	values  span // length of text values; Max -1 takes any JSON value
	text    bool // values must be texts
	bytes   int
	kind    *trouble
	many    *trouble
	key     *trouble
	value   *trouble
	string_ *trouble
	large   *trouble
}

func (c *mapCodec) decode(v value, _ *Env) (string, *trouble) {
	text, _, t := c.entries(v)
	return text, t
}

// read places the faults of values at their keys.
func (c *mapCodec) read(in *Input, f *Field, v value, _ *Env) (string, bool) {
	text, p, t := c.entries(v)
	switch {
	case t == nil:
		return text, true
	case p != nil:
		in.fail(f, in.paths.member(in.path(f.Path), shorten(p.key, 100)), t, p.val)
	default:
		in.fail(f, in.path(f.Path), t, v)
	}
	return "", false
}

// entries reads an object; at is the member that is at fault, nil for the
// object itself.
func (c *mapCodec) entries(v value) (text string, at *pair, t *trouble) {
	if !v.isObject() {
		return "", nil, c.kind
	}
	list := members(v)
	if c.items.Max >= 0 && len(list) > 2*c.items.Max+16 {
		return "", nil, c.many
	}
	dst := append(make([]byte, 0, len(v.raw)), '{')
	for i := range list {
		p := &list[i]
		if n := utf8.RuneCountInString(p.key); n < c.keys.Min || c.keys.Max >= 0 && n > c.keys.Max {
			return "", nil, c.key
		}
		if !has(c.remove, p.val.raw) {
			if c.text && p.val.kind != gjson.String {
				return "", p, c.string_
			}
			if n := utf8.RuneCountInString(p.val.str()); c.text && (n < c.values.Min || c.values.Max >= 0 && n > c.values.Max) {
				return "", p, c.value
			}
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(link.AppendQuote(dst, p.key), ':')
		if p.val.kind == gjson.String {
			dst = append(dst, stringText(p.val)...)
		} else {
			dst = appendCompact(dst, p.val)
		}
	}
	return string(append(dst, '}')), nil, nil
}

// settle merges what was sent into what is there and checks the result.
func (c *mapCodec) settle(text, old string) (string, *trouble) {
	var list []pair
	if c.merge && old != "" && old != link.Null {
		list = members(valueOf(old))
	}
	index := make(map[string]int, len(list))
	for i, p := range list {
		index[p.key] = i
	}
	for _, p := range members(valueOf(text)) {
		i, there := index[p.key]
		switch {
		case has(c.remove, p.val.raw):
			if there {
				list[i].val = value{}
			}
		case there:
			list[i].val = p.val
		default:
			index[p.key] = len(list)
			list = append(list, p)
		}
	}
	dst, n := append(make([]byte, 0, len(old)+len(text)), '{'), 0
	for _, p := range list {
		if p.val.raw == "" {
			continue
		}
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(link.AppendQuote(dst, p.key), ':'), p.val.raw...)
	}
	if c.items.Max >= 0 && n > c.items.Max {
		return "", c.many
	}
	if dst = append(dst, '}'); c.bytes > 0 && len(dst) > c.bytes {
		return "", c.large
	}
	return string(dst), nil
}

func (c *mapCodec) encode(dst []byte, text string, _ *link.Record) []byte {
	return append(dst, text...)
}

func (c *mapCodec) fromText(s string) value { return textResult(s) }

// A listCodec carries an array: of scalars, or of objects whose members are
// field lines of their own. Its canonical text is an array with canonical
// names and values inside.
type listCodec struct {
	items    span
	of       *Field   // of scalars
	each     []*Field // of objects
	byName   map[string]*Field
	unknown  string
	kind     *trouble
	few      *trouble
	many     *trouble
	itemKind *trouble
	enriched bool   // members are generated or copied
	by       *Field // an update changes the objects that are there, told apart by this member
}

// refers tells whether items name records.
func (c *listCodec) refers() bool {
	for _, m := range c.each {
		if m.exists != "" {
			return true
		}
	}
	return c.of != nil && c.of.exists != ""
}

func (c *listCodec) fromText(s string) value { return textResult(s) }

// read takes an array and reports every fault in it with its path.
func (c *listCodec) read(in *Input, f *Field, v value, e *Env) (string, bool) {
	if !v.isArray() {
		in.fail(f, in.path(f.Path), c.kind, v)
		return "", false
	}
	dst := append(make([]byte, 0, len(v.raw)), '[')
	n, ok := 0, true
	v.forEach(func(_ string, item value) bool {
		if n++; c.items.Max >= 0 && n > c.items.Max {
			in.fail(f, in.path(f.Path), c.many, v)
			ok = false
			return false
		}
		if n > 1 {
			dst = append(dst, ',')
		}
		var good bool
		if c.of != nil {
			dst, good = c.scalar(dst, place{in: in, list: f, n: n}, item, e)
		} else {
			dst, good = c.object(dst, place{in: in, list: f, n: n}, item, e)
		}
		ok = ok && good
		return ok || in.all
	})
	if ok && n < c.items.Min {
		in.fail(f, in.path(f.Path), c.few, v)
		return "", false
	}
	return string(append(dst, ']')), ok
}

// place is an item of a list in a request.
type place struct {
	in   *Input
	list *Field
	n    int    // from 1
	at   string // of an object that is no item: where it is
}

func (p place) path() string {
	if p.at != "" {
		return p.at
	}
	return p.in.paths.index(p.in.path(p.list.Path), p.n-1)
}

// creates tells whether the request makes a record; a default does too.
func (p place) creates() bool { return p.in.op == nil || p.in.op.Does == Create }

// fail notes a fault of the item, or of a member that has words for it.
func (p place) fail(f *Field, path string, t *trouble, v value) {
	p.in.failItem(f, p.list, path, t, v, p.n)
}

// value decodes a value of the item by a field line.
func (p place) value(f *Field, path func() string, v value, e *Env) (string, bool) {
	v = p.in.typed(f, v)
	if f.clears(v) {
		return "", true
	}
	t := f.nullTrouble()
	text := ""
	if v.kind != gjson.Null {
		switch c := f.codec.(type) {
		case *recordCodec:
			p.at = path()
			return p.in.makes(c, p, f, v, e)
		case *objectCodec:
			p.at = path()
			return c.at(p, v, e)
		}
		text, t = f.codec.decode(v, e)
	}
	if c, ok := f.codec.(*mapCodec); ok && t == nil {
		text, t = c.settle(text, "")
	}
	if t != nil {
		p.fail(f, path(), t, v)
		return "", false
	}
	return text, true
}

func (c *listCodec) scalar(dst []byte, p place, item value, e *Env) ([]byte, bool) {
	text, ok := p.value(c.of, p.path, item, e)
	if text == "" {
		text = link.Null
	}
	return append(dst, text...), ok
}

func (c *listCodec) object(dst []byte, p place, item value, e *Env) ([]byte, bool) {
	if !item.isObject() {
		p.fail(nil, p.path(), c.itemKind, item)
		return append(dst, link.Null...), false
	}
	list := members(item)
	ok := true
	if c.unknown == "refuse" {
		for _, m := range list {
			if f := c.byName[m.key]; f == nil || !f.In || !f.writable(p.creates()) {
				p.fail(nil, p.in.paths.member(p.path(), m.key), unknownTrouble, m.val)
				ok = false
			}
		}
	}
	dst = append(dst, '{')
	for _, f := range c.each {
		if !f.In || !f.writable(p.creates()) {
			continue
		}
		text, good := p.member(c, f, list, e)
		ok = ok && good
		if text == "" {
			continue
		}
		dst = append(appendKey(dst, f.itemKey), text...)
	}
	return append(dst, '}'), ok
}

// member decodes one field of one item.
func (p place) member(c *listCodec, f *Field, list []pair, e *Env) (string, bool) {
	path := func() string { return p.in.paths.member(p.path(), f.Path) }
	if i := find(list, nil, f.Path); i >= 0 {
		if f.without != nil && find(list, nil, f.without.Path) >= 0 {
			p.fail(f, path(), f.withoutTrouble(), list[i].val)
			return "", false
		}
		return p.value(f, path, list[i].val, e)
	}
	if (f.need == needAlways || f.need == needCreate && p.creates()) && (f.unless == nil || find(list, nil, f.unless.Path) < 0) {
		p.fail(f, path(), missingTrouble, value{})
		return "", false
	}
	if c.by != nil && !p.creates() {
		return "", true // what is there stays
	}
	return f.defaultText(e), true
}

// decode is for defaults and lists in lists: requests report with paths,
// through read.
func (c *listCodec) decode(v value, e *Env) (string, *trouble) {
	in := &Input{paths: dottedPaths}
	text, ok := c.read(in, &Field{}, v, e)
	if !ok {
		return "", c.kind
	}
	return text, nil
}

func (c *listCodec) encode(dst []byte, text string, rec *link.Record) []byte {
	if c.each == nil {
		return c.encodeScalars(dst, text, rec)
	}
	dst = append(dst, '[')
	n := 0
	e := &Env{It: rec}
	valueOf(text).forEach(func(_ string, item value) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = c.encodeItem(dst, members(item), e)
		return true
	})
	return append(dst, ']')
}

func (c *listCodec) encodeItem(dst []byte, list []pair, e *Env) []byte {
	dst = append(dst, '{')
	for _, f := range c.each {
		switch {
		case !f.Out:
		case f.source != nil:
			dst, _ = f.source.append(appendKey(dst, f.key), e)
		default:
			text := ""
			if i := find(list, nil, f.item); i >= 0 {
				text = list[i].val.raw
			}
			dst = f.appendValue(dst, f.key, text, e)
		}
	}
	return append(dst, '}')
}

func (c *listCodec) encodeScalars(dst []byte, text string, rec *link.Record) []byte {
	if c.of == nil || plain(c.of.codec) {
		return append(dst, text...)
	}
	dst = append(dst, '[')
	n := 0
	valueOf(text).forEach(func(_ string, item value) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = c.of.codec.encode(dst, item.raw, rec)
		return true
	})
	return append(dst, ']')
}

// plain tells whether a codec's wire form is its canonical text.
func plain(c codec) bool {
	switch c.(type) {
	case *stringCodec, *boolCodec, *intCodec, *numberCodec, *jsonCodec, *mapCodec:
		return true
	}
	return false
}

func sortPairs(list []pair) {
	sort.Slice(list, func(i, j int) bool { return list[i].key < list[j].key })
}

// pathStyle says how the place of a fault is written.
type pathStyle struct {
	before      string // stands before the first name
	left, right string // around the names behind it
	open, close string // around the place in a list
}

var (
	dottedPaths  = &pathStyle{"", ".", "", ".", ""}
	bracketPaths = &pathStyle{"", "[", "]", "[", "]"}
	indexPaths   = &pathStyle{"", ".", "", "[", "]"}
	pointerPaths = &pathStyle{"/", "/", "", "/", ""}
)

var pathStyles = map[string]*pathStyle{"dotted": dottedPaths, "brackets": bracketPaths, "indexed": indexPaths, "pointer": pointerPaths}

func (p *pathStyle) index(path string, i int) string {
	return path + p.open + strconv.Itoa(i) + p.close
}

func (p *pathStyle) root(name string) string { return p.before + p.escape(name) }

func (p *pathStyle) member(path, name string) string {
	return path + p.left + p.escape(name) + p.right
}

// pointer escapes what means something in a JSON pointer.
var pointer = strings.NewReplacer("~", "~0", "/", "~1")

func (p *pathStyle) escape(name string) string {
	if p == pointerPaths {
		return pointer.Replace(name)
	}
	return name
}
