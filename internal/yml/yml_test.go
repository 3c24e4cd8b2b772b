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
		"a broken second":  {"a: 1\n---\nb: [\n", "f:3:1: not valid YAML: did not find expected node content"},
		"a tab":            {"a:\n\t- 1\n", "f:2:1: not valid YAML: found character that cannot start any token"},
		"a NUL":            {"a: \x00\n", "f:1:1: not valid YAML: control characters are not allowed"},
		"too large":        {strings.Repeat("#", MaxSize+1), fmt.Sprintf("f:1:1: the file is larger than %d bytes; split it", MaxSize)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, faults := Parse("f", []byte(c.src))
			if diff := cmp.Diff(c.want, faults.Error()); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if (faults.Err() == nil) != (c.want == "") {
				t.Errorf("Err is %v", faults.Err())
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

func TestFaultsAreSortedAndSaidOnce(t *testing.T) {
	t.Parallel()
	fs := Faults{{"b", 1, 1, "x"}, {"a", 2, 1, "x"}, {"a", 1, 2, "x"}, {"a", 1, 1, "y"}, {"a", 1, 1, "x"}, {"a", 1, 1, "y"}}
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
		{"", []string{"a"}, "a"},
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
		_, faults := Parse("f", src)
		for _, fault := range faults {
			if fault.Line < 1 || fault.Col < 1 || fault.Msg == "" {
				t.Fatalf("a fault without a place: %#v", fault)
			}
		}
	})
}
