package dialect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/record"
)

// nested is a table with lists and objects in each other.
const nested = `
	x: { to: ext.x, as: object, each: { tags: { to: tags, as: list, items: 1..3, of: { as: word, len: 1..3 } }, rows: { to: rows, as: list, items: 1..3, each: { uid: { to: uid, new: { alphabet: digits, length: 3 } }, n: { to: n, as: int, min: 1, need: always } } } } }
	list: { to: ext.list, as: list, each: { rows: { to: rows, as: list, items: 1..3, each: { n: { to: n, as: int, min: 1 } } } } }
	grp.rows: { to: ext.grp, as: list, items: 1..3, each: { n: { to: n, as: int, min: 1, need: always } } }
	deep: { to: ext.deep, as: list, of: { as: list, items: ..2, of: { as: int, max: 9 } } }`

func TestFaultsAreToldAtTheMember(t *testing.T) {
	t.Parallel()
	for body, want := range map[string][]string{
		`{"x":{"rows":[{"n":0}]}}`:                 {"x.rows.0.n low"},
		`{"x":{"rows":[]}}`:                        {"x.rows few"},
		`{"x":{"rows":[{"n":1},{}]}}`:              {"x.rows.1.n missing"},
		`{"x":{"rows":[1]}}`:                       {"x.rows.0 type"},
		`{"x":{"rows":{}}}`:                        {"x.rows type"},
		`{"x":{"tags":["a","abcd"]}}`:              {"x.tags.1 long"},
		`{"list":[{"rows":[{"n":1},{"n":0}]}]}`:    {"list.0.rows.1.n low"},
		`{"grp":{"rows":[{"n":0},{}]}}`:            {"grp.rows.0.n low", "grp.rows.1.n missing"},
		`{"deep":[[1],[2,10]]}`:                    {"deep.1.1 high"},
		`{"deep":[[1,2,3]]}`:                       {"deep.0 many"},
		`{"x":{"rows":[{"n":0}],"tags":["abcd"]}}`: {"x.tags.0 long", "x.rows.0.n low"},
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			_, got := dialecttest.Send(t, dialecttest.Compile(t, "report: all", nested).Op("link.create"), nil, body, false)
			if diff := cmp.Diff(want, got.Problems); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestFormsNestAsJSONDoes(t *testing.T) {
	t.Parallel()
	op := dialecttest.Compile(t, "report: all\nbody: [form]\npaths: brackets", `q: { to: ext.q, as: list, each: { d: { to: d, as: object, each: { o: { to: o, as: list, each: { label: { to: label, len: 1..3 }, n: { to: n, as: int } } } } } } }`).Op("link.create")
	_, got := dialecttest.Send(t, op, nil, `{"q":{"0":{"d":{"o":{"0":{"label":"abcd","n":"x"},"1":{"label":"ab","n":"2"}}}}}}`, true)
	want := []string{"q[0][d][o][0][label] long", "q[0][d][o][0][n] type"}
	if diff := cmp.Diff(want, got.Problems); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

// priced is a price, and a link with places that name one at every depth.
const priced = `dialect: t
errors: { body: none, classes: { internal: { status: 500 }, invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 } } }
types:
  row: { each: { price: { to: price, exists: price }, amount: { to: amount, as: money.minor, copy: price.amount, dir: out }, uid: { to: uid, new: { prefix: u_, alphabet: digits, length: 2 }, dir: out } } }
resources:
  price: { id: { uuid: 4 }, fields: { id: { to: id, dir: out }, amount: { to: amount, as: money.minor } } }
  link:
    id: { uuid: 4 }
    fields:
      x:    { is: row, to: ext.x, as: object }
      rows: { is: row, to: ext.rows, as: list }
      deep: { to: ext.deep, as: object, each: { rows: { is: row, to: rows, as: list } } }
      ids:  { to: ext.ids, as: object, each: { all: { to: all, as: list, of: { exists: price } } } }
operations: { link.create: { at: POST /links } }
`

// sendPriced sends a create of priced in a world that has the price p_1.
func sendPriced(t *testing.T, body string) (e *dialect.Env, problems []string) {
	t.Helper()
	d, err := compile.File("t.yaml", []byte(priced))
	if err != nil {
		t.Fatal(err)
	}
	op, in, e := d.Op("link.create"), &dialect.Input{}, dialecttest.Env()
	e.Find = func(res *dialect.Resource, id string) *record.Record {
		if res.Name != "price" || id != "p_1" {
			return nil
		}
		rec := record.New(record.Prices, "t")
		rec.Set(record.Prices.MustSlot("amount"), "1250")
		return rec
	}
	if err := op.Parse(in, []byte(body), false); err != nil {
		t.Fatal(err)
	}
	op.Decode(in, e)
	op.Merge(in, e)
	op.References(in, func(res *dialect.Resource, id string) (string, bool) { return "", e.Find(res, id) != nil })
	for _, p := range in.Problems {
		problems = append(problems, p.Path+" "+p.Check)
	}
	return e, problems
}

func TestReferencesAreLookedUpAtEveryDepth(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]string{
		`{"x":{"price":"nope"}}`:                                  "x.price exists",
		`{"rows":[{"price":"p_1"},{"price":"nope"}]}`:             "rows.1.price exists",
		`{"deep":{"rows":[{"price":"p_1"},{"price":"nope"}]}}`:    "deep.rows.1.price exists",
		`{"ids":{"all":["p_1","nope"]}}`:                          "ids.all.1 exists",
		`{"x":{"price":"p_1"},"deep":{"rows":[{"price":"p_1"}]}}`: "",
	} {
		t.Run(body, func(t *testing.T) {
			t.Parallel()
			if _, got := sendPriced(t, body); strings.Join(got, ", ") != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}

func TestMembersAreCopiedAndGeneratedAtEveryDepth(t *testing.T) {
	t.Parallel()
	e, problems := sendPriced(t, `{"x":{"price":"p_1"},"deep":{"rows":[{"price":"p_1"}]}}`)
	if problems != nil {
		t.Fatal(problems)
	}
	for place, want := range map[string]string{
		"t.x":    `{"price":"p_1","amount":1250,"uid":"u_`,
		"t.deep": `{"rows":[{"price":"p_1","amount":1250,"uid":"u_`,
	} {
		if got := e.It.Ext(place); !strings.HasPrefix(got, want) {
			t.Errorf("%s is %s, want %s…", place, got, want)
		}
	}
}

func TestItemsOfListsKeepTheirRules(t *testing.T) {
	t.Parallel()
	runCases(t, map[string]exchangeCase{
		"scalars are distinct":      {fields: `x: { to: ext.x, as: list, distinct: true, of: { as: word } }`, body: `{"x":["a","b","a"]}`, want: refuses("x.2 twice")},
		"objects are distinct":      {fields: `x: { to: ext.x, as: list, distinct: k, each: { k: { to: k }, v: { to: v } } }`, body: `{"x":[{"k":"a","v":"1"},{"k":"b"},{"k":"a","v":"2"}]}`, want: refuses("x.2.k twice")},
		"a lacking member is none":  {fields: `x: { to: ext.x, as: list, distinct: k, each: { k: { to: k } } }`, body: `{"x":[{},{}]}`, want: is("t.x", `[{},{}]`)},
		"another variant":           {fields: `x: { to: ext.x, as: list, each: { t: { to: t }, d: { to: d, need: always, if: { t: [a, b] } } } }`, body: `{"x":[{"t":"c"},{}]}`, want: is("t.x", `[{"t":"c"},{}]`)},
		"the variant that needs it": {fields: `x: { to: ext.x, as: list, each: { t: { to: t }, d: { to: d, need: always, if: { t: [a, b] } } } }`, body: `{"x":[{"t":"b"}]}`, want: refuses("x.0.d missing")},
		"unless in an object":       {fields: `x: { to: ext.x, as: object, each: { a: { to: a, need: always, unless: b }, b: { to: b, without: a } } }`, body: `{"x":{"b":"1"}}`, want: is("t.x", `{"b":"1"}`)},
		"without in an object":      {fields: `x: { to: ext.x, as: object, each: { a: { to: a }, b: { to: b, without: a } } }`, body: `{"x":{"a":"1","b":"1"}}`, want: refuses("x.b with")},
		"an amount by its currency": {fields: `x: { to: ext.x, as: list, each: { v: { to: v, as: money.text, currency: c }, c: { to: c, as: currency } } }`, body: `{"x":[{"v":"10.50","c":"EUR"},{"v":"1050","c":"JPY"}]}`,
			want: is("t.x", `[{"v":1050,"c":"EUR"},{"v":1050,"c":"JPY"}]`), wire: `[{"v":"10.5","c":"EUR"},{"v":"1050","c":"JPY"}]`},
		"too fine for its currency": {fields: `x: { to: ext.x, as: object, each: { v: { to: v, as: money.major, currency: c }, c: { to: c, as: currency } } }`, body: `{"x":{"v":10.5,"c":"JPY"}}`, want: refuses("x.v digits")},
	})
}

func TestWordsOfAListServeItsItems(t *testing.T) {
	t.Parallel()
	op := dialecttest.Compile(t, "", `tags: { to: ext.tags, as: list, of: { as: word, one_of: [a] }, say: { one_of: TAGS ARE WRONG }, error: { one_of: unauthorized } }`).Op("link.create")
	in, e := &dialect.Input{}, dialecttest.Env()
	if err := op.Parse(in, []byte(`{"tags":["b"]}`), false); err != nil {
		t.Fatal(err)
	}
	op.Decode(in, e)
	if p := in.Problems; len(p) != 1 || p[0].Say == nil || p[0].Say.Render(&e.Env) != "TAGS ARE WRONG" || p[0].Code != "unauthorized" {
		t.Errorf("got %+v", p)
	}
}
