package compile

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
)

// resources compiles the objects. Their headers come first, because parents
// and references name each other.
func (c *compiler) resources(n *yml.Node) {
	type section struct {
		res   *dialect.Resource
		words map[string]*yml.Node
		seen  grammar.Words
		at    *yml.Node
	}
	var list []section
	c.Entries(n, "resources", func(name string, k, v *yml.Node) {
		at := k
		res := &dialect.Resource{Name: name, Noun: name, Line: k.Line}
		words := map[string]*yml.Node{}
		seen := c.Each(v, grammar.ResourceWords, func(key string, _, v *yml.Node) { words[key] = v })
		c.written[name] = true
		kind := name
		if w := words["kind"]; w != nil {
			kind, k = c.Text(w), w
		} else if seen["kind"] || seen == nil {
			c.failed = append(c.failed, name)
			return
		}
		if res.Schema = record.Schemas()[kind]; res.Schema == nil {
			c.Report(k, "no kind of record %q%s; give the resource one of %s with kind:", kind,
				yml.DidYouMean(kind, record.Kinds()), strings.Join(record.Kinds(), ", "))
			c.failed = append(c.failed, name)
			return
		}
		if w := words["noun"]; w != nil {
			res.Noun = c.Text(w)
		}
		if w := words["id"]; w != nil {
			res.IDs = c.sections().IDSpec(w)
		} else if seen["id"] {
			res.IDs = &ids.Spec{}
		}
		if w := words["modes"]; w != nil {
			res.Both = c.OneOf(w, grammar.Modes) == "both"
		}
		c.d.Resources[name] = res
		list = append(list, section{res, words, seen, at})
	})
	for _, s := range list {
		if w := s.words["parent"]; w != nil {
			s.res.Parent = c.resource(w)
		}
		c.loose[s.res] = s.seen["parent"] && s.res.Parent == nil
		if w := yml.Get(s.words["about"], "is"); w != nil {
			s.res.AboutR = c.resource(w)
		}
	}
	for _, s := range list {
		if !s.seen["fields"] || s.words["fields"] != nil {
			c.resourceBody(s.res, s.words, s.at)
		}
	}
	c.made()
}

// resource reads the name of a resource.
func (c *compiler) resource(n *yml.Node) *dialect.Resource {
	name, ok := c.Name(n)
	if res := c.d.Resources[name]; res != nil || !ok || !c.missing(name) || c.meant("resources", c.resourcesAt) {
		return res
	}
	var names []string
	for known := range c.d.Resources {
		names = append(names, known)
	}
	c.Report(n, "no resource %q%s", name, yml.Instead(name, names))
	return nil
}

func (c *compiler) resourceBody(res *dialect.Resource, words map[string]*yml.Node, at *yml.Node) {
	if words["fields"] == nil {
		c.Report(at, "resource %s needs fields:", res.Name)
		return
	}
	res.Tree = &dialect.FieldTree{Kids: map[string]*dialect.FieldTree{}}
	c.fields(res, words["fields"])
	res.Outputs = dialect.NewOutputs(res.Tree, func(f *dialect.Field) bool { return f.Only == nil })
	if w := words["about"]; w != nil {
		seen := c.Each(w, grammar.AboutWords, func(key string, _, v *yml.Node) {
			if key == "field" {
				res.About = c.fieldName(res, v)
			}
		})
		c.Needs(w, "about", seen, "{ field: transactionId, is: transaction }", "field", "is")
	}
	if w := words["expires"]; w != nil {
		res.Expires = c.expiry(res, w)
	}
	res.Start = c.started(res, words["start"])
	res.Completes = c.assigned(c.paid(res), res, words["complete"])
	if w := words["complete_parent"]; w != nil {
		if c.loose[res] {
			// It has one, which is not known.
		} else if res.Parent == nil {
			c.Report(w, "resource %s has no parent:", res.Name)
		} else {
			res.ParentDone = c.assigned(c.paid(res.Parent), res.Parent, w)
		}
	}
	c.rules(res, words["rules"])
	c.unique(res, words["unique"])
	c.static(res)
}

// fieldName reads the wire path of a field of the resource.
func (c *compiler) fieldName(res *dialect.Resource, n *yml.Node) *dialect.Field {
	name, ok := c.Name(n)
	if f := res.Field(name); f != nil || !ok {
		return f
	}
	var names []string
	for _, f := range res.Fields {
		if strings.HasPrefix(f.Path, name+".") {
			c.Report(n, "%s is an object; name a field in it, as in %s", name, f.Path)
			return nil
		}
		names = append(names, f.Path)
	}
	c.Report(n, "no field %q%s", name, yml.Instead(name, names))
	return nil
}

