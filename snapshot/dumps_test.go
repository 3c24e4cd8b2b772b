package snapshot_test

import (
	"bufio"
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/record"
)

func TestAllSandboxesAreOneDocument(t *testing.T) {
	t.Parallel()
	budget := memory.New(memory.Least)
	w, f := worlds(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), budget)
	kept := map[string]string{}
	for _, name := range []string{"a", "b", "default"} {
		kept[name] = take(t, w, f, name)
	}
	sb := w.Peek("b")
	sb.Clock.Set(time.Date(2026, 1, 2, 3, 5, 0, 0, time.UTC), true)
	kept["b"] = take(t, w, f, "b")
	var dump bytes.Buffer
	if err := f.Dump(t.Context(), bufio.NewWriter(&dump), w.All()); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(dump.String(), `{"polylink":1,"sandboxes":[{"name":"a","polylink":1,"clock":`) {
		t.Errorf("the dump begins with %.200s", dump.String())
	}
	other, f := worlds(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), budget) // nothing has expired meanwhile
	names, err := f.Load(t.Context(), &dump, other)
	if err != nil || !slices.Equal(names, []string{"a", "b", "default"}) {
		t.Fatalf("Load = %v, %v", names, err)
	}
	for name, want := range kept {
		if diff := cmp.Diff(want, take(t, other, f, name)); diff != "" {
			t.Errorf("%s (-kept +restored)\n%s", name, diff)
		}
	}
	// A snapshot by itself is that of the default sandbox.
	names, err = f.Load(t.Context(), strings.NewReader(kept["b"]), other)
	if err != nil || !slices.Equal(names, []string{"default"}) || take(t, other, f, "default") != kept["b"] {
		t.Errorf("Load of a snapshot = %v, %v", names, err)
	}
	if got := budget.Used(memory.Snapshots); got != 0 {
		t.Errorf("%d bytes of restored documents are still counted", got)
	}
}

func TestWhatIsNoDumpIsAnInvalidRecordError(t *testing.T) {
	t.Parallel()
	budget := memory.New(memory.Least)
	w, f := worlds(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), budget)
	const one = `{"name":"a","polylink":1,"rows":[]}`
	for doc, says := range map[string]string{
		``:                                    "the body is empty",
		`{"polylink":1}`:                      "no list of rows",
		`{"polylink":9,"sandboxes":[]}`:       "this program reads up to version 1",
		`{"polylink":1,"sandboxes":{}}`:       "sandboxes must be a list",
		`{"polylink":1,"sandboxes":[1]}`:      "sandbox 1 is no object",
		`{"polylink":1,"sandboxes":[{}]}`:     "no member polylink",
		`{"polylink":1,"sandboxes":[` + one:   "not one JSON value",
		`{"sandboxes":[]}`:                    "no member polylink",
		`{"polylink":1,"sandboxes":[],"x":1}`: `there is no member "x"`,
		`{"polylink":1,"sandboxes":[` + one + `,` + one + `]}`:                  `sandbox 2 has the name "a", which is none, or that of another one`,
		`{"polylink":1,"sandboxes":[{"name":"A","polylink":1,"rows":[]}]}`:      `sandbox 1 has the name "A"`,
		`{"polylink":1,"sandboxes":[{"name":7,"polylink":1,"rows":[]}]}`:        "must be a string and is a number",
		`{"polylink":1,"sandboxes":[{"name":"a","polylink":2,"rows":[]}]}`:      "this program reads up to version 1",
		`{"polylink":1,"sandboxes":[{"name":"a","polylink":1,"rows":[{}]}]}`:    "row 1 of the snapshot: it has no record",
		`{"polylink":1,"sandboxes":[{"name":"a","polylink":1,"sandboxes":[]}]}`: `there is no member "sandboxes"`,
	} {
		_, err := f.Load(t.Context(), strings.NewReader(doc), w)
		if e, ok := errors.AsType[*record.Error](err); !ok || e.Code != record.CodeInvalid || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v; want invalid and %q", doc, err, says)
		}
	}
	if got := budget.Used(memory.Snapshots); got != 0 {
		t.Errorf("%d bytes of refused documents are still counted", got)
	}
}
