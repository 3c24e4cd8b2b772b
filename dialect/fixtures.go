package dialect

import (
	"errors"
	"fmt"
	"io/fs"
	"sort"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/link"
)

// Fixtures is the world that every fresh sandbox starts with.
type Fixtures struct {
	seeds []seed
	mains map[string]string // dialect -> credential that unlisted ones act as
}

// seed is a record whose times may be relative to the sandbox's start.
type seed struct {
	res  *Resource
	rec  *link.Record
	when []offset
}

type offset struct {
	slot link.Slot
	by   time.Duration
}

// Main returns the credential as which unlisted ones act, "" when there is none.
func (f *Fixtures) Main(dialect string) string { return f.mains[dialect] }

// Records lists a dialect's records of a kind, in the file's order. Times that
// are relative to a sandbox's start are not in them.
func (f *Fixtures) Records(dialect, kind string) []*link.Record {
	var out []*link.Record
	for _, s := range f.seeds {
		if s.rec.Dialect == dialect && s.rec.Schema.Kind == kind {
			out = append(out, s.rec)
		}
	}
	return out
}

// Rows makes the rows of a sandbox that starts at a time.
func (f *Fixtures) Rows(start time.Time) []*link.Row {
	start = start.Truncate(time.Millisecond)
	rows := make([]*link.Row, len(f.seeds))
	for i, s := range f.seeds {
		rec := s.rec
		if len(s.when) > 0 {
			rec = rec.Clone()
			for _, o := range s.when {
				rec.Set(o.slot, link.FormatTime(start.Add(o.by)))
			}
		}
		rows[i] = NewRow(s.res, rec)
	}
	return rows
}

// NewRow makes the row of a record. res may be nil for records that no
// dialect shows.
func NewRow(res *Resource, rec *link.Record) *link.Row {
	row := &link.Row{Table: rec.Schema.Kind, Key: link.RowKey(rec.Dialect, rec.ID()), Record: rec}
	if at, ok := rec.Time(link.SlotCreated); ok {
		row.Created = at.UnixNano()
	}
	account, mode, parent := rec.Text(link.SlotAccount), rec.Get(link.SlotLive), rec.Text(link.SlotParent)
	if res != nil && res.Both {
		mode = ""
	}
	row.Scope = link.ScopeKey(rec.Dialect, account, mode, parent)
	if res != nil {
		for _, key := range res.Claims(rec.Dialect, rec) {
			if key != "" {
				row.Keys = append(row.Keys, key)
			}
		}
	}
	return row
}

// LoadFixtures reads <dialect>/world.yaml for every dialect of a set. A
// dialect without one starts with an account and nothing in it. All faults are
// reported at once.
func LoadFixtures(fsys fs.FS, set *Set) (*Fixtures, error) {
	f := &Fixtures{mains: map[string]string{}}
	var faults yml.Faults
	for _, d := range set.Dialects {
		name := d.Name + "/world.yaml"
		data, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			f.alone(d.Name)
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		r := &fixtureReader{reader: reader{file: name, faults: &faults}, d: d, f: f, ids: map[string]int{}}
		r.file_(data)
	}
	faults.Sort()
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return f, nil
}

// alone makes the world of a dialect without fixtures: one account, as which
// every credential acts.
func (f *Fixtures) alone(dialect string) {
	const main = "main"
	for _, schema := range []*link.Schema{link.Accounts, link.Credentials} {
		rec := link.New(schema, dialect)
		rec.Set(link.SlotID, link.Quote(main))
		rec.Set(link.SlotStatus, link.Quote(link.Active))
		rec.Set(link.SlotVersion, "1")
		if schema == link.Credentials {
			rec.Set(link.SlotAccount, link.Quote(main))
		}
		f.seeds = append(f.seeds, seed{rec: rec})
	}
	f.mains[dialect] = main
}

type fixtureReader struct {
	reader
	d   *Dialect
	f   *Fixtures
	ids map[string]int // lines, by kind and id, or by kind where an id is not known

	later []later
}

