package dialect

import (
	"polylink/internal/yml"
	"polylink/link"
)

// errorSection compiles the catalogue.
func (c *compiler) errorSection(n *yml.Node) {
	cat := &c.d.errors
	cat.classes = map[link.Code]*Class{}
	cat.defaults = map[string]*document{}
	cat.checks = map[string]link.Code{}
	cat.mime = "application/json"
	if n == nil {
		c.fault(c.root, "no errors: section; every dialect needs an error envelope and a catalogue")
		return
	}
	var body *yml.Node
	classes := map[string]*yml.Node{}
	var order []string
	sections := map[string]*yml.Node{}
	c.each(n, errorsWords, func(key string, k, v *yml.Node) { sections[key] = v })
	body = sections["body"]
	c.entries(sections["classes"], "classes", func(name string, k, v *yml.Node) {
		classes[name] = v
		order = append(order, name)
	})
	if v := sections["type"]; v != nil {
		cat.mime = c.str(v)
	}
	c.own = classWords(sections["defaults"], classes)
	s := c.failureScope()
	c.entries(sections["defaults"], "defaults", func(name string, k, v *yml.Node) {
		doc := c.document(v, s)
		cat.defaults[name] = &doc
	})
	for _, name := range order {
		cat.classes[link.Code(name)] = c.class(name, classes[name])
		cat.order = append(cat.order, link.Code(name))
	}
	cat.body, cat.empty = c.errorBody(body)
	if n := sections["item"]; n != nil {
		doc := c.document(n, s)
		cat.item = &doc
	}
	c.each(sections["checks"], checkWords, func(key string, _, v *yml.Node) { cat.checks[key] = c.code(v) })
	if body == nil {
		c.fault(n, "no body: in errors; write the error envelope, or body: none")
	}
	for _, code := range link.Codes() {
		if cat.class(code) == nil {
			c.fault(n, "no class for %s in classes; write at least internal, invalid, unauthorized and rate_limited", code)
			return
		}
	}
}

// failureScope is what texts of the catalogue can name.
func (c *compiler) failureScope() *scope {
	s := c.scope(nil)
	s.failure, s.own, s.catalogue = true, c.own, &c.d.errors
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
func (c *compiler) errorBody(n *yml.Node) (*document, bool) {
	if n == nil {
		return nil, false
	}
	if n.Kind == yml.Scalar && n.Value == "none" {
		return nil, true
	}
	doc := c.document(n, c.failureScope())
	return &doc, false
}

func (c *compiler) class(name string, n *yml.Node) *Class {
	class := &Class{Name: name, Line: n.Line, vars: map[string]*document{}, hide: map[string]bool{}}
	s := c.failureScope()
	c.entries(n, "a class", func(key string, k, v *yml.Node) {
		switch key {
		case "status":
			class.Status = c.integer(v)
		case "message":
			class.message = c.text(v, c.str(v), s)
		case "detail":
			class.detail = c.text(v, c.str(v), s)
		case "body":
			class.body, class.empty = c.errorBody(v)
		case "hide":
			for _, w := range c.list(v) {
				class.hide[w] = true
			}
		case "headers":
			class.headers = c.headers(v, s)
		default:
			doc := c.document(v, s)
			class.vars[key] = &doc
		}
	})
	if class.Status < 300 || class.Status > 599 {
		c.fault(n, "class %s needs status: with an HTTP status from 300 to 599", name)
		class.Status = 500
	}
	return class
}

// code reads the name of an error that the catalogue can answer.
func (c *compiler) code(n *yml.Node) link.Code {
	code := link.Code(c.str(n))
	if c.d.errors.classes[code] != nil {
		return code
	}
	var known []string
	for _, k := range link.Codes() {
		if k == code {
			return code
		}
		known = append(known, string(k))
	}
	known = append(known, c.d.ErrorCodes()...)
	c.fault(n, "no error %q in the catalogue%s", code, yml.Instead(string(code), known))
	return code
}
