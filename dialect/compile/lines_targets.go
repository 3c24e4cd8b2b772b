package compile

import (
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/durations"
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
		f.Source = &template.Document{Lit: []byte(record.Null)}
		return
	}
	switch {
	case l.words["const"] != nil:
		f.Source = &template.Document{Lit: []byte(l.JSON(l.words["const"]))}
	case l.words["text"] != nil:
		w := l.words["text"]
		f.Source = &template.Document{Text: l.scope(l.res).Text(w, l.Text(w))}
	case l.words["value"] != nil:
		doc := l.scope(l.res).Document(l.words["value"])
		f.Source = &doc
	case l.inner:
		if f.Item = l.Text(l.words["to"]); f.Item == "" && l.words["to"].Kind == yml.Scalar && !yml.IsNull(l.words["to"]) {
			l.Report(l.words["to"], "write a name here")
		}
	default:
		w := l.words["to"]
		if path, ok := strings.CutPrefix(w.Value, "ext."); ok && w.Kind == yml.Scalar {
			l.extName(w, path)
			f.Target, f.Ext = dialect.ToExt, l.d.Name+"."+path
			return
		}
		slot := l.slot(l.res, w)
		if _, ok := l.res.Schema.Slot(w.Value); !ok {
			l.nowhere = true
			return
		}
		f.Target, f.Slot = dialect.ToSlot, slot
	}
}

// literals reads wire values as JSON text.
func (l *line) literals(n *yml.Node) []string {
	if n.Kind != yml.Sequence {
		return []string{l.JSON(n)}
	}
	var out []string
	for _, item := range n.Content {
		out = append(out, l.JSON(item))
	}
	return out
}

// initial reads the value of a field that a create does not name.
func (l *line) initial(n *yml.Node) { l.f.Default = l.value(n, "default") }

// value reads what a field holds when nobody says it: a wire value, or an
// expression that gives canonical text.
func (l *line) value(n *yml.Node, what string) *dialect.Default {
	f := l.f
	l.Keyword(n, record.Null)
	if yml.IsString(n) && strings.HasPrefix(n.Value, "$") {
		doc := l.scope(l.res).Document(n)
		if f.Target == dialect.ToSlot && !l.inner {
			l.checkKind(l.res.Schema.Slots[f.Slot], doc.Kind(), n)
		}
		return &dialect.Default{Doc: &doc}
	}
	if _, isTime := f.Codec.(*codec.Time); isTime && strings.HasPrefix(n.Value, "+") {
		if by, err := durations.Parse(n.Value[1:]); err == nil && by > 0 {
			return &dialect.Default{After: by}
		}
		l.Report(n, "write how long from now, such as +24h or +7d")
	}
	d := &dialect.Default{Wire: jsontext.ValueOf(l.JSON(n))}
	e := &dialect.Env{Env: template.Env{Now: time.Unix(0, 0), It: record.New(l.schema(), l.d.Name)}}
	text, t := f.Decode(d.Wire, e)
	if t != nil {
		l.Report(n, "the %s of %s %s", what, f.Path, t.Why)
		return d
	}
	if !codec.IsRelative(f.Codec) {
		d.Shown = f.Codec.Encode(nil, text, e.It)
	}
	return d
}
