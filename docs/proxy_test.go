package docs_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/client"
)

// TestDocsOfTheProxy holds the matrix of all pairs to the mapping files.
func TestDocsOfTheProxy(t *testing.T) {
	t.Parallel()
	const begin, end = "<!-- generated: matrix -->\n", "<!-- end -->\n"
	text, err := os.ReadFile("proxy.md")
	if err != nil {
		t.Fatal(err)
	}
	head, rest, ok1 := strings.Cut(string(text), begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok1 || !ok2 {
		t.Fatalf("proxy.md has no %s…%s", begin, end)
	}
	generated(t, "proxy.md", []byte(head+begin+pairs(shipped(t).set.Dialects)+end+tail))
}

// pairs is a table of all pairs, and of the fields behind each.
func pairs(list []*dialect.Dialect) string {
	var table, lines strings.Builder
	table.WriteString("\n| client | upstream | kept | approximated | dropped | demanded |\n|---|---|---|---|---|---|\n")
	for _, from := range list {
		for _, to := range list {
			if from == to {
				continue
			}
			m := client.Compare(from, to)
			fates := map[string][]string{}
			for _, f := range m.Fields {
				fates[f.Request] = append(fates[f.Request], "`"+f.Field+"`")
			}
			var demanded []string
			for _, f := range m.Demanded {
				how := f.Request
				if len(f.Sources) > 0 {
					how = "made of `" + strings.Join(f.Sources, "`, `") + "`"
				}
				demanded = append(demanded, "`"+f.Field+"` "+how)
			}
			fmt.Fprintf(&table, "| %s | %s | %d | %d | %d | %s |\n", m.From, m.To, len(fates["kept"]), len(fates["approximated"]), len(fates["dropped"]), or(demanded, "nothing"))
			fmt.Fprintf(&lines, "\n### %s to %s\n\n", m.From, m.To)
			if m.Note != "" {
				fmt.Fprintf(&lines, "No pair: %s.\n\n", m.Note)
			}
			fmt.Fprintf(&lines, "- kept: %s\n- approximated: %s\n- dropped: %s\n", or(fates["kept"], "none"), or(fates["approximated"], "none"), or(fates["dropped"], "none"))
		}
	}
	return table.String() + lines.String() + "\n"
}

func or(list []string, none string) string {
	if len(list) == 0 {
		return none
	}
	return strings.Join(list, ", ")
}
