package compile

import (
	"slices"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// inward are the words that say nothing about the way out.
var inward = []string{"out", "dir", "need", "set", "frozen", "clear", "say", "error", "default", "without", "unless", "exists", "state", "copy", "new", "if", "also", "refuse"}

// outward splits a line with out: in two; it returns the one of the way out,
// nil where there is none.
func (l *line) outward() *line {
	w := l.words["out"]
	if w == nil {
		return nil
	}
	if dir := l.words["dir"]; dir != nil {
		l.Report(dir, "a line with out: has both directions; remove dir:")
	}
	over := &line{compiler: l.compiler, words: map[string]*yml.Node{}}
	over.read(w, 0)
	out := &line{compiler: l.compiler, res: l.res, at: w, words: map[string]*yml.Node{}}
	for key, v := range l.words {
		if !slices.Contains(inward, key) && (over.as == "" || !slices.Contains(codecOnly, key)) {
			out.words[key] = v
		}
	}
	for key, v := range over.words {
		switch key {
		case "value", "text", "const":
			for _, word := range slices.Concat(codecOnly, comesIn, []string{"to"}) {
				if word != "expand" || !isWanted(out.words[word]) {
					delete(out.words, word)
				}
			}
		}
		if slices.Contains(inward, key) {
			l.Report(v, "%s: says nothing about the way out; put it beside out:", key)
			continue
		}
		out.words[key] = v
	}
	out.words["dir"], out.as = scalar(w, "out"), l.as
	if over.as != "" {
		out.as = over.as
	}
	delete(l.words, "out")
	l.words["dir"] = scalar(w, "in")
	for _, key := range []string{"absent", "empty", "only", "when", "expand", "embed", "list"} {
		delete(l.words, key)
	}
	return out
}

// scalar is a word that stands where another node does.
func scalar(at *yml.Node, word string) *yml.Node {
	return &yml.Node{Kind: yml.Scalar, Tag: "!!str", Value: word, Line: at.Line, Column: at.Column}
}

// shows gives the way out the default of the way in.
func (l *line) shows(in *line) {
	d := in.f.Default
	if d == nil || d.Shown == nil || l.f.Codec == nil {
		return
	}
	e := &dialect.Env{Env: template.Env{Now: time.Unix(0, 0), It: record.New(l.schema(), l.d.Name)}}
	if text, t := in.f.Decode(d.Wire, e); t == nil {
		l.f.Default = &dialect.Default{Wire: d.Wire, Shown: l.f.Codec.Encode(nil, text, e.It)}
	}
}

// outOnly reports the words that a line without a place in the record cannot
// have: nothing comes in by it.
func (l *line) outOnly() {
	what := ""
	for _, key := range []string{"const", "text", "value"} {
		if l.words[key] != nil {
			what = key
		}
	}
	if what == "" {
		return // which is a diagnostic of its own
	}
	for _, key := range slices.Concat(codecOnly, comesIn) {
		if w := l.words[key]; w != nil {
			l.Report(w, "a line with %s: only goes out and takes no %s:; remove it", what, key)
		}
	}
	if w := l.words["dir"]; w != nil && w.Value == "in" {
		l.Report(w, "a line with %s: only goes out; remove dir: in", what)
	}
}

// comesIn are the words, besides those of codecs, that are about what is sent
// or kept.
var comesIn = []string{"as", "make", "need", "default", "clear", "absent", "empty", "set", "exists", "state", "unless", "without", "copy", "new", "if",
	"expand", "embed", "list"}
