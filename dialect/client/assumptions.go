package client

import (
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

// assumptions say what the other dialect's file has its clients say where ours
// have no word for it, and note what is still demanded.
func (w *writer) assumptions() {
	if !w.create {
		return
	}
	for _, f := range w.to.Resource.Fields {
		if !w.to.Reads(f) || w.has(f) || w.skipped(f) {
			continue
		}
		if f.Unless == nil || !w.has(f.Unless) {
			w.assume(f)
		}
	}
	for _, f := range w.to.Resource.Required {
		if !w.to.Reads(f) || w.has(f) || f.Unless != nil && w.has(f.Unless) || len(w.problems) > 0 {
			continue
		}
		w.problems = append(w.problems, w.demand(f))
	}
}

// demand is the problem of a field that is needed there: it names the field of
// ours that would say it, straight or through what is assumed, and else the
// other dialect's.
func (w *writer) demand(f *dialect.Field) dialect.Problem {
	p := dialect.Problem{Path: f.Path, Code: record.CodeMissing, Check: "missing", Why: "is required by " + w.to.Owner.Name}
	if ours := w.ours(Place(w.to.Resource, f)); ours != nil && w.From.Reads(ours) {
		p.Field = ours
	} else if f.Assume != nil && f.Assume.Doc != nil {
		if p.Field = w.source(f.Assume.Doc); p.Field != nil {
			p.Why += " as its " + f.Path
		}
	}
	if p.Field != nil {
		p.Path = w.Input.PathOf(p.Field)
	}
	return p
}

// source is the first field of ours that a document is made of, nil for none.
func (w *writer) source(doc *template.Document) *dialect.Field {
	for _, f := range w.From.Resource.Fields {
		if w.From.Reads(f) && w.reads(doc, Place(w.From.Resource, f)) {
			return f
		}
	}
	return nil
}

// assume says a field by its assumption.
func (w *writer) assume(f *dialect.Field) bool {
	text := f.Assumed(w.Env)
	if text == "" || text == record.Null {
		return false
	}
	wire := text // of objects, an assumption is what goes over the wire
	if list, is := f.Codec.(*dialect.ListCodec); f.Assume.Doc == nil {
		wire = f.Assume.Wire.Raw
	} else if !is || list.Each == nil {
		wire = string(f.Codec.Encode(nil, text, w.Env.It))
	}
	if list, is := f.Codec.(*dialect.ListCodec); !is || list.Each == nil {
		if _, broken := f.Decode(jsontext.ValueOf(wire), w.Env); broken != nil {
			w.stray(f, broken, wire)
			return false
		}
	}
	w.wires[f] = wire
	if f.Assume.Doc == nil || !w.madeOf(f, f.Assume.Doc) {
		w.lose(Defaulted, Place(w.to.Resource, f), nil, w.to.Owner.Name+" demands it")
	}
	return true
}

// stray refuses what was said for a field that the other dialect demands, and
// that is made of it.
func (w *writer) stray(f *dialect.Field, t *codec.Violation, wire string) {
	if f.Assume.Doc == nil || f.Need == dialect.NeedNever {
		return
	}
	if said := w.source(f.Assume.Doc); said != nil && w.said[Place(w.From.Resource, said)] == said {
		w.refuse(Place(w.From.Resource, said), said, t, wire)
	}
}

// madeOf tells whether a document of a field is made of something that was
// said, straight or through a default of ours. What has not arrived otherwise
// arrives in it.
func (w *writer) madeOf(f *dialect.Field, doc *template.Document) bool {
	made := false
	for _, place := range w.order {
		if w.reads(doc, place) {
			if made = true; !w.used[place] {
				w.lose(Approximated, place, w.said[place], "it arrives in "+f.Path)
			}
		}
	}
	for _, ours := range w.From.Resource.Fields {
		if place := Place(w.From.Resource, ours); ours.Default != nil && ours.Default.Doc != nil && ours.Default.Doc != doc && w.said[place] == nil && w.reads(doc, place) {
			made = w.madeOf(f, ours.Default.Doc) || made
		}
	}
	return made
}

// reads tells whether a document names a place.
func (w *writer) reads(doc *template.Document, place string) bool {
	return Reads(doc, w.From.Owner.Name, place)
}

// Reads tells whether a document names a place of a dialect's records.
func Reads(doc *template.Document, name, place string) bool {
	if rest, own := strings.CutPrefix(place, "extensions."+name+"."); own {
		place = "ext." + rest
	}
	return place != "" && doc.Has("it."+place)
}
