package dialect_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/record"
)

// exchangeCase is one request against a small dialect.
type exchangeCase struct {
	head, fields string
	old          map[string]string // of an update
	body         string
	want         dialecttest.Outcome
	wire         string // member x of what goes out, if that is asked
}

func runCases(t *testing.T, cases map[string]exchangeCase) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dialecttest.Compile(t, c.head, c.fields)
			op, old := d.Op("link.create"), (*record.Record)(nil)
			if c.old != nil {
				op, old = d.Op("link.update"), dialecttest.Record(t, c.old)
			}
			var before map[string]string
			if old != nil {
				before = dialecttest.Slots(old)
			}
			e, got := dialecttest.Send(t, op, old, c.body, false)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if old != nil {
				if diff := cmp.Diff(before, dialecttest.Slots(old)); diff != "" {
					t.Errorf("the old record changed (-want +got)\n%s", diff)
				}
			}
			if e.It != nil {
				out := dialecttest.Wire(t, d.Resources["link"], e.It)
				if c.wire != "" && out.Get("x").Raw != c.wire {
					t.Errorf("x goes out as %s, want %s", out.Get("x").Raw, c.wire)
				}
			}
		})
	}
}

func is(kv ...string) dialecttest.Outcome {
	m := map[string]string{}
	for i := 0; i < len(kv); i += 2 {
		m[kv[i]] = kv[i+1]
	}
	return dialecttest.Outcome{Slots: m}
}

func refuses(problems ...string) dialecttest.Outcome { return dialecttest.Outcome{Problems: problems} }

var none = map[string]string{}

func TestMapsTakeAnyKeyAsAKey(t *testing.T) {
	t.Parallel()
	merged := "x: { to: metadata, as: map, merge: keys, remove: [null, \"\"], items: ..3, keys: 1..40, values: ..5, absent: {} }"
	whole := "x: { to: metadata, as: map, clear: null, bytes: ..20 }"
	cases := map[string]exchangeCase{
		"merged":              {fields: merged, old: map[string]string{"metadata": `{"a":"1"}`}, body: `{"x":{"b":"2"}}`, want: is("metadata", `{"a":"1","b":"2"}`)},
		"overwritten":         {fields: merged, old: map[string]string{"metadata": `{"a":"1","b":"2"}`}, body: `{"x":{"a":"3"}}`, want: is("metadata", `{"a":"3","b":"2"}`)},
		"removed by null":     {fields: merged, old: map[string]string{"metadata": `{"a":"1","b":"2"}`}, body: `{"x":{"a":null}}`, want: is("metadata", `{"b":"2"}`)},
		"removed by empty":    {fields: merged, old: map[string]string{"metadata": `{"a":"1"}`}, body: `{"x":{"a":"","c":null}}`, want: is("metadata", `{}`), wire: `{}`},
		"removed and put":     {fields: merged, old: map[string]string{"metadata": `{"a":"1","b":"2","c":"3"}`}, body: `{"x":{"a":"","d":"4"}}`, want: is("metadata", `{"b":"2","c":"3","d":"4"}`)},
		"removed, then given": {fields: merged, old: map[string]string{"metadata": `{"a":"1"}`}, body: `{"x":{"a":null,"a":"2"}}`, want: is("metadata", `{"a":"2"}`)},
		"too many after all":  {fields: merged, old: map[string]string{"metadata": `{"a":"1","b":"2","c":"3"}`}, body: `{"x":{"d":"4"}}`, want: refuses("x many")},
		"too many at once":    {fields: merged, old: none, body: `{"x":{` + manyMembers(30) + `}}`, want: refuses("x many")},
		"a value too long":    {fields: merged, old: none, body: `{"x":{"a":"123456"}}`, want: refuses("x.a value")},
		"five characters":     {fields: merged, old: none, body: `{"x":{"a":"éééé😀"}}`, want: is("metadata", `{"a":"éééé😀"}`)},
		"a value no text":     {fields: merged, old: none, body: `{"x":{"a":1}}`, want: refuses("x.a value")},
		"an empty key":        {fields: merged, old: none, body: `{"x":{"":"1"}}`, want: refuses("x key")},
		"a key of 1 MiB":      {fields: merged, old: none, body: `{"x":{"` + dialecttest.Repeat("k", 1<<20) + `":"1"}}`, want: refuses("x key")},
		"no object":           {fields: merged, old: none, body: `{"x":[]}`, want: refuses("x type")},
		"null":                {fields: merged, old: none, body: `{"x":null}`, want: refuses("x type")},
		"no keys":             {fields: merged, old: map[string]string{"metadata": `{"a":"1"}`}, body: `{"x":{}}`, want: is("metadata", `{"a":"1"}`)},
		"into null":           {fields: merged, old: map[string]string{"metadata": `null`}, body: `{"x":{"a":"1"}}`, want: is("metadata", `{"a":"1"}`)},
		"replaced":            {fields: whole, old: map[string]string{"metadata": `{"a":"1"}`}, body: `{"x":{"b":[1.0, {"":2}]}}`, want: is("metadata", `{"b":[1.0,{"":2}]}`)},
		"replaced by nothing": {fields: whole, old: map[string]string{"metadata": `{"a":"1"}`}, body: `{"x":{}}`, want: is("metadata", `{}`), wire: `{}`},
		"cleared":             {fields: whole, old: map[string]string{"metadata": `{"a":"1"}`}, body: `{"x":null}`, want: is("metadata", `null`), wire: `null`},
		"just as large":       {fields: whole, old: none, body: `{"x":{"a": "1234567890123"}}`, want: refuses("x large")},
		"within bytes":        {fields: whole, old: none, body: `{"x":{ "a" : "123456789012" }}`, want: is("metadata", `{"a":"123456789012"}`)},
		"twice a key":         {fields: whole, old: none, body: `{"x":{"a":1,"b":2,"a":3}}`, want: is("metadata", `{"a":3,"b":2}`)},
		"at least a length":   {fields: "x: { to: metadata, as: map, values: 2..3 }", old: none, body: `{"x":{"a":"1"}}`, want: refuses("x.a value")},
	}
	for _, key := range []string{`a.b`, `#`, `*`, `?`, `@this`, `a|b`, `\\`, `\"a`, `__proto__`, `0`, `3000000`, `:a`, `\u0000`, `{`, `\n`, `é`, `-1`} {
		plain := `{"` + key + `":"1"}`
		cases["put "+key] = exchangeCase{fields: merged, old: map[string]string{"metadata": `{"a":"1"}`}, body: `{"x":` + plain + `}`,
			want: is("metadata", `{"a":"1","`+key+`":"1"}`), wire: `{"a":"1","` + key + `":"1"}`}
		cases["remove "+key] = exchangeCase{fields: merged, old: map[string]string{"metadata": `{"` + key + `":"1","a":"2"}`}, body: `{"x":{"` + key + `":null}}`,
			want: is("metadata", `{"a":"2"}`), wire: `{"a":"2"}`}
	}
	runCases(t, cases)
}

