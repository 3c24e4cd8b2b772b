package dialect_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect/dialecttest"
	"github.com/polylink-dev/polylink/internal/jsontext"
)

func TestScalarCodecsInBothDirections(t *testing.T) {
	t.Parallel()
	type value struct {
		in    string // on the wire
		slot  string // canonical; "" for a refusal
		check string // that refused it
		out   string // on the wire again; "" for the same as in
	}
	for name, c := range map[string]struct {
		field  string
		values []value
	}{
		"string": {"to: title, len: 2..4", []value{
			{in: `"abc"`, slot: `"abc"`}, {in: `"\u0061bc"`, slot: `"abc"`, out: `"abc"`}, {in: `"a\u0000"`, slot: `"a\u0000"`},
			{in: `"a"`, check: "short"}, {in: `""`, check: "short"}, {in: `"abcde"`, check: "long"},
			{in: `"éééé"`, slot: `"éééé"`}, {in: `"ééééé"`, check: "long"}, {in: `"é"`, check: "short"},
			{in: `"😀😀😀😀"`, slot: `"😀😀😀😀"`}, {in: `"😀"`, check: "short"}, {in: `"\ud83d\ude00x"`, slot: `"😀x"`, out: `"😀x"`},
			{in: `1`, check: "type"}, {in: `true`, check: "type"}, {in: `null`, check: "type"}, {in: `{}`, check: "type"}, {in: `[]`, check: "type"},
		}},
		"one length":  {"to: title, len: 3", []value{{in: `"abc"`, slot: `"abc"`}, {in: `"ab"`, check: "short"}, {in: `"abcd"`, check: "long"}}},
		"open length": {"to: title, len: 5..", []value{{in: `"abcde"`, slot: `"abcde"`}, {in: `"éééé"`, check: "short"}, {in: `"😀😀😀😀😀"`, slot: `"😀😀😀😀😀"`}}},
		"any length":  {"to: title", []value{{in: `""`, slot: `""`}, {in: `"\ud800"`, slot: `"\ud800"`}}},
		"squeezed": {"to: title, squeeze: true, len: 1..3", []value{
			{in: `"  a \n b "`, slot: `"a b"`, out: `"a b"`}, {in: `"  "`, check: "short"}, {in: `"a  b  c"`, check: "long"}}},
		"pattern": {"to: title, match: 'a|bc'", []value{{in: `"a"`, slot: `"a"`}, {in: `"bc"`, slot: `"bc"`}, {in: `"ac"`, check: "format"}, {in: `"a\n"`, check: "format"}}},
		"word":    {"to: title, as: word, one_of: [a, b]", []value{{in: `"a"`, slot: `"a"`}, {in: `"\u0062"`, slot: `"b"`, out: `"b"`}, {in: `"A"`, check: "one_of"}}},
		"url": {"to: image, as: url", []value{
			{in: `"https://a.example/x?y=1#z"`, slot: `"https://a.example/x?y=1#z"`}, {in: `"HTTP://A.example"`, slot: `"HTTP://A.example"`},
			{in: `"http:///x"`, check: "format"}, {in: `"/x"`, check: "format"}, {in: `"x"`, check: "format"}, {in: `"//a/b"`, check: "format"},
			{in: `"https:"`, check: "format"}, {in: `"https://"`, check: "format"}, {in: `"mailto:a@b.c"`, check: "format"}, {in: `"ftp://a"`, check: "format"},
			{in: `"javascript:alert(1)"`, check: "format"}, {in: `"https://a b"`, check: "format"}, {in: `"https://a/b c"`, check: "format"},
			{in: `"https://a/\n"`, check: "format"}, {in: `"https://:80"`, check: "format"}, {in: `"https://a:80"`, slot: `"https://a:80"`},
			{in: `"https://a:0"`, check: "format"}, {in: `"https://a:65536"`, check: "format"}, {in: `"https://a:x"`, check: "format"},
			{in: `"https://[::1]:8080/x"`, slot: `"https://[::1]:8080/x"`}, {in: `"https://[::1"`, check: "format"}, {in: `"https://u:p@a"`, slot: `"https://u:p@a"`},
			{in: `""`, check: "format"}, {in: `1`, check: "type"}, {in: `null`, check: "type"},
		}},
		"https url": {`to: image, as: url, schemes: [https], insecure: [localhost, 127.0.0.1, "::1", "*.localhost"], fragment: refuse, userinfo: refuse, len: ..40`, []value{
			{in: `"https://a.example"`, slot: `"https://a.example"`}, {in: `"http://a.example"`, check: "format"},
			{in: `"http://localhost:3000/x"`, slot: `"http://localhost:3000/x"`}, {in: `"http://LOCALHOST"`, slot: `"http://LOCALHOST"`},
			{in: `"http://app.localhost"`, slot: `"http://app.localhost"`}, {in: `"http://.localhost"`, check: "format"},
			{in: `"http://127.0.0.1"`, slot: `"http://127.0.0.1"`}, {in: `"http://127.0.0.2"`, check: "format"}, {in: `"http://[::1]"`, slot: `"http://[::1]"`},
			{in: `"http://[::ffff:127.0.0.1]"`, slot: `"http://[::ffff:127.0.0.1]"`}, {in: `"http://localhost.evil.example"`, check: "format"},
			{in: `"http://evil-localhost"`, check: "format"}, {in: `"http://localhost@evil.example"`, check: "format"},
			{in: `"https://a.example#x"`, check: "format"}, {in: `"https://a.example#"`, check: "format"}, {in: `"https://u@a.example"`, check: "format"},
			{in: `"https://@a.example"`, check: "format"}, {in: `"https://a.example/` + dialecttest.Repeat("x", 40) + `"`, check: "long"},
		}},
		"uuid": {"to: reference, as: uuid", []value{
			{in: `"123e4567-e89b-12d3-a456-426614174000"`, slot: `"123e4567-e89b-12d3-a456-426614174000"`},
			{in: `"123E4567-E89B-12D3-A456-426614174000"`, slot: `"123e4567-e89b-12d3-a456-426614174000"`, out: `"123e4567-e89b-12d3-a456-426614174000"`},
			{in: `"123e4567e89b12d3a456426614174000"`, check: "format"}, {in: `"123e4567-e89b-12d3-a456-42661417400g"`, check: "format"},
			{in: `"{123e4567-e89b-12d3-a456-426614174000}"`, check: "format"}, {in: `""`, check: "format"}, {in: `5`, check: "type"},
		}},
		"email": {"to: customer_email, as: email, len: ..20", []value{
			{in: `"a@b.example"`, slot: `"a@b.example"`}, {in: `"a@b"`, check: "format"}, {in: `"@b.c"`, check: "format"}, {in: `"a b@c.d"`, check: "format"},
			{in: `"a@b@c.d"`, check: "format"}, {in: `"` + dialecttest.Repeat("a", 20) + `@b.c"`, check: "long"}, {in: `[]`, check: "type"},
		}},
		"bool": {"to: invoice, as: bool", []value{
			{in: `true`, slot: `true`}, {in: `false`, slot: `false`}, {in: `"true"`, check: "type"}, {in: `1`, check: "type"}, {in: `0`, check: "type"}, {in: `null`, check: "type"},
		}},
		"int": {"to: completion.limit, as: int, min: 1, max: 9007199254740993", []value{
			{in: `1`, slot: `1`}, {in: `5.0`, slot: `5`, out: `5`}, {in: `1e2`, slot: `100`, out: `100`}, {in: `9007199254740993`, slot: `9007199254740993`},
			{in: `9007199254740994`, check: "high"}, {in: `0`, check: "low"}, {in: `-0`, check: "low"}, {in: `-1`, check: "low"}, {in: `1.5`, check: "type"},
			{in: `1e400`, check: "type"}, {in: `1e-400`, check: "type"}, {in: dialecttest.Repeat("9", 500), check: "type"}, {in: `"1"`, check: "type"}, {in: `true`, check: "type"},
		}},
		"above": {"to: completion.limit, as: int, above: 0", []value{{in: `1`, slot: `1`}, {in: `0`, check: "low"}, {in: `0.5`, check: "type"}}},
		"number": {"to: ext.rate, as: number, min: -1, max: 100", []value{
			{in: `1.50`, slot: `1.50`}, {in: `1e1`, slot: `1e1`}, {in: `-0`, slot: `-0`}, {in: `99.999999999999999999999`, slot: `99.999999999999999999999`},
			{in: `100.000000000000000000001`, check: "high"}, {in: `-1.1`, check: "low"}, {in: `1e400`, check: "high"}, {in: `"1"`, check: "type"},
		}},
		"currency": {"to: currency, as: currency", []value{
			{in: `"USD"`, slot: `"USD"`}, {in: `"usd"`, slot: `"USD"`, out: `"USD"`}, {in: `"Usd"`, check: "one_of"}, {in: `"XYZ"`, check: "one_of"}, {in: `""`, check: "one_of"}, {in: `1`, check: "type"},
		}},
		"lower currency": {"to: currency, as: currency, case: lower", []value{{in: `"usdc"`, slot: `"USDC"`}, {in: `"JPY"`, slot: `"JPY"`, out: `"jpy"`}}},
		"enum": {"to: submit_type, as: enum, map: { AUTO: auto, PAY: [pay, book] }, else: AUTO, refuse: [AUTO]", []value{
			{in: `"PAY"`, slot: `"pay"`}, {in: `"\u0050AY"`, slot: `"pay"`, out: `"PAY"`}, {in: `"AUTO"`, check: "one_of"}, {in: `"pay"`, check: "one_of"},
			{in: `""`, check: "one_of"}, {in: `1`, check: "one_of"}, {in: `[]`, check: "one_of"}, {in: `{}`, check: "one_of"}, {in: `null`, check: "type"},
		}},
		"enum of bools": {"to: status, as: enum, map: { true: active, false: [inactive, archived] }, else: false", []value{
			{in: `true`, slot: `"active"`}, {in: `false`, slot: `"inactive"`}, {in: `"true"`, check: "type"}, {in: `0`, check: "type"},
		}},
		"enum of numbers":  {"to: submit_type, as: enum, map: { 1: auto, 2: pay }, else: 1", []value{{in: `1`, slot: `"auto"`}, {in: `2`, slot: `"pay"`}, {in: `"1"`, check: "one_of"}, {in: `1.0`, check: "one_of"}}},
		"enum over a bool": {"to: invoice, as: enum, map: { YES: true, NO: false }", []value{{in: `"YES"`, slot: `true`}, {in: `"NO"`, slot: `false`}, {in: `true`, check: "one_of"}}},
		"time": {"to: expires_at, as: time.rfc3339", []value{
			{in: `"2026-01-15T10:30:00Z"`, slot: `"2026-01-15T10:30:00Z"`},
			{in: `"2026-01-15T10:30:00+02:00"`, slot: `"2026-01-15T08:30:00Z"`, out: `"2026-01-15T08:30:00Z"`},
			{in: `"2026-01-15T10:30:00.1200Z"`, slot: `"2026-01-15T10:30:00.12Z"`, out: `"2026-01-15T10:30:00.12Z"`},
			{in: `"2026-01-15"`, slot: `"2026-01-15T00:00:00Z"`, out: `"2026-01-15T00:00:00Z"`},
			{in: `"9999-12-31T23:59:59-01:00"`, check: "format"}, {in: `"0000-01-01T00:00:00Z"`, check: "format"}, {in: `"0000-01-01"`, check: "format"},
			{in: `"0001-01-01T00:00:00+01:00"`, check: "format"}, {in: `"2026-02-30T00:00:00Z"`, check: "format"}, {in: `"2026-01-15 10:30:00Z"`, check: "format"},
			{in: `"2026-01-15T10:30:00"`, check: "format"}, {in: `"now"`, check: "format"}, {in: `""`, check: "format"}, {in: `1768473000`, check: "type"},
		}},
		"time with digits": {"to: expires_at, as: time.rfc3339, digits: 3", []value{
			{in: `"2026-01-15T10:30:00Z"`, slot: `"2026-01-15T10:30:00Z"`, out: `"2026-01-15T10:30:00.000Z"`},
			{in: `"2026-01-15T10:30:00.123456Z"`, slot: `"2026-01-15T10:30:00.123456Z"`, out: `"2026-01-15T10:30:00.123Z"`},
		}},
		"unix": {"to: expires_at, as: time.unix", []value{
			{in: `1768473000`, slot: `"2026-01-15T10:30:00Z"`}, {in: `0`, slot: `"1970-01-01T00:00:00Z"`}, {in: `-1`, slot: `"1969-12-31T23:59:59Z"`},
			{in: `1.768473e9`, slot: `"2026-01-15T10:30:00Z"`, out: `1768473000`}, {in: `253402300799`, slot: `"9999-12-31T23:59:59Z"`},
			{in: `253402300800`, check: "format"}, {in: `-62135596801`, check: "format"}, {in: `9223372036854775807`, check: "format"}, {in: `9223372036854775808`, check: "type"},
			{in: `1.5`, check: "type"}, {in: `1e400`, check: "type"}, {in: `"1768473000"`, check: "type"},
		}},
		"unix_ms": {"to: expires_at, as: time.unix_ms", []value{{in: `1768473000123`, slot: `"2026-01-15T10:30:00.123Z"`}, {in: `9223372036854775807`, check: "format"}}},
		"json": {"to: custom_text, as: json", []value{
			{in: `{"a":1.50,"b":[1e2,-0,9007199254740993,{"c":"\u00e9"}]}`, slot: `{"a":1.50,"b":[1e2,-0,9007199254740993,{"c":"\u00e9"}]}`},
			{in: `{ "a" : 1 , "b" : [ ] }`, slot: `{"a":1,"b":[]}`, out: `{"a":1,"b":[]}`}, {in: `{"a":1,"b":2,"a":3}`, slot: `{"a":3,"b":2}`, out: `{"a":3,"b":2}`},
			{in: `[{"x":{"y":1,"y":2}}]`, slot: `[{"x":{"y":2}}]`, out: `[{"x":{"y":2}}]`}, {in: `{"a.b":1,"*":2,"@this":3,"":4}`, slot: `{"a.b":1,"*":2,"@this":3,"":4}`},
			{in: `"x"`, slot: `"x"`}, {in: `1.0`, slot: `1.0`}, {in: `null`, check: "type"},
		}},
		"json object":     {"to: custom_text, as: json, type: object, bytes: ..9", []value{{in: `{"a": 1}`, slot: `{"a":1}`, out: `{"a":1}`}, {in: `[]`, check: "type"}, {in: `"x"`, check: "type"}, {in: `{"a":"bcde"}`, check: "large"}}},
		"json array":      {"to: custom_text, as: json, type: array", []value{{in: `[1,2]`, slot: `[1,2]`}, {in: `{}`, check: "type"}}},
		"in an extension": {"to: ext.x, as: int", []value{{in: `7`, slot: `7`}, {in: `"7"`, check: "type"}}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := dialecttest.Compile(t, "", "x: { "+c.field+" }")
			for _, v := range c.values {
				e, out := dialecttest.Send(t, d.Op("link.create"), nil, `{"x":`+v.in+`}`, false)
				want := dialecttest.Outcome{Problems: []string{"x " + v.check}}
				if v.check == "" {
					to, _, _ := strings.Cut(strings.TrimPrefix(c.field, "to: "), ",")
					want = dialecttest.Outcome{Slots: map[string]string{strings.Replace(to, "ext.", "t.", 1): v.slot}}
				}
				if diff := cmp.Diff(want, out); diff != "" {
					t.Errorf("%.60s (-want +got)\n%s", v.in, diff)
				}
				if v.check != "" || len(out.Problems) > 0 {
					continue
				}
				if v.out == "" {
					v.out = v.in
				}
				if diff := cmp.Diff(v.out, dialecttest.Wire(t, d.Resources["link"], e.It).Get("x").Raw); diff != "" {
					t.Errorf("%.60s goes out as (-want +got)\n%s", v.in, diff)
				}
			}
		})
	}
}

