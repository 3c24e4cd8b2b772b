package admin

import (
	"fmt"
	"io"
	"runtime"
	"strings"
	"testing"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/sandbox"
)

// manyRows is a snapshot of n links with titles of size bytes.
func manyRows(n, size int) string {
	var b strings.Builder
	b.WriteString(`{"polylink":1,"clock":{"now":null,"frozen":false},"rows":[`)
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"version":1,"record":{"object":"link","dialect":"katu9","id":"link%d","status":"active","title":"%s"}}`, i, strings.Repeat("x", size))
	}
	b.WriteString(`],"limits":[],"faults":[]}`)
	return b.String()
}

func TestSnapshotsAreReadWhateverTheOrderOfTheirMembers(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	row := `{"version":3,"record":{"object":"link","dialect":"katu9","id":"x","status":"active","title":"ä€😀"}}`
	for name, doc := range map[string]string{
		"rows first":   `{"rows":[` + row + `],"polylink":1}`,
		"white space":  " \n{ \"rows\" : [ " + row + " ] , \"polylink\" : 1 }\n ",
		"a clock last": `{"polylink":1,"rows":[` + row + `],"clock":{"now":"2030-01-01T00:00:00Z","frozen":true}}`,
	} {
		l.admin("PUT /snapshot", doc).want(200)
		if got := l.admin("GET /links/katu9/x", "").want(200); got.get("title") != "ä€😀" {
			t.Errorf("%s: the link is %s", name, got.body)
		}
	}
	for name, c := range map[string]struct {
		doc  string
		says []string
	}{
		"rows of a newer format":     {`{"rows":[{"new":1}],"polylink":2}`, []string{"version 2"}},
		"a member and no version":    {`{"deep":{"a":[{"b":[1,2,{}]}]},"rows":[` + row + `]}`, []string{"this is no snapshot"}},
		"a member and a version":     {`{"deep":{"a":[{"b":[1,2,{}]}]},"polylink":1,"rows":[]}`, []string{"deep"}},
		"the first mistake":          {`{"rows":[{"version":"x"},{"version":1}],"polylink":1}`, []string{"version must be a whole number"}},
		"rows that are no list":      {`{"rows":{"a":[]},"polylink":1}`, []string{"rows must be a list"}},
		"rows that are a text":       {`{"rows":"a","polylink":1}`, []string{"rows must be a list"}},
		"rows that are null":         {`{"rows":null,"polylink":1}`, []string{"rows"}},
		"two documents":              {`{"polylink":1,"rows":[]}{}`, []string{"not one JSON value"}},
		"a document and a half":      {`{"polylink":1,"rows":[]},`, []string{"not one JSON value"}},
		"half a document":            {`{"polylink":1,"rows":[` + row, []string{"not one JSON value"}},
		"a name without a value":     {`{"polylink"}`, []string{"not one JSON value"}},
		"no JSON":                    {`polylink`, []string{"not one JSON value"}},
		"a list":                     {`[]`, []string{"no JSON object"}},
		"nothing":                    {``, []string{"empty"}},
		"no UTF-8":                   {`{"polylink":1,"rows":[],"x` + "\xff" + `":1}`, []string{"UTF-8"}},
		"a character cut at the end": {`{"polylink":1,"rows":[]}` + "\xe2\x82", []string{"UTF-8"}},
	} {
		l.admin("PUT /snapshot", c.doc).refused(400, c.says...)
		if got := l.admin("GET /links/katu9/x", ""); got.status != 200 {
			t.Errorf("%s: a refused snapshot has changed something", name)
		}
	}
}

// TestASnapshotThatMemoryDoesNotHoldIsRefused restores more than the budget
// holds, though less than limits.snapshot.
func TestASnapshotThatMemoryDoesNotHoldIsRefused(t *testing.T) {
	t.Parallel()
	b := memory.New(memory.Least)
	l := newLab(t, func(_ *Options, o *sandbox.Options) { o.Engine, o.Memory = mockstore.Within(b), b })
	put := func(n int, headers ...string) answer { // the kit's look at the body would take its time
		return l.send("PUT /__admin/snapshot", manyRows(n, 10_000), headers...)
	}
	put(1000).want(200)
	before := b.Used(memory.Rows)
	put(6000).refused(507, "limits.memory")
	if got := b.Used(memory.Snapshots); got != 0 {
		t.Errorf("%d bytes of snapshots are held", got)
	}
	if n := l.admin("GET /links", "").get("links.#"); n != "1000" || b.Used(memory.Rows) != before {
		t.Errorf("%s links are there, and %d bytes more", n, b.Used(memory.Rows)-before)
	}
	if l.worlds.Counts().Refused.Load() != 1 {
		t.Errorf("%d refusals are counted", l.worlds.Counts().Refused.Load())
	}
	put(1000, "X-Polylink-Sandbox: other").want(200)
}

// TestASnapshotIsNotWholeInMemory measures the whole process, so it does not
// run beside others.
func TestASnapshotIsNotWholeInMemory(t *testing.T) {
	l := newLab(t)
	doc := manyRows(2000, 10_000)
	before := allocated()
	var rows int
	in, err := l.api.readSnapshot(readerFunc(func(p []byte) (int, error) {
		n := copy(p, doc[rows:])
		if rows += n; n == 0 {
			return 0, io.EOF
		}
		return n, nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	held := allocated() - before
	t.Logf("%d bytes are held for a document of %d", held, len(doc))
	if held > int64(len(doc))*13/10 {
		t.Errorf("%d bytes are held for a document of %d", held, len(doc))
	}
	runtime.KeepAlive(in)
}

type readerFunc func(p []byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func allocated() int64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
