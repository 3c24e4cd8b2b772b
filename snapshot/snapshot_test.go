package snapshot_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/polylink-dev/polylink/dialect/compile"
	"github.com/polylink-dev/polylink/dialect/seed"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/fixtures"
	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/mappings"
	"github.com/polylink-dev/polylink/mockstore"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/snapshot"
	"github.com/polylink-dev/polylink/store"
)

// worlds are sandboxes of the repository's own dialects that begin at a time,
// and their format.
func worlds(t *testing.T, at time.Time, budget *memory.Budget) (*sandbox.Sandboxes, snapshot.Format) {
	t.Helper()
	set, err := compile.Compile(mappings.FS, nil)
	if err != nil {
		t.Fatal(err)
	}
	fix, err := seed.Load(fixtures.FS, set)
	if err != nil {
		t.Fatal(err)
	}
	w, err := sandbox.New(sandbox.Options{Engine: mockstore.Within(budget), Memory: budget, Rows: fix.Rows, Real: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	return w, snapshot.Format{Set: set, Memory: budget, Example: "the document that was kept"}
}

// take is a sandbox as the text of a document.
func take(t *testing.T, w *sandbox.Sandboxes, f snapshot.Format, name string) string {
	t.Helper()
	sb, err := w.Get(t.Context(), name)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := f.Take(t.Context(), sb)
	if err != nil {
		t.Fatal(err)
	}
	data, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestWhatIsTakenIsRestoredInAnotherProcess(t *testing.T) {
	t.Parallel()
	budget := memory.New(memory.Least)
	w, f := worlds(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), budget)
	sb, err := w.Get(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	sb.Clock.Set(time.Date(2026, 1, 2, 3, 5, 0, 123456789, time.UTC), true)
	if _, err := sb.Faults.Add(faults.Fault{Times: 3, Status: 503, Delay: 250 * time.Millisecond}); err != nil {
		t.Fatal(err)
	}
	kept := take(t, w, f, "a")
	for _, says := range []string{`{"polylink":1,"clock":{"now":"2026-01-02T03:05:00.123456789Z","frozen":true},"rows":[{"version":`, `"delay":"250ms"`, `"object":"link"`} {
		if !strings.Contains(kept, says) {
			t.Errorf("the document does not say %s: %.300s", says, kept)
		}
	}
	other, f := worlds(t, time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC), budget)
	doc, err := f.Read(strings.NewReader(kept))
	if err != nil {
		t.Fatal(err)
	}
	if budget.Used(memory.Snapshots) == 0 {
		t.Error("what is read is not counted")
	}
	if _, err := f.Restore(t.Context(), doc, other, "b"); err != nil {
		t.Fatal(err)
	}
	if got := budget.Used(memory.Snapshots); got != 0 {
		t.Errorf("%d bytes of a restored document are still counted", got)
	}
	if diff := cmp.Diff(kept, take(t, other, f, "b")); diff != "" {
		t.Errorf("(-kept +restored)\n%s", diff)
	}
}

func TestWhatIsNoSnapshotIsAnInvalidRecordError(t *testing.T) {
	t.Parallel()
	budget := memory.New(memory.Least)
	w, f := worlds(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), budget)
	before := take(t, w, f, "a")
	name := f.Set.Dialects[0].Name
	row := func(member string) string {
		return `{"polylink":1,"rows":[{"version":1,"record":{"object":"link","dialect":"` + name + `","id":"x","status":"active"` + member + `}}]}`
	}
	for doc, says := range map[string]string{
		``:                                     "the body is empty; send the document that was kept",
		`{"polylink":1,"rows":[]}]`:            "not one JSON value",
		`{"polylink":1,"rowz":[]}`:             `there is no member "rowz", did you mean "rows"; send the document that was kept`,
		`{"polylink":7}`:                       "this program reads up to version 1",
		`{"polylink":1}`:                       "no list of rows",
		`{"polylink":1,"rows":[{"versio":1}]}`: `did you mean "version"`,
		row(`,"titel":"x"`):                    `row 1 of the snapshot: a link has no member "titel", did you mean "title"`,
		row(`,"account":"gone"`):               `its account "gone" is no row of the snapshot`,
		`{"polylink":1,"rows":[],"clock":{"now":"9500-01-01T00:00:00Z"}}`:                                     "1970 and 9000",
		`{"polylink":1,"rows":[],"faults":[{"id":"flt_1","times":1,"status":503,"operation":"nope"}]}`:        `there is no operation "nope"`,
		`{"polylink":1,"rows":[],"faults":[{"id":"flt_1","times":1,"status":503,"delay":"soon"}]}`:            `is "soon"; send the document that was kept`,
		`{"polylink":1,"rows":[],"faults":[{"id":"flt_1","times":1,"status":503,"dialect":"nowhere-to-go"}]}`: `there is no dialect "nowhere-to-go"`,
	} {
		read, err := f.Read(strings.NewReader(doc))
		if err == nil {
			_, err = f.Restore(t.Context(), read, w, "a")
		}
		e, ok := errors.AsType[*record.Error](err)
		if !ok || e.Code != record.CodeInvalid || !strings.Contains(e.Msg, says) {
			t.Errorf("%s: %v; want invalid and %q", doc, err, says)
		}
	}
	if got := budget.Used(memory.Snapshots); got != 0 {
		t.Errorf("%d bytes of refused documents are still counted", got)
	}
	if diff := cmp.Diff(before, take(t, w, f, "a")); diff != "" {
		t.Errorf("a refused document has changed something (-before +after)\n%s", diff)
	}
}

func TestADocumentThatMemoryDoesNotHoldIsRefusedWhileItIsRead(t *testing.T) {
	t.Parallel()
	budget := memory.New(memory.Least)
	_, f := worlds(t, time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), nil)
	f.Memory = budget
	budget.Add(memory.Rows, memory.Least-1<<20)
	var b bytes.Buffer
	b.WriteString(`{"polylink":1,"rows":[`)
	row := `{"version":1,"record":{"object":"link","dialect":"` + f.Set.Dialects[0].Name + `","id":"x","title":"` + strings.Repeat("x", 100_000) + `"}}`
	for range 40 {
		b.WriteString(row + ",")
	}
	if _, err := f.Read(&b); !errors.Is(err, store.ErrFull) {
		t.Errorf("%v, want that memory is full", err)
	}
	if b.Len() == 0 {
		t.Error("it was read to its end")
	}
	if got := budget.Used(memory.Snapshots); got != 0 {
		t.Errorf("%d bytes are still counted", got)
	}
}
