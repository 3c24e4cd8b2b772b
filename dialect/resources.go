package dialect

import (
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/ids"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// resources compiles the objects. Their headers come first, because parents
// and references name each other.
func (c *compiler) resources(n *yml.Node) {
	type section struct {
		res   *Resource
		words map[string]*yml.Node
		seen  present
		at    *yml.Node
	}
	var list []section
	c.entries(n, "resources", func(name string, k, v *yml.Node) {
		at := k
		res := &Resource{Name: name, Noun: name, Line: k.Line}
		words := map[string]*yml.Node{}
		seen := c.each(v, resourceWords, func(key string, _, v *yml.Node) { words[key] = v })
		c.written[name] = true
		kind := name
		if w := words["kind"]; w != nil {
			kind, k = c.str(w), w
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
			res.Noun = c.str(w)
		}
		if w := words["id"]; w != nil {
			res.id = c.idSpec(w)
		} else if seen["id"] {
			res.id = &ids.Spec{}
		}
		if w := words["modes"]; w != nil {
			res.Both = c.oneOf(w, modes) == "both"
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
}

// resource reads the name of a resource.
func (c *compiler) resource(n *yml.Node) *Resource {
	name, ok := c.name(n)
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

func (c *compiler) resourceBody(res *Resource, words map[string]*yml.Node, at *yml.Node) {
	if words["fields"] == nil {
		c.Report(at, "resource %s needs fields:", res.Name)
		return
	}
	res.tree = &tree{kids: map[string]*tree{}}
	c.fields(res, words["fields"])
	res.encode = encodePlan(res.tree, func(f *Field) bool { return f.only == nil })
	if w := words["about"]; w != nil {
		seen := c.each(w, aboutWords, func(key string, _, v *yml.Node) {
			if key == "field" {
				res.About = c.fieldName(res, v)
			}
		})
		c.needs(w, "about", seen, "{ field: transactionId, is: transaction }", "field", "is")
	}
	if w := words["expires"]; w != nil {
		res.expires = c.expiry(res, w)
	}
	res.start = c.assignments(res, words["start"])
	res.completes = c.assignments(res, words["complete"])
	if w := words["complete_parent"]; w != nil {
		if c.loose[res] {
			// It has one, which is not known.
		} else if res.Parent == nil {
			c.Report(w, "resource %s has no parent:", res.Name)
		} else {
			res.parentDone = c.assignments(res.Parent, w)
		}
	}
	c.rules(res, words["rules"])
	c.unique(res, words["unique"])
	c.static(res)
}

// fieldName reads the wire path of a field of the resource.
func (c *compiler) fieldName(res *Resource, n *yml.Node) *Field {
	name, ok := c.name(n)
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
func (c *compiler) slot(res *Resource, n *yml.Node) record.Slot {
	name, isName := c.name(n)
	s, ok := res.Schema.Slot(name)
	if !ok && isName {
		c.Report(n, "no canonical slot %q in %s%s", name, yml.Article(res.Schema.Kind), yml.Instead(name, res.Schema.Names()))
	}
	return s
}

func (c *compiler) expiry(res *Resource, n *yml.Node) *expiry {
	x := &expiry{from: map[string]bool{}}
	seen := c.each(n, expiryWords, func(key string, k, v *yml.Node) {
		switch key {
		case "at":
			x.at = c.slot(res, v)
			if s := res.Schema.Slots[x.at]; s.Name == v.Value && s.Type != record.Time {
				c.Report(v, "%s is a slot of type %s; write one with a time, such as expires_at", s.Name, s.Type)
			}
		case "from":
			for _, s := range c.states(res, v) {
				if x.from[record.Quote(s)] = true; x.back == "" {
					x.back = record.Quote(s)
				}
			}
		case "to":
			if v.Kind != yml.Scalar {
				c.Report(v, "write one state here, not a list")
			} else {
				x.to = record.Quote(c.states(res, v)[0])
			}
		}
	})
	c.needs(n, "expires", seen, "{ at: expires_at, from: active, to: expired }", "at", "from", "to")
	return x
}

// states reads canonical states.
func (c *compiler) states(res *Resource, n *yml.Node) []string {
	known := res.Schema.Slots[record.SlotStatus].Values
	states := c.list(n)
	for _, s := range states {
		if !slices.Contains(known, s) {
			c.Report(n, "%s has no state %q%s; write one of %s", yml.Article(res.Schema.Kind), s, yml.DidYouMean(s, known), strings.Join(known, ", "))
		}
	}
	return states
}

// assignments reads slots and the values they get: a literal, a variable, an
// expression, or a new id.
func (c *compiler) assignments(res *Resource, n *yml.Node) []assignment {
	var out []assignment
	c.entries(n, "slots and values", func(name string, k, v *yml.Node) {
		var a assignment
		if path, ok := strings.CutPrefix(name, "ext."); ok {
			c.extName(k, path)
			a.ext = c.d.Name + "." + path
		} else {
			a.slot = c.slot(res, k)
		}
		if v.Kind == yml.Mapping && len(v.Content) == 2 && v.Content[1].Kind == yml.Mapping && yml.Nearest(v.Content[0].Value, []string{"new"}) != "" &&
			v.Content[0].Value != "new" {
			c.Report(v.Content[0], "a new id is written { new: { uuid: 4 } }, not %s:", v.Content[0].Value)
			return
		}
		if fresh := yml.Get(v, "new"); fresh != nil {
			spec := c.idSpec(fresh)
			a.make = func(e *Env) string { return record.Quote(spec.New(e.Now, e.Random)) }
		} else {
			doc := c.scope(res).Document(v)
			a.doc = &doc
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

// checkLiteral compares a constant with the type of its slot.
func (c *compiler) checkLiteral(res *Resource, a assignment, n *yml.Node) {
	if a.doc.Lit == nil || string(a.doc.Lit) == record.Null {
		return
	}
	if err := CheckText(res.Schema.Slots[a.slot], string(a.doc.Lit)); err != nil {
		c.Report(n, "%v", err)
	}
}

func (c *compiler) rules(res *Resource, n *yml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yml.Sequence {
		c.Report(n, "rules is a list; write - { when: …, need: … }")
		return
	}
	for _, item := range n.Content {
		var r rule
		s := c.scope(res)
		seen := c.each(item, ruleWords, func(key string, k, v *yml.Node) {
			switch key {
			case "when":
				r.when = s.Condition(v, c.str(v))
			case "need":
				r.need = c.fieldName(res, v)
			case "check":
				r.check = s.Condition(v, c.str(v))
			case "field":
				r.at = c.fieldName(res, v)
			case "error":
				r.code = c.code(v)
			case "why":
				r.why = c.str(v)
			case "say":
				r.say = c.failureScope().Text(v, c.str(v))
			case "on":
				r.on = c.oneOf(v, occasions)
			}
		})
		if seen == nil {
			continue
		}
		if seen["need"] == seen["check"] {
			c.Report(item, "a rule needs either need: with a field or check: with a condition")
			continue
		}
		res.rules = append(res.rules, r)
	}
}

func (c *compiler) unique(res *Resource, n *yml.Node) {
	if n == nil {
		return
	}
	if n.Kind != yml.Sequence {
		c.Report(n, "unique is a list; write - { over: [slot] }")
		return
	}
	for _, item := range n.Content {
		u := unique{until: -1, code: record.CodeUnique}
		seen := c.each(item, uniqueWords, func(key string, k, v *yml.Node) {
			switch key {
			case "over":
				if v.Kind != yml.Sequence {
					c.Report(v, "write a list of slots such as [slug]")
					return
				}
				for _, s := range v.Content {
					u.over = append(u.over, c.slot(res, s))
				}
			case "until":
				u.until = c.slot(res, v)
			case "error":
				u.code = c.code(v)
			case "field":
				u.field = c.fieldName(res, v)
			}
		})
		c.needs(item, "unique", seen, "{ over: [slug] }", "over")
		res.uniques = append(res.uniques, u)
	}
}

// shared reports fields that write the same place in the same operation, so
// that one of them would be lost. Two ways to give one value are fine when only
// one can be sent, or when one makes the record that the other names.
func (c *compiler) shared(res *Resource) {
	apart := func(f *Field) bool {
		_, makes := f.codec.(*recordCodec)
		return makes || c.open(f).unless != nil || c.open(f).without != nil
	}
	for i, f := range res.Fields {
		for _, other := range res.Fields[:i] {
			if f.target != toNothing && f.target == other.target && f.slot == other.slot && f.ext == other.ext && f.In && other.In &&
				(f.OnCreate && other.OnCreate || f.OnUpdate && other.OnUpdate) && !apart(f) && !apart(other) {
				c.Report(c.open(f).at, "%s and %s write the same place; give one dir: out, or both another set:, or one without: the other", other.Path, f.Path)
				break
			}
		}
	}
}

// static makes the checks that need the whole table.
func (c *compiler) static(res *Resource) {
	res.given = clientID(res)
	c.shared(res)
	for _, f := range res.Fields {
		open := c.open(f)
		if open.unless != nil {
			f.unless = c.fieldName(res, open.unless)
		}
		if open.without != nil {
			if f.without = c.fieldName(res, open.without); f.without != nil {
				res.exclusive = append(res.exclusive, f)
			}
		}
		if f.need == needCreate || f.need == needAlways && f.group == nil {
			res.required = append(res.required, f)
		}
		f.parts = placedBy(f.codec)
		if l, ok := f.codec.(*listCodec); ok && l.enriched {
			res.enriched = append(res.enriched, f)
		}
		if _, ok := f.codec.(codec.Amount); ok {
			res.money = append(res.money, f)
		}
		if f.exists != "" {
			res.references = append(res.references, f)
		} else if l, ok := f.codec.(*listCodec); ok && l.refers() {
			res.references = append(res.references, f)
		}
	}
}

// clientID is the field in which a create may name the record of a resource,
// nil where ids are always generated.
func clientID(res *Resource) *Field {
	for _, f := range res.Fields {
		if f.target == toSlot && f.slot == record.SlotID && f.In && f.OnCreate {
			return f
		}
	}
	return nil
}

// namesItself tells whether every create names the record of a resource.
func namesItself(res *Resource) bool {
	f := clientID(res)
	return f != nil && f.need != needNever
}