// slot reads the name of a slot.
func (c *compiler) slot(res *dialect.Resource, n *yml.Node) record.Slot {
	name, isName := c.Name(n)
	s, ok := res.Schema.Slot(name)
	if !ok && isName {
		if hint := yml.DidYouMean(name, res.Schema.Names()); hint == "" && dotted(name) {
			c.Report(n, "no canonical slot %q in %s%s; for a place of your own write ext.%s", name, yml.Article(res.Schema.Kind), yml.Instead(name, res.Schema.Names()), name)
			return s
		}
		c.Report(n, "no canonical slot %q in %s%s", name, yml.Article(res.Schema.Kind), yml.Instead(name, res.Schema.Names()))
	}
	return s
}

func (c *compiler) expiry(res *dialect.Resource, n *yml.Node) *dialect.Expiry {
	x := &dialect.Expiry{From: map[string]bool{}}
	seen := c.Each(n, grammar.ExpiryWords, func(key string, k, v *yml.Node) {
		switch key {
		case "at":
			x.At = c.slot(res, v)
			if s := res.Schema.Slots[x.At]; s.Name == v.Value && s.Type != record.Time {
				c.Report(v, "%s is a slot of type %s; write one with a time, such as expires_at", s.Name, s.Type)
			}
		case "from":
			for _, s := range c.states(res, v) {
				if x.From[record.Quote(s)] = true; x.Back == "" {
					x.Back = record.Quote(s)
				}
			}
		case "to":
			if v.Kind != yml.Scalar {
				c.Report(v, "write one state here, not a list")
			} else {
				x.To = record.Quote(c.states(res, v)[0])
			}
		}
	})
	c.Needs(n, "expires", seen, "{ at: expires_at, from: active, to: expired }", "at", "from", "to")
	return x
}

// place reads the name of a slot, or of a place of the dialect's own.
func (c *compiler) place(res *dialect.Resource, n *yml.Node) dialect.Place {
	if path, ok := strings.CutPrefix(n.Value, "ext."); ok && n.Kind == yml.Scalar {
		c.extName(n, path)
		return dialect.Place{Ext: c.d.Name + "." + path}
	}
	return dialect.Place{Slot: c.slot(res, n)}
}

// states reads canonical states.
func (c *compiler) states(res *dialect.Resource, n *yml.Node) []string {
	known := res.Schema.Slots[record.SlotStatus].Values
	states := c.List(n)
	for _, s := range states {
		if !slices.Contains(known, s) {
			c.Report(n, "%s has no state %q%s; write one of %s", yml.Article(res.Schema.Kind), s, yml.DidYouMean(s, known), strings.Join(known, ", "))
		}
	}
	return states
}

// assignments reads slots and the values they get: a literal, a variable, an
// expression, a new id, or a time from now.
func (c *compiler) assignments(res *dialect.Resource, n *yml.Node) []dialect.Assignment {
	return c.assigned(c.scope(res), res, n)
}

// assigned is assignments whose values can name what a scope has.
func (c *compiler) assigned(scope *template.Scope, res *dialect.Resource, n *yml.Node) []dialect.Assignment {
	var out []dialect.Assignment
	c.Entries(n, "slots and values", func(name string, k, v *yml.Node) {
		var a dialect.Assignment
		if path, ok := strings.CutPrefix(name, "ext."); ok {
			c.extName(k, path)
			a.Ext = c.d.Name + "." + path
		} else {
			a.Slot = c.slot(res, k)
		}
		if v.Kind == yml.Mapping && len(v.Content) == 2 && v.Content[1].Kind == yml.Mapping && yml.Nearest(v.Content[0].Value, []string{"new"}) != "" &&
			v.Content[0].Value != "new" {
			c.Report(v.Content[0], "a new id is written { new: { uuid: 4 } }, not %s:", v.Content[0].Value)
			return
		}
		if later := yml.Get(v, "in"); later != nil && len(v.Content) == 2 {
			by := c.Period(later)
			a.Make = func(e *dialect.Env) string { return record.FormatTime(e.Now.Add(by)) }
			if s := res.Schema.Slots[a.Slot]; a.Ext == "" && s.Type != record.Time && s.Name == name {
				c.Report(later, "%s is a slot of type %s, and in: makes a time", s.Name, s.Type)
			}
		} else if s := res.Schema.Slots[a.Slot]; a.Ext == "" && s.Type == record.Time && s.Name == name && yml.IsString(v) && strings.HasPrefix(v.Value, "+") {
			ahead := *v
			ahead.Value = v.Value[1:]
			by := c.Period(&ahead)
			a.Make = func(e *dialect.Env) string { return record.FormatTime(e.Now.Add(by)) }
		} else if fresh := yml.Get(v, "new"); fresh != nil {
			spec := c.sections().IDSpec(fresh)
			a.Make = func(e *dialect.Env) string { return record.Quote(spec.New(e.Now, e.Random)) }
		} else {
			doc := scope.Document(v)
			a.Doc = &doc
			if _, known := res.Schema.Slot(name); known {
				c.checkLiteral(res, a, v)
			}
		}
		out = append(out, a)
	})
	return out
}

