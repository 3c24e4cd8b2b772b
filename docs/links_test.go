package docs_test

import (
	"io/fs"
	"maps"
	"os"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
)

var (
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	dropped = regexp.MustCompile(`[^\p{L}\p{N}_ -]`)
)

// anchors are the places in a document that a link can lead to.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(text, ""), -1) {
		found[strings.ReplaceAll(dropped.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return found
}

// brokenLinks follows the links of a document to files and headings. Those that
// leave the repository are not followed.
func brokenLinks(tree fs.FS, name string) []string {
	text, err := fs.ReadFile(tree, name)
	if err != nil {
		return []string{err.Error()}
	}
	var broken []string
	for _, m := range link.FindAllStringSubmatch(fenced.ReplaceAllString(string(text), ""), -1) {
		to, anchor, _ := strings.Cut(m[1], "#")
		if strings.Contains(to, ":") {
			continue
		}
		target := name
		if to != "" {
			target = path.Join(path.Dir(name), to)
		}
		info, err := fs.Stat(tree, target)
		if err != nil {
			broken = append(broken, name+": the link to "+m[1]+" leads nowhere")
			continue
		}
		if anchor == "" || info.IsDir() {
			continue
		}
		there, err := fs.ReadFile(tree, target)
		if n, isLine := strings.CutPrefix(anchor, "L"); isLine && path.Ext(target) != ".md" {
			if at, err := strconv.Atoi(n); err != nil || at < 1 || at > strings.Count(string(there), "\n") {
				broken = append(broken, name+": "+target+" has no line "+n)
			}
			continue
		}
		if found := anchors(string(there)); err != nil || !found[anchor] {
			broken = append(broken, name+": "+target+" has no heading #"+anchor+"; there are "+strings.Join(slices.Sorted(maps.Keys(found)), ", "))
		}
	}
	return broken
}

func TestLinksOfDocumentsLeadSomewhere(t *testing.T) {
	t.Parallel()
	tree := os.DirFS("..")
	names, n := []string{}, 0
	for _, pattern := range []string{"*.md", "docs/*.md", "docs/dialects/*.md", "fixtures/*/*.md"} {
		found, err := fs.Glob(tree, pattern)
		if err != nil {
			t.Fatal(err)
		}
		names = append(names, found...)
	}
	for _, name := range names {
		for _, problem := range brokenLinks(tree, name) {
			t.Error(problem)
		}
		text, err := fs.ReadFile(tree, name)
		if err != nil {
			t.Fatal(err)
		}
		n += len(link.FindAll(text, -1))
	}
	if n < 50 {
		t.Errorf("%d links in %d documents; are they all read?", n, len(names))
	}
}

func TestEveryDocumentIsLinkedFromReadme(t *testing.T) {
	t.Parallel()
	readme, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	names, err := fs.Glob(os.DirFS(".."), "docs/*.md")
	if err != nil || len(names) == 0 {
		t.Fatalf("%d documents, %v", len(names), err)
	}
	for _, name := range names {
		if !strings.Contains(string(readme), "]("+name) {
			t.Errorf("README.md has no link to %s", name)
		}
	}
}

func TestBrokenLinksAreFound(t *testing.T) {
	t.Parallel()
	tree := fstest.MapFS{
		"c.yaml":    {Data: []byte("a: 1\nb: 2\n")},
		"docs/b.md": {Data: []byte("# One `word`, two\n\n```sh\n# no heading\n[x](nowhere)\n```\n")},
	}
	for text, want := range map[string]string{
		"[a](docs/b.md)":                 "",
		"[a](docs/b.md#one-word-two)":    "",
		"[a](docs)":                      "",
		"[a](c.yaml#L2)":                 "",
		"[a](c.yaml#L3)":                 "a.md: c.yaml has no line 3",
		"[a](https://a.example/x#y)":     "",
		"# Here\n[a](#here)":             "",
		"[a](docs/c.md)":                 "a.md: the link to docs/c.md leads nowhere",
		"[a](docs/b.md#no-heading)":      "a.md: docs/b.md has no heading #no-heading; there are one-word-two",
		"# Here\n[a](#there) [b](c.md)":  "a.md: a.md has no heading #there; there are here, a.md: the link to c.md leads nowhere",
		"```\n[a](nowhere)\n```\n[b](x)": "a.md: the link to x leads nowhere",
	} {
		tree := maps.Clone(tree)
		tree["a.md"] = &fstest.MapFile{Data: []byte(text)}
		if got := strings.Join(brokenLinks(tree, "a.md"), ", "); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
