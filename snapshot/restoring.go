package snapshot

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/internal/clock"
	"github.com/polylink-dev/polylink/internal/jsontext"
	"github.com/polylink-dev/polylink/ledger"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// Restore puts what a document says in the place of the sandbox of that name.
// Besides what is wrong with the document it returns the errors of
// Sandboxes.Put.
func (f Format) Restore(ctx context.Context, doc *Document, sandboxes *sandbox.Sandboxes, name string) (*sandbox.Sandbox, error) {
	if doc.release == nil {
		doc.release = func() {}
	}
	defer doc.release()
	if err := f.check(doc); err != nil {
		return nil, err
	}
	rows, err := f.rows(doc.Rows, doc.Clock.begins(sandboxes.Now()))
	if err != nil {
		return nil, err
	}
	list, err := f.faults(doc.Faults)
	if err != nil {
		return nil, err
	}
	if err := new(faults.Plays).Import(doc.Scenarios, f.Scenarios); err != nil {
		return nil, f.invalid("%v", err)
	}
	doc.release() // from here on the engine counts the rows
	return sandboxes.Put(ctx, name, rows, func(sb *sandbox.Sandbox) {
		if doc.Clock.Now != nil {
			doc.Clock.restore(sb.Clock)
		}
		sb.Limits.Import(doc.Limits)
		_ = sb.Faults.Import(list) // faults has tried it
		_ = sb.Plays.Import(doc.Scenarios, f.Scenarios)
	})
}

// restore sets a clock as it was.
func (c Clock) restore(to sandbox.Clock) {
	if c.Rate > 0 && !c.Frozen {
		to.Run(*c.Now, c.Rate)
		return
	}
	to.Set(*c.Now, c.Frozen)
}

// begins is when the restored sandbox begins: what is over by then has expired
// before, and leaves no entry.
func (c Clock) begins(now time.Time) time.Time {
	switch {
	case c.Told != nil:
		now = *c.Told
	case c.Now != nil:
		now = *c.Now
	}
	return now.Truncate(time.Millisecond)
}

// check refuses what cannot be restored, rows and faults aside.
func (f Format) check(doc *Document) error {
	if doc.Rows == nil {
		return f.invalid("the snapshot has no list of rows")
	}
	for _, at := range []*time.Time{doc.Clock.Now, doc.Clock.Told} {
		if at != nil && !clock.InRange(*at) {
			return f.invalid("the times of clock must lie between the years 1970 and 9000")
		}
	}
	return nil
}

// faults reads the faults of a document, and tries whether a sandbox takes
// them.
func (f Format) faults(shown []faults.Shown) ([]faults.Fault, error) {
	list := make([]faults.Fault, len(shown))
	for i, s := range shown {
		fault, err := s.Fault()
		if err != nil {
			return nil, f.invalid("%v", err)
		}
		if err := fault.CheckNames(f.Set); err != nil {
			return nil, refuse("%v", err)
		}
		list[i] = fault
	}
	if err := new(faults.Set).Import(list); err != nil {
		return nil, f.invalid("%v", err)
	}
	return list, nil
}

// rows makes rows of what a document has, for a sandbox that begins at a time.
// No two may have the same id or claim the same thing.
func (f Format) rows(list []Row, begins time.Time) ([]*store.Row, error) {
	rows, records := make([]*store.Row, 0, len(list)), make([]*record.Record, 0, len(list))
	seen := map[string]int{}
	for i, r := range list {
		row, err := f.row(r, begins)
		if err != nil {
			return nil, f.badRow(i+1, err)
		}
		names := []string{"row\x00" + row.Table + "\x00" + row.Key}
		for _, key := range row.Keys {
			if dialect.IsClaim(key) {
				names = append(names, "key\x00"+row.Table+"\x00"+key)
			}
		}
		for _, name := range names {
			if other := seen[name]; other > 0 {
				return nil, refuse("row %d of the snapshot has the id or a unique value of row %d; leave one of them out", i+1, other)
			}
			seen[name] = i + 1
		}
		rows = append(rows, row)
		records = append(records, row.Record)
	}
	if at, err := checkAccounts(records); err != nil {
		return nil, f.invalid("row %d of the snapshot: %s", at+1, err)
	}
	return rows, nil
}

// row makes a row of one of a document.
func (f Format) row(r Row, begins time.Time) (*store.Row, error) {
	rec := r.record
	if rec == nil {
		var err error
		if rec, err = f.parse(r.Record); err != nil {
			return nil, err
		}
	}
	if res := (&ledger.Ledger{Set: f.Set}).Home(rec); res != nil {
		rec = res.Expire(rec, begins)
	}
	row := f.plain(rec)
	row.Version = r.Version
	if r.Key != "" {
		row.Key = r.Key
	}
	if r.Scope != "" {
		row.Scope = r.Scope
	}
	if r.Created != 0 {
		row.Created = r.Created
	}
	if r.Keys != nil {
		row.Keys = *r.Keys
	}
	return row, nil
}

// parse makes a record of its document.
func (f Format) parse(doc json.RawMessage) (*record.Record, error) {
	if len(doc) == 0 {
		return nil, fmt.Errorf("it has no record")
	}
	rec, err := document.Read(doc)
	if err != nil {
		return nil, err
	}
	d := f.Set.Dialect(rec.Dialect)
	if d == nil {
		return nil, fmt.Errorf("the dialect %q is not served here", cut(rec.Dialect))
	}
	if rec.ID() == "" {
		return nil, fmt.Errorf("its record has no id")
	}
	rec.Dialect = d.Name // the text that it was read from need not stay for it
	return rec, checkRecord(d, rec, doc)
}

// badRow says what is wrong with row n.
func (f Format) badRow(n int, err error) error {
	return f.invalid("row %d of the snapshot: %s", n, jsontext.Shorten(err.Error(), 300))
}
