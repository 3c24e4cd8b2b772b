package yml

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParseNamesWhatItDoesNotTake(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ src, want string }{
		"good":             {"a: 1\nb: [x, { c: d }]\n", ""},
		"empty":            {"", ""},
		"a comment":        {"# nothing\n", ""},
		"an anchor":        {"a: &x 1\nb: *x\n", "f:1:4: anchors and aliases are not taken; write the value out\nf:2:4: anchors and aliases are not taken; write the value out"},
		"a tag":            {"a: !!binary x\n", "f:1:4: tags are not taken; write the value without !!binary"},
		"a tag of its own": {"a: !own [1]\n", "f:1:4: tags are not taken; write the value without !own"},
		"a key twice":      {"a: 1\nb: { c: 1, c: 2 }\n", `f:2:12: key "c" is written twice, first in line 2; remove one`},
		"a complex key":    {"? [a, b]\n: 1\n", "f:1:3: a key must be a plain word"},
		"two documents":    {"a: 1\n---\nb: 1\n", "f:2:1: a second document starts here; put it into a file of its own"},
		"a broken second":  {"a: 1\n---\nb: [\n", "f:3:4: not valid YAML: did not find expected node content; close the bracket that opens here"},
		"a NUL":            {"a: \x00\n", "f:1:4: not valid YAML: control characters are not allowed; remove the character here"},
		"too large":        {strings.Repeat("#", MaxSize+1), fmt.Sprintf("f:1:1: the file is larger than %d bytes; split it", MaxSize)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, found := Parse("f", []byte(c.src))
			if diff := cmp.Diff(c.want, found.Error()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if (found.Err() == nil) != (c.want == "") {
				t.Errorf("Err is %v", found.Err())
			}
		})
	}
}

// TestSyntaxDiagnosticsStandAtTheText compares places and hints; what the library
// says stands between them.
func TestSyntaxDiagnosticsStandAtTheText(t *testing.T) {
	t.Parallel()
	const deep = "a: 1\nb:\n"
	indent, opens := "indent the line as those that it belongs to", "close the bracket that opens here"
	for name, c := range map[string]struct{ src, at, hint string }{
		"a tab":                      {deep + "\tx: 1\n", "3:1", "indent with blanks, not tabs"},
		"a tab behind blanks":        {deep + "  x:\n  \ty: 1\n", "4:3", "indent with blanks, not tabs"},
		"a variable in a path":       {deep + "  x: { at: GET /links/{id}, ok: 200 }\n  y: { at: GET /b }\n", "3:12", quoteHint},
		"it in the first line":       {"x: { at: GET /links/{id} }\n", "1:10", quoteHint},
		"it with CRLF":               {"a: 1\r\nx: { at: GET /links/{id} }\r\n", "2:10", quoteHint},
		"a brace too many":           {deep + "  x: { at: GET /id} }\n  y: 1\n", "3:12", quoteHint},
		"holes":                      {deep + "  x: { status: 400, message: {field} {why} }\n", "3:30", quoteHint},
		"holes outside of brackets":  {deep + "  x: {field} {why}\n  y: 1\n", "3:6", quoteHint},
		"a colon in a text":          {deep + "  x: text: more\n", "3:6", quoteHint},
		"it in brackets":             {deep + "  x: { m: text: more }\n", "3:11", quoteHint},
		"a condition with quotes":    {deep + "  - { when: \"x\" == y }\n", "3:13", quoteHint},
		"a choice":                   {deep + "  - { when: a ? b : c }\n", "3:13", quoteHint},
		"behind a block text":        {"a: |\n  x: {y} z: 1\nc: {d} e\n", "3:4", quoteHint},
		"a closing bracket":          {deep + "  x: ]\n", "3:6", quoteHint},
		"no blank":                   {deep + "  x:y\n  z: 1\n", "3:5", "write a blank behind the colon"},
		"an outdented key":           {deep + "    x: 1\n  y: 1\n", "4:3", indent},
		"an indented key":            {deep + "  x: 1\n   y: 1\n", "4:4", indent},
		"an item among keys":         {deep + "  x: 1\n  - y\n", "4:3", indent},
		"no colon":                   {"a: 1\nb\nc: 1\n", "2:1", "write key: value"},
		"an unknown anchor":          {deep + "  x: { y: *nope }\n", "3:11", `quote a text that begins with *, as in "*nope"`},
		"a star":                     {deep + "  x: { like: * }\n", "3:14", "quote a text that begins with *"},
		"an at sign":                 {deep + "  x: @y\n", "3:6", "quote a text that begins with @"},
		"a quote without end":        {deep + "  x: \"y\n  z: 1\n", "3:6", "close the quote that begins here"},
		"a bracket without end":      {deep + "  x: { y: 1\n", "3:6", opens},
		"a bracket that is not shut": {deep + "  x: { y: 1\n  z: { y: 1 }\n", "4:3", "put a comma before it, or close the bracket that opens in line 3"},
		"a slash that is escaped":    {deep + "  - { y: 1,\n      t: \"Tea https:\\/\\/x.example\" }\n", "4:21", noSlash},
		"it outside of brackets":     {deep + "  - t: 'a'\n    u: \"é\\/\"\n", "4:10", noSlash},
		"an escape that is none":     {deep + "  x: \"C:\\dir\"\n", "3:9", noEscape},
		"it in a second line":        {deep + "  x: \"one\n    two \\d three\"\n", "4:9", noEscape},
		"behind good escapes":        {deep + "  x: \"\\n \\\\ \\x41 \\u00e9 \\U0001F600 \\d\"\n", "3:36", noEscape},
		"digits that are missing":    {deep + "  x: \"\\x1z\"\n", "3:7", noCharacter},
		"half a pair":                {deep + "  x: \"\\ud800\"\n", "3:7", noCharacter},
		"a quote in quotes":          {deep + "  x: 'it's'\n", "3:6", "with '' for each ' in it"},
		"words behind quotes":        {deep + "  x: \"y\" z\n", "3:6", `with \" for each " in it`},
		"a first quote without end":  {"\"a: 1\nb: 2\n", "1:1", closeQuote},
		"a document in a quote":      {deep + "  x: \"y\n---\nz\"\n", "3:6", closeQuote},
		"an item behind a key":       {deep + "  x: - y\n", "3:6", "quote a text that begins with -"},
		"a question mark":            {deep + "  x: ? y\n", "3:6", "quote a text that begins with ?"},
		"two commas":                 {deep + "  x: [1,,2]\n", "3:9", "write an entry before the comma, or remove it"},
		"a comma first":              {deep + "  x: { , y: 1 }\n", "3:8", "write an entry before the comma, or remove it"},
		"a text behind a bar":        {deep + "  x: |y\n    z\n", "3:6", "write | alone and the text below it, or quote the text"},
		"half a tag":                 {deep + "  x: !<y z\n", "3:6", "quote a text that begins with !"},
		"a document that ended":      {"a: 1\n...\nb: 2\n", "3:1", "a file has one document: remove the line --- or ... before it"},
		"UTF-16":                     {"\xff\xfea", "1:1", "save the file as UTF-8"},
		"no comma":                   {"a: {\n  b: 1\n  c: 2 }\n", "3:3", "put a comma before it, or close the bracket that opens in line 1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, found := Parse("f", []byte(c.src))
			got := found.Error()
			if !strings.HasPrefix(got, "f:"+c.at+": not valid YAML: ") || !strings.HasSuffix(got, c.hint) {
				t.Errorf("got %q, want it at %s, with %q at the end", got, c.at, c.hint)
			}
		})
	}
}

