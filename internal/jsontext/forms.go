package jsontext

import (
	"bytes"
	"errors"
	"io"
	"math"
	"mime"
	"mime/multipart"
	"net/url"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/tidwall/gjson"

	"github.com/polylink-dev/polylink/record"
)

// Limits of a form: more parameters or deeper brackets than any real client
// sends are refused.
const (
	maxFormParams = 1000
	maxFormDepth  = 8
)

// formNode is a value of a form: a text, or members in their order.
type formNode struct {
	next int // where [] puts an item: behind all that are numbered
	text string
	leaf bool
	keys []string
	kids map[string]*formNode
}

// FormToJSON turns a form body with brackets (a[b][0]=c) into JSON text. Every
// scalar is a text; its field types it later. Brackets with nothing in them or
// with 0, 1, 2… in order are lists, all others are objects, so no number in a
// name ever makes room for more than was sent. Members of an object in a[] go
// into one item until one of them comes again.
func FormToJSON(body string) ([]byte, error) {
	root := &formNode{kids: map[string]*formNode{}}
	n := 0
	for body != "" {
		var param string
		param, body, _ = strings.Cut(body, "&")
		if param == "" {
			continue
		}
		if n++; n > maxFormParams {
			return nil, errors.New("it has more than 1000 parameters")
		}
		name, value, _ := strings.Cut(param, "=")
		key, err1 := url.QueryUnescape(name)
		val, err2 := url.QueryUnescape(value)
		if err1 != nil || err2 != nil {
			return nil, errors.New("a % in it is not followed by two hexadecimal digits")
		}
		if !utf8.ValidString(key) || !utf8.ValidString(val) {
			return nil, errors.New("it is not valid UTF-8")
		}
		if err := root.put(key, val); err != nil {
			return nil, err
		}
	}
	return root.append(nil, false), nil
}

// MultipartToJSON turns a body of multipart/form-data into JSON text, as
// FormToJSON does with a form. A part that is a file is refused.
func MultipartToJSON(body []byte, contentType string) ([]byte, error) {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil || params["boundary"] == "" {
		return nil, errors.New("its Content-Type has no boundary")
	}
	root := &formNode{kids: map[string]*formNode{}}
	parts := multipart.NewReader(bytes.NewReader(body), params["boundary"])
	for n := 0; ; n++ {
		part, err := parts.NextRawPart()
		if err == io.EOF {
			return root.append(nil, false), nil
		}
		if err != nil {
			return nil, errors.New("its parts cannot be told apart")
		}
		if n >= maxFormParams {
			return nil, errors.New("it has more than 1000 parameters")
		}
		name := part.FormName()
		if part.FileName() != "" {
			return nil, errors.New(strconv.Quote(clipText(name)) + " is a file, and files are not taken")
		}
		text, err := io.ReadAll(part)
		if err != nil {
			return nil, errors.New("it ended too early")
		}
		if name == "" || !utf8.ValidString(name) || !utf8.Valid(text) {
			return nil, errors.New("a part has no name, or is not valid UTF-8")
		}
		if err := root.put(name, string(text)); err != nil {
			return nil, err
		}
	}
}

// JSONToForm writes a JSON object as a form body with brackets.
func JSONToForm(text string) string {
	var out []string
	var walk func(name string, v gjson.Result)
	walk = func(name string, v gjson.Result) {
		if !v.IsObject() && !v.IsArray() {
			out = append(out, name+"="+url.QueryEscape(v.String()))
			return
		}
		i := 0
		v.ForEach(func(k, kid gjson.Result) bool {
			key := k.Str
			if v.IsArray() {
				key = strconv.Itoa(i)
			}
			i++
			if key = url.QueryEscape(key); name != "" {
				key = name + "[" + key + "]"
			}
			walk(key, kid)
			return true
		})
	}
	walk("", gjson.Parse(text))
	return strings.Join(out, "&")
}

