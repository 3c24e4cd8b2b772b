package record

import (
	"math/big"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMinorIsExactOrRefuses(t *testing.T) {
	t.Parallel()
	const no = "refused"
	for name, c := range map[string]struct {
		number string
		digits int
		want   string
	}{
		"whole":                         {"10", 2, "1000"},
		"trailing zeros":                {"1.50", 2, "150"},
		"more zeros than digits":        {"1.5000", 2, "150"},
		"too many decimals":             {"34.999", 2, no},
		"three digits":                  {"34.999", 3, "34999"},
		"no digits":                     {"35", 0, "35"},
		"a fraction without digits":     {"35.5", 0, no},
		"exponent":                      {"1e2", 2, "10000"},
		"capital exponent with plus":    {"1E+2", 0, "100"},
		"exponent that shifts away":     {"150e-1", 0, "15"},
		"exponent too far down":         {"15e-3", 2, no},
		"nothing, far down":             {"0e-300", 2, "0"},
		"minus nothing":                 {"-0", 2, "0"},
		"minus nothing with decimals":   {"-0.00", 2, "0"},
		"below zero":                    {"-1.5", 2, "-150"},
		"smaller than a minor unit":     {"0.001", 2, no},
		"one minor unit":                {"0.01", 2, "1"},
		"above 2^53":                    {"9007199254740993", 0, "9007199254740993"},
		"above 2^53 with decimals":      {"9007199254740993.01", 2, "900719925474099301"},
		"eighteen digits":               {"0.000000000000000001", 18, "1"},
		"leading zeros":                 {"00012", 0, "12"},
		"huge exponent":                 {"1e400", 0, no},
		"exponent past every number":    {"1e99999999999999999999", 0, no},
		"thirty digits":                 {strings.Repeat("9", 30), 0, strings.Repeat("9", 30)},
		"thirty-one digits":             {strings.Repeat("9", 31), 0, no},
		"a book of digits":              {strings.Repeat("9", 1<<20), 0, no},
		"a book of zeros":               {strings.Repeat("0", 1<<20), 0, no},
		"empty":                         {"", 2, no},
		"a sign alone":                  {"-", 2, no},
		"a point alone":                 {"1.", 2, no},
		"a leading point":               {".5", 2, no},
		"an exponent alone":             {"1e", 2, no},
		"an exponent with a sign alone": {"1e+", 2, no},
		"hexadecimal":                   {"0x10", 2, no},
		"a blank":                       {"1 ", 2, no},
		"not a number":                  {"NaN", 2, no},
		"infinity":                      {"Infinity", 2, no},
		"a plus sign":                   {"+1", 2, no},
		"digits of another script":      {"١", 2, no},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, ok := Minor(c.number, c.digits)
			if !ok {
				got = no
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

func TestMajorIsTheShortestNumber(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		minor  string
		digits int
		want   string
	}{
		"whole":               {"1000", 2, "10"},
		"one decimal":         {"150", 2, "1.5"},
		"below one":           {"5", 2, "0.05"},
		"nothing":             {"0", 2, "0"},
		"below zero":          {"-5", 2, "-0.05"},
		"no digits":           {"500", 0, "500"},
		"eighteen":            {"1", 18, "0.000000000000000001"},
		"far above 2^53":      {"900719925474099301", 2, "9007199254740993.01"},
		"zeros stay inside":   {"100100", 2, "1001"},
		"zeros after the dot": {"100001", 3, "100.001"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if diff := cmp.Diff(c.want, string(Major(nil, c.minor, c.digits))); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
		})
	}
}

// number draws the text of a JSON number of a sensible size.
func number(t *rapid.T, label string) string {
	return rapid.StringMatching(`-?(0|[1-9][0-9]{0,12})(\.[0-9]{1,8})?([eE][+-]?[0-9]{1,2})?`).Draw(t, label)
}

func rat(s string) *big.Rat {
	r, ok := new(big.Rat).SetString(s)
	if !ok {
		panic("not a number: " + s)
	}
	return r
}

func TestMajorUndoesMinor(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.IntRange(0, 18).Draw(t, "digits")
		n := number(t, "n")
		scaled := new(big.Rat).Mul(rat(n), new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits)), nil)))
		minor, ok := Minor(n, digits)
		fits := scaled.IsInt() && len(strings.TrimPrefix(scaled.Num().String(), "-")) <= MaxDigits
		if ok != fits {
			t.Fatalf("Minor(%s, %d) = %q, %v; whole and short enough: %v", n, digits, minor, ok, fits)
		}
		if !ok {
			return
		}
		if minor != scaled.Num().String() {
			t.Fatalf("Minor(%s, %d) = %s, want %s", n, digits, minor, scaled.Num())
		}
		if major := string(Major(nil, minor, digits)); rat(major).Cmp(rat(n)) != 0 {
			t.Fatalf("Major(%s, %d) = %s, want %s", minor, digits, major, n)
		}
	})
}

