package snapshot

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// Take returns a sandbox as a document. Its rows are shown as it is written,
// and are those of this moment.
func (f Format) Take(ctx context.Context, sb *sandbox.Sandbox) (Document, error) {
	reader := sb.DB.Read(ctx)
	doc := Document{Polylink: Version, Limits: sb.Limits.Export(), Faults: []faults.Shown{}}
	if doc.Limits == nil {
		doc.Limits = []ratelimit.Entry{}
	}
	for _, fault := range sb.Faults.List() {
		doc.Faults = append(doc.Faults, fault.Show())
	}
	doc.Scenarios = sb.Plays.List()
	if !sb.Clock.Real() {
		at := sb.Clock.Now()
		doc.Clock.Now, doc.Clock.Frozen = &at, sb.Clock.Frozen()
		if rate := sb.Clock.Rate(); rate != 1 {
			doc.Clock.Rate = rate
		}
	}
	for _, kind := range record.Kinds() {
		doc.stored = append(doc.stored, reader.Scan(kind, "", store.Page{Ascending: true})...)
	}
	slices.SortFunc(doc.stored, func(a, b *store.Row) int { return cmp.Compare(a.Seq, b.Seq) })
	doc.show = f.show
	return doc, reader.Err()
}

// show is a row of the store as a document has it.
func (f Format) show(row *store.Row) Row {
	out := Row{Version: row.Version, Record: document.Of(row.Record, false)}
	plain := f.plain(row.Record)
	if row.Key != plain.Key {
		out.Key = row.Key
	}
	if row.Scope != plain.Scope {
		out.Scope = row.Scope
	}
	if row.Created != plain.Created {
		out.Created = row.Created
	}
	if !slices.Equal(row.Keys, plain.Keys) {
		keys := append([]string{}, row.Keys...)
		out.Keys = &keys
	}
	return out
}

// MarshalJSON writes the document whole.
func (d Document) MarshalJSON() ([]byte, error) {
	var b bytes.Buffer
	w := bufio.NewWriter(&b)
	if err := d.Write(w); err != nil {
		return nil, err
	}
	err := w.Flush()
	return b.Bytes(), err
}

// Write writes the document row by row, so that it is never whole in memory.
func (d Document) Write(w *bufio.Writer) error {
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
	begin := `{"polylink":`
	if d.name != "" {
		if err := member(`{"name":`, d.name); err != nil {
			return err
		}
		begin = `,"polylink":`
	}
	if err := errors.Join(member(begin, d.Polylink), member(`,"clock":`, d.Clock)); err != nil {
		return err
	}
	before := `,"rows":[`
	for _, row := range d.Rows {
		if err := member(before, row); err != nil {
			return err
		}
		before = ","
	}
	for _, row := range d.stored {
		if err := member(before, d.show(row)); err != nil {
			return err
		}
		before = ","
	}
	if before != "," {
		_, _ = w.WriteString(before)
	}
	if err := errors.Join(member(`],"limits":`, d.Limits), member(`,"faults":`, d.Faults)); err != nil {
		return err
	}
	if len(d.Scenarios) > 0 {
		if err := member(`,"scenarios":`, d.Scenarios); err != nil {
			return err
		}
	}
	return w.WriteByte('}')
}