func TestIntoRefusesKeysThatAreNotThere(t *testing.T) {
	t.Parallel()
	type settings struct {
		Port int
		Name string
	}
	for src, want := range map[string]string{
		"port: 80\nname: x\n":     "",
		"":                        "",
		"prt: 80\nname: [a]\n":    "f:1:1: field prt not found in type yml.settings\nf:2:1: cannot unmarshal !!seq into string",
		"port: eighty\n":          "f:1:1: cannot unmarshal !!str `eighty` into int",
		"port: &a 80\nname: *a\n": "f:1:7: anchors and aliases are not taken; write the value out\nf:2:7: anchors and aliases are not taken; write the value out",
	} {
		var s settings
		if diff := cmp.Diff(want, Into("f", []byte(src), &s).Error()); diff != "" {
			t.Errorf("%q (-want +got)\n%s", src, diff)
		}
	}
}

func TestDiagnosticsAreSortedAndSaidOnce(t *testing.T) {
	t.Parallel()
	fs := Diagnostics{{"b", 1, 1, "x"}, {"a", 2, 1, "x"}, {"a", 1, 2, "x"}, {"a", 1, 1, "y"}, {"a", 1, 1, "x"}, {"a", 1, 1, "y"}}
	fs.Sort()
	want := "a:1:1: x\na:1:1: y\na:1:2: x\na:2:1: x\nb:1:1: x"
	if diff := cmp.Diff(want, fs.Error()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTheNearestWordDoesNotDependOnTheOrder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word  string
		words []string
		want  string
	}{
		{"titel", []string{"slug", "title"}, "title"},
		{"ac", []string{"ab", "aa"}, "aa"},
		{"ac", []string{"aa", "ab"}, "aa"},
		{"xyz", []string{"title"}, ""},
		{"", []string{"a"}, ""},
		{"nope", []string{"scope"}, ""},
		{"foo", []string{"now"}, ""},
		{"fooo", []string{"fo", "foo"}, "foo"},
		{"lenn", []string{"len"}, "len"},
		{"internl", []string{"internal"}, "internal"},
		{"message", []string{"passage"}, "passage"},
		{"messages", []string{"passengs"}, ""},
		{"expired_credental", []string{"expired_credential"}, "expired_credential"},
		{strings.Repeat("x", 1<<20), []string{"x"}, ""},
		{"x", nil, ""},
	} {
		if got := Nearest(c.word, c.words); got != c.want {
			t.Errorf("Nearest(%.9q, %v) = %q, want %q", c.word, c.words, got, c.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, s := range []string{"", "a: 1", "a: [b, {c: d}]", "a: &x 1\nb: *x", "- !t x", "? a\n: b", "a: |\n  x\n", "---\n---\n", "\t", strings.Repeat("[", 200), "a: 'x"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		_, found := Parse("f", src)
		for _, diagnostic := range found {
			if diagnostic.Line < 1 || diagnostic.Col < 1 || diagnostic.Msg == "" {
				t.Fatalf("a diagnostic without a place: %#v", diagnostic)
			}
		}
	})
}

func TestLettersThatChangedPlacesAreOneEdit(t *testing.T) {
	t.Parallel()
	for words, want := range map[[2]string]int{{"tial", "tail"}: 1, {"tail", "tail"}: 0, {"", "ab"}: 2, {"ab", "ba"}: 1, {"kitten", "sitting"}: 3, {"abc", "ca"}: 3, {"sevre", "serve"}: 1} {
		if got := Distance(words[0], words[1]); got != want || Distance(words[1], words[0]) != want {
			t.Errorf("between %q and %q are %d edits, want %d", words[0], words[1], got, want)
		}
	}
	if got := Nearest("tial", []string{"serve", "tail", "check"}); got != "tail" {
		t.Errorf("the nearest to tial is %q", got)
	}
}
