package seed_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/dialect/seed"
)

const worldMapping = `dialect: t
errors: { body: none, classes: { internal: { status: 500 }, invalid: { status: 400 }, unauthorized: { status: 401 }, rate_limited: { status: 429 }, sold_out: { status: 409 } } }
resources:
  customer: { fields: { id: { to: id, dir: out } } }
  price: { fields: { id: { to: id, dir: out } } }
  link:
    parent: customer
    id: { uuid: 4 }
    fields:
      id:    { to: id, dir: out }
      payer: { to: ext.payer, exists: customer }
      buyer: { to: customer, exists: customer }
      tags:  { to: tax.rates, as: list, of: { exists: price } }
      lines: { to: items, as: list, each: { price: { to: price, exists: price }, cost: { to: unit_amount, as: money.minor } } }
operations:
  link.create: { at: "POST /c/{customer}/links" }
`

func TestFixturesNameWhatIsInThem(t *testing.T) {
	t.Parallel()
	const good = `dialect: t
main: key
account: [{ id: acc, status: active }]
credential: [{ id: key, account: acc, refused: sold_out, gate: forbidden }]
customer: [{ id: cus, account: acc }]
price: [{ id: one }, { id: two, amount: 5 }]
link: [{ id: l, account: acc, parent: cus, customer: cus, ext.payer: cus, tax.rates: [one], amount: 5, items: [{ price: two, unit_amount: 5 }] }]
`
	for name, c := range map[string]struct{ old, new, want string }{
		"in order":  {"", "", ""},
		"nothing":   {good, "", "1:1: the file is empty; start with dialect: t, or remove the file"},
		"a comment": {good, "# a\n", "1:1: the file is empty; start with dialect: t, or remove the file"},
		"a list":    {good, "- a\n", "1:1: a fixture file must be a mapping of names, as in { name: … }"},
		"no record": {"[{ id: cus, account: acc }]", "[5, { id: [cus] }, { name: x }]", "5:12: a record must be a mapping such as { id: … }|" +
			`5:21: id is a slot of type text and cannot hold ["cus"]|5:30: a customer needs an id`},
		"no such main":        {"main: key", "main: kex", `2:7: main names no credential of this file, did you mean "key"`},
		"no such account":     {"[{ id: cus, account: acc", "[{ id: cus, account: accc", `5:32: account names no account of this file, did you mean "acc"`},
		"no accounts":         {"account: [{ id: acc, status: active }]\n", "", "3:34: account names no account of this file|4:32: account names no account of this file|6:26: account names no account of this file"},
		"no such refusal":     {"refused: sold_out", "refused: sold_ot", `4:48: no error "sold_ot" in the catalogue, did you mean "sold_out"`},
		"no such gate":        {"gate: forbidden", "gate: forbiden", `4:64: no error "forbiden" in the catalogue, did you mean "forbidden"`},
		"no such parent":      {"parent: cus", "parent: cuss", `7:39: parent names no customer of this file, did you mean "cus"`},
		"no such customer":    {"customer: cus", "customer: xyz", "7:54: customer names no customer of this file; write one of cus"},
		"none in an ext":      {"ext.payer: cus", "ext.payer: xyz", "7:70: ext.payer names no customer of this file; write one of cus"},
		"none in a list":      {"[one]", "[one, xyz]", "7:92: tax.rates names no price of this file; write one of one, two"},
		"none in a list's":    {"price: two", "price: xyz", "7:121: price names no price of this file; write one of one, two"},
		"null names nothing":  {"customer: cus", "customer: null", ""},
		"money with decimals": {"amount: 5, items", "amount: 29.99, items", "7:101: amount is kept in minor units of its currency; write 2999"},
		"money of a list's":   {"unit_amount: 5", "unit_amount: 0.5", "7:139: unit_amount is kept in minor units of its currency; write 50"},
		"of a currency":       {"amount: 5 }", "amount: 5.0, currency: JPY }", "6:41: amount is kept in minor units of its currency; write 5"},
		"of a fraction":       {"amount: 5 }", "amount: 5.001 }", "6:41: amount is kept in minor units of its currency; write a whole number"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			set, err := compile.Compile(dialecttest.Files("t.yaml", worldMapping), nil)
			if err != nil {
				t.Fatal(err)
			}
			world := good
			if c.old != "" {
				world = strings.Replace(good, c.old, c.new, 1)
			}
			got := ""
			if _, err = seed.Load(dialecttest.Files("t/world.yaml", world), set); err != nil {
				got = strings.ReplaceAll(strings.ReplaceAll(err.Error(), "t/world.yaml:", ""), "\n", "|")
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestDialectsInOrderAreLeftOfASetWithMistakes(t *testing.T) {
	t.Parallel()
	set, err := compile.Some(dialecttest.Files("t.yaml", worldMapping, "u.yaml", "dialect: u"), nil)
	if err == nil || set == nil || set.Dialect("t") == nil || set.Dialect("u") != nil || len(set.Dialects) != 1 {
		t.Fatalf("the set is %v, the error %v", set, err)
	}
	got := fmt.Sprint(seed.Strays(dialecttest.Files("t/world.yaml", "", "u/world.yaml", "", "tt/world.yaml", "", "v.txt", ""), set))
	if want := `tt/world.yaml:1:1: there is no mapping file tt.yaml for these fixtures, did you mean "t"`; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAFixtureIsNoMapping(t *testing.T) {
	t.Parallel()
	for file, src := range map[string]string{"my/fixtures/t/world.yaml": "main: x", "my/fixtures/t/t.yaml": "dialect: t\naccount: []"} {
		_, err := compile.File(file, []byte(src))
		want := file + ":1:1: this is a fixture, not a mapping; check it with polylink check --fixtures my/fixtures"
		if got := fmt.Sprint(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
