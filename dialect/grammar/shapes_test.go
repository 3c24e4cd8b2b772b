package grammar

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

func TestEveryWordTakesAShapeThereIs(t *testing.T) {
	t.Parallel()
	used := map[string]bool{"stage": true, "scheme": true, "json or form": true, "value or a new id": true, "percentage": true, "type line": true, "field line": true, "member line": true, "verdict": true, "path of a page": true}
	for _, table := range append(slices.Collect(maps.Values(constructs)), DialectWords) {
		for _, w := range table.Words {
			used[w.Takes] = true
			words, list := strings.CutPrefix(w.Takes, "list of ")
			switch {
			case shapes[w.Takes] != nil || constructs[w.Takes] != nil || slices.Contains(texts, w.Takes):
			case closed(words) != nil && (!list || strings.Contains(words, ",")):
			default:
				t.Errorf("%s: %s: takes %q, which has no shape", table.What, w.Name, w.Takes)
			}
			if w.Doc == "" {
				t.Errorf("%s: %s: has no line of documentation", table.What, w.Name)
			}
		}
	}
	for name := range shapes {
		plural := "list of " + name + "s"
		if !used[name] && !used[plural] && shapes[plural] == nil {
			t.Errorf("no word takes the shape %q", name)
		}
	}
}
