package template

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
)

// crowded is a link whose slots hold as much as a request can bring.
func crowded(t testing.TB, items int) *record.Record {
	t.Helper()
	return link(t, map[string]string{
		"title": record.Quote(strings.Repeat("aé ", 2500)), "description": record.Quote(strings.Repeat("x", 900_000)), "reference": record.Quote(strings.Repeat("ab,", 3000)),
		"slug": `"abc"`, "currency": `"USD"`, "amount": "1050", "expires_at": `"2026-03-01T13:00:00Z"`,
		"items":         "[" + strings.TrimSuffix(strings.Repeat(`{"n":2,"name":"tea, green","tags":["a","b"]},`, items), ",") + "]",
		"methods.types": "[" + strings.TrimSuffix(strings.Repeat(`"card",`, 20_000), ",") + "]",
		"metadata":      `{"a":[1,2,[3,{"b":"c"}]],"long":` + record.Quote(strings.Repeat("y", 70_000)) + `}`,
		"custom_fields": "[" + strings.TrimSuffix(strings.Repeat(`0,`, 100_000), ",") + "]",
	})
}

// evaluated compiles an expression and runs it; ok is false where the fence
// does not let it in.
func evaluated(t testing.TB, src string, rec *record.Record) (got string, over error, ok bool) {
	t.Helper()
	var wrong complaints
	s := &Scope{Reporter: &wrong, Dialect: "t", Roots: map[string]*record.Schema{"it": rec.Schema}}
	x := s.expression(&yml.Node{}, src, anyType)
	if len(wrong) > 0 {
		return wrong[0], nil, false
	}
	e := &Env{Now: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Base: "http://mock", It: rec, Bounds: &Bounds{}}
	got = x.get(e)
	return got, e.Overrun(), true
}

func TestAnEvaluationIsBounded(t *testing.T) {
	t.Parallel()
	rec := crowded(t, 9000)
	doubled := "let a = [it.title, it.title]; let b = [a, a]; let c = [b, b]; let d = [c, c]; let e = [d, d]; let f = [e, e]; let g = [f, f]; let h = [g, g]; let i = [h, h]; let j = [i, i]; " +
		"let k = [j, j]; let l = [k, k]; let m = [l, l]; let n = [m, m]; let o = [n, n]; let p = [o, o]; let q = [p, p]; let r = [q, q]; "
	for src, want := range map[string]error{
		`join(split(it.title, ""), it.title)`:                      errLongText,
		`split(it.description, "x")`:                               errManyItems,
		`split(it.description, "x", 5)[0]`:                         nil,
		`split(it.reference, ",")[2]`:                              nil,
		`map(it.items, it.title + .name)`:                          errTooMuch,
		`map(it.items, .name + "!")[0]`:                            nil,
		`map(it.items, it.items)`:                                  errTooMuch,
		`len(map(it.items, [.n, .n, .n, .n, .n, .n, .n, .n, .n]))`: errTooMuch,
		`upper(it.description)`:                                    errLongText,
		`lower(it.title) == upper(it.title)`:                       nil,
		`trim(it.description)`:                                     errLongText,
		`trim(it.description, it.title)`:                           errTooSlow,
		`it.title + it.title + it.title + it.title`:                nil,
		`it.description + ""`:                                      errLongText,
		`it.description`:                                           errLongText,
		`len(it.description)`:                                      nil,
		`tail(it.description, 4)`:                                  nil,
		`tail(it.description, 400000)`:                             errLongText,
		`string(it.items)`:                                         errLongText,
		`string(it.metadata.a)`:                                    nil,
		`it.metadata`:                                              errLongText,
		`it.metadata.a`:                                            nil,
		`it.metadata.long + it.title`:                              errLongText,
		`it.methods.types`:                                         errManyItems,
		`len(it.methods.types) > 0`:                                nil,
		`count(it.methods.types, # == "card")`:                     errManyItems,
		`filter(it.custom_fields, # > 0)`:                          errManyItems,
		`it.custom_fields[0]`:                                      nil,
		`money(it.amount, it.description)`:                         errLongText,
		`count(it.items, it.description contains "y")`:             errTooSlow,
		`count(it.items, it.description matches "^x*y")`:           errTooSlow,
		`all(it.items, .name matches "^tea")`:                      nil,
		`it.title matches "(.{1,30}){1,30}$"`:                      errTooSlow,
		`it.slug matches it.title`:                                 errTooSlow,
		`it.slug matches it.currency`:                              nil,
		`count(it.items, it.title == .name)`:                       nil,
		`count(it.items, it.description != .name)`:                 errTooSlow,
		`count(it.items, .tags in it.items)`:                       errTooSlow,
		`count(it.items, max(.n, 7) > 3)`:                          nil,
		`count(it.items, upper(it.title) == .name)`:                errTooMuch,
		`sum(it.items, .n)`:                                        nil,
		doubled + "r == r":                                         errTooSlow,
		doubled + "[r, r]":                                         errTooMuch,
		doubled + "string(r)":                                      errLongText,
		doubled + "max(r, r)":                                      errTooSlow,
		doubled + "len(r)":                                         nil,
		`let x = it.title + it.title; x + x + x + x + x + x`:       errLongText,
		`(it.items[0].name ?? "") + it.reference + " " + it.slug`:  nil,
		`join(map(it.items, .name))`:                               errLongText,
		`[it.title, it.title, it.title, it.title, it.description]`: errLongText,
		`join(["a", "b"], it.description)`:                         errLongText,
		`filter(it.items, .n > 1)[0].name`:                         nil,
		`it.items == it.items && it.items == it.items`:             nil,
		`[it.items, it.items, it.items][0][0].n`:                   nil,
	} {
		got, over, ok := evaluated(t, src, rec)
		if !ok {
			t.Errorf("%.60s: %s", src, got)
			continue
		}
		switch {
		case want == nil && over != nil:
			t.Errorf("%.60s: %v", src, over)
		case want == nil && got == "":
			t.Errorf("%.60s has no result", src)
		case want != nil && (over == nil || !strings.HasSuffix(over.Error(), want.Error())):
			t.Errorf("%.60s: %v, want %v", src, over, want)
		case want != nil && got != "":
			t.Errorf("%.60s has a result in spite of %v", src, over)
		}
	}
}

