package codec_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/record"
)

func usd(*record.Record) string { return "USD" }

// every is one of each codec.
func every() map[string]codec.Codec {
	return map[string]codec.Codec{
		"text":        (&codec.Text{As: "string", Len: codec.Span{Min: 40, Max: -1}}).Ready(),
		"word":        (&codec.Text{As: "word", Len: codec.Any, OneOf: []string{"a", "b"}}).Ready(),
		"email":       (&codec.Text{As: "email", Len: codec.Any}).Ready(),
		"uuid":        (&codec.Text{As: "uuid", Len: codec.Any}).Ready(),
		"url":         (&codec.Text{As: "url", Len: codec.Any, URL: (&codec.URL{Schemes: []string{"https"}}).Ready()}).Ready(),
		"bool":        &codec.Bool{},
		"int":         (&codec.Int{}).Ready(),
		"number":      (&codec.Number{}).Ready(),
		"currency":    &codec.Currency{},
		"money.minor": (&codec.Money{Code: usd}).Ready(),
		"money.major": (&codec.Money{Code: usd, Major: true}).Ready(),
		"money.text":  (&codec.Money{Code: usd, Major: true, Quoted: true}).Ready(),
		"time":        (&codec.Time{Form: "rfc3339", Digits: -1}).Ready(),
		"time.in":     (&codec.Time{Form: "in", Digits: -1, Unit: time.Minute}).Ready(),
		"enum":        (&codec.Enum{In: map[string]string{`"ON"`: `"active"`}, Out: map[string][]byte{`"active"`: []byte(`"ON"`)}, Order: []string{`"ON"`}}).Ready(),
		"json":        (&codec.JSON{}).Ready(),
		"map":         (&codec.Map{Items: codec.Any, Keys: codec.Any, Values: codec.Any}).Ready(),
	}
}

func TestWhatCodecsCanTellOfThemselves(t *testing.T) {
	t.Parallel()
	got := map[string][]string{}
	for name, c := range every() {
		for word, is := range map[string]bool{"plain": codec.IsPlain(c), "relative": codec.IsRelative(c), "open": codec.IsOpen(c), "nests": codec.Nests(c), "recast": codec.IsRecast(c)} {
			if is {
				got[word] = append(got[word], name)
			}
		}
		if _, ok := c.(codec.Described); !ok {
			t.Errorf("%s has no schema", name)
		}
	}
	want := map[string][]string{
		"plain":    {"bool", "email", "int", "json", "map", "number", "text", "url", "uuid", "word"},
		"relative": {"money.major", "money.text", "time.in"},
		"open":     {"json"},
		"nests":    {"json", "map"},
		"recast":   {"currency"},
	}
	sorted := cmp.Transformer("sorted", func(in []string) map[string]bool {
		out := map[string]bool{}
		for _, s := range in {
			out[s] = true
		}
		return out
	})
	if diff := cmp.Diff(want, got, sorted); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestSamplesAreTaken(t *testing.T) {
	t.Parallel()
	n := 0
	for name, c := range every() {
		s, ok := c.(codec.Sampler)
		if !ok {
			continue
		}
		n++
		wire := s.Sample()
		text, broken := c.Decode(jsontext.ValueOf(wire), time.Unix(1, 0))
		if broken != nil || text == "" {
			t.Errorf("%s: its sample %q is refused: %v", name, wire, broken)
		}
	}
	if n < 10 {
		t.Errorf("%d codecs have samples", n)
	}
}

func TestAmountsAreSettledOnceTheCurrencyIsKnown(t *testing.T) {
	t.Parallel()
	yen, dollar := record.New(record.Links, "t"), record.New(record.Links, "t")
	currency := record.Links.MustSlot("currency")
	yen.Set(currency, `"JPY"`)
	dollar.Set(currency, `"USD"`)
	c := (&codec.Money{Major: true, Code: func(rec *record.Record) string { return rec.Text(currency) }}).Ready()
	text, broken := c.Settle("10.50", dollar)
	if broken != nil || text != "1050" {
		t.Errorf("10.50 USD is %s, %v", text, broken)
	}
	if _, broken := c.Settle("10.50", yen); broken == nil || broken.Check != "digits" {
		t.Errorf("10.50 JPY is refused with %v, want digits", broken)
	}
	wire, other := c.Unsettle("1050", dollar, yen)
	if !other || wire != "10.5" {
		t.Errorf("1050 of USD is %q on the wire, %v", wire, other)
	}
	if _, other := c.Unsettle("1050", dollar, dollar); other {
		t.Error("the same currency has another minor unit")
	}
}
