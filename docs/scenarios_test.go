package docs_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/faults/scenario"
)

// TestDocsOfScenarios keeps the table of those that come with the program.
func TestDocsOfScenarios(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- generated: scenarios -->\n", "<!-- end -->\n"
	list, err := scenario.Compile(os.DirFS("../scenarios"), shipped(t).set)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("\n| scenario | what happens |\n|---|---|\n")
	for _, s := range list {
		fmt.Fprintf(&b, "| [`%s`](../scenarios/%s.yaml) | %s |\n", s.Name, s.Name, s.Title)
	}
	text, err := os.ReadFile("scenarios.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("scenarios.md has no place for the table: %s%s", begin, end)
	}
	generated(t, "scenarios.md", []byte(head+begin+b.String()+"\n"+end+tail))
}

func TestScenariosInTheDocumentCompile(t *testing.T) {
	t.Parallel()
	seen := 0
	for _, b := range read(t, "scenarios.md").Blocks {
		name, ok := strings.CutPrefix(b.Note, "scenario: ")
		if !ok {
			continue
		}
		seen++
		if _, found := scenario.File(name, []byte(b.Text), shipped(t).set); len(found) > 0 {
			t.Errorf("line %d: %v", b.Line, found.Err())
		}
	}
	if seen == 0 {
		t.Error("no scenario was found")
	}
}
