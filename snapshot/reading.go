package snapshot

import (
	"encoding/json"
	"errors"
	"io"
	"strings"

	"github.com/polylink-dev/polylink/internal/jsonerrors"
	"github.com/polylink-dev/polylink/internal/memory"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/store"
)

// reader reads a document member by member and row by row: of a row its
// record is kept, and not its text.
type reader struct {
	f     Format
	in    *validReader
	dec   *json.Decoder
	out   *Document
	held  int64 // bytes of the budget
	first error // what is wrong, told once the version of the format is known

	named  bool                  // it is one of a dump
	each   func(*Document) error // takes the sandboxes of a dump; nil where there can be none
	dumped bool                  // there were any
}

// Read reads a document, which Restore then takes over together with the memory
// that it is counted with. Its version counts first, wherever it stands. What
// ends the reading too early is returned as it is.
func (f Format) Read(in io.Reader) (*Document, error) {
	r := &reader{f: f, in: &validReader{r: in}, out: &Document{}}
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
func (r *reader) release() {
	r.f.Memory.Add(memory.Snapshots, -r.held)
	r.held = 0
}

func (r *reader) read() error {
	switch t, err := r.dec.Token(); {
	case errors.Is(err, io.EOF) && r.in.err == nil:
		return r.f.invalid("the body is empty")
	case err != nil:
		return r.broken(err)
	case t != json.Delim('{'):
		return r.f.invalid("the body is no JSON object")
	}
	if err := r.object(); err != nil {
		return err
	}
	if _, err := r.dec.Token(); !errors.Is(err, io.EOF) {
		return r.broken(err)
	}
	return r.versioned()
}

// object reads the members of an object and its end.
func (r *reader) object() error {
	for r.dec.More() {
		t, err := r.dec.Token()
		if err != nil {
			return r.broken(err)
		}
		name, _ := t.(string) // the decoder lets nothing else stand there
		if err := r.member(name); err != nil {
			return err
		}
		if r.first != nil && r.out.Polylink != 0 {
			return r.first // nothing that follows can say otherwise
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	return nil
}

// versioned refuses a document that does not tell its version.
func (r *reader) versioned() error {
	if r.out.Polylink == 0 {
		return r.f.invalid("this is no snapshot, for it has no member polylink with the number of a version")
	}
	return nil
}

// member reads one member of the document.
func (r *reader) member(name string) error {
	switch {
	case strings.EqualFold(name, "polylink"):
		return r.version()
	case r.named && strings.EqualFold(name, "name"):
		return r.value(&r.out.name)
	case r.list(name):
		return r.sandboxes()
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
	case strings.EqualFold(name, "scenarios"):
		return r.value(&r.out.Scenarios)
	}
	names := []string{"polylink", "clock", "rows", "limits", "faults", "scenarios"}
	r.first = r.f.invalid("there is no member %q%s", cut(strings.ToValidUTF8(name, "\uFFFD")), yml.DidYouMean(name, names))
	return r.skip()
}

// version reads the version of the format.
func (r *reader) version() error {
	var v int
	switch err := r.dec.Decode(&v); {
	case err != nil && r.fatal(err):
		return r.broken(err)
	case err != nil || v < 1:
		return r.f.invalid("this is no snapshot, for it has no member polylink with the number of a version")
	case v > Version:
		return refuse("the snapshot is of version %d and this program reads up to version %d; restore it with a newer polylink, or export it again with this one", v, Version)
	}
	r.out.Polylink = v
	return nil
}

// value reads a value that is whole in memory.
func (r *reader) value(into any) error {
	err := r.dec.Decode(into)
	if err == nil {
		return nil
	}
	if r.fatal(err) {
		return r.broken(err)
	}
	r.first = r.f.invalid("%s", jsonerrors.Explain(err, into))
	return nil
}

// rows reads the list of rows.
func (r *reader) rows() error {
	t, err := r.dec.Token()
	switch {
	case err != nil:
		return r.broken(err)
	case t == nil: // null is no list, as none is
		return nil
	case t != json.Delim('['):
		r.first = r.f.invalid("rows must be a list")
		if t == json.Delim('{') {
			return r.skipRest()
		}
		return nil
	}
	r.out.Rows = []Row{}
	for r.dec.More() {
		switch err := r.row(); {
		case err != nil:
			return err
		case r.first != nil && r.out.Polylink != 0:
			return r.first
		case r.first != nil: // the version is yet to come
			return r.skipRest()
		}
	}
	if _, err := r.dec.Token(); err != nil {
		return r.broken(err)
	}
	return nil
}

// row reads one row. It returns store.ErrFull where memory does not hold it.
func (r *reader) row() error {
	var row Row
	if err := r.value(&row); err != nil || r.first != nil {
		return err
	}
	n := len(r.out.Rows) + 1
	rec, err := r.f.parse(row.Record)
	if err != nil {
		r.first = r.f.badRow(n, err)
		return nil
	}
	row.record, row.Record = rec, nil
	size := rowBytes + int64(rec.Size())
	if !r.f.Memory.Room(memory.Snapshots, size) {
		return store.ErrFull
	}
	r.f.Memory.Add(memory.Snapshots, size)
	r.held += size
	r.out.Rows = append(r.out.Rows, row)
	return nil
}

// rowBytes is what a row takes in an engine besides its record, about.
const rowBytes = 2000

// skip reads over a value without keeping it.
func (r *reader) skip() error {
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
func (r *reader) skipRest() error {
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
func (r *reader) fatal(err error) bool {
	_, syntax := errors.AsType[*json.SyntaxError](err)
	return syntax || r.in.err != nil || errors.Is(err, io.ErrUnexpectedEOF)
}

// broken says why the document cannot be read on.
func (r *reader) broken(err error) error {
	switch {
	case errors.Is(r.in.err, errNotUTF8):
		return r.f.invalid("the body is not UTF-8")
	case r.in.err != nil:
		return r.in.err
	}
	return r.f.invalid("the body is not one JSON value")
}
