package template

import (
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Scope says what a template or an expression can name, and hears what is wrong
// with it: the schema of each record by its root word. An unset word is not to
// be had there.
type Scope struct {
	Reporter
	Dialect  string
	Roots    map[string]*record.Schema
	Refusals *Refusals       // inside the error catalogue
	Events   bool            // inside of what events say
	Vague    map[string]bool // roots with a diagnostic of their own; "" for plain variables
	Feeds    func(Feed)      // hears which slots are made texts and lists of; nil is deaf
	Guarded  []string        // places whose presence a condition before has asked for
	Typed    []string        // on a hosted page: the inputs that there can be
}

// Refusals are what the texts of the error catalogue can name besides.
type Refusals struct {
	Words map[string]bool          // those that every refusal has
	Own   map[string]bool          // those that its classes define
	Used  map[string]bool          // those of them that a text names; filled in
	Get   func(name string) Getter // reads one of own
}

// Reporter hears of mistakes in YAML.
type Reporter interface {
	// Report notes a mistake at a node.
	Report(n *yml.Node, format string, args ...any)
	// ReportIn notes a mistake at a byte of a part of a node's text.
	ReportIn(n *yml.Node, part string, offset int, format string, args ...any)
	// PlaceIn is the place of a byte of a part of a node's text, without a message.
	PlaceIn(n *yml.Node, part string, offset int) yml.Diagnostic
}

// at is the place of a part of a node's text, for errors that only show when it
// is filled in.
func (s *Scope) at(n *yml.Node, src string) place {
	d := s.PlaceIn(n, src, 0)
	return place{d.File, d.Line, d.Col, src}
}

// resolve finds a variable by its dotted name.
func (s *Scope) resolve(name string) (Getter, record.Type, error) {
	if r := s.Refusals; r != nil {
		if r.Own[name] || name == "field" {
			r.Used[name] = true
			return r.Get(name), record.Any, nil
		}
		if r.Words[name] {
			return func(e *Env) string {
				if e.Err == nil {
					return ""
				}
				return e.Err.Word(name)
			}, record.Any, nil
		}
	}
	if g, ok := variables[name]; ok {
		return g, typeOf(name), nil
	}
	if g, ok := eventVariables[name]; ok && s.Events {
		return g, typeOf(name), nil
	}
	root, rest, dotted := strings.Cut(name, ".")
	if root == "header" && dotted {
		return func(e *Env) string {
			if e.Header == nil {
				return ""
			}
			return quoteOrNone(e.Header(rest))
		}, record.Text, nil
	}
	if root == "query" && dotted {
		return func(e *Env) string {
			if e.Query == nil {
				return ""
			}
			return quoteOrNone(e.Query(rest))
		}, record.Text, nil
	}
	if g, kind := s.ofPage(name); g != nil {
		return g, kind, nil
	}
	if s.Vague[root] || s.Vague[""] && !dotted {
		return func(*Env) string { return "" }, record.Any, nil
	}
	schema := s.Roots[root]
	if schema == nil || !dotted {
		return nil, 0, fmt.Errorf("no variable %q here%s", name, s.instead(name))
	}
	if path, ok := strings.CutPrefix(rest, "ext."); ok {
		return extGetter(root, s.Dialect+"."+path), record.Any, nil
	}
	slot, ok := schema.Slot(rest)
	if !ok {
		return nil, 0, fmt.Errorf("%s has no slot %q%s", yml.Article(schema.Kind), rest, yml.Instead(rest, schema.Names()))
	}
	return slotGetter(root, slot), schema.Slots[slot].Type, nil
}

// ofPage reads what the texts of a hosted page can name besides.
func (s *Scope) ofPage(name string) (Getter, record.Type) {
	if s.Typed == nil {
		return nil, 0
	}
	if name == "outcome" {
		return func(e *Env) string { return quoteOrNone(e.Outcome) }, record.Text
	}
	input, ok := strings.CutPrefix(name, "input.")
	if !ok || !slices.Contains(s.Typed, input) {
		return nil, 0
	}
	return func(e *Env) string {
		if e.Input == nil {
			return ""
		}
		return e.Input(input)
	}, record.Any
}

// typeOf is the type of a variable's value.
func typeOf(name string) record.Type {
	switch {
	case name == "now":
		return record.Time
	case name == "more":
		return record.Bool
	case strings.HasPrefix(name, "limit."), name == "total", name == "skip", name == "size", name == "page", name == "pages":
		return record.Int
	case name == "event.previous", name == "item" || name == "items" || name == "payload" || name == "openapi":
		return record.Any
	}
	return record.Text
}

// VariableType is the type of a variable that is no slot; ok is false when there
// is no such variable.
func VariableType(name string) (kind record.Type, ok bool) {
	if variables[name] == nil {
		return 0, false
	}
	return typeOf(name), true
}

// Variables lists the variables that every text can name, without those that
// have a dot and a name of the author's behind it.
func Variables() []string { return slices.Sorted(maps.Keys(variables)) }

// EventVariables lists those that what events say knows besides.
func EventVariables() []string { return slices.Sorted(maps.Keys(eventVariables)) }

// instead says what to write for a variable that there is not.
func (s *Scope) instead(name string) string {
	if slices.Contains(s.names(), "it."+name) {
		return fmt.Sprintf(", did you mean %q", "it."+name)
	}
	if hint := yml.DidYouMean(name, s.names()); hint != "" {
		return hint
	}
	short := s.short()
	for root := range s.Roots {
		short = append(short, root+".SLOT")
	}
	return yml.Instead("", append(short, "header.NAME", "query.NAME"))
}

// short lists the variables that are no slots.
func (s *Scope) short() []string {
	var names []string
	for n := range variables {
		names = append(names, n)
	}
	if s.Events {
		names = slices.AppendSeq(names, maps.Keys(eventVariables))
	}
	for _, input := range s.Typed {
		names = append(names, "input."+input)
	}
	if s.Typed != nil {
		names = append(names, "outcome")
	}
	if r := s.Refusals; r != nil {
		names = slices.AppendSeq(names, maps.Keys(r.Words))
		names = slices.AppendSeq(names, maps.Keys(r.Own))
	}
	return names
}

// names lists everything that can be named.
func (s *Scope) names() []string {
	names := s.short()
	for root, schema := range s.Roots {
		for _, slot := range schema.Names() {
			names = append(names, root+"."+slot)
		}
	}
	sort.Strings(names)
	return names
}
