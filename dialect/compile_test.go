package dialect

import (
	"testing"

	"github.com/polylink-dev/polylink/mappings"
)

// shipped compiles the dialects of the repository.
func shipped(t testing.TB) *Set {
	t.Helper()
	set, err := Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestShippedDialectsCompile(t *testing.T) {
	if got := len(shipped(t).Dialects); got < 5 {
		t.Fatalf("%d dialects, want at least 5", got)
	}
}
