package seed

import (
	"errors"
	"io/fs"
	"sort"
	"strings"
	"time"

	"github.com/polylink-dev/polylink/dialect"
	"github.com/polylink-dev/polylink/dialect/codec"
	"github.com/polylink-dev/polylink/dialect/grammar"
	"github.com/polylink-dev/polylink/internal/durations"
	"github.com/polylink-dev/polylink/internal/yml"
	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/record/document"
	"github.com/polylink-dev/polylink/store"
)

// Fixtures is the world that every fresh sandbox starts with.
type Fixtures struct {
	seeds  []planted
	mains  map[string]string // dialect -> credential that unlisted ones act as
	owners map[string]string // dialect -> account of that credential
}

// planted is a record whose times may be relative to the sandbox's start.
type planted struct {
	res  *dialect.Resource
	rec  *record.Record
	when []offset
}

type offset struct {
	slot record.Slot
	by   time.Duration
}

// Main returns the credential as which unlisted ones act, "" when there is none.
func (f *Fixtures) Main(dialect string) string { return f.mains[dialect] }

// MainAccount returns the account that owns the main credential of a dialect,
// "" when there is none.
func (f *Fixtures) MainAccount(dialect string) string { return f.owners[dialect] }

// Records lists a dialect's records of a kind, in the file's order. Times that
// are relative to a sandbox's start are not in them.
func (f *Fixtures) Records(dialect, kind string) []*record.Record {
	var out []*record.Record
	for _, s := range f.seeds {
		if s.rec.Dialect == dialect && s.rec.Schema.Kind == kind {
			out = append(out, s.rec)
		}
	}
	return out
}

// Rows makes the rows of a sandbox that starts at a time.
func (f *Fixtures) Rows(start time.Time) []*store.Row {
	start = start.Truncate(time.Millisecond)
	rows := make([]*store.Row, len(f.seeds))
	for i, s := range f.seeds {
		rec := s.rec
		if len(s.when) > 0 {
			rec = rec.Clone()
			for _, o := range s.when {
				rec.Set(o.slot, record.FormatTime(start.Add(o.by)))
			}
		}
		if s.res != nil {
			rec = s.res.Expire(rec, start) // what is over when it begins
		}
		rows[i] = dialect.NewRow(s.res, rec)
	}
	return rows
}

// Load reads <dialect>/world.yaml for every dialect of a set. A
// dialect without one starts with an account and nothing in it. All diagnostics are
// reported at once.
func Load(fsys fs.FS, set *dialect.Set) (*Fixtures, error) {
	f := &Fixtures{mains: map[string]string{}, owners: map[string]string{}}
	var found yml.Diagnostics
	for _, d := range set.Dialects {
		name := d.Name + "/world.yaml"
		data, err := fs.ReadFile(fsys, name)
		if errors.Is(err, fs.ErrNotExist) {
			f.alone(d.Name)
			continue
		}
		if err != nil {
			found = append(found, yml.Unreadable(name, err))
			continue
		}
		r := &fixtureReader{Reader: grammar.Reader{File: name, Diagnostics: &found}, d: d, f: f, ids: map[string]int{}}
		r.world(data)
	}
	found.Sort()
	if err := found.Err(); err != nil {
		return nil, err
	}
	f.owned()
	return f, nil
}

// owned notes whose the main credentials are.
func (f *Fixtures) owned() {
	for name, main := range f.mains {
		for _, rec := range f.Records(name, record.Credentials.Kind) {
			if rec.ID() == main {
				f.owners[name] = rec.Text(record.SlotAccount)
			}
		}
	}
}

// alone makes the world of a dialect without fixtures: one account, as which
// every credential acts.
func (f *Fixtures) alone(dialect string) {
	const main = "main"
	for _, schema := range []*record.Schema{record.Accounts, record.Credentials} {
		rec := record.New(schema, dialect)
		rec.Set(record.SlotID, record.Quote(main))
		rec.Set(record.SlotStatus, record.Quote(record.Active))
		rec.Set(record.SlotVersion, "1")
		if schema == record.Credentials {
			rec.Set(record.SlotAccount, record.Quote(main))
		}
		f.seeds = append(f.seeds, planted{rec: rec})
	}
	f.mains[dialect] = main
}