func TestCanonicalWordsOutsideATableShowTheRest(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ field, slot, value, want string }{
		"else":          {"to: status, as: enum, map: { ON: active }, else: ON", "status", `"revoked"`, `"ON"`},
		"many to one":   {"to: status, as: enum, map: { ON: active, OFF: [inactive, revoked] }, else: ON", "status", `"revoked"`, `"OFF"`},
		"else of bools": {"to: status, as: enum, map: { true: active, false: inactive }, else: false", "status", `"expired"`, `false`},
		"others":        {"to: currency, as: enum, map: { usdc: USDC }, others: lower", "currency", `"JPY"`, `"jpy"`},
	} {
		d := dialecttest.Compile(t, "", "x: { "+c.field+" }")
		if got := dialecttest.Wire(t, d.Resources["link"], dialecttest.Record(t, map[string]string{c.slot: c.value})).Get("x").Raw; got != c.want {
			t.Errorf("%s: %s shows as %s, want %s", name, c.value, got, c.want)
		}
	}
}

func TestDurationsCountFromNow(t *testing.T) {
	t.Parallel()
	d := dialecttest.Compile(t, "", "m: { to: expires_at, as: time.in, unit: 1m, dir: in, min: 1, max: 99999999999999, default: 60 }\nat: { to: expires_at, as: time.rfc3339, dir: out }")
	for body, want := range map[string]dialecttest.Outcome{
		`{}`:                   {Slots: map[string]string{"expires_at": `"2026-03-01T13:00:00Z"`}},
		`{"m":90}`:             {Slots: map[string]string{"expires_at": `"2026-03-01T13:30:00Z"`}},
		`{"m":0}`:              {Problems: []string{"m low"}},
		`{"m":1.5}`:            {Problems: []string{"m type"}},
		`{"m":"5"}`:            {Problems: []string{"m type"}},
		`{"m":99999999999999}`: {Problems: []string{"m format"}},
	} {
		_, got := dialecttest.Send(t, d.Op("link.create"), nil, body, false)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", body, diff)
		}
	}
}

