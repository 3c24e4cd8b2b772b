package admin

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/faults"
	"github.com/polylink-dev/polylink/ratelimit"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/sandbox"
	"github.com/polylink-dev/polylink/store"
)

// snapshotVersion is raised when a document of before can no longer be read.
const snapshotVersion = 1

const snapshotExample = "a document that GET /__admin/snapshot gave"

// snapshot is a sandbox as one document: what is in it can be committed to a
// repository and restores the same answers. The journal is not in it.
type snapshot struct {
	Polylink int               `json:"polylink" need:"true" doc:"version of the format"`
	Clock    snapshotClock     `json:"clock"`
	Rows     []snapshotRow     `json:"rows" doc:"oldest first"`
	Limits   []ratelimit.Entry `json:"limits" schema:"objects" doc:"what was counted against limits"`
	Faults   []shownFault      `json:"faults"`
}

type snapshotClock struct {
	Now    *time.Time `json:"now" doc:"null is real time"`
	Frozen bool       `json:"frozen"`
	Told   *time.Time `json:"told,omitempty" doc:"up to when an advance has told what fell due, where that is not now"`
}

// snapshotRow is a row of the store: its record, and what does not follow from
// the record.
type snapshotRow struct {
	Version uint64          `json:"version"`
	Key     string          `json:"key,omitempty"`
	Scope   string          `json:"scope,omitempty"`
	Created int64           `json:"created,omitempty"`
	Keys    *[]string       `json:"keys,omitempty" doc:"its unique claims, where they are not those of the record"`
	Record  json.RawMessage `json:"record" schema:"any" need:"true" doc:"the canonical record, secrets included"`
}

func exportSnapshot(c *call) (any, error) {
	sb, err := c.sandbox()
	if err != nil {
		return nil, err
	}
	reader := sb.DB.Read()
	s := snapshot{Polylink: snapshotVersion, Rows: []snapshotRow{}, Limits: sb.State.Limits.Export(), Faults: []shownFault{}}
	if s.Limits == nil {
		s.Limits = []ratelimit.Entry{}
	}
	for _, f := range sb.State.Faults.List() {
		s.Faults = append(s.Faults, showFault(f))
	}
	if !sb.Clock.Real() {
		at := sb.Clock.Now()
		s.Clock.Now, s.Clock.Frozen = &at, sb.Clock.Frozen()
		if told := sb.State.Dues.Told(); told.Before(at.Truncate(time.Millisecond)) {
			s.Clock.Told = &told
		}
	}
	var rows []*store.Row
	for _, kind := range record.Kinds() {
		rows = append(rows, reader.Scan(kind, "", store.Page{Ascending: true})...)
	}
	slices.SortFunc(rows, func(a, b *store.Row) int { return cmp.Compare(a.Seq, b.Seq) })
	for _, row := range rows {
		s.Rows = append(s.Rows, c.snapshotRow(row))
	}
	return s, nil
}

// plain is the row that a record gets by itself.
func (c *call) plain(rec *record.Record) *store.Row {
	var res *dialect.Resource
	if d := c.o.Set().Dialect(rec.Dialect); d != nil {
		res = d.ResourceFor(rec.Schema.Kind)
	}
	return dialect.NewRow(res, rec)
}

func (c *call) snapshotRow(row *store.Row) snapshotRow {
	out := snapshotRow{Version: row.Version, Record: dialect.Document(row.Record, false)}
	plain := c.plain(row.Record)
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

func importSnapshot(c *call) (any, error) {
	data, err := c.body(c.o.MaxBody, snapshotExample)
	if err != nil {
		return nil, err
	}
	s, err := readSnapshot(data)
	if err != nil {
		return nil, err
	}
	rows, err := c.rows(s.Rows)
	if err != nil {
		return nil, err
	}
	list := make([]faults.Fault, len(s.Faults))
	for i, shown := range s.Faults {
		if list[i], err = shown.fault(); err != nil {
			return nil, err
		}
		if err := c.checkFault(&list[i]); err != nil {
			return nil, err
		}
	}
	if err := new(faults.Set).Import(list); err != nil {
		return nil, bad("%v; send %s", err, snapshotExample)
	}
	at := c.o.Sandboxes.NewClock()
	if s.Clock.Now != nil {
		at.Set(*s.Clock.Now, s.Clock.Frozen)
	}
	sb, err := c.o.Sandboxes.Put(c.name, rows, at, func(sb *sandbox.Sandbox) {
		sb.State.Limits.Import(s.Limits)
		_ = sb.State.Faults.Import(list) // it was tried above
		if s.Clock.Told != nil {
			sb.State.Dues.Tell(*s.Clock.Told)
		}
	})
	if err != nil {
		return nil, err
	}
	return showSandbox(sb), nil
}

// readSnapshot reads a document, its version first.
func readSnapshot(data []byte) (*snapshot, error) {
	var any map[string]json.RawMessage
	if err := decode(data, &any, snapshotExample); err != nil {
		return nil, err
	}
	var version int
	if any["polylink"] == nil || json.Unmarshal(any["polylink"], &version) != nil || version < 1 {
		return nil, bad("this is no snapshot, for it has no member polylink with the number of a version; send %s", snapshotExample)
	}
	if version > snapshotVersion {
		return nil, bad("the snapshot is of version %d and this program reads up to version %d; restore it with a newer polylink, or export it again with this one", version, snapshotVersion)
	}
	s := &snapshot{}
	if err := decode(data, s, snapshotExample); err != nil {
		return nil, err
	}
	if any["rows"] == nil {
		return nil, bad("the snapshot has no member rows; send %s", snapshotExample)
	}
	for _, at := range []*time.Time{s.Clock.Now, s.Clock.Told} {
		if at != nil && !sane(*at) {
			return nil, bad("the times of clock must lie between the years 1970 and 9000; send %s", snapshotExample)
		}
	}
	return s, nil
}

// rows makes rows of what a snapshot has. No two may have the same id or claim
// the same thing.
func (c *call) rows(list []snapshotRow) ([]*store.Row, error) {
	rows := make([]*store.Row, 0, len(list))
	seen := map[string]int{}
	for i, r := range list {
		row, err := c.row(r)
		if err != nil {
			return nil, bad("row %d of the snapshot: %s; send %s", i+1, cutAt(err.Error(), 300), snapshotExample)
		}
		names := []string{"row\x00" + row.Table + "\x00" + row.Key}
		for _, key := range row.Keys {
			names = append(names, "key\x00"+row.Table+"\x00"+key)
		}
		for _, name := range names {
			if other := seen[name]; other > 0 {
				return nil, bad("row %d of the snapshot has the id or a unique value of row %d; leave one of them out", i+1, other)
			}
			seen[name] = i + 1
		}
		rows = append(rows, row)
	}
	return rows, nil
}

func (c *call) row(r snapshotRow) (*store.Row, error) {
	if len(r.Record) == 0 {
		return nil, fmt.Errorf("it has no record")
	}
	rec, err := dialect.FromDocument(r.Record)
	if err != nil {
		return nil, err
	}
	if c.o.Set().Dialect(rec.Dialect) == nil {
		return nil, fmt.Errorf("the dialect %q is not served here", cut(rec.Dialect))
	}
	if rec.ID() == "" {
		return nil, fmt.Errorf("its record has no id")
	}
	row := c.plain(rec)
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
