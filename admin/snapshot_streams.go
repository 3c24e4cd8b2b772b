package admin

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// MarshalJSON writes the document whole.
func (s Snapshot) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	if err := s.write(w); err != nil {
		return nil, err
	}
	err := w.Flush()
	return b.Bytes(), err
}

// serve writes the document row by row, so that it is never whole in memory.
func (s Snapshot) serve(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	out := bufio.NewWriterSize(w, 64<<10)
	if s.write(out) == nil { // else whoever asked has gone
		_ = out.WriteByte('\n')
		_ = out.Flush()
	}
}

// write writes the members of the document in their order.
func (s Snapshot) write(w *bufio.Writer) error {
	member := func(before string, v any) error {
		var b bytes.Buffer
		enc := json.NewEncoder(&b)
		enc.SetEscapeHTML(false)
		if err := enc.Encode(v); err != nil {
			return err
		}
		_, _ = w.WriteString(before)
		_, err := w.Write(bytes.TrimSuffix(b.Bytes(), []byte{'\n'}))
		return err
	}
	if err := errors.Join(member(`{"polylink":`, s.Polylink), member(`,"clock":`, s.Clock)); err != nil {
		return err
	}
	before := `,"rows":[`
	for _, row := range s.Rows {
		if err := member(before, row); err != nil {
			return err
		}
		before = ","
	}
	for _, row := range s.stored {
		if err := member(before, s.show(row)); err != nil {
			return err
		}
		before = ","
	}
	if before != "," {
		_, _ = w.WriteString(before)
	}
	if err := errors.Join(member(`],"limits":`, s.Limits), member(`,"faults":`, s.Faults)); err != nil {
		return err
	}
	return w.WriteByte('}')
}

// snapshotReader reads a document member by member and row by row: of a row its
// record is kept, and not its text.
type snapshotReader struct {
	api    *API
	in     *validReader
	dec    *json.Decoder
	out    *Snapshot
	budget *memory.Budget
	held   int64 // bytes of the budget
	first  error // what is wrong, told once the version of the format is known
}

// readSnapshot reads a document. Its version counts first, wherever it stands.
func (a *API) readSnapshot(body io.Reader) (any, error) {
	r := &snapshotReader{api: a, in: &validReader{r: body}, out: &Snapshot{}, budget: a.o.Sandboxes.Memory()}
	r.dec = json.NewDecoder(r.in)
	r.dec.DisallowUnknownFields()
	err := r.read()
	if err == nil {
		err = r.first
	}
	if err != nil {
		r.release()
		return nil, err
	}
	r.out.release = r.release
	return r.out, nil
}

// release gives the budget back, once.
func (r *snapshotReader) release() {
	r.budget.Add(memory.Snapshots, -r.held)
	r.held = 0
}

