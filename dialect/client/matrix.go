package client

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/sharing"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// Matrix says, from two programs alone, what of one dialect's links survives in
// another.
type Matrix struct {
	From     string `json:"from"`
	To       string `json:"to"`
	Note     string `json:"note,omitempty"`
	Fields   []Fate `json:"fields"`
	Demanded []Fate `json:"demanded"` // what the other dialect demands and this one never says
}

// Fate is what becomes of one field.
type Fate struct {
	Field   string `json:"field"`             // as the client calls it
	Path    string `json:"path"`              // canonical
	To      string `json:"to,omitempty"`      // as the upstream calls it
	Request string `json:"request,omitempty"` // kept, approximated, dropped, defaulted or refused; "" where it is not sent
	Answer  string `json:"answer,omitempty"`  // kept or absent; "" where it is not shown
	Why     string `json:"why,omitempty"`

	Sources []string `json:"sources,omitempty"` // of a demand: the fields of which it is made
}

// Kept is the fate of what arrives as it is.
const Kept = "kept"

// Compare makes the matrix of a client's dialect and an upstream's.
func Compare(from, to *dialect.Dialect) Matrix {
	m := Matrix{From: from.Name, To: to.Name, Fields: []Fate{}, Demanded: []Fate{}}
	a, b := create(from), create(to)
	if a == nil || b == nil {
		m.Note = "one of the two makes no links"
		return m
	}
	if sharing.SetsUp(a.Resource) != sharing.SetsUp(b.Resource) {
		m.Note = "links of the one ask for money and those of the other set something up: no link of the one can be made in the other"
	}
	for _, f := range a.Resource.Fields {
		if place := Place(a.Resource, f); place != "" && (a.Resource.Tree == nil || !shadowed(a.Resource, f)) {
			m.Fields = append(m.Fields, fate(a, b, f, place))
		}
		if f.Page {
			m.Fields = append(m.Fields, page(b, f))
		}
	}
	for _, f := range b.Resource.Required {
		place := Place(b.Resource, f)
		if ours := FieldOf(a, place); ours != nil && a.Reads(ours) && ours.Need != dialect.NeedNever {
			continue
		}
		x := Fate{Field: f.Path, Path: place, Request: "refused", Why: "a create that does not say it is refused"}
		if f.Assume != nil {
			x.Request, x.Why = string(Defaulted), "the file of "+to.Name+" says what is sent"
			if x.Sources = sources(a, f.Assume.Doc); len(x.Sources) > 0 {
				x.Why = "it is made of " + strings.Join(x.Sources, ", ") + ", as the file of " + to.Name + " says"
			} else if f.Assume.Doc != nil && f.Assume.Doc.Lit == nil && !f.Assume.Doc.Has("it.id") {
				x.Request, x.Why = "refused", "nothing that "+from.Name+" says could be sent"
			}
		}
		m.Demanded = append(m.Demanded, x)
	}
	return m
}

// page is what becomes of the address of a link's page: the upstream's is shown,
// and none where that shows none.
func page(b *dialect.Op, f *dialect.Field) Fate {
	for _, other := range b.Resource.Fields {
		if other.Page {
			return Fate{Field: f.Path, Path: "url", To: other.Path, Answer: Kept}
		}
	}
	return Fate{Field: f.Path, Path: "url", Answer: "absent", Why: b.Owner.Name + " shows no address of a page: it is null"}
}

// sources are the fields of an operation that a document is made of.
func sources(op *dialect.Op, doc *template.Document) (out []string) {
	for _, f := range op.Resource.Fields {
		if doc != nil && op.Reads(f) && !slices.Contains(out, f.Path) && Reads(doc, op.Owner.Name, Place(op.Resource, f)) {
			out = append(out, f.Path)
		}
	}
	return out
}

// shadowed tells whether a field is the other half of one that was listed: the
// line of the way out beside that of the way in.
func shadowed(res *dialect.Resource, f *dialect.Field) bool {
	first := res.Field(f.Path)
	return first != f && Place(res, first) == Place(res, f)
}

func create(d *dialect.Dialect) *dialect.Op {
	if res := d.ResourceFor(record.Links.Kind); res != nil {
		for _, op := range d.Operations {
			if op.Resource == res && op.Does == dialect.Create {
				return op
			}
		}
	}
	return nil
}

