package compile

import (
	"maps"
	"slices"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// line is one field line on its way to a Field.
type line struct {
	*compiler
	res   *dialect.Resource
	f     *dialect.Field
	at    *yml.Node
	words map[string]*yml.Node
	as    string
	inner bool // a member of a list's items: it has no slot
	nest  int  // lists around it

	strange bool          // its codec is not known, nor which words that would take
	seen    grammar.Words // words that are written, or meant; nil when it is no line
	nowhere bool          // its slot is not known, nor what fits it
}

// fields compiles a field table and arranges it as it nests.
func (c *compiler) fields(res *dialect.Resource, n *yml.Node) {
	c.Entries(n, "fields", func(path string, k, v *yml.Node) {
		l := &line{compiler: c, res: res, at: k, words: map[string]*yml.Node{}}
		l.read(v, 0)
		if !dotted(path) {
			c.Report(k, "write a name here, and one behind each dot")
			return
		}
		parent, last := res.Tree, path
		parts := strings.Split(path, ".")
		for i, part := range parts[:len(parts)-1] {
			parent = c.enter(res, parent, part, strings.Join(parts[:i+1], "."), k)
			if parent == nil {
				return
			}
			last = parts[i+1]
		}
		if old := parent.Kids[last]; old != nil {
			c.Report(k, "%s is both a field and the beginning of others; give it as: group and put it before them", path)
			return
		}
		node := &dialect.FieldTree{Path: path}
		parent.Add(last, node)
		l.f = &dialect.Field{Path: path, Line: k.Line, Index: len(res.Fields), Group: parent.Group}
		c.open(l.f).at = k
		if _, known := grammar.Codecs[l.as]; !known && l.as != "group" && yml.Nearest(l.as, grammar.CodecNames()) == "group" {
			l.Report(l.words["as"], "no codec %q, did you mean \"group\"", l.as)
			l.as = "group"
		}
		if l.as == "group" {
			node.Kids = map[string]*dialect.FieldTree{}
			node.Group = l.group(parent.Group)
			return
		}
		out := l.outward()
		l.compile()
		node.Field = l.f
		res.Fields = append(res.Fields, l.f)
		if out != nil {
			out.f = &dialect.Field{Path: path, Line: k.Line, Index: len(res.Fields), Group: parent.Group}
			out.compile()
			out.shows(l)
			node.Out = out.f
			res.Fields = append(res.Fields, out.f)
		}
		if g := l.f.Group; g != nil && l.f.Need == dialect.NeedAlways && l.f.In {
			g.Needs = append(g.Needs, l.f)
		}
	})
}

// enter steps into an object, and makes it when no line has.
func (c *compiler) enter(res *dialect.Resource, parent *dialect.FieldTree, name, path string, k *yml.Node) *dialect.FieldTree {
	kid := parent.Kids[name]
	if kid == nil {
		g := &dialect.Group{Path: path, Parent: parent.Group,
			Write: &dialect.Field{Path: path, OnCreate: true, OnUpdate: true, In: true, Index: len(res.Fields), Group: parent.Group, Frozen: c.d.Frozen}}
		if parent.Group != nil {
			up := parent.Group.Write
			g.Write.OnCreate, g.Write.OnUpdate, g.Write.Frozen = up.OnCreate, up.OnUpdate, up.Frozen
		}
		kid = &dialect.FieldTree{Path: path, Kids: map[string]*dialect.FieldTree{}, Group: g}
		parent.Add(name, kid)
	}
	if kid.Field != nil {
		c.Report(k, "%s is both a field and the beginning of %s; give it as: group", path, k.Value)
		return nil
	}
	return kid
}

// read takes the words of a line, over those of the type it names.
func (l *line) read(n *yml.Node, depth int) {
	inherited := grammar.Words{}
	l.seen = l.Each(n, grammar.FieldWords, func(key string, k, v *yml.Node) {
		if key != "is" {
			l.words[key] = v
			return
		}
		name, ok := l.Name(v)
		t := l.types[name]
		if depth > 8 {
			l.Report(v, "type %s is made of itself", v.Value)
			l.strange = true
			return
		}
		if t == nil {
			if l.strange = true; ok && !l.meant("types", l.typesAt) {
				l.Report(v, "no type %q%s", name, yml.Instead(name, slices.Collect(maps.Keys(l.types))))
			}
			return
		}
		base := &line{compiler: l.compiler, words: map[string]*yml.Node{}}
		base.read(t, depth+1)
		l.strange = l.strange || base.strange
		maps.Copy(inherited, base.seen)
		for key, v := range base.words {
			if l.words[key] == nil {
				l.words[key] = v
			}
		}
	})
	if l.seen != nil {
		maps.Copy(l.seen, inherited)
	}
	if w := l.words["as"]; w != nil {
		if l.as = l.Text(w); l.as == "" {
			l.as, l.strange = "json", true
		}
	}
}

// group compiles an object whose members are fields.
func (l *line) group(parent *dialect.Group) *dialect.Group {
	f := l.f
	g := &dialect.Group{Path: f.Path, Parent: parent, Write: f}
	l.access()
	for key, v := range l.words {
		switch key {
		case "merge":
			g.Replace = l.OneOf(v, grammar.Mergings) == "replace"
		case "clear":
			g.Clear = l.literals(v)
		case "absent":
			g.Absent = l.absence(v)
		case "whole":
			g.Whole = l.Bool(v)
		case "when":
			g.When = l.scope(l.res).Condition(v, l.Text(v))
		case "as", "set", "frozen", "say", "error", "doc":
		default:
			l.Report(v, "a group has no %s:; put it on the fields inside", key)
		}
	}
	l.violations()
	return g
}

// access reads who may write the field, and when.
func (l *line) access() {
	f := l.f
	f.In, f.Out, f.OnCreate, f.OnUpdate, f.Frozen = true, true, true, true, l.d.Frozen
	if f.Group != nil {
		f.Frozen = f.Group.Write.Frozen
	}
	if w := l.words["dir"]; w != nil {
		dir := l.OneOf(w, grammar.Directions)
		f.In, f.Out = dir == "in" && w.Value == dir, dir == "out"
	} else if l.seen["dir"] {
		f.In = false // whatever was meant, it is not the same as nothing
	}
	if w := l.words["set"]; w != nil {
		f.OnCreate = l.OneOf(w, grammar.Occasions) == "create"
		f.OnUpdate = !f.OnCreate
	} else if f.Group != nil {
		f.OnCreate, f.OnUpdate = f.Group.Write.OnCreate, f.Group.Write.OnUpdate
	}
	if w := l.words["only"]; w != nil {
		f.Only = l.List(w)
		l.onlys = append(l.onlys, grammar.Items(w)...)
	}
	if w := l.words["frozen"]; w != nil {
		f.Frozen = l.OneOf(w, grammar.FrozenFields)
	}
	if w := l.words["doc"]; w != nil {
		f.Doc = l.Text(w)
	}
	if w := l.words["when"]; w != nil && l.as != "group" {
		if l.inner || !f.Out {
			l.Report(w, "when: is for fields that are shown, at the top of a field table and in groups; remove it")
			return
		}
		f.When = l.scope(l.res).Condition(w, l.Text(w))
	}
}

// compile makes the Field of a line that is no group.
func (l *line) compile() {
	f := l.f
	f.Absent = l.d.Absent
	if f.Group != nil {
		f.Absent = nil
	}
	l.access()
	l.target()
	if f.Source != nil {
		f.In, f.Absent = false, nil
		if w := l.words["expand"]; w != nil {
			if f.Embed = l.wanted("expand", w); f.Embed != nil {
				delete(l.words, "expand")
			}
		}
		l.violations()
		l.outOnly()
		f.Page = f.Source.Text != nil && f.Source.Has("base")
		return
	}
	if f.In && f.Target == dialect.ToSlot && f.Slot == record.SlotVersion {
		l.Report(l.at, "version is counted with every change and not written; write dir: out, with frozen: same where an update must name it")
	}
	l.codecOf()
	l.violations()
	if w := l.words["to"]; w != nil && w.Value == "id" && f.In && f.OnUpdate && !l.inner {
		l.Report(l.at, "an id is given once; write set: create, or dir: out where it is generated")
	}
	if w := l.words["need"]; w != nil {
		f.Need = map[string]dialect.Need{"create": dialect.NeedCreate, "always": dialect.NeedAlways}[l.OneOf(w, grammar.NeededOn)]
		if dir := l.words["dir"]; dir != nil && dir.Value == "out" {
			l.Report(w, "a field that only goes out cannot be needed; remove need:, or dir: out")
		}
	}
	if w := l.words["clear"]; w != nil {
		for _, item := range grammar.Items(w) {
			l.Keyword(item, record.Null)
		}
		f.Clear = l.literals(w)
	}
	if w := l.words["absent"]; w != nil {
		f.Absent = l.absence(w)
	}
	if w := l.words["empty"]; w != nil {
		f.Empty = l.OneOf(w, grammar.EmptyValues) == "omit"
	}
	if w := l.words["whole"]; w != nil {
		l.Report(w, "whole: is for groups; remove it")
	}
	l.relations()
	l.growth()
	for _, key := range codecOnly {
		if w := l.words[key]; w != nil && !l.strange {
			if fix := otherCodec[key]; fix != "" && l.words["as"] == nil {
				l.Report(w, "%s: is a word of as: %s; write that beside it", key, fix)
				continue
			}
			l.Report(w, "as: %s takes no %s:; remove it", l.as, key)
		}
	}
}

// relations reads what a field has to do with records and with other fields.
func (l *line) relations() {
	f := l.f
	if w := l.words["exists"]; w != nil {
		if res := l.resource(w); res != nil {
			f.Exists = res.Name
		}
	}
	f.NamesRecord = l.seen["exists"]
	if w := l.words["state"]; w != nil {
		if res := l.d.Resources[f.Exists]; res != nil {
			f.States = l.states(res, w)
		} else if !f.NamesRecord {
			l.Report(w, "state: is about the record that exists: names; write exists: too")
		}
	}
	if w := l.words["default"]; w != nil {
		l.initial(w)
	}
	if w := l.words["assume"]; w != nil {
		f.Assume = l.value(w, "assumption")
	}
	for _, key := range []string{"copy", "new", "if"} {
		if w := l.words[key]; w != nil && !l.inner {
			l.Report(w, "%s: works in the objects of a list, and in as: object; %s", key, outside[key])
		}
	}
	if w := l.words["copy"]; w != nil {
		l.open(f).copies = grammar.Items(w)
	}
	if w := l.words["if"]; w != nil {
		l.open(f).variant = w
	}
	if w := l.words["unless"]; w != nil {
		l.open(f).unless = w
	}
	if w := l.words["without"]; w != nil {
		l.open(f).without = w
	}
	if w := l.words["new"]; w != nil {
		f.Generated = l.sections().IDSpec(w)
	}
}

// otherCodec is the codec that a word is about, where its line has none.
var otherCodec = map[string]string{
	"of": "list", "each": "list, or as: object", "by": "list", "distinct": "list", "map": "enum", "also": "enum", "else": "enum", "others": "enum", "refuse": "enum", "decimals": "money.text, or as: money.major",
	"unit": "time.in", "within": "time.rfc3339", "zone": "time.rfc3339", "min": "int, number or one of money", "max": "int, number or one of money", "above": "int, number or one of money",
	"keys": "map", "values": "map", "remove": "map", "schemes": "url", "insecure": "url", "fragment": "url", "userinfo": "url", "case": "currency",
}

// outside says what to write at the top of a field table in place of a word of
// list's objects.
var outside = map[string]string{
	"copy": "here write default: with a variable, such as $about.name",
	"new":  "here write start: with the slot, as in start: { short_id: { new: { uuid: 4 } } }",
	"if":   "here write a rule, as in { when: it.type == \"invoice\", need: reference }",
}

// codecOnly are the words that belong to a codec, which takes those it knows.
var codecOnly = []string{"len", "min", "max", "above", "items", "keys", "values", "bytes", "match", "one_of", "squeeze", "schemes",
	"insecure", "fragment", "userinfo", "map", "also", "else", "others", "refuse", "among", "case", "currency", "decimals", "digits", "zone", "within", "unit", "type", "merge",
	"remove", "of", "each", "by", "distinct"}

func (l *line) schema() *record.Schema {
	if l.res != nil {
		return l.res.Schema
	}
	return record.Links
}

func (l *line) has(key string) *yml.Node {
	w := l.words[key]
	delete(l.words, key)
	return w
}

func (l *line) numberWord(key string) string {
	w := l.has(key)
	if w == nil {
		return ""
	}
	if !jsontext.IsNumber(w.Value) {
		l.Report(w, "write a number here")
		return ""
	}
	return w.Value
}
