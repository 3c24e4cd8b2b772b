package compile_test

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/failures"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/dialect/template"
	"github.com/polylink-dev/polylink/internal/doctest"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// referenceFile is the reference of the mapping language.
const referenceFile = "../../docs/mappings.md"

func reference(t testing.TB) *doctest.Doc {
	t.Helper()
	text, err := os.ReadFile(referenceFile)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := doctest.Read(string(text))
	if err != nil {
		t.Fatalf("%s: %v", referenceFile, err)
	}
	return doc
}

// around is the dialect that fragments of the reference are put into.
const around = `dialect: t
errors:
  body: { error: $message }
  classes: { internal: { status: 500 }, invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 } }
resources:
  customer: { id: { uuid: 4 }, fields: { id: { to: id, dir: out }, name: { to: name } } }
  price: { id: { uuid: 4 }, fields: { id: { to: id, dir: out } } }
  link: { id: { uuid: 4 }, fields: { id: { to: id, dir: out }, cost: { to: ext.cost, exists: price } } }
operations:
  link.create: { at: POST /links }
  link.list: { at: GET /links, answer: { data: $items } }
  link.get: { at: "GET /links/{id}" }
  link.update: { at: "PATCH /links/{id}" }
`

// contexts says where the entries of a fragment go.
var contexts = map[string][]string{
	"dialect": {}, "resource": {"resources", "link"}, "field": {"resources", "link", "fields"}, "operation": {"operations"}, "class": {"errors", "classes"},
}

// example is one example of the reference: a whole dialect, and the message
// with which it is refused, if it is.
type example struct {
	block   doctest.Block
	file    string
	source  []byte
	refused string
}

// examples makes a dialect of every YAML block that shows the language.
func examples(t testing.TB) []example {
	t.Helper()
	var out []example
	for _, b := range reference(t).Blocks {
		if b.Lang != "yaml" {
			continue
		}
		x := example{block: b, file: "t.yaml", source: []byte(b.Text)}
		context := ""
		context, x.refused, _ = strings.Cut(b.Note, ", refused: ")
		name, isFile := strings.CutPrefix(b.Note, "file: my/mappings/")
		at, isFragment := contexts[context]
		switch {
		case isFile:
			x.file = name
		case context == "complete":
			x.file = yml.Get(parsed(t, x.file, x.source), "dialect").Value + ".yaml"
		case isFragment:
			x.source = wrap(t, b, at)
		case context == "config" || strings.HasPrefix(b.Note, "file: my/fixtures/"):
			continue
		default:
			t.Fatalf("%s:%d: the line above an example says where it goes, as in <!-- field -->", referenceFile, b.Line)
		}
		out = append(out, x)
	}
	if len(out) == 0 {
		t.Fatalf("%s has no examples", referenceFile)
	}
	return out
}

// wrap puts the entries of a fragment into the dialect around it, in place of
// those that have the same name.
func wrap(t testing.TB, b doctest.Block, at []string) []byte {
	t.Helper()
	root := parsed(t, "t.yaml", []byte(around))
	into := root
	for _, key := range at {
		into = yml.Get(into, key)
	}
	fragment := parsed(t, "fragment", []byte(b.Text))
	for i := 0; i+1 < len(fragment.Content); i += 2 {
		k, v := fragment.Content[i], fragment.Content[i+1]
		if old := yml.Get(into, k.Value); old != nil {
			*old = *v
			continue
		}
		into.Content = append(into.Content, k, v)
	}
	out, err := yml.Encode(root)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestExamplesOfTheReferenceCompile(t *testing.T) {
	t.Parallel()
	for _, x := range examples(t) {
		_, err := compile.File(x.file, x.source)
		switch {
		case x.refused == "" && err != nil:
			t.Errorf("%s:%d: %v", referenceFile, x.block.Line, err)
		case x.refused != "" && (err == nil || !strings.Contains(err.Error(), x.refused)):
			t.Errorf("%s:%d: got %v, want %q", referenceFile, x.block.Line, err, x.refused)
		}
	}
}

func TestSchemaTakesTheExamplesOfTheReference(t *testing.T) {
	t.Parallel()
	for _, x := range examples(t) {
		fault := schemaFault(t, parsed(t, x.file, x.source))
		switch {
		case x.refused == "" && fault != nil:
			t.Errorf("%s:%d: %v", referenceFile, x.block.Line, fault)
		case strings.HasPrefix(x.refused, "no word") && fault == nil:
			t.Errorf("%s:%d: the schema takes what is refused with %q", referenceFile, x.block.Line, x.refused)
		}
	}
}

// construct finds the table that the headings above something are about.
func construct(headings []string) *grammar.Table {
	for i := len(headings) - 1; i >= 0; i-- {
		for _, t := range grammar.Tables() {
			if strings.EqualFold(t.What, headings[i]) {
				return t
			}
		}
	}
	return nil
}

func TestReferenceHasEveryWordAndNoOther(t *testing.T) {
	t.Parallel()
	have := map[string][]string{}
	for _, row := range reference(t).Rows {
		if row.Columns[0] != "word" {
			continue
		}
		table, word := construct(row.Headings), row.Word(0)
		if table == nil || word == "" {
			t.Errorf("%s:%d: a table of words stands under the name of its mapping, and its rows begin with a word", referenceFile, row.Line)
			continue
		}
		have[table.What] = append(have[table.What], word)
	}
	for _, table := range grammar.Tables() {
		sameWords(t, "words of "+table.What, table.Names(), have[table.What])
	}
}

func sameWords(t *testing.T, what string, want, have []string) {
	t.Helper()
	if len(want) == 0 {
		t.Errorf("%s: there are none", what)
	}
	want, have = slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(have))
	if diff := cmp.Diff(want, have); diff != "" {
		t.Errorf("%s in %s (-language +reference)\n%s", what, referenceFile, diff)
	}
}