type fixtureReader struct {
	grammar.Reader
	d   *dialect.Dialect
	f   *Fixtures
	ids map[string]int // lines, by kind and id, or by kind where an id is not known

	later []later
}

func (r *fixtureReader) world(data []byte) {
	root, found := yml.Parse(r.File, data)
	*r.Diagnostics = append(*r.Diagnostics, found...)
	if root == nil {
		if len(found) == 0 {
			r.Report(nil, "the file is empty; start with dialect: %s, or remove the file", r.d.Name)
		}
		return
	}
	r.Entries(root, "a fixture file", func(key string, k, v *yml.Node) {
		switch {
		case key == "dialect":
			if v.Value != r.d.Name {
				r.Report(v, "the file is in the folder of dialect %s; write that name here", r.d.Name)
			}
		case key == "main":
			r.f.mains[r.d.Name] = r.Text(v)
			r.names(v, record.Credentials.Kind, "main")
		case record.Schemas()[key] == nil:
			r.Report(k, "no kind of record %q%s", key, yml.Instead(key, append(record.Kinds(), "main", "dialect")))
		case v.Kind != yml.Sequence:
			r.Report(v, "%s is a list of records; write - { id: … }", key)
		default:
			for _, item := range v.Content {
				r.record(record.Schemas()[key], item)
			}
		}
	})
	r.named()
}

func (r *fixtureReader) record(schema *record.Schema, n *yml.Node) {
	if n.Kind != yml.Mapping {
		r.Report(n, "a record must be a mapping such as { id: … }")
		r.ids[schema.Kind] = n.Line
		return
	}
	s := planted{rec: record.New(schema, r.d.Name), res: r.resource(schema)}
	r.Entries(n, "a record", func(key string, k, v *yml.Node) {
		if path, ok := strings.CutPrefix(key, "ext."); ok {
			r.own(&s, path, v)
			return
		}
		slot, ok := schema.Slot(key)
		if !ok {
			r.Report(k, "no slot %q in %s%s", key, yml.Article(schema.Kind), yml.Instead(key, schema.Names()))
			return
		}
		info := schema.Slots[slot]
		if info.Type == record.Time {
			r.instant(&s, slot, v)
			return
		}
		if info.Type == record.Money && r.major(v, info.Name, n) {
			return
		}
		text := r.JSON(v)
		if info.Type == record.Text && v.Kind == yml.Scalar && !yml.IsNull(v) {
			text = record.Quote(v.Value)
		}
		if err := document.Check(info, text); err != nil {
			r.Report(v, "%v", err)
			return
		}
		s.rec.Set(slot, text)
	})
	if s.rec.Get(record.SlotVersion) == "" {
		s.rec.Set(record.SlotVersion, "1")
	}
	id := schema.Kind + " " + s.rec.ID()
	switch {
	case s.rec.ID() == "" && yml.Get(n, "id") != nil && len(*r.Diagnostics) > 0:
		// It has one that was refused.
	case s.rec.ID() == "":
		r.Report(n, "%s needs an id", yml.Article(schema.Kind))
	case r.ids[id] > 0:
		r.Report(n, "%s is also in line %d; give one another id", id, r.ids[id])
	}
	if s.rec.ID() == "" {
		id = schema.Kind
	}
	r.ids[id] = n.Line
	r.references(schema, n)
	r.f.seeds = append(r.f.seeds, s)
}

// resource finds the resource that shows a kind of record.
func (r *fixtureReader) resource(schema *record.Schema) *dialect.Resource {
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
func (r *fixtureReader) instant(s *planted, slot record.Slot, n *yml.Node) {
	if yml.IsNull(n) {
		s.rec.Set(slot, record.Null)
		return
	}
	if strings.HasPrefix(n.Value, "+") || strings.HasPrefix(n.Value, "-") {
		by, err := durations.Parse(n.Value)
		if err != nil {
			r.Report(n, "write a duration such as -3d, -72h or +30m here")
			return
		}
		s.when = append(s.when, offset{slot, by})
		return
	}
	at, ok := codec.ParseTime(n.Value)
	if !ok {
		r.Report(n, "write a time such as 2024-01-15T10:30:00Z, or a duration such as -3d from the sandbox's start")
		return
	}
	s.rec.Set(slot, record.FormatTime(at))
}