// fate finds out what becomes of a field.
func fate(a, b *dialect.Op, f *dialect.Field, place string) Fate {
	x := Fate{Field: f.Path, Path: place}
	in, out := f.In, f.Out || shownBeside(a.Resource, f)
	for _, other := range b.Resource.Fields {
		if Place(b.Resource, other) != place {
			continue
		}
		x.To = other.Path
		if in && other.In && x.Request != Kept {
			x.Request, x.Why = Kept, ""
			if why := nearly(f, other); why != "" {
				x.Request, x.Why = string(Approximated), why
			}
		}
		if out && other.Out {
			x.Answer = Kept
		}
	}
	if in && x.Request == "" {
		x.Request = string(Dropped)
		for _, other := range b.Resource.Fields {
			if other.Assume != nil && other.Assume.Doc != nil && Reads(other.Assume.Doc, a.Owner.Name, place) {
				x.Request, x.To, x.Why = string(Approximated), other.Path, "it arrives in "+other.Path
			}
		}
	}
	if out && x.Answer == "" {
		x.Answer = "absent"
	}
	return x
}

func shownBeside(res *dialect.Resource, f *dialect.Field) bool {
	return slices.ContainsFunc(res.Fields, func(other *dialect.Field) bool {
		return other != f && other.Path == f.Path && other.Out && Place(res, other) == Place(res, f)
	})
}

// nearly says in which way values of one field do not all fit another, "" where
// they do, bounds aside.
func nearly(from, to *dialect.Field) string {
	switch a := from.Codec.(type) {
	case *codec.Enum:
		if b, is := to.Codec.(*codec.Enum); is {
			return strayWords(a, b)
		}
	case *codec.Time:
		if b, is := to.Codec.(*codec.Time); is {
			return coarser(a, b)
		}
	case *dialect.ListCodec:
		if b, is := to.Codec.(*dialect.ListCodec); is && a.Each != nil && b.Each != nil {
			return strayMembers(a, b)
		}
	}
	return ""
}

// strayWords are the words of a table that another has not.
func strayWords(a, b *codec.Enum) string {
	var stray []string
	for _, wire := range a.Order {
		text := a.In[wire]
		back := b.In[b.Word(text)]
		if text != "" && back != text {
			stray = append(stray, record.Unquote(wire))
		}
	}
	if len(stray) == 0 {
		return ""
	}
	return strings.Join(stray, ", ") + " is another word there, or none"
}

func coarser(a, b *codec.Time) string {
	switch {
	case b.Form == "in":
		return "it is counted from now, in whole units"
	case a.Form == "rfc3339" && (b.Form == "unix" || b.Form == "rfc3339" && b.Digits == 0):
		return "the fraction of a second is lost"
	}
	return ""
}

func strayMembers(a, b *dialect.ListCodec) string {
	var stray []string
	for _, m := range a.Each {
		if m.In && !slices.ContainsFunc(b.Each, func(other *dialect.Field) bool { return other.Item == m.Item && other.In }) {
			stray = append(stray, m.Path)
		}
	}
	if len(stray) == 0 {
		return ""
	}
	return "without " + strings.Join(stray, ", ")
}

// Answer writes a record that one dialect's answer shows as another dialect's
// would, and tells what that one cannot show.
func Answer(from, to *dialect.Op, rec *record.Record, e *dialect.Env) ([]byte, []Loss) {
	var losses []Loss
	shown := map[string]*dialect.Field{}
	for _, f := range to.Resource.Fields {
		if place := Place(to.Resource, f); f.Out && place != "" && shown[place] == nil {
			shown[place] = f
		}
	}
	told := map[string]bool{}
	for _, f := range from.Resource.Fields {
		place := Place(from.Resource, f)
		text := f.Get(rec)
		if !f.Out || place == "" || text == "" || text == record.Null || told[place] {
			continue
		}
		told[place] = true
		there := shown[place]
		switch {
		case there != nil && text == canonical(rec, there, jsontext.ValueOf(string(there.Codec.Encode(nil, text, rec)))), there != nil && relative(there):
		case there != nil:
			losses = append(losses, Loss{Kind: Approximated, Path: place, Field: f.Path, Why: "it is shown as " + jsontext.Clip(string(there.Codec.Encode(nil, text, rec)))})
		case f.Default == nil || string(f.Default.Shown) != string(f.Codec.Encode(nil, text, rec)):
			losses = append(losses, Loss{Kind: Dropped, Path: place, Field: f.Path, Why: to.Owner.Name + " has no such field"})
		}
	}
	rec.Dialect = to.Owner.Name
	e.It = rec
	e.Item = to.Encode(nil, e)
	return to.AppendAnswer(nil, e), losses
}

// relative tells whether a field's wire form depends on more than its value.
func relative(f *dialect.Field) bool { return codec.IsRelative(f.Codec) }