func TestCompareNumbersAgreesWithExactArithmetic(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		a, b := number(t, "a"), number(t, "b")
		if rapid.Bool().Draw(t, "close") && !strings.ContainsAny(a, "eE") && strings.Contains(a, ".") {
			b = a + rapid.SampledFrom([]string{"", "0", "1"}).Draw(t, "end")
		}
		got, ok := CompareNumbers(a, b)
		if want := rat(a).Cmp(rat(b)); !ok || got != want {
			t.Fatalf("CompareNumbers(%s, %s) = %d, %v; want %d", a, b, got, ok, want)
		}
	})
}

func TestCompareNumbersRefusesWhatIsNone(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "-", "1e400000", strings.Repeat("1", 401), "x", "1.", "NaN"} {
		if _, ok := CompareNumbers(s, "0"); ok {
			t.Errorf("CompareNumbers(%.20q, 0) was taken", s)
		}
		if _, ok := CompareNumbers("0", s); ok {
			t.Errorf("CompareNumbers(0, %.20q) was taken", s)
		}
	}
}

func TestIntegerTakesWholeNumbersInAnySpelling(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"5": "5", "5.0": "5", "5e0": "5", "1e2": "100", "-0": "0", "0.0": "0", "-7.00": "-7",
		"9007199254740993": "9007199254740993", "5.5": "", "1e400": "", "1e-1": "", "": ""} {
		got, _ := Integer(in)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("Integer(%q) (-want +got)\n%s", in, diff)
		}
	}
}

func FuzzMinor(f *testing.F) {
	for _, s := range []string{"1", "-0", "1.50", "1e2", "1e-2", "0.00e0", "9007199254740993", "1e400", "x"} {
		f.Add(s, uint8(2))
	}
	f.Fuzz(func(t *testing.T, s string, digits uint8) {
		d := int(digits % 19)
		minor, ok := Minor(s, d)
		if !ok {
			return
		}
		again, ok := Minor(string(Major(nil, minor, d)), d)
		if !ok || again != minor {
			t.Fatalf("%q is %q in minor units, and %q after a round trip", s, minor, again)
		}
	})
}

func TestMovedByIsExact(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		before, after string
		percent       int64
		want          bool
	}{
		{"100", "110", 10, false}, {"100", "111", 10, true}, {"100", "90", 10, false}, {"100", "89", 10, true}, {"0", "0", 10, false}, {"0", "1", 10, true},
		{"-100", "-111", 10, true}, {"-100", "-110", 10, false}, {"900719925474099300", "990791918021509230", 10, false}, {"900719925474099300", "990791918021509231", 10, true},
		{"", "5", 10, true}, {"null", "null", 10, false}, {"5", "null", 10, true},
	} {
		if got := MovedBy(c.before, c.after, c.percent); got != c.want {
			t.Errorf("MovedBy(%s, %s, %d%%) = %v, want %v", c.before, c.after, c.percent, got, c.want)
		}
	}
}