// TestReferenceShowsEveryWord looks for each word as a key of an example in
// its own section.
func TestReferenceShowsEveryWord(t *testing.T) {
	t.Parallel()
	shown := map[*grammar.Table]map[string]bool{}
	for _, b := range reference(t).Blocks {
		for i := range b.Headings {
			table := construct(b.Headings[:i+1])
			if b.Lang != "yaml" || table == nil {
				continue
			}
			if shown[table] == nil {
				shown[table] = map[string]bool{}
			}
			keys(parsed(t, "example", []byte(b.Text)), shown[table])
		}
	}
	for _, table := range grammar.Tables() {
		for _, w := range table.Words {
			if !shown[table][w.Name] {
				t.Errorf("%s: the section on %s has no example with %s:", referenceFile, table.What, w.Name)
			}
		}
	}
}

func keys(n *yml.Node, into map[string]bool) {
	for i, c := range n.Content {
		if n.Kind == yml.Mapping && i%2 == 0 {
			into[c.Value] = true
		}
		keys(c, into)
	}
}

// TestReferenceHasEveryName compares the lists of names that are no words of a
// mapping.
func TestReferenceHasEveryName(t *testing.T) {
	t.Parallel()
	have, parent := map[string][]string{}, map[string]string{}
	for _, row := range reference(t).Rows {
		column := row.Columns[0]
		if column == "variable" {
			column += " " + row.Headings[len(row.Headings)-1]
		}
		name, _, _ := strings.Cut(row.Word(0), "(")
		have[column] = append(have[column], name)
		if column == "code" {
			parent[name] = row.Word(1)
		}
	}
	var codes []string
	for _, c := range record.Codes() {
		codes = append(codes, string(c))
		if got := parent[string(c)]; got != string(c.Parent()) {
			t.Errorf("%s: %s falls back to %q, not to %q", referenceFile, c, c.Parent(), got)
		}
	}
	plain := append(template.Variables(), "header.NAME", "query.NAME", "account.SLOT", "credential.SLOT", "it.SLOT", "old.SLOT",
		"parent.SLOT", "about.SLOT")
	sameWords(t, "error codes", codes, have["code"])
	sameWords(t, "stages", grammar.StageNames.Words, have["stage"])
	sameWords(t, "verbs", grammar.VerbNames.Words, have["verb"])
	sameWords(t, "codecs", grammar.CodecNames(), have["`as`"])
	sameWords(t, "variables", plain, have["variable Variables"])
	sameWords(t, "variables in events", template.EventVariables(), have["variable In events"])
	onPages := []string{"outcome", "link.SLOT", "session.SLOT"}
	for _, input := range grammar.Inputs.Words {
		onPages = append(onPages, "input."+input)
	}
	sameWords(t, "variables on pages", onPages, have["variable On hosted pages"])
	sameWords(t, "variables in errors", slices.Collect(maps.Keys(failures.RefusalWords())), have["variable In errors"])
	sameWords(t, "functions", template.Functions(), have["function"])
}
