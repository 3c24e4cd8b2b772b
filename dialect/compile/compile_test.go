package compile_test

import (
	"testing"

	"github.com/polylink-dev/polylink/dialect/dialecttest"
)

func TestShippedDialectsCompile(t *testing.T) {
	if got := len(dialecttest.Shipped(t).Dialects); got < 5 {
		t.Fatalf("%d dialects, want at least 5", got)
	}
}
