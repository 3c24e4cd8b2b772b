package snapshot

import (
	"bytes"
	"io"
	"testing"
	"testing/iotest"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestWhatIsValidDoesNotDependOnHowItComes(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(rapid.StringOf(rapid.RuneFrom([]rune("aä€😀"))).Draw(t, "text"))
		if rapid.Bool().Draw(t, "broken") && len(text) > 0 {
			text = append(text[:rapid.IntRange(0, len(text)-1).Draw(t, "cut")], rapid.SampledFrom([]string{"", "\xff", "\xe2\x82"}).Draw(t, "tail")...)
		}
		read := []func(io.Reader) io.Reader{func(r io.Reader) io.Reader { return r }, iotest.OneByteReader, iotest.HalfReader, iotest.DataErrReader}
		in := rapid.SampledFrom(read).Draw(t, "reader")(bytes.NewReader(text))
		got, err := io.ReadAll(&validReader{r: in})
		if valid := utf8.Valid(text); valid != (err == nil) || valid && !bytes.Equal(got, text) {
			t.Fatalf("%q was read as %q with %v", text, got, err)
		}
	})
}
