package compile_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/mappings"
)

// editorSchema is the schema of mapping files, compiled once.
var editorSchema = sync.OnceValue(func() *jsonschema.Schema {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(grammar.EditorSchema()))
	if err != nil {
		panic(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("dialect.json", doc); err != nil {
		panic(err)
	}
	return c.MustCompile("dialect.json")
})

// schemaFault is what the schema has against a file, nil when nothing.
func schemaFault(t testing.TB, root *yml.Node) error {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(yml.JSON(root, func(*yml.Node, string, ...any) {})))
	if err != nil {
		t.Fatal(err)
	}
	return editorSchema().Validate(doc)
}

// parsed reads a file that is YAML.
func parsed(t testing.TB, file string, source []byte) *yml.Node {
	t.Helper()
	root, found := yml.Parse(file, source)
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return root
}

// sources is every mapping file there is outside of the documents.
func sources(t testing.TB) map[string][]byte {
	t.Helper()
	out := map[string][]byte{}
	names, err := fs.Glob(mappings.FS, "*.yaml")
	if err != nil || len(names) == 0 {
		t.Fatal("there are no mapping files", err)
	}
	for _, name := range names {
		if out[name], err = mappings.FS.ReadFile(name); err != nil {
			t.Fatal(err)
		}
	}
	if out["every.yaml"], err = os.ReadFile("testdata/every.yaml"); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestSchemaTakesEveryMappingFile(t *testing.T) {
	t.Parallel()
	for name, source := range sources(t) {
		if err := schemaFault(t, parsed(t, name, source)); err != nil {
			t.Errorf("%s: %#v", name, err)
		}
	}
}

// TestSchemaHasTheWordsOfTheTables looks for each construct in the schema and
// compares the words.
func TestSchemaHasTheWordsOfTheTables(t *testing.T) {
	t.Parallel()
	var doc any
	if err := json.Unmarshal(grammar.EditorSchema(), &doc); err != nil {
		t.Fatal(err)
	}
	found := map[string][]string{}
	var look func(v any)
	look = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, item := range v {
				look(item)
			}
		case map[string]any:
			what, _ := v["description"].(string)
			if props, ok := v["properties"].(map[string]any); ok && what != "" {
				found[what] = slices.Sorted(maps.Keys(props))
			}
			for _, item := range v {
				look(item)
			}
		}
	}
	look(doc)
	want := map[string][]string{}
	for _, table := range grammar.Tables() {
		if table == grammar.CheckWords {
			continue // its words stand in say: and error: alone
		}
		want[table.What] = slices.Sorted(slices.Values(append(table.Names(), "choice")))
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Errorf("words of the schema (-tables +schema)\n%s", diff)
	}
}

// mutation is a change of one node.
type mutation struct {
	name string
	make func(n *yml.Node, key bool) bool // false when it does not apply
}

func plainNode(tag, value string) *yml.Node {
	return &yml.Node{Kind: yml.Scalar, Tag: tag, Value: value}
}

func mapped(key string, v *yml.Node) *yml.Node {
	return &yml.Node{Kind: yml.Mapping, Tag: "!!map", Content: []*yml.Node{plainNode("!!str", key), v}}
}

var mutations = []mutation{
	{"another word", func(n *yml.Node, key bool) bool {
		n.Value += "x"
		return key
	}},
	{"a mapping", func(n *yml.Node, key bool) bool {
		*n = *mapped("zz", plainNode("!!int", "7"))
		return !key
	}},
	{"a list", func(n *yml.Node, key bool) bool {
		*n = yml.Node{Kind: yml.Sequence, Tag: "!!seq", Content: []*yml.Node{{Kind: yml.Sequence, Tag: "!!seq"}}}
		return !key
	}},
	{"a list of one", func(n *yml.Node, key bool) bool {
		old := *n
		*n = yml.Node{Kind: yml.Sequence, Tag: "!!seq", Content: []*yml.Node{&old}}
		return !key
	}},
	{"a number", func(n *yml.Node, key bool) bool {
		*n = *plainNode("!!int", "77")
		return !key
	}},
	{"a text", func(n *yml.Node, key bool) bool {
		*n = *plainNode("!!str", "zz top")
		return !key
	}},
	{"nothing", func(n *yml.Node, key bool) bool {
		*n = *plainNode("!!null", "null")
		return !key
	}},
	{"a mark", func(n *yml.Node, key bool) bool {
		old := *n
		*n = *mapped("is", &old)
		n.Content = append(n.Content, plainNode("!!str", "choice"), plainNode("!!str", "because"))
		return !key
	}},
}

// spots calls f for every node, as a key or as a value.
func spots(n *yml.Node, f func(n *yml.Node, key bool)) {
	for i, c := range n.Content {
		f(c, n.Kind == yml.Mapping && i%2 == 0)
		spots(c, f)
	}
}

