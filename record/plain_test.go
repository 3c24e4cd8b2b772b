package record

import (
	"math/big"
	"testing"

	"pgregory.net/rapid"
)

func TestPlainNumbersCompareAsTheirValuesDo(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		number := rapid.StringMatching(`(0|[1-9][0-9]{0,5})(\.[0-9]{1,5})?`)
		a, b := number.Draw(t, "a"), number.Draw(t, "b")
		x, _ := new(big.Rat).SetString(a)
		y, _ := new(big.Rat).SetString(b)
		if got, ok := CompareNumbers(a, b); !ok || got != x.Cmp(y) {
			t.Fatalf("CompareNumbers(%s, %s) = %d, %v, want %d", a, b, got, ok, x.Cmp(y))
		}
	})
}
