package compile_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/yml"
)

// places says where in testdata/every.yaml the words of each table stand; * is
// any key or item.
var places = map[*grammar.Table][]string{
	grammar.DialectWords: {""}, grammar.AuthWords: {"auth"}, grammar.KeyWords: {"auth.keys.*"}, grammar.TenantWords: {"auth.tenant"}, grammar.LimitWords: {"limits.*"}, grammar.HeaderRuleWords: {"request_headers.*"},
	grammar.IdempotencyWords: {"idempotency"}, grammar.ErrorsWords: {"errors"}, grammar.ResourceWords: {"resources.*"}, grammar.IDWords: {"resources.*.id", "request_id"},
	grammar.FieldWords: {"resources.*.fields.*", "resources.*.fields.*.each.*", "types.*"}, grammar.RuleWords: {"resources.*.rules.*"}, grammar.UniqueWords: {"resources.*.unique.*"},
	grammar.RestrictWords: {"operations.*.restrict"}, grammar.EffectWords: {"operations.*.effects.*"},
	grammar.FilterWords: {"operations.*.filters.*"}, grammar.SortWords: {"operations.*.sort"},
	grammar.OperationWords: {"operations.*"}, grammar.PageWords: {"operations.*.page"}, grammar.AuditWords: {"audit"},
	grammar.EventWords: {"events.*"}, grammar.WebhookWords: {"webhooks"}, grammar.SignatureWords: {"webhooks.signature"},
	grammar.HostedWords: {"hosted"}, grammar.InputWords: {"hosted.ask.*"}, grammar.RedirectWords: {"hosted.redirects.*"}, grammar.ResultWords: {"hosted.records.*"},
	grammar.ExpandWords: {"expand"}, grammar.MakeWords: {"resources.*.fields.*.make"},
}

// standing finds the mappings at a place.
func standing(n *yml.Node, place string) []*yml.Node {
	if place == "" {
		return []*yml.Node{n}
	}
	head, rest, _ := strings.Cut(place, ".")
	var out []*yml.Node
	for i, c := range n.Content {
		switch {
		case n.Kind == yml.Mapping && i%2 == 1 && (head == "*" || n.Content[i-1].Value == head), n.Kind == yml.Sequence && head == "*":
			out = append(out, standing(c, rest)...)
		}
	}
	return out
}

// anything are words whose value may be whatever there is.
var anything = map[string]bool{"item": true, "answer": true, "body": true, "const": true, "value": true, "default": true, "absent": true, "clear": true,
	"remove": true, "defaults": true, "equals": true}

// TestEveryWordIsReadByTheCompiler keeps the tables honest: each word stands
// in a file that compiles, and nonsense in its place does not.
func TestEveryWordIsReadByTheCompiler(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/every.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := compile.File("every.yaml", source); err != nil {
		t.Fatal(err)
	}
	for table, where := range places {
		for _, w := range table.Words {
			t.Run(table.What+" "+w.Name, func(t *testing.T) {
				t.Parallel()
				root, found := yml.Parse("every.yaml", source)
				if len(found) > 0 {
					t.Fatal(found)
				}
				var value *yml.Node
				for _, place := range where {
					for _, n := range standing(root, place) {
						if v := yml.Get(n, w.Name); v != nil && value == nil {
							value = v
						}
					}
				}
				if value == nil {
					t.Fatalf("testdata/every.yaml has no %s: at %v", w.Name, where)
				}
				if anything[w.Name] {
					return
				}
				nonsense := &yml.Node{Kind: yml.Scalar, Tag: "!!int", Value: "77777"}
				*value = yml.Node{Kind: yml.Sequence, Tag: "!!seq", Line: value.Line, Column: value.Column,
					Content: []*yml.Node{{Kind: yml.Sequence, Tag: "!!seq", Line: value.Line, Column: value.Column, Content: []*yml.Node{nonsense}}}}
				text, err := yml.Encode(root)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := compile.File("every.yaml", text); err == nil {
					t.Errorf("%s: [[77777]] is taken; the word is not read", w.Name)
				}
			})
		}
	}
}

func TestAMistypedWordIsAnsweredWithTheRightOne(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("testdata/every.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for table, where := range places {
		t.Run(table.What, func(t *testing.T) {
			t.Parallel()
			root, _ := yml.Parse("every.yaml", source)
			var want []string
			for _, place := range where {
				for _, n := range standing(root, place) {
					for i := 0; i+1 < len(n.Content); i += 2 {
						k := n.Content[i]
						if len(k.Value) >= 4 && k.Value != "dialect" && slices.Contains(table.Names(), k.Value) {
							want = append(want, `no word "`+k.Value+`x" in `+table.What+`, did you mean "`+k.Value+`"`)
							k.Value += "x"
						}
					}
				}
			}
			text, err := yml.Encode(root)
			if err != nil || len(want) == 0 {
				t.Fatalf("%d words, %v", len(want), err)
			}
			_, err = compile.File("every.yaml", text)
			for _, w := range want {
				if err == nil || !strings.Contains(err.Error(), w) {
					t.Errorf("want a fault that says %s; got %v", w, err)
				}
			}
		})
	}
}

func TestEveryCodecIsNamedInTheFileOfEveryWord(t *testing.T) {
	t.Parallel()
	for name, kind := range grammar.Codecs {
		slot := map[string]string{"time.in": "expires_at, dir: in", "number": "ext.x"}[name]
		if slot == "" {
			slot = map[string]string{"Text": "title"}[name]
		}
		for _, info := range dialecttest.Compile(t, "", "x: { to: title }").Resources["link"].Schema.Slots {
			if slot == "" && info.Type == kind && info.Name != "id" && info.Name != "version" {
				slot = info.Name
			}
		}
		extra := map[string]string{"enum": ", map: { a: active }, else: a", "list": ", of: { as: int }", "object": ", each: { a: { to: a } }"}[name]
		d := dialecttest.Compile(t, "", "x: { to: "+slot+", as: "+name+extra+" }")
		if d.Resources["link"].Field("x").Codec == nil {
			t.Errorf("as: %s makes no codec", name)
		}
	}
}
