package docs_test

import (
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/routes"
)

// TestFirstDialect takes every step of the walk from an empty file: what is
// wrong with the files so far is what the page says, and what they answer, too.
func TestFirstDialect(t *testing.T) {
	t.Parallel()
	const page = "first-dialect.md"
	mappings, fixtures := fstest.MapFS{}, fstest.MapFS{}
	var srv *routes.Server
	checked, asked := 0, 0
	text, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}
	out := string(text)
	blocks := read(t, page).Blocks
	for i, b := range blocks {
		if name, ok := strings.CutPrefix(b.Note, "file: mappings/"); ok {
			mappings[name], srv = &fstest.MapFile{Data: []byte(b.Text)}, nil
		}
		if name, ok := strings.CutPrefix(b.Note, "file: fixtures/"); ok {
			fixtures[name], srv = &fstest.MapFile{Data: []byte(b.Text)}, nil
		}
		switch {
		case strings.HasPrefix(b.Note, "diagnostics"):
			checked++
			got := diagnosticsOf(mappings, fixtures)
			if got == b.Text {
				continue
			}
			if !writing() {
				t.Errorf("%s:%d: the diagnostics are\n%s\nand the page has\n%s", page, b.Line, got, b.Text)
				continue
			}
			out = replaceBlock(out, b.Note, checked, got)
		case strings.HasPrefix(b.Note, "request: answers "):
			if srv == nil {
				srv = compileAll(t, mappings, fixtures).server(t)
			}
			asked++
			got := run(t, srv, b.Text)
			want := strings.TrimSpace(blocks[i+1].Text)
			pattern := "^" + strings.ReplaceAll(regexp.QuoteMeta(want), "…", `[^",{}]*`) + "$"
			if "request: answers "+strconv.Itoa(got.Code) != b.Note || !regexp.MustCompile(pattern).MatchString(got.Body.String()) {
				t.Errorf("%s:%d: answered %d %s\nwant %s", page, b.Line, got.Code, got.Body, want)
			}
		}
	}
	if checked < 6 || asked < 6 {
		t.Errorf("the page checks %d times and asks %d times; is its end cut off?", checked, asked)
	}
	if writing() && out != string(text) {
		if err := os.WriteFile(page, []byte(out), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// diagnosticsOf is what polylink check says of files.
func diagnosticsOf(mappings, fixtures fstest.MapFS) string {
	set, err := compile.Compile(mappings, nil)
	if err == nil {
		_, err = seed.Load(fixtures, set)
	}
	if err == nil {
		return set.Dialects[0].Name + ": ok\n"
	}
	return err.Error() + "\n"
}

var diagnosticBlock = regexp.MustCompile("(?s)<!-- diagnostics[^>]*-->\n```text\n.*?```")

// replaceBlock writes the text of the n-th block of diagnostics anew.
func replaceBlock(page, note string, n int, text string) string {
	i := 0
	return diagnosticBlock.ReplaceAllStringFunc(page, func(old string) string {
		if i++; i != n {
			return old
		}
		return "<!-- " + note + " -->\n```text\n" + text + "```"
	})
}
