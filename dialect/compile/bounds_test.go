package compile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
)

// TestFieldsWithoutABoundAreWarnedOf compiles lines in pairs: what takes a field up,
// and the field.
func TestFieldsWithoutABoundAreWarnedOf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ made, field, want string }{
		{`{ value: '$(it.title + "x")' }`, `{ to: title }`, `b has no len: and feeds + in line 8, which fails past 64 KiB; bound it, as in len: ..500`},
		{`{ value: '$(it.title + "x")' }`, `{ to: title, len: ..80 }`, ``},
		{`{ value: '$(it.title + "x")' }`, `{ to: title, as: word, one_of: [a, b] }`, ``},
		{`{ value: '$(it.title + "x")' }`, `{ to: title, dir: out }`, ``},
		{`{ value: '$(it.title == "x" ? "y" + "z" : "z")' }`, `{ to: title }`, ``},
		{`{ value: '$(it.title)' }`, `{ to: title }`, `b has no len: and feeds an expression in line 8`},
		{`{ value: "$it.title" }`, `{ to: title }`, ``},
		{`{ value: '$(upper(has(it.slug) ? it.title : it.slug))' }`, `{ to: title }`, `b has no len: and feeds upper() in line 8`},
		{`{ value: '$(let x = it.title; x + x)' }`, `{ to: title }`, `b has no len: and feeds + in line 8`},
		{`{ value: '$(join(map(split(it.title, ","), upper(#)), "-"))' }`, `{ to: title }`, `b has no len: and feeds split() in line 8`},
		{`{ text: "{it.title}/{it.id}" }`, `{ to: title }`, `b has no len: and feeds a text with holes in line 8`},
		{`{ text: "{it.title}" }`, `{ to: title }`, ``},
		{`{ value: "$(it.amount + 1)" }`, `{ to: amount, as: money.minor }`, ``},
		{`{ value: '$("x" + it.ext.note)' }`, `{ to: ext.note }`, `b has no len: and feeds + in line 8`},
		{`{ value: '$("x" + it.ext.note.deep)' }`, `{ to: ext.note, as: json }`, `b has no bytes: and feeds + in line 8, which fails past 64 KiB; bound it, as in bytes: ..16384`},
		{`{ value: '$("x" + it.metadata.deep)' }`, `{ to: metadata, as: map, bytes: ..500 }`, ``},
		{`{ value: "$(sum(it.items, .n))" }`, `{ to: items, as: list, each: { n: { to: n, as: int } } }`, `b has no items: and feeds map() in line 8, which fails past 10000 items; bound it, as in items: ..100`},
		{`{ value: "$(sum(it.items, .n))" }`, `{ to: items, as: list, items: ..9, each: { n: { to: n, as: int } } }`, ``},
		{`{ value: '$(it.items[0].name + "x")' }`, `{ to: items, as: list, items: ..9, each: { n: { to: name } } }`, `b.n has no len: and feeds + in line 8`},
		{`{ value: "$(all(it.items, .name != \"\"))" }`, `{ to: items, as: list, items: ..9, each: { n: { to: name } } }`, ``},
		{`{ value: '$(join(it.methods.types, ","))' }`, `{ to: methods.types, as: list, items: ..9, of: { as: string } }`, `b has no len: and feeds join() in line 8`},
	} {
		src := fmt.Sprintf(dialecttest.Small, "", "      a: "+c.made+"\n      b: "+c.field)
		d, err := compile.File("t.yaml", []byte(src))
		if err != nil {
			t.Errorf("%s with %s: %v", c.made, c.field, err)
			continue
		}
		want := c.want
		if want != "" {
			want = "t.yaml:9:7: warning: " + want
		}
		var got []string
		for _, w := range d.Warnings {
			got = append(got, w.Error())
		}
		if all := strings.Join(got, "\n"); !strings.HasPrefix(all, want) || want == "" && all != "" || len(got) > 1 {
			t.Errorf("%s with %s (-want +got)\n%s", c.made, c.field, cmp.Diff(want, all))
		}
	}
}

func TestShippedFilesHaveNoWarnings(t *testing.T) {
	t.Parallel()
	for _, d := range dialecttest.Shipped(t).Dialects {
		for _, w := range d.Warnings {
			t.Error(w)
		}
	}
}
