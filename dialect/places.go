package dialect

import (
	"strconv"
	"strings"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

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
func (p place) fail(f *Field, path string, t *codec.Violation, v jsontext.Value) {
	p.in.failItem(f, p.list, path, t, v, p.n)
}

// value decodes a value of the item by a field line.
func (p place) value(f *Field, path func() string, v jsontext.Value, e *Env) (string, bool) {
	v = p.in.typed(f, v)
	if f.clears(v) {
		return "", true
	}
	t := f.nullViolation()
	text := ""
	if v.Kind != gjson.Null {
		if c, ok := f.codec.(nestable); ok {
			p.at = path()
			return c.at(p, f, v, e)
		}
		text, t = f.decode(v, e)
	}
	if c, ok := f.codec.(codec.Merger); ok && t == nil {
		text, t = c.Merge(text, "")
	}
	if t != nil {
		p.fail(f, path(), t, v)
		return "", false
	}
	return text, true
}

// member decodes one field of one item.
func (p place) member(c *listCodec, f *Field, list []jsontext.Member, e *Env) (string, bool) {
	path := func() string { return p.in.paths.member(p.path(), f.Path) }
	if i := jsontext.FindMember(list, nil, f.Path); i >= 0 {
		if f.without != nil && jsontext.FindMember(list, nil, f.without.Path) >= 0 {
			p.fail(f, path(), f.excluded(), list[i].Val)
			return "", false
		}
		return p.value(f, path, list[i].Val, e)
	}
	if (f.need == needAlways || f.need == needCreate && p.creates()) && (f.unless == nil || jsontext.FindMember(list, nil, f.unless.Path) < 0) {
		p.fail(f, path(), missingField, jsontext.Value{})
		return "", false
	}
	if c.by != nil && !p.creates() {
		return "", true // what is there stays
	}
	return f.defaultText(e), true
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
