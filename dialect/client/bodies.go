package client

import (
	"maps"
	"slices"
	"strings"

	"github.com/tidwall/sjson"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Saying is what a client of one dialect has said, to be said in another.
type Saying struct {
	From  *dialect.Op
	Input *dialect.Input               // as it was decoded
	Env   *dialect.Env                 // It is the record that was asked for, Old the one there was
	Apart string                       // a place that another request says
	IDs   func(kind, id string) string // the other side's ids of neighbours; nil leaves them
}

// Body is the same in the other dialect.
type Body struct {
	JSON     []byte // an object; {} where nothing arrives
	Losses   []Loss
	Problems []dialect.Problem // what the other dialect has a place for and does not take
}

// Empty tells that nothing of what was said arrives.
func (b *Body) Empty() bool { return string(b.JSON) == "{}" }

// In says it in the dialect of an operation on the same kind of record.
func (s *Saying) In(to *dialect.Op) Body {
	w := &writer{Saying: s, to: to, create: to.Does == dialect.Create, said: map[string]*dialect.Field{}, used: map[string]bool{}, wires: map[*dialect.Field]string{}}
	for _, f := range s.Input.Said() {
		if !s.Input.Sent(f) && f.Get(s.Env.It) == "" && (s.Env.Old == nil || f.Get(s.Env.Old) == "") {
			continue // of an object that is replaced, and was not there before
		}
		if place := Place(s.From.Resource, f); place != "" && place != s.Apart && w.said[place] == nil {
			w.said[place] = f
			w.order = append(w.order, place)
		}
	}
	for _, f := range to.Resource.Fields {
		if to.Reads(f) && f.Target != dialect.ToNothing {
			w.field(f)
		}
	}
	w.assumptions()
	for _, f := range w.derived {
		w.madeOf(f, w.ours(Place(to.Resource, f)).Default.Doc)
	}
	w.groups()
	w.left()
	return Body{w.body(), w.losses, w.problems}
}

// writer makes one body.
type writer struct {
	*Saying
	to       *dialect.Op
	create   bool
	said     map[string]*dialect.Field // by place
	order    []string
	used     map[string]bool // places that arrive, or are told of
	wires    map[*dialect.Field]string
	derived  []*dialect.Field // said by a default of ours, of what was said
	losses   []Loss
	problems []dialect.Problem
}

// field says one field of the other dialect, where there is something to say.
func (w *writer) field(f *dialect.Field) {
	place := Place(w.to.Resource, f)
	said, text := w.said[place], f.Get(w.Env.It)
	switch {
	case w.skipped(f) || place == w.Apart && place != "":
		return
	case said != nil:
	case !w.create:
		if w.Env.Old == nil || implicit[f.Slot] && f.Target == dialect.ToSlot && f.Slot != record.SlotStatus || f.Get(w.Env.Old) == text {
			return
		}
	case text == "" || text == record.Null || f.Target == dialect.ToSlot && implicit[f.Slot]:
		return
	case f.Exists != "" || refers(f):
		return // what nobody said names nothing there
	case f.Default != nil && f.Default.Shown != nil && string(f.Default.Shown) == string(f.Codec.Encode(nil, text, w.Env.It)):
		return // it goes without saying there, too
	}
	if text == "" || text == record.Null {
		w.clear(f, place, said)
		return
	}
	w.value(f, place, said, text)
}

func refers(f *dialect.Field) bool {
	c, is := f.Codec.(*dialect.ListCodec)
	return is && c.Refers()
}

// skipped tells that a field does not go with one that is said already.
func (w *writer) skipped(f *dialect.Field) bool {
	return f.Without != nil && w.has(f.Without) || f.Without == nil && slices.ContainsFunc(w.to.Resource.Exclusive, func(x *dialect.Field) bool { return x.Without == f && w.has(x) })
}

func (w *writer) has(f *dialect.Field) bool { _, ok := w.wires[f]; return ok }

// clear empties a field.
func (w *writer) clear(f *dialect.Field, place string, said *dialect.Field) {
	if w.create {
		w.used[place] = true // there is nothing yet
		return
	}
	if _, isMap := f.Codec.(*codec.Map); isMap && len(f.Clear) == 0 {
		w.wires[f] = "{}"
		w.used[place] = true
		return
	}
	if len(f.Clear) > 0 {
		w.wires[f] = f.Clear[0]
		w.used[place] = true
		return
	}
	if f.Default != nil && f.Default.Shown != nil {
		w.wires[f] = string(f.Default.Shown)
		w.lose(Approximated, place, said, "it cannot be emptied there, and has its default")
		return
	}
	if said != nil {
		w.lose(Dropped, place, said, "it cannot be emptied there")
	}
}

// value says a value, and holds it to what the other dialect takes.
func (w *writer) value(f *dialect.Field, place string, said *dialect.Field, text string) {
	text = w.renamed(place, text)
	wire, ok := w.wire(f, place, said, text)
	if !ok {
		return
	}
	have, broken := f.Decode(jsontext.ValueOf(wire), w.Env)
	if c, is := f.Codec.(codec.Amount); is && broken == nil {
		have, broken = c.Settle(have, w.Env.It)
	}
	if broken != nil {
		if said != nil || place == "currency" {
			w.refuse(place, said, broken, wire)
		}
		return
	}
	w.wires[f] = wire
	if ours := w.ours(place); said == nil && ours != nil && ours.Default != nil && ours.Default.Doc != nil {
		w.derived = append(w.derived, f)
	}
	if list, is := f.Codec.(*dialect.ListCodec); is && list.Each != nil || isMap(f) {
		w.used[place] = true
		return
	}
	if have != text && said != nil {
		w.lose(Approximated, place, said, "it arrives as "+jsontext.Clip(wire))
	}
	w.used[place] = true
}

// renamed is a canonical value with the ids that the other side has.
func (w *writer) renamed(place, text string) string {
	if w.IDs == nil {
		return text
	}
	return Renamed(place, text, w.IDs)
}

func isMap(f *dialect.Field) bool { _, is := f.Codec.(*codec.Map); return is }

// wire is a canonical text as a client of the other dialect writes it.
func (w *writer) wire(f *dialect.Field, place string, said *dialect.Field, text string) (string, bool) {
	switch c := f.Codec.(type) {
	case *dialect.ListCodec:
		if sent := ""; c.Each != nil {
			if said != nil && w.create {
				sent = w.Input.Text(said) // without what we have put in ourselves
			}
			if sent != "" {
				text = w.renamed(place, sent)
			}
			return w.items(f, c, place, said, text)
		}
	case *dialect.MadeCodec:
		return "", false
	case *codec.Map:
		return w.keys(c, said, f, text), true
	case codec.Asked:
		return string(c.Request(nil, text, w.Env.Now)), true
	}
	return string(f.Codec.Encode(nil, text, w.Env.It)), true
}

// keys writes a map. One that is merged gets what differs, so that what others
// put into it meanwhile stays.
func (w *writer) keys(c *codec.Map, said, f *dialect.Field, text string) string {
	if !c.Merging || w.create || w.Env.Old == nil {
		return text
	}
	if from, is := fieldMap(said); is && from.Merging && slices.Equal(from.Remove, c.Remove) {
		return w.Input.Text(said)
	}
	now, old := members(text), members(f.Get(w.Env.Old))
	dst := []byte{'{'}
	put := func(key, raw string) {
		if len(dst) > 1 {
			dst = append(dst, ',')
		}
		dst = append(append(record.AppendQuote(dst, key), ':'), raw...)
	}
	for _, key := range slices.Sorted(maps.Keys(now)) {
		if old[key] != now[key] {
			put(key, now[key])
		}
	}
	for _, key := range slices.Sorted(maps.Keys(old)) {
		if _, kept := now[key]; !kept && len(c.Remove) > 0 {
			put(key, c.Remove[0])
		}
	}
	return string(append(dst, '}'))
}

func fieldMap(f *dialect.Field) (*codec.Map, bool) {
	if f == nil {
		return nil, false
	}
	c, is := f.Codec.(*codec.Map)
	return c, is
}

func members(text string) map[string]string {
	out := map[string]string{}
	if v := jsontext.ValueOf(text); v.IsObject() {
		for _, m := range jsontext.Members(v) {
			out[m.Key] = m.Val.Raw
		}
	}
	return out
}

// groups complete objects that are sent: those that replace what was there are
// whole, and those with members that they cannot do without have them.
func (w *writer) groups() {
	for _, f := range w.to.Resource.Fields {
		if !w.to.Reads(f) || w.has(f) || f.Group == nil || w.skipped(f) || !w.touches(f.Group) {
			continue
		}
		if text := f.Get(w.Env.It); text != "" && text != record.Null && f.Target != dialect.ToNothing {
			w.value(f, Place(w.to.Resource, f), nil, text)
		}
		if !w.has(f) && slices.Contains(f.Group.Needs, f) && !w.assume(f) && f.Default != nil && f.Default.Doc == nil {
			w.wires[f] = f.Default.Wire.Raw
		}
	}
}

// touches tells whether a member of an object is sent, directly or deeper, and
// the object is replaced by it or needs members.
func (w *writer) touches(g *dialect.Group) bool {
	if !g.Replace && len(g.Needs) == 0 {
		return false
	}
	for f := range w.wires {
		for at := f.Group; at != nil; at = at.Parent {
			if at == g {
				return true
			}
		}
	}
	return false
}

// left tells of what was said and does not arrive.
func (w *writer) left() {
	for _, place := range w.order {
		if !w.used[place] && !w.unchanged(w.said[place]) {
			w.lose(Dropped, place, w.said[place], w.to.Owner.Name+" has no such field")
		}
	}
}

// unchanged tells whether an update says what is so already.
func (w *writer) unchanged(said *dialect.Field) bool {
	return !w.create && w.Env.Old != nil && said.Get(w.Env.It) != "" && said.Get(w.Env.It) == said.Get(w.Env.Old)
}

func (w *writer) lose(kind Kind, place string, said *dialect.Field, why string) {
	l := Loss{Kind: kind, Path: place, Why: why}
	if said != nil {
		l.Field = w.Input.PathOf(said)
	}
	w.used[place] = true
	w.losses = append(w.losses, l)
}

// refuse notes that the other dialect would refuse a value, in the words of
// ours.
func (w *writer) refuse(place string, said *dialect.Field, t *codec.Violation, wire string) {
	p := dialect.Problem{Field: said, Code: t.Code, Check: t.Check, Why: t.Why + ", says " + w.to.Owner.Name, Value: jsontext.Clip(wire)}
	if said == nil {
		p.Field = w.ours(place)
	}
	if p.Field != nil {
		p.Path = w.Input.PathOf(p.Field)
	}
	w.used[place] = true
	w.problems = append(w.problems, p)
}

// ours is the field by which our client would say a place, nil for none.
func (w *writer) ours(place string) *dialect.Field { return FieldOf(w.From, place) }

// FieldOf is the field by which an operation's requests say a place, or else its
// answers; nil for none.
func FieldOf(op *dialect.Op, place string) *dialect.Field {
	var shown *dialect.Field
	for _, f := range op.Resource.Fields {
		if place == "" || Place(op.Resource, f) != place {
			continue
		}
		if op.Reads(f) {
			return f
		}
		shown = f
	}
	return shown
}

// body puts the fields together as they nest.
func (w *writer) body() []byte {
	doc, nested := append(make([]byte, 0, 512), '{'), false
	for _, f := range w.to.Resource.Fields {
		wire, ok := w.wires[f]
		if !ok {
			continue
		}
		if strings.Contains(f.Path, ".") {
			nested = true
			continue
		}
		if len(doc) > 1 {
			doc = append(doc, ',')
		}
		doc = append(append(record.AppendQuote(doc, f.Path), ':'), wire...)
	}
	doc = append(doc, '}')
	if !nested {
		return doc
	}
	for _, f := range w.to.Resource.Fields {
		if wire, ok := w.wires[f]; ok && strings.Contains(f.Path, ".") {
			if next, err := sjson.SetRawBytes(doc, special.Replace(f.Path), []byte(wire)); err == nil {
				doc = next
			}
		}
	}
	return doc
}

// special writes a dotted path of the mapping's author as sjson reads it.
var special = strings.NewReplacer("*", `\*`, "?", `\?`, "|", `\|`, "#", `\#`, "@", `\@`, ":", `\:`)
