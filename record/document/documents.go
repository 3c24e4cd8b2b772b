package document

import (
	"fmt"
	"slices"
	"strings"

	"github.com/tidwall/gjson"
	"github.com/tidwall/sjson"

	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Check tells whether a canonical text suits a slot.
func Check(slot record.SlotInfo, text string) error {
	if text == record.Null {
		return nil
	}
	if !gjson.Valid(text) {
		return fmt.Errorf("%s: %s is not JSON", slot.Name, jsontext.Clip(text))
	}
	v := gjson.Parse(text)
	ok := false
	switch slot.Type {
	case record.Text:
		ok = v.Type == gjson.String
	case record.Enum:
		if ok = v.Type == gjson.String; ok && !slices.Contains(slot.Values, v.Str) {
			return fmt.Errorf("%s has no value %q%s; write one of %s", slot.Name, v.Str,
				yml.DidYouMean(v.Str, slot.Values), strings.Join(slot.Values, ", "))
		}
	case record.Bool:
		ok = v.Type == gjson.True || v.Type == gjson.False
	case record.Int, record.Money:
		if v.Type == gjson.Number {
			whole, isWhole := record.Integer(v.Raw)
			ok = isWhole && whole == v.Raw
		}
	case record.Time:
		_, ok = record.ParseTime(text)
	case record.Map:
		ok = v.IsObject()
	case record.List:
		ok = v.IsArray()
	case record.Any:
		ok = true
	}
	if !ok {
		return fmt.Errorf("%s is a slot of type %s and cannot hold %s", slot.Name, slot.Type, jsontext.Clip(text))
	}
	return nil
}

// Of writes a record as one JSON document: slots nested by their dotted
// names, what dialects keep beyond the model under extensions. Secrets that
// the model has are left out when public is true.
func Of(rec *record.Record, public bool) []byte {
	dst := append(make([]byte, 0, 1536), `{"object":`...)
	dst = append(record.AppendQuote(dst, rec.Schema.Kind), `,"dialect":`...)
	dst = record.AppendQuote(dst, rec.Dialect)
	inside := "" // the object that is being written
	for i, slot := range rec.Schema.Slots {
		text := rec.Get(record.Slot(i))
		if text == "" || public && IsSecret(slot.Name) {
			continue
		}
		outer, name, nested := strings.Cut(slot.Name, ".")
		if !nested {
			outer, name = "", slot.Name
		}
		if inside != outer {
			if inside != "" {
				dst = append(dst, '}')
			}
			if inside = outer; nested {
				dst = append(appendName(dst, outer), '{')
			}
		}
		dst = append(appendName(dst, name), text...)
	}
	if inside != "" {
		dst = append(dst, '}')
	}
	if ext := extensions(rec); ext != nil {
		dst = append(append(dst, `,"extensions":`...), ext...)
	}
	return append(dst, '}')
}

// appendName writes a member's name, behind a comma if it is not the first.
func appendName(dst []byte, name string) []byte {
	if dst[len(dst)-1] != '{' {
		dst = append(dst, ',')
	}
	return append(record.AppendQuote(dst, name), ':')
}

// extensions is what dialects keep beyond the model, nil when they keep
// nothing. The paths are the mapping author's, never a client's.
func extensions(rec *record.Record) []byte {
	var doc []byte
	rec.EachExt(func(key, text string) {
		d, path, _ := strings.Cut(key, ".")
		if out, err := sjson.SetRawBytes(doc, d+"."+strings.ReplaceAll(path, ".", `\.`), []byte(text)); err == nil {
			doc = out
		}
	})
	return doc
}

// Read reads what Of wrote, in one walk. Members that are no slots are left out.
func Read(doc []byte) (*record.Record, error) {
	checked, err := jsontext.Parse(doc)
	if err != nil {
		return nil, err
	}
	root := jsontext.ValueOf(checked.Raw)
	r := reader{text: make([]byte, 0, len(doc))}
	var extensions jsontext.Value
	if root.IsObject() {
		jsontext.EachMember(root.Raw, func(name string, v jsontext.Value) bool {
			switch name {
			case "object":
				r.schema = record.Schemas()[v.Str()]
				r.kind = v.Str()
			case "dialect":
				r.dialect = strings.Clone(v.Str())
			case "extensions":
				extensions = v
			}
			return true
		})
	}
	if r.schema == nil {
		return nil, fmt.Errorf("no kind of record %q", r.kind)
	}
	jsontext.EachMember(root.Raw, func(name string, v jsontext.Value) bool {
		r.member(name, v)
		return true
	})
	return r.record(extensions)
}

// reader is a record in the making. All its texts lie in one piece of memory.
type reader struct {
	schema        *record.Schema
	kind, dialect string
	text          []byte
	slots         []span
}

// span is where the text of a slot lies.
type span struct {
	slot     record.Slot
	from, to int
}

// member reads a member of the document: a slot, or an object of slots.
func (r *reader) member(name string, v jsontext.Value) {
	if slot, ok := r.schema.Slot(name); ok && !strings.Contains(name, ".") {
		r.add(slot, v)
		return
	}
	if !v.IsObject() || name == "extensions" {
		return
	}
	jsontext.EachMember(v.Raw, func(inner string, v jsontext.Value) bool {
		if slot, ok := r.schema.Slot(name + "." + inner); ok {
			r.add(slot, v)
		}
		return true
	})
}

func (r *reader) add(slot record.Slot, v jsontext.Value) {
	from := len(r.text)
	r.text = jsontext.AppendCanonical(r.text, v)
	r.slots = append(r.slots, span{slot, from, len(r.text)})
}

// record makes the record of what was read, and of what dialects keep beyond it.
func (r *reader) record(extensions jsontext.Value) (*record.Record, error) {
	rec := record.New(r.schema, r.dialect)
	text := string(r.text)
	for _, s := range r.slots {
		value := text[s.from:s.to]
		if err := Check(r.schema.Slots[s.slot], value); err != nil {
			return nil, err
		}
		rec.Set(s.slot, value)
	}
	if !extensions.IsObject() {
		return rec, nil
	}
	jsontext.EachMember(extensions.Raw, func(d string, values jsontext.Value) bool {
		if values.IsObject() {
			jsontext.EachMember(values.Raw, func(path string, v jsontext.Value) bool {
				rec.SetExt(d+"."+path, string(jsontext.AppendCanonical(nil, v)))
				return true
			})
		}
		return true
	})
	return rec, nil
}
