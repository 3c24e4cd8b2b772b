package compile

import (
	"fmt"
	"io/fs"
	"path"
	"slices"
	"sort"
	"strings"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/sections"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// Override replaces one value of a dialect's file, by its dotted path.
type Override struct {
	Dialect, Path string
	File          string // where the override itself is written
	Node          *yml.Node
}

// Compile reads every *.yaml file at the root of fsys and compiles it. It
// reports all diagnostics of all files at once; on a diagnostic there is no Set.
func Compile(fsys fs.FS, overrides []Override) (*dialect.Set, error) {
	set, err := Some(fsys, overrides)
	if err != nil {
		return nil, err
	}
	return set, nil
}

// Some does what Compile does, and on diagnostics returns the dialects that
// are in order besides, so that their fixtures can be checked. The Set is nil
// when there are no files.
func Some(fsys fs.FS, overrides []Override) (*dialect.Set, error) {
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return nil, err
	}
	sort.Strings(names)
	all := collection{byName: map[string]*dialect.Dialect{}, byHost: map[string]*dialect.Dialect{}}
	var files, known []string
	for _, name := range names {
		files = append(files, strings.TrimSuffix(name, ".yaml"))
		data, err := fs.ReadFile(fsys, name)
		if err != nil {
			all.found = append(all.found, yml.Unreadable(name, err))
			continue
		}
		c := compileFile(name, data, overrides)
		good := len(c.found) == 0
		all.found = append(all.found, c.found...)
		if c.d == nil {
			continue
		}
		known = append(known, c.d.Name)
		all.add(c, good)
	}
	for _, o := range overrides {
		if all.byName[o.Dialect] == nil && len(all.found) == 0 {
			all.found.Add(o.File, o.Node, "no dialect %q%s", o.Dialect, yml.Instead(o.Dialect, known))
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("there are no *.yaml files")
	}
	all.found.Sort()
	return dialect.NewSet(all.good, files), all.found.Err()
}

// collection is the dialects of several files on their way to a Set.
type collection struct {
	good   []*dialect.Dialect // those without mistakes
	byName map[string]*dialect.Dialect
	byHost map[string]*dialect.Dialect
	found  yml.Diagnostics
}

// add takes a dialect up and reports what it has in common with others.
func (s *collection) add(c *compiler, good bool) {
	d := c.d
	if other := s.byName[d.Name]; other != nil {
		s.found.Add(d.File, nil, "dialect %q is also in %s; rename one", d.Name, other.File)
		return
	}
	s.byName[d.Name] = d
	if good {
		s.good = append(s.good, d)
	}
	for i, host := range d.Hosts {
		host = strings.ToLower(host)
		if other := s.byHost[host]; other != nil {
			s.found.Add(d.File, c.hostsAt[i], "host %s also belongs to dialect %s; remove it from one", host, other.Name)
			continue
		}
		s.byHost[host] = d
	}
}

// File compiles one file and returns all its diagnostics.
func File(name string, data []byte) (*dialect.Dialect, error) {
	c := compileFile(name, data, nil)
	c.found.Sort()
	return c.d, c.found.Err()
}

// compiler compiles one file.
type compiler struct {
	grammar.Reader
	d     *dialect.Dialect
	types map[string]*yml.Node
	lists map[string][]string // of lists:
	own   map[string]bool     // words of the error classes
	root  *yml.Node

	// What is written, right or wrong: one diagnostic is enough for a mistake, and
	// what names the thing has none of its own.
	resourcesAt, operationsAt, typesAt *yml.Node

	seen    grammar.Words              // sections
	written map[string]bool            // resources and operations
	failed  []string                   // those of them that have diagnostics of their own
	loose   map[*dialect.Resource]bool // resources whose parent is not known
	vague   map[*dialect.Op]bool       // operations whose within: is not known
	onlys   []*yml.Node                // operations that only: names
	makes   []making                   // make: lines
	classAt map[string]*yml.Node       // classes
	named   map[record.Code]bool       // errors that something names
	used    map[string]bool            // words of classes that something shows
	guess   bool                       // the words of classes cannot be read
	hostsAt []*yml.Node                // where each host stands

	classesAt *yml.Node // the catalogue
	found     yml.Diagnostics
	pending   map[*dialect.Field]*pending
	feeds     []feed // what expressions and texts take up
	blind     bool   // nor the catalogue
}

// pending is what a field line names and what is looked up only when all of its
// table is read.
type pending struct {
	at              *yml.Node // the line
	copies          []*yml.Node
	unless, without *yml.Node
	list            *yml.Node
	variant         *yml.Node
	currency        *yml.Node // of money in a list's objects
}

// open returns what is pending of a field.
func (c *compiler) open(f *dialect.Field) *pending {
	p := c.pending[f]
	if p == nil {
		p = &pending{}
		c.pending[f] = p
	}
	return p
}

// meant tells whether a section is written, but not where it can be read: what
// it would have said is not to be missed.
func (c *compiler) meant(section string, n *yml.Node) bool {
	return c.seen[section] && (n == nil || n.Kind != yml.Mapping)
}

// compileFile compiles one file. Its dialect is nil when the file is none.
func compileFile(file string, data []byte, overrides []Override) *compiler {
	root, found := yml.Parse(file, data)
	c := &compiler{
		types: map[string]*yml.Node{}, written: map[string]bool{}, loose: map[*dialect.Resource]bool{}, vague: map[*dialect.Op]bool{}, pending: map[*dialect.Field]*pending{},
		classAt: map[string]*yml.Node{}, named: map[record.Code]bool{}, used: map[string]bool{}, found: found,
	}
	c.Reader = grammar.Reader{File: file, Lines: strings.Split(string(data), "\n"), Diagnostics: &c.found}
	switch {
	case len(found) > 0:
		return c
	case root == nil:
		c.Report(nil, "the file is empty; start with dialect: and a name")
		return c
	case root.Kind != yml.Mapping:
		c.Report(root, "a dialect file is made of words and their values; start with dialect: and a name")
		return c
	case isFixture(file, root):
		c.Report(root, "this is a fixture, not a mapping; check it with polylink check --fixtures %s", path.Dir(path.Dir(file)))
		return c
	}
	want := strings.TrimSuffix(path.Base(file), ".yaml")
	c.d = &dialect.Dialect{Name: want, File: file, Source: data, Resources: map[string]*dialect.Resource{}, Paths: dialect.DottedPaths, Unknown: "ignore", Frozen: "ignore",
		Bodies: []string{"json"}, Absent: &template.Document{Lit: []byte(record.Null)}, Checks: grammar.Stages}
	if name := yml.Get(root, "dialect"); name != nil {
		c.d.Line = name.Line
	}
	c.override(root, overrides)
	c.root = c.sections().Choices(root, "", &c.d.Choices)
	c.compile()
	return c
}

// checkName holds the name against the file's.
func (c *compiler) checkName(name *yml.Node) {
	want := c.d.Name
	switch {
	case name == nil && c.seen["dialect"]:
		// One was meant.
	case name == nil:
		c.Report(c.root, "no dialect: line; write dialect: %s", want)
	case name.Value != want:
		c.Report(name, "the dialect is called %q and its file %q; give both the same name", name.Value, path.Base(c.File))
	case !validName(want):
		c.Report(name, "a dialect's name is made of a-z, 0-9 and -")
	}
}

func validName(s string) bool {
	for i := 0; i < len(s); i++ {
		if c := s[i]; !(c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-') {
			return false
		}
	}
	return s != "" && len(s) <= 40
}

// override puts the values of the configuration into the file.
func (c *compiler) override(root *yml.Node, overrides []Override) {
	for _, o := range overrides {
		if o.Dialect == c.d.Name {
			c.WrittenIn(o.Node, o.File)
			c.replace(root, o)
		}
	}
}

// replace follows an override's path, in which keys may hold dots of their
// own, and puts its value there.
func (c *compiler) replace(n *yml.Node, o Override) {
	parts := strings.Split(o.Path, ".")
	for len(parts) > 0 {
		if n.Kind != yml.Mapping {
			break
		}
		taken, at := 0, -1
		for i := 0; i+1 < len(n.Content); i += 2 {
			if k := strings.Count(n.Content[i].Value, ".") + 1; k <= len(parts) && k > taken &&
				n.Content[i].Value == strings.Join(parts[:k], ".") {
				taken, at = k, i+1
			}
		}
		if at < 0 {
			if len(parts) == 1 {
				key := *o.Node
				key.Kind, key.Tag, key.Value, key.Content = yml.Scalar, "!!str", parts[0], nil
				c.WrittenIn(&key, o.File)
				n.Content = append(n.Content, &key, o.Node)
				return
			}
			break
		}
		if parts = parts[taken:]; len(parts) == 0 {
			if old := n.Content[at]; old.Kind == yml.Mapping && sections.Marked(old) {
				parts, n = []string{"is"}, old
				continue
			}
			n.Content[at] = o.Node
			return
		}
		n = n.Content[at]
	}
	c.Report(o.Node, "dialect %s has no value at %s", o.Dialect, o.Path)
}

// compile reads the sections in the order in which they need each other.
func (c *compiler) compile() {
	words := map[string]*yml.Node{}
	c.seen = c.Each(c.root, grammar.DialectWords, func(key string, _, v *yml.Node) { words[key] = v })
	c.checkName(words["dialect"])
	c.general(words)
	c.errorSection(words["errors"])
	c.d.Auth = c.sections().Auth(words["auth"])
	c.checks(words["checks"])
	if n := words["unmatched"]; n != nil {
		named := c.Set(n, grammar.UnmatchedStages)
		for _, s := range []dialect.Stage{dialect.StageAuth, dialect.StageLimit} {
			if named[string(s)] {
				c.d.Unmatched = append(c.d.Unmatched, s)
			}
		}
	}
	c.headerSections(words)
	c.d.Limits = c.sections().Limits(words["limits"])
	c.d.Idempotency = c.sections().Idempotency(words["idempotency"])
	c.lists = map[string][]string{}
	c.Entries(words["lists"], "lists", func(key string, k, v *yml.Node) {
		if grammar.ListOf(key) != nil {
			c.Report(k, "the list %s is there already; give yours another name", key)
		}
		c.lists[key] = c.NonEmpty(v)
	})
	c.typesAt = words["types"]
	c.Entries(words["types"], "types", func(key string, k, v *yml.Node) { c.types[key] = v })
	c.resourcesAt = words["resources"]
	c.resources(words["resources"])
	if a := words["answer"]; a != nil {
		doc := c.scope(nil).Document(a)
		c.d.Answer = &doc
	}
	c.expandRule(words["expand"])
	c.operationsAt = words["operations"]
	c.operations(words["operations"])
	c.notServed(words["not_served"])
	c.audit(words["audit"])
	c.events(words["events"], words["webhooks"])
	c.hosted(words["hosted"])
	c.limited(words["limits"])
	c.unanswered()
	c.unbounded()
	c.unnamed()
	c.unshown(words["errors"])
}

// scope is what templates can name where a resource is at hand, or none.
func (c *compiler) scope(res *dialect.Resource) *template.Scope {
	s := &template.Scope{Reporter: c, Dialect: c.d.Name, Roots: dialect.Roots(res)}
	if res != nil {
		s.Feeds = func(f template.Feed) { c.feeds = append(c.feeds, feed{res, f}) }
	}
	if c.loose[res] {
		s.Vague = map[string]bool{"parent": true}
	}
	return s
}

// missing tells whether there is nothing that a name could mean: neither what
// has a diagnostic of its own, nor what such a diagnostic hides.
func (c *compiler) missing(name string) bool {
	return !c.written[name] && yml.Nearest(name, c.failed) == ""
}

func (c *compiler) headerSections(s map[string]*yml.Node) {
	c.d.Headers = c.sections().Headers(s["headers"], c.scope(nil))
	c.d.LimitHeaders = c.sections().Headers(s["limit_headers"], c.scope(nil))
	c.d.LimitRefused = c.sections().Headers(s["limit_refused"], c.scope(nil))
	c.d.RequestHeaders = c.sections().HeaderRules(s["request_headers"], "request_headers", record.CodeHeader, c.scope(nil))
}

// limited checks that limits and fields name operations that there are.
func (c *compiler) limited(n *yml.Node) {
	known := c.d.OperationNames()
	for i := 1; n != nil && n.Kind == yml.Mapping && i < len(n.Content); i += 2 {
		only := yml.Get(n.Content[i], "only")
		if only != nil {
			c.onlys = append(c.onlys, grammar.Items(only)...)
		}
	}
	for _, item := range c.onlys {
		if item.Kind == yml.Scalar && !slices.Contains(known, item.Value) && c.missing(item.Value) && !c.meant("operations", c.operationsAt) {
			c.Report(item, "no operation %q%s", item.Value, yml.Instead(item.Value, known))
		}
	}
}

// sections reads what stands by itself.
func (c *compiler) sections() sections.Reader {
	return sections.Reader{Reader: &c.Reader, Code: c.code, Texts: func() *template.Scope { return c.scope(nil) }}
}
