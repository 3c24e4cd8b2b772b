package snapshot

import (
	"io"
	"strings"
	"testing"
)

// TestAMistakeEndsTheReading looks that what follows a mistake is not read once
// the version of the format is known: it may be millions of rows.
func TestAMistakeEndsTheReading(t *testing.T) {
	t.Parallel()
	const many = 200_000
	row := `{"nonsense":1},`
	for name, head := range map[string]string{"a row": `{"polylink":1,"rows":[`, "a member": `{"polylink":1,"nonsense":0,"rows":[`} {
		in := &counted{r: io.MultiReader(strings.NewReader(head), strings.NewReader(strings.Repeat(row, many)))}
		_, err := (Format{}).Read(in)
		if err == nil || !strings.Contains(err.Error(), "nonsense") {
			t.Errorf("%s: %v", name, err)
		}
		if in.n > 1<<16 {
			t.Errorf("%s: %d bytes were read", name, in.n)
		}
	}
}

// counted counts what is read.
type counted struct {
	r io.Reader
	n int
}

func (c *counted) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += n
	return n, err
}
