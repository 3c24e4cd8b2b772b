package arch

import (
	"bytes"
	"testing"
)

// most is how many lines a package may have without its tests; nor may it be
// more than a quarter of the code.
const most = 4000

func TestNoPackageIsTooLarge(t *testing.T) {
	t.Parallel()
	list, err := read(root(t))
	if err != nil {
		t.Fatal(err)
	}
	lines, all := map[string]int{}, 0
	for _, s := range list {
		if !s.test {
			n := bytes.Count(s.text, []byte("\n"))
			lines[s.dir] += n
			all += n
		}
	}
	for dir, n := range lines {
		if n > most || n > all/4 {
			t.Errorf("package %s has %d lines without its tests, of %d in all; cut it by what it does", dir, n, all)
		}
	}
}