// shapeFaults are messages about a word or the shape of its value, which a
// schema can know.
var shapeFaults = regexp.MustCompile(`^(no word|write (a |true|the list of stages)|.* must be a mapping|no verb ".*write one of|no (stage|codec|scheme|kind of limit|direction|occasion|alphabet|body) "|rules is a list|unique is a list)`)

// TestSchemaAgreesWithTheCompiler changes a file that has every word, at every
// place and in several ways. What the schema refuses the compiler refuses, and
// what the compiler refuses for a word or a shape the schema refuses.
func TestSchemaAgreesWithTheCompiler(t *testing.T) {
	t.Parallel()
	source := sources(t)["every.yaml"]
	count := 0
	spots(parsed(t, "every.yaml", source), func(*yml.Node, bool) { count++ })
	// Each mutation visits every seventh place, and others than its neighbours:
	// all of them would take a minute under the race detector.
	const stride = 7
	for offset, m := range mutations {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			for at := offset % stride; at < count; at += stride {
				root, i, line := parsed(t, "every.yaml", source), 0, 0
				applies := false
				spots(root, func(n *yml.Node, key bool) {
					if i == at {
						line = n.Line
						applies = m.make(n, key)
					}
					i++
				})
				if applies {
					agree(t, root, line)
				}
			}
		})
	}
}

func agree(t *testing.T, root *yml.Node, line int) {
	t.Helper()
	text, err := yml.Encode(root)
	if err != nil {
		t.Fatal(err)
	}
	_, compiled := compile.File("every.yaml", text)
	fault := schemaFault(t, root)
	if fault != nil && compiled == nil {
		t.Errorf("line %d: the schema refuses what compiles: %v", line, fault)
	}
	found, _ := compiled.(yml.Diagnostics)
	for _, f := range found {
		if shapeFaults.MatchString(f.Msg) && fault == nil {
			t.Errorf("line %d: the schema takes what does not compile: %v", line, f)
		}
	}
}

// TestSchemaAndCompilerRefuseTheSame shows what both find, in a file that is
// otherwise in order.
func TestSchemaAndCompilerRefuseTheSame(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ old, broken, fault string }{
		"a word of the file":     {"report: all", "reprot: all", `no word "reprot" in a dialect file`},
		"a word of a field":      {"len: 1..30", "lenn: 1..30", `no word "lenn" in a field line`},
		"a word of a member":     {"price: { to: price,", "price: { too: price,", `no word "too" in a field line`},
		"a word of about":        {"is: payment", "is: payment, are: payment", `no word "are" in about`},
		"a word of expires":      {"to: expired }", "to: expired, till: now }", `no word "till" in expires`},
		"a check":                {"error: { long: invalid }", "error: { longer: invalid }", `no word "longer" in checks of a field`},
		"a word out of a list":   {"report: all", "report: some", `no way to report "some"`},
		"a codec":                {"as: url", "as: urll", `no codec "urll"`},
		"a slot":                 {"to: title", "to: titel", `no canonical slot "titel"`},
		"a stage":                {"checks: [auth, limit", "checks: [auth, limits", `no stage "limits"`},
		"an alphabet":            {"alphabet: base62", "alphabet: base63", `no alphabet "base63"`},
		"no number":              {"count: 10", "count: ten", "write a whole number above zero here"},
		"no duration":            {"every: 1m", "every: a while", "write a duration"},
		"no range":               {"len: 1..30", "len: 1-30", "write a range"},
		"no boolean":             {"strict: true", "strict: perhaps", "write true or false here"},
		"no method":              {"at: DELETE /links", "at: REMOVE /links", `no method "REMOVE"`},
		"a list for a mapping":   {"audit:\n  resource: link\n  significant: { amount: 10%, title: any }", "audit: [link]", "audit must be a mapping"},
		"a mapping for a list":   {"over: [slug]", "over: { slug: 1 }", "write a list of slots"},
		"a text for a field":     {"title: { to: title, len", "titles: title\n      title: { to: title, len", "a field line must be a mapping"},
		"a class without status": {"internal: { status: 500 }", "internal: {}", "class internal needs status:"},
		"a limit without count":  {"count: 5, every: 1s", "every: 1s", "needs count:, as in { count: 100, every: 1m }"},
		"a field without target": {"word: { to: reference,", "word: { doc: none,", "exactly one of to:"},
		"a type as a mark":       {"success: { to: redirect.success, is: web, insecure: [localhost], fragment: refuse, userinfo: refuse, clear: null, absent: none }", "success: { is: web, choice: ours }", "a field line must be a mapping"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := sources(t)["every.yaml"]
			broken := bytes.Replace(source, []byte(c.old), []byte(c.broken), 1)
			if bytes.Equal(source, broken) {
				t.Fatalf("testdata/every.yaml has no %q", c.old)
			}
			if _, err := compile.File("every.yaml", broken); err == nil || !strings.Contains(err.Error(), c.fault) {
				t.Errorf("the compiler says %v, want %q", err, c.fault)
			}
			if schemaFault(t, parsed(t, "every.yaml", broken)) == nil {
				t.Error("the schema takes it")
			}
		})
	}
}
