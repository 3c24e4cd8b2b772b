package dialect

import (
	"sort"
	"strconv"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"polylink/link"
)

// A mapCodec carries an object of the client's own keys. Its canonical text is
// the object itself; merging is done when the record is changed, so that the
// limits hold for the result.
type mapCodec struct {
	merge  bool     // keys are merged into what is there
	remove []string // wire texts of a value that remove the key
	items  span
	keys   span
	values span // length of text values; Max -1 takes any JSON value
	text   bool // values must be texts
	bytes  int
	kind   *trouble
	many   *trouble
	key    *trouble
	value  *trouble
	large  *trouble
}

func (c *mapCodec) decode(v gjson.Result, _ *Env) (string, *trouble) {
	if !v.IsObject() {
		return "", c.kind
	}
	list := members(v)
	if c.items.Max >= 0 && len(list) > 2*c.items.Max+16 {
		return "", c.many
	}
	dst := append(make([]byte, 0, len(v.Raw)), '{')
	for _, p := range list {
		if n := utf8.RuneCountInString(p.key); n < c.keys.Min || c.keys.Max >= 0 && n > c.keys.Max {
			return "", c.key
		}
		if !has(c.remove, p.val.Raw) {
			if c.text && p.val.Type != gjson.String {
				return "", c.value
			}
			if c.values.Max >= 0 && p.val.Type == gjson.String && utf8.RuneCountInString(p.val.Str) > c.values.Max {
				return "", c.value
			}
		}
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(link.AppendQuote(dst, p.key), ':')
		if p.val.Type == gjson.String {
			dst = append(dst, stringText(p.val)...)
		} else {
			dst = appendCompact(dst, p.val)
		}
	}
	return string(append(dst, '}')), nil
}