func TestMoneyFollowsTheDigitsOfItsCurrency(t *testing.T) {
	t.Parallel()
	fields := "amount: { to: amount, as: %, clear: null, max: 1000000000 }\ncurrency: { to: currency, as: currency, default: USD }"
	type c struct{ body, slot, check, out string }
	for as, cases := range map[string][]c{
		"money.major": {
			{`{"amount":10.50}`, `1050`, "", `10.5`}, {`{"amount":10.50,"currency":"JPY"}`, ``, "digits", ``}, {`{"currency":"JPY","amount":10}`, `10`, "", `10`},
			{`{"amount":10,"currency":"JPY"}`, `10`, "", `10`}, {`{"amount":1.234,"currency":"KWD"}`, `1234`, "", `1.234`}, {`{"amount":34.999}`, ``, "digits", ``},
			{`{"amount":1e2}`, `10000`, "", `100`}, {`{"amount":-0}`, `0`, "", `0`}, {`{"amount":1e400}`, ``, "high", ``}, {`{"amount":1e401}`, ``, "high", ``},
			{`{"amount":0.000000000000000001,"currency":"ETH"}`, `1`, "", `0.000000000000000001`}, {`{"amount":"10"}`, ``, "type", ``},
			{`{"amount":1000000000.01}`, ``, "high", ``}, {`{"amount":null}`, `null`, "", `null`}, {`{"amount":5,"amount":7}`, `700`, "", `7`},
		},
		"money.minor": {{`{"amount":1050}`, `1050`, "", `1050`}, {`{"amount":10.5}`, ``, "type", ``}, {`{"amount":10.0,"currency":"JPY"}`, `10`, "", `10`}, {`{"amount":"5"}`, ``, "type", ``}},
		"money.text":  {{`{"amount":"10.50"}`, `1050`, "", `"10.5"`}, {`{"amount":10.5}`, ``, "type", ``}, {`{"amount":"1e1"}`, `1000`, "", `"10"`}, {`{"amount":"x"}`, ``, "type", ``}, {`{"amount":""}`, ``, "type", ``}, {`{"amount":" 1"}`, ``, "type", ``}, {`{"amount":"1 "}`, ``, "type", ``}, {`{"amount":"0.001"}`, ``, "digits", ``}},
	} {
		d := dialecttest.Compile(t, "", strings.Replace(fields, "%", as, 1))
		for _, c := range cases {
			e, got := dialecttest.Send(t, d.Op("link.create"), nil, c.body, false)
			if c.check != "" {
				if diff := cmp.Diff(dialecttest.Outcome{Problems: []string{"amount " + c.check}}, got); diff != "" {
					t.Errorf("%s %s (-want +got)\n%s", as, c.body, diff)
				}
				continue
			}
			if got.Slots["amount"] != c.slot {
				t.Errorf("%s %s: %v, want amount %s", as, c.body, got, c.slot)
				continue
			}
			if out := dialecttest.Wire(t, d.Resources["link"], e.It).Get("amount").Raw; out != c.out {
				t.Errorf("%s %s goes out as %s, want %s", as, c.body, out, c.out)
			}
		}
	}
}