func (r *fixtureReader) file_(data []byte) {
	root, faults := yml.Parse(r.file, data)
	*r.faults = append(*r.faults, faults...)
	if root == nil {
		if len(faults) == 0 {
			r.fault(nil, "the file is empty; start with dialect: %s, or remove the file", r.d.Name)
		}
		return
	}
	r.entries(root, "a fixture file", func(key string, k, v *yml.Node) {
		switch {
		case key == "dialect":
			if v.Value != r.d.Name {
				r.fault(v, "the file is in the folder of dialect %s; write that name here", r.d.Name)
			}
		case key == "main":
			r.f.mains[r.d.Name] = r.str(v)
			r.names(v, link.Credentials.Kind, "main")
		case link.Schemas()[key] == nil:
			r.fault(k, "no kind of record %q%s", key, yml.Instead(key, append(link.Kinds(), "main", "dialect")))
		case v.Kind != yml.Sequence:
			r.fault(v, "%s is a list of records; write - { id: … }", key)
		default:
			for _, item := range v.Content {
				r.record(link.Schemas()[key], item)
			}
		}
	})
	r.named()
}

func (r *fixtureReader) record(schema *link.Schema, n *yml.Node) {
	if n.Kind != yml.Mapping {
		r.fault(n, "a record must be a mapping such as { id: … }")
		r.ids[schema.Kind] = n.Line
		return
	}
	s := seed{rec: link.New(schema, r.d.Name), res: r.resource(schema)}
	r.entries(n, "a record", func(key string, k, v *yml.Node) {
		if path, ok := strings.CutPrefix(key, "ext."); ok {
			s.rec.SetExt(r.d.Name+"."+path, r.jsonOf(v))
			return
		}
		slot, ok := schema.Slot(key)
		if !ok {
			r.fault(k, "no slot %q in %s%s", key, article(schema.Kind), yml.Instead(key, schema.Names()))
			return
		}
		info := schema.Slots[slot]
		if info.Type == link.Time {
			r.instant(&s, slot, v)
			return
		}
		if info.Type == link.Money && r.major(v, info.Name, n) {
			return
		}
		text := r.jsonOf(v)
		if info.Type == link.Text && v.Kind == yml.Scalar && !yml.IsNull(v) {
			text = link.Quote(v.Value)
		}
		if err := CheckText(info, text); err != nil {
			r.fault(v, "%v", err)
			return
		}
		s.rec.Set(slot, text)
	})
	if s.rec.Get(link.SlotVersion) == "" {
		s.rec.Set(link.SlotVersion, "1")
	}
	id := schema.Kind + " " + s.rec.ID()
	switch {
	case s.rec.ID() == "" && yml.Get(n, "id") != nil && len(*r.faults) > 0:
		// It has one that was refused.
	case s.rec.ID() == "":
		r.fault(n, "%s needs an id", article(schema.Kind))
	case r.ids[id] > 0:
		r.fault(n, "%s is also in line %d; give one another id", id, r.ids[id])
	}
	if s.rec.ID() == "" {
		id = schema.Kind
	}
	r.ids[id] = n.Line
	r.references(schema, n)
	r.f.seeds = append(r.f.seeds, s)
}

// resource finds the resource that shows a kind of record.
func (r *fixtureReader) resource(schema *link.Schema) *Resource {
	var names []string
	for name, res := range r.d.Resources {
		if res.Schema == schema {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	if len(names) == 0 {
		return nil
	}
	return r.d.Resources[names[0]]
}

// instant reads a time: absolute, or relative to the sandbox's start as a
// duration with its sign.
func (r *fixtureReader) instant(s *seed, slot link.Slot, n *yml.Node) {
	if yml.IsNull(n) {
		s.rec.Set(slot, link.Null)
		return
	}
	if strings.HasPrefix(n.Value, "+") || strings.HasPrefix(n.Value, "-") {
		by, err := time.ParseDuration(n.Value)
		if err != nil {
			r.fault(n, "write a duration such as -72h or +30m here")
			return
		}
		s.when = append(s.when, offset{slot, by})
		return
	}
	at, ok := parseInstant(n.Value)
	if !ok {
		r.fault(n, "write a time such as 2024-01-15T10:30:00Z, or a duration such as -72h from the sandbox's start")
		return
	}
	s.rec.Set(slot, link.FormatTime(at))
}