func TestAnOverrunNamesItsPlace(t *testing.T) {
	t.Parallel()
	_, over, _ := evaluated(t, `upper(it.description)`, crowded(t, 9000))
	want := `t.yaml:7:3: "upper(it.description)" is past its bounds: a text is longer than 65536 bytes`
	if over == nil || over.Error() != want {
		t.Errorf("%v, want %s", over, want)
	}
	if at, ok := errors.AsType[*Overrun](over); !ok || at.Line != 7 {
		t.Errorf("it is at %+v", at)
	}
}

func TestNoMethodNorTheWholeEnvironmentIsToBeHad(t *testing.T) {
	t.Parallel()
	for src, want := range map[string]string{
		`[now][0].Format(it.description)`: "values have no methods",
		`$env`:                            "variables are named one by one",
		`string($env)`:                    "variables are named one by one",
	} {
		got, _, ok := evaluated(t, src, crowded(t, 9000))
		if ok || !strings.Contains(got, want) {
			t.Errorf("%s: %q, want %q", src, got, want)
		}
	}
}

func TestTextsWithHolesAreBounded(t *testing.T) {
	t.Parallel()
	rec := crowded(t, 9000)
	s := &Scope{Reporter: &complaints{}, Dialect: "t", Roots: map[string]*record.Schema{"it": rec.Schema}}
	for src, ok := range map[string]bool{"{it.slug}/{it.title}": true, "{it.description}": false, "{it.title}{it.title}{it.title}{it.title}{it.title}{it.title}{it.title}": false} {
		text := s.Text(&yml.Node{}, src)
		e := &Env{It: rec, Bounds: &Bounds{}}
		quoted := string(text.appendQuoted(nil, e))
		if got := text.Render(e); (e.Overrun() == nil) != ok || (got != "") != ok || (quoted != `""`) != ok {
			t.Errorf("%.30s gives %d bytes, and %v", src, len(got), e.Overrun())
		}
	}
	doc := s.Document(&yml.Node{Kind: yml.Sequence, Content: []*yml.Node{{Kind: yml.Scalar, Tag: "!!str", Value: "$it.description"}, {Kind: yml.Scalar, Tag: "!!str", Value: "$it.description"}}})
	e := &Env{It: rec, Bounds: &Bounds{}}
	out, _ := doc.Append(nil, e)
	if doc.Within(string(out), e) != "" || e.Overrun() == nil {
		t.Errorf("a document of %d bytes is within bounds", len(out))
	}
}

