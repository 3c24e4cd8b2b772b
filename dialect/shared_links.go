package dialect

import (
	"crypto/sha256"
	"encoding/binary"
	"io"

	"github.com/polylink-dev/polylink/record"
	"github.com/polylink-dev/polylink/store"
)

// A world whose links are shared: every dialect shows all links of its kind.
// Each link has an id in each dialect's format, made of the link itself, so
// that it is the same wherever it is asked for; a table of aliases leads back.
// Nothing of this is done in a world whose dialects keep to their own.

var (
	aliasRecord = record.Aliases.MustSlot("record")
	linkKind    = record.Links.MustSlot("kind")
)

// shares returns the resource by which the dialect shows others' links, nil
// when it shows none: its links have a parent, or no ids are made for them.
func (d *Dialect) shares() *Resource {
	res := d.ResourceFor(record.Links.Kind)
	if res == nil || res.Parent != nil || res.IDs == nil {
		return nil
	}
	return res
}

// setup tells whether links of the resource set something up instead of
// asking for money.
func (res *Resource) setup() bool {
	for _, a := range res.Start {
		if a.Slot == linkKind && a.Ext == "" && a.Doc != nil {
			return string(a.Doc.Lit) == `"setup"`
		}
	}
	return false
}

// Shows tells whether the dialect shows a link of another one.
func (d *Dialect) Shows(rec *record.Record) bool {
	res := d.shares()
	return res != nil && rec.Schema == record.Links && rec.Dialect != d.Name && res.setup() == (rec.Get(linkKind) == `"setup"`)
}

// SharedScope is the list that a link is in where links are shared, "" where
// it keeps its own.
func (d *Dialect) SharedScope(res *Resource) string {
	switch {
	case res == nil || res != d.shares():
		return ""
	case res.setup():
		return store.ScopeKey("*", "", "setup", "")
	}
	return store.ScopeKey("*", "", "pay", "")
}

// Alias is the id of another dialect's link in this one.
func (d *Dialect) Alias(rec *record.Record) string {
	made, _ := rec.Time(record.SlotCreated)
	return d.shares().IDs.New(made, &stream{seed: sha256.Sum256([]byte(d.Name + "\x00" + rec.Dialect + "\x00" + rec.ID()))})
}

// View is another dialect's link as this one sees it: with the id it has here.
func (d *Dialect) View(rec *record.Record) *record.Record {
	rec = rec.Clone()
	rec.Set(record.SlotID, record.Quote(d.Alias(rec)))
	return rec
}

// AliasOf is the primary key of the link that an alias stands for.
func AliasOf(alias *store.Row) string { return alias.Record.Text(aliasRecord) }

// Aliases are the rows that lead from a link's other ids to it.
func (s *Set) Aliases(rec *record.Record) (rows []*store.Row) {
	for _, d := range s.Dialects {
		if !d.Shows(rec) {
			continue
		}
		alias := record.New(record.Aliases, d.Name)
		alias.Set(record.SlotID, record.Quote(d.Alias(rec)))
		alias.Set(record.SlotStatus, record.Quote(record.Active))
		alias.Set(record.SlotCreated, rec.Get(record.SlotCreated))
		alias.Set(aliasRecord, record.Quote(store.RowKey(rec.Dialect, rec.ID())))
		rows = append(rows, NewRow(nil, alias))
	}
	return rows
}

// Share makes the rows of a world whose links are shared.
func (s *Set) Share(rows []*store.Row) []*store.Row {
	out := rows
	for _, row := range rows {
		if d := s.Dialect(row.Record.Dialect); d != nil && row.Record.Schema == record.Links {
			if scope := d.SharedScope(d.ResourceFor(record.Links.Kind)); scope != "" {
				row.Scope = scope
			}
			out = append(out, s.Aliases(row.Record)...)
		}
	}
	return out
}

// stream is an endless text of bytes that a seed decides.
type stream struct {
	seed [sha256.Size]byte
	n    uint64
	left []byte
}

var _ io.Reader = (*stream)(nil)

// Read implements io.Reader.
func (s *stream) Read(p []byte) (int, error) {
	for n := 0; n < len(p); {
		if len(s.left) == 0 {
			s.n++
			sum := sha256.Sum256(binary.BigEndian.AppendUint64(s.seed[:], s.n))
			s.left = sum[:]
		}
		k := copy(p[n:], s.left)
		n, s.left = n+k, s.left[k:]
	}
	return len(p), nil
}