// manyMembers are n members.
func manyMembers(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"k%d":"v"`, i)
	}
	return b.String()[1:]
}

func TestListsNameTheirBrokenItems(t *testing.T) {
	t.Parallel()
	words := "x: { to: methods.types, as: list, items: 1..3, clear: null, of: { as: word, one_of: [card, ideal], error: conflict, say: Bad word } }"
	objects := `x: { to: items, as: list, items: ..3, each: { id: { to: product, need: always }, n: { to: quantity, as: int, min: 1, default: 1 }, gone: { to: gone, dir: out, absent: omit }, kind: { const: line } } }`
	all := "report: all\nunknown: refuse"
	runCases(t, map[string]exchangeCase{
		"words":                         {fields: words, body: `{"x":["card","\u0069deal"]}`, want: is("methods.types", `["card","ideal"]`), wire: `["card","ideal"]`},
		"a bad word":                    {fields: words, body: `{"x":["card","cash","cash"]}`, want: refuses("x.1 one_of")},
		"every bad word":                {head: all, fields: words, body: `{"x":["cash",1,null]}`, want: refuses("x.0 one_of", "x.1 type", "x.2 type")},
		"too few":                       {fields: words, body: `{"x":[]}`, want: refuses("x few")},
		"too many":                      {fields: words, body: `{"x":["card","card","card","card"]}`, want: refuses("x many")},
		"no list":                       {fields: words, body: `{"x":{}}`, want: refuses("x type")},
		"null":                          {fields: words, body: `{"x":null}`, want: is("methods.types", "null"), wire: "null"},
		"objects":                       {fields: objects, body: `{"x":[{"id":"a","n":2},{"id":"b"}]}`, want: is("items", `[{"product":"a","quantity":2},{"product":"b","quantity":1}]`), wire: `[{"id":"a","n":2,"kind":"line"},{"id":"b","n":1,"kind":"line"}]`},
		"what goes out only":            {fields: objects, body: `{"x":[{"id":"a","gone":"x","kind":"y"}]}`, want: is("items", `[{"product":"a","quantity":1}]`), wire: `[{"id":"a","n":1,"kind":"line"}]`},
		"an item no object":             {fields: objects, body: `{"x":[{"id":"a"},"b"]}`, want: refuses("x.1 type")},
		"a member missing":              {fields: objects, body: `{"x":[{"n":1}]}`, want: refuses("x.0.id missing")},
		"a member null":                 {fields: objects, body: `{"x":[{"id":null}]}`, want: refuses("x.0.id type")},
		"a member twice":                {fields: objects, body: `{"x":[{"id":1,"id":"a","n":0,"n":3}]}`, want: is("items", `[{"product":"a","quantity":3}]`)},
		"all violations, in brackets":   {head: all + "\npaths: brackets", fields: objects, body: `{"x":[{"n":0,"z":1},7]}`, want: refuses("x[0][z] unknown", "x[0][id] missing", "x[0][n] low", "x[1] type")},
		"all violations, indexed":       {head: all + "\npaths: indexed", fields: objects, body: `{"x":[{"n":0,"z":1},7]}`, want: refuses("x[0].z unknown", "x[0].id missing", "x[0].n low", "x[1] type")},
		"all violations, with pointers": {head: all + "\npaths: pointer", fields: objects, body: `{"x":[{"n":0,"z/~":1},7]}`, want: refuses("/x/0/z~1~0 unknown", "/x/0/id missing", "/x/0/n low", "/x/1 type")},
		"in a group, in brackets":       {head: "paths: brackets", fields: "g.h.x: { to: ext.l, as: list, items: ..2, of: { as: int } }", body: `{"g":{"h":{"x":[1,"2"]}}}`, want: refuses("g[h][x][1] type")},
		"too many, in brackets":         {head: "paths: brackets", fields: "g.x: { to: ext.l, as: list, items: ..1, of: { as: int } }", body: `{"g":{"x":[1,2]}}`, want: refuses("g[x] many")},
		"a broken list, repeated":       {fields: objects, body: `{"x":[{"n":0}],"x":[{"id":"a"}]}`, want: is("items", `[{"product":"a","quantity":1}]`)},
		"a list that gets broken":       {fields: objects, body: `{"x":[{"id":"a"}],"x":[5]}`, want: refuses("x.0 type")},
		"an item no object, twice":      {fields: objects, body: `{"x":[5],"x":[]}`, want: is("items", `[]`), wire: "[]"},
		"a list in a list":              {fields: "x: { to: items, as: list, each: { l: { to: l, as: list, of: { as: time.unix } } } }", body: `{"x":[{"l":[0,1]}]}`, want: is("items", `[{"l":["1970-01-01T00:00:00Z","1970-01-01T00:00:01Z"]}]`), wire: `[{"l":[0,1]}]`},
		"times in a list":               {fields: "x: { to: ext.t, as: list, of: { as: time.unix } }", body: `{"x":[0]}`, want: is("t.t", `["1970-01-01T00:00:00Z"]`), wire: `[0]`},
		"a map in a list":               {fields: "x: { to: items, as: list, each: { m: { to: m, as: map, items: ..1 } } }", body: `{"x":[{"m":{"a":1,"b":2}}]}`, want: refuses("x.0.m many")},
	})
}

func TestAListsViolationsHaveTheWordsOfTheirLine(t *testing.T) {
	t.Parallel()
	d := dialecttest.Compile(t, "", "x: { to: methods.types, as: list, items: 1.., say: { few: Too few }, of: { as: word, one_of: [card], error: conflict, say: Bad word } }")
	for body, want := range map[string][2]string{`{"x":["cash"]}`: {"conflict", "Bad word"}, `{"x":[]}`: {"invalid_value", "Too few"}} {
		in, e := &dialect.Input{}, dialecttest.Env()
		op := d.Op("link.create")
		if err := op.Parse(in, []byte(body), false); err != nil {
			t.Fatal(err)
		}
		op.Decode(in, e)
		if len(in.Problems) != 1 || in.Problems[0].Say == nil {
			t.Fatalf("%s: %+v, want one problem with words", body, in.Problems)
		}
		p := in.Problems[0]
		if diff := cmp.Diff(want, [2]string{string(p.Code), p.Say.Render(&e.Env)}); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
		if p.Field == nil || p.Field.Path != "x" {
			t.Errorf("%s is a violation of %v, want the list's", body, p.Field)
		}
	}
}

func TestGroupsAreObjectsOfFields(t *testing.T) {
	t.Parallel()
	merged := "g: { as: group, absent: null }\ng.a: { to: title }\ng.b: { to: description, clear: null }\nx: { to: slug }"
	replaced := "g: { as: group, merge: replace, clear: null, absent: null }\ng.a: { to: title, need: always }\ng.b: { to: description, default: std }\ng.h.c: { to: slug, need: always }\ng.h.d: { to: reference }\ng.z: { to: image, set: create }"
	old := map[string]string{"title": `"t"`, "description": `"d"`, "slug": `"s"`, "image": `"i"`}
	runCases(t, map[string]exchangeCase{
		"merged":                     {fields: merged, old: old, body: `{"g":{"a":"u"}}`, want: is("title", `"u"`, "description", `"d"`, "slug", `"s"`, "image", `"i"`)},
		"a member cleared":           {fields: merged, old: old, body: `{"g":{"b":null}}`, want: is("title", `"t"`, "description", `null`, "slug", `"s"`, "image", `"i"`)},
		"not an object":              {fields: merged, old: old, body: `{"g":7}`, want: refuses("g type")},
		"null where it is not taken": {fields: merged, old: old, body: `{"g":null}`, want: refuses("g type")},
		"in table order":             {head: "report: all", fields: "x: { to: slug }\n" + "g.a: { to: title }\ny: { to: image }", old: old, body: `{"y":1,"g":1,"x":1}`, want: refuses("x type", "g type", "y type")},
		"replaced":                   {fields: replaced, old: old, body: `{"g":{"a":"u"}}`, want: is("title", `"u"`, "image", `"i"`)},
		"cleared":                    {fields: replaced, old: old, body: `{"g":null}`, want: is("image", `"i"`)},
		"needs its member":           {fields: replaced, old: old, body: `{"g":{}}`, want: refuses("g.a missing")},
		"and that of its inner one":  {head: "report: all", fields: replaced, old: old, body: `{"g":{"a":"u","h":{}}}`, want: refuses("g.h.c missing")},
		"not sent, nothing is gone":  {fields: replaced, old: old, body: `{}`, want: dialecttest.Outcome{Slots: old}},
		"repeated, the last counts":  {fields: merged, old: old, body: `{"g":{"a":"u"},"g":{"b":"v"}}`, want: is("title", `"t"`, "description", `"v"`, "slug", `"s"`, "image", `"i"`)},
		"repeated after a violation": {fields: merged, old: old, body: `{"g":{"a":1},"g":{"b":"v"}}`, want: is("title", `"t"`, "description", `"v"`, "slug", `"s"`, "image", `"i"`)},
		"repeated after a wrong one": {fields: merged, old: old, body: `{"g":1,"g":{"b":"v"}}`, want: is("title", `"t"`, "description", `"v"`, "slug", `"s"`, "image", `"i"`)},
		"repeated with a wrong one":  {fields: merged, old: old, body: `{"g":{"b":"v"},"g":1}`, want: refuses("g type")},
		"replaced, then cleared":     {fields: replaced, old: old, body: `{"g":{"a":"u"},"g":null}`, want: is("image", `"i"`)},
		"cleared, then replaced":     {fields: replaced, old: old, body: `{"g":null,"g":{"a":"u"}}`, want: is("title", `"u"`, "image", `"i"`)},
		"inner cleared by repeating": {fields: "g: { as: group }\ng.h: { as: group, clear: null }\ng.h.c: { to: slug }", old: old, body: `{"g":{"h":null},"g":{}}`, want: dialecttest.Outcome{Slots: old}},
		"inner repeated":             {fields: replaced, old: old, body: `{"g":{"a":"u","h":{"c":1},"h":{"c":"w"}}}`, want: is("title", `"u"`, "slug", `"w"`, "image", `"i"`)},
	})
}

func TestFieldsThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	old := map[string]string{"title": `"t"`, "status": `"archived"`, "amount": "1050", "currency": `"USD"`, "expires_at": `"2026-01-15T10:30:00.123Z"`, "metadata": `{"a":1,"b":2}`, "items": `[{"n":1}]`}
	fields := `id: { to: id, dir: out }
		title: { to: title, set: create }
		status: { to: status, as: enum, dir: out, map: { on: active, off: [inactive, archived] }, else: off }
		amount: { to: amount, as: money.major, set: create }
		currency: { to: currency, as: currency }
		at: { to: expires_at, as: time.unix, set: create }
		meta: { to: metadata, as: json, set: create }
		none: { to: description, dir: out, clear: "" }
		def: { to: invoice, as: bool, set: create, default: false }
		url: { text: "{base}/{it.title}" }
		in: { to: consumed_at, as: time.in, dir: in, set: create }
		g: { as: group, set: create, absent: null }
		g.a: { to: slug }
		g.b: { to: image }`
	good := map[string]string{"id": `"one"`, "title": `"t"`, "escaped title": `"\u0074"`, "status": `"off"`, "amount": `10.5`, "amount other": `10.50`, "at": `1768473000`,
		"meta": `{ "b": 2, "a": 1 }`, "none": `null`, "none other": `""`, "def": `false`, "url": `"http://mock/t"`, "g": `null`, "g other": `{}`, "g more": `{"a":null}`}
	bad := map[string]string{"id": `"two"`, "title": `"u"`, "status": `"on"`, "amount": `10.51`, "at": `1768473001`, "meta": `{"a":1}`, "none": `"x"`, "def": `true`,
		"url": `"http://mock/u"`, "in": `5`, "g": `7`}
	cases := map[string]exchangeCase{}
	add := func(name, field, value, head string, want dialecttest.Outcome) {
		cases[name] = exchangeCase{head: head, fields: fields, old: old, body: `{"` + field + `":` + value + `}`, want: want}
	}
	for key, value := range good {
		field := strings.Fields(key)
		f := field[len(field)-1]
		if f != "title" {
			f = field[0]
		}
		add("same, "+key, f, value, "frozen: same", dialecttest.Outcome{Slots: old})
		add("ignored, "+key, f, value, "frozen: ignore", dialecttest.Outcome{Slots: old})
		add("refused, "+key, f, value, "frozen: refuse", refuses(f+" frozen"))
	}
	for key, value := range bad {
		f := strings.Fields(key)[0]
		add("another, "+key, f, value, "frozen: same", refuses(f+" frozen"))
		add("another ignored, "+key, f, value, "", dialecttest.Outcome{Slots: old})
		add("another refused, "+key, f, value, "frozen: refuse", refuses(f+" frozen"))
	}
	cases["a group member"] = exchangeCase{head: "frozen: same", fields: fields, old: old, body: `{"g":{"a":"x"}}`, want: refuses("g.a frozen")}
	cases["against the old currency"] = exchangeCase{head: "frozen: same", fields: fields, old: old, body: `{"currency":"JPY","amount":10.5}`, want: refuses("amount digits")}
	cases["refused once"] = exchangeCase{head: "frozen: refuse\nreport: all", fields: fields, old: old, body: `{"id":1,"id":2}`, want: refuses("id frozen")}
	cases["its line decides"] = exchangeCase{head: "frozen: refuse", fields: "a: { to: title, dir: out, frozen: ignore }", old: map[string]string{"title": `"t"`}, body: `{"a":"u"}`, want: is("title", `"t"`)}
	cases["its group decides"] = exchangeCase{fields: "g: { as: group, set: create, frozen: refuse }\ng.a: { to: title }", old: map[string]string{"title": `"t"`}, body: `{"g":{"a":"u"}}`, want: refuses("g frozen")}
	cases["a new record has none"] = exchangeCase{head: "frozen: same", fields: fields, body: `{"id":"x","g":{"a":"s"}}`, want: is("slug", `"s"`, "invoice", "false")}
	runCases(t, cases)
}

func TestUnknownMembersAreNamedWithTheirPlace(t *testing.T) {
	t.Parallel()
	fields := "a: { to: title }\ng.h.b: { to: slug }"
	body := `{"z":1,"a":"t","g":{"y":2,"h":{"b":"s","x.1":3}}}`
	runCases(t, map[string]exchangeCase{
		"ignored":       {fields: fields, body: body, want: is("title", `"t"`, "slug", `"s"`)},
		"dotted":        {head: "unknown: refuse\nreport: all", fields: fields, body: body, want: refuses("z unknown", "g.y unknown", "g.h.x.1 unknown")},
		"brackets":      {head: "unknown: refuse\nreport: all\npaths: brackets", fields: fields, body: body, want: refuses("z unknown", "g[y] unknown", "g[h][x.1] unknown")},
		"pointer":       {head: "unknown: refuse\nreport: all\npaths: pointer", fields: fields, body: body, want: refuses("/z unknown", "/g/y unknown", "/g/h/x.1 unknown")},
		"once":          {head: "unknown: refuse\nreport: all", fields: fields, body: `{"z":1,"z":2}`, want: refuses("z unknown")},
		"behind others": {head: "unknown: refuse\nreport: all", fields: fields, body: `{"z":1,"a":2}`, want: refuses("a type", "z unknown")},
	})
}

func TestARepeatedKeyCountsByItsLastValue(t *testing.T) {
	t.Parallel()
	fields := "a: { to: title, len: ..3, clear: null }\nb: { to: slug, need: create }"
	runCases(t, map[string]exchangeCase{
		"value":             {fields: fields, body: `{"a":"x","b":"s","a":"y"}`, want: is("title", `"y"`, "slug", `"s"`)},
		"broken, then good": {fields: fields, body: `{"a":"xxxx","b":"s","a":"y"}`, want: is("title", `"y"`, "slug", `"s"`)},
		"good, then broken": {fields: fields, body: `{"a":"y","b":"s","a":"xxxx"}`, want: refuses("a long")},
		"broken twice":      {head: "report: all", fields: fields, body: `{"a":"xxxx","b":"s","a":1}`, want: refuses("a type")},
		"cleared":           {fields: fields, body: `{"a":"y","b":"s","a":null}`, want: is("title", `null`, "slug", `"s"`)},
		"escaped alike":     {fields: fields, body: `{"a":"x","b":"s","\u0061":"y"}`, want: is("title", `"y"`, "slug", `"s"`)},
	})
}

func TestDefaultsAndAbsentForms(t *testing.T) {
	t.Parallel()
	runCases(t, map[string]exchangeCase{
		"default":                  {fields: "x: { to: recurrence, as: enum, map: { ONCE: none, DAY: day }, else: ONCE, default: DAY }", body: `{}`, want: is("recurrence", `"day"`), wire: `"DAY"`},
		"default of a list":        {fields: "x: { to: methods.types, as: list, of: { as: word }, default: [card] }", body: `{}`, want: is("methods.types", `["card"]`), wire: `["card"]`},
		"default of an amount":     {fields: "x: { to: amount, as: money.major, default: 1.5 }\nc: { to: currency, as: currency }", body: `{"c":"KWD"}`, want: is("amount", `1500`, "currency", `"KWD"`), wire: `1.5`},
		"default of a record":      {fields: "x: { to: ext.a, default: $account.id }", body: `{}`, want: is("t.a", `"acc"`), wire: `"acc"`},
		"default is not for null":  {fields: "x: { to: title, clear: null, default: std }", body: `{"x":null}`, want: is("title", "null"), wire: "null"},
		"shown before it is set":   {fields: "x: { to: title, default: std }", old: none, body: `{}`, want: is(), wire: `"std"`},
		"absent":                   {fields: "x: { to: title }", old: none, body: `{}`, want: is(), wire: `null`},
		"absent, left out":         {head: "absent: omit", fields: "x: { to: title }", old: none, body: `{}`, want: is()},
		"absent, a text":           {fields: `x: { to: title, absent: "{base}/x" }`, old: none, body: `{}`, want: is(), wire: `"http://mock/x"`},
		"absent, a list":           {fields: `x: { to: ext.l, as: json, absent: [] }`, old: none, body: `{}`, want: is(), wire: `[]`},
		"empty, left out":          {fields: `x: { to: ext.l, as: json, empty: omit, absent: false }`, old: map[string]string{"t.l": "[]"}, body: `{}`, want: is("t.l", "[]"), wire: `false`},
		"two digits are not empty": {fields: `x: { to: ext.l, as: json, empty: omit, absent: false }`, old: map[string]string{"t.l": "10"}, body: `{}`, want: is("t.l", "10"), wire: `10`},
		"a group of nothing":       {fields: "x: { as: group, absent: {} }\nx.a: { to: title }", old: none, body: `{}`, want: is(), wire: `{}`},
		"a group of something":     {fields: "x: { as: group, absent: null }\nx.b: { to: image }\nx.a: { to: title }", old: map[string]string{"title": `"t"`}, body: `{}`, want: is("title", `"t"`), wire: `{"a":"t"}`},
	})
}

func TestProblemsComeInTheOrderOfTheTable(t *testing.T) {
	t.Parallel()
	fields := "a: { to: title, need: create }\nb: { to: invoice, as: bool }\nc: { to: completion.limit, as: int }"
	runCases(t, map[string]exchangeCase{
		"whatever order they are sent in": {head: "report: all", fields: fields, body: `{"c":"x","b":"y"}`, want: refuses("a missing", "b type", "c type")},
		"an update needs nothing":         {head: "report: all", fields: fields, old: none, body: `{"c":"x"}`, want: refuses("c type")},
	})
}

func TestBodiesThatAreNotForUs(t *testing.T) {
	t.Parallel()
	d := dialecttest.Compile(t, "", "a: { to: title }")
	deep := func(n int) string { return `{"a":` + dialecttest.Repeat("[", n) + dialecttest.Repeat("]", n) + "}" }
	for name, c := range map[string]struct {
		body string
		want dialecttest.Outcome
	}{
		"empty":                      {"", is()},
		"blanks around":              {" \n{ \"a\" : \"t\" }\t", is("title", `"t"`)},
		"an array":                   {"[]", refuses("not_object")},
		"a text":                     {`"x"`, refuses("not_object")},
		"null":                       {`null`, refuses("not_object")},
		"cut off":                    {`{"a":`, refuses("malformed")},
		"two":                        {`{} {}`, refuses("malformed")},
		"a comma too many":           {`{"a":1,}`, refuses("malformed")},
		"single quotes":              {`{'a':1}`, refuses("malformed")},
		"a control character":        {"{\"a\":\"\x01\"}", refuses("malformed")},
		"not UTF-8":                  {"{\"a\":\"\xff\"}", refuses("malformed")},
		"a byte order mark":          {"\ufeff{}", refuses("malformed")},
		"as deep as it may":          {deep(63), refuses("a type")},
		"a level deeper":             {deep(64), refuses("malformed")},
		"8 MiB of brackets":          {dialecttest.Repeat("[", 8<<20), refuses("malformed")},
		"8 MiB of objects":           {dialecttest.Repeat(`{"a":`, 8<<20/5), refuses("malformed")},
		"brackets in a text":         {`{"a":"` + dialecttest.Repeat("[", 100) + `\"` + dialecttest.Repeat("{", 100) + `"}`, is("title", `"`+dialecttest.Repeat("[", 100)+`\"`+dialecttest.Repeat("{", 100)+`"`)},
		"many brackets, not deep":    {`{"b":[` + dialecttest.Repeat("[],", 1000) + `[]]}`, is()},
		"a hundred thousand members": {`{` + dialecttest.Repeat(`"k":1,`, 1<<17) + `"a":"t"}`, is("title", `"t"`)},
		"a hundred thousand items":   {`{"a":[` + dialecttest.Repeat(`1,`, 1<<17) + `1]}`, refuses("a type")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got := dialecttest.Send(t, d.Op("link.create"), nil, c.body, false)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestHostileBodiesAreRefusedWithoutMuchWork(t *testing.T) {
	t.Parallel()
	var many strings.Builder
	for i := range 1 << 17 {
		fmt.Fprintf(&many, `"%x":"",`, i)
	}
	for name, c := range map[string]struct{ head, fields, body, check string }{
		"unknown members stop at a hundred": {"unknown: refuse\nreport: all", "a: { to: title }", `{` + many.String() + `"a":1}`, "unknown"},
		"a map of too many keys":            {"", "m: { to: metadata, as: map, items: ..50 }", `{"m":{` + many.String() + `"a":1}}`, "many"},
		"a list of nothing but violations":  {"report: all", "l: { to: items, as: list, each: { a: { to: a, need: always } } }", `{"l":[` + dialecttest.Repeat(`{},`, 1<<16) + `{}]}`, "missing"},
		"a list that is too long":           {"report: all", "l: { to: items, as: list, items: ..5, each: { a: { to: a } } }", `{"l":[` + dialecttest.Repeat(`{},`, 1<<16) + `{}]}`, "many"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, got := dialecttest.Send(t, dialecttest.Compile(t, c.head, c.fields).Op("link.create"), nil, c.body, false)
			if n := len(got.Problems); n < 1 || n > 100 || !strings.HasSuffix(got.Problems[0], " "+c.check) {
				t.Errorf("%d problems, the first %.80q; want 1 to 100, the first %s", n, got.Problems, c.check)
			}
		})
	}
}

func TestRulesHoldForTheMergedRecord(t *testing.T) {
	t.Parallel()
	d, err := compile.File("t.yaml", []byte(strings.Replace(fmt.Sprintf(dialecttest.Small, "report: all", `      tax: { to: tax.collect, as: bool }
      rate: { to: tax.rate, clear: null }
      limit: { to: completion.limit, as: int, min: 1 }`), "  customer:", `    rules:
      - { when: it.tax.collect, need: rate }
      - { check: 'it.completion.limit < 10 || has(it.title)', field: limit, why: is too much, error: conflict }
      - { check: 'it.tax.rate != "bad"', on: create }
  customer:`, 1)))
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		old  map[string]string
		body string
		want dialecttest.Outcome
	}{
		"held":                            {none, `{"tax":true,"rate":"r"}`, is("tax.collect", "true", "tax.rate", `"r"`)},
		"needed":                          {none, `{"tax":true}`, refuses("rate need")},
		"needed, there already":           {map[string]string{"tax.rate": `"r"`}, `{"tax":true}`, is("tax.collect", "true", "tax.rate", `"r"`)},
		"needed, taken away":              {map[string]string{"tax.rate": `"r"`, "tax.collect": "true"}, `{"rate":null}`, refuses("rate need")},
		"not needed":                      {none, `{"tax":false}`, is("tax.collect", "false")},
		"too much":                        {none, `{"limit":10}`, refuses("limit rule")},
		"too much, but has a title":       {map[string]string{"title": `"t"`}, `{"limit":10}`, is("title", `"t"`, "completion.limit", "10")},
		"on create only":                  {none, `{"rate":"bad"}`, is("tax.rate", `"bad"`)},
		"on create":                       {nil, `{"rate":"bad"}`, refuses(" rule")},
		"a broken field is one violation": {none, `{"limit":0}`, refuses("limit low")},
	} {
		op, old := d.Op("link.create"), (*record.Record)(nil)
		if c.old != nil {
			op, old = d.Op("link.update"), dialecttest.Record(t, c.old)
		}
		_, got := dialecttest.Send(t, op, old, c.body, false)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestReferencesAreLookedUp(t *testing.T) {
	t.Parallel()
	d := dialecttest.Compile(t, "report: all\npaths: indexed", `c: { to: customer, clear: null, exists: customer, error: { exists: conflict } }
		l: { to: tax.rates, as: list, of: { exists: customer } }
		o: { to: items, as: list, each: { p: { to: p, exists: customer }, q: { to: q } } }`)
	op := d.Op("link.create")
	for body, want := range map[string][]string{
		`{}`:                        nil,
		`{"c":"good","l":["good"]}`: nil,
		`{"c":null}`:                nil,
		`{"c":"b\u0061d"}`:          {"c exists conflict bad"},
		`{"l":["good","bad"]}`:      {"l[1] exists reference_missing bad"},
		`{"o":[{"p":"bad"},{"q":"bad"},{"p":"good"}]}`: {"o[0].p exists reference_missing bad"},
	} {
		in, e := &dialect.Input{}, dialecttest.Env()
		if err := op.Parse(in, []byte(body), false); err != nil {
			t.Fatal(err)
		}
		op.Decode(in, e)
		op.Merge(in, e)
		op.References(in, func(res *dialect.Resource, id string) (string, bool) {
			return "", res.Name == "customer" && id == "good"
		})
		var got []string
		for _, p := range in.Problems {
			got = append(got, fmt.Sprint(p.Path, " ", p.Check, " ", p.Code, " ", record.Unquote(p.Value)))
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}
}

func TestUnwrapFindsTheFieldsInside(t *testing.T) {
	t.Parallel()
	d, err := compile.File("t.yaml", []byte(strings.Replace(fmt.Sprintf(dialecttest.Small, "", "      a: { to: title }"), "at: POST /links", "at: POST /links, unwrap: data.link", 1)))
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]dialecttest.Outcome{
		`{"data":{"link":{"a":"t"}}}`:                   is("title", `"t"`),
		`{"data":1,"data":{"link":5,"link":{"a":"t"}}}`: is("title", `"t"`),
		`{"data":{}}`:             refuses("data.link type"),
		`{"data":[]}`:             refuses("data type"),
		``:                        is(), // as an empty object
		`{"data.link":{"a":"t"}}`: refuses("data type"),
	} {
		_, got := dialecttest.Send(t, d.Op("link.create"), nil, body, false)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}
}

func TestWhatTheWireDoesNotShowSurvivesAnEcho(t *testing.T) {
	t.Parallel()
	fields := "x: { to: status, as: enum, map: { on: active, off: [inactive, archived, revoked] }, else: off }\nat: { to: expires_at, as: time.unix }"
	old := map[string]string{"status": `"archived"`, "expires_at": `"2026-01-15T10:30:00.123Z"`}
	runCases(t, map[string]exchangeCase{
		"an echo":      {fields: fields, old: old, body: `{"x":"off","at":1768473000}`, want: dialecttest.Outcome{Slots: old}},
		"another word": {fields: fields, old: old, body: `{"x":"on","at":1768473001}`, want: is("status", `"active"`, "expires_at", `"2026-01-15T10:30:01Z"`)},
		"from nothing": {fields: fields, old: none, body: `{"x":"off"}`, want: is("status", `"inactive"`)},
	})
}
