package dialect

import (
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// target reads where the value lives.
func (l *line) target() {
	f := l.f
	n := 0
	for _, key := range []string{"to", "const", "text", "value"} {
		if l.words[key] != nil {
			n++
		}
	}
	if n != 1 {
		meant := l.strange && n == 0 || l.seen == nil
		for _, key := range []string{"to", "const", "text", "value"} {
			meant = meant || n == 0 && l.seen[key]
		}
		if !meant {
			l.Report(l.at, "a field needs exactly one of to:, const:, text: and value:")
		}
		l.words = map[string]*yml.Node{}
		f.source = &template.Document{Lit: []byte(record.Null)}
		return
	}
	switch {
	case l.words["const"] != nil:
		f.source = &template.Document{Lit: []byte(l.jsonOf(l.words["const"]))}
	case l.words["text"] != nil:
		w := l.words["text"]
		f.source = &template.Document{Text: l.scope(l.res).Text(w, l.str(w))}
	case l.words["value"] != nil:
		doc := l.scope(l.res).Document(l.words["value"])
		f.source = &doc
	case l.inner:
		if f.item = l.str(l.words["to"]); f.item == "" && l.words["to"].Kind == yml.Scalar && !yml.IsNull(l.words["to"]) {
			l.Report(l.words["to"], "write a name here")
		}
	default:
		w := l.words["to"]
		if path, ok := strings.CutPrefix(w.Value, "ext."); ok && w.Kind == yml.Scalar {
			l.extName(w, path)
			f.target, f.ext = toExt, l.d.Name+"."+path
			return
		}
		slot := l.slot(l.res, w)
		if _, ok := l.res.Schema.Slot(w.Value); !ok {
			l.nowhere = true
			return
		}
		f.target, f.slot = toSlot, slot
	}
}

// literals reads wire values as JSON text.
func (l *line) literals(n *yml.Node) []string {
	if n.Kind != yml.Sequence {
		return []string{l.jsonOf(n)}
	}
	var out []string
	for _, item := range n.Content {
		out = append(out, l.jsonOf(item))
	}
	return out
}

// initial reads the value of a field that a create does not name.
func (l *line) initial(n *yml.Node) {
	f := l.f
	l.keyword(n, record.Null)
	if yml.IsString(n) && strings.HasPrefix(n.Value, "$") {
		doc := l.scope(l.res).Document(n)
		f.dflt = &initial{doc: &doc}
		return
	}
	f.dflt = &initial{wire: jsontext.ValueOf(l.jsonOf(n))}
	e := &Env{Env: template.Env{Now: time.Unix(0, 0), It: record.New(l.schema(), l.d.Name)}}
	text, t := f.decode(f.dflt.wire, e)
	if t != nil {
		l.Report(n, "the default of %s %s", f.Path, t.Why)
		return
	}
	if !codec.IsRelative(f.codec) {
		f.dflt.shown = f.codec.Encode(nil, text, e.It)
	}
}
