package admin

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// snapshotVersion is raised when a document of before can no longer be read.
const snapshotVersion = 1

const snapshotExample = "a document that GET /__admin/snapshot gave"

// Snapshot is a sandbox as one document: what is in it can be committed to a
// repository and restores the same answers. The journal is not in it.
type Snapshot struct {
	Polylink int               `json:"polylink" need:"true" doc:"version of the format"`
	Clock    SnapshotClock     `json:"clock"`
	Rows     []SnapshotRow     `json:"rows" doc:"oldest first"`
	Limits   []ratelimit.Entry `json:"limits" schema:"objects" doc:"what was counted against limits"`
	Faults   []FaultInfo       `json:"faults"`

	stored  []*store.Row                 // rows of an output, which are shown as they are written
	show    func(*store.Row) SnapshotRow // shows one
	release func()                       // gives back the memory that an input was counted with
}

// SnapshotClock is a clock of a snapshot.
type SnapshotClock struct {
	Now    *time.Time `json:"now" doc:"null is real time"`
	Frozen bool       `json:"frozen"`
	Told   *time.Time `json:"told,omitempty" doc:"of older documents: what fell due after it is written when the sandbox is looked at"`
}

// SnapshotRow is a row of the store: its record, and what does not follow from
// the record.
type SnapshotRow struct {
	Version uint64          `json:"version"`
	Key     string          `json:"key,omitempty"`
	Scope   string          `json:"scope,omitempty"`
	Created int64           `json:"created,omitempty"`
	Keys    *[]string       `json:"keys,omitempty" doc:"its unique claims, where they are not those of the record"`
	Record  json.RawMessage `json:"record" schema:"any" need:"true" doc:"the canonical record, secrets included"`

	record *record.Record // what Record says, where it was read already
}

// Snapshot returns the sandbox as one document.
func (a *API) Snapshot(ctx context.Context, _ None) (Snapshot, error) {
	sb, err := a.sandbox(ctx)
	if err != nil {
		return Snapshot{}, err
	}
	reader := sb.DB.Read(ctx)
	s := Snapshot{Polylink: snapshotVersion, Limits: sb.Limits.Export(), Faults: []FaultInfo{}}
	if s.Limits == nil {
		s.Limits = []ratelimit.Entry{}
	}
	for _, f := range sb.Faults.List() {
		s.Faults = append(s.Faults, showFault(f))
	}
	if !sb.Clock.Real() {
		at := sb.Clock.Now()
		s.Clock.Now, s.Clock.Frozen = &at, sb.Clock.Frozen()
	}
	for _, kind := range record.Kinds() {
		s.stored = append(s.stored, reader.Scan(kind, "", store.Page{Ascending: true})...)
	}
	slices.SortFunc(s.stored, func(a, b *store.Row) int { return cmp.Compare(a.Seq, b.Seq) })
	s.show = a.snapshotRow
	return s, reader.Err()
}

// plain is the row that a record gets by itself.
func (a *API) plain(rec *record.Record) *store.Row {
	var res *dialect.Resource
	if d := a.o.Set().Dialect(rec.Dialect); d != nil {
		res = d.ResourceFor(rec.Schema.Kind)
	}
	return dialect.NewRow(res, rec)
}