// put places one parameter.
func (f *formNode) put(key, val string) error {
	head, rest := key, ""
	if i := strings.IndexByte(key, '['); i > 0 && strings.HasSuffix(key, "]") {
		head, rest = key[:i], key[i:]
	}
	at := f.child(head)
	for depth := 0; rest != ""; depth++ {
		end := strings.IndexByte(rest, ']')
		if rest[0] != '[' || end < 0 {
			return errors.New("the brackets in " + strconv.Quote(clipText(key)) + " do not match")
		}
		if depth >= maxFormDepth {
			return errors.New("the brackets in " + strconv.Quote(clipText(key)) + " nest too deep")
		}
		name := rest[1:end]
		rest = rest[end+1:]
		if at.leaf {
			return errors.New(strconv.Quote(clipText(key)) + " is both a value and an object")
		}
		if name == "" {
			name = at.item(rest)
		}
		at = at.child(name)
	}
	if len(at.keys) > 0 {
		return errors.New(strconv.Quote(clipText(key)) + " is both a value and an object")
	}
	at.leaf, at.text = true, val
	return nil
}

// item is the number of the item that [] means. With nothing behind it that is a
// new one; with members behind it (a[][b]=1&a[][c]=2) it is the last one, until
// that has the member already.
func (f *formNode) item(rest string) string {
	last := f.kids[strconv.Itoa(f.next-1)]
	if rest == "" || last == nil || last.leaf || last.has(rest) {
		return strconv.Itoa(f.next)
	}
	return strconv.Itoa(f.next - 1)
}

// has tells whether a node has what brackets lead to. A list takes another item.
func (f *formNode) has(brackets string) bool {
	for brackets != "" && f != nil {
		end := strings.IndexByte(brackets, ']')
		if end < 1 || brackets[:2] == "[]" {
			return false
		}
		f, brackets = f.kids[brackets[1:end]], brackets[end+1:]
	}
	return f != nil
}

// clipText keeps a name in an error message short.
func clipText(s string) string { return Shorten(s, 60) }

// Shorten cuts a text that is longer than so many bytes, between two characters.
func Shorten(s string, most int) string {
	if len(s) > most {
		return strings.ToValidUTF8(s[:most], "") + "…"
	}
	return s
}

func (f *formNode) child(name string) *formNode {
	if f.kids == nil {
		f.kids = map[string]*formNode{}
	}
	kid := f.kids[name]
	if kid == nil {
		kid = &formNode{}
		f.kids[name] = kid
		f.keys = append(f.keys, name)
		if n, err := strconv.Atoi(name); err == nil && n >= f.next && n < math.MaxInt32 {
			f.next = n + 1
		}
	}
	return kid
}

// isList tells whether the members are 0, 1, 2… in order.
func (f *formNode) isList() bool {
	for i, k := range f.keys {
		if k != strconv.Itoa(i) {
			return false
		}
	}
	return len(f.keys) > 0
}

// append writes the node as JSON; the root is never a list.
func (f *formNode) append(dst []byte, list bool) []byte {
	if f.leaf {
		return record.AppendQuote(dst, f.text)
	}
	if list {
		dst = append(dst, '[')
	} else {
		dst = append(dst, '{')
	}
	for i, k := range f.keys {
		if i > 0 {
			dst = append(dst, ',')
		}
		if !list {
			dst = append(record.AppendQuote(dst, k), ':')
		}
		dst = f.kids[k].append(dst, f.kids[k].isList())
	}
	if list {
		return append(dst, ']')
	}
	return append(dst, '}')
}

// Numbered makes the object of a list: in a form the client's own keys may be
// 0, 1, 2…
func Numbered(v Value) Value {
	dst, n := []byte{'{'}, int64(0)
	v.ForEach(func(_ string, item Value) bool {
		dst = append(AppendKey(dst, []byte(record.Quote(strconv.FormatInt(n, 10))+":")), item.Raw...)
		n++
		return true
	})
	return ValueOf(string(append(dst, '}')))
}

// Listed makes the list of an object whose keys are all whole numbers: a form
// may count its items with gaps, and in any order.
func Listed(v Value) Value {
	list := Members(v)
	at := make(map[string]int, len(list))
	for _, p := range list {
		i, err := strconv.Atoi(p.Key)
		if err != nil || i < 0 || strconv.Itoa(i) != p.Key {
			return v
		}
		at[p.Key] = i
	}
	sort.Slice(list, func(i, j int) bool { return at[list[i].Key] < at[list[j].Key] })
	dst := []byte{'['}
	for i, p := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, p.Val.Raw...)
	}
	return ValueOf(string(append(dst, ']')))
}
