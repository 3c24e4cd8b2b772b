package compile_test

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/record"
)

// diagnosticsFile holds broken files, each with its diagnostics behind it.
const diagnosticsFile = "testdata/diagnostics.txtar"

// TestDiagnosticsNameTheirLines compiles the broken files of testdata/diagnostics.txtar,
// each as t.yaml, and compares all diagnostics of each.
func TestDiagnosticsNameTheirLines(t *testing.T) {
	t.Parallel()
	archive, err := txtar.ParseFile(diagnosticsFile)
	if err != nil {
		t.Fatal(err)
	}
	files := archive.Files
	if len(files) < 40 || len(files)%2 != 0 {
		t.Fatalf("%d files, want pairs of a source and its diagnostics, 20 at least", len(files))
	}
	for i := 0; i < len(files); i += 2 {
		name, ok := strings.CutSuffix(files[i].Name, ".yaml")
		if !ok || files[i+1].Name != name+".diagnostics" {
			t.Fatalf("%s is followed by %s", files[i].Name, files[i+1].Name)
		}
		if os.Getenv("POLYLINK_GOLDEN") == "write" {
			if _, err := compile.File("t.yaml", files[i].Data); err != nil {
				files[i+1].Data = []byte(err.Error() + "\n")
			}
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := compile.File("t.yaml", files[i].Data)
			if err == nil {
				t.Fatal("it compiled")
			}
			if diff := cmp.Diff(string(files[i+1].Data), err.Error()+"\n"); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
	if os.Getenv("POLYLINK_GOLDEN") == "write" {
		if err := os.WriteFile(diagnosticsFile, txtar.Format(archive), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestAMistakeIsOneDiagnostic leaves a letter out of each word of a mapping, one at
// a time. That is one diagnostic, or none where the word is the provider's; only a
// name that is misspelt where it is defined is missing wherever it is used.
func TestAMistakeIsOneDiagnostic(t *testing.T) {
	t.Parallel()
	data, err := mappings.FS.ReadFile("kirimdev.yaml")
	if err != nil {
		t.Fatal(err)
	}
	noticed := 0
	for i, at := range regexp.MustCompile(`[a-z_.]{3,}(: |:\n|,| })`).FindAllIndex(data, -1) {
		if i%3 > 0 {
			continue // all of them would take long under the race detector
		}
		word := regexp.MustCompile(`^[a-z_.]+`).Find(data[at[0]:at[1]])
		cut := at[0] + len(word) - 1
		_, err := compile.File("kirimdev.yaml", slices.Concat(data[:cut], data[cut+1:]))
		found, _ := errors.AsType[yml.Diagnostics](err)
		if len(found) > 0 {
			noticed++
		}
		found = slices.DeleteFunc(found, func(f yml.Diagnostic) bool {
			return strings.HasSuffix(f.Msg, fmt.Sprintf("did you mean %q", word[:len(word)-1]))
		})
		if len(found) > 1 {
			t.Errorf("%s without its last letter:\n%v", word, found)
		}
	}
	if noticed < 100 {
		t.Errorf("%d of the mistakes were found, want 100 at least", noticed)
	}
}

func TestDiagnosticsOfSeveralFilesComeTogether(t *testing.T) {
	t.Parallel()
	good := fmt.Sprintf(dialecttest.Small, "hosts: [a.example]", "      a: { to: title }")
	other := strings.Replace(good, "dialect: t", "dialect: u", 1)
	for name, c := range map[string]struct {
		fs   fstest.MapFS
		want string
	}{
		"no files":  {dialecttest.Files("x/t.yaml", good), "there are no *.yaml files"},
		"two hosts": {dialecttest.Files("t.yaml", good, "u.yaml", other), "u.yaml:2:9: host a.example also belongs to dialect t; remove it from one"},
		"two files": {dialecttest.Files("b.yaml", "dialect: c", "a.yaml", "title: A"),
			"a.yaml:1:1: no dialect: line; write dialect: a\n" +
				"a.yaml:1:1: no errors: section; every dialect needs an error envelope and a catalogue\n" +
				"a.yaml:1:1: no operations: section; bind at least one method and path\n" +
				"b.yaml:1:1: no errors: section; every dialect needs an error envelope and a catalogue\n" +
				"b.yaml:1:1: no operations: section; bind at least one method and path\n" +
				`b.yaml:1:10: the dialect is called "c" and its file "b.yaml"; give both the same name`},
	} {
		_, err := compile.Compile(c.fs, nil)
		if diff := cmp.Diff(c.want, fmt.Sprint(err)); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

// override reads a value as the configuration file has it, in its line 7.
func override(t testing.TB, dialect, path, value string) compile.Override {
	t.Helper()
	n, found := yml.Parse("config.yaml", []byte(strings.Repeat("\n", 6)+"v: "+value+"\n"))
	if len(found) > 0 {
		t.Fatal(found)
	}
	return compile.Override{Dialect: dialect, Path: path, File: "config.yaml", Node: yml.Get(n, "v")}
}

func TestOverridesReplaceOneValue(t *testing.T) {
	t.Parallel()
	source := strings.Replace(fmt.Sprintf(dialecttest.Small, `unknown: { is: ignore, choice: "ours" }`, `      a.b: { to: title, len: { is: ..3, choice: short }, clear: null }
      a.c: { to: slug }`), "small", "t", 1)
	for name, c := range map[string]struct {
		path, value, dialect string
		want                 string // an error, or what was changed
	}{
		"a word":               {"report", "all", "t", "all=true unknown=ignore len=3"},
		"a marked word":        {"unknown", "refuse", "t", "all=false unknown=refuse len=3"},
		"inside a dotted name": {"resources.link.fields.a.b.len", "..9", "t", "all=false unknown=ignore len=9"},
		"a whole line":         {"resources.link.fields.a.b", "{ to: title }", "t", "all=false unknown=ignore len=-1"},
		"a new key":            {"resources.link.fields.a.b.need", "create", "t", "all=false unknown=ignore len=3 need"},
		"a wrong value":        {"unknown", "drop", "t", `config.yaml:7:4: no way with unknown fields "drop"; write one of ignore, refuse`},
		"a wrong word in it":   {"resources.link.fields.a.b", "{ too: title, to: title }", "t", `config.yaml:7:6: no word "too" in a field line, did you mean "to"`},
		"an unknown word":      {"unknwn", "refuse", "t", `config.yaml:7:4: no word "unknwn" in a dialect file, did you mean "unknown"`},
		"an unknown path":      {"resources.lnk.noun", "x", "t", "config.yaml:7:4: dialect t has no value at resources.lnk.noun"},
		"below a value":        {"unknown.is.x", "x", "t", "config.yaml:7:4: dialect t has no value at unknown.is.x"},
		"an unknown dialect":   {"unknown", "refuse", "tt", `config.yaml:7:4: no dialect "tt", did you mean "t"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := compile.Compile(dialecttest.Files("t.yaml", source), []compile.Override{override(t, c.dialect, c.path, c.value)})
			got := fmt.Sprint(err)
			if err == nil {
				d := set.Dialect("t")
				f := d.Resources["link"].Field("a.b")
				got = fmt.Sprintf("all=%v unknown=%s len=%d", d.ReportAll, d.Unknown, f.Codec.(*codec.Text).Len.Max)
				if f.Need == dialect.NeedCreate {
					got += " need"
				}
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestChoicesAreCollectedWithTheirLines(t *testing.T) {
	t.Parallel()
	d := dialecttest.Compile(t, `unknown: { is: ignore, choice: "one" }`, "a: { to: title, len: { is: ..3, choice: two }, choice: three }\nb: { value: { choice: not one } }")
	want := []dialect.Choice{
		{Path: "unknown", File: "t.yaml", Line: 2, Is: `"ignore"`, Why: "one"},
		{Path: "resources.link.fields.a.len", File: "t.yaml", Line: 8, Is: `"..3"`, Why: "two"},
		{Path: "resources.link.fields.a", File: "t.yaml", Line: 8, Why: "three"},
	}
	if diff := cmp.Diff(want, d.Choices); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestCompilingTwiceGivesTheSame(t *testing.T) {
	t.Parallel()
	describe := func() string {
		set, err := compile.Compile(mappings.FS, nil)
		if err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		for _, d := range set.Dialects {
			fmt.Fprintln(&b, d.Name, d.Choices, d.Checks, d.ErrorCodes())
			for _, op := range d.Operations {
				fmt.Fprintln(&b, op.Name, op.Method, op.Path)
			}
			for _, name := range []string{"link", "customer", "price", "product"} {
				res := d.Resources[name]
				if res == nil {
					continue
				}
				e := dialecttest.Env()
				e.It = record.New(res.Schema, d.Name)
				fmt.Fprintf(&b, "%s %s\n", name, res.Encode(nil, e))
				for _, f := range res.Fields {
					fmt.Fprintln(&b, f.Path, f.Line, f.In, f.Out, f.Clear, f.Say != nil)
				}
			}
		}
		return b.String()
	}
	first := describe()
	for range 2 {
		if diff := cmp.Diff(first, describe()); diff != "" {
			t.Fatalf("(-first +again)\n%s", diff)
		}
	}
	archive, err := txtar.ParseFile("testdata/diagnostics.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(archive.Files); i += 2 {
		for range 3 {
			if _, err := compile.File("t.yaml", archive.Files[i].Data); err == nil || err.Error()+"\n" != string(archive.Files[i+1].Data) {
				t.Fatalf("%s: the diagnostics differ from run to run:\n%v", archive.Files[i].Name, err)
			}
		}
	}
}

// TestWordsOfOtherLanguagesAreAnswered has authors write what they know from
// elsewhere.
func TestWordsOfOtherLanguagesAreAnswered(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"x: { to: title, required: true }":                       "no word \"required\" in a field line; write need: create",
		"x: { to: title, max_length: 5 }":                        "write len: ..500",
		"x: { to: ext.x, as: integer }":                          "no codec \"integer\"; write as: int",
		"x: { to: ext.x, as: boolean }":                          "write as: bool",
		"x: { to: ext.x, as: array }":                            "write as: list",
		"x: { to: order_id }":                                    "for a place of your own write ext.order_id",
		"x: { to: ext.x, each: { a: { to: a } } }":               "each: is a word of as: list, or as: object; write that beside it",
		"x: { to: completion.limit }":                            "a line without as: is a text; write as: int",
		"x: { to: version, as: int }":                            "version is counted with every change",
		"x: { value: '$(it.title == nil)' }":                     "it.title is never nil; write has(it.title)",
		"x: { value: '$(it.ext.n < 3)' }":                        "it.ext.n may be unset",
		"x: { to: ext.x, as: object, each: { a.b: { to: a } } }": "a member has no dots",
		"x: { to: ext.x, copy: a.b }":                            "copy: works in the objects of a list",
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()
			_, err := compile.File("t.yaml", fmt.Appendf(nil, dialecttest.Small, "", "      "+line))
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("want %q, got %v", want, err)
			}
		})
	}
}