// TestNoExpressionGoesPastItsBounds makes expressions at random out of all that
// the language has, and holds those that the fence lets in to the bounds.
func TestNoExpressionGoesPastItsBounds(t *testing.T) {
	t.Parallel()
	rec := crowded(t, 300)
	accepted, over, values := 0, 0, 0
	for seed := range uint64(800) {
		g := &generator{rand: rand.New(rand.NewPCG(seed, 10))}
		src := g.any(4)
		start := time.Now()
		got, err, ok := evaluated(t, src, rec)
		if took := time.Since(start); took > 10*time.Second {
			t.Errorf("%s takes %v", src, took)
		}
		switch {
		case !ok:
			continue
		case err != nil:
			over++
		case got != "":
			values++
		}
		accepted++
		if len(got) > MaxTotal || strings.HasPrefix(got, `"`) && len(record.Unquote(got)) > MaxText {
			t.Errorf("%s gives %d bytes", src, len(got))
		}
	}
	if accepted < 400 || over < 40 || values < 100 {
		t.Errorf("of the expressions %d are let in, %d go past the bounds and %d have a value: that tests little", accepted, over, values)
	}
}

// generator makes expressions.
type generator struct {
	rand *rand.Rand
	item bool // inside a list function
}

func (g *generator) of(list ...string) string { return list[g.rand.IntN(len(list))] }

func (g *generator) any(depth int) string {
	return []func(int) string{g.text, g.list, g.text, g.list, g.bool, g.value}[g.rand.IntN(6)](depth)
}

func (g *generator) value(depth int) string {
	if g.item && g.rand.IntN(2) == 0 {
		return g.of("#", ".name", ".n", ".tags", "#index")
	}
	if depth == 0 {
		return g.of("it.metadata", "it.metadata.a", "it.metadata.long", "it.items[0]", "it.items[0].name", "nil", "1")
	}
	return g.of(
		fmt.Sprintf("first(%s)", g.list(depth-1)),
		fmt.Sprintf("[{%q: %s, %q: %s}][0]", "a", g.any(depth-1), "b", g.any(depth-1)),
		fmt.Sprintf("(%s ?? %s)", g.value(depth-1), g.any(depth-1)),
		fmt.Sprintf("max(%s, %s)", g.list(depth-1), g.value(depth-1)),
		fmt.Sprintf("(let x%d = %s; [x%d, x%d])", depth, g.any(depth-1), depth, depth),
		fmt.Sprintf("(%s + %s)", g.value(depth-1), g.value(depth-1)),
	)
}

func (g *generator) text(depth int) string {
	if depth == 0 {
		return g.of("it.title", "it.description", "it.reference", "it.slug", `","`, `""`, `"abc"`, "base")
	}
	return g.of(
		fmt.Sprintf("(%s + %s)", g.text(depth-1), g.text(depth-1)),
		fmt.Sprintf("(%s + %s)", g.text(depth-1), g.value(depth-1)),
		fmt.Sprintf("join(%s, %s)", g.list(depth-1), g.text(depth-1)),
		fmt.Sprintf("%s(%s)", g.of("upper", "lower", "trim", "string"), g.text(depth-1)),
		fmt.Sprintf("string(%s)", g.any(depth-1)),
		fmt.Sprintf("trim(%s, %s)", g.text(depth-1), g.text(depth-1)),
		fmt.Sprintf("tail(%s, %s)", g.text(depth-1), g.of("3", "100000")),
		fmt.Sprintf("(%s ? %s : %s)", g.bool(depth-1), g.text(depth-1), g.text(depth-1)),
	)
}

func (g *generator) list(depth int) string {
	if depth == 0 {
		return g.of("it.items", "it.items", "[]", `["a", "b"]`, "it.discounts")
	}
	if g.item || g.rand.IntN(2) == 0 {
		return g.of(
			fmt.Sprintf("split(%s, %s)", g.text(depth-1), g.text(depth-1)),
			fmt.Sprintf("split(%s, %s, 20)", g.text(depth-1), g.text(depth-1)),
			fmt.Sprintf("[%s, %s]", g.any(depth-1), g.any(depth-1)),
		)
	}
	inner := &generator{rand: g.rand, item: true}
	return g.of(
		fmt.Sprintf("map(%s, %s)", g.list(depth-1), inner.any(depth-1)),
		fmt.Sprintf("filter(%s, %s)", g.list(depth-1), inner.bool(depth-1)),
	)
}

func (g *generator) bool(depth int) string {
	if depth == 0 {
		return g.of("true", "it.invoice", "has(it.title)")
	}
	return g.of(
		fmt.Sprintf("(%s %s %s)", g.any(depth-1), g.of("==", "!="), g.any(depth-1)),
		fmt.Sprintf("(%s %s %s)", g.text(depth-1), g.of("contains", "matches", "startsWith", "<"), g.text(depth-1)),
		fmt.Sprintf("(%s matches %q)", g.text(depth-1), g.of("^a+b", "(a|é){1,200}$", ".*x")),
		fmt.Sprintf("(%s in %s)", g.any(depth-1), g.list(depth-1)),
		fmt.Sprintf("(%s && %s)", g.bool(depth-1), g.bool(depth-1)),
	)
}
