package compile

import (
	"maps"
	"slices"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// errorSection compiles the catalogue.
func (c *compiler) errorSection(n *yml.Node) {
	cat := &c.d.Errors
	cat.Classes = map[record.Code]*dialect.Class{}
	cat.Defaults = map[string]*template.Document{}
	cat.Checks = map[string]record.Code{}
	cat.Mime = "application/json"
	c.blind = true
	if c.meant("errors", n) {
		c.Each(n, grammar.ErrorsWords, nil)
		return
	}
	if n == nil {
		c.Report(c.root, "no errors: section; every dialect needs an error envelope and a catalogue")
		return
	}
	var body *yml.Node
	classes := map[string]*yml.Node{}
	var order []string
	sections := map[string]*yml.Node{}
	seen := c.Each(n, grammar.ErrorsWords, func(key string, k, v *yml.Node) { sections[key] = v })
	body = sections["body"]
	c.classesAt = sections["classes"]
	c.blind = seen["classes"] && (sections["classes"] == nil || sections["classes"].Kind != yml.Mapping)
	c.Entries(sections["classes"], "classes", func(name string, k, v *yml.Node) {
		classes[name] = v
		order = append(order, name)
		c.classAt[name] = k
	})
	if v := sections["type"]; v != nil {
		cat.Mime = c.Text(v)
	}
	c.own = classWords(sections["defaults"], classes)
	c.guess = c.blind || seen["defaults"] && sections["defaults"] == nil
	s := c.failureScope()
	c.Entries(sections["defaults"], "defaults", func(name string, k, v *yml.Node) {
		doc := s.Document(v)
		cat.Defaults[name] = &doc
	})
	for _, name := range order {
		cat.Classes[record.Code(name)] = c.class(name, classes[name])
		cat.Order = append(cat.Order, record.Code(name))
	}
	cat.Body, cat.Empty = c.errorBody(body)
	if n := sections["item"]; n != nil {
		doc := s.Document(n)
		cat.Item = &doc
	}
	cat.Words = map[string]*template.Text{}
	c.Each(sections["words"], grammar.CheckWords, func(key string, _, v *yml.Node) { cat.Words[key] = s.Text(v, c.Text(v)) })
	c.Each(sections["checks"], grammar.CheckWords, func(key string, _, v *yml.Node) { cat.Checks[key] = c.code(v) })
	if !seen["body"] {
		c.Report(n, "no body: in errors; write the error envelope, or body: none")
	}
	if c.blind {
		return
	}
	for _, code := range record.Codes() {
		if cat.Class(code) == nil && !c.misspelt(code) {
			c.Report(n, "no class for %s in classes; write at least internal, invalid, unauthorized and rate_limited", code)
			return
		}
	}
}

// misspelt tells whether a class that is no error looks like one.
func (c *compiler) misspelt(code record.Code) bool {
	for _, name := range c.d.Errors.Order {
		if !slices.Contains(record.Codes(), name) && nearestCode(name) == code && slip(string(name), string(code)) {
			return true
		}
	}
	return false
}

// unshown reports words of classes that nothing shows, if a word that has a
// meaning was meant.
func (c *compiler) unshown(n *yml.Node) {
	if c.guess {
		return
	}
	known := append(grammar.ClassWords.Names(), "choice")
	known = slices.AppendSeq(known, maps.Keys(c.used))
	check := func(n *yml.Node, what string) {
		for i := 0; n != nil && n.Kind == yml.Mapping && i+1 < len(n.Content); i += 2 {
			k := n.Content[i]
			if meant := yml.Nearest(k.Value, known); !slices.Contains(known, k.Value) && meant != "" && slip(k.Value, meant) {
				c.Report(k, "nothing shows the word %q of %s, did you mean %q", k.Value, what, meant)
			}
		}
	}
	check(yml.Get(n, "defaults"), "defaults")
	classes := yml.Get(n, "classes")
	for i := 1; classes != nil && classes.Kind == yml.Mapping && i < len(classes.Content); i += 2 {
		if yml.Get(classes.Content[i], "status") != nil {
			check(classes.Content[i], grammar.ClassWords.What)
		}
	}
}

// slip tells whether one word is another with a mistake in one place: classes
// of one's own may well look like an error.
func slip(a, b string) bool {
	for a != "" && b != "" && a[0] == b[0] {
		a, b = a[1:], b[1:]
	}
	for a != "" && b != "" && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	return max(len(a), len(b)) <= 2
}

func nearestCode(name record.Code) record.Code {
	var known []string
	for _, code := range record.Codes() {
		known = append(known, string(code))
	}
	return record.Code(yml.Nearest(string(name), known))
}

// unnamed reports classes that are no error and that nothing in the file names,
// if an error was meant. A fixture can name any other.
func (c *compiler) unnamed() {
	for _, name := range c.d.Errors.Order {
		if meant := nearestCode(name); meant != "" && slip(string(name), string(meant)) && !c.named[name] && !slices.Contains(record.Codes(), name) {
			c.Report(c.classAt[string(name)], "nothing names the error %q, did you mean %q", name, meant)
		}
	}
}

// failureScope is what texts of the catalogue can name.
func (c *compiler) failureScope() *template.Scope {
	s := c.scope(nil)
	s.Refusals = &template.Refusals{Words: failures.RefusalWords(), Own: c.own, Used: c.used, Get: func(name string) template.Getter { return failures.ClassVariable(&c.d.Errors, name) }}
	if c.guess {
		s.Vague = map[string]bool{"": true}
	}
	return s
}

// classWords collects the words that classes and defaults define for
// themselves: they are variables of the envelope.
func classWords(defaults *yml.Node, classes map[string]*yml.Node) map[string]bool {
	own := map[string]bool{}
	add := func(n *yml.Node) {
		for i := 0; n != nil && i+1 < len(n.Content); i += 2 {
			own[n.Content[i].Value] = true
		}
	}
	add(defaults)
	for _, n := range classes {
		add(n)
	}
	for _, w := range []string{"status", "message", "detail", "body", "hide", "headers"} {
		delete(own, w)
	}
	return own
}

// errorBody compiles an envelope, or none.
func (c *compiler) errorBody(n *yml.Node) (*template.Document, bool) {
	if n == nil {
		return nil, false
	}
	if n.Kind == yml.Scalar && n.Value == "none" {
		return nil, true
	}
	doc := c.failureScope().Document(n)
	return &doc, false
}

func (c *compiler) class(name string, n *yml.Node) *dialect.Class {
	class := &dialect.Class{Name: name, Status: 500, Line: n.Line, Vars: map[string]*template.Document{}, Hide: map[string]bool{}}
	s := c.failureScope()
	if n.Kind != yml.Mapping {
		c.Report(n, "a class is a mapping such as { status: 400, message: … }")
		return class
	}
	seen := false
	c.Entries(n, "a class", func(key string, k, v *yml.Node) {
		switch key {
		case "status":
			seen = true
			class.Status = c.IntWithin(v, 300, 599, "status is an HTTP status from 300 to 599")
		case "message":
			class.Message = s.Text(v, c.Text(v))
		case "detail":
			class.Detail = s.Text(v, c.Text(v))
		case "body":
			class.Body, class.Empty = c.errorBody(v)
		case "hide":
			for _, w := range c.List(v) {
				class.Hide[w] = true
			}
		case "headers":
			class.Headers = c.sections().Headers(v, s)
		default:
			if yml.IsNull(v) {
				c.Report(v, "%s has no value; write one, or leave the word out and hide it with hide: [%s]", key, key)
			}
			doc := s.Document(v)
			class.Vars[key] = &doc
		}
	})
	if seen {
		return class
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if k := n.Content[i]; !grammar.ClassWords.Has(k.Value) && yml.Nearest(k.Value, []string{"status"}) != "" {
			c.Report(k, "no word %q in %s, did you mean \"status\"", k.Value, grammar.ClassWords.What)
			return class
		}
	}
	c.Report(n, "class %s needs status: with an HTTP status from 300 to 599", name)
	return class
}

// code reads the name of an error that the catalogue can answer.
func (c *compiler) code(n *yml.Node) record.Code {
	name, ok := c.Name(n)
	code := record.Code(name)
	c.named[code] = true
	if !ok || c.blind {
		return code
	}
	if c.d.Errors.Classes[code] != nil {
		return code
	}
	var known []string
	for _, k := range record.Codes() {
		if k == code {
			return code
		}
		known = append(known, string(k))
	}
	known = append(known, c.d.ErrorCodes()...)
	c.Report(n, "no error %q in the catalogue%s", code, yml.Instead(string(code), known))
	return code
}