// extName checks the name of a place of the dialect's own.
func (c *compiler) extName(n *yml.Node, name string) {
	if !dotted(name) {
		c.Report(n, "write a name behind ext., as in ext.region")
	}
}

// dotted tells whether a path has a name between all its dots.
func dotted(path string) bool {
	return path != "" && !strings.HasPrefix(path, ".") && !strings.HasSuffix(path, ".") && !strings.Contains(path, "..")
}

// checkLiteral compares a value with the type of its slot.
func (c *compiler) checkLiteral(res *dialect.Resource, a dialect.Assignment, n *yml.Node) {
	if a.Doc.Lit == nil {
		c.checkKind(res.Schema.Slots[a.Slot], a.Doc.Kind(), n)
		return
	}
	if string(a.Doc.Lit) == record.Null {
		return
	}
	if err := document.Check(res.Schema.Slots[a.Slot], string(a.Doc.Lit)); err != nil {
		c.Report(n, "%v", err)
	}
}

func (c *compiler) rules(res *dialect.Resource, n *yml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yml.Sequence {
		c.Report(n, "rules is a list; write - { when: …, need: … }")
		return
	}
	for _, item := range n.Content {
		r := dialect.Rule{Line: item.Line}
		s := c.scope(res)
		if when := yml.Get(item, "when"); when != nil && item.Kind == yml.Mapping {
			r.When = s.Condition(when, c.Text(when))
			s.Guarded = r.When.Asks()
		}
		seen := c.Each(item, grammar.RuleWords, func(key string, k, v *yml.Node) {
			switch key {
			case "need":
				r.Need = c.fieldName(res, v)
			case "check":
				r.Check = s.Condition(v, c.Text(v))
			case "field":
				r.At = c.fieldName(res, v)
			case "error":
				r.Code = c.code(v)
			case "why":
				r.Why = c.Text(v)
			case "say":
				r.Say = c.failureScope().Text(v, c.Text(v))
			case "on":
				r.On = c.OneOf(v, grammar.Occasions)
			}
		})
		if seen == nil {
			continue
		}
		if seen["need"] == seen["check"] {
			c.Report(item, "a rule needs either need: with a field or check: with a condition")
			continue
		}
		res.Rules = append(res.Rules, r)
	}
}

// static makes the checks that need the whole table.
func (c *compiler) static(res *dialect.Resource) {
	res.Given = clientID(res)
	c.shared(res)
	for _, f := range res.Fields {
		open := c.open(f)
		if open.unless != nil {
			f.Unless = c.fieldName(res, open.unless)
		}
		if open.without != nil {
			if f.Without = c.fieldName(res, open.without); f.Without != nil {
				res.Exclusive = append(res.Exclusive, f)
			}
		}
		if f.Need == dialect.NeedCreate || f.Need == dialect.NeedAlways && f.Group == nil {
			res.Required = append(res.Required, f)
		}
		f.Placed = dialect.PlacedBy(f.Codec)
		if dialect.Enriched(f.Codec) {
			res.Enriched = append(res.Enriched, f)
		}
		if _, ok := f.Codec.(codec.Amount); ok {
			res.Money = append(res.Money, f)
		}
		if f.Exists != "" {
			res.References = append(res.References, f)
		} else if dialect.Refers(f.Codec) {
			res.References = append(res.References, f)
		}
	}
}

// clientID is the field in which a create may name the record of a resource,
// nil where ids are always generated.
func clientID(res *dialect.Resource) *dialect.Field {
	for _, f := range res.Fields {
		if f.Target == dialect.ToSlot && f.Slot == record.SlotID && f.In && f.OnCreate {
			return f
		}
	}
	return nil
}

// namesItself tells whether every create names the record of a resource.
func namesItself(res *dialect.Resource) bool {
	f := clientID(res)
	return f != nil && f.Need != dialect.NeedNever
}