// settle merges what was sent into what is there and checks the result.
func (c *mapCodec) settle(text, old string) (string, *trouble) {
	var list []pair
	if c.merge && old != "" && old != link.Null {
		list = members(gjson.Parse(old))
	}
	index := make(map[string]int, len(list))
	for i, p := range list {
		index[p.key] = i
	}
	for _, p := range members(gjson.Parse(text)) {
		i, there := index[p.key]
		switch {
		case has(c.remove, p.val.Raw):
			if there {
				list[i].val = gjson.Result{}
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
		if p.val.Raw == "" {
			continue
		}
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(link.AppendQuote(dst, p.key), ':'), p.val.Raw...)
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

func (c *mapCodec) fromText(s string) gjson.Result { return textResult(s) }

// A listCodec carries an array: of scalars, or of objects whose members are
// field lines of their own. Its canonical text is an array with canonical
// names and values inside.
type listCodec struct {
	items    span
	of       codec    // of scalars
	each     []*Field // of objects
	byName   map[string]*Field
	unknown  string
	kind     *trouble
	few      *trouble
	many     *trouble
	itemKind *trouble
}

func (c *listCodec) fromText(s string) gjson.Result { return textResult(s) }

// decodeList reads an array and reports every fault in it with its path.
func (c *listCodec) decodeList(f *Field, v gjson.Result, in *Input, e *Env) (string, bool) {
	if !v.IsArray() {
		in.fail(f, f.Path, c.kind, v)
		return "", false
	}
	dst := append(make([]byte, 0, len(v.Raw)), '[')
	n, ok := 0, true
	v.ForEach(func(_, item gjson.Result) bool {
		if n++; c.items.Max >= 0 && n > c.items.Max {
			in.fail(f, f.Path, c.many, v)
			ok = false
			return false
		}
		if n > 1 {
			dst = append(dst, ',')
		}
		var good bool
		path := func() string { return in.paths.index(f.Path, n-1) }
		if c.of != nil {
			dst, good = c.scalar(dst, f, item, path, in, e)
		} else {
			dst, good = c.object(dst, item, n, path, in, e)
		}
		ok = ok && good
		return ok || in.all
	})
	if ok && n < c.items.Min {
		in.fail(f, f.Path, c.few, v)
		return "", false
	}
	return string(append(dst, ']')), ok
}

func (c *listCodec) scalar(dst []byte, f *Field, item gjson.Result, path func() string, in *Input, e *Env) ([]byte, bool) {
	text, t := c.of.decode(item, e)
	if t != nil {
		in.fail(f, path(), t, item)
		return dst, false
	}
	return append(dst, text...), true
}

func (c *listCodec) object(dst []byte, item gjson.Result, n int, path func() string, in *Input, e *Env) ([]byte, bool) {
	if !item.IsObject() {
		in.fail(nil, path(), c.itemKind, item)
		return dst, false
	}
	list := members(item)
	ok := true
	for _, p := range list {
		if f := c.byName[p.key]; f == nil || !f.In {
			switch {
			case c.unknown == "refuse":
				in.failAs(nil, in.paths.member(path(), p.key), unknownTrouble, p.val, n)
				ok = false
			}
		}
	}
	dst = append(dst, '{')
	first := true
	for _, f := range c.each {
		if !f.In {
			continue
		}
		text, good := c.member(f, list, n, path, in, e)
		ok = ok && good
		if text == "" {
			continue
		}
		if !first {
			dst = append(dst, ',')
		}
		first = false
		dst = append(append(link.AppendQuote(dst, f.item), ':'), text...)
	}
	return append(dst, '}'), ok
}

// member decodes one field of one item.
func (c *listCodec) member(f *Field, list []pair, n int, path func() string, in *Input, e *Env) (string, bool) {
	i := find(list, nil, f.Path)
	if i < 0 {
		if f.need != needNever {
			in.failAs(f, in.paths.member(path(), f.Path), missingTrouble, gjson.Result{}, n)
			return "", false
		}
		return f.defaultText(e), true
	}
	v := list[i].val
	if f.clears(v) {
		return "", true
	}
	if v.Type == gjson.Null {
		in.failAs(f, in.paths.member(path(), f.Path), f.nullTrouble(), v, n)
		return "", false
	}
	text, t := f.codec.decode(v, e)
	if t != nil {
		in.failAs(f, in.paths.member(path(), f.Path), t, v, n)
		return "", false
	}
	return text, true
}

// decode is never called: lists report with paths, through decodeList.
func (c *listCodec) decode(v gjson.Result, e *Env) (string, *trouble) {
	in := &Input{paths: dottedPaths}
	text, ok := c.decodeList(&Field{}, v, in, e)
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
	gjson.Parse(text).ForEach(func(_, item gjson.Result) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = c.encodeItem(dst, members(item), rec)
		return true
	})
	return append(dst, ']')
}

func (c *listCodec) encodeItem(dst []byte, list []pair, rec *link.Record) []byte {
	dst = append(dst, '{')
	for _, f := range c.each {
		if !f.Out {
			continue
		}
		text := ""
		if i := find(list, nil, f.item); i >= 0 {
			text = list[i].val.Raw
		}
		dst = f.appendMember(dst, text, rec, nil)
	}
	return append(dst, '}')
}

func (c *listCodec) encodeScalars(dst []byte, text string, rec *link.Record) []byte {
	if c.of == nil || plain(c.of) {
		return append(dst, text...)
	}
	dst = append(dst, '[')
	n := 0
	gjson.Parse(text).ForEach(func(_, item gjson.Result) bool {
		if n++; n > 1 {
			dst = append(dst, ',')
		}
		dst = c.of.encode(dst, item.Raw, rec)
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
	dot, open, close string
}

var (
	dottedPaths  = &pathStyle{".", ".", ""}
	bracketPaths = &pathStyle{"[", "[", "]"}
	indexPaths   = &pathStyle{".", "[", "]"}
	pointerPaths = &pathStyle{"/", "/", ""}
)

var pathStyles = map[string]*pathStyle{"dotted": dottedPaths, "brackets": bracketPaths, "indexed": indexPaths, "pointer": pointerPaths}

func (p *pathStyle) index(path string, i int) string {
	return path + p.open + strconv.Itoa(i) + p.close
}

func (p *pathStyle) member(path, name string) string {
	if p == bracketPaths {
		return path + "[" + name + "]"
	}
	return path + p.dot + name
}