func (r *snapshotReader) read() error {
	switch t, err := r.dec.Token(); {
	case errors.Is(err, io.EOF) && r.in.err == nil:
		return bad("the body is empty; send %s", snapshotExample)
	case err != nil:
		return r.broken(err)
	case t != json.Delim('{'):
		return bad("the body is no JSON object; send %s", snapshotExample)
	}
	for r.dec.More() {
		t, err := r.dec.Token()
		if err != nil {
			return r.broken(err)
		}
		name, _ := t.(string) // the decoder lets nothing else stand there
		if err := r.member(name); err != nil {
			return err
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return r.broken(err)
	}
	if r.out.Polylink == 0 {
		return bad("this is no snapshot, for it has no member polylink with the number of a version; send %s", snapshotExample)
	}
	return nil
}

// member reads one member of the document.
func (r *snapshotReader) member(name string) error {
	switch {
	case strings.EqualFold(name, "polylink"):
		return r.version()
	case r.first != nil:
		return r.skip() // no more is told than the first mistake
	case strings.EqualFold(name, "clock"):
		return r.value(&r.out.Clock)
	case strings.EqualFold(name, "rows"):
		return r.rows()
	case strings.EqualFold(name, "limits"):
		return r.value(&r.out.Limits)
	case strings.EqualFold(name, "faults"):
		return r.value(&r.out.Faults)
	}
	names := []string{"polylink", "clock", "rows", "limits", "faults"}
	r.first = bad("there is no member %q%s; send %s", cut(clean(name)), yml.DidYouMean(name, names), snapshotExample)
	return r.skip()
}

// version reads the version of the format.
func (r *snapshotReader) version() error {
	var v int
	switch err := r.dec.Decode(&v); {
	case err != nil && r.fatal(err):
		return r.broken(err)
	case err != nil || v < 1:
		return bad("this is no snapshot, for it has no member polylink with the number of a version; send %s", snapshotExample)
	case v > snapshotVersion:
		return bad("the snapshot is of version %d and this program reads up to version %d; restore it with a newer polylink, or export it again with this one", v, snapshotVersion)
	}
	r.out.Polylink = v
	return nil
}

// value reads a value that is whole in memory.
func (r *snapshotReader) value(into any) error {
	err := r.dec.Decode(into)
	if err == nil {
		return nil
	}
	if r.fatal(err) {
		return r.broken(err)
	}
	r.first = bad("%s; send %s", explain(err, into), snapshotExample)
	return nil
}

// rows reads the list of rows.
func (r *snapshotReader) rows() error {
	t, err := r.dec.Token()
	switch {
	case err != nil:
		return r.broken(err)
	case t == nil: // null is no list, as none is
		return nil
	case t != json.Delim('['):
		r.first = bad("rows must be a list; send %s", snapshotExample)
		if t == json.Delim('{') {
			return r.skipRest()
		}
		return nil
	}
	r.out.Rows = []SnapshotRow{}
	for r.dec.More() {
		if err := r.row(); err != nil {
			return err
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	return nil
}

// row reads one row. It returns store.ErrFull where memory does not hold it.
func (r *snapshotReader) row() error {
	var row SnapshotRow
	if err := r.value(&row); err != nil || r.first != nil {
		return err
	}
	n := len(r.out.Rows) + 1
	rec, err := r.api.record(row)
	if err != nil {
		r.first = badRow(n, err)
		return nil
	}
	row.record, row.Record = rec, nil
	size := rowBytes + int64(rec.Size())
	if !r.budget.Room(memory.Snapshots, size) {
		return store.ErrFull
	}
	r.budget.Add(memory.Snapshots, size)
	r.held += size
	r.out.Rows = append(r.out.Rows, row)
	return nil
}

// rowBytes is what a row takes in an engine besides its record, about.
const rowBytes = 2000

// skip reads over a value without keeping it.
func (r *snapshotReader) skip() error {
	t, err := r.dec.Token()
	if err != nil {
		return r.broken(err)
	}
	if t == json.Delim('{') || t == json.Delim('[') {
		return r.skipRest()
	}
	return nil
}

// skipRest reads over the rest of an object or a list.
func (r *snapshotReader) skipRest() error {
	for depth := 1; depth > 0; {
		t, err := r.dec.Token()
		if err != nil {
			return r.broken(err)
		}
		switch t {
		case json.Delim('{'), json.Delim('['):
			depth++
		case json.Delim('}'), json.Delim(']'):
			depth--
		}
	}
	return nil
}

// fatal tells whether the decoder cannot go on after an error.
func (r *snapshotReader) fatal(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	return syntax || r.in.err != nil || errors.Is(err, io.ErrUnexpectedEOF)
}

// broken says why the document cannot be read on.
func (r *snapshotReader) broken(err error) error {
	switch {
	case errors.Is(r.in.err, errNotUTF8):
		return bad("the body is not UTF-8; send %s", snapshotExample)
	case r.in.err != nil:
		return r.in.err
	}
	return bad("the body is not one JSON value; send %s", snapshotExample)
}

// errNotUTF8 says that a text is none.
var errNotUTF8 = errors.New("not UTF-8")

// validReader passes on what is UTF-8, and notes what ended the reading before
// its end.
type validReader struct {
	r    io.Reader
	rest []byte // the beginning of a character
	err  error
}

// Read reads so much that the characters in it are whole.
func (v *validReader) Read(p []byte) (int, error) {
	if v.err != nil {
		return 0, v.err
	}
	n := copy(p, v.rest)
	m, err := v.r.Read(p[n:])
	n += m
	v.rest = v.rest[:0]
	if err != nil && !errors.Is(err, io.EOF) {
		v.err = err
		return 0, err
	}
	whole := n
	if err == nil {
		whole = wholeCharacters(p[:n])
	}
	if !utf8.Valid(p[:whole]) {
		v.err = errNotUTF8
		return 0, v.err
	}
	v.rest = append(v.rest, p[whole:n]...)
	return whole, err
}

// wholeCharacters is how much of a text does not end within a character.
func wholeCharacters(p []byte) int {
	for back := 1; back < utf8.UTFMax && back <= len(p); back++ {
		if at := len(p) - back; utf8.RuneStart(p[at]) {
			if !utf8.FullRune(p[at:]) {
				return at
			}
			break
		}
	}
	return len(p)
}

// record reads the record of a row.
func (a *API) record(r SnapshotRow) (*record.Record, error) {
	if r.record != nil {
		return r.record, nil
	}
	return a.parseRecord(r.Record)
}