func (a *API) snapshotRow(row *store.Row) SnapshotRow {
	out := SnapshotRow{Version: row.Version, Record: document.Of(row.Record, false)}
	plain := a.plain(row.Record)
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

// RestoreSnapshot replaces the sandbox by a snapshot.
func (a *API) RestoreSnapshot(ctx context.Context, s Snapshot) (SandboxInfo, error) {
	none := SandboxInfo{}
	if s.release != nil {
		defer s.release()
	}
	if err := s.check(); err != nil {
		return none, err
	}
	rows, err := a.rows(s.Rows, s.Clock.begins(a.o.Sandboxes.Now()))
	if err != nil {
		return none, err
	}
	list := make([]faults.Fault, len(s.Faults))
	for i, shown := range s.Faults {
		if list[i], err = shown.fault(); err != nil {
			return none, err
		}
		if err := a.checkFault(&list[i]); err != nil {
			return none, err
		}
	}
	if err := new(faults.Set).Import(list); err != nil {
		return none, bad("%v; send %s", err, snapshotExample)
	}
	if s.release != nil {
		s.release() // from here on the engine counts the rows
	}
	sb, err := a.o.Sandboxes.Put(ctx, sandbox.Name(ctx), rows, func(sb *sandbox.Sandbox) {
		if s.Clock.Now != nil {
			sb.Clock.Set(*s.Clock.Now, s.Clock.Frozen)
		}
		sb.Limits.Import(s.Limits)
		_ = sb.Faults.Import(list) // it was tried above
	})
	if err != nil {
		return none, err
	}
	return showSandbox(ctx, sb), nil
}

// begins is when the restored sandbox begins: what is over by then has expired
// before, and leaves no entry.
func (c SnapshotClock) begins(now time.Time) time.Time {
	switch {
	case c.Told != nil:
		now = *c.Told
	case c.Now != nil:
		now = *c.Now
	}
	return now.Truncate(time.Millisecond)
}

// check refuses what cannot be restored, rows and faults aside.
func (s *Snapshot) check() error {
	if s.Rows == nil {
		return bad("the snapshot has no list of rows; send %s", snapshotExample)
	}
	for _, at := range []*time.Time{s.Clock.Now, s.Clock.Told} {
		if at != nil && !sane(*at) {
			return bad("the times of clock must lie between the years 1970 and 9000; send %s", snapshotExample)
		}
	}
	return nil
}

// rows makes rows of what a snapshot has, for a sandbox that begins at a time.
// No two may have the same id or claim the same thing.
func (a *API) rows(list []SnapshotRow, begins time.Time) ([]*store.Row, error) {
	rows, records := make([]*store.Row, 0, len(list)), make([]*record.Record, 0, len(list))
	seen := map[string]int{}
	for i, r := range list {
		row, err := a.row(r, begins)
		if err != nil {
			return nil, badRow(i+1, err)
		}
		names := []string{"row\x00" + row.Table + "\x00" + row.Key}
		for _, key := range row.Keys {
			if dialect.IsClaim(key) {
				names = append(names, "key\x00"+row.Table+"\x00"+key)
			}
		}
		for _, name := range names {
			if other := seen[name]; other > 0 {
				return nil, bad("row %d of the snapshot has the id or a unique value of row %d; leave one of them out", i+1, other)
			}
			seen[name] = i + 1
		}
		rows = append(rows, row)
		records = append(records, row.Record)
	}
	if at, err := checkAccounts(records); err != nil {
		return nil, bad("row %d of the snapshot: %s; send %s", at+1, err, snapshotExample)
	}
	return rows, nil
}

// badRow says what is wrong with row n.
func badRow(n int, err error) error {
	return bad("row %d of the snapshot: %s; send %s", n, cutAt(err.Error(), 300), snapshotExample)
}

// parseRecord makes a record of a document.
func (a *API) parseRecord(doc json.RawMessage) (*record.Record, error) {
	if len(doc) == 0 {
		return nil, fmt.Errorf("it has no record")
	}
	rec, err := document.Read(doc)
	if err != nil {
		return nil, err
	}
	d := a.o.Set().Dialect(rec.Dialect)
	if d == nil {
		return nil, fmt.Errorf("the dialect %q is not served here", cut(rec.Dialect))
	}
	if rec.ID() == "" {
		return nil, fmt.Errorf("its record has no id")
	}
	rec.Dialect = d.Name // the text that it was read from need not stay for it
	return rec, checkRecord(d, rec, doc)
}

func (a *API) row(r SnapshotRow, begins time.Time) (*store.Row, error) {
	rec, err := a.record(r)
	if err != nil {
		return nil, err
	}
	if res := a.home(rec); res != nil {
		rec = res.Expire(rec, begins)
	}
	row := a.plain(rec)
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