func TestAnAmountKeepsItsWireValueWhenTheCurrencyChanges(t *testing.T) {
	t.Parallel()
	d := dialecttest.Compile(t, "", "amount: { to: amount, as: money.major }\ncurrency: { to: currency, as: currency }")
	for name, c := range map[string]struct {
		amount, currency, body string
		want                   dialecttest.Outcome
	}{
		"more digits":      {"1050", "USD", `{"currency":"KWD"}`, dialecttest.Outcome{Slots: map[string]string{"amount": "10500", "currency": `"KWD"`}}},
		"fewer, even":      {"1000", "USD", `{"currency":"JPY"}`, dialecttest.Outcome{Slots: map[string]string{"amount": "10", "currency": `"JPY"`}}},
		"fewer, uneven":    {"1050", "USD", `{"currency":"JPY"}`, dialecttest.Outcome{Problems: []string{"amount digits"}}},
		"as many":          {"1050", "USD", `{"currency":"EUR"}`, dialecttest.Outcome{Slots: map[string]string{"amount": "1050", "currency": `"EUR"`}}},
		"sent along":       {"1050", "USD", `{"amount":7,"currency":"JPY"}`, dialecttest.Outcome{Slots: map[string]string{"amount": "7", "currency": `"JPY"`}}},
		"sent first":       {"1050", "USD", `{"currency":"JPY","amount":7}`, dialecttest.Outcome{Slots: map[string]string{"amount": "7", "currency": `"JPY"`}}},
		"nothing there":    {"null", "USD", `{"currency":"JPY"}`, dialecttest.Outcome{Slots: map[string]string{"amount": "null", "currency": `"JPY"`}}},
		"other field only": {"1050", "USD", `{}`, dialecttest.Outcome{Slots: map[string]string{"amount": "1050", "currency": `"USD"`}}},
	} {
		old := dialecttest.Record(t, map[string]string{"amount": c.amount, "currency": `"` + c.currency + `"`})
		_, got := dialecttest.Send(t, d.Op("link.update"), old, c.body, false)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}

func TestFormTextsAreTypedByTheirFields(t *testing.T) {
	t.Parallel()
	d := dialecttest.Compile(t, "body: form", `
		b: { to: invoice, as: bool }
		i: { to: completion.limit, as: int, clear: "" }
		e: { to: status, as: enum, map: { true: active, false: inactive }, else: false }
		t: { to: expires_at, as: time.unix, clear: [null, ""] }
		s: { to: title }
		m: { to: metadata, as: map, merge: keys, remove: [""] }
		l: { to: ext.list, as: list, of: { as: int } }
		o: { to: items, as: list, each: { n: { to: quantity, as: int, need: always }, p: { to: price } } }`)
	for name, c := range map[string]struct {
		form string
		want dialecttest.Outcome
	}{
		"every type": {`b=true&i=5&e=false&t=1768473000&s=12`, dialecttest.Outcome{Slots: map[string]string{"invoice": "true", "completion.limit": "5", "status": `"inactive"`,
			"expires_at": `"2026-01-15T10:30:00Z"`, "title": `"12"`}}},
		"wrong types":         {`b=yes&i=five&e=on&t=x`, dialecttest.Outcome{Problems: []string{"b type", "i type", "e type", "t type"}}},
		"emptied":             {`i=&t=`, dialecttest.Outcome{Slots: map[string]string{"completion.limit": "null", "expires_at": "null"}}},
		"a map":               {`m[a.b]=1&m[*]=true&m[c]=`, dialecttest.Outcome{Slots: map[string]string{"metadata": `{"a.b":"1","*":"true"}`}}},
		"a list":              {`l[]=1&l[]=2`, dialecttest.Outcome{Slots: map[string]string{"t.list": `[1,2]`}}},
		"a list of texts":     {`l[]=1&l[]=x`, dialecttest.Outcome{Problems: []string{"l.1 type"}}},
		"a list of objects":   {`o[0][n]=3&o[0][p]=7`, dialecttest.Outcome{Slots: map[string]string{"items": `[{"quantity":3,"price":"7"}]`}}},
		"a number":            {`l[3000000]=1`, is("t.list", `[1]`)},
		"a list that goes on": {`l[1]=1&l[]=2&l[]=3`, is("t.list", `[1,2,3]`)},
		"a list backwards":    {`l[7]=3&l[2]=2&l[0]=1`, is("t.list", `[1,2,3]`)},
		"no list":             {`l[01]=1`, dialecttest.Outcome{Problems: []string{"l type"}}},
		"no list by a key":    {`l[0]=1&l[x]=2`, dialecttest.Outcome{Problems: []string{"l type"}}},
		"an empty text":       {`s=`, dialecttest.Outcome{Slots: map[string]string{"title": `""`}}},
	} {
		body, err := jsontext.FormToJSON(c.form)
		if err != nil {
			t.Fatal(err)
		}
		_, got := dialecttest.Send(t, d.Op("link.create"), nil, string(body), true)
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", name, diff)
		}
	}
}
